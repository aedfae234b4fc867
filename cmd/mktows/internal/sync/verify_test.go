package sync

import (
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

// written is what a function writes to standard output and standard error.
func written(t *testing.T, write func(a *console.Console) error) string {
	t.Helper()
	var out strings.Builder
	a := &console.Console{Getenv: func(string) string { return "" }, Stdout: &out, Stderr: &out}
	if err := write(a); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, line := range want {
		if !strings.Contains(got, line) {
			t.Errorf("it does not say %q:\n%s", line, got)
		}
	}
}

// TestVerify_tellsOfEverything: what is gone, unknown or unreadable is said, and long tables are cut.
func TestVerify_tellsOfEverything(t *testing.T) {
	t.Parallel()
	v := &leadsync.Verification{Streams: []leadsync.StreamVerification{
		{Name: leadsync.Leads, Source: 5, Copy: 8, Gone: 3, NotLookedUp: 1200, Unreadable: 1, Differences: []leadsync.Difference{{Source: 5, Copy: 8, Gone: 3}}},
		{Name: leadsync.Activities, Differences: make([]leadsync.Difference, 120)},
	}}
	for i := range v.Streams[1].Differences {
		v.Streams[1].Differences[i] = leadsync.Difference{Day: "2026-03-08", Type: "New Lead", Source: 1, Copy: 1, Gone: 1}
	}
	r := &leadsync.Repaired{Before: v, After: v, Streams: []leadsync.StreamRepair{{
		Name: leadsync.Leads, Counts: store.Counts{Inserted: 1, Updated: 2, Gone: 3, Calls: 4}, Removed: 5, Unsettled: 1, Solved: true,
	}}}
	got := written(t, func(a *console.Console) error { return writeRepaired(a, r) })
	wantLines(t, got, "GONE\nleads ", "        0     3\n", "… and 21 more differences; -o json has all\n", "    some     1\n",
		"leads: no longer in the service: 3 leads of the copy, deleted or merged into others\n",
		"leads: not looked up: 1,200 leads of the copy, which may be gone;", "leads: left out: 1 record of the service that cannot be read;",
		"leads: repaired; 1 row new, 2 changed, 5 removed, 3 leads marked as gone, in 4 calls; what could not be read once",
		"; nothing was removed in 1 window, since", "what still differs:\n")
	doc := newRepairedJSON(r)
	if doc.Equal || doc.Streams[0].Gone != 3 || doc.Before[0].NotLookedUp != 1200 || doc.Repaired[0].Removed != 5 || len(doc.Streams[1].Differences) != 120 {
		t.Errorf("%+v", doc)
	}
	if doc = newRepairedJSON(&leadsync.Repaired{Before: v, After: v}); doc.Before != nil || doc.Repaired != nil {
		t.Errorf("nothing was repaired, and told is %+v", doc)
	}
}

// TestStatus_tellsOfProblems: records that could not be read are shown, cut, and without control characters.
func TestStatus_tellsOfProblems(t *testing.T) {
	t.Parallel()
	s := &store.Status{Copy: "x.db", Leads: 5, Gone: 2, Streams: []store.StreamStatus{{Name: leadsync.Activities, Unreadable: 7}}}
	for range 7 {
		s.Problems = append(s.Problems, store.Problem{Stream: leadsync.Activities, Text: "mktPersonId is \"x\"", Record: "\x1b[31m" + strings.Repeat("é", 400)})
	}
	got := written(t, func(a *console.Console) error { return writeStatus(a, s) })
	wantLines(t, got, "5 leads, 2 of them gone from the service;", "UNREADABLE", "7 records of the service could not be read; table sync_problems has what came; the latest 5 are:\n",
		"  activities, -: mktPersonId is \"x\"\n", "é…\n")
	if strings.Count(got, "mktPersonId") != 5 || strings.Contains(got, "\x1b") || strings.Count(got, "é") > 5*300 {
		t.Errorf("it says\n%s", got)
	}
	s.Problems, s.Streams[0].Unreadable = s.Problems[:1], 1
	wantLines(t, written(t, func(a *console.Console) error { return writeStatus(a, s) }), "1 record of the service could not be read; table sync_problems has what came:\n")
	doc := newSyncStatusJSON(s)
	if doc.Gone != 2 || doc.Streams[0].Unreadable != 1 || len(doc.Problems) != 1 || doc.Problems[0].Problem == "" || doc.Problems[0].Record == "" {
		t.Errorf("%+v", doc)
	}
}
