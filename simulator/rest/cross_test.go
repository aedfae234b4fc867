package rest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// idKey is the key of a lead by its id.
func idKey(id string) gen.LeadKey { return gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: id} }

// attributesOf returns attributes as the SOAP API writes them.
func attributesOf(pairs ...string) gen.Opt[gen.ArrayOfAttribute] {
	var list gen.ArrayOfAttribute
	for i := 0; i < len(pairs); i += 2 {
		list.Attribute = append(list.Attribute, gen.Attribute{AttrName: pairs[i], AttrValue: pairs[i+1]})
	}
	return gen.Some(list)
}

// soapLead returns a lead as the SOAP API shows it.
func soapLead(t *testing.T, b *bundle, id string) string {
	t.Helper()
	key := idKey(id)
	out, err := b.sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &key})
	if err != nil {
		return "no lead"
	}
	r := out.Result.LeadRecordList.Value.LeadRecord[0]
	text := r.Email.Or("")
	for _, a := range r.LeadAttributeList.Value.Attribute {
		text += " " + a.AttrName + "=" + a.AttrValue
	}
	return text
}

// both is something that is written by one API and read by the other.
type both struct {
	name  string
	write func(t *testing.T, b *bundle)
	read  func(t *testing.T, b *bundle) string
	want  string
}

// fails fails the test with the error of a call, whatever it has answered.
func fails[T any](t *testing.T, _ T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// soapWrites are written by the SOAP API.
func soapWrites() []both {
	return []both{
		{"syncLead", func(t *testing.T, b *bundle) {
			out, err := b.sim.SyncLead(t.Context(), &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some("s@example.com"), LeadAttributeList: attributesOf("FirstName", "Sam", "LeadScore", "7")}})
			fails(t, out, err)
		}, func(_ *testing.T, b *bundle) string {
			r := b.get("/rest/v1/leads.json?filterType=email&filterValues=s@example.com&fields=firstName,leadScore").result()[0]
			return fmt.Sprint(r["firstName"], " ", r["leadScore"])
		}, "Sam 7"},
		{"syncMultipleLeads", func(t *testing.T, b *bundle) {
			out, err := b.sim.SyncMultipleLeads(t.Context(), &gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{{Id: gen.Some[int32](318816), LeadAttributeList: attributesOf("City", "Oslo")}}}})
			fails(t, out, err)
		}, func(_ *testing.T, b *bundle) string {
			token := b.since(noon)
			return b.get("/rest/v1/activities.json?activityTypeIds=13&leadIds=318816&nextPageToken=%s", token).column("primaryAttributeValue")
		}, "City"},
		{"mergeLeads", func(t *testing.T, b *bundle) {
			out, err := b.sim.MergeLeads(t.Context(), &gen.ParamsMergeLeads{
				WinningLeadKeyList: &gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "IDNUM", AttrValue: "318815"}}},
				LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{{AttrName: "IDNUM", AttrValue: "318816"}}}}},
			})
			fails(t, out, err)
		}, func(_ *testing.T, b *bundle) string {
			return b.get("/rest/v1/leads.json?filterType=id&filterValues=318815,318816").column("id")
		}, "318815"},
		{"listOperation", func(t *testing.T, b *bundle) {
			out, err := b.sim.ListOperation(t.Context(), &gen.ParamsListOperation{
				ListOperation: "ADDTOLIST", ListKey: &gen.ListKey{KeyType: "MKTOLISTNAME", KeyValue: simulator.DemoList},
				ListMemberList: &gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{idKey("318816")}},
			})
			fails(t, out, err)
		}, func(_ *testing.T, b *bundle) string {
			return b.get("/rest/v1/lists/1042/leads/ismember.json?id=318816").column("status")
		}, "memberof"},
		{"requestCampaign", func(t *testing.T, b *bundle) {
			out, err := b.sim.RequestCampaign(t.Context(), &gen.ParamsRequestCampaign{Source: "MKTOWS", CampaignId: gen.Some[int32](1201), LeadList: gen.Some(gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{idKey("318816")}})})
			fails(t, out, err)
		}, func(_ *testing.T, b *bundle) string {
			return b.get("/rest/v1/activities.json?activityTypeIds=47&leadIds=318816&nextPageToken=%s", b.since(noon)).column("primaryAttributeValueId")
		}, "1201"},
		{"syncMObjects", func(t *testing.T, b *bundle) {
			out, err := b.sim.SyncMObjects(t.Context(), &gen.ParamsSyncMObjects{Operation: "UPSERT", MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{{
				Type: "Opportunity", ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "o9"}), AttribList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{{Name: "Amount", Value: "5"}}}),
			}}}})
			fails(t, out, err)
		}, func(_ *testing.T, b *bundle) string {
			return b.get("/rest/v1/opportunities.json?filterType=externalOpportunityId&filterValues=o9&fields=amount").column("amount")
		}, "5"},
		{"syncCustomObjects", func(t *testing.T, b *bundle) {
			out, err := b.sim.SyncCustomObjects(t.Context(), &gen.ParamsSyncCustomObjects{ObjTypeName: "Device", Operation: gen.Some(gen.SyncOperationEnum("UPSERT")), CustomObjList: &gen.ArrayOfCustomObj{CustomObj: []gen.CustomObj{{
				CustomObjKeyList: attributesOf("SerialNumber", "SN-7"), CustomObjAttributeList: attributesOf("Model", "Seven"),
			}}}})
			fails(t, out, err)
		}, func(_ *testing.T, b *bundle) string {
			return b.get("/rest/v1/customobjects/device.json?filterType=SerialNumber&filterValues=SN-7&fields=Model").column("Model")
		}, "Seven"},
		{"syncLead with a cookie", func(t *testing.T, b *bundle) {
			out, err := b.sim.SyncLead(t.Context(), &gen.ParamsSyncLead{
				LeadRecord: &gen.LeadRecord{Email: gen.Some("contact@example.com")}, MarketoCookie: gen.Some("id:1&token:_mch-example.com-9"),
			})
			fails(t, out, err)
		}, func(_ *testing.T, b *bundle) string {
			return b.get("/rest/v1/leads.json?filterType=cookies&filterValues=id:1%%26token:_mch-example.com-9&fields=cookies,id").column("cookies")
		}, "_mch-example.com-9"},
		{"deleteMObjects", func(t *testing.T, b *bundle) {
			out, err := b.sim.DeleteMObjects(t.Context(), &gen.ParamsDeleteMObjects{MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{{Type: "Opportunity", Id: gen.Some[int32](77)}}}})
			fails(t, out, err)
		}, func(_ *testing.T, b *bundle) string {
			return b.get("/rest/v1/opportunities.json?filterType=externalOpportunityId&filterValues=006000000000001AAA,006000000000002AAA&fields=externalOpportunityId").column("externalOpportunityId")
		}, "006000000000002AAA"},
		{"deleteCustomObjects", func(t *testing.T, b *bundle) {
			out, err := b.sim.DeleteCustomObjects(t.Context(), &gen.ParamsDeleteCustomObjects{ObjTypeName: "Device", CustomObjKeyLists: &gen.ArrayOfKeyList{
				KeyList: []gen.ArrayOfAttribute{attributesOf("SerialNumber", "SN-1001").Value},
			}})
			fails(t, out, err)
		}, func(_ *testing.T, b *bundle) string {
			return b.get("/rest/v1/customobjects/device.json?filterType=SerialNumber&filterValues=SN-1001,SN-1002&fields=SerialNumber").column("SerialNumber")
		}, "SN-1002"},
		{"scheduleCampaign", func(t *testing.T, b *bundle) {
			out, err := b.sim.ScheduleCampaign(t.Context(), &gen.ParamsScheduleCampaign{
				ProgramName: simulator.DemoProgram, CampaignName: "Send Invitation", CloneToProgramName: gen.Some("Copy"), CampaignRunAt: gen.Some(gen.NewDateTime(noon.AddDate(0, 0, 1))),
			})
			fails(t, out, err)
		}, func(_ *testing.T, b *bundle) string {
			return b.get("/rest/v1/campaigns.json?programName=Copy&name=Send%%20Invitation").column("programName")
		}, "Copy"},
		{"importToList", func(t *testing.T, b *bundle) {
			fails(t, 0, func() error {
				_, err := b.sim.AddList(simulator.List{Program: simulator.DemoProgram, Name: "Guests"})
				return err
			}())
			out, err := b.sim.ImportToList(t.Context(), &gen.ParamsImportToList{
				ProgramName: simulator.DemoProgram, ListName: "Guests", ImportFileHeader: "Email Address,First Name", ImportListMode: "UPSERTLEADS",
				ImportFileRows: &gen.ArrayOfString{StringItem: []string{"imported@example.com,Ida"}},
			})
			fails(t, out, err)
			b.clock.Advance(10_000_000_000)
		}, func(_ *testing.T, b *bundle) string {
			return b.get("/rest/v1/lists/1043/leads.json?fields=firstName").column("firstName")
		}, "Ida"},
	}
}

// restWrites are written by the REST API.
func restWrites() []both {
	changes := func(t *testing.T, b *bundle, kind string) string {
		out, err := b.sim.GetLeadChanges(t.Context(), &gen.ParamsGetLeadChanges{
			StartPosition: &gen.StreamPosition{OldestCreatedAt: gen.Some(gen.NewDateTime(noon))}, ActivityNameFilter: gen.Some(gen.ArrayOfString{StringItem: []string{kind}}),
		})
		fails(t, out, err)
		var names []string
		for _, r := range out.Result.LeadChangeRecordList.Value.LeadChangeRecord {
			names = append(names, r.MktPersonId+" "+r.MktgAssetName.Or(""))
		}
		return strings.Join(names, ", ")
	}
	return []both{
		{"sync", func(_ *testing.T, b *bundle) {
			b.post("/rest/v1/leads.json", `{"action":"updateOnly","lookupField":"id","input":[{"id":318816,"firstName":"Rae","unsubscribed":true,"city":null}]}`).ok()
		}, func(t *testing.T, b *bundle) string {
			return changes(t, b, "Change Data Value") + "; " + soapLead(t, b, "318816")
		}, ""},
		{"delete", func(_ *testing.T, b *bundle) { b.call("DELETE", "/rest/v1/leads.json?id=318816", "").ok() },
			func(t *testing.T, b *bundle) string { return soapLead(t, b, "318816") }, "no lead"},
		{"merge", func(_ *testing.T, b *bundle) { b.post("/rest/v1/leads/318815/merge.json?leadIds=318816", "").ok() },
			func(t *testing.T, b *bundle) string { return changes(t, b, "Merge Leads") }, "318815 "},
		{"add to list", func(_ *testing.T, b *bundle) { b.post("/rest/v1/lists/1042/leads.json?id=318816", "").ok() },
			func(t *testing.T, b *bundle) string { return changes(t, b, "Add to List") }, "318816 Newsletter"},
		{"off a list", func(_ *testing.T, b *bundle) { b.call("DELETE", "/rest/v1/lists/1042/leads.json?id=318815", "").ok() },
			func(t *testing.T, b *bundle) string { return changes(t, b, "Remove from List") }, "318815 Newsletter"},
		{"associate", func(_ *testing.T, b *bundle) {
			b.post("/rest/v1/leads/318816/associate.json?cookie=id:1%26token:_mch-example.com-9", "").ok()
		}, func(t *testing.T, b *bundle) string {
			out, err := b.sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: "COOKIE", KeyValue: "id:1&token:_mch-example.com-9"}})
			fails(t, out, err)
			return fmt.Sprint(out.Result.LeadRecordList.Value.LeadRecord[0].Id.Or(0))
		}, "318816"},
		{"schedule", func(_ *testing.T, b *bundle) {
			b.post("/rest/v1/campaigns/1202/schedule.json", `{"input":{"runAt":"2026-10-07T12:00:00Z","cloneToProgramName":"Copy"}}`).ok()
		}, func(t *testing.T, b *bundle) string {
			out, err := b.sim.GetCampaignsForSource(t.Context(), &gen.ParamsGetCampaignsForSource{Source: "MKTOWS"})
			fails(t, out, err)
			var names []string
			for _, c := range out.Result.CampaignRecordList.Value.CampaignRecord {
				names = append(names, c.Name)
			}
			return strings.Join(names, ", ")
		}, "Autumn Webinar.Register, Copy.Register"},
		{"roles", func(_ *testing.T, b *bundle) {
			b.post("/rest/v1/opportunities/roles.json", `{"input":[{"externalOpportunityId":"006000000000002AAA","leadId":318816,"role":"Judge"}]}`).ok()
			b.post("/rest/v1/opportunities/delete.json", `{"input":[{"externalOpportunityId":"006000000000001AAA"}]}`).ok()
		}, func(t *testing.T, b *bundle) string {
			var counts []int32
			for _, kind := range []string{"Opportunity", "OpportunityPersonRole"} {
				out, err := b.sim.GetMObjects(t.Context(), &gen.ParamsGetMObjects{Type: kind})
				fails(t, out, err)
				counts = append(counts, out.Result.ReturnCount)
			}
			return fmt.Sprint(counts)
		}, "[1 2]"},
		{"program costs", func(_ *testing.T, b *bundle) {
			b.form("/rest/asset/v1/program/1019.json", "costs", `[{"startDate":"2026-10-01","cost":7,"note":"Stand"}]`, "costsDestructiveUpdate", "true").ok()
		}, func(t *testing.T, b *bundle) string {
			out, err := b.sim.GetMObjects(t.Context(), &gen.ParamsGetMObjects{Type: "Program", Id: gen.Some[int32](1019), IncludeDetails: gen.Some(true)})
			fails(t, out, err)
			text := fmt.Sprintf("%+v", out.Result.MObjectList.Value.MObject[0].TypeAttribList.Value)
			return fmt.Sprint(strings.Contains(text, "Stand"), strings.Contains(text, "Platform"))
		}, "true false"},
		{"trigger", func(_ *testing.T, b *bundle) {
			b.post("/rest/v1/campaigns/1201/trigger.json", `{"input":{"leads":[{"id":318816}]}}`).ok()
		}, func(t *testing.T, b *bundle) string { return changes(t, b, "Request Campaign") }, "318816 Autumn Webinar.Register"},
		{"opportunity", func(_ *testing.T, b *bundle) {
			b.post("/rest/v1/opportunities.json", `{"input":[{"externalOpportunityId":"006000000000001AAA","stage":"Won"}]}`).ok()
		}, func(t *testing.T, b *bundle) string {
			out, err := b.sim.GetMObjects(t.Context(), &gen.ParamsGetMObjects{Type: "Opportunity", Id: gen.Some[int32](77)})
			fails(t, out, err)
			return fmt.Sprint(out.Result.MObjectList.Value.MObject[0].AttribList.Value.Attrib[1])
		}, "{Stage Won}"},
		{"custom object", func(_ *testing.T, b *bundle) {
			b.post("/rest/v1/customobjects/device/delete.json", `{"input":[{"SerialNumber":"SN-1001"}]}`).ok()
		}, func(t *testing.T, b *bundle) string {
			out, err := b.sim.GetCustomObjects(t.Context(), &gen.ParamsGetCustomObjects{ObjTypeName: "Device", CustomObjKeyList: attributesOf("LeadId", "318815")})
			fails(t, out, err)
			return fmt.Sprint(out.Result.ReturnCount)
		}, "1"},
		{"program tag", func(_ *testing.T, b *bundle) {
			b.post("/rest/asset/v1/program/1019/tag/Product.json?tagValue=Valves", "").ok()
		}, func(t *testing.T, b *bundle) string {
			out, err := b.sim.GetMObjects(t.Context(), &gen.ParamsGetMObjects{Type: "Program", MObjCriteriaList: gen.Some(gen.ArrayOfMObjCriteria{MObjCriteria: []gen.MObjCriteria{{AttrName: "Tag Type", AttrValue: "Product", Comparison: "EQ"}, {AttrName: "Tag Value", AttrValue: "Valves", Comparison: "EQ"}}})})
			fails(t, out, err)
			return fmt.Sprint(out.Result.ReturnCount)
		}, "1"},
		{"import", func(_ *testing.T, b *bundle) {
			b.upload("/bulk/v1/leads.json?format=csv", "email,city\nbulk@example.com,Bern\n").ok()
			b.clock.Advance(10_000_000_000)
		}, func(t *testing.T, b *bundle) string {
			key := gen.LeadKey{KeyType: "EMAIL", KeyValue: "bulk@example.com"}
			out, err := b.sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &key})
			fails(t, out, err)
			return out.Result.LeadRecordList.Value.LeadRecord[0].LeadAttributeList.Value.Attribute[0].AttrValue
		}, "Bern"},
	}
}

// Both APIs tell the same story: what one writes the other reads.
func TestBothAPIs(t *testing.T) {
	t.Parallel()
	for _, test := range append(soapWrites(), restWrites()...) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := demo(t)
			b.clock.Set(noon)
			test.write(t, b)
			if got := test.read(t, b); got != test.want && test.want != "" {
				t.Errorf("%q, want %q", got, test.want)
			} else if test.name == "sync" && (!strings.Contains(got, "FirstName=Rae") || !strings.Contains(got, "Unsubscribed=true") || !strings.Contains(got, "318816 First Name")) {
				t.Errorf("%q", got)
			}
		})
	}
}
