package server_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/server"
)

// The list shows what is left of the rules, and is nobody's to change.
func TestRules_List(t *testing.T) {
	t.Parallel()
	rules := new(server.Rules)
	if list := rules.List(); len(list) != 0 {
		t.Errorf("an empty list has %v", list)
	}
	b := setup(t, nil, server.WithRules(rules))
	rules.Add(server.Rule{Code: 20011, Skip: 2, Times: 2})
	rules.Add(server.Rule{Status: 503, Times: 1, Header: http.Header{"Retry-After": {"7"}}})
	want := [][]server.Rule{
		{{Code: 20011, Skip: 1, Times: 2}}, // the second rule has acted and is gone
		{{Code: 20011, Times: 2}},
		{{Code: 20011, Times: 1}},
		{},
	}
	rules.List()[1].Header.Set("Retry-After", "8")
	if got := rules.List()[1].Header.Get("Retry-After"); got != "7" {
		t.Errorf("the header of a rule was changed to %s", got)
	}
	for i := range want {
		b.call()
		if diff := cmp.Diff(want[i], rules.List()); diff != "" {
			t.Errorf("after call %d:\n%s", i+1, diff)
		}
	}
	rules.Add(server.Rule{Code: 20011})
	rules.Clear()
	if list := rules.List(); len(list) != 0 {
		t.Errorf("after Clear: %v", list)
	}
}
