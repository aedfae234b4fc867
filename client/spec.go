package client

import (
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/safety"
)

// Spec is what is fixed about a call before it is made.
type Spec struct {
	Operation  string // name of the operation in the WSDL, "getLeadActivity"
	SOAPAction string // the URI, without quotes
	// Safety says whether the request may be sent again when nobody knows whether it was
	// carried out. It is decided from the operation and, for some writes, from the
	// request; see the package's documentation. An interceptor that knows better may set it.
	Safety fault.Safety
}

// SpecOf returns the Spec of a call of op with the request in.
func SpecOf(op *gen.Operation, in gen.Message) Spec {
	return Spec{Operation: op.Name, SOAPAction: op.SOAPAction, Safety: safety.Of(op.Name, in)}
}
