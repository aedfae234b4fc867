package porttest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

func changeCases() []testCase {
	return []testCase{
		{"getLeadChanges", positive, "oldest first, since a moment", changesOldestFirst},
		{"getLeadChanges", positive, "filters and selectors", changesFilters},
		{"getLeadChanges", empty, "since the end", changesEmpty},
		{"getLeadChanges", paged, "in pages of three", changesPaged},
		{"getLeadChanges", empty, "names that no activity has", changesUnknownNames},
		{"getLeadChanges", badInput, "requests and positions", changesBad},
	}
}

// since returns the position from which getLeadChanges begins to read: a time and nothing else.
func since(at time.Time) *gen.StreamPosition {
	return &gen.StreamPosition{OldestCreatedAt: gen.Some(gen.NewDateTime(at))}
}

// changes returns what fits into one page of getLeadChanges, and checks the counts of the answer.
func changes(t testing.TB, f Fixture, in *gen.ParamsGetLeadChanges) []gen.LeadChangeRecord {
	t.Helper()
	r := must(f.Port.GetLeadChanges(t.Context(), in))(t).Result
	equal(t, "returnCount", int(r.ReturnCount), len(r.LeadChangeRecordList.Value.LeadChangeRecord))
	equal(t, "remainingCount", r.RemainingCount, 0)
	return r.LeadChangeRecordList.Value.LeadChangeRecord
}

// changeIDs returns the ids of changes in the order of the answer.
func changeIDs(list []gen.LeadChangeRecord) []int64 {
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = activityID(list[i].Id, list[i].MarketoGUID)
	}
	return ids
}

// inOrder checks that no record is older than the one before it.
func inOrder(t testing.TB, list []gen.LeadChangeRecord) {
	t.Helper()
	var before time.Time
	for _, r := range list {
		at, err := r.ActivityDateTime.Time()
		if err != nil || at.Before(before) {
			t.Errorf("record %d of %s (%v) comes after one of %s", r.Id.Value, r.ActivityDateTime, err, before)
		}
		before = at
	}
}

// everyChange returns the ids of all activities in the standard data.
func everyChange() []int64 {
	return slices.Concat(down(50_007, 7), down(50_103, 3), down(50_202, 2))
}

// changesOldestFirst states the order of getLeadChanges, which is oldest first, opposite to that of getLeadActivity.
func changesOldestFirst(t testing.TB, f Fixture) {
	list := changes(t, f, &gen.ParamsGetLeadChanges{StartPosition: since(now.Add(-day))})
	sameSet(t, "ids", changeIDs(list), everyChange())
	inOrder(t, list)
	late := changes(t, f, &gen.ParamsGetLeadChanges{StartPosition: since(now.Add(-90 * time.Minute))})
	sameSet(t, "ids of the last hour", changeIDs(late), []int64{50_007, 50_103, 50_202})
	for _, r := range late {
		hasValue(t, r.ActivityAttributes.Value.Attribute, "Lead ID", r.MktPersonId)
	}
}

// changesFilters states what the filters by name and by type and the selections of leads let through.
func changesFilters(t testing.TB, f Fixture) {
	start := since(now.Add(-day))
	for name, test := range map[string]struct {
		in   gen.ParamsGetLeadChanges
		want []int64
	}{
		"by name": {gen.ParamsGetLeadChanges{
			ActivityNameFilter: gen.Some(gen.ArrayOfString{StringItem: []string{"Fill Out Form", "Click Link"}}),
		}, []int64{50_002, 50_004, 50_006, 50_201, 50_202}},
		"by type":         {gen.ParamsGetLeadChanges{ActivityFilter: including(gen.ActivityTypeClickLink)}, []int64{50_201, 50_202}},
		"without a type":  {gen.ParamsGetLeadChanges{ActivityFilter: excluding(gen.ActivityTypeVisitWebpage, gen.ActivityTypeFillOutForm)}, []int64{50_201, 50_202}},
		"of keys":         {gen.ParamsGetLeadChanges{LeadSelector: byKeys("EMAIL", "two@example.com")}, []int64{50_101, 50_102, 50_103}},
		"of list members": {gen.ParamsGetLeadChanges{LeadSelector: byList(listNewsletter)}, everyChange()},
	} {
		test.in.StartPosition = start
		sameSet(t, name, changeIDs(changes(t, f, &test.in)), test.want)
	}
}

// changesEmpty states that a position after the last record, or a list without members, gives nothing and no fault.
func changesEmpty(t testing.TB, f Fixture) {
	if list := changes(t, f, &gen.ParamsGetLeadChanges{StartPosition: since(now.Add(time.Second))}); len(list) != 0 {
		t.Errorf("%d records, want none", len(list))
	}
	if list := changes(t, f, &gen.ParamsGetLeadChanges{StartPosition: since(now.Add(-day)), LeadSelector: byList(listNobody)}); len(list) != 0 {
		t.Errorf("%d records of a list without members", len(list))
	}
}

// changesPaged states that pages of three bring all records, in order, and that a made-up offset is refused.
func changesPaged(t testing.TB, f Fixture) {
	var all []gen.LeadChangeRecord
	read := func(at gen.StreamPosition) (page[gen.StreamPosition], error) {
		out, err := f.Port.GetLeadChanges(t.Context(), &gen.ParamsGetLeadChanges{StartPosition: &at, BatchSize: gen.Some[int32](3)})
		if err != nil {
			return page[gen.StreamPosition]{}, err
		}
		list := out.Result.LeadChangeRecordList.Value.LeadChangeRecord
		if len(list) > 3 {
			t.Errorf("%d records on a page of three", len(list))
		}
		all = append(all, list...)
		return page[gen.StreamPosition]{changeIDs(list), *out.Result.NewStartPosition, out.Result.RemainingCount > 0}, nil
	}
	stream := readAll(t, *since(now.Add(-day)), read)
	sameSet(t, "ids", stream.ids, everyChange())
	inOrder(t, all)
	stream.again(t, f, read)
	forged := stream.positions[0]
	forged.Offset = gen.Some("made up")
	_, err := read(forged)
	refused(t, err, fault.CodeBadStreamPosition)
}

// changesUnknownNames states that names which no activity has give nothing and no fault. Customers define types of
// activity, so a name may be any text.
func changesUnknownNames(t testing.TB, f Fixture) {
	list := changes(t, f, &gen.ParamsGetLeadChanges{
		StartPosition:      since(now.Add(-day)),
		ActivityNameFilter: gen.Some(gen.ArrayOfString{StringItem: []string{"Touch Complete", "No Such Activity"}}),
	})
	sameList(t, "changes", changeIDs(list), []int64{})
}

// changesBad states what getLeadChanges refuses, among it the limit of 100 keys and of 30 days.
func changesBad(t testing.TB, f Fixture) {
	keys := make([]string, 101)
	for i := range keys {
		keys[i] = fmt.Sprintf("lead%d@example.com", i)
	}
	month := &gen.LastUpdateAtSelector{
		OldestUpdatedAt: gen.NewDateTime(now.Add(-31 * day)), LatestUpdatedAt: gen.Some(gen.NewDateTime(now)),
	}
	both := including(gen.ActivityTypeVisitWebpage)
	both.Value.ExcludeTypes = gen.Some(gen.ArrayOfActivityType{ActivityType: []gen.ActivityType{gen.ActivityTypeNewLead}})
	for _, test := range []struct {
		name string
		in   gen.ParamsGetLeadChanges
		want []fault.Code
	}{
		{"both filters", gen.ParamsGetLeadChanges{ActivityFilter: both}, bad},
		{"101 keys", gen.ParamsGetLeadChanges{LeadSelector: byKeys("EMAIL", keys...)}, bad},
		{"more than 30 days", gen.ParamsGetLeadChanges{LeadSelector: month}, []fault.Code{fault.CodeTimeRangeExceeded}},
		{"unknown list", gen.ParamsGetLeadChanges{LeadSelector: byList("No Such List")}, []fault.Code{fault.CodeListNotFound}},
	} {
		t.Log(test.name)
		test.in.StartPosition = since(now.Add(-day))
		_, err := f.Port.GetLeadChanges(t.Context(), &test.in)
		refused(t, err, test.want...)
	}
}
