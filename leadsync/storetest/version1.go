package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// Version1 returns the activities and leads of the copies of version 1 that the stores keep in their folders
// testdata, as the service returns them today. Two of the activities share id, time and type, as after a merge;
// version 1 could not tell such a record from a new activity.
func Version1() ([]store.ActivityRow, []store.LeadRow) {
	zone := time.FixedZone("", -6*3600)
	var rows []store.ActivityRow
	add := func(a operations.Activity, equal int) {
		a.Time = since.Add(time.Duration(len(rows)/4) * time.Second).In(zone)
		if a.Type == "" {
			a.Type = "Visit Webpage"
		}
		rows = append(rows, store.NewActivityRow(a, equal))
	}
	attributes := operations.Attributes{{Name: "B", Value: `a "quoted" {value}`}, {Name: "A", Value: "Grüße"}, {Name: "B", Value: ""}}
	add(operations.Activity{GUID: "783000001", ID: 1, HasID: true, LeadID: 101, Attributes: attributes}, 0)
	add(operations.Activity{GUID: "783000002", LeadID: 101, AssetName: "new name"}, 0)
	add(operations.Activity{ID: 5, HasID: true, LeadID: 101, Attributes: attributes, PersonName: "Jo Doe"}, 0)
	add(operations.Activity{ID: 5, HasID: true, LeadID: 102, Attributes: attributes}, 0)
	add(operations.Activity{ID: 0, HasID: true, LeadID: 102, Campaign: "Welcome"}, 0)
	add(operations.Activity{ID: -7, HasID: true, LeadID: 102, Type: "Fill Out Form: a, b"}, 0)
	add(operations.Activity{LeadID: 103, AssetName: "equal"}, 0)
	add(operations.Activity{LeadID: 103, AssetName: "equal"}, 1)
	add(operations.Activity{ID: 9, HasID: true, LeadID: 104, Type: strings.Repeat("a type of great length ", 20)}, 0)
	return rows, []store.LeadRow{lead(101, "lead@example.com"), lead(102, "")}
}

// ExerciseVersion1 tests the copy of [Version1] after it was opened and thereby upgraded. The upgrade must keep every
// row, and reading the same source again must change nothing: a copy that gets all of its rows a second time after an
// upgrade would be worse than none.
func ExerciseVersion1(t *testing.T, open Open) {
	t.Helper()
	s, reopen := open(t)
	b := &bundle{t: t, ctx: t.Context(), s: s, reopen: reopen}
	source, leads := Version1()
	check := func(what string, want rows) {
		t.Helper()
		if diff := cmp.Diff(said(slices.Values(want)), said(values(b.rows()))); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", what, diff)
		}
	}
	check("upgraded", source)
	if st := b.status(); len(st.Runs) != 2 || st.Activities != int64(len(source)) || !st.Streams[0].Complete.Equal(at(60)) {
		t.Errorf("the status is %+v", st)
	}
	for _, order := range []string{"forwards", "backwards", "reopened"} {
		if slices.Reverse(source); order == "reopened" {
			b.s = b.reopen()
		}
		w := b.open()
		counts, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Activities: source, Leads: leads, Done: true})
		b.must(err)
		expect(t, "the same source, "+order, counts, 0, 0, 0)
		check(order, source)
	}
	w := b.open()
	slices.Reverse(source)
	for i := range source {
		a := source[i].Activity
		if a.HasID {
			a.AssetName += ", renamed"
			source[i] = store.NewActivityRow(a, 0)
		}
	}
	expect(t, "renamed", b.commit(&w, source...), 0, 6, 0)
	check("renamed", source)
	for i := range source {
		a := source[i].Activity
		a.GUID = fmt.Sprint("new ", i)
		source[i] = store.NewActivityRow(a, 0)
	}
	expect(t, "to GUIDs", b.commit(&w, source[2:]...), 0, 7, 0)
	b.s = b.reopen()
	w = b.begun(w.ID)
	expect(t, "again", b.commit(&w, source[2:]...), 0, 0, 0)
	if n := len(b.rows()); n != len(source) {
		t.Errorf("there are %d rows; want %d", n, len(source))
	}
}

// values returns the values of a map, in no particular order.
func values(m map[string]store.ActivityRow) func(func(store.ActivityRow) bool) {
	return func(yield func(store.ActivityRow) bool) {
		for _, row := range m {
			if !yield(row) {
				return
			}
		}
	}
}

// said returns rows as sorted texts with everything that an upgrade has to keep.
func said(all func(func(store.ActivityRow) bool)) []string {
	var texts []string
	for r := range all {
		texts = append(texts, fmt.Sprint(r.Digest, r.HasID, r.ID, r.GUID, r.PersonName, r.Time.Format(time.RFC3339)))
	}
	slices.Sort(texts)
	return texts
}
