package rest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// as returns the bundle with the token of another client.
func (b *bundle) as(id, secret string) {
	b.t.Helper()
	b.token = ""
	if b.token = b.get("%s", tokenURI(id, secret)).text("access_token"); b.token == "" {
		b.t.Fatalf("no token for %s", id)
	}
}

// An operation is 603 without its permission, and then changes nothing.
func TestPermissions(t *testing.T) {
	t.Parallel()
	const lead = `{"input":[{"email":"new@example.com"}]}`
	for _, test := range []struct {
		may  []rest.Permission
		call string // method, path and body
		ok   bool
	}{
		{nil, "POST /rest/v1/leads.json " + lead, true},
		{[]rest.Permission{}, "GET /rest/v1/leads/describe.json", false},
		{[]rest.Permission{}, "GET /rest/v1/stats/usage.json", true},
		{[]rest.Permission{rest.ReadLead}, "GET /rest/v1/leads/describe.json", true},
		{[]rest.Permission{rest.ReadLead}, "GET /rest/v1/lead/318815.json", true},
		{[]rest.Permission{rest.ReadLead}, "GET /rest/v1/lists/1042/leads.json", true},
		{[]rest.Permission{rest.ReadLead}, "GET /rest/v1/lists/1042/leads/ismember.json?id=318815", false},
		{[]rest.Permission{rest.ReadLead}, "POST /rest/v1/leads.json " + lead, false},
		{[]rest.Permission{rest.ReadLead}, "DELETE /rest/v1/leads.json?id=318815", false},
		{[]rest.Permission{rest.ReadLead}, "POST /rest/v1/leads.json?_method=DELETE&id=318815", false},
		{[]rest.Permission{rest.ReadLead}, "POST /rest/v1/leads/318815/merge.json?leadIds=318816", false},
		{[]rest.Permission{rest.ReadLead}, "POST /rest/v1/lists/1042/leads.json?id=318816", false},
		{[]rest.Permission{rest.ReadLead}, `POST /bulk/v1/leads/export/create.json {"fields":["id"],"filter":{"staticListId":1042}}`, true},
		{[]rest.Permission{rest.ReadLead}, "GET /bulk/v1/leads/batch/1.json", false},
		{[]rest.Permission{rest.ReadLead}, "GET /rest/v1/leads/schema/fields.json", false},
		{[]rest.Permission{rest.ReadLead}, "GET /rest/v1/activities/types.json", false},
		{[]rest.Permission{rest.WriteLead}, "GET /rest/v1/lists/1042/leads/ismember.json?id=318815", true},
		{[]rest.Permission{rest.WriteLead}, "POST /rest/v1/leads.json " + lead, true},
		{[]rest.Permission{rest.WriteLead, rest.ReadAssets}, "GET /rest/asset/v1/staticLists.json", true},
		{[]rest.Permission{rest.SchemaCustomFields}, "GET /rest/v1/leads/schema/fields.json", true},
		{[]rest.Permission{rest.ReadActivity}, "GET /rest/v1/activities/types.json", true},
		{[]rest.Permission{rest.ReadCampaign}, "GET /rest/v1/campaigns.json", true},
		{[]rest.Permission{rest.ReadCampaign}, `POST /rest/v1/campaigns/1201/trigger.json {"input":{"leads":[{"id":318815}]}}`, false},
		{[]rest.Permission{rest.ExecuteCampaign}, `POST /rest/v1/campaigns/1201/trigger.json {"input":{"leads":[{"id":318815}]}}`, true},
		{[]rest.Permission{rest.ReadCampaign}, "GET /rest/asset/v1/smartCampaigns.json", false},
		{[]rest.Permission{rest.ReadAssets}, "GET /rest/asset/v1/programs.json", true},
		{[]rest.Permission{rest.ReadAssets}, "POST /rest/asset/v1/program/1019/tag/Region.json?tagValue=West", false},
		{[]rest.Permission{rest.ReadOpportunity}, "GET /rest/v1/opportunities/roles/describe.json", true},
		{[]rest.Permission{rest.ReadOpportunity}, `POST /rest/v1/opportunities/delete.json {"input":[{"externalOpportunityId":"1"}]}`, false},
		{[]rest.Permission{rest.ReadCompany}, "GET /rest/v1/companies/describe.json", true},
		{[]rest.Permission{rest.ReadSalesPerson}, "GET /rest/v1/salespersons/describe.json", true},
		{[]rest.Permission{rest.ReadCustomObject}, `POST /rest/v1/customobjects/device.json {"input":[{"SerialNumber":"1"}]}`, false},
		{[]rest.Permission{rest.WriteCustomObject}, `POST /rest/v1/customobjects/device.json {"input":[{"SerialNumber":"1"}]}`, true},
	} {
		b := demo(t, rest.WithClient("other", auth.NewSecret("s"), test.may...))
		b.as("other", "s")
		before := b.sim.Snapshot()
		part := strings.SplitN(test.call+" ", " ", 3)
		a := b.call(part[0], part[1], strings.TrimSpace(part[2]))
		if denied := a.codes() == "603"; denied == test.ok || !denied && a.doc["success"] != true {
			t.Errorf("with %q: %s: %.200s", test.may, test.call, a.body)
		}
		if after := b.sim.Snapshot(); !test.ok && (len(after.Leads) != len(before.Leads) || len(after.Exports) != 0) {
			t.Errorf("with %q: %s has changed the state", test.may, test.call)
		}
	}
}

// A form says which operation it is, so that its permission counts.
func TestPermissions_form(t *testing.T) {
	t.Parallel()
	b := demo(t, rest.WithClient("other", auth.NewSecret("s"), rest.ReadLead))
	b.as("other", "s")
	b.form("/rest/v1/leads.json", "_method", "GET", "filterType", "id", "filterValues", "318815").ok()
	b.form("/rest/v1/leads.json", "_method", "DELETE", "id", "318815").want("603")
	if n := len(b.sim.LeadIDs()); n != 6 {
		t.Errorf("%d leads are left", n)
	}
}

// A client that has no permission for anything but the statistics is refused by every other operation.
func TestPermissions_everywhere(t *testing.T) {
	t.Parallel()
	b := demo(t, rest.WithClient("other", auth.NewSecret("s"), []rest.Permission{}...))
	b.as("other", "s")
	for _, name := range rest.Operations() {
		method, path, _ := strings.Cut(name, " ")
		path = strings.NewReplacer("{", "", "}", "").Replace(path)
		a := b.send(b.request(method, path, nil, ""))
		if strings.Contains(path, "/stats/") == (a.codes() == "603") {
			t.Errorf("%s: %.100s", name, a.body)
		}
	}
}

// Settings hold from the next call on; a wrong one changes nothing.
func TestHandler_Set(t *testing.T) {
	t.Parallel()
	sim := simulator.New(simulator.WithClock(func() time.Time { return noon }))
	api, err := rest.New(sim, rest.WithClient(clientID, auth.NewSecret(clientSecret)), rest.WithLimits(server.Limits{}))
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, sim: sim, api: api}
	b.login()
	write := `{"input":[{"externalCompanyId":"c","company":"C"}]}`
	b.post("/rest/v1/companies.json", write).ok()
	s := api.Settings()
	s.Quirks.CRM = true
	if err := api.Set(s); err != nil {
		t.Fatal(err)
	}
	b.post("/rest/v1/companies.json", write).want("1018")
	s.Clients[0].Permissions = []rest.Permission{rest.ReadLead}
	b.post("/rest/v1/companies.json", write).want("1018") // what was given is not shared
	if err := api.Set(s); err != nil {
		t.Fatal(err)
	}
	b.post("/rest/v1/companies.json", write).want("603")
	for want, wrong := range map[string]func(s *rest.Settings){
		"nobody may call":                    func(s *rest.Settings) { s.Clients = nil },
		"there are two clients":              func(s *rest.Settings) { s.Clients = append(s.Clients, s.Clients[0]) },
		"may be empty":                       func(s *rest.Settings) { s.Clients[0].Secret = auth.Secret{} },
		`there is no permission "Read Lead"`: func(s *rest.Settings) { s.Clients[0].Permissions[0] = "Read Lead" },
		"quirks cannot be negative":          func(s *rest.Settings) { s.Quirks.MissingIDs = -1 },
		"none can be negative":               func(s *rest.Settings) { s.Exports.Volume = -1 },
	} {
		s := api.Settings()
		if wrong(&s); api.Set(s) == nil || !strings.Contains(api.Set(s).Error(), want) {
			t.Errorf("%v, want %s", api.Set(s), want)
		}
	}
	b.post("/rest/v1/companies.json", write).want("603")
	other := rest.Settings{Clients: []rest.Client{{ID: "other", Secret: auth.NewSecret("s")}}}
	if err := api.Set(other); err != nil {
		t.Fatal(err)
	}
	b.get("/rest/v1/leads/describe.json").want("601") // its client is gone
	b.as("other", "s")
	b.get("/rest/v1/leads/describe.json").ok()
}
