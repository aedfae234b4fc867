package bridge

import (
	"slices"
	"strings"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/activitytype"
)

// deleteLead is the type of deletions, which have a call of their own.
const deleteLead = "Delete Lead"

// busyTypes are the types that most records are of. They go in different groups, so that groups
// advance alike.
var busyTypes = []int64{1, 6, 7, 10, 13, 22}

// activityFilter is what a request says about types.
type activityFilter struct {
	include, exclude []string // names; none: all
}

// readActivityFilter checks a filter by type. A list without types counts as absent.
func readActivityFilter(in gen.ActivityTypeFilter, names []string) (activityFilter, error) {
	include, exclude := in.IncludeTypes.Value.ActivityType, in.ExcludeTypes.Value.ActivityType
	for _, t := range slices.Concat(include, exclude) {
		if !t.Valid() {
			return activityFilter{}, fault.Newf(fault.CodeActivityKeyBad, "activityFilter: %.100q is not an activity type", t)
		}
	}
	if len(include) > 0 && len(exclude) > 0 {
		return activityFilter{}, bad("activityFilter has both includeTypes and excludeTypes: only one of them is allowed")
	}
	f := activityFilter{include: namesOf(include), exclude: namesOf(exclude)}
	if len(include) > 0 && f.include == nil {
		f.include = []string{""} // types that no answer has ever shown
	}
	if len(names) > 0 {
		f.include = append(f.include, names...)
	}
	return f, nil
}

// namesOf returns the names that types of the schema have in answers.
func namesOf(types []gen.ActivityType) []string {
	var names []string
	for _, t := range types {
		for _, known := range activitytype.All {
			if known.Value == t && known.Name != "" {
				names = append(names, known.Name)
			}
		}
	}
	return names
}

// isSOAPType reports whether the SOAP API knew a type.
func isSOAPType(name string) bool {
	same := func(known string) bool { return strings.EqualFold(known, name) }
	return slices.ContainsFunc(activitytype.All[:], func(t activitytype.Type) bool { return same(t.Name) }) || slices.ContainsFunc(activitytype.Unfiltered[:], same)
}

// wants reports whether the filter takes a type.
func (f activityFilter) wants(name string, all bool) bool {
	same := func(other string) bool { return strings.EqualFold(other, name) }
	switch {
	case len(f.include) > 0:
		return slices.ContainsFunc(f.include, same)
	case slices.ContainsFunc(f.exclude, same):
		return false
	}
	return all || isSOAPType(name)
}

// groups returns the types that a filter takes, in groups of as many as a call may ask for, and
// whether it takes deletions. A name that the instance does not have finds nothing.
func (w *work) groups(f activityFilter) (groups [][]int64, deletions bool, err error) {
	types, err := w.catalog.activityTypes(w, false)
	if err != nil {
		return nil, false, err
	}
	if slices.ContainsFunc(f.include, func(name string) bool { return name != "" && types.byName[strings.ToLower(name)] == nil }) {
		if types, err = w.catalog.activityTypes(w, true); err != nil {
			return nil, false, err
		}
	}
	var ids []int64
	for _, t := range types.list {
		switch {
		case !f.wants(t.Name, w.allTypes):
		case strings.EqualFold(t.Name, deleteLead):
			deletions = true
		default:
			ids = append(ids, t.ID)
		}
	}
	return grouped(ids), deletions, nil
}

// grouped spreads types over groups, the busy ones first.
func grouped(ids []int64) [][]int64 {
	slices.SortFunc(ids, func(a, b int64) int {
		busyA, busyB := slices.Contains(busyTypes, a), slices.Contains(busyTypes, b)
		switch {
		case busyA && !busyB:
			return -1
		case busyB && !busyA:
			return 1
		}
		return int(a - b)
	})
	groups := make([][]int64, (len(ids)+rest.MaxTypes-1)/rest.MaxTypes)
	for i, id := range ids {
		groups[i%len(groups)] = append(groups[i%len(groups)], id)
	}
	return groups
}
