package admin_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/server/admin"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// reopen makes the handler anew.
func (b *bundle) reopen() {
	b.t.Helper()
	var err error
	if b.handler, err = admin.New(b.Mock); err != nil {
		b.t.Fatal(err)
	}
}

type shownLeads struct {
	Leads []struct {
		ID         int64
		Email      string
		Fields     map[string]string
		Activities []any
	}
	Next string
}

// Leads are searched and read page by page, and each has its timeline.
func TestBrowse_leads(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.want(204, "", "POST", "/demo", "")
	all := get[shownLeads](b, "/leads")
	if len(all.Leads) != 6 || all.Next != "" || all.Leads[0].Activities != nil {
		t.Errorf("%+v", all)
	}
	if found := get[shownLeads](b, "/leads?text=LEAD@example.com"); len(found.Leads) == 0 || found.Leads[0].ID != 318815 {
		t.Errorf("%+v", found)
	}
	seen := 0
	for at := "/leads?limit=4"; at != ""; {
		page := get[shownLeads](b, at)
		seen += len(page.Leads)
		at = page.Next
	}
	if seen != 6 {
		t.Errorf("%d leads by pages", seen)
	}
	type timeline struct {
		Lead       struct{ Email string }
		Total      int
		Activities []simulator.Activity
		Next       string
	}
	whole, _ := b.Simulator.Lead(318815)
	var activities []simulator.Activity
	for at := "/leads/318815?limit=50"; at != ""; {
		page := get[timeline](b, at)
		if page.Total != len(whole.Activities) || page.Lead.Email != whole.Email {
			t.Fatalf("%+v", page.Lead)
		}
		activities = append(activities, page.Activities...)
		at = page.Next
	}
	if len(activities) != len(whole.Activities) || activities[0].ID != whole.Activities[len(whole.Activities)-1].ID {
		t.Errorf("%d activities by pages, want %d", len(activities), len(whole.Activities))
	}
	b.want(404, "there is no lead 7", "GET", "/leads/7", "")
	b.want(400, "is no id", "GET", "/leads/x", "")
	b.want(400, "there is no parameter", "GET", "/leads?email=x", "")
	b.want(400, "is no limit", "GET", "/leads?limit=501", "")
	b.want(200, `"activities": []`, "GET", "/leads/318815?from=1000000000", "")
}

// Pages have a bounded size, whatever is in a lead, and markup comes as data.
func TestBrowse_hostile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const evil = "<script>\"'\\\r\n\x00\u2028é"
	for i := range 5 {
		lead := simulator.Lead{Email: fmt.Sprintf("%d@example.com", i), Fields: map[string]string{"Company": evil, "Title": strings.Repeat("x", 3<<20)}}
		if _, err := b.Simulator.AddLead(lead); err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	for at := "/leads?text=%3CSCRIPT%3E"; at != ""; {
		page := get[shownLeads](b, at)
		if len(page.Leads) == 0 || len(page.Leads) > 2 || page.Leads[0].Fields["Company"] != evil {
			t.Fatalf("%d leads of 3 MiB", len(page.Leads))
		}
		seen += len(page.Leads)
		at = page.Next
	}
	if seen != 5 {
		t.Errorf("%d leads by pages", seen)
	}
}

// All parts of the data are there to be looked at.
func TestBrowse_parts(t *testing.T) {
	t.Parallel()
	b := setupREST(t)
	text, err := os.ReadFile("testdata/everything.json")
	if err != nil {
		t.Fatal(err)
	}
	b.want(204, "", "PUT", "/state", string(text))
	b.want(200, `"members": 2`, "GET", "/lists", "")
	b.want(200, "\"members\": [\n    1\n  ],\n  \"next\": \"/lists/1001?from=1&limit=1\"", "GET", "/lists/1001?limit=1", "")
	b.want(200, `"name": "Webinar"`, "GET", "/leads/1", "")
	b.want(404, "there is no list 7", "GET", "/lists/7", "")
	b.want(200, `"name": "Welcome"`, "GET", "/campaigns", "")
	b.want(200, `"leads": 2`, "GET", "/campaigns/2001", "")
	b.want(404, "there is no campaign 7", "GET", "/campaigns/7", "")
	b.want(200, `"name": "Spring"`, "GET", "/programs", "")
	for name, part := range map[string]string{
		"Opportunity": `"value": "Big"`, "OpportunityPersonRole": `"leadId": 1`, "Company": `"value": "c-1"`, "SalesPerson": `"records": []`,
		"Car%2F%3Cb%3E": `"value": "V1"`,
	} {
		b.want(200, part, "GET", "/objects/"+name, "")
	}
	b.want(200, `"name": "Car/<b>"`, "GET", "/objects", "")
	b.want(404, "there is no type", "GET", "/objects/Boat", "")
	b.want(200, `"kind": "export"`, "GET", "/jobs", "")
	b.want(200, `"kind": "import"`, "GET", "/jobs?limit=1", "")
	b.want(200, `"total": 2`, "GET", "/jobs?from=7", "")
	b.want(200, `"rest": true`, "GET", "/health", "")
}

// A scenario that is saved is read again, and makes the same mock. No secret is in it.
func TestScenario_saved(t *testing.T) {
	t.Parallel()
	b := setupREST(t)
	b.want(204, "", "POST", "/demo", "")
	b.want(200, "", "POST", "/settings", `{"quirks":{"crm":true},"pages":{"limit":7},"clients":[{"id":"reader","secret":"hidden-secret"}]}`)
	b.Rules.Add(server.Rule{Operation: "getLead", Code: 20011, Times: 3})
	saved := b.ask("GET", "/scenario", "").Body.String()
	if strings.Contains(saved, "secret") || strings.Contains(saved, "example-key") {
		t.Error("a secret is in the scenario")
	}
	sc, err := admin.ReadScenario([]byte(saved))
	if err != nil {
		t.Fatal(err)
	}
	again := setup(t)
	again.REST, err = rest.New(again.Simulator, rest.WithClient("other", auth.NewSecret("other-key")))
	if err != nil {
		t.Fatal(err)
	}
	if err := sc.Apply(again.Simulator, again.Rules, again.Clock); err != nil {
		t.Fatal(err)
	}
	if err := sc.ApplySettings(again.Simulator, again.REST); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.Simulator.Snapshot(), again.Simulator.Snapshot()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(b.Rules.List(), again.Rules.List()); diff != "" || again.Simulator.Pages().Limit != 7 || !again.REST.Settings().Quirks.CRM {
		t.Errorf("%s %+v", diff, again.Simulator.Pages())
	}
	b.want(200, `"set": "`, "GET", "/scenario", "")
}
