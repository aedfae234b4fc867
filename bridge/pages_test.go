package bridge_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// historyIDs reads a history to its end. Each page is read by the next one of the ports.
func historyIDs(t *testing.T, in gen.ParamsGetLeadActivity, ports ...gen.Port) (ids []string, sizes []int) {
	t.Helper()
	for more := true; more; {
		out, err := ports[len(sizes)%len(ports)].GetLeadActivity(t.Context(), &in)
		if err != nil {
			t.Fatalf("page %d: %v", len(sizes)+1, err)
		}
		list := out.LeadActivityList
		for _, r := range list.ActivityRecordList.Value.ActivityRecord {
			ids = append(ids, r.MarketoGUID)
		}
		sizes = append(sizes, int(list.ReturnCount))
		in.StartPosition, more = gen.Some(*list.NewStartPosition), list.RemainingCount > 0
		if len(sizes) > 2000 {
			t.Fatal("the history does not end")
		}
	}
	return ids, sizes
}

var demoHistory = gen.ParamsGetLeadActivity{LeadKey: leadKey(gen.LeadKeyRefIDNUM, fmt.Sprint(simulator.DemoHistoryLeadID))}

// A history of some thousand records is that of the SOAP API, newest first, page by page, also where
// another bridge serves the next page, and where pages of the REST API are short or empty.
func TestGetLeadActivity_whole(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]simulator.Option{
		"plain": nil, "short": {simulator.WithShortPages(0.5)},
		"empty": {simulator.WithEmptyPages(0.3)}, "more pages than a position holds": {simulator.WithPageLimit(2)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithoutLimits(), mktowstest.WithSimulator(append(opts, simulator.WithSeed(7))...))
			s.Clock().Advance(demoTime.Sub(s.Clock().Now()))
			want, _ := historyIDs(t, demoHistory, s.Client())
			got, _ := historyIDs(t, demoHistory, bridgeTo(t, s), bridgeTo(t, s))
			if diff := cmp.Diff(want, got); diff != "" || len(got) < 1000 {
				t.Errorf("%d records, want %d:\n%.2000s", len(got), len(want), diff)
			}
		})
	}
}

// A walk through many empty blocks goes past no deadline: each call gives a position to go on from, and
// in the end all records come, once.
func TestGetLeadActivity_manyEmptyPages(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithoutLimits(), mktowstest.WithSimulator(simulator.WithEmptyPages(0.7), simulator.WithSeed(3)))
	s.Clock().Advance(demoTime.Sub(s.Clock().Now()))
	recent := demoHistory // blocks that are empty are many in two years as well
	recent.StartPosition = gen.Some(gen.StreamPosition{OldestCreatedAt: gen.Some(gen.DateTime("2014-01-01T00:00:00Z"))})
	want, _ := historyIDs(t, recent, s.Client())
	got, sizes := historyIDs(t, recent, bridgeTo(t, s, bridge.WithPageTime(1)), bridgeTo(t, s, bridge.WithPageTime(1)))
	if diff := cmp.Diff(want, got); diff != "" || len(got) < 1000 {
		t.Errorf("%d records, want %d:\n%.2000s", len(got), len(want), diff)
	}
	if !slices.Contains(sizes, 0) {
		t.Error("no page was empty, so that nothing was shown")
	}
}

// The same of the stream of changes, also of several chains.
func TestGetLeadChanges_manyEmptyPages(t *testing.T) {
	t.Parallel()
	for name, filter := range map[string]gen.Opt[gen.ActivityTypeFilter]{
		"one chain": threeTypes,
		"two chains": including(
			gen.ActivityTypeVisitWebpage, gen.ActivityTypeNewLead, gen.ActivityTypeSendEmail, gen.ActivityTypeOpenEmail, gen.ActivityTypeClickEmail, gen.ActivityTypeFillOutForm,
			gen.ActivityTypeChangeScore, gen.ActivityTypeEmailDelivered, gen.ActivityTypeAddToList, gen.ActivityTypeUnsubscribeEmail, gen.ActivityTypeMergeLeads, gen.ActivityTypeDeleteLead),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithoutLimits(), mktowstest.WithSimulator(simulator.WithEmptyPages(0.7), simulator.WithSeed(3)))
			s.Clock().Advance(demoTime.Sub(s.Clock().Now()))
			want := changeIDs(t, s.Client(), 300, filter, nil)
			got := changeIDs(t, bridgeTo(t, s, bridge.WithPageTime(1)), 50, filter, nil)
			if diff := cmp.Diff(want, got); diff != "" || len(want) < 100 {
				t.Errorf("%d records, want %d:\n%.2000s", len(got), len(want), diff)
			}
		})
	}
}

// Rows without an id, and with one that others have too, come once each, by their GUIDs.
func TestPages_idsMissingAndRepeated(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithoutLimits(), mktowstest.WithREST(rest.WithQuirks(rest.Quirks{MissingIDs: 3, RepeatedIDs: 5})))
	s.Clock().Advance(demoTime.Sub(s.Clock().Now()))
	want, _ := historyIDs(t, demoHistory, s.Client())
	got, _ := historyIDs(t, demoHistory, bridgeTo(t, s))
	slices.Sort(got)
	if len(slices.Compact(got)) != len(want) {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
	if list := changeIDs(t, bridgeTo(t, s), 37, threeTypes, nil); len(list) != len(changeIDs(t, s.Client(), 300, threeTypes, nil)) {
		t.Errorf("%d changes", len(list))
	}
}

// A page has as many records as are asked for, up to 1,000, and 300 where nothing is: larger ones take fewer calls.
func TestGetLeadChanges_pageSizes(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	from := &gen.StreamPosition{OldestCreatedAt: gen.Some[gen.DateTime]("2011-01-01T00:00:00-06:00")}
	for size, want := range map[int32]int32{0: 300, -1: 300, 7: 7, 300: 300, 301: 301, 1000: 1000, 5000: 1000} {
		out, err := bridgeTo(t, s).GetLeadChanges(t.Context(), &gen.ParamsGetLeadChanges{StartPosition: from, BatchSize: gen.Some(size)})
		if err != nil {
			t.Fatal(err)
		}
		if n := out.Result.ReturnCount; n != want || out.Result.RemainingCount == 0 {
			t.Errorf("batchSize %d: %d records, want %d", size, n, want)
		}
	}
}

// The position at the end of the changes goes on later, with what has come since.
func TestGetLeadChanges_goesOnLater(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	b := bridgeTo(t, s)
	in := &gen.ParamsGetLeadChanges{StartPosition: &gen.StreamPosition{OldestCreatedAt: gen.Some(gen.NewDateTime(demoTime.Add(-time.Minute)))}}
	var got []string
	for range 3 {
		s.Clock().Advance(time.Hour)
		if _, err := b.SyncLead(t.Context(), &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some(fmt.Sprintf("new%d@example.com", len(got)))}}); err != nil {
			t.Fatal(err)
		}
		out, err := b.GetLeadChanges(t.Context(), in)
		if err != nil || out.Result.RemainingCount != 0 {
			t.Fatalf("%v, %+v", err, out)
		}
		for _, r := range out.Result.LeadChangeRecordList.Value.LeadChangeRecord {
			got = append(got, r.ActivityType)
		}
		in.StartPosition = out.Result.NewStartPosition
	}
	if fmt.Sprint(got) != "[New Lead New Lead New Lead]" {
		t.Errorf("%v", got)
	}
}

// Positions of others, changed ones, and those that the SOAP service gave.
func TestPositions(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	b := bridgeTo(t, s)
	first := demoHistory
	first.BatchSize = gen.Some[int32](5)
	out, err := b.GetLeadActivity(t.Context(), &first)
	if err != nil {
		t.Fatal(err)
	}
	good := out.LeadActivityList.NewStartPosition.Offset.Value
	at := func(port gen.Port, change func(*gen.ParamsGetLeadActivity), offset string, oldest gen.DateTime) error {
		in := first
		p := gen.StreamPosition{Offset: gen.Some(offset)}
		if oldest != "" {
			p.OldestCreatedAt = gen.Some(oldest)
		}
		in.StartPosition = gen.Some(p)
		if change != nil {
			change(&in)
		}
		_, err := port.GetLeadActivity(t.Context(), &in)
		return err
	}
	keyed := bridgeTo(t, s, bridge.WithPositionKeys(auth.NewSecret("another-key")))
	var keyedOffset string
	if out, err := keyed.GetLeadActivity(t.Context(), &first); err != nil {
		t.Fatal(err)
	} else {
		keyedOffset = out.LeadActivityList.NewStartPosition.Offset.Value
	}
	for name, test := range map[string]struct {
		err  error
		want fault.Code
	}{
		"its own":                {at(b, nil, good, ""), 0},
		"another bridge's":       {at(bridgeTo(t, s), nil, good, ""), 0},
		"one with another key":   {at(b, nil, keyedOffset, ""), fault.CodeBadStreamPosition},
		"that of the key before": {at(keyed, nil, good, ""), 0},
		"changed":                {at(b, nil, good[:20]+"x"+good[21:], ""), fault.CodeBadStreamPosition},
		"cut":                    {at(b, nil, good[:len(good)-1], ""), fault.CodeBadStreamPosition},
		"of another lead":        {at(b, func(in *gen.ParamsGetLeadActivity) { in.LeadKey = leadKey(gen.LeadKeyRefIDNUM, "318815") }, good, ""), fault.CodeBadStreamPosition},
		"of another large id":    {at(b, func(in *gen.ParamsGetLeadActivity) { in.LeadKey = leadKey(gen.LeadKeyRefIDNUM, "2000000001") }, good, ""), fault.CodeBadStreamPosition},
		"of another filter":      {at(b, func(in *gen.ParamsGetLeadActivity) { in.ActivityFilter = including(gen.ActivityTypeNewLead) }, good, ""), fault.CodeBadStreamPosition},
		"old, without a date":    {at(b, nil, "ID:1086173", ""), fault.CodeBadStreamPosition},
		"old, with a date":       {at(b, nil, "ID:1086173", "2015-01-01T00:00:00-06:00"), 0},
		"the old end":            {at(b, nil, "5", ""), fault.CodeStreamAtEnd},
		"nonsense":               {at(b, nil, "nonsense", ""), fault.CodeBadStreamPosition},
	} {
		if codeOf(test.err) != test.want {
			t.Errorf("%s: %v, want %d", name, test.err, test.want)
		}
	}
}

// Leads that were updated in a time, in pages, by default those with changes, and by any activity.
func TestGetMultipleLeads_byUpdate(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	visitor := s.Seed(simulator.Lead{ID: 400000, Email: "visitor@example.com", Activities: []simulator.Activity{
		{Type: gen.ActivityTypeNewLead, Time: "2015-06-01T00:00:00-05:00"},
		{Type: gen.ActivityTypeVisitWebpage, AssetName: "Pricing", Time: "2015-09-15T00:00:00-05:00"},
	}})[0]
	in := gen.ParamsGetMultipleLeads{
		LeadSelector: &gen.LastUpdateAtSelector{OldestUpdatedAt: "2015-09-01T00:00:00-05:00", LatestUpdatedAt: gen.Some[gen.DateTime]("2015-09-30T00:00:00-05:00")},
		BatchSize:    gen.Some[int32](2),
	}
	read := func(port gen.Port) []int32 {
		t.Helper()
		var ids []int32
		in := in
		for more := true; more; {
			out, err := port.GetMultipleLeads(t.Context(), &in)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range out.Result.LeadRecordList.Value.LeadRecord {
				ids = append(ids, l.Id.Value)
			}
			in.StreamPosition, more = gen.Some(out.Result.NewStreamPosition), out.Result.RemainingCount > 0
		}
		if _, err := port.GetMultipleLeads(t.Context(), &in); in.StreamPosition.Value != "" && codeOf(err) != fault.CodeStreamAtEnd {
			t.Errorf("after the end: %v", err)
		}
		slices.Sort(ids)
		return slices.Compact(ids)
	}
	changed := []int32{318815, 318816, 318817, 318818, 318820}
	if diff := cmp.Diff(changed, read(bridgeTo(t, s))); diff != "" {
		t.Errorf("by changes: %s", diff)
	}
	if diff := cmp.Diff(append(changed, int32(visitor)), read(bridgeTo(t, s, bridge.WithUpdatesByAnyActivity()))); diff != "" {
		t.Errorf("by any activity: %s", diff)
	}
}

// A list from 10,000 members on is refused, and the fault says what to do.
func TestGetLeadChanges_largeList(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/activities.json", Code: 1003, Text: "List has 10000 or more members"})
	_, err := bridgeTo(t, s).GetLeadChanges(t.Context(), &gen.ParamsGetLeadChanges{
		StartPosition: new(gen.StreamPosition), LeadSelector: &gen.StaticListSelector{StaticListName: gen.Some(simulator.DemoList)},
	})
	if codeOf(err) != fault.CodeBadParameter {
		t.Error(err)
	}
}
