package client

import (
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

func TestSpecOf(t *testing.T) {
	t.Parallel()
	ask := &gen.ParamsListOperation{ListOperation: gen.ListOperationTypeISMEMBEROFLIST}
	op := gen.OperationByName("listOperation")
	if got, want := SpecOf(op, ask), (Spec{op.Name, op.SOAPAction, fault.ReadOnly}); got != want {
		t.Errorf("spec %+v, expected %+v", got, want)
	}
	if got, want := SpecOf(op, nil), (Spec{op.Name, op.SOAPAction, fault.Idempotent}); got != want {
		t.Errorf("spec %+v, expected %+v", got, want)
	}
}
