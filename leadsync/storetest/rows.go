package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// lead returns the row of a lead.
func lead(id int64, email string) store.LeadRow {
	return store.NewLeadRow(operations.Lead{ID: id, Email: email})
}

// leads returns the leads of the copy by id.
func (b *bundle) leads() map[int64]store.LeadRow {
	b.t.Helper()
	all := map[int64]store.LeadRow{}
	for row, err := range b.s.Leads(b.ctx) {
		b.must(err)
		all[row.ID] = row
	}
	return all
}

// expect compares what a commit has counted with what it should have.
func expect(t *testing.T, what string, got store.Counts, inserted, updated, late int64) {
	t.Helper()
	if got.Inserted != inserted || got.Updated != updated || got.Late != late {
		t.Errorf("%s: %d inserted, %d updated, %d late; want %d, %d, %d", what,
			got.Inserted, got.Updated, got.Late, inserted, updated, late)
	}
}

// rowTests are about writing and reading rows: writing one again changes nothing, what has changed is updated, and
// everything comes back as it was written.
var rowTests = map[string]func(*testing.T, *bundle){
	"rows: writing again changes nothing": func(t *testing.T, b *bundle) {
		w := b.open()
		rows := []store.ActivityRow{activity(1, "g1", ""), activity(2, "", "x"), activity(2, "", "y")}
		leads := []store.LeadRow{lead(7, "lead@example.com"), lead(8, "")}
		for i, want := range []int64{5, 0} {
			counts, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Activities: rows, Leads: leads})
			b.must(err)
			expect(t, fmt.Sprint("commit ", i), counts, want, 0, 0)
		}
		if len(b.rows()) != 3 || len(b.leads()) != 2 {
			t.Errorf("there are %d activities and %d leads", len(b.rows()), len(b.leads()))
		}
	},
	"rows: what has changed is updated": func(t *testing.T, b *bundle) {
		w := b.open()
		expect(t, "first", b.commit(&w, activity(1, "g1", "before"), activity(2, "g2", "same")), 2, 0, 0)
		expect(t, "second", b.commit(&w, activity(1, "g1", "after"), activity(2, "g2", "same"), activity(3, "g3", "")), 1, 1, 0)
		if value, _ := b.rows()["g1"].Attributes.Get("Other"); value != "after" {
			t.Errorf("it is %q", value)
		}
		for i, step := range []struct {
			email             string
			inserted, updated int64
		}{{"before@example.com", 1, 0}, {"lead@example.com", 0, 1}} {
			counts, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Leads: []store.LeadRow{lead(7, step.email)}})
			b.must(err)
			expect(t, fmt.Sprint("lead ", i), counts, step.inserted, step.updated, 0)
		}
		if got := b.leads()[7].Email; got != "lead@example.com" {
			t.Errorf("the lead has %s", got)
		}
	},
	"rows: of a key that repeats the last counts": func(t *testing.T, b *bundle) {
		w := b.open()
		counts, err := b.s.Commit(b.ctx, store.Commit{
			Fence:      w.Fence(),
			Activities: []store.ActivityRow{activity(1, "g1", "first"), activity(2, "g2", ""), activity(1, "g1", "last")},
			Leads:      []store.LeadRow{lead(7, "first@example.com"), lead(7, "last@example.com")},
		})
		b.must(err)
		expect(t, "commit", counts, 3, 0, 0)
		if value, _ := b.rows()["g1"].Attributes.Get("Other"); value != "last" || b.leads()[7].Email != "last@example.com" {
			t.Errorf("the row has %q, the lead %s", value, b.leads()[7].Email)
		}
	},
	"rows: late ones are counted once": func(t *testing.T, b *bundle) {
		windows := hours(1)
		windows[0].Fresh = at(30)
		_, made := b.planned(stream, windows...)
		w := b.begun(made[0].ID)
		expect(t, "first", b.commit(&w, activity(29, "late", ""), activity(30, "in time", "")), 2, 0, 1)
		expect(t, "again", b.commit(&w, activity(29, "late", ""), activity(30, "in time", "")), 0, 0, 0)
		expect(t, "changed", b.commit(&w, activity(29, "late", "changed")), 0, 1, 0)
		if got := b.status().Runs[0].Counts.Late; got != 1 {
			t.Errorf("the run has %d late rows", got)
		}
	},
	"rows: a person is kept and added": func(t *testing.T, b *bundle) {
		w := b.open()
		unknown, known := activity(1, "g1", ""), activity(1, "g1", "")
		known.PersonName, known.ForeignSysID, known.OrgName, known.ForeignSysOrgID = `Jo "J" Doe`, "f1", "Org", "f2"
		other := activity(1, "g1", "other")
		expect(t, "without", b.commit(&w, unknown), 1, 0, 0)
		expect(t, "with", b.commit(&w, known), 0, 1, 0)
		expect(t, "with, again", b.commit(&w, known), 0, 0, 0)
		expect(t, "without, again", b.commit(&w, unknown), 0, 0, 0)
		expect(t, "changed, without", b.commit(&w, other), 0, 1, 0)
		got := b.rows()["g1"]
		if got.PersonName != known.PersonName || got.ForeignSysID != "f1" || got.OrgName != "Org" || got.ForeignSysOrgID != "f2" {
			t.Errorf("the row is %+v", got)
		}
		if got.Digest != other.Digest {
			t.Error("the row was not changed")
		}
	},
	"rows: activities come back as they were": func(t *testing.T, b *bundle) {
		w := b.open()
		want := map[string]store.ActivityRow{}
		for _, row := range odd() {
			want[row.Key] = row
		}
		expect(t, "commit", b.commit(&w, odd()...), int64(len(want)), 0, 0)
		got := b.rows()
		for key, row := range want {
			back := got[key]
			if back.Digest != row.Digest {
				t.Errorf("%s: the digest is another one:\nwrote %+v\nread  %+v", key, row, back)
			}
			if !back.Time.Equal(row.Time) || back.Time.Format(time.RFC3339) != row.Time.Format(time.RFC3339) {
				t.Errorf("%s: the time is %s; want %s", key, back.Time, row.Time)
			}
			if back.Type != row.Type || back.HasID != row.HasID || back.ID != row.ID || back.GUID != row.GUID || back.LeadID != row.LeadID {
				t.Errorf("%s: wrote %+v\nread %+v", key, row, back)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d rows, want %d", len(got), len(want))
		}
		expect(t, "again", b.commit(&w, odd()...), 0, 0, 0)
	},
	"rows: leads come back as they were": func(t *testing.T, b *bundle) {
		w := b.open()
		row := store.NewLeadRow(operations.Lead{
			ID: 1 << 40, Email: "lead@example.com", ForeignSysPersonID: "f'1", ForeignSysType: "CUSTOM",
			Attributes: operations.Attributes{{Name: "Company", Value: `"A" & Söhne`}, {Name: "Empty"}, {Name: "Two", Value: "1"}, {Name: "Two", Value: "1"}},
		})
		_, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Leads: []store.LeadRow{row, lead(3, "")}})
		b.must(err)
		if diff := cmp.Diff(map[int64]store.LeadRow{row.ID: row, 3: lead(3, "")}, b.leads()); diff != "" {
			t.Error(diff)
		}
	},
	"rows: many leads at once": func(t *testing.T, b *bundle) {
		w := b.open()
		var all []store.LeadRow
		for id := range int64(2500) {
			all = append(all, lead(id+1, ""))
		}
		for i, want := range []int64{1200, 1300} {
			counts, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Leads: all[:1200+1300*i]})
			b.must(err)
			expect(t, fmt.Sprint("commit ", i), counts, want, 0, 0)
		}
	},
	"rows: a range of time": func(t *testing.T, b *bundle) {
		w := b.open()
		b.commit(&w, activity(10, "g10", ""), activity(20, "g20", ""), activity(30, "g30", ""))
		for _, c := range []struct {
			from, to time.Time
			want     []string
		}{
			{time.Time{}, time.Time{}, []string{"g10", "g20", "g30"}},
			{at(20), time.Time{}, []string{"g20", "g30"}},
			{time.Time{}, at(20), []string{"g10"}},
			{at(10), at(30), []string{"g10", "g20"}},
			{at(20).In(time.FixedZone("", -5*3600)), at(21), []string{"g20"}},
		} {
			var keys []string
			for row, err := range b.s.Activities(b.ctx, c.from, c.to) {
				b.must(err)
				keys = append(keys, row.Key)
			}
			slices.Sort(keys)
			if !slices.Equal(keys, c.want) {
				t.Errorf("from %s to %s are %v; want %v", c.from, c.to, keys, c.want)
			}
		}
	},
	"rows: reading may end early": func(_ *testing.T, b *bundle) {
		w := b.open()
		b.commit(&w, activity(1, "g1", ""), activity(2, "g2", ""), activity(3, "g3", ""))
		for range 100 { // a connection that is not given back would be missed
			for _, err := range b.s.Activities(b.ctx, time.Time{}, time.Time{}) {
				b.must(err)
				break
			}
		}
		for range b.s.Activities(b.ctx, time.Time{}, time.Time{}) {
			b.commit(&w, activity(4, "g4", "")) // reading keeps nobody from writing
			break
		}
	},
	"rows: the ids of leads": func(t *testing.T, b *bundle) {
		w := b.open()
		_, err := b.s.Commit(b.ctx, store.Commit{
			Fence: w.Fence(), Activities: []store.ActivityRow{activity(5, "g5", ""), activity(1, "g1", ""), activity(1, "g2", "")},
			Leads: []store.LeadRow{lead(1005, ""), lead(9, ""), lead(2000, "")},
		})
		b.must(err)
		var ids []int64
		for id, err := range b.s.LeadIDs(b.ctx) {
			b.must(err)
			ids = append(ids, id)
		}
		if want := []int64{9, 1001, 1005, 2000}; !slices.Equal(ids, want) {
			t.Errorf("they are %v; want %v", ids, want)
		}
	},
	"rows: the same ones from several at once": func(t *testing.T, b *bundle) {
		_, made := b.planned(stream, hours(8)...)
		var rows []store.ActivityRow
		for i := range 300 {
			rows = append(rows, activity(i%60, fmt.Sprint("g", i), ""))
		}
		for i := range made {
			made[i] = b.begun(made[i].ID)
		}
		inserted := make([]int64, len(made))
		err := together(len(made), func(i int) error {
			mine := slices.Clone(rows)
			if i%2 == 1 {
				slices.Reverse(mine)
			}
			counts, err := b.s.Commit(b.ctx, store.Commit{Fence: made[i].Fence(), Activities: mine, Done: true})
			inserted[i] = counts.Inserted
			return err
		})
		b.must(err)
		var sum int64
		for _, n := range inserted {
			sum += n
		}
		if sum != 300 || len(b.rows()) != 300 {
			t.Errorf("%d were inserted, %d are there; want 300", sum, len(b.rows()))
		}
	},
}

// odd returns activities that are hard to store: attributes with equal names, in an order that must not change, with
// text that looks like JSON or SQL; times in the hour that occurs twice when the clocks go back; the smallest ids;
// records with nothing but content.
func odd() []store.ActivityRow {
	summer, winter := time.FixedZone("", -5*3600), time.FixedZone("", -6*3600)
	nepal := time.FixedZone("", 5*3600+45*60)
	var rows []store.ActivityRow
	for i, a := range []operations.Activity{
		{GUID: "plain"},
		{GUID: "many", Attributes: operations.Attributes{
			{Name: "B", Value: "2"}, {Name: "A", Value: "1"}, {Name: "B", Value: ""}, {Name: "C", Value: "3"}, {Name: "B", Value: "1"},
		}},
		{GUID: "order", Attributes: operations.Attributes{{Name: "longer name", Value: "1"}, {Name: "Z", Value: "2"}, {Name: "a", Value: "3"}}},
		{GUID: "empty", Attributes: operations.Attributes{{Name: "", Value: ""}, {Name: "x", Value: ""}}},
		{GUID: "json", Attributes: operations.Attributes{
			{Name: `a"b\c{}[]:,'`, Value: `{"a":["b",null,1]} \u0000 \n </script> & 'x'`},
			{Name: "lines", Value: "a\tb\r\nc"}, {Name: "unicode", Value: "Grüße, 東京, 🎈, \u2028 \uFFFD"}, {Name: "number", Value: "0012.50"},
		}},
		{GUID: "summer", Time: time.Date(2026, 11, 1, 1, 30, 0, 0, summer)},
		{GUID: "winter", Time: time.Date(2026, 11, 1, 1, 30, 0, 0, winter)},
		{GUID: "quarter", Time: time.Date(2026, 11, 1, 1, 30, 59, 0, nepal)},
		{GUID: "text", Type: "Click 'Link' in \"Email\"", AssetName: "a;b--", Campaign: "ünï\ncode"},
		{ID: 5, HasID: true},
		{ID: 0, HasID: true},
		{ID: -1 << 62, HasID: true},
		{Campaign: "neither"},
	} {
		if a.Time.IsZero() {
			a.Time = at(i)
		}
		a.LeadID = 1 << 40
		rows = append(rows, store.NewActivityRow(a, 0))
	}
	return append(rows, store.NewActivityRow(rows[len(rows)-1].Activity, 1))
}
