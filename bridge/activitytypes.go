package bridge

import (
	"slices"
	"strings"

	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// busyTypes are the types that most records are of. They go in different groups, so that groups
// advance alike.
var busyTypes = []int64{1, 6, 7, 10, 13, 22}

// activityFilter is what a request says about types.
type activityFilter struct {
	Include, Exclude []gen.ActivityType
	Names            []string
}

// readActivityFilter checks a filter by type. A list without types counts as absent.
func readActivityFilter(in gen.ActivityTypeFilter, list []string) (activityFilter, error) {
	f := activityFilter{in.IncludeTypes.Value.ActivityType, in.ExcludeTypes.Value.ActivityType, list}
	for _, t := range slices.Concat(f.Include, f.Exclude) {
		if !t.Valid() {
			return f, fault.Newf(fault.CodeActivityKeyBad, "activityFilter: %.100q is not an activity type", t)
		}
	}
	if len(f.Include) > 0 && len(f.Exclude) > 0 {
		return f, bad("activityFilter has both includeTypes and excludeTypes: only one of them is allowed")
	}
	return f, nil
}

// wants reports whether the filter takes a type.
func (f activityFilter) wants(t *names.ActivityType, all bool) bool {
	same := func(name string) bool { return strings.EqualFold(name, t.Shown()) || strings.EqualFold(name, t.Name) }
	switch {
	case len(f.Include) > 0 || len(f.Names) > 0:
		return t.Enum != "" && slices.Contains(f.Include, t.Enum) || slices.ContainsFunc(f.Names, same)
	case t.Enum != "" && slices.Contains(f.Exclude, t.Enum):
		return false
	}
	return all || t.InSOAP()
}

// groups returns the types that a filter takes, in groups of as many as a call may ask for, and
// whether it takes deletions. A name that the instance does not have finds nothing.
func (w *work) groups(f activityFilter) (groups [][]int64, deletions bool, err error) {
	types, err := w.names.ActivityTypesNamed(w, f.Names...)
	if err != nil {
		return nil, false, err
	}
	var ids []int64
	all := types.All()
	for i := range all {
		switch t := &all[i]; {
		case !f.wants(t, w.allTypes):
		case t.Enum == gen.ActivityTypeDeleteLead: // it has a call of its own
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
