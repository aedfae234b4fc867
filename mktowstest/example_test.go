package mktowstest_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
)

// lastPage is the code under test: it names the page that a lead has visited last.
func lastPage(ctx context.Context, port gen.Port, email string) (string, error) {
	visits := &operations.ActivityOptions{Include: []operations.ActivityType{operations.ActivityVisitWebpage}}
	for a, err := range operations.New(port).Activities.All(ctx, operations.Email(email), visits) {
		return a.AssetName, err
	}
	return "", nil
}

func TestLastPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // so that waiting takes no time
		s := mktowstest.NewServer(t)
		s.Seed(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
			{Type: "VisitWebpage", AssetName: "Pricing"},
			{Type: "OpenEmail", AssetName: "Newsletter"},
		}})
		s.Inject(mktowstest.Rule{Code: fault.CodeRateLimitExceeded, Times: 1})

		page, err := lastPage(t.Context(), s.Client(), "lead@example.com")
		if err != nil || page != "Pricing" {
			t.Errorf("page %q, error %v", page, err)
		}
		s.RequireCalls(t, "getLeadActivity", 2) // one was refused, and repeated
	})
}

func ExampleNewServer() {
	var t *testing.T // of a test such as TestLastPage in this file

	s := mktowstest.NewServer(t)
	s.Seed(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
		{Type: "VisitWebpage", AssetName: "Pricing"},
	}})
	page, err := lastPage(t.Context(), s.Client(), "lead@example.com")
	if err != nil || page != "Pricing" {
		t.Errorf("page %q, error %v", page, err)
	}
	s.RequireCalls(t, "getLeadActivity", 1)
}

// Rules lose answers and connections too.
func ExampleServer_Inject() {
	var t *testing.T

	s := mktowstest.NewServer(t)
	remove := s.Inject(mktowstest.Rule{Operation: "syncLead", Drop: mktowstest.DropAfterWork, Times: 1})
	defer remove()
	s.Inject(mktowstest.Rule{Status: 502, Skip: 3, Times: 2}) // the fourth and the fifth call meet a proxy's page
}
