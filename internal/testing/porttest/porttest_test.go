package porttest

import (
	"testing"

	"github.com/mktows/mktows-go/gen"
)

// streams are the operations whose answers come in pages.
var streams = map[string]bool{
	"getLeadActivity": true, "getLeadChanges": true, "getMultipleLeads": true, "getMObjects": true, "getCustomObjects": true,
}

// Every operation has a case of each kind, and no case is about anything else.
func TestCases_complete(t *testing.T) {
	t.Parallel()
	has := make(map[string]map[kind]bool)
	names := make(map[string]bool)
	for _, c := range cases() {
		if gen.OperationByName(c.operation) == nil {
			t.Errorf("%s is no operation", c.operation)
		}
		if names[c.String()] {
			t.Errorf("two cases %s", c)
		}
		names[c.String()] = true
		if has[c.operation] == nil {
			has[c.operation] = make(map[kind]bool)
		}
		has[c.operation][c.kind] = true
	}
	for _, op := range gen.Operations() {
		for _, k := range []kind{positive, empty, badInput} {
			if !has[op.Name][k] {
				t.Errorf("%s has no %s case", op.Name, k)
			}
		}
		if has[op.Name][paged] != streams[op.Name] {
			t.Errorf("%s has paged cases: %t, want %t", op.Name, has[op.Name][paged], streams[op.Name])
		}
	}
}
