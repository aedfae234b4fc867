package endpoint_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/endpoint"
)

// Rules have ids that stay, and count what they have seen and done.
func TestRules_ids(t *testing.T) {
	t.Parallel()
	rules := new(endpoint.Rules)
	call := func(operation string) bool {
		_, acts := rules.Pick(operation, func() endpoint.Exchange { return endpoint.Exchange{} })
		return acts
	}
	lead := rules.Insert(endpoint.Rule{Operation: "getLead", Code: 20011, Skip: 1})
	rest := rules.Insert(endpoint.Rule{Operation: "GET /rest/v1/leads.json", Code: 606, Times: 2})
	call("getLead")
	if !call("getLead") || !call("GET /rest/v1/leads.json") {
		t.Error("a rule has not acted")
	}
	want := []endpoint.Listed{
		{ID: lead, Rule: endpoint.Rule{Operation: "getLead", Code: 20011}, Seen: 2, Hits: 1},
		{ID: rest, Rule: endpoint.Rule{Operation: "GET /rest/v1/leads.json", Code: 606, Times: 1}, Seen: 1, Hits: 1},
	}
	if diff := cmp.Diff(want, rules.Listed()); diff != "" {
		t.Error(diff)
	}
	if !rules.Replace(lead, endpoint.Rule{Operation: "syncLead", Code: 20011}) || call("getLead") || !call("syncLead") {
		t.Error("the rule was not replaced")
	}
	if got, ok := rules.Lookup(lead); !ok || got.Hits != 1 || got.Seen != 1 || rules.Listed()[0].ID != lead {
		t.Errorf("%+v", got)
	}
	if !rules.Remove(lead) || rules.Remove(lead) || rules.Replace(lead, endpoint.Rule{Code: 20011}) {
		t.Error("a rule is removed once")
	}
	if _, ok := rules.Lookup(lead); ok || rules.Remove(0) || rules.Remove(-1) {
		t.Error("there is no such rule")
	}
	call("GET /rest/v1/leads.json") // for the last time
	rules.Clear()
	if id := rules.Insert(endpoint.Rule{Code: 20011}); id <= rest {
		t.Errorf("the id %d is given again", id)
	}
}
