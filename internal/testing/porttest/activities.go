package porttest

import (
	"strconv"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

func activityCases() []testCase {
	return []testCase{
		{"getLeadActivity", positive, "newest first", activityNewestFirst},
		{"getLeadActivity", positive, "filters", activityFilters},
		{"getLeadActivity", empty, "a lead without history", activityEmpty},
		{"getLeadActivity", paged, "in pages of two", activityPaged},
		{"getLeadActivity", badInput, "keys, filters and positions", activityBad},
	}
}

// including returns the filter for activities of some types; excluding returns the one for all others.
func including(types ...gen.ActivityType) gen.Opt[gen.ActivityTypeFilter] {
	return gen.Some(gen.ActivityTypeFilter{IncludeTypes: gen.Some(gen.ArrayOfActivityType{ActivityType: types})})
}

func excluding(types ...gen.ActivityType) gen.Opt[gen.ActivityTypeFilter] {
	return gen.Some(gen.ActivityTypeFilter{ExcludeTypes: gen.Some(gen.ArrayOfActivityType{ActivityType: types})})
}

// history returns the history of a lead that fits into one page, and checks the counts of the answer.
func history(t testing.TB, f Fixture, lead int64, types ...gen.ActivityType) []gen.ActivityRecord {
	t.Helper()
	in := &gen.ParamsGetLeadActivity{LeadKey: idKey(lead)}
	if len(types) > 0 {
		in.ActivityFilter = including(types...)
	}
	list := must(f.Port.GetLeadActivity(t.Context(), in))(t).LeadActivityList
	equal(t, "returnCount", int(list.ReturnCount), len(list.ActivityRecordList.Value.ActivityRecord))
	equal(t, "remainingCount", list.RemainingCount, 0)
	return list.ActivityRecordList.Value.ActivityRecord
}

// historyTypes returns the types of a lead's activities, newest first.
func historyTypes(t testing.TB, f Fixture, lead int64) []string {
	t.Helper()
	var types []string
	for _, a := range history(t, f, lead) {
		types = append(types, a.ActivityType)
	}
	return types
}

// activityIDs returns the ids of activities in the order of the answer.
func activityIDs(list []gen.ActivityRecord) []int64 {
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = activityID(list[i].Id, list[i].MarketoGUID)
	}
	return ids
}

// activityID returns the id of an activity. A record may have a GUID in place of an id; in the standard data both are
// the same number.
func activityID(id gen.Opt[int64], guid string) int64 {
	if number, err := strconv.ParseInt(guid, 10, 64); id.State != gen.Present && err == nil {
		return number
	}
	return id.Or(0)
}

// down returns n numbers from high downwards.
func down(high int64, n int) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = high - int64(i)
	}
	return list
}

// activityNewestFirst states the order of getLeadActivity, which is newest first, and the content of a record.
func activityNewestFirst(t testing.TB, f Fixture) {
	list := history(t, f, leadOne)
	sameList(t, "ids", activityIDs(list), down(50_007, 7))
	newest := list[0]
	equal(t, "activityType", newest.ActivityType, "Visit Webpage")
	equal(t, "mktgAssetName", newest.MktgAssetName.Or(""), "Page 7")
	equal(t, "mktPersonId", newest.MktPersonId, strconv.Itoa(leadOne))
	hasValue(t, newest.ActivityAttributes.Value.Attribute, "Lead ID", strconv.Itoa(leadOne))
	at, err := newest.ActivityDateTime.Time()
	if err != nil || !at.Equal(now.Add(-time.Hour)) {
		t.Errorf("activityDateTime %s (%v), want %s", newest.ActivityDateTime, err, now.Add(-time.Hour))
	}
}

// activityFilters states that the two filters by type, include and exclude, select what they say.
func activityFilters(t testing.TB, f Fixture) {
	sameList(t, "forms", activityIDs(history(t, f, leadOne, gen.ActivityTypeFillOutForm)), []int64{50_006, 50_004, 50_002})
	out := must(f.Port.GetLeadActivity(t.Context(), &gen.ParamsGetLeadActivity{
		LeadKey: key("EMAIL", emailOne), ActivityFilter: excluding(gen.ActivityTypeVisitWebpage),
	}))(t)
	sameList(t, "all but visits", activityIDs(out.LeadActivityList.ActivityRecordList.Value.ActivityRecord), []int64{50_006, 50_004, 50_002})
}

// activityEmpty states that a lead without history has an empty list, which is not a fault.
func activityEmpty(t testing.TB, f Fixture) {
	if list := history(t, f, leadBare); len(list) != 0 {
		t.Errorf("%d records, want none", len(list))
	}
	if list := history(t, f, leadOne, gen.ActivityTypeDeleteLead); len(list) != 0 {
		t.Errorf("%d records of a type that did not occur", len(list))
	}
}

// activityPaged states how a history is read in pages: all records once and in order; fault 20123 at the end; and a
// position with an offset that the service has not handed out is refused.
func activityPaged(t testing.TB, f Fixture) {
	read := func(at gen.StreamPosition) (page[gen.StreamPosition], error) {
		out, err := f.Port.GetLeadActivity(t.Context(), &gen.ParamsGetLeadActivity{
			LeadKey: idKey(leadOne), BatchSize: gen.Some[int32](2), StartPosition: gen.Some(at),
		})
		if err != nil {
			return page[gen.StreamPosition]{}, err
		}
		list := out.LeadActivityList
		if list.ReturnCount > 2 {
			t.Errorf("%d records on a page of two", list.ReturnCount)
		}
		return page[gen.StreamPosition]{
			activityIDs(list.ActivityRecordList.Value.ActivityRecord), *list.NewStartPosition, list.RemainingCount > 0,
		}, nil
	}
	all := readAll(t, gen.StreamPosition{}, read)
	sameList(t, "ids", all.ids, down(50_007, 7))
	all.again(t, f, read)
	_, err := read(all.positions[len(all.positions)-1])
	refused(t, err, fault.CodeStreamAtEnd)
	forged := all.positions[0]
	forged.Offset = gen.Some("ID:1")
	_, err = read(forged)
	refused(t, err, fault.CodeBadStreamPosition)
}

// activityBad states what getLeadActivity refuses.
func activityBad(t testing.TB, f Fixture) {
	both := including(gen.ActivityTypeVisitWebpage)
	both.Value.ExcludeTypes = gen.Some(gen.ArrayOfActivityType{ActivityType: []gen.ActivityType{gen.ActivityTypeNewLead}})
	for _, test := range []struct {
		name string
		in   gen.ParamsGetLeadActivity
		want []fault.Code
	}{
		{"unknown lead", gen.ParamsGetLeadActivity{LeadKey: idKey(noLead)}, []fault.Code{fault.CodeLeadNotFound}},
		{"empty key", gen.ParamsGetLeadActivity{LeadKey: key("EMAIL", "")}, []fault.Code{fault.CodeLeadKeyRequired}},
		{"both filters", gen.ParamsGetLeadActivity{LeadKey: idKey(leadOne), ActivityFilter: both}, bad},
		{"position of nothing", gen.ParamsGetLeadActivity{
			LeadKey: idKey(leadOne), StartPosition: gen.Some(gen.StreamPosition{Offset: gen.Some("ID:made up")}),
		}, []fault.Code{fault.CodeBadStreamPosition}},
	} {
		t.Log(test.name)
		_, err := f.Port.GetLeadActivity(t.Context(), &test.in)
		refused(t, err, test.want...)
	}
}
