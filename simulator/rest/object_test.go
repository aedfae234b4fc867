package rest_test

import (
	"fmt"
	"testing"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// step is a call with the codes that it is answered with, and a column of its records.
type step struct{ method, uri, body, codes, column, want string }

func (b *bundle) run(steps []step) {
	b.t.Helper()
	for _, s := range steps {
		a := b.call(s.method, s.uri, s.body).want(s.codes)
		if s.column != "" && a.column(s.column) != s.want {
			b.t.Errorf("%s %s %s: %s %q, want %q", s.method, s.uri, s.body, s.column, a.column(s.column), s.want)
		}
	}
}

// demo is an API over the demonstration data.
func demo(t testing.TB, opts ...any) *bundle {
	t.Helper()
	b := setup(t, opts...)
	if err := b.sim.LoadDemo(); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOpportunities(t *testing.T) {
	t.Parallel()
	b := demo(t)
	const uri = "/rest/v1/opportunities.json"
	b.run([]step{
		{"GET", uri + "?filterType=externalOpportunityId&filterValues=006000000000001AAA,006000000000002AAA&fields=name,amount,isClosed,externalOpportunityId", "", "", "amount", "24000 5300"},
		{"GET", uri + "?filterType=externalOpportunityId&filterValues=none", "", "", "seq", ""},
		{"GET", uri + "?filterType=name&filterValues=x", "", "1003", "", ""},
		{"GET", uri + "?filterType=externalOpportunityId&filterValues=1&fields=none", "", "1006", "", ""},
		{"GET", uri + "?filterValues=1", "", "1002", "", ""},
		{"POST", uri, `{"input":[{"externalOpportunityId":"new","name":"N","amount":"1604.47"},{"externalOpportunityId":"006000000000001AAA","stage":"Won"}]}`, "", "status", "created updated"},
		{"POST", uri, `{"action":"createOnly","dedupeBy":"dedupeFields","input":[{"externalOpportunityId":"new"},{"externalOpportunityId":"n2"}]}`, "1017", "status", "skipped created"},
		{"POST", uri, `{"action":"updateOnly","input":[{"externalOpportunityId":"none"}]}`, "1013", "status", "skipped"},
		{"POST", uri, `{"input":[{"externalOpportunityId":"n3"},{"externalOpportunityId":"n3"}]}`, "1036", "status", "created skipped"},
		{"POST", uri, `{"input":[{"externalOpportunityId":"n4","colour":"red"},{"name":"x"},{"externalOpportunityId":"n5","amount":"much"}]}`, "1006 1003 1003", "status", "skipped skipped skipped"},
		{"POST", uri, `{"input":[{"externalOpportunityId":"n6","name":"x","NAME":"y"},{"EXTERNALOPPORTUNITYID":"n7","externalopportunityid":"n8"}]}`, "1003 1003", "status", "skipped skipped"},
		{"POST", uri, `{"input":[{"externalOpportunityId":"006000000000001AAA","name":null}]}`, "1003", "status", "skipped"},
		{"GET", uri + "?filterType=dedupeFields&filterValues=x", "", "1002", "", ""},
		{"POST", uri, `{"input":[]}`, "1003", "", ""}, {"POST", uri, `{"action":"x","input":[{}]}`, "1001", "", ""},
		{"GET", uri + "?filterType=externalOpportunityId&filterValues=new&fields=amount", "", "", "amount", "1604"},
		{"POST", "/rest/v1/opportunities/delete.json", `{"deleteBy":"dedupeFields","input":[{"externalOpportunityId":"new"},{"externalOpportunityId":"none"}]}`, "1013", "status", "deleted skipped"},
		{"GET", "/rest/v1/opportunities/describe.json", "", "", "idField", "marketoGUID"},
		{"GET", "/rest/v1/companies/describe.json", "", "", "idField", "id"},
		{"GET", "/rest/v1/opportunities/schema/fields.json?batchSize=2", "", "", "name", "externalOpportunityId externalCompanyId"},
		{"GET", "/rest/v1/opportunities/roles/describe.json", "", "", "idField", "marketoGUID"},
	})
	guid := b.get("%s?filterType=externalOpportunityId&filterValues=n2", uri).column("marketoGUID")
	b.run([]step{
		{"GET", uri + "?filterType=marketoGUID&filterValues=" + guid, "", "", "externalOpportunityId", "n2"},
		{"POST", uri, `{"dedupeBy":"idField","action":"updateOnly","input":[{"marketoGUID":"` + guid + `","name":"By GUID"},{"marketoGUID":"x"}]}`, "1013", "status", "updated skipped"},
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	b := demo(t)
	const uri = "/rest/v1/opportunities/roles.json"
	const key = `{"externalOpportunityId":"006000000000002AAA","leadId":318815,"role":"Buyer"`
	b.run([]step{
		{"GET", uri + "?filterType=leadId&filterValues=318815,318816&fields=role,isPrimary,leadId", "", "", "role", "Decision Maker Buyer"},
		{"GET", uri + "?filterType=externalOpportunityId&filterValues=006000000000002AAA", "", "", "leadId", "318815"},
		{"POST", uri + "?_method=GET", `{"filterType":"dedupeFields","fields":["role"],"input":[` + key + `}]}`, "", "role", "Buyer"},
		{"POST", uri, `{"input":[` + key + `,"isPrimary":false},{"externalOpportunityId":"006000000000002AAA","leadId":318816,"role":"Buyer"}]}`, "", "status", "updated created"},
		{"POST", uri, `{"input":[{"externalOpportunityId":"none","leadId":318816,"role":"Buyer"},{"externalOpportunityId":"006000000000002AAA","leadId":1,"role":"B"},{"leadId":1}]}`, "1013 1004 1003", "status", "skipped skipped skipped"},
		{"POST", "/rest/v1/opportunities/roles/delete.json", `{"input":[` + key + `}]}`, "", "status", "deleted"},
	})
	crm := demo(t, rest.WithQuirks(rest.Quirks{CRM: true}))
	for _, path := range []string{"opportunities", "opportunities/roles", "companies"} {
		crm.post("/rest/v1/"+path+".json", `{"input":[{"externalCompanyId":"x"}]}`).want("1018")
	}
	crm.get("%s?filterType=leadId&filterValues=318815", uri).ok()
}

func TestCustomObjects(t *testing.T) {
	t.Parallel()
	b := demo(t)
	const uri = "/rest/v1/customobjects/device.json"
	b.run([]step{
		{"GET", "/rest/v1/customobjects.json", "", "", "apiName", "Device"},
		{"GET", "/rest/v1/customobjects.json?names=None", "", "", "apiName", ""},
		{"GET", "/rest/v1/customobjects/device/describe.json", "", "", "dedupeFields", "[SerialNumber]"},
		{"GET", "/rest/v1/customobjects/none/describe.json", "", "1013", "", ""},
		{"GET", uri + "?filterType=SerialNumber&filterValues=SN-1001&fields=Model,LeadId,Purchased", "", "", "LeadId", "318815"},
		{"GET", uri + "?filterType=leadId&filterValues=318815&batchSize=1", "", "", "SerialNumber", "SN-1001"},
		{"GET", uri + "?filterType=Model&filterValues=x", "", "1003", "", ""},
		{"POST", uri, `{"action":"createOrUpdate","dedupeBy":"dedupeFields","input":[{"SerialNumber":"SN-1002","Model":"M"},{"SerialNumber":"SN-9","LeadId":318816}]}`, "", "status", "updated created"},
		{"POST", uri + "?_method=GET", `{"filterType":"dedupeFields","fields":["Model"],"input":[{"SerialNumber":"SN-1002"}]}`, "", "Model", "M"},
		{"GET", uri, `{"filterType":"dedupeFields","input":[{"SerialNumber":"SN-9"}]}`, "", "SerialNumber", "SN-9"},
		{"POST", "/rest/v1/customobjects/device/delete.json", `{"deleteBy":"dedupeFields","input":[{"SerialNumber":"SN-9"}]}`, "", "status", "deleted"},
	})
	first := b.get("%s?filterType=LeadId&filterValues=318815&batchSize=1", uri)
	if a := b.get("%s?filterType=LeadId&filterValues=318815&batchSize=1&nextPageToken=%s", uri, first.text("nextPageToken")); a.column("SerialNumber") != "SN-1002" || a.text("nextPageToken") != "" {
		t.Errorf("%s", a.body)
	}
}

func TestCompaniesAndSalesPersons(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.sim.AddSalesPerson("s1", []simulator.Attribute{{Name: "email", Value: "sales@example.com"}}); err != nil {
		t.Fatal(err)
	}
	b.run([]step{
		{"POST", "/rest/v1/companies.json", `{"action":"createOrUpdate","input":[{"externalCompanyId":"c1","company":"Larkfield","numberOfEmployees":7}]}`, "", "status", "created"},
		{"GET", "/rest/v1/companies.json?filterType=externalCompanyId&filterValues=c1&fields=company,numberOfEmployees", "", "", "numberOfEmployees", "7"},
		{"GET", "/rest/v1/companies.json?filterType=id&filterValues=1,2", "", "", "externalCompanyId", "c1"},
		{"GET", "/rest/v1/companies/describe.json", "", "", "idField", "id"},
		{"GET", "/rest/v1/salespersons.json?filterType=email&filterValues=sales@example.com", "", "", "externalSalesPersonId", "s1"},
		{"GET", "/rest/v1/salespersons/describe.json", "", "", "idField", "id"},
	})
	if a := b.form("/rest/v1/salespersons.json?_method=GET", "filterType", "email", "filterValues", "sales@example.com"); a.column("id") != "1" {
		t.Errorf("%s", a.body)
	}
	b.post("/rest/v1/salespersons.json", `{"input":[]}`).want("605")
}

func TestCampaigns(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.run([]step{
		{"GET", "/rest/v1/campaigns.json", "", "", "name", "Register Send Invitation"},
		{"GET", "/rest/v1/campaigns.json?isTriggerable=true&programName=Autumn%20Webinar", "", "", "id", "1201"},
		{"GET", "/rest/v1/campaigns/1202.json", "", "", "type", "batch"},
		{"GET", "/rest/v1/campaigns/7.json", "", "1013", "", ""},
		{"POST", "/rest/v1/campaigns/1201/trigger.json", `{"_method":"POST","input":{"leads":[{"id":318815}],"tokens":[{"name":"{{my.message}}","value":"Hi"}]}}`, "", "id", "1201"},
		{"POST", "/rest/v1/campaigns/1202/trigger.json", `{"input":{"leads":[{"id":318815}]}}`, "1003", "", ""},
		{"POST", "/rest/v1/campaigns/7/trigger.json", `{"input":{"leads":[{"id":318815}]}}`, "1013", "", ""},
		{"POST", "/rest/v1/campaigns/1201/trigger.json", `{"input":{"leads":[{"id":7}]}}`, "1004", "", ""},
		{"POST", "/rest/v1/campaigns/1201/trigger.json", `{"_method":"GET","input":{"leads":[{"id":318815}]}}`, "1003", "", ""},
		{"POST", "/rest/v1/campaigns/1201/trigger.json", `{"input":{"leads":[]}}`, "1003", "", ""},
		{"POST", "/rest/v1/campaigns/1202/schedule.json", `{"input":{"runAt":"2026-10-06T13:00:00Z","tokens":[{"name":"my.place","value":"here"}]}}`, "", "id", "1202"},
		{"POST", "/rest/v1/campaigns/1202/schedule.json", `{}`, "", "id", "1202"},
		{"POST", "/rest/v1/campaigns/1202/schedule.json", `{"input":{"runAt":"2026-10-06T12:01:00Z"}}`, "1003", "", ""},
		{"POST", "/rest/v1/campaigns/1202/schedule.json", `{"input":{"runAt":"2029-10-06T12:01:00Z"}}`, "1042", "", ""},
		{"POST", "/rest/v1/campaigns/1201/schedule.json", ``, "1003", "", ""},
		{"POST", "/rest/v1/campaigns/1202/schedule.json", `{"input":{"cloneToProgramName":"Autumn Webinar"}}`, "709", "", ""},
		{"GET", "/rest/asset/v1/smartCampaigns.json?isActive=true", "", "", "isRequestable", "true"},
		{"GET", "/rest/asset/v1/smartCampaign/byName.json?name=Register", "", "", "parentProgramId", "1019"},
		{"GET", "/rest/asset/v1/smartCampaign/1202.json", "", "", "name", "Send Invitation"},
	})
	for i := range 21 {
		a := b.post("/rest/v1/campaigns/1202/schedule.json", fmt.Sprintf(`{"input":{"cloneToProgramName":"Copy %d"}}`, i))
		if want := map[bool]string{true: "1020"}[i == 20]; a.codes() != want {
			t.Errorf("clone %d: %s", i, a.body)
		}
	}
	if runs := b.sim.CampaignRuns(); runs[0].Source != gen.ReqCampSourceTypeMKTOWS || runs[0].Tokens[0].Value != "Hi" || len(runs) != 23 {
		t.Errorf("%d runs: %+v", len(runs), runs[0])
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	b := demo(t)
	for _, f := range []simulator.Folder{{ID: 5, Name: "Marketing Activities"}, {ID: 12, Name: "Events", Parent: 5, Tokens: []simulator.Attribute{{Name: "{{my.x}}", Value: "y"}}}} {
		if _, err := b.sim.AddFolder(f); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.sim.AddProgram(simulator.Program{Name: "Fair", Folder: 12, Tags: []simulator.Attribute{{Name: "Region", Value: "Europe"}}}); err != nil {
		t.Fatal(err)
	}
	b.run([]step{
		{"GET", "/rest/asset/v1/programs.json", "", "", "name", "Autumn Webinar Fair"},
		{"GET", "/rest/asset/v1/programs.json?maxReturn=1&offset=1", "", "", "name", "Fair"},
		{"GET", "/rest/asset/v1/programs.json?filterType=folderId&filterValues=12", "", "", "folder", "map[folderName:Events type:Folder value:12]"},
		{"GET", "/rest/asset/v1/programs.json?earliestUpdatedAt=2026-01-01T00:00:00Z", "", "", "name", "Fair"},
		{"GET", "/rest/asset/v1/programs.json?maxReturn=201", "", "1003", "", ""},
		{"GET", "/rest/asset/v1/program/byName.json?name=Autumn%20Webinar&includeTags=true&includeCosts=true", "", "", "channel", "Webinar"},
		{"GET", "/rest/asset/v1/program/byTag.json?tagType=Region&tagValue=Europe", "", "", "id", "1019 1020"},
		{"GET", "/rest/asset/v1/program/1019.json", "", "", "createdAt", "2015-09-21T14:30:00Z+0000"},
		{"POST", "/rest/asset/v1/program/1019/tag/Region.json?tagValue=North%20America", "", "", "id", "1019"},
		{"POST", "/rest/asset/v1/program/1019/tag/Region.json?tagValue=Nowhere", "", "709", "", ""},
		{"POST", "/rest/asset/v1/program/1019/tag/Product/delete.json", "", "", "tags", "[map[tagType:Region tagValue:North America]]"},
		{"POST", "/rest/asset/v1/program/1019/tag/Product/delete.json", "", "702", "", ""},
		{"GET", "/rest/asset/v1/folder/12.json?type=Folder", "", "", "path", "/Marketing Activities/Events"},
		{"GET", "/rest/asset/v1/folder/1019.json?type=Program", "", "", "folderType", "Marketing Event"},
		{"GET", "/rest/asset/v1/folder/12.json", "", "1002", "", ""}, {"GET", "/rest/asset/v1/folder/12.json?type=Tree", "", "1003", "", ""},
		{"GET", "/rest/asset/v1/folder/byName.json?name=Events", "", "", "id", "12"},
		{"GET", "/rest/asset/v1/folder/1019/tokens.json?folderType=Program", "", "", "folder", "map[folderName:Autumn Webinar type:Program value:1019]"},
		{"GET", "/rest/asset/v1/channels.json", "", "", "name", "Trade Fair Webinar"},
		{"GET", "/rest/asset/v1/channel/byName.json?name=Webinar", "", "", "applicableProgramType", "webinar"},
		{"GET", "/rest/asset/v1/tagTypes.json", "", "", "tagType", "Region Product"},
		{"GET", "/rest/asset/v1/tagType/byName.json?name=Product", "", "", "allowableValues", "[Pumps, Valves]"},
		{"GET", "/rest/asset/v1/staticLists.json", "", "", "name", "Newsletter"},
		{"GET", "/rest/asset/v1/staticList/byName.json?name=Newsletter", "", "", "id", "1042"},
		{"GET", "/rest/asset/v1/staticList/1042.json", "", "", "updatedAt", "2015-09-21T15:30:00Z+0000"},
	})
	a := b.form("/rest/asset/v1/program/1019.json", "description", "D", "costs", `[{"startDate":"2026-01-01","cost":7,"note":"n"}]`, "costsDestructiveUpdate", "true").ok()
	if a.column("costs") != "[map[cost:7 note:n startDate:2026-01-01T00:00:00Z+0000]]" || a.column("description") != "D" {
		t.Errorf("%s", a.body)
	}
	b.form("/rest/asset/v1/program/1019.json", "name", "Other").want("709")
	b.form("/rest/asset/v1/program/1020.json", "name", "Fair 2").ok()
	for _, uri := range []string{"program/7.json", "program/byName.json?name=x", "channel/byName.json?name=x", "tagType/byName.json?name=x", "staticList/7.json", "smartCampaign/byName.json?name=x", "folder/byName.json?name=x", "folder/7/tokens.json", "programs.json?offset=9"} {
		if a := b.get("/rest/asset/v1/%s", uri).ok(); a.doc["result"] != nil || fmt.Sprint(a.doc["warnings"]) != "[No assets found for the given search criteria.]" {
			t.Errorf("%s: %s", uri, a.body)
		}
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	b := demo(t)
	if _, err := b.sim.AddList(simulator.List{Name: "Newsletter", Program: "Autumn Webinar"}); err != nil {
		t.Fatal(err)
	}
	b.run([]step{
		{"GET", "/rest/v1/lists.json?name=Newsletter", "", "", "id", "1042 1043"},
		{"GET", "/rest/v1/lists.json?name=Newsletter&programName=Autumn%20Webinar", "", "", "name", "Newsletter"},
		{"GET", "/rest/v1/lists/1042.json", "", "", "workspaceName", "Default"},
		{"GET", "/rest/v1/lists/7.json", "", "1013", "", ""},
		{"GET", "/rest/v1/lists/1042/leads.json?fields=id", "", "", "id", "318815 318818"},
		{"GET", "/rest/v1/list/1042/leads.json?batchSize=1", "", "", "id", "318815"},
		{"POST", "/rest/v1/lists/1043/leads.json", `{"input":[{"id":318815},{"id":7}]}`, "1004", "status", "added skipped"},
		{"POST", "/rest/v1/lists/1043/leads.json?id=318816&id=318815", "", "", "status", "added added"},
		{"GET", "/rest/v1/lists/1043/leads/ismember.json?id=318816&id=318818&id=7", "", "1004", "status", "memberof notmemberof skipped"},
		{"DELETE", "/rest/v1/lists/1043/leads.json?id=318816&id=318818", "", "1015", "status", "removed skipped"},
		{"POST", "/rest/v1/lists/1043/leads.json", "", "1002", "", ""},
		{"GET", "/rest/v1/leads/318815/listMembership.json", "", "", "listId", "1042 1043"},
	})
	if a := b.form("/rest/v1/lists.json", "_method", "GET", "name", "Newsletter"); a.column("id") != "1042 1043" {
		t.Errorf("%s", a.body)
	}
	if a := b.form("/rest/v1/lists/1042/leads.json?_method=GET", "fields", "email"); a.column("id") != "318815 318818" {
		t.Errorf("%s", a.body)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get("/rest/v1/leads/partitions.json").ok()
	b.get("/rest/v1/none.json").want("610")
	b.run([]step{
		{"GET", "/rest/v1/stats/usage.json", "", "", "total", "2"},
		{"GET", "/rest/v1/stats/errors.json", "", "", "errors", "[map[count:1 errorCode:610]]"},
		{"GET", "/rest/v1/stats/usage/last7days.json", "", "", "date", "2026-10-06T00:00:00-05:00"},
		{"GET", "/rest/v1/stats/errors/last7days.json", "", "", "total", "1"},
	})
}

// The id of a company is a number, that of an opportunity a GUID.
func TestDescribe_ids(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for path, want := range map[string]string{"companies": "id integer", "salespersons": "id integer", "opportunities": "marketoGUID string"} {
		fields, _ := b.get("/rest/v1/%s/describe.json", path).result()[0]["fields"].([]any)
		if first, _ := fields[0].(map[string]any); fmt.Sprint(first["name"], " ", first["dataType"]) != want {
			t.Errorf("%s: %v, want %s", path, first, want)
		}
	}
}
