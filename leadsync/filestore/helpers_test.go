package filestore

import (
	"context"
	"flag"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func TestMain(m *testing.M) {
	if point := os.Getenv(crashPoint); point != "" {
		crash(point)
	}
	goleak.VerifyTestMain(m)
}

// bound is the time at which the windows of these tests end; rows from its day are fresh.
var bound = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

// open opens a directory for the length of the test.
func open(t testing.TB, dir string, opts ...Option) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// claim plans a run with one window and begins it.
func claim(ctx context.Context, s store.Store, name store.StreamName) (store.Fence, error) {
	_, windows, err := s.Plan(ctx, store.Stream{Name: name}, func(state store.StreamState) (store.Planned, error) {
		if len(state.Unfinished) > 0 {
			return store.Planned{Resume: state.Unfinished[:1]}, nil
		}
		w := store.Window{Stream: name, From: bound.AddDate(0, -1, 0), To: bound, Fresh: bound.AddDate(0, 0, -1)}
		return store.Planned{Since: w.From, Upper: bound, Windows: []store.Window{w}}, nil
	})
	if err != nil {
		return store.Fence{}, err
	}
	w, err := s.Begin(ctx, windows[0].ID)
	return w.Fence(), err
}

// writer commits rows to a window of its own.
type writer struct {
	t     testing.TB
	s     store.Store
	claim store.Fence
}

func newWriter(t testing.TB, s store.Store, name store.StreamName) *writer {
	t.Helper()
	c, err := claim(t.Context(), s, name)
	if err != nil {
		t.Fatal(err)
	}
	return &writer{t, s, c}
}

func (w *writer) commit(activities []store.ActivityRow, leads ...store.LeadRow) store.Counts {
	w.t.Helper()
	counts, err := w.s.Commit(w.t.Context(), store.Commit{Fence: w.claim, Activities: activities, Leads: leads})
	if err != nil {
		w.t.Fatal(err)
	}
	return counts
}

func collect[R any](t testing.TB, rows iter.Seq2[R, error]) []R {
	t.Helper()
	var all []R
	for r, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func activitiesOf(t testing.TB, s store.Store) []store.ActivityRow {
	t.Helper()
	return collect(t, s.Activities(t.Context(), time.Time{}, time.Time{}))
}

// sameRows compares rows in any order. Attributes count by name; of times the moment and the offset
// count, not the name of the zone.
func sameRows[R store.ActivityRow | store.LeadRow](t testing.TB, got, want []R) {
	t.Helper()
	byText := func(rows []R) []R {
		return slices.SortedFunc(slices.Values(rows), func(a, b R) int {
			return strings.Compare(digestOf(a), digestOf(b))
		})
	}
	options := cmp.Options{
		cmp.Transformer("time", func(at time.Time) string { return at.Format(time.RFC3339Nano) }),
		cmp.Transformer("attributes", func(a operations.Attributes) []operations.Attribute {
			return slices.SortedStableFunc(slices.Values(a), func(x, y operations.Attribute) int { return strings.Compare(x.Name, y.Name) })
		}),
	}
	if d := cmp.Diff(byText(want), byText(got), options); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
}

// digestOf is what rows are sorted by.
func digestOf[R store.ActivityRow | store.LeadRow](row R) string {
	switch r := any(row).(type) {
	case store.ActivityRow:
		return r.Key + r.Digest.String()
	case store.LeadRow:
		return r.Digest.String()
	}
	return ""
}

// plain is an activity of a lead at a second.
func plain(lead, second int64) store.ActivityRow {
	return store.NewActivityRow(operations.Activity{
		ID: lead*1000 + second, HasID: true, LeadID: lead, Time: bound.AddDate(0, 0, -1).Add(time.Duration(second) * time.Second),
		Type: "Visit Webpage", AssetName: "Home",
	}, 0)
}

// awkward are rows with values that formats like to lose.
func awkward() []store.ActivityRow {
	central := func(hours int) *time.Location { return time.FixedZone("", hours*3600) }
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			panic(err)
		}
		return v
	}
	rows := []store.ActivityRow{
		store.NewActivityRow(operations.Activity{ // everything
			ID: 102, HasID: true, GUID: "8b0b5c5e-0001", LeadID: 7, Time: bound.Add(-time.Hour).In(central(-6)),
			Type: "Fill Out Form", AssetName: "Contact", Campaign: "Autumn",
			PersonName: "A \"B\" C", ForeignSysID: "x1", OrgName: "Größe & Söhne", ForeignSysOrgID: "<o>",
			Attributes: operations.Attributes{{Name: "Webpage ID", Value: "9"}, {Name: "Lead ID", Value: "7"}},
		}, 0),
		store.NewActivityRow(operations.Activity{ // as little as there can be
			LeadID: 1, Time: bound.Add(-2 * time.Hour), Type: "New Lead",
		}, 0),
		store.NewActivityRow(operations.Activity{LeadID: 1, Time: bound.Add(-2 * time.Hour), Type: "New Lead"}, 1),
		store.NewActivityRow(operations.Activity{ // id 0 is an id
			ID: 0, HasID: true, LeadID: 2, Time: bound.Add(-3 * time.Hour), Type: "Click Link",
			AssetName: " leading, and trailing ", Campaign: `"quoted"`,
		}, 0),
		store.NewActivityRow(operations.Activity{
			ID: -5, HasID: true, LeadID: 3, Time: bound.Add(-4 * time.Hour), Type: "Change Data Value",
			AssetName: "line\nfeed", Campaign: "carriage\r\nreturn\ralone",
			Attributes: operations.Attributes{
				{Name: "Old Value", Value: ""},
				{Name: "tag", Value: "z"},
				{Name: "New Value", Value: "a\r\n\"b\",\tc\\d\x01\u2028 <&> 日本語 🎈"},
				{Name: "tag", Value: ""},
				{Name: "tag", Value: "a"},
				{Name: "", Value: "no name"},
				{Name: "null", Value: "null"},
			},
		}, 0),
	}
	// Both nights of daylight saving: the hour that is there twice and the one that is not.
	for i, text := range []string{
		"2026-11-01T01:30:00-05:00", "2026-11-01T01:30:00-06:00",
		"2026-03-08T01:59:59-06:00", "2026-03-08T03:00:00-05:00",
	} {
		rows = append(rows, store.NewActivityRow(operations.Activity{
			GUID: "dst-" + string(rune('a'+i)), LeadID: 4, Time: at(text), Type: "Visit Webpage",
		}, 0))
	}
	return rows
}

func awkwardLeads() []store.LeadRow {
	return []store.LeadRow{
		store.NewLeadRow(operations.Lead{ID: 1}),
		store.NewLeadRow(operations.Lead{
			ID: 318815, Email: "lead@example.com", ForeignSysPersonID: "00Q\"1", ForeignSysType: "SFDC",
			Attributes: operations.Attributes{
				{Name: "Company", Value: "A,\r\nB"}, {Name: "Empty", Value: ""},
				{Name: "Interest", Value: "x"}, {Name: "Interest", Value: "y"},
			},
		}),
	}
}

// files are the names of the files in a directory that are no part of state.db.
func files(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if ours, _ := filepath.Match(stateName+"*", e.Name()); !ours {
			names = append(names, e.Name())
		}
	}
	return names
}
