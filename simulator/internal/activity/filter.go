package activity

import (
	"slices"
	"strings"

	"github.com/mktows/mktows-go/gen"
)

// Filter chooses activities by type and by name: both have to agree. The zero value chooses
// all.
type Filter struct {
	Include, Exclude []gen.ActivityType // of Include all count, if there are any, else all but those of Exclude
	// Names are those that answers show; none: all. A name may be any text: customers define
	// types of their own, so one that no activity has finds none.
	Names []string
}

// OneType reports whether the filter asks for exactly one type. Only then is the service's count of remaining records
// to be trusted.
func (f Filter) OneType() bool {
	if len(f.Names) > 0 {
		return !slices.ContainsFunc(f.Names, func(text string) bool { return text != f.Names[0] })
	}
	return len(f.Include) > 0 && !slices.ContainsFunc(f.Include, func(t gen.ActivityType) bool { return t != f.Include[0] })
}

// String returns a text that differs between filters. It becomes part of a position, which is valid for one filter
// only.
func (f Filter) String() string {
	list := func(types []gen.ActivityType) string {
		texts := make([]string, len(types))
		for i, t := range types {
			texts[i] = string(t)
		}
		return strings.Join(texts, ",")
	}
	return list(f.Include) + ";" + list(f.Exclude) + ";" + strings.Join(f.Names, ",")
}

// all is the question that a filter is which chooses all.
func all(name) bool { return true }

// wanted returns the filter as a condition on the numbers of types. Comparing numbers is what makes filtering cheap.
func (st *store) wanted(f Filter) func(kind name) bool {
	include, exclude := st.numbers(f.Include), st.numbers(f.Exclude)
	var named map[name]bool
	for _, text := range f.Names {
		if named == nil {
			named = make(map[name]bool)
		}
		if kind, known := st.names.known(text); known {
			named[kind] = true
		}
	}
	return func(kind name) bool {
		switch {
		case len(f.Names) > 0 && !named[kind]:
			return false
		case len(f.Include) > 0:
			return slices.Contains(include, kind)
		}
		return !slices.Contains(exclude, kind)
	}
}

// numbers returns the numbers of those types that any record has.
func (st *store) numbers(types []gen.ActivityType) []name {
	var found []name
	for _, t := range types {
		if number, ok := st.names.known(typeName(t)); ok {
			found = append(found, number)
		}
	}
	return found
}
