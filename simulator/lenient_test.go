package simulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// What public programs send, and the service has taken although the documentation does
// not say so.

// Keys of a record may be attributes; the element decides where both stand.
func TestSyncLead_keysAsAttributes(t *testing.T) {
	t.Parallel()
	unnamed := func(r *gen.LeadRecord) { r.ForeignSysPersonId = gen.Some("F9") }
	for _, test := range []struct {
		name    string
		record  *gen.LeadRecord
		lead    int32
		created bool
		email   string
		foreign []simulator.ForeignID
	}{
		{"Id with a foreign id without type", record(id(3), unnamed), 3, false, "shared@example.com", []simulator.ForeignID{{System: "CUSTOM", ID: "F9"}}},
		{"Email", record(fields("Email", "two@example.com", "FirstName", "B")), 2, false, "two@example.com", []simulator.ForeignID{{System: "CUSTOM", ID: "F2"}}},
		{"new Email", record(fields("Email", "new@example.com")), 6, true, "new@example.com", nil},
		{"Id", record(fields("Id", "1", "FirstName", "A")), 1, false, "one@example.com", []simulator.ForeignID{{System: "CUSTOM", ID: "F1"}}},
		{"foreign id and type", record(fields("ForeignSysPersonId", "F2", "ForeignSysType", "CUSTOM")), 2, false, "two@example.com", []simulator.ForeignID{{System: "CUSTOM", ID: "F2"}}},
		{"foreign id, the type an element", record(func(r *gen.LeadRecord) { r.ForeignSysType = gen.Some(gen.ForeignSysTypeCUSTOM) }, fields("ForeignSysPersonId", "F2")),
			2, false, "two@example.com", []simulator.ForeignID{{System: "CUSTOM", ID: "F2"}}},
		{"element Id first", record(id(1), fields("Id", "2")), 1, false, "one@example.com", []simulator.ForeignID{{System: "CUSTOM", ID: "F1"}}},
		{"element foreign id first", record(foreign("F1"), fields("ForeignSysPersonId", "F2")), 1, false, "one@example.com", []simulator.ForeignID{{System: "CUSTOM", ID: "F1"}}},
		{"element Email finds, attribute is written", record(email("one@example.com"), fields("Email", "uno@example.com")), 1, false, "uno@example.com", []simulator.ForeignID{{System: "CUSTOM", ID: "F1"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim, _ := at(t, people())
			out, err := sim.SyncLead(t.Context(), syncOne(test.record, ""))
			if err != nil {
				t.Fatal(err)
			}
			if created := out.Result.SyncStatus.Status == gen.LeadSyncStatusCREATED; out.Result.LeadId != test.lead || created != test.created {
				t.Errorf("lead %d, created %t", out.Result.LeadId, created)
			}
			l, _ := sim.Lead(int64(test.lead))
			if diff := cmp.Diff(test.foreign, l.ForeignIDs); diff != "" || l.Email != test.email {
				t.Errorf("Email %s\n%s", l.Email, diff)
			}
			if l.Fields["Id"] != "" || l.Fields["ForeignSysPersonId"] != "" {
				t.Errorf("keys are kept as fields: %v", l.Fields)
			}
			for _, dedup := range []bool{true, false} { // the same of a record in a list
				many, _ := at(t, people())
				out, err := many.SyncMultipleLeads(t.Context(), &gen.ParamsSyncMultipleLeads{
					LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{*test.record}}, DedupEnabled: gen.Some(dedup),
				})
				byEmail := test.name == "Email" || test.name == "element Email finds, attribute is written"
				if status := out.Result.SyncStatusList.SyncStatus[0]; err != nil || status.LeadId != test.lead && (dedup || !byEmail) {
					t.Errorf("dedup %t: %+v, %v", dedup, status, err)
				}
			}
		})
	}
}

func TestSyncLead_badKeys(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		record *gen.LeadRecord
		code   fault.Code
		text   string
	}{
		{"foreign id without type, no Id", record(func(r *gen.LeadRecord) { r.ForeignSysPersonId = gen.Some("F1") }), fault.CodeBadParameter, "ForeignSysType"},
		{"foreign id among the attributes without type", record(email("one@example.com"), fields("ForeignSysPersonId", "F1")), fault.CodeBadParameter, "ForeignSysType"},
		{"Id that is no number", record(fields("Id", "x1")), fault.CodeBadParameter, `"x1"`},
		{"Id that is too large", record(fields("Id", "2147483648")), fault.CodeBadParameter, "2147483648"},
		{"Id without a lead", record(fields("Id", "99")), fault.CodeLeadNotFound, "99"},
		{"empty attributes", record(fields("Id", "", "Email", "", "ForeignSysPersonId", "")), fault.CodeLeadSyncFailed, "none of Id"},
		{"a name in another letter case", record(fields("id", "1", "Email", "one@example.com")), fault.CodeLeadAttributeBad, "id"},
	} {
		sim, _ := at(t, people())
		_, err := sim.SyncLead(t.Context(), syncOne(test.record, ""))
		t.Log(test.name)
		wantFault(t, err, test.code, test.text)
	}
}

// An association names a lead by any of its fields, an opportunity by its key or a field.
func TestAssociations_byField(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) *simulator.Simulator {
		sim := objectSetup(t, 3)
		if err := sim.AddField(simulator.LeadField{Name: "CrmPersonId"}); err != nil {
			t.Fatal(err)
		}
		if err := sim.AddObjectField("Opportunity", simulator.Field{Name: "DealNumber"}); err != nil {
			t.Fatal(err)
		}
		for _, value := range []string{"old", "P-8", "P-8"} { // the second time nothing changes
			if _, err := sim.SyncLead(t.Context(), syncOne(record(id(8), fields("CrmPersonId", value)), "")); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := sim.SyncLead(t.Context(), syncOne(record(id(8), foreign("F8")), "")); err != nil {
			t.Fatal(err)
		}
		deal := gen.MObject{Type: "Opportunity", Id: gen.Some[int32](2), AttribList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{{Name: "DealNumber", Value: "D-2"}}})}
		if got := syncObjects(t, sim, "UPDATE", deal); got != "[2 UPDATED]" {
			t.Fatal(got)
		}
		return sim
	}
	by := func(kind, name, value string) gen.MObjAssociation {
		return gen.MObjAssociation{MObjType: kind, ExternalKey: gen.Some(gen.Attrib{Name: name, Value: value})}
	}
	for _, test := range []struct {
		name              string
		lead, opportunity gen.MObjAssociation
		want              string
	}{
		{"custom fields", by("Lead", "CrmPersonId", "P-8"), by("Opportunity", "DealNumber", "D-2"), "[2 CREATED]"},
		{"Id and external key", by("Lead", "Id", "8"), by("Opportunity", "CrmId", "c2"), "[2 CREATED]"},
		{"Email and a field of the schema", by("Lead", "Email", "B@example.com"), by("Opportunity", "Name", "Deal 2"), "[2 CREATED]"},
		{"foreign id", by("Lead", "ForeignSysPersonId", "F8"), by("Opportunity", "DealNumber", "D-2"), "[2 CREATED]"},
		{"a value from before", by("Lead", "CrmPersonId", "old"), by("Opportunity", "DealNumber", "D-2"), "[nil! FAILED]"},
		{"a field without value", by("Lead", "FirstName", "x"), by("Opportunity", "DealNumber", "D-2"), "[nil! FAILED]"},
		{"an empty value", by("Lead", "LastName", ""), by("Opportunity", "DealNumber", "D-2"), "[nil! FAILED]"},
		{"a type of key, not a field", by("Lead", "IDNUM", "8"), by("Opportunity", "DealNumber", "D-2"), "[nil! FAILED]"},
		{"no such deal", by("Lead", "Id", "8"), by("Opportunity", "DealNumber", "D-3"), "[nil! FAILED]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim := setup(t)
			role := gen.MObject{Type: "OpportunityPersonRole", AssociationList: gen.Some(gen.ArrayOfMObjAssociation{
				MObjAssociation: []gen.MObjAssociation{test.lead, test.opportunity},
			})}
			if got := syncObjects(t, sim, "INSERT", role); got != test.want {
				t.Fatalf("%s, want %s", got, test.want)
			}
			roles := mobjects(t, sim, &gen.ParamsGetMObjects{Type: "OpportunityPersonRole", MObjAssociationList: role.AssociationList})
			if want := test.want == "[2 CREATED]"; (roles.ReturnCount == 1) != want {
				t.Errorf("%d roles of these", roles.ReturnCount)
			}
		})
	}
}

// The index of a field follows what is written, merged and loaded.
func TestAssociations_fieldChanges(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 1)
	roles := func(city string) []int32 {
		t.Helper()
		return mobjectIDs(mobjects(t, sim, &gen.ParamsGetMObjects{
			Type: "OpportunityPersonRole", MObjAssociationList: gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{
				{MObjType: "Lead", ExternalKey: gen.Some(gen.Attrib{Name: "City", Value: city})},
			}}),
		}))
	}
	write := func(lead int32, city string) {
		t.Helper()
		if _, err := sim.SyncLead(t.Context(), syncOne(record(id(lead), fields("City", city)), "")); err != nil {
			t.Fatal(err)
		}
	}
	check := func(city string, want ...int32) {
		t.Helper()
		if diff := cmp.Diff(append([]int32{}, want...), roles(city)); diff != "" {
			t.Errorf("%s: %s", city, diff)
		}
	}
	check("Köln")
	write(7, "Köln")
	check("Köln", 1)
	write(7, "Bonn")
	check("Köln")
	write(8, "Köln") // has no role until it gets that of lead 7
	check("Köln")
	write(7, "Köln")
	write(8, "Berlin") // one of two leaves
	check("Köln", 1)
	write(8, "Köln")
	write(7, "Bonn")
	check("Köln")
	winner, loser := attributes("IDNUM", "8").Value, attributes("IDNUM", "7").Value
	if _, err := sim.MergeLeads(t.Context(), &gen.ParamsMergeLeads{WinningLeadKeyList: &winner, LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{loser}}}); err != nil {
		t.Fatal(err)
	}
	check("Köln", 1)
	check("Bonn")
	if _, err := sim.AddLead(simulator.Lead{ID: 9, Fields: map[string]string{"City": "Köln"}}); err != nil {
		t.Fatal(err)
	}
	loser = attributes("IDNUM", "9").Value
	if _, err := sim.MergeLeads(t.Context(), &gen.ParamsMergeLeads{WinningLeadKeyList: &winner, LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{loser}}}); err != nil {
		t.Fatal(err)
	}
	check("Köln", 1) // the one that is left
	if err := sim.Load(sim.Snapshot()); err != nil {
		t.Fatal(err)
	}
	check("Köln", 1)
}

// An external key without content is none.
func TestSyncMObjects_emptyExternalKey(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 1)
	none := gen.Some(gen.Attrib{})
	byID := gen.MObject{Type: "Opportunity", Id: gen.Some[int32](1), ExternalKey: none}
	byID.AttribList = gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{{Name: "Stage", Value: "Won"}}})
	role := gen.MObject{Type: "OpportunityPersonRole", ExternalKey: none, AssociationList: withAssociations("Opportunity", 1, "Lead", 8)}
	role.AssociationList.Value.MObjAssociation[0].ExternalKey = none
	fresh := gen.MObject{Type: "Opportunity", ExternalKey: none}
	if got := syncObjects(t, sim, "UPSERT", byID, role, fresh, fresh); got != "[1 UPDATED 2 CREATED 2 CREATED 3 CREATED]" {
		t.Error(got)
	}
	found := mobjects(t, sim, &gen.ParamsGetMObjects{Type: "Opportunity", Id: gen.Some[int32](1), ExternalKey: none})
	if found.ReturnCount != 1 || found.MObjectList.Value.MObject[0].ExternalKey.Value.Value != "c1" {
		t.Errorf("%+v", found)
	}
}

func TestGetCustomObjects_withoutIncludeAttributes(t *testing.T) {
	t.Parallel()
	sim := customSetup(t, 2)
	in := seats("Row", "A")
	all := customs(t, sim, in)
	in.IncludeAttributes = nil
	if diff := cmp.Diff(all, customs(t, sim, in)); diff != "" || all.ReturnCount != 2 {
		t.Error(diff)
	}
}

// A name of activities is any text: those of the public connector that the schema lacks,
// and one that a customer has defined.
func TestGetLeadChanges_anyName(t *testing.T) {
	t.Parallel()
	sim := mixed(t, 20)
	for _, name := range []string{"Change Nurture Track", "Touch Complete", "Our own type", "VisitWebpage", ""} {
		if got := changes(t, sim, everything(named(name))); len(got) != 0 {
			t.Errorf("%q: %v", name, got)
		}
	}
	if _, err := sim.AddActivity(1, simulator.Activity{ID: 99, Type: "Our own type", Time: simulator.At(noon)}); err != nil {
		t.Fatal(err)
	}
	if got := changes(t, sim, everything(named("Touch Complete", "Our own type"))); !cmp.Equal(got, []int64{99}) {
		t.Errorf("%v", got)
	}
}

// An id beside tokens is refused, as the reference page says, whatever a post has shown.
func TestRequestCampaign_idWithTokens(t *testing.T) {
	t.Parallel()
	sim := campaignSetup(t)
	in := requestFor("7")
	in.CampaignId = gen.Some[int32](10)
	in.ProgramTokenList = gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{{Name: "{{my.message}}", Value: "x"}}})
	_, err := sim.RequestCampaign(t.Context(), in)
	wantFault(t, err, fault.CodeBadParameter, "campaignId alone")
	in.ProgramTokenList = gen.Opt[gen.ArrayOfAttrib]{}
	if _, err := sim.RequestCampaign(t.Context(), in); err != nil {
		t.Error(err)
	}
}

// The activities of a loser go on as the winner's, with their ids and times.
func TestMergeLeads_activitiesMove(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{
		{ID: 1, Activities: []simulator.Activity{{ID: 10, Type: "Visit Webpage", Time: simulator.At(noon)}}},
		{ID: 2, Activities: []simulator.Activity{{ID: 11, Type: "Visit Webpage", Time: simulator.At(noon.Add(-time.Hour))}}},
	})
	told := func() map[string]string {
		of := make(map[string]string)
		for _, r := range changePage(t, sim, everything(named("Visit Webpage"))).LeadChangeRecordList.Value.LeadChangeRecord {
			of[fmt.Sprint(r.Id.Value, " ", r.ActivityDateTime)] = r.MktPersonId
		}
		return of
	}
	before := told()
	winner, loser := attributes("IDNUM", "1").Value, attributes("IDNUM", "2").Value
	if _, err := sim.MergeLeads(t.Context(), &gen.ParamsMergeLeads{WinningLeadKeyList: &winner, LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{loser}}}); err != nil {
		t.Fatal(err)
	}
	for record := range before {
		before[record] = "1"
	}
	if diff := cmp.Diff(before, told()); diff != "" || len(before) != 2 {
		t.Error(diff)
	}
}

// The fields of custom objects that were asked for follow what is written.
func TestGetCustomObjects_fieldChanges(t *testing.T) {
	t.Parallel()
	sim := customSetup(t, 4) // of the leads 7, 8, 7, 8
	check := func(pair, want string) {
		t.Helper()
		field, value, _ := strings.Cut(pair, "=")
		if got := seatNames(customs(t, sim, seats(field, value))); got != want {
			t.Errorf("%s: %q, want %q", pair, got, want)
		}
	}
	check("LeadId=7", "A1 A3")
	check("Note=", "A1 A2 A3 A4")
	update := gen.CustomObj{CustomObjKeyList: attributes("Row", "A", "Number", "1"), CustomObjAttributeList: attributes("LeadId", "8", "Note", "x")}
	if _, err := sim.SyncCustomObjects(t.Context(), &gen.ParamsSyncCustomObjects{
		ObjTypeName: "Seat", CustomObjList: &gen.ArrayOfCustomObj{CustomObj: []gen.CustomObj{update}}, Operation: gen.Some(gen.SyncOperationEnumUPDATE),
	}); err != nil {
		t.Fatal(err)
	}
	check("LeadId=7", "A3")
	check("LeadId=8", "A1 A2 A4")
	check("Note=", "A2 A3 A4")
	if _, err := sim.DeleteCustomObjects(t.Context(), &gen.ParamsDeleteCustomObjects{
		ObjTypeName: "Seat", CustomObjKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{attributes("Row", "A", "Number", "2").Value}},
	}); err != nil {
		t.Fatal(err)
	}
	check("LeadId=8", "A1 A4")
}

// Roles are found by the company of their opportunity, and objects by all conditions at
// once.
func TestGetMObjects_rolesOfACompany(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 3) // 1 and 3 of the company 500, 2 of 501
	for opportunity := int64(1); opportunity <= 3; opportunity++ {
		if _, err := sim.AddOpportunityRole(simulator.OpportunityRole{OpportunityID: opportunity, LeadID: 8}); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		in   gen.Opt[gen.ArrayOfMObjAssociation]
		want []int32
	}{
		{withAssociations("Company", 500), []int32{1, 2, 4}},
		{withAssociations("Company", 501), []int32{3}},
		{withAssociations("Company", 502), []int32{}},
		{withAssociations("Company", 500, "Lead", 8), []int32{2, 4}},
		{withAssociations("Lead", 8, "Opportunity", 3), []int32{4}},
		{withAssociations("Opportunity", 1, "Lead", 7), []int32{1}},
		{withAssociations("Opportunity", 2, "Lead", 7), []int32{}},
	} {
		got := mobjectIDs(mobjects(t, sim, &gen.ParamsGetMObjects{Type: "OpportunityPersonRole", MObjAssociationList: test.in}))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%+v: %s", test.in.Value, diff)
		}
	}
}

// Points in names do not make two campaigns one.
func TestCampaigns_pointsInNames(t *testing.T) {
	t.Parallel()
	sim := setup(t, 0)
	for _, p := range []string{"A", "A.B"} {
		if _, err := sim.AddProgram(simulator.Program{Name: p}); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range []simulator.Campaign{{ID: 1, Program: "A", Name: "B.C", Batch: true}, {ID: 2, Program: "A.B", Name: "C", Batch: true}, {ID: 3, Name: "A.B.C"}} {
		if _, err := sim.AddCampaign(c); err != nil {
			t.Fatal(i, err)
		}
	}
	for i, c := range []struct{ program, name string }{{"A", "B.C"}, {"A.B", "C"}} {
		if _, err := sim.ScheduleCampaign(t.Context(), &gen.ParamsScheduleCampaign{ProgramName: c.program, CampaignName: c.name}); err != nil {
			t.Fatal(err)
		}
		if runs := sim.CampaignRuns(); runs[i].CampaignID != int64(i+1) {
			t.Errorf("%s of %s is campaign %d", c.name, c.program, runs[i].CampaignID)
		}
	}
}

// Of several leads that have all keys of a list, the one added last is meant.
func TestMergeLeads_severalWithAllKeys(t *testing.T) {
	t.Parallel()
	both := func(id int64) simulator.Lead {
		return simulator.Lead{ID: id, Email: "shared@example.com", Keys: leadKeys("LEADOWNEREMAIL", "o@example.com")}
	}
	for _, test := range []struct {
		keys []string
		want int32
	}{
		{[]string{"EMAIL", "shared@example.com", "LEADOWNEREMAIL", "o@example.com"}, 3},
		{[]string{"LEADOWNEREMAIL", "o@example.com", "EMAIL", "shared@example.com"}, 3},
		{[]string{"EMAIL", "shared@example.com"}, 4},
		{[]string{"EMAIL", "shared@example.com", "IDNUM", "1"}, 1},
		{[]string{"EMAIL", "shared@example.com", "IDNUM", "5"}, 0},
	} {
		sim, _ := at(t, []simulator.Lead{
			both(1), both(2), both(3), {ID: 4, Email: "shared@example.com"}, {ID: 5, Keys: leadKeys("LEADOWNEREMAIL", "o@example.com")}, {ID: 6},
		})
		winner, loser := attributes(test.keys...).Value, attributes("IDNUM", "6").Value
		out, err := sim.MergeLeads(t.Context(), &gen.ParamsMergeLeads{WinningLeadKeyList: &winner, LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{loser}}})
		if test.want == 0 {
			wantFault(t, err, fault.CodeLeadNotFound, "all keys")
		} else if err != nil || out.Result.MergeStatus.WinningLeadId.Value != test.want {
			t.Errorf("%v: %+v, %v; want lead %d", test.keys, out, err, test.want)
		}
	}
}
