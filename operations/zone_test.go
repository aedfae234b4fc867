package operations_test

import (
	"context"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// A time that was stored and read again often has another zone: it is the same query.
func TestCursor_isGoodInAnotherZone(t *testing.T) {
	t.Parallel()
	port := gen.PortFunc(func(_ context.Context, _ *gen.Operation, _, out gen.Message) error {
		switch out := out.(type) {
		case *gen.SuccessGetLeadChanges:
			out.Result = &gen.ResultGetLeadChanges{RemainingCount: 1, NewStartPosition: &gen.StreamPosition{Offset: gen.Some("ID:1")}}
		case *gen.SuccessGetMultipleLeads:
			out.Result = &gen.ResultGetMultipleLeads{RemainingCount: 1, NewStreamPosition: "x"}
		}
		return nil
	})
	api, since := operations.New(port), time.Now().Add(-24*time.Hour).UTC()
	there := since.In(time.FixedZone("", 3600))
	o := func(at time.Time) *operations.ChangeOptions {
		return &operations.ChangeOptions{Until: at.Add(time.Hour), ActiveSince: at}
	}
	changes, err := api.Changes.Page(t.Context(), since, operations.Cursor{}, o(since))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.Changes.Page(t.Context(), there, changes.Next, o(there)); err != nil {
		t.Error(err)
	}
	leads, err := api.Leads.Page(t.Context(), operations.UpdatedBetween(since, since.Add(time.Hour)), operations.Cursor{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.Leads.Page(t.Context(), operations.UpdatedBetween(there, there.Add(time.Hour)), leads.Next, nil); err != nil {
		t.Error(err)
	}
}
