package simulator_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

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
			ForeignSysPersonId: gen.None[string](), ForeignSysType: gen.None[gen.ForeignSysType](),
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
	if got := fields["Plain"]; got != (simulator.LeadField{Name: "Plain", Label: "Plain", Type: simulator.TypeString}) {
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
