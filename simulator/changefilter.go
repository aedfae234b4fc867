package simulator

import (
	"slices"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// answerNames are names of activity types that only answers and activityNameFilter
// have: no value of the schema means them (Marketo SOAP API, activity types).
var answerNames = []string{
	"Add to Nurture", "Add to Segment", "Add to Smart Campaign", "Assign Nurture Content",
	"Capture Campaign Membership History", "Capture List Membership History", "Change Account Owner",
	"Change Attribute Datatype", "Change CRM User", "Change Custom Object", "Change Nurture Cadence",
	"Change Nurture Exhausted", "Change Nurture Track", "Change Program Data", "Click Shared Link", "Nurture Deploy",
	"Received Forward to Friend Email", "Reward Test Group Variant", "Segmentation Approval",
	"Sent Forward to Friend Email", "Share Content",
}

// changeFilter chooses activities by type and by name: both have to agree.
type changeFilter struct {
	types filter
	names []string // empty: all

	wantsType func(kind name) bool
	wantsName map[name]bool
}

// readChangeFilter checks the filters of a request.
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
		if _, has := s.timelines[kind]; known && has {
			f.wantsName[kind] = true
		} else if !isActivityName(text) {
			return f, fault.Newf(fault.CodeActivityKeyBad, "activityNameFilter: %q is not the name of an activity type", text)
		}
	}
	return f, nil
}

// isActivityName reports whether answers may show the name, whether or not any has.
func isActivityName(text string) bool {
	for _, known := range typeNames {
		if known == text {
			return true
		}
	}
	return slices.Contains(answerNames, text)
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
