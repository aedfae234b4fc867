package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// put makes a commit in a window.
func (b *bundle) put(w *store.Window, c store.Commit) store.Counts {
	b.t.Helper()
	c.Fence = w.Fence()
	counts, err := b.s.Commit(b.ctx, c)
	b.must(err)
	return counts
}

// gone returns the ids of the leads that are marked as gone, sorted, and checks that they were marked just now.
func (b *bundle) gone() []int64 {
	b.t.Helper()
	var ids []int64
	for id, row := range b.leads() {
		if !row.GoneAt.IsZero() {
			ids = append(ids, id)
			if d := time.Since(row.GoneAt); d < -time.Minute || d > time.Hour {
				b.t.Errorf("lead %d is gone since %s", id, row.GoneAt)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// goneTests are about leads and activities that the service no longer has. Leads are marked and kept; activities are
// removed.
var goneTests = map[string]func(*testing.T, *bundle){
	"gone: leads are marked once, and unmarked when they come back": func(t *testing.T, b *bundle) {
		w := b.open()
		b.put(&w, store.Commit{Leads: []store.LeadRow{lead(7, "a@example.com"), lead(8, ""), lead(9, "")}})
		for i, want := range []int64{2, 0} { // 99 is not there
			if got := b.put(&w, store.Commit{Gone: []int64{8, 7, 99, 7}}); got.Gone != want {
				t.Errorf("commit %d: %d were marked, want %d", i, got.Gone, want)
			}
		}
		if got := b.gone(); !slices.Equal(got, []int64{7, 8}) || b.leads()[7].Email != "a@example.com" {
			t.Errorf("gone are %v, lead 7 is %+v", got, b.leads()[7])
		}
		st := b.status()
		if st.Leads != 3 || st.Gone != 2 || st.Streams[0].Counts.Gone != 2 {
			t.Errorf("%d leads, %d gone, %d counted", st.Leads, st.Gone, st.Streams[0].Counts.Gone)
		}
		expect(t, "the same again", b.put(&w, store.Commit{Leads: []store.LeadRow{lead(7, "a@example.com"), lead(9, "")}}), 0, 1, 0)
		expect(t, "and changed", b.put(&w, store.Commit{Leads: []store.LeadRow{lead(8, "b@example.com")}}), 0, 1, 0)
		if got := b.gone(); len(got) > 0 || b.status().Gone != 0 {
			t.Errorf("gone are %v", got)
		}
		b.put(&w, store.Commit{Leads: []store.LeadRow{lead(10, "")}, Gone: []int64{10, 7}})
		b.s = b.reopen()
		if got := b.gone(); !slices.Equal(got, []int64{7, 10}) {
			t.Errorf("gone are %v", got)
		}
	},
	"gone: rows of leads that are not trusted are written": func(t *testing.T, b *bundle) {
		w := b.open()
		rows := []store.LeadRow{lead(7, "a@example.com"), lead(8, "")}
		b.put(&w, store.Commit{Leads: rows})
		expect(t, "one of them", b.put(&w, store.Commit{Leads: rows, Rewrite: []int64{8, 9}}), 0, 1, 0)
		expect(t, "none", b.put(&w, store.Commit{Leads: rows}), 0, 0, 0)
	},
	"gone: leads that are there": func(t *testing.T, b *bundle) {
		w := b.open()
		b.put(&w, store.Commit{
			Leads: []store.LeadRow{lead(7, ""), lead(8, ""), lead(9, "")}, Gone: []int64{8},
			Activities: []store.ActivityRow{activity(1, "g1", "")},
		})
		got, err := b.s.PresentLeads(b.ctx, []int64{9, 8, 99, 7, 1001})
		b.must(err)
		if !slices.Equal(got, []int64{7, 9}) {
			t.Errorf("there are %v", got)
		}
		got, err = b.s.PresentLeads(b.ctx, nil)
		b.must(err)
		if len(got) > 0 {
			t.Errorf("of none there are %v", got)
		}
		var ids []int64
		for id, err := range b.s.LeadIDs(b.ctx) {
			b.must(err)
			ids = append(ids, id)
		}
		if want := []int64{7, 9, 1001}; !slices.Equal(ids, want) {
			t.Errorf("the ids are %v, want %v", ids, want)
		}
	},
	"gone: many leads and rows at once": func(t *testing.T, b *bundle) {
		w := b.open()
		var c store.Commit
		for i := range 2500 {
			c.Leads = append(c.Leads, lead(int64(i+1), ""))
			c.Gone = append(c.Gone, int64(i+1))
			row := activity(1, time.Duration(i).String(), string(rune('a'+i%20)))
			c.Activities, c.Removed = append(c.Activities, row), append(c.Removed, row.Key)
		}
		c.Gone, c.Removed = c.Gone[:2400], c.Removed[:2400]
		if got := b.put(&w, c); got.Gone != 2400 || got.Inserted != 5000 {
			t.Errorf("%+v", got)
		}
		if st := b.status(); st.Gone != 2400 || st.Activities != 100 || len(b.rows()) != 100 {
			t.Errorf("%d gone, %d activities", st.Gone, st.Activities)
		}
		there, err := b.s.PresentLeads(b.ctx, c.Gone)
		b.must(err)
		if len(there) > 0 {
			t.Errorf("%d are there", len(there))
		}
	},
	"gone: activities are removed, and come back as new ones": func(t *testing.T, b *bundle) {
		w := b.open()
		b.commit(&w, activity(1, "g1", ""), activity(2, "g2", ""), activity(3, "g3", ""))
		b.commit(&w, activity(2, "g2", "changed"))
		b.put(&w, store.Commit{Removed: []string{"g2", "g1", "g9"}})
		if rows := b.rows(); len(rows) != 1 || rows["g3"].LeadID != 1003 || b.status().Activities != 1 {
			t.Errorf("there are %v", rows)
		}
		b.put(&w, store.Commit{Removed: []string{"g2"}})
		expect(t, "again", b.commit(&w, activity(1, "g1", ""), activity(3, "g3", "")), 1, 0, 0)
		b.s = b.reopen()
		if rows := b.rows(); len(rows) != 2 || rows["g1"].LeadID != 1001 {
			t.Errorf("there are %v", rows)
		}
	},
	"gone: nothing without the claim": func(t *testing.T, b *bundle) {
		w := b.open()
		b.put(&w, store.Commit{Activities: []store.ActivityRow{activity(1, "g1", "")}, Leads: []store.LeadRow{lead(7, "")}})
		lost := w.Fence()
		lost.Epoch--
		_, err := b.s.Commit(b.ctx, store.Commit{Fence: lost, Gone: []int64{7}, Removed: []string{"g1"}, Problems: []store.Problem{problem("k", "")}})
		if err == nil {
			t.Error("a claim that was lost is good enough")
		}
		if len(b.gone()) > 0 || len(b.rows()) != 1 || len(b.status().Problems) > 0 {
			t.Errorf("gone %v, %d rows, problems %v", b.gone(), len(b.rows()), b.status().Problems)
		}
	},
}

// problem returns a record that could not be read, as the engine hands it to a store.
func problem(key, guid string) store.Problem {
	return store.Problem{Key: key, Text: "what is wrong with " + key, GUID: guid, Record: `{"key":"` + key + `"}`}
}

// problemKeys returns the keys of the unreadable records in the copy, sorted.
func (b *bundle) problemKeys() []string {
	b.t.Helper()
	var keys []string
	for _, p := range b.status().Problems {
		keys = append(keys, p.Key)
	}
	slices.Sort(keys)
	return keys
}

// problemTests are about records that could not be read: each is kept once, until it comes as a row or is found to be
// gone.
var problemTests = map[string]func(*testing.T, *bundle){
	"problems: each is kept once, as it came": func(t *testing.T, b *bundle) {
		w := b.open()
		for i, want := range []int64{2, 0} {
			got := b.put(&w, store.Commit{Problems: []store.Problem{problem("k1", "g1"), problem("k2", ""), problem("k1", "g1")}})
			if got.Problems != want {
				t.Errorf("commit %d: %d are new, want %d", i, got.Problems, want)
			}
		}
		st := b.status()
		if st.Streams[0].Unreadable != 2 || st.Streams[0].Counts.Problems != 2 || st.Runs[0].Counts.Problems != 2 || len(st.Problems) != 2 {
			t.Fatalf("%+v", st)
		}
		i := slices.IndexFunc(st.Problems, func(p store.Problem) bool { return p.Key == "k1" })
		got := st.Problems[i]
		if d := time.Since(got.Found); d < -time.Minute || d > time.Hour {
			t.Errorf("found at %s", got.Found)
		}
		want := problem("k1", "g1")
		want.Stream, want.Run, want.Window, want.Found = stream.Name, w.Run, w.ID, got.Found
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	},
	"problems: a record that comes as a row is none": func(t *testing.T, b *bundle) {
		w := b.open()
		b.put(&w, store.Commit{Problems: []store.Problem{problem("k1", "g1"), problem("k2", "g2"), problem("k3", "")}})
		b.commit(&w, activity(1, "g1", ""), activity(2, "", ""))
		if got := b.problemKeys(); !slices.Equal(got, []string{"k2", "k3"}) {
			t.Errorf("there are %v", got)
		}
		// One that was readable and no longer is stays, though its row is there.
		b.put(&w, store.Commit{Activities: []store.ActivityRow{activity(1, "g1", "")}, Problems: []store.Problem{problem("k1", "g1")}})
		b.commit(&w, activity(3, "g3", ""))
		if got := b.problemKeys(); !slices.Equal(got, []string{"k1", "k2", "k3"}) {
			t.Errorf("there are %v", got)
		}
	},
	"problems: those that are solved are forgotten": func(t *testing.T, b *bundle) {
		w := b.open()
		b.put(&w, store.Commit{Problems: []store.Problem{problem("k1", ""), problem("k2", "")}})
		b.put(&w, store.Commit{KeepProblems: []string{"k2", "k9"}})
		if got := b.problemKeys(); !slices.Equal(got, []string{"k2"}) {
			t.Errorf("there are %v", got)
		}
		_, other := b.planned(store.Stream{Name: store.Leads}, hours(1)...)
		o := b.begun(other[0].ID)
		b.put(&o, store.Commit{KeepProblems: []string{}})
		if got := b.problemKeys(); !slices.Equal(got, []string{"k2"}) {
			t.Errorf("another stream has solved them: there are %v", got)
		}
		b.put(&w, store.Commit{KeepProblems: []string{}})
		if got := b.problemKeys(); len(got) > 0 {
			t.Errorf("there are %v", got)
		}
	},
}
