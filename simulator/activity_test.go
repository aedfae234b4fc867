package simulator_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/wsdl"
)

// A record has the form of the published samples.
func TestAddActivity_record(t *testing.T) {
	t.Parallel()
	sim := setup(t, 0)
	id, err := sim.AddActivity(7, simulator.Activity{
		Time: simulator.At(noon), Type: gen.ActivityTypeVisitWebpage, AssetName: "Start", Campaign: "Program.Campaign",
		Attributes: []simulator.Attribute{{Name: "Webpage ID", Value: "2547"}, {Name: "Query Parameters"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	attribute := func(name, value string) gen.Attribute {
		return gen.Attribute{AttrName: name, AttrType: gen.None[string](), AttrValue: value}
	}
	want := []gen.ActivityRecord{{
		Id: gen.Some(id), MarketoGUID: "2", ActivityDateTime: "2015-09-04T12:00:00-05:00", ActivityType: "Visit Webpage",
		MktgAssetName: gen.Some("Start"), Campaign: gen.Some("Program.Campaign"), MktPersonId: "7",
		ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
			attribute("Webpage ID", "2547"), attribute("Query Parameters", ""), attribute("Lead ID", "7"),
		}}),
		PersonName: gen.None[string](), ForeignSysId: gen.None[string](), OrgName: gen.None[string](), ForeignSysOrgId: gen.None[string](),
	}}
	if diff := cmp.Diff(want, readAll(t, sim, ask("IDNUM", "7"))); diff != "" || id != 2 {
		t.Errorf("id %d\n%s", id, diff)
	}
}

func TestAddActivity_ownLeadID(t *testing.T) {
	t.Parallel()
	sim := setup(t, 0)
	if _, err := sim.AddActivity(7, simulator.Activity{Type: "MergeLeads", Attributes: []simulator.Attribute{{Name: "Lead ID", Value: "5"}, {Name: "Reason", Value: "x"}}}); err != nil {
		t.Fatal(err)
	}
	got := readAll(t, sim, ask("IDNUM", "7"))[0].ActivityAttributes.Value.Attribute
	if len(got) != 2 || got[0].AttrValue != "5" {
		t.Errorf("attributes %v, want the two that were given", got)
	}
}

func TestAddActivity_times(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		time time.Time
		want gen.DateTime
	}{
		{"summer in UTC", time.Date(2015, 9, 4, 21, 7, 16, 0, time.UTC), "2015-09-04T16:07:16-05:00"},
		{"winter in UTC", time.Date(2016, 1, 20, 23, 59, 58, 999, time.UTC), "2016-01-20T17:59:58-06:00"},
		{"the machine's zone", time.Unix(1453334398, 0), "2016-01-20T17:59:58-06:00"},
		{"own offset", time.Date(2015, 9, 4, 16, 7, 16, 0, time.FixedZone("", 5*3600+1800)), "2015-09-04T16:07:16+05:30"},
		{"own offset of zero", time.Date(2015, 9, 4, 16, 7, 16, 0, time.FixedZone("", 0)), "2015-09-04T16:07:16+00:00"},
		{"before 1970", time.Date(1969, 7, 20, 20, 17, 40, 0, time.FixedZone("", -4*3600)), "1969-07-20T20:17:40-04:00"},
		{"now", time.Time{}, "2015-09-04T12:00:00-05:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim := setup(t, 0)
			if _, err := sim.AddActivity(7, simulator.Activity{Type: "NewLead", Time: simulator.At(test.time)}); err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, sim, ask("IDNUM", "7"))[0].ActivityDateTime; got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestAddActivities_allOrNothing(t *testing.T) {
	t.Parallel()
	good := simulator.Activity{Type: "NewLead"}
	tests := []struct {
		name string
		lead int64
		bad  simulator.Activity
		text string
	}{
		{"no type", 7, simulator.Activity{}, "activities[1].type: the type"},
		{"id that is taken", 7, simulator.Activity{ID: 3, Type: "NewLead"}, "the id 3 is taken"},
		{"negative id", 7, simulator.Activity{ID: -3, Type: "NewLead"}, "-3"},
		{"year that cannot be written", 7, simulator.Activity{Type: "NewLead", Time: simulator.At(noon.AddDate(9000, 0, 0))}, "11015"},
		{"too many attributes", 7, simulator.Activity{Type: "NewLead", Attributes: make([]simulator.Attribute, 1<<16)}, "65536"},
		{"no such lead", 99, good, "no lead 99"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim := setup(t, 3)
			ids, err := sim.AddActivities(test.lead, good, test.bad)
			if err == nil || ids != nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("ids %v, error %v; want one with %q", ids, err, test.text)
			}
			if n := len(readAll(t, sim, ask("IDNUM", "7"))); n != 3 {
				t.Errorf("%d records, want 3 as before", n)
			}
		})
	}
	sim := setup(t, 0)
	if _, err := sim.AddActivities(7, simulator.Activity{ID: 9, Type: "NewLead"}, simulator.Activity{ID: 9, Type: "NewLead"}); err == nil {
		t.Error("no error for an id that is given twice")
	}
	if got, err := sim.AddActivities(7, good, simulator.Activity{ID: 2, Type: "NewLead"}, good); err != nil || !cmp.Equal(got, []int64{3, 2, 4}) {
		t.Errorf("ids %v, error %v; want one that is given to be kept free", got, err)
	}
}

// The table of types is that of the schema, each with a name of its own.
func TestActivityTypes(t *testing.T) {
	t.Parallel()
	sim := setup(t, 0)
	names := make(map[string]gen.ActivityType)
	for _, value := range schemaTypes(t) {
		if _, err := sim.AddActivity(7, simulator.Activity{Type: value}); err != nil {
			t.Fatal(err)
		}
		records := readAll(t, sim, ask("IDNUM", "7", including(value)))
		if len(records) != 1 {
			t.Errorf("%s: %d records of the type, want 1", value, len(records))
			continue
		}
		name := records[0].ActivityType
		if other, dup := names[name]; dup || name == string(value) && strings.ContainsAny(name[1:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			t.Errorf("%s is called %q, like %q", value, name, other)
		}
		names[name] = value
	}
	// A name is as good as a value, and a type outside the schema is found without filter.
	for _, name := range []gen.ActivityType{"Open Email", "Add to Nurture"} {
		if _, err := sim.AddActivity(7, simulator.Activity{Type: name}); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(readAll(t, sim, ask("IDNUM", "7", including("OpenEmail")))); got != 2 {
		t.Errorf("%d records of the type OpenEmail, want 2", got)
	}
	if got := len(readAll(t, sim, ask("IDNUM", "7", excluding(schemaTypes(t)...)))); got != 1 {
		t.Errorf("%d records outside the schema, want 1", got)
	}
}

// schemaTypes reads the values of ActivityType out of the contract.
func schemaTypes(t *testing.T) []gen.ActivityType {
	t.Helper()
	doc, err := wsdl.Document("3_1")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(doc), `<xs:simpleType name="ActivityType"`)
	text, _, ok2 := strings.Cut(text, "</xs:simpleType>")
	var values []gen.ActivityType
	for _, part := range strings.Split(text, `<xs:enumeration value="`)[1:] {
		value, _, _ := strings.Cut(part, `"`)
		values = append(values, gen.ActivityType(value))
	}
	if !ok || !ok2 || len(values) < 57 {
		t.Fatalf("%d types found in the WSDL, want at least 57", len(values))
	}
	return values
}

// Reading and adding at the same time is safe, and every reading is whole.
func TestSimulator_concurrent(t *testing.T) {
	t.Parallel()
	sim := setup(t, 50, simulator.WithShortPages(0.2), simulator.WithEmptyPages(0.2))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 25 {
				if _, err := sim.AddActivity(7, simulator.Activity{Type: "OpenEmail"}); err != nil {
					t.Error(err)
				}
				if _, err := sim.AddLead(simulator.Lead{Email: "c@example.com"}); err != nil {
					t.Error(err)
				}
			}
		})
		group.Go(func() {
			for range 10 {
				if n := len(readAll(t, sim, ask("IDNUM", "7", batch(7), including("VisitWebpage")))); n != 50 {
					t.Errorf("%d records, want 50", n)
				}
			}
		})
	}
	group.Wait()
	if n := len(readAll(t, sim, ask("IDNUM", "7"))); n != 250 {
		t.Errorf("%d records in the end, want 250", n)
	}
}
