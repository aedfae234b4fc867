package soapxml

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Looking ahead leaves the reader as it is, also where so many prefixes are in scope that they have an index: what is
// declared ahead is not in force yet.
func TestReader_childrenAheadOfManyPrefixes(t *testing.T) {
	t.Parallel()
	for prefixes := range 14 {
		var b strings.Builder
		b.WriteString("<a")
		for i := range prefixes {
			fmt.Fprintf(&b, " xmlns:n%d='urn:%d'", i, i)
		}
		b.WriteString("><b xmlns:x='urn:x'/><c xmlns:n1='urn:y'><n1:d/></c></a>")
		r := NewReader(b.String())
		if _, name, ok := r.Root(); !ok || name != "a" {
			t.Fatalf("%q: %v", name, r.Err())
		}
		if names := r.Children(); !slices.Equal(names, []string{"b", "c"}) {
			t.Errorf("%d prefixes: children %v", prefixes, names)
		}
		names := childrenLeft(r)
		if !slices.Equal(names, []string{"b", "c"}) || r.Err() != nil {
			t.Errorf("%d prefixes: then %v, error %v", prefixes, names, r.Err())
		}
	}
}

// childrenLeft skips the children that are left of an element, and returns their names.
func childrenLeft(r *Reader) []string {
	var names []string
	for {
		name, ok := r.Child()
		if !ok {
			return names
		}
		names = append(names, name)
		r.Skip()
	}
}
