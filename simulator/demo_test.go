package simulator_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/xmldiff"
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

// A simulator is a gen.Port: it can be called without any network.
func Example() {
	sim := simulator.New()
	id, err := sim.AddLead(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
		{Type: gen.ActivityTypeNewLead, Time: simulator.At(time.Date(2015, time.September, 4, 21, 7, 16, 0, time.UTC))},
		{Type: gen.ActivityTypeVisitWebpage, Time: simulator.At(time.Date(2015, time.November, 3, 16, 15, 27, 0, time.UTC)), AssetName: "Pricing"},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var port gen.Port = sim
	out, err := port.GetLeadActivity(context.Background(), &gen.ParamsGetLeadActivity{
		LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "lead@example.com"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("lead", id)
	for _, r := range out.LeadActivityList.ActivityRecordList.Value.ActivityRecord {
		fmt.Println(r.ActivityDateTime, r.ActivityType, r.MktgAssetName.Value)
	}
	// Output:
	// lead 1
	// 2015-11-03T10:15:27-06:00 Visit Webpage Pricing
	// 2015-09-04T16:07:16-05:00 New Lead
}

// An error is the fault that the service would send.
func Example_fault() {
	_, err := simulator.New().GetLeadActivity(context.Background(), &gen.ParamsGetLeadActivity{
		LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "nobody@example.com"},
	})
	fmt.Println(err)
	// Output:
	// 20103: No lead found with EMAIL = nobody@example.com; check the type and the value of the lead key
}
