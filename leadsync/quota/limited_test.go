package quota

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// gate is a Limiter that writes down what happens.
type gate struct {
	refuse error
	log    []string
}

func (g *gate) Acquire(context.Context) (func(bool), error) {
	g.log = append(g.log, "acquire")
	return func(sent bool) { g.log = append(g.log, fmt.Sprint("release ", sent)) }, g.refuse
}

func (g *gate) Quota(context.Context) (Status, error) { return Status{}, nil }

func (g *gate) Exhausted(ctx context.Context) error {
	g.log = append(g.log, "exhausted")
	return ctx.Err()
}

func TestLimited(t *testing.T) {
	t.Parallel()
	quota := fault.Classify(fault.New(fault.CodeRequestLimitExceeded, ""), fault.Known{})
	for _, test := range []struct {
		name            string
		refused, failed error
		want            error
		log             []string
	}{
		{"success", nil, nil, nil, []string{"acquire", "call", "release true"}},
		{"failure", nil, fault.CodeLeadNotFound, fault.CodeLeadNotFound, []string{"acquire", "call", "release true"}},
		{"refused", quota, nil, fault.ErrQuota, []string{"acquire"}},
		{"no more today", nil, quota, fault.ErrQuota, []string{"acquire", "call", "exhausted", "release true"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := &gate{refuse: test.refused}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			port := Limited(gen.PortFunc(func(_ context.Context, _ *gen.Operation, in, out gen.Message) error {
				g.log = append(g.log, "call")
				count := int32(len(in.(*gen.ParamsGetLead).LeadKey.KeyValue))
				out.(*gen.SuccessGetLead).Result = &gen.ResultGetLead{Count: count}
				cancel() // what follows the call has to happen all the same
				return test.failed
			}), g)
			out, err := port.GetLead(ctx, &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyValue: "1234567"}})
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if err == nil && out.Result.Count != 7 {
				t.Errorf("answer %+v, want 7", out.Result)
			}
			if diff := cmp.Diff(test.log, g.log); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLimited_nothing(t *testing.T) {
	t.Parallel()
	g := &gate{}
	_, err := Limited(silent{}, g).GetLead(t.Context(), &gen.ParamsGetLead{})
	if err == nil || !strings.Contains(err.Error(), "getLead") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]string{"acquire", "release true"}, g.log); diff != "" {
		t.Error(diff)
	}
}

// silent answers with nil.
type silent struct{ gen.PortFunc }

func (silent) GetLead(context.Context, *gen.ParamsGetLead) (*gen.SuccessGetLead, error) {
	return nil, nil
}
