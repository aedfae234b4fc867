package main

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

func TestLastPage(t *testing.T) {
	t.Parallel()
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

// The same program over the REST API, whose client may not read the types of activity.
func TestLastPage_bridge(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t)
	s.Seed(simulator.Lead{Email: "lead@example.com"})
	s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/activities/types.json", Code: 603})
	_, err := lastPage(t.Context(), s.Bridge(), "lead@example.com")
	var said *fault.RESTError
	if !errors.Is(err, fault.ErrAuth) || !errors.As(err, &said) || said.Code != 603 {
		t.Errorf("error %v", err)
	}
	s.RequireCalls(t, "GET /rest/v1/activities/types.json", 1)
}

// A proxy fails, and the client tries again.
func TestLastPage_proxy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // so that waiting takes no time
		s := mktowstest.NewServer(t, mktowstest.WithDemo())
		s.Inject(mktowstest.Rule{Status: 502, Times: 1})
		page, err := lastPage(t.Context(), s.Client(), "lead@example.com")
		if err != nil || page != "Pricing" {
			t.Errorf("page %q, error %v", page, err)
		}
		s.RequireCalls(t, "getLeadActivity", 2)
	})
}

// A lead that has visited no page.
func TestLastPage_none(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t)
	s.Seed(simulator.Lead{Email: "lead@example.com"})
	if page, err := lastPage(t.Context(), s.Client(), "lead@example.com"); err != nil || page != "" {
		t.Errorf("page %q, error %v", page, err)
	}
}
