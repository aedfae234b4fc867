package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// record returns an activity in the second minute with id 5, so that all records of this function compete for the
// same row: ids alone are not unique.
func record(lead int64, asset, guid string) store.ActivityRow {
	return store.NewActivityRow(operations.Activity{
		ID: 5, HasID: true, GUID: guid, LeadID: lead, Time: at(1), Type: "Visit Webpage", AssetName: asset,
	}, 0)
}

// keyless returns such an activity without an id. Its key is made from its content, and n tells it from equal records
// before it.
func keyless(lead int64, asset, guid string, n int) store.ActivityRow {
	a := record(lead, asset, guid).Activity
	a.ID, a.HasID = 0, false
	return store.NewActivityRow(a, n)
}

// merged returns such an activity whose history shows that another lead was merged into its lead, so that it may be a
// record which the copy has under that other lead.
func merged(lead int64, asset, guid string, into int64) store.ActivityRow {
	row := record(lead, asset, guid)
	row.Merged = []int64{7, into}
	return row
}

type rows = []store.ActivityRow

// step is a commit and what the copy has to be afterwards.
type step struct {
	rows                    rows
	more                    bool // the next step goes on in the same pass, and so knows these rows
	inserted, updated, late int64
	want                    []string // lead, asset and GUID of all rows of the copy
}

// identityTests are commits one after the other that bring the same records in other forms: under another lead after
// a merge, with another asset name, with a GUID or without. After each the copy must have neither lost a row nor
// gained a duplicate. Tests whose names begin with "history" are of the stream LeadActivity, which reads lead by lead
// and therefore has to be more careful: the same id under another lead is usually another record.
var identityTests = []struct {
	name   string
	stream store.StreamName
	fresh  int // minute
	steps  []step
}{
	{name: "a lead is merged", steps: []step{
		{rows: rows{record(1, "a", "")}, inserted: 1, want: []string{"1 a "}},
		{rows: rows{record(2, "a", "")}, updated: 1, want: []string{"2 a "}},
		{rows: rows{record(2, "a", "")}, want: []string{"2 a "}},
	}},
	{name: "an asset gets another name", steps: []step{
		{rows: rows{record(1, "a", "")}, inserted: 1, want: []string{"1 a "}},
		{rows: rows{record(1, "b", "")}, updated: 1, want: []string{"1 b "}},
	}},
	{name: "one id in one commit", steps: []step{
		{rows: rows{record(1, "a", ""), record(2, "b", ""), record(1, "a", "")}, inserted: 2, want: []string{"1 a ", "2 b "}},
		{rows: rows{record(2, "b", ""), record(1, "a", "")}, want: []string{"1 a ", "2 b "}},
		{rows: rows{record(2, "b", "")}, want: []string{"1 a ", "2 b "}},
		{rows: rows{record(3, "c", ""), record(2, "b", ""), record(1, "a", "")}, inserted: 1, want: []string{"1 a ", "2 b ", "3 c "}},
		{rows: rows{record(4, "c", ""), record(2, "d", ""), record(1, "a", "")}, updated: 2, want: []string{"1 a ", "2 d ", "4 c "}},
		{rows: rows{record(1, "a", ""), record(4, "c", ""), record(2, "d", "")}, want: []string{"1 a ", "2 d ", "4 c "}},
	}},
	{name: "the same lead is taken over first", steps: []step{
		{rows: rows{record(1, "a", ""), record(2, "b", "")}, inserted: 2, want: []string{"1 a ", "2 b "}},
		{rows: rows{record(2, "c", ""), record(3, "a", "")}, updated: 2, want: []string{"2 c ", "3 a "}},
		{rows: rows{record(2, "e", "")}, updated: 1, want: []string{"2 e ", "3 a "}},
	}},
	{name: "one id in two commits", steps: []step{
		{rows: rows{record(1, "a", "")}, more: true, inserted: 1, want: []string{"1 a "}},
		{rows: rows{record(2, "b", "")}, more: true, inserted: 1, want: []string{"1 a ", "2 b "}},
		{rows: rows{record(2, "b", ""), record(3, "c", "")}, inserted: 1, want: []string{"1 a ", "2 b ", "3 c "}},
		{rows: rows{record(2, "b", "")}, more: true, want: []string{"1 a ", "2 b ", "3 c "}},
		{rows: rows{record(3, "c", "")}, more: true, want: []string{"1 a ", "2 b ", "3 c "}},
		{rows: rows{record(4, "a", "")}, updated: 1, want: []string{"2 b ", "3 c ", "4 a "}},
	}},
	{name: "other times and types are other records", steps: []step{
		{rows: rows{activity(1, "", "x"), record(1001, "a", "")}, inserted: 2, want: []string{"1001 a ", "1001 example.com/pricing "}},
		{rows: rows{activity(2, "", "x")}, inserted: 1, want: []string{"1001 a ", "1001 example.com/pricing ", "1002 example.com/pricing "}},
	}},
	{name: "a row found again is not late", fresh: 30, steps: []step{
		{rows: rows{record(1, "a", ""), record(2, "b", "")}, inserted: 2, late: 2, want: []string{"1 a ", "2 b "}},
		{rows: rows{record(1, "c", ""), record(2, "d", ""), record(3, "e", "")}, inserted: 1, updated: 2, late: 1, want: []string{"1 c ", "2 d ", "3 e "}},
		{rows: rows{record(1, "c", "g")}, updated: 1, want: []string{"1 c g", "2 d ", "3 e "}},
	}},
	{name: "history: another lead is another row", stream: store.LeadActivity, steps: []step{
		{rows: rows{record(1, "a", "")}, inserted: 1, want: []string{"1 a "}},
		{rows: rows{record(2, "a", "")}, inserted: 1, want: []string{"1 a ", "2 a "}},
		{rows: rows{record(1, "a", ""), record(2, "a", "")}, want: []string{"1 a ", "2 a "}},
		{rows: rows{record(2, "b", "")}, updated: 1, want: []string{"1 a ", "2 b "}},
		{rows: rows{record(1, "b", "")}, updated: 1, want: []string{"1 b ", "2 b "}},
	}},
	{name: "history: a merge that it tells", stream: store.LeadActivity, steps: []step{
		{rows: rows{record(1, "a", ""), record(3, "b", "")}, inserted: 2, want: []string{"1 a ", "3 b "}},
		{rows: rows{merged(2, "a", "", 1)}, updated: 1, want: []string{"2 a ", "3 b "}},
		{rows: rows{merged(2, "a", "", 1)}, want: []string{"2 a ", "3 b "}},
		{rows: rows{record(2, "a", ""), record(2, "b", "")}, inserted: 1, want: []string{"2 a ", "2 b ", "3 b "}},
	}},
	{name: "GUIDs", steps: []step{
		{rows: rows{record(1, "a", "g1"), record(1, "a", "g2")}, inserted: 2, want: []string{"1 a g1", "1 a g2"}},
		{rows: rows{record(2, "b", "g1")}, updated: 1, want: []string{"1 a g2", "2 b g1"}},
		{rows: rows{keyless(2, "b", "g1", 0)}, want: []string{"1 a g2", "2 b g1"}},
	}},
	{name: "to GUIDs and back", steps: []step{
		{rows: rows{record(1, "a", ""), record(2, "b", ""), keyless(3, "c", "", 0), keyless(3, "c", "", 1), activity(9, "", "")}, inserted: 5,
			want: []string{"1 a ", "1009 example.com/pricing ", "2 b ", "3 c ", "3 c "}},
		{rows: rows{record(2, "b", "g2"), record(1, "a", "g1"), keyless(3, "c", "g3", 0), keyless(3, "c", "g4", 0)}, updated: 4,
			want: []string{"1 a g1", "1009 example.com/pricing ", "2 b g2", "3 c g3", "3 c g4"}},
		{rows: rows{record(2, "b", "g2"), record(1, "a", "g1"), keyless(3, "c", "g3", 0), keyless(3, "c", "g4", 0)},
			want: []string{"1 a g1", "1009 example.com/pricing ", "2 b g2", "3 c g3", "3 c g4"}},
		{rows: rows{record(1, "a", ""), record(2, "b", ""), keyless(3, "c", "", 0), keyless(3, "c", "", 1)},
			want: []string{"1 a g1", "1009 example.com/pricing ", "2 b g2", "3 c g3", "3 c g4"}},
		{rows: rows{record(1, "n", ""), record(2, "b", ""), keyless(3, "c", "", 2), record(8, "new", "")}, inserted: 2, updated: 1,
			want: []string{"1 n g1", "1009 example.com/pricing ", "2 b g2", "3 c ", "3 c g3", "3 c g4", "8 new "}},
		{rows: rows{record(1, "n", "g1"), record(9, "new", "g8"), activity(9, "g9", "")}, updated: 2,
			want: []string{"1 n g1", "1009 example.com/pricing g9", "2 b g2", "3 c ", "3 c g3", "3 c g4", "9 new g8"}},
	}},
	{name: "to GUIDs, when the copy has them already", steps: []step{
		{rows: rows{record(1, "a", "g1"), keyless(3, "c", "g3", 0)}, inserted: 2, want: []string{"1 a g1", "3 c g3"}},
		{rows: rows{record(1, "a", ""), keyless(3, "c", "", 0)}, want: []string{"1 a g1", "3 c g3"}},
		{rows: rows{record(2, "b", ""), record(1, "a", ""), keyless(3, "c", "", 1)}, inserted: 2, want: []string{"1 a g1", "2 b ", "3 c ", "3 c g3"}},
		{rows: rows{record(4, "d", "g4"), record(2, "b", "g2"), keyless(3, "c", "g5", 0), keyless(3, "c", "g3", 0)}, inserted: 1, updated: 2,
			want: []string{"1 a g1", "2 b g2", "3 c g3", "3 c g5", "4 d g4"}},
		{rows: rows{record(6, "a", "g1")}, updated: 1, want: []string{"2 b g2", "3 c g3", "3 c g5", "4 d g4", "6 a g1"}},
	}},
	{name: "to GUIDs, with changes, over a border", steps: []step{
		{rows: rows{record(1, "a", ""), record(2, "b", "")}, inserted: 2, want: []string{"1 a ", "2 b "}},
		{rows: rows{record(1, "c", "g1")}, more: true, updated: 1, want: []string{"1 c g1", "2 b "}},
		{rows: rows{record(3, "b", "g2")}, updated: 1, want: []string{"1 c g1", "3 b g2"}},
		{rows: rows{record(1, "c", "")}, more: true, want: []string{"1 c g1", "3 b g2"}},
		{rows: rows{record(4, "b", "")}, updated: 1, want: []string{"1 c g1", "4 b g2"}},
	}},
	{name: "to GUIDs, with ids that come and go", steps: []step{
		{rows: rows{record(1, "a", ""), keyless(2, "b", "", 0), record(3, "c", ""), keyless(4, "d", "", 0), activity(9, "", "")}, inserted: 5,
			want: []string{"1 a ", "1009 example.com/pricing ", "2 b ", "3 c ", "4 d "}},
		{rows: rows{keyless(1, "a", "g1", 0), record(2, "n", "g2"), keyless(3, "n", "g3", 0), keyless(4, "n", "g4", 0), keyless(5, "d", "g5", 0)}, inserted: 1, updated: 4,
			want: []string{"1 a g1", "1009 example.com/pricing ", "2 n g2", "3 n g3", "4 n g4", "5 d g5"}},
		{rows: rows{keyless(1, "a", "g1", 0), record(2, "n", "g2"), keyless(3, "n", "g3", 0), keyless(4, "n", "g4", 0), keyless(5, "d", "g5", 0)},
			want: []string{"1 a g1", "1009 example.com/pricing ", "2 n g2", "3 n g3", "4 n g4", "5 d g5"}},
	}},
	{name: "history: to GUIDs", stream: store.LeadActivity, steps: []step{
		{rows: rows{record(1, "a", "")}, inserted: 1, want: []string{"1 a "}},
		{rows: rows{record(2, "a", "g2")}, inserted: 1, want: []string{"1 a ", "2 a g2"}},
		{rows: rows{merged(2, "a", "g1", 1)}, updated: 1, want: []string{"2 a g1", "2 a g2"}},
		{rows: rows{record(3, "a", "")}, inserted: 1, want: []string{"2 a g1", "2 a g2", "3 a "}},
		{rows: rows{record(3, "a", "g2")}, updated: 1, want: []string{"2 a g1", "3 a ", "3 a g2"}},
	}},
	{name: "odd GUIDs", steps: []step{
		{rows: rows{record(1, "a", ""), record(1, "a", "id:5:1772953260:Visit Webpage")}, inserted: 2,
			want: []string{"1 a ", "1 a id:5:1772953260:Visit Webpage"}},
	}},
}

// identityTest makes the commits of a test. If reopen is set it closes and opens the copy after each, which shows
// whether a store keeps something in memory only.
func identityTest(t *testing.T, b *bundle, name store.StreamName, fresh int, steps []step, reopen bool) {
	window := hours(1)
	window[0].Fresh = at(fresh)
	st := stream
	if name != "" {
		st = store.Stream{Name: name}
	}
	_, made := b.planned(st, window...)
	w := b.begun(made[0].ID)
	tail := &store.Tail{}
	for i, s := range steps {
		for _, row := range s.rows {
			if row.GUID == "" && row.HasID {
				tail.Add(row.Key, row.Digest)
			}
		}
		c := store.Commit{Fence: w.Fence(), Activities: s.rows}
		if s.more {
			c.Position = positionAt("x", tail)
		} else {
			tail = &store.Tail{}
		}
		counts, err := b.s.Commit(b.ctx, c)
		b.must(err)
		expect(t, fmt.Sprint("step ", i), counts, s.inserted, s.updated, s.late)
		var got []string
		for _, row := range b.rows() {
			got = append(got, fmt.Sprint(row.LeadID, " ", row.AssetName, " ", row.GUID))
		}
		slices.Sort(got)
		if diff := cmp.Diff(s.want, got); diff != "" {
			t.Errorf("step %d: rows (-want +got):\n%s", i, diff)
		}
		if reopen {
			b.s = b.reopen()
			w = b.begun(w.ID)
		}
	}
}

// manyRecords has several workers write the same records at once, each in its own order and in commits of its own
// size. Whoever comes first inserts a row; the others have to find it.
func manyRecords(t *testing.T, b *bundle, guids func(worker int) bool) {
	_, made := b.planned(stream, hours(6)...)
	for i := range made {
		made[i] = b.begun(made[i].ID)
	}
	err := together(len(made), func(i int) error {
		var all rows
		for n := range 120 {
			a := record(int64(n), "asset", "").Activity
			a.ID, a.Time = int64(n/3), at(n/3) // three share an id
			if guids(i) {
				a.GUID = fmt.Sprint("g", n)
			}
			all = append(all, store.NewActivityRow(a, 0))
		}
		if i%2 == 1 {
			slices.Reverse(all)
		}
		tail := &store.Tail{}
		for some := range slices.Chunk(all, 20+i) {
			for _, row := range some {
				if row.GUID == "" {
					tail.Add(row.Key, row.Digest)
				}
			}
			c := store.Commit{Fence: made[i].Fence(), Activities: some, Position: positionAt("x", tail)}
			if _, err := b.s.Commit(b.ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	b.must(err)
	leads := map[int64]bool{}
	for _, row := range b.rows() {
		leads[row.LeadID] = true
	}
	if len(leads) != 120 || len(b.rows()) != 120 {
		t.Errorf("%d rows of %d leads; want 120 of 120", len(b.rows()), len(leads))
	}
}

// identityGroup has the tests of identityTests, each with and without reopening, and those with several workers.
var identityGroup = func() map[string]func(*testing.T, *bundle) {
	tests := map[string]func(*testing.T, *bundle){
		"identity: the same ids from several at once": func(t *testing.T, b *bundle) {
			manyRecords(t, b, func(int) bool { return false })
		},
		"identity: with GUIDs and without from several at once": func(t *testing.T, b *bundle) {
			manyRecords(t, b, func(worker int) bool { return worker%3 == 0 })
		},
		"identity: many that have changed in one second": func(t *testing.T, b *bundle) {
			w := b.open()
			var all rows
			for n := range 3000 {
				a := record(1, "before", "").Activity
				a.ID = int64(n)
				all = append(all, store.NewActivityRow(a, 0))
			}
			expect(t, "first", b.commit(&w, all...), 3000, 0, 0)
			for i := range all {
				a := all[i].Activity
				a.AssetName = "after"
				all[i] = store.NewActivityRow(a, 0)
			}
			expect(t, "second", b.commit(&w, all...), 0, 3000, 0)
		},
	}
	for _, c := range identityTests {
		for name, reopen := range map[string]bool{"": false, ", reopened": true} {
			tests["identity: "+c.name+name] = func(t *testing.T, b *bundle) {
				identityTest(t, b, c.stream, c.fresh, c.steps, reopen)
			}
		}
	}
	return tests
}()
