package simulator

import (
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// filter chooses activities by type. The zero value chooses all.
type filter struct {
	include, exclude []gen.ActivityType
}

// readFilter checks a filter. A list without types counts as absent; both lists with
// types are fault 20110, a value outside the schema is 20107.
func readFilter(f gen.ActivityTypeFilter) (filter, error) {
	in, ex := f.IncludeTypes.Or(gen.ArrayOfActivityType{}), f.ExcludeTypes.Or(gen.ArrayOfActivityType{})
	read := filter{in.ActivityType, ex.ActivityType}
	for _, t := range slices.Concat(read.include, read.exclude) {
		if !t.Valid() {
			return filter{}, fault.Newf(fault.CodeActivityKeyBad, "activityFilter: %q is not an activity type", t)
		}
	}
	if len(read.include) > 0 && len(read.exclude) > 0 {
		return filter{}, fault.New(fault.CodeBadParameter,
			"activityFilter has both includeTypes and excludeTypes: only one of them is allowed")
	}
	return read, nil
}

// oneType reports whether the filter asks for exactly one type.
func (f filter) oneType() bool {
	return len(f.include) > 0 && !slices.ContainsFunc(f.include, func(t gen.ActivityType) bool { return t != f.include[0] })
}

// allTypesWanted is the question that a filter is which chooses all.
func allTypesWanted(name) bool { return true }

// wanted returns the filter as a question about the numbers of types.
func (f filter) wanted(n *names) func(kind name) bool {
	include, exclude := numbers(n, f.include), numbers(n, f.exclude)
	return func(kind name) bool {
		if len(f.include) > 0 {
			return slices.Contains(include, kind)
		}
		return !slices.Contains(exclude, kind)
	}
}

// numbers returns the numbers of those types that any record has.
func numbers(n *names, types []gen.ActivityType) []name {
	var found []name
	for _, t := range types {
		if number, ok := n.known(typeName(t)); ok {
			found = append(found, number)
		}
	}
	return found
}
