package copied_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/copied"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
)

func code(err error) fault.Code {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return 0
}

// ids are those of records, in order.
func ids(all []gen.ActivityRecord) (list []int64) {
	for i := range all {
		list = append(list, all[i].Id.Value)
	}
	return list
}

func (w *world) add(t *testing.T, lead int64, kind gen.ActivityType, at time.Time, attributes ...simulator.Attribute) {
	t.Helper()
	if _, err := w.sim.AddActivity(lead, simulator.Activity{Type: kind, AssetName: "Added", Time: simulator.At(at), Attributes: attributes}); err != nil {
		t.Fatal(err)
	}
}

// Whatever runs write between two pages, in the second of the border too, a page neither loses nor doubles a record.
func TestPort_writtenBetweenPages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string) {
		w := newWorld(t, target)
		for i := range 60 { // many in one second, over several pages
			w.add(t, 101, gen.ActivityTypeVisitWebpage, began.Add(time.Duration(70*3600+i/30)*time.Second))
		}
		w.sync(t, w.sim, activities())
		p, in := w.with(t, copied.WithMaxAge(time.Hour)), historyOf("101")
		want := ids(whole(t, in, nothing, p))
		in.BatchSize = gen.Some[int32](7)
		got := ids(whole(t, in, func() {
			for _, at := range []time.Duration{70*time.Hour - time.Second, 70 * time.Hour, 70*time.Hour + time.Second, 71 * time.Hour} {
				w.add(t, 101, gen.ActivityTypeVisitWebpage, began.Add(at))
			}
			w.now = w.now.Add(time.Second)
			w.sync(t, w.sim, activities())
		}, p))
		known := slices.DeleteFunc(slices.Clone(got), func(id int64) bool { return !slices.Contains(want, id) })
		if diff := cmp.Diff(want, known); diff != "" || len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(got) {
			t.Errorf("%d records, %d were there, %d of them: %s", len(got), len(want), len(known), diff)
		}
	})
}

// Positions of the copy are continued by every process with the same key, and by nobody else.
func TestPort_positions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, filepath.Join(t.TempDir(), "leads.db"))
	w.sync(t, w.sim, activities())
	p, in := w.with(t, copied.WithMaxAge(time.Hour)), historyOf("101")
	in.BatchSize = gen.Some[int32](30)
	out, err := p.GetLeadActivity(t.Context(), &in)
	if err != nil || out.LeadActivityList.RemainingCount != 11 {
		t.Fatalf("%+v, %v", out, err)
	}
	good := out.LeadActivityList.NewStartPosition.Offset.Value
	in.StartPosition = gen.Some(*out.LeadActivityList.NewStartPosition)
	if out, err = p.GetLeadActivity(t.Context(), &in); err != nil || out.LeadActivityList.ReturnCount != 11 || out.LeadActivityList.RemainingCount != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	end := out.LeadActivityList.NewStartPosition.Offset.Value
	if !copied.IsPosition(good) || !copied.IsPosition(end) || copied.IsPosition("") || copied.IsPosition("MB1.x.y") {
		t.Errorf("whose position is %q?", good)
	}
	in.StartPosition = gen.Opt[gen.StreamPosition]{}
	ofPort, err := w.sim.GetLeadActivity(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		port   gen.Port
		offset string
		lead   string
		want   fault.Code
		calls  int
	}{
		"its own":              {p, good, "101", 0, 0},
		"another process":      {w.with(t), good, "101", 0, 0}, // whatever its age: the reading goes on as it began
		"another key":          {w.with(t, copied.WithPositionKeys(auth.NewSecret("other"))), good, "101", fault.CodeBadStreamPosition, 0},
		"the key before":       {w.with(t, copied.WithPositionKeys(auth.NewSecret("other"), auth.NewSecret("example-position-key"))), good, "101", 0, 0},
		"another lead":         {p, good, "102", fault.CodeBadStreamPosition, 0},
		"changed":              {p, good[:30] + "x" + good[31:], "101", fault.CodeBadStreamPosition, 0},
		"cut":                  {p, good[:len(good)-1], "101", fault.CodeBadStreamPosition, 0},
		"a version to come":    {p, "MC9." + good[4:], "101", fault.CodeBadStreamPosition, 0},
		"made one of a bridge": {p, "MB1." + good[4:], "101", fault.CodeBadStreamPosition, 1}, // the port's word
		"the end":              {p, end, "101", fault.CodeStreamAtEnd, 0},
		"one of the port":      {p, ofPort.LeadActivityList.NewStartPosition.Offset.Value, "101", 0, 1},
	} {
		again := in
		again.LeadKey = key(gen.LeadKeyRefIDNUM, test.lead)
		again.StartPosition = gen.Some(gen.StreamPosition{Offset: gen.Some(test.offset)})
		w.port.calls = nil
		_, err := test.port.GetLeadActivity(t.Context(), &again)
		var op *fault.OpError
		if code(err) != test.want || len(w.port.calls) != test.calls || test.want != 0 && test.calls == 0 && !errors.As(err, &op) {
			t.Errorf("%s: %v, calls %v", name, err, w.port.calls)
		}
	}
	// Without the stream nothing can be continued.
	if err := leadsync.Reset(t.Context(), w.copied, leadsync.Activities, func(store.Removal) error { return nil }); err != nil {
		t.Fatal(err)
	}
	in.StartPosition = gen.Some(gen.StreamPosition{Offset: gen.Some(good)})
	if _, err := p.GetLeadActivity(t.Context(), &in); code(err) != fault.CodeBadStreamPosition {
		t.Errorf("after a reset: %v", err)
	}
}

// Leads that were merged, or into which others were, are the port's: the copy may have their records under former ids.
func TestPort_merged(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string) {
		w := newWorld(t, target)
		leads := leadsync.Stream{Name: leadsync.Leads, Since: began}
		w.sync(t, w.sim, activities(), leads)
		fresh := copied.WithMaxAge(time.Hour)
		email := gen.ParamsGetLeadActivity{LeadKey: key(gen.LeadKeyRefEMAIL, "LEAD1@example.com"), BatchSize: gen.Some[int32](5)}
		out, err := w.with(t, fresh, copied.WithStoredEmails()).GetLeadActivity(t.Context(), &email)
		if err != nil || len(w.port.calls) != 0 || out.LeadActivityList.ActivityRecordList.Value.ActivityRecord[0].MktPersonId != "102" {
			t.Fatalf("%+v, %v, %v", out, err, w.port.calls)
		}
		half := email
		half.StartPosition = gen.Some(*out.LeadActivityList.NewStartPosition)
		if _, err := w.with(t, fresh).GetLeadActivity(t.Context(), &email); err != nil || fmt.Sprint(w.port.calls) != "[getLead]" {
			t.Errorf("an address without WithStoredEmails: %v, %v", err, w.port.calls)
		}

		_, err = operations.New(w.sim).Leads.Merge(t.Context(), operations.LeadID(101), []operations.LeadKey{operations.LeadID(102)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.add(t, 101, gen.ActivityTypeMergeLeads, w.now.Add(time.Minute), simulator.Attribute{Name: "Merge IDs", Value: "102"})
		w.now = w.now.Add(10 * time.Minute)
		w.sync(t, w.sim, activities(), leads)
		p := w.with(t, fresh, copied.WithStoredEmails())
		for _, id := range []string{"101", "102"} {
			in := historyOf(id)
			w.port.calls = nil
			got, err := p.GetLeadActivity(t.Context(), &in)
			want, errWant := w.sim.GetLeadActivity(t.Context(), &in)
			if code(err) != code(errWant) || len(w.port.calls) != 1 || err == nil && !cmp.Equal(ids(got.LeadActivityList.ActivityRecordList.Value.ActivityRecord), ids(want.LeadActivityList.ActivityRecordList.Value.ActivityRecord)) {
				t.Errorf("lead %s: %v, the port: %v, calls %v, %+v", id, err, errWant, w.port.calls, w.answer)
			}
		}
		// The address leads to another lead now, and a reading that has begun does not go over to that.
		if got, err := p.GetLeadActivity(t.Context(), &email); code(err) != fault.CodeLeadNotFound {
			t.Errorf("the address of the loser: %+v, %v", got, err)
		}
		if _, err := p.GetLeadActivity(t.Context(), &half); code(err) != fault.CodeBadStreamPosition {
			t.Errorf("a reading that was begun before the merge: %v", err)
		}
	})
}

// A merge gives the record at the border of two pages to another lead: the rest of the history is not passed over in silence.
func TestPort_movedBetweenPages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string) {
		w := newWorld(t, target)
		histories := leadsync.Stream{Name: leadsync.LeadActivity, Since: began, LeadKeys: []string{"101", "102", "103"}}
		w.sync(t, w.sim, histories)
		p, in := w.with(t, copied.WithMaxAge(time.Hour)), historyOf("102")
		in.BatchSize = gen.Some[int32](10)
		out, err := p.GetLeadActivity(t.Context(), &in)
		if err != nil || len(w.port.calls) > 0 || w.answer.Stream != leadsync.LeadActivity {
			t.Fatalf("%v, %+v", err, w.answer)
		}
		in.StartPosition = gen.Some(*out.LeadActivityList.NewStartPosition)
		if _, err := operations.New(w.sim).Leads.Merge(t.Context(), operations.LeadID(101), []operations.LeadKey{operations.LeadID(102)}, nil); err != nil {
			t.Fatal(err)
		}
		w.add(t, 101, gen.ActivityTypeMergeLeads, w.now.Add(time.Minute), simulator.Attribute{Name: "Merge IDs", Value: "102"})
		w.now = w.now.Add(10 * time.Minute)
		histories.LeadKeys = []string{"101", "103"}
		w.sync(t, w.sim, histories)
		if out, err := p.GetLeadActivity(t.Context(), &in); code(err) != fault.CodeBadStreamPosition {
			t.Errorf("%+v, %v", out, err)
		}
	})
}

// Of lead-activity each lead is covered as far as it was read.
func TestPort_histories(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string) {
		w := newWorld(t, target)
		w.sync(t, w.sim, leadsync.Stream{Name: leadsync.LeadActivity, Since: began, LeadKeys: []string{"101"}})
		w.now = w.now.Add(3 * time.Hour)
		w.sync(t, w.sim, leadsync.Stream{Name: leadsync.LeadActivity, Since: began, LeadKeys: []string{"102"}})
		p := w.with(t, copied.WithMaxAge(time.Hour))
		for id, calls := range map[string]int{"101": 1, "102": 0, "103": 1} {
			in := historyOf(id)
			w.port.calls = nil
			got := whole(t, in, nothing, p)
			if diff := cmp.Diff(whole(t, in, nothing, w.sim), got, anyOrder); diff != "" || len(w.port.calls) != calls {
				t.Errorf("lead %s: %v, %+v, %s", id, w.port.calls, w.answer, diff)
			}
		}
		changes := gen.ParamsGetLeadChanges{StartPosition: new(at(began, began.Add(time.Hour)))}
		if _, err := p.GetLeadChanges(t.Context(), &changes); err != nil || !strings.Contains(w.answer.Reason, "all leads") {
			t.Errorf("changes: %+v, %v", w.answer, err)
		}
	})
}

// A copy of some types answers for these alone, and for histories only if it knows of merges.
func TestPort_types(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		copied []string
		asked  []gen.ActivityType
		calls  int
	}{
		{[]string{"Visit Webpage", "New Lead"}, []gen.ActivityType{gen.ActivityTypeVisitWebpage}, 1},
		{[]string{"Visit Webpage", "New Lead", "Merge Leads"}, []gen.ActivityType{gen.ActivityTypeVisitWebpage}, 0},
		{[]string{"Visit Webpage", "New Lead", "Merge Leads"}, []gen.ActivityType{gen.ActivityTypeVisitWebpage, gen.ActivityTypeSendEmail}, 1},
		{[]string{"Visit Webpage", "New Lead", "Merge Leads"}, nil, 1},
		{[]string{"Visit Webpage", "Merge Leads"}, []gen.ActivityType{gen.ActivityTypeVisitWebpage}, 1}, // the lead may be older
	} {
		w := newWorld(t, filepath.Join(t.TempDir(), "leads.db"))
		s := activities()
		s.Types = test.copied
		w.sync(t, w.sim, s)
		in := historyOf("101")
		if test.asked != nil {
			in.ActivityFilter = gen.Some(gen.ActivityTypeFilter{IncludeTypes: gen.Some(gen.ArrayOfActivityType{ActivityType: test.asked})})
		}
		got := whole(t, in, nothing, w.with(t, copied.WithMaxAge(time.Hour)))
		if diff := cmp.Diff(whole(t, in, nothing, w.sim), got, anyOrder); diff != "" || len(w.port.calls) != test.calls {
			t.Errorf("%v of %v: %v, %+v, %s", test.asked, test.copied, w.port.calls, w.answer, diff)
		}
	}
}

// spoilt gives one record without a lead.
type spoilt struct{ gen.Port }

func (s spoilt) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := s.Port.GetLeadChanges(ctx, in)
	if err == nil {
		for i := range out.Result.LeadChangeRecordList.Value.LeadChangeRecord {
			if r := &out.Result.LeadChangeRecordList.Value.LeadChangeRecord[i]; r.MktgAssetName.Value == "Asset 7" && r.MktPersonId == "102" {
				r.MktPersonId = "?"
			}
		}
	}
	return out, err
}

// A record that could not be read may be anybody's.
func TestPort_unreadable(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string) {
		w := newWorld(t, target)
		w.sync(t, spoilt{w.sim}, activities())
		in := historyOf("102")
		if got := whole(t, in, nothing, w.with(t, copied.WithMaxAge(time.Hour))); len(got) != 41 || !strings.Contains(w.answer.Reason, "1 records of the copy could not be read") {
			t.Errorf("%d records, %+v", len(got), w.answer)
		}
		if got := whole(t, in, nothing, w.with(t, copied.WithMaxAge(time.Hour), copied.WithUnreadable())); len(got) != 40 || w.answer.Unreadable != 1 {
			t.Errorf("%d records, %+v", len(got), w.answer)
		}
	})
}

// Changes come from the copy as long as it goes on, and none is missed that is stored late within the lookback.
func TestPort_changesGoOn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string) {
		w := newWorld(t, target)
		w.sync(t, w.sim, activities())
		p := w.with(t, copied.WithMaxAge(time.Hour))
		in := gen.ParamsGetLeadChanges{StartPosition: new(at(began, time.Time{})), BatchSize: gen.Some[int32](50)}
		var got []int64
		read := func() {
			t.Helper()
			all, next := wholeChanges(t, p, in, nothing)
			for i := range all {
				got = append(got, all[i].Id.Value)
			}
			in.StartPosition = next
		}
		read()
		for range 5 {
			w.add(t, 101, gen.ActivityTypeSendEmail, w.now.Add(-110*time.Minute)) // late
			w.add(t, 102, gen.ActivityTypeVisitWebpage, w.now.Add(time.Minute))
			w.now = w.now.Add(30 * time.Minute)
			w.sync(t, w.sim, activities())
			read()
		}
		settled := w.now.Add(-2*time.Hour - time.Second)
		want, _ := wholeChanges(t, w.sim, gen.ParamsGetLeadChanges{StartPosition: new(at(began, settled))}, nothing)
		var ids []int64
		for i := range want {
			ids = append(ids, want[i].Id.Value)
		}
		slices.Sort(ids)
		sorted := slices.Sorted(slices.Values(got))
		if diff := cmp.Diff(ids, sorted); diff != "" || len(w.port.calls) > 0 {
			t.Errorf("%v, %s", w.port.calls, diff)
		}
		w.now = w.now.Add(2 * time.Hour)
		if _, err := p.GetLeadChanges(t.Context(), &in); code(err) != fault.CodeBadStreamPosition || !strings.Contains(err.Error(), "longer ago") {
			t.Errorf("a copy that stands still: %v", err)
		}
	})
}

// Changes of leads that are named by ids, and what only the port knows.
func TestPort_changesOfSome(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string) {
		w := newWorld(t, target)
		w.sync(t, w.sim, activities())
		p := w.with(t)
		of := func(kind gen.LeadKeyRef, values ...string) gen.LeadSelector {
			return &gen.LeadKeySelector{KeyType: kind, KeyValues: &gen.ArrayOfString{StringItem: values}}
		}
		for name, test := range map[string]struct {
			selector gen.LeadSelector
			names    []string
			copied   bool
		}{
			"two":              {of(gen.LeadKeyRefIDNUM, "103", "101"), nil, true},
			"two, a type":      {of(gen.LeadKeyRefIDNUM, "103", "101"), []string{"Visit Webpage"}, true},
			"in other letters": {of(gen.LeadKeyRefIDNUM, "103", "101"), []string{"visit webpage"}, false},
			"all, a type":      {nil, []string{"Send Email"}, true},
			"an address":       {of(gen.LeadKeyRefEMAIL, "lead1@example.com"), nil, false},
			"by update":        {&gen.LastUpdateAtSelector{OldestUpdatedAt: gen.NewDateTime(began)}, nil, false},
			"unknown type":     {nil, []string{"Danced"}, false},
			"unknown lead":     {of(gen.LeadKeyRefIDNUM, "999"), nil, false},
		} {
			in := gen.ParamsGetLeadChanges{StartPosition: new(at(began, w.now.Add(-3*time.Hour))), BatchSize: gen.Some[int32](13), LeadSelector: test.selector}
			if test.names != nil {
				in.ActivityNameFilter = gen.Some(gen.ArrayOfString{StringItem: test.names})
			}
			w.port.calls = nil
			out, err := p.GetLeadChanges(t.Context(), &in)
			if (len(w.port.calls) == 0) != test.copied {
				t.Errorf("%s: %v, %+v, %v", name, w.port.calls, w.answer, err)
			}
			if !test.copied || err != nil {
				continue
			}
			in.StartPosition = out.Result.NewStartPosition
			rest, _ := wholeChanges(t, p, in, nothing)
			got := append(out.Result.LeadChangeRecordList.Value.LeadChangeRecord, rest...)
			in.StartPosition = new(at(began, w.now.Add(-3*time.Hour)))
			want, _ := wholeChanges(t, w.sim, in, nothing)
			if diff := cmp.Diff(want, got, anyOrder); diff != "" || len(want) < 20 {
				t.Errorf("%s: %d records, want %d: %.2000s", name, len(got), len(want), diff)
			}
		}
	})
}

// Files have no index: New says so, and no call is tried.
func TestNew_files(t *testing.T) {
	t.Parallel()
	s, err := filestore.Open(t.Context(), filepath.Join(t.TempDir(), "copy"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := copied.New(t.Context(), simulator.New(), s); !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "SQLite or PostgreSQL") {
		t.Error(err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, filepath.Join(t.TempDir(), "leads.db"))
	for name, opt := range map[string]copied.Option{
		"WithLookback": copied.WithLookback(-1), "WithMaxAge": copied.WithMaxAge(-1), "WithRetention": copied.WithRetention(-1), "WithClock": copied.WithClock(nil),
	} {
		if _, err := copied.New(t.Context(), w.port, w.copied, opt); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.sync(t, w.sim, activities())
	cover, err := w.with(t).Coverage(t.Context())
	if err != nil || cover[0].Until.Sub(cover[0].Settled) != leadsync.DefaultLookback {
		t.Errorf("%+v, %v: the lookback is not that of leadsync", cover, err)
	}
}

// A copy that cannot be read does not stop a call that the port can answer.
func TestPort_copyIsClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, filepath.Join(t.TempDir(), "leads.db"))
	w.sync(t, w.sim, activities())
	p, in := w.with(t, copied.WithMaxAge(time.Hour)), historyOf("101")
	if err := w.copied.Close(); err != nil {
		t.Fatal(err)
	}
	if got := whole(t, in, nothing, p); len(got) != 41 || !strings.Contains(w.answer.Reason, "cannot be read") || w.answer.Err == nil {
		t.Errorf("%d records, %+v", len(got), w.answer)
	}
}

// A copy that has changed so much between two pages that it would not begin to answer does not go on either.
func TestPort_lessBetweenPages(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, w *world){
		"fewer types": func(t *testing.T, w *world) {
			if err := leadsync.Reset(t.Context(), w.copied, leadsync.Activities, func(store.Removal) error { return nil }); err != nil {
				t.Fatal(err)
			}
			s := activities()
			s.Types = []string{"Visit Webpage", "New Lead", "Merge Leads"}
			w.sync(t, w.sim, s)
		},
		"a record that cannot be read": func(t *testing.T, w *world) {
			if err := leadsync.Reset(t.Context(), w.copied, leadsync.Activities, func(store.Removal) error { return nil }); err != nil {
				t.Fatal(err)
			}
			w.sync(t, spoilt{w.sim}, activities())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, target string) {
				w := newWorld(t, target)
				w.sync(t, w.sim, activities())
				p, history := w.with(t, copied.WithMaxAge(time.Hour)), historyOf("102")
				history.BatchSize = gen.Some[int32](8)
				out, err := p.GetLeadActivity(t.Context(), &history)
				if err != nil {
					t.Fatal(err)
				}
				history.StartPosition = gen.Some(*out.LeadActivityList.NewStartPosition)
				changes := gen.ParamsGetLeadChanges{StartPosition: new(at(began, began.Add(60*time.Hour))), BatchSize: gen.Some[int32](8)}
				page, err := p.GetLeadChanges(t.Context(), &changes)
				if err != nil || len(w.port.calls) > 0 {
					t.Fatal(err, w.port.calls)
				}
				changes.StartPosition = page.Result.NewStartPosition
				change(t, w)
				if out, err := p.GetLeadActivity(t.Context(), &history); code(err) != fault.CodeBadStreamPosition {
					t.Errorf("history: %+v, %v", out, err)
				}
				if out, err := p.GetLeadChanges(t.Context(), &changes); code(err) != fault.CodeBadStreamPosition {
					t.Errorf("changes: %+v, %v", out, err)
				}
			})
		})
	}
}
