package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/wsdl"
)

// Every type of key finds its lead, and of several the one added last.
func TestAddLead_keys(t *testing.T) {
	t.Parallel()
	sim := simulator.New()
	for id := range int64(3) {
		_, err := sim.AddLead(simulator.Lead{
			ID: id + 1, Email: fmt.Sprintf("Lead%d@example.com", id+1), Keys: leadKeys("LEADOWNEREMAIL", "owner@example.com", "COOKIE", fmt.Sprintf("cookie-%d", id), "COOKIE", "shared-cookie",
				"SFDCLEADID", fmt.Sprintf("00Q%d", id), "SFDCCONTACTID", fmt.Sprintf("003%d", id), "SFDCACCOUNTID", "001", "SFDCLEADOWNERID", "005", "SFDCOPPTYID", fmt.Sprintf("006%d", id), "SFDCOPPTYID", "006"),
			Activities: []simulator.Activity{{ID: 100 + id, Type: "NewLead"}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		kind  gen.LeadKeyRef
		value string
		lead  int64
	}{
		{"IDNUM", "2", 2},
		{"EMAIL", "lead2@example.com", 2},
		{"EMAIL", "LEAD2@EXAMPLE.COM", 2},
		{"COOKIE", "cookie-0", 1},
		{"COOKIE", "shared-cookie", 3},
		{"LEADOWNEREMAIL", "Owner@example.com", 3},
		{"SFDCLEADID", "00Q1", 2},
		{"SFDCCONTACTID", "0030", 1},
		{"SFDCACCOUNTID", "001", 3},
		{"SFDCLEADOWNERID", "005", 3},
		{"SFDCOPPTYID", "0061", 2},
		{"SFDCOPPTYID", "006", 3},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s %s", test.kind, test.value), func(t *testing.T) {
			t.Parallel()
			records := readAll(t, sim, ask(test.kind, test.value))
			if diff := cmp.Diff([]int64{99 + test.lead}, ids(records)); diff != "" {
				t.Error(diff)
			}
			if got := records[0].MktPersonId; got != fmt.Sprint(test.lead) {
				t.Errorf("mktPersonId %s, want %d", got, test.lead)
			}
		})
	}
	// Keys other than addresses are compared exactly, and each only as its own type.
	for _, key := range []gen.LeadKey{{KeyType: "COOKIE", KeyValue: "Cookie-0"}, {KeyType: "SFDCLEADID", KeyValue: "0030"}} {
		if _, err := sim.GetLeadActivity(t.Context(), ask(key.KeyType, key.KeyValue)); !errors.Is(err, fault.CodeLeadNotFound) {
			t.Errorf("%v: %v, want 20103", key, err)
		}
	}
}

func TestAddLead_ids(t *testing.T) {
	t.Parallel()
	sim := simulator.New()
	add := func(id int64) int64 {
		t.Helper()
		got, err := sim.AddLead(simulator.Lead{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := []int64{add(0), add(40), add(0), add(7)}; !cmp.Equal(got, []int64{1, 40, 41, 7}) {
		t.Errorf("ids %v", got)
	}
	for _, id := range []int64{40, -1, math.MaxInt32 + 1} {
		if _, err := sim.AddLead(simulator.Lead{ID: id}); err == nil || !strings.Contains(err.Error(), fmt.Sprint(id)) {
			t.Errorf("lead %d: error %v", id, err)
		}
	}
	add(math.MaxInt32)
	if _, err := sim.AddLead(simulator.Lead{}); err == nil {
		t.Error("no error although there is no id above the highest")
	}
	if err := sim.AddLeads(simulator.Lead{ID: 50}, simulator.Lead{ID: 40}, simulator.Lead{ID: 51}); err == nil ||
		strings.Count(err.Error(), "simulator:") != 1 {
		t.Errorf("AddLeads: %v, want one error, about lead 40", err)
	}
	for _, id := range []string{"50", "51"} {
		page(t, sim, ask("IDNUM", id))
	}
}

// Every operation is answered, and says what an empty request lacks.
func TestSimulator_emptyRequests(t *testing.T) {
	t.Parallel()
	want := map[string]fault.Code{
		"getLead": fault.CodeLeadKeyRequired, "getLeadActivity": fault.CodeLeadKeyRequired, "mergeLeads": fault.CodeLeadKeyRequired,
		"syncLead": fault.CodeLeadDetailRequired, "syncMultipleLeads": fault.CodeLeadDetailRequired,
		"listMObjects": 0, "getChannels": 0, "getTags": 0,
	}
	sim := simulator.New()
	for _, op := range gen.Operations() {
		code, ok := want[op.Name]
		if !ok {
			code = fault.CodeParameterRequired
		}
		_, err := op.Call(t.Context(), sim, op.NewInput())
		if code == 0 && err != nil || code != 0 && !errors.Is(err, code) {
			t.Errorf("%s: %v, want %d", op.Name, err, code)
		}
	}
}

// A cancelled context ends every operation before it does anything.
func TestSimulator_cancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := contextWithCancel(t)
	cancel()
	sim := simulator.New()
	for _, op := range gen.Operations() {
		if _, err := op.Call(ctx, sim, op.NewInput()); !errors.Is(err, ctx.Err()) {
			t.Errorf("%s: %v, want %v", op.Name, err, ctx.Err())
		}
	}
}

// A record has the form of the published sample.
func TestGetLead_record(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{{ID: 1089965, Email: "lead@example.com", Fields: map[string]string{
		"Website": "example.com", "LeadScore": "62", "FirstName": "A", "Company": "", "AnonymousIP": "192.0.2.1",
	}}})
	out, err := sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: key("EMAIL", "Lead@Example.com")})
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	attribute := func(name, kind, value string) gen.Attribute {
		return gen.Attribute{AttrName: name, AttrType: gen.Some(kind), AttrValue: value}
	}
	want := &gen.SuccessGetLead{Result: &gen.ResultGetLead{Count: 1, LeadRecordList: gen.Some(gen.ArrayOfLeadRecord{
		LeadRecord: []gen.LeadRecord{{
			Id: gen.Some[int32](1089965), Email: gen.Some("lead@example.com"),
			ForeignSysPersonId: gen.NilOf[string](), ForeignSysType: gen.NilOf[gen.ForeignSysType](),
			LeadAttributeList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
				attribute("AnonymousIP", "string", "192.0.2.1"), attribute("FirstName", "string", "A"),
				attribute("LeadScore", "integer", "62"), attribute("Website", "url", "example.com"),
			}}),
		}},
	})}}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
}

// A lead without anything has an id.
func TestGetLead_emptyRecord(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{{ID: 5}})
	out, err := sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: key("IDNUM", "5")})
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	r := out.Result.LeadRecordList.Value.LeadRecord[0]
	if r.Email.State != gen.Nil || r.LeadAttributeList.State != gen.Nil || r.Id.Value != 5 {
		t.Errorf("%+v", r)
	}
}

func TestGetLead_several(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{
		{ID: 9, Email: "x@example.com", Keys: leadKeys("LEADOWNEREMAIL", "o@example.com")},
		{ID: 3, Email: "X@example.com"},
		{ID: 4, Email: "y@example.com", Keys: leadKeys("LEADOWNEREMAIL", "o@example.com")},
	})
	for k, want := range map[*gen.LeadKey][]int32{
		key("EMAIL", "x@example.com"):          {9, 3},
		key("LEADOWNEREMAIL", "O@example.com"): {9, 4},
	} {
		out, err := sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: k})
		if err != nil {
			t.Fatal(err)
		}
		var got []int32
		for _, r := range out.Result.LeadRecordList.Value.LeadRecord {
			got = append(got, r.Id.Value)
		}
		if diff := cmp.Diff(want, got); diff != "" || int(out.Result.Count) != len(want) {
			t.Errorf("%v: count %d\n%s", k, out.Result.Count, diff)
		}
	}
}

func TestGetLead_faults(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{{ID: 1}})
	for _, test := range []struct {
		key  *gen.LeadKey
		code fault.Code
		text string
	}{
		{nil, fault.CodeLeadKeyRequired, "leadKey"},
		{key("EMAIL", ""), fault.CodeLeadKeyRequired, "keyValue"},
		{key("PHONE", "1"), fault.CodeLeadKeyBad, "PHONE"},
		{key("EMAIL", "a@example.com"), fault.CodeLeadNotFound, "No lead found with EMAIL = a@example.com (20103)"},
		{key("SFDCLEADOWNERID", "1"), fault.CodeLeadOwnerNotFound, "SFDCLEADOWNERID"},
	} {
		_, err := sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: test.key})
		wantFault(t, err, test.code, test.text)
	}
	if _, err := sim.GetLead(t.Context(), nil); err == nil {
		t.Error("no fault without a request")
	}
}

func TestAddField(t *testing.T) {
	t.Parallel()
	sim := simulator.New()
	if err := sim.AddField(simulator.LeadField{Name: "Shoe__c", Label: "Shoe Size", Type: simulator.TypeFloat}); err != nil {
		t.Fatal(err)
	}
	if err := sim.AddField(simulator.LeadField{Name: "Plain"}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []simulator.LeadField{
		{}, {Name: "Shoe__c", Label: "Other"}, {Name: "Other", Label: "shoe size"}, {Name: "FirstName"}, {Name: "Id"}, {Name: "X", Label: "Email"},
		{Name: "Other", Type: "bytes"},
	} {
		if err := sim.AddField(bad); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
	fields := make(map[string]simulator.LeadField)
	before := ""
	for _, f := range sim.Fields() {
		if fields[f.Name] = f; f.Name <= before || f.Label == "" || f.Type == "" {
			t.Errorf("%+v after %q", f, before)
		}
		before = f.Name
	}
	if got := fields["Plain"]; got != (simulator.LeadField{Name: "Plain", Label: "Plain", Type: simulator.TypeString, ID: 1002}) {
		t.Errorf("%+v", got)
	}
	if _, err := sim.AddLead(simulator.Lead{Fields: map[string]string{"Shoe__c": "42.5"}}); err != nil {
		t.Error(err)
	}
}

func TestAddLead_badFields(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]simulator.Lead{
		"unknown field":     {Fields: map[string]string{"Shoe": "1"}},
		"address":           {Fields: map[string]string{"Email": "a@example.com"}},
		"no number":         {Fields: map[string]string{"LeadScore": "many"}},
		"no date":           {Fields: map[string]string{"DateofBirth": "yesterday"}},
		"no flag":           {Fields: map[string]string{"Unsubscribed": "maybe"}},
		"not finite":        {Fields: map[string]string{"Urgency": "NaN"}},
		"foreign system":    {ForeignIDs: []simulator.ForeignID{{System: "SAP", ID: "1"}}},
		"empty foreign id":  {ForeignIDs: []simulator.ForeignID{{System: "CUSTOM"}}},
		"unknown workspace": {Workspace: "Europe"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simulator.New()
			if _, err := sim.AddLead(l); err == nil {
				t.Error("no error")
			}
			if ids := sim.LeadIDs(); len(ids) != 0 {
				t.Errorf("leads %v were added", ids)
			}
		})
	}
}

// What Lead returns can be added to another simulator.
func TestLead_copies(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{{
		ID: 7, Email: "a@example.com", Keys: leadKeys("LEADOWNEREMAIL", "O@example.com", "SFDCLEADID", "00Q", "SFDCCONTACTID", "003", "SFDCACCOUNTID", "001", "SFDCLEADOWNERID", "005", "COOKIE", "c1", "COOKIE", "c2", "SFDCOPPTYID", "006"), Workspace: "Europe",
		ForeignIDs: []simulator.ForeignID{{System: "CUSTOM", ID: "1"}, {System: "NETSUITE", ID: "1"}},
		Fields:     map[string]string{"FirstName": "A", "LeadScore": "1"},
		Activities: []simulator.Activity{
			{ID: 5, Time: simulator.At(noon.AddDate(0, 0, 1)), Type: "Open Email", AssetName: "Mail", Campaign: "P.C", Attributes: []simulator.Attribute{{Name: "a", Value: "b"}}},
			{ID: 4, Time: simulator.At(noon), Type: "New Lead"},
		},
	}}, simulator.WithWorkspaces("Europe"))
	l, ok := sim.Lead(7)
	if !ok || len(l.Activities) != 2 || l.Activities[0].ID != 4 {
		t.Fatalf("%+v", l)
	}
	again := simulator.New(simulator.WithWorkspaces("Europe"))
	if _, err := again.AddLead(l); err != nil {
		t.Fatal(err)
	}
	copied, _ := again.Lead(7)
	if diff := cmp.Diff(l, copied); diff != "" {
		t.Error(diff)
	}
	clear(l.Fields)
	if kept, _ := sim.Lead(7); len(kept.Fields) != 2 {
		t.Error("the copy shares its fields with the simulator")
	}
	if _, ok := sim.Lead(8); ok || !cmp.Equal(sim.LeadIDs(), []int64{7}) {
		t.Error("there is a lead 8")
	}
}

func ExampleSimulator_SyncLead() {
	sim := simulator.New()
	ctx := context.Background()
	for _, title := range []string{"Buyer", "Head of Purchasing"} {
		out, err := sim.SyncLead(ctx, &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{
			Email: gen.Some("lead@example.com"),
			LeadAttributeList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
				{AttrName: "Title", AttrValue: title},
			}}),
		}})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(out.Result.LeadId, out.Result.SyncStatus.Status)
	}
	out, err := sim.GetLeadChanges(ctx, &gen.ParamsGetLeadChanges{StartPosition: new(gen.StreamPosition)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range out.Result.LeadChangeRecordList.Value.LeadChangeRecord {
		fmt.Printf("%s %q\n", r.ActivityType, r.MktgAssetName.Value)
	}
	// Output:
	// 1 CREATED
	// 1 UPDATED
	// New Lead ""
	// Change Data Value "Job Title"
}

func ExampleSimulator_AddList() {
	sim := simulator.New()
	id, err := sim.AddLead(simulator.Lead{Email: "lead@example.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := sim.AddList(simulator.List{Name: "Newsletter", Members: []int64{id}}); err != nil {
		fmt.Println(err)
		return
	}
	out, err := sim.ListOperation(context.Background(), &gen.ParamsListOperation{
		ListOperation:  gen.ListOperationTypeISMEMBEROFLIST,
		ListKey:        &gen.ListKey{KeyType: gen.ListKeyTypeMKTOLISTNAME, KeyValue: "Newsletter"},
		ListMemberList: &gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "lead@example.com"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out.Result.Success)
	// Output:
	// true
}

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
		return gen.Attribute{AttrName: name, AttrType: gen.NilOf[string](), AttrValue: value}
	}
	want := []gen.ActivityRecord{{
		Id: gen.Some(id), MarketoGUID: "2", ActivityDateTime: "2015-09-04T12:00:00-05:00", ActivityType: "Visit Webpage",
		MktgAssetName: gen.Some("Start"), Campaign: gen.Some("Program.Campaign"), MktPersonId: "7",
		ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
			attribute("Webpage ID", "2547"), attribute("Query Parameters", ""), attribute("Lead ID", "7"),
		}}),
		PersonName: gen.NilOf[string](), ForeignSysId: gen.NilOf[string](), OrgName: gen.NilOf[string](), ForeignSysOrgId: gen.NilOf[string](),
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
