package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// mergeStep is a commit and what the copy is to have then: lead, asset and GUID of all rows.
type mergeStep struct {
	history bool // it is of LeadActivity, else of Activities
	rows    rows
	gone    []int64
	want    string
}

// tells makes rows of a history which tells that a lead was merged into the one of each.
func tells(loser int64, all ...store.ActivityRow) rows {
	for i := range all {
		all[i].Merged = []int64{all[i].LeadID, loser} // a history that names the winner too does no harm
	}
	return all
}

// mergeTests are of the lead 1, which was merged into the lead 2, unless the name says something else. Each is made
// with a copy that has no leads, with one that has, and so remembers which are gone, and with one that is closed in between.
var mergeTests = map[string][]mergeStep{
	"the loser's row first": {
		{history: true, rows: rows{record(1, "a", "")}, want: "1 a"},
		{history: true, rows: rows{record(2, "a", "")}, want: "1 a, 2 a"}, // nobody knows yet
		{gone: []int64{1}, want: "2 a"},
		{rows: rows{record(2, "a", "")}, want: "2 a"},
	},
	"the winner's row first": {
		{rows: rows{record(2, "a", "")}, want: "2 a"},
		{history: true, rows: rows{record(1, "a", "")}, want: "1 a, 2 a"},
		{history: true, gone: []int64{1}, want: "2 a"},
		{history: true, rows: rows{record(2, "a", "")}, want: "2 a"},
	},
	"in one commit": {
		{history: true, rows: rows{record(1, "a", ""), record(2, "a", "")}, want: "1 a, 2 a"},
		{history: true, gone: []int64{1}, want: "2 a"},
	},
	"in one commit, turned": {
		{history: true, rows: rows{record(2, "a", ""), record(1, "a", "")}, want: "1 a, 2 a"},
		{history: true, gone: []int64{1}, want: "2 a"},
	},
	"in the commit that knows": {
		{history: true, rows: rows{record(1, "a", ""), record(2, "a", "")}, gone: []int64{1}, want: "2 a"},
	},
	"the winner's row in the commit that knows": {
		{history: true, rows: rows{record(1, "a", "")}, want: "1 a"},
		{history: true, rows: rows{record(2, "a", "")}, gone: []int64{1}, want: "2 a"},
	},
	"the loser's row in the commit that knows": {
		{rows: rows{record(2, "a", "")}, want: "2 a"},
		{history: true, rows: rows{record(1, "a", "")}, gone: []int64{1}, want: "2 a"},
	},
	"changes do not bring it back": {
		{rows: rows{record(2, "a", "")}, gone: []int64{1}, want: "2 a"},
		{rows: rows{record(1, "a", "")}, gone: []int64{1}, want: "2 a"},
	},
	"the history tells": {
		{history: true, rows: rows{record(1, "a", "")}, want: "1 a"},
		{history: true, rows: tells(1, record(2, "a", "")), want: "2 a"},
		{history: true, rows: rows{record(1, "a", "")}, want: "1 a, 2 a"},
		{history: true, rows: tells(1, record(2, "a", "")), want: "2 a"},
	},
	"the history tells, in one commit": {
		{history: true, rows: append(rows{record(1, "a", "")}, tells(1, record(2, "a", ""))...), want: "2 a"},
		{history: true, rows: append(tells(1, record(2, "a", "")), record(1, "a", "")), want: "2 a"},
	},
	"it says something else since": {
		{history: true, rows: rows{record(1, "a", "")}, want: "1 a"},
		{history: true, rows: tells(1, record(2, "b", "")), want: "2 b"},
	},
	"it says something else since, the winner's row first": {
		{history: true, rows: tells(1, record(2, "b", "")), want: "2 b"},
		{history: true, rows: rows{record(1, "a", "")}, want: "1 a, 2 b"},
		{history: true, rows: tells(1, record(2, "b", "")), want: "2 b"},
	},
	"it says something else since, in one commit": {
		{history: true, rows: append(tells(1, record(2, "b", "")), record(1, "a", "")), want: "2 b"},
	},
	"one of several records": {
		{history: true, rows: rows{record(1, "a", ""), record(1, "b", ""), record(2, "c", "")}, want: "1 a, 1 b, 2 c"},
		{history: true, rows: rows{record(2, "a", "")}, want: "1 a, 1 b, 2 a"},
		{gone: []int64{1}, want: "1 b, 2 a"},
		{rows: rows{record(2, "b", ""), record(2, "c", ""), record(2, "a", "")}, want: "2 a, 2 b, 2 c"},
	},
	"the same content before the same lead": {
		{history: true, rows: rows{record(1, "a", ""), record(2, "b", "")}, want: "1 a, 2 b"},
		{history: true, rows: rows{record(2, "a", "")}, gone: []int64{1}, want: "2 a, 2 b"},
	},
	"the winner is merged, too": {
		{history: true, rows: rows{record(1, "a", ""), record(2, "a", "")}, want: "1 a, 2 a"},
		{history: true, gone: []int64{1, 2}, want: "2 a"}, // one of them stays until the third is read
		{history: true, rows: rows{record(1, "a", "")}, gone: []int64{1}, want: "2 a"},
		{history: true, rows: rows{record(3, "a", "")}, gone: []int64{2}, want: "3 a"},
	},
	"with a GUID since": {
		{rows: rows{record(2, "a", "")}, want: "2 a"},
		{history: true, rows: rows{record(1, "a", "")}, want: "1 a, 2 a"},
		{rows: rows{record(2, "a", "g")}, want: "1 a, 2 a g"},
		{gone: []int64{1}, want: "2 a g"},
		{history: true, rows: rows{record(1, "a", "")}, gone: []int64{1}, want: "2 a g"},
	},
	"keyless": {
		{history: true, rows: rows{keyless(1, "c", "", 0), keyless(2, "c", "", 0)}, want: "1 c, 2 c"},
		{history: true, rows: tells(1, keyless(2, "c", "", 0), keyless(2, "c", "", 1)), want: "2 c, 2 c"},
		{history: true, rows: rows{keyless(1, "c", "", 0)}, want: "1 c, 2 c, 2 c"},
		{history: true, rows: tells(1, keyless(2, "c", "", 0), keyless(2, "c", "", 1)), want: "2 c, 2 c"},
	},
	"keyless, in one commit": {
		{history: true, rows: append(rows{keyless(1, "c", "", 0)}, tells(1, keyless(2, "c", "", 0))...), want: "2 c"},
		{history: true, rows: append(tells(1, keyless(2, "c", "", 0)), keyless(1, "c", "", 0)), want: "2 c"},
	},

	"not: none of them is gone": {
		{history: true, rows: rows{record(1, "a", ""), record(2, "a", "")}, want: "1 a, 2 a"},
		{gone: []int64{3}, want: "1 a, 2 a"},
	},
	"not: nobody else has the record": {
		{history: true, rows: rows{record(1, "a", ""), record(2, "b", ""), activity(2, "", "")}, want: "1 a, 1002 example.com/pricing, 2 b"},
		{gone: []int64{1, 1002}, want: "1 a, 1002 example.com/pricing, 2 b"},
	},
	"not: another time and another type": {
		{history: true, rows: rows{record(1, "a", ""), another(2, "a", 2, ""), another(2, "a", 1, "Click Link")}, want: "1 a, 2 a, 2 a"},
		{gone: []int64{1}, want: "1 a, 2 a, 2 a"},
	},
	"not: they have GUIDs": {
		{history: true, rows: rows{record(1, "a", "g1"), record(2, "a", "g2")}, want: "1 a g1, 2 a g2"},
		{gone: []int64{1}, want: "1 a g1, 2 a g2"},
		{history: true, rows: tells(1, record(2, "a", "g2")), want: "1 a g1, 2 a g2"},
	},
	"not: keyless ones that nobody has read anew": {
		{history: true, rows: rows{keyless(1, "c", "", 0), keyless(2, "c", "", 0)}, want: "1 c, 2 c"},
		{history: true, gone: []int64{1}, want: "1 c, 2 c"},
	},
	"not: the history of a third lead": {
		{history: true, rows: rows{record(1, "a", ""), record(2, "a", "")}, want: "1 a, 2 a"},
		{history: true, rows: tells(4, record(2, "a", ""), record(3, "a", "")), want: "1 a, 2 a, 3 a"},
		{history: true, rows: tells(1, another(2, "a", 2, "")), want: "1 a, 2 a, 2 a, 3 a"},
	},
}

// another is record with another time or type.
func another(lead int64, asset string, minute int, kind string) store.ActivityRow {
	a := record(lead, asset, "").Activity
	a.Time = at(minute)
	if kind != "" {
		a.Type = kind
	}
	return store.NewActivityRow(a, 0)
}

// texts are lead, asset and GUID of all rows.
func (b *bundle) texts() string {
	b.t.Helper()
	var all []string
	for _, row := range b.rows() {
		all = append(all, strings.TrimSpace(fmt.Sprint(row.LeadID, " ", row.AssetName, " ", row.GUID)))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// repeating is a row with the attribute that repeats its lead.
func repeating(row store.ActivityRow) store.ActivityRow {
	a := row.Activity
	a.Attributes = operations.Attributes{{Name: "Other", Value: "1"}, {Name: "Lead ID", Value: fmt.Sprint(a.LeadID)}}
	n := 0
	if !a.HasID && a.GUID == "" {
		fmt.Sscan(row.Key[strings.LastIndexByte(row.Key, ':')+1:], &n)
	}
	repeats := store.NewActivityRow(a, n)
	repeats.Merged = row.Merged
	return repeats
}

func mergeTest(t *testing.T, b *bundle, steps []mergeStep, leads, repeats, reopen bool) {
	_, changes := b.planned(stream, hours(1)...)
	_, histories := b.planned(store.Stream{Name: store.LeadActivity}, hours(1)...)
	windows := map[bool]store.Window{false: b.claimed(changes[0].ID, "a"), true: b.claimed(histories[0].ID, "a")}
	commit := func(history bool, c store.Commit) store.Counts {
		w := windows[history]
		return b.put(&w, c)
	}
	if leads {
		commit(false, store.Commit{Leads: []store.LeadRow{lead(1, ""), lead(2, ""), lead(3, "")}})
	}
	for i, s := range steps {
		if repeats {
			s.rows = slices.Clone(s.rows)
			for i := range s.rows {
				s.rows[i] = repeating(s.rows[i])
			}
		}
		c := store.Commit{Activities: s.rows, Gone: s.gone}
		commit(s.history, c)
		if diff := cmp.Diff(s.want, b.texts()); diff != "" {
			t.Fatalf("step %d: rows (-want +got):\n%s", i, diff)
		}
		c.Activities = slices.DeleteFunc(slices.Clone(c.Activities), func(row store.ActivityRow) bool { return slices.Contains(c.Gone, row.LeadID) })
		if got := commit(s.history, c); leads && !outdated(s.rows) && got != (store.Counts{}) {
			t.Errorf("step %d once more: counted %+v", i, got)
		}
		if diff := cmp.Diff(s.want, b.texts()); diff != "" {
			t.Fatalf("step %d once more: rows (-want +got):\n%s", i, diff)
		}
		if reopen {
			b.dies("a")
			b.s = b.reopen()
			for history, w := range windows {
				windows[history] = b.claimed(w.ID, "a")
			}
		}
	}
}

// outdated reports whether rows were read before and after a merge.
func outdated(all rows) bool {
	return slices.ContainsFunc(all, func(row store.ActivityRow) bool {
		return slices.ContainsFunc(all, func(other store.ActivityRow) bool {
			return row.LeadID != other.LeadID && slices.Contains(row.Merged, other.LeadID)
		})
	})
}

// manyMerges has workers write what they read of leads before and after merges, while others find the leads gone.
func manyMerges(t *testing.T, b *bundle) {
	const losers, each, winner = 12, 5, 100
	read := func(lead, loser int64) rows {
		var all rows
		for n := range int64(each) {
			a := record(lead, "a", "").Activity
			a.ID = loser*each + n
			all = append(all, store.NewActivityRow(a, 0))
		}
		return all
	}
	_, windows := b.planned(stream, hours(4)...)
	_, histories := b.planned(store.Stream{Name: store.LeadActivity}, hours(losers)...)
	for _, w := range append(histories, windows...) {
		b.claimed(w.ID, "a")
	}
	var ids []store.LeadRow
	for i := range int64(losers) {
		ids = append(ids, lead(1+i, ""))
	}
	commit := func(w *store.Window, c store.Commit) error {
		c.Claim = store.Claim{Window: w.ID, Epoch: w.Epoch + 1, Worker: "a"}
		_, err := b.s.Commit(b.ctx, c)
		return err
	}
	b.must(commit(&windows[0], store.Commit{Leads: ids}))
	b.must(together(losers+len(windows), func(i int) error {
		if i < losers {
			return commit(&histories[i], store.Commit{Activities: read(int64(1+i), int64(1+i))})
		}
		for n := range losers {
			loser := int64(1 + (n+3*i)%losers)
			c := store.Commit{Gone: []int64{loser}}
			if i%2 == 0 {
				c = store.Commit{Activities: read(winner, loser)}
			}
			if err := commit(&windows[i-losers], c); err != nil {
				return err
			}
		}
		return nil
	}))
	all := b.rows()
	for _, row := range all {
		if row.LeadID != winner {
			t.Errorf("there is a row of the lead %d", row.LeadID)
		}
	}
	if len(all) != losers*each {
		t.Errorf("there are %d rows, want %d", len(all), losers*each)
	}
}

var mergeGroup = func() map[string]func(*testing.T, *bundle) {
	tests := map[string]func(*testing.T, *bundle){
		"merge: read, merged and found gone at once": manyMerges,
		"merge: many rows of leads that are gone": func(t *testing.T, b *bundle) {
			w := b.open()
			var before, after rows
			var gone []int64
			for n := range int64(1200) {
				a := record(n, "a", "").Activity
				a.ID = n / 2 // two have one in common
				gone = append(gone, n)
				before = append(before, store.NewActivityRow(a, 0))
				a.LeadID = 5000 + n
				after = append(after, store.NewActivityRow(a, 0))
			}
			b.commit(&w, append(before, after...)...)
			b.put(&w, store.Commit{Gone: gone})
			for _, row := range b.rows() {
				if row.LeadID < 5000 {
					t.Fatalf("there is a row of the lead %d", row.LeadID)
				}
			}
			if n := len(b.rows()); n != len(after) {
				t.Errorf("there are %d rows, want %d", n, len(after))
			}
		},
		"merge: a row that is dropped is not late twice, and comes back as a new one": func(t *testing.T, b *bundle) {
			_, made := b.planned(store.Stream{Name: store.LeadActivity}, hours(1)...)
			w := b.claimed(made[0].ID, "a")
			expect(t, "both", b.commit(&w, record(2, "a", ""), record(1, "a", "")), 2, 0, 0)
			b.put(&w, store.Commit{Gone: []int64{1}})
			if st := b.status(); st.Activities != 1 || st.Streams[0].Counts.Inserted != 2 {
				t.Errorf("%d rows, %+v", st.Activities, st.Streams[0].Counts)
			}
			expect(t, "the winner's", b.commit(&w, record(2, "a", "")), 0, 0, 0)
			expect(t, "the loser's, since it is there again", b.commit(&w, record(1, "a", "")), 1, 0, 0)
			expect(t, "another", b.commit(&w, record(3, "b", "")), 1, 0, 0)
		},
	}
	for name, steps := range mergeTests {
		for i, variant := range []string{"", ", with leads", ", with leads, reopened"} {
			tests["merge: "+name+variant] = func(t *testing.T, b *bundle) {
				mergeTest(t, b, steps, i > 0, i == 1, i > 1)
			}
		}
	}
	return tests
}()
