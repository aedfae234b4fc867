package simulator_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/xmldiff"
	"github.com/mktows/mktows-go/simulator"
)

func demo(t testing.TB) *simulator.Simulator {
	t.Helper()
	sim := simulator.New()
	if err := sim.LoadDemo(); err != nil {
		t.Fatal(err)
	}
	return sim
}

// The published example: lead 318815, activities of type NewLead.
func TestLoadDemo_publishedExample(t *testing.T) {
	t.Parallel()
	out, err := demo(t).GetLeadActivity(t.Context(), ask("IDNUM", "318815", including("NewLead")))
	if err != nil {
		t.Fatal(err)
	}
	got, err := gen.Marshal(out, gen.V2_7)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/newlead.xml")
	if err != nil {
		t.Fatal(err)
	}
	diff, err := xmldiff.Diff(want, got)
	if err != nil {
		t.Fatal(err)
	}
	if diff != "" {
		t.Errorf("a is the published answer, b ours:\n%s", diff)
	}
}

// Every lead of the demonstration data can be read to the end, in both versions, and
// its records are as the service makes them.
func TestLoadDemo_records(t *testing.T) {
	t.Parallel()
	sim, total := demo(t), 0
	for _, id := range []string{"318815", "318816", "318817", "318818", "318819", "318820"} {
		records := readAll(t, sim, ask("IDNUM", id))
		total += len(records)
		for _, r := range records {
			checkRecord(t, id, r)
		}
		if last := records[len(records)-1]; last.ActivityType != "New Lead" {
			t.Errorf("lead %s begins with %s, want New Lead", id, last.ActivityType)
		}
	}
	if total < 3600 {
		t.Errorf("%d records, want some thousands", total)
	}
}

func checkRecord(t *testing.T, lead string, r gen.ActivityRecord) {
	t.Helper()
	at, err := r.ActivityDateTime.Time()
	if err != nil {
		t.Fatalf("%s: %v", r.ActivityDateTime, err)
	}
	for _, a := range r.ActivityAttributes.Value.Attribute {
		// Times in attributes go by the clock of the record's time.
		if a.AttrName == "Created At" && a.AttrValue != at.Format(time.DateTime) {
			t.Errorf("%d: Created At %s, want that of %s", r.Id.Value, a.AttrValue, r.ActivityDateTime)
		}
		if a.AttrName == "Lead ID" && a.AttrValue != lead {
			t.Errorf("%d: Lead ID %s, want %s", r.Id.Value, a.AttrValue, lead)
		}
	}
	central, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	if want := gen.NewDateTime(at.In(central)); r.ActivityDateTime != want {
		t.Errorf("%d: %s, want %s", r.Id.Value, r.ActivityDateTime, want)
	}
}

func TestLoadDemo_historyHasBothOffsets(t *testing.T) {
	t.Parallel()
	years := map[string]map[string]bool{"-05:00": {}, "-06:00": {}}
	for _, r := range readAll(t, demo(t), ask("IDNUM", "318820")) {
		text := string(r.ActivityDateTime)
		years[text[len(text)-6:]][text[:4]] = true
	}
	for offset, seen := range years {
		if len(seen) < 4 {
			t.Errorf("offset %s in the years %v, want at least four", offset, seen)
		}
	}
}

func TestLoadDemo_sameEachTime(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(readAll(t, demo(t), ask("EMAIL", "history@example.com")),
		readAll(t, demo(t), ask("EMAIL", "history@example.com"))); diff != "" {
		t.Error(diff)
	}
}

func TestLoadDemo_allOrNothing(t *testing.T) {
	t.Parallel()
	sim := simulator.New()
	id, err := sim.AddLead(simulator.Lead{Activities: []simulator.Activity{{ID: 12025714, Type: "NewLead"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.LoadDemo(); err == nil {
		t.Fatal("no error although the id of an activity is taken")
	}
	if _, err := sim.AddLead(simulator.Lead{ID: 318820}); err != nil {
		t.Errorf("LoadDemo has added a lead, and failed: %v", err)
	}
	if id != 1 {
		t.Errorf("the first lead has the id %d", id)
	}
}
