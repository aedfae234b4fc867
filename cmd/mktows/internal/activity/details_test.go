package activity

import (
	"testing"

	"github.com/mktows/mktows-go/operations"
)

func TestDetails(t *testing.T) {
	t.Parallel()
	type list = operations.Attributes
	tests := []struct {
		name       string
		attributes list
		want       string
	}{
		{"none", nil, ""},
		{"in order, without what is empty and the lead", list{{Name: "A", Value: "1"}, {Name: "B"}, {Name: "Lead ID", Value: "7"}, {Name: "C", Value: "3"}}, "A: 1; C: 3"},
		{"the telling ones first", list{{Name: "Mailing ID", Value: "1"}, {Name: "Link", Value: "x"}}, "Link: x; Mailing ID: 1"},
		{"a change", list{{Name: "Old Value", Value: "1"}, {Name: "New Value", Value: "2"}}, "1 → 2"},
		{"a change, the new value first", list{{Name: "New Status", Value: "b"}, {Name: "Old Status", Value: "a"}}, "Status: a → b"},
		{"from nothing", list{{Name: "Old Value"}, {Name: "New Value", Value: "2"}}, "→ 2"},
		{"to nothing", list{{Name: "Old Status", Value: "a"}, {Name: "New Status"}}, "Status: a → (empty)"},
		{"new without old", list{{Name: "New Owner", Value: "b"}}, "New Owner: b"},
		{"old without new", list{{Name: "Old Owner", Value: "b"}}, "Old Owner: b"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := details(&operations.Activity{Attributes: test.attributes}); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
