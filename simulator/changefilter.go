package simulator

import (
	"slices"
	"strings"

	"github.com/mktows/mktows-go/gen"
)

// changeFilter chooses activities by type and by name: both have to agree.
type changeFilter struct {
	types filter
	names []string // empty: all

	wantsType func(kind name) bool
	wantsName map[name]bool
}

// readChangeFilter checks the filters of a request. A name of activities may be any text:
// customers define types of their own, so one that no activity has finds none.
func (s *Simulator) readChangeFilter(in *gen.ParamsGetLeadChanges) (changeFilter, error) {
	types, err := readFilter(in.ActivityFilter.Or(gen.ActivityTypeFilter{}))
	if err != nil {
		return changeFilter{}, err
	}
	f := changeFilter{
		types: types, names: in.ActivityNameFilter.Or(gen.ArrayOfString{}).StringItem,
		wantsType: types.wanted(&s.store.names), wantsName: make(map[name]bool),
	}
	for _, text := range f.names {
		kind, known := s.store.names.known(text)
		if known {
			f.wantsName[kind] = true
		}
	}
	return f, nil
}

func (f changeFilter) wants(kind name) bool {
	return f.wantsType(kind) && (len(f.names) == 0 || f.wantsName[kind])
}

// oneType reports whether the filter asks for exactly one type.
func (f changeFilter) oneType() bool {
	if len(f.names) == 0 {
		return f.types.oneType()
	}
	return !slices.ContainsFunc(f.names, func(text string) bool { return text != f.names[0] })
}

// String returns a text that differs between filters.
func (f changeFilter) String() string {
	list := func(types []gen.ActivityType) string {
		texts := make([]string, len(types))
		for i, t := range types {
			texts[i] = string(t)
		}
		return strings.Join(texts, ",")
	}
	return list(f.types.include) + ";" + list(f.types.exclude) + ";" + strings.Join(f.names, ",")
}
