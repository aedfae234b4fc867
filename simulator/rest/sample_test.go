package rest_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// harbour is an API over the state that the samples are of. The second lead and the third have
// one change and one birth, told by reason and source.
func harbour(t *testing.T, reason, source, born string, opts ...any) *bundle {
	t.Helper()
	b := setup(t, opts...)
	must := func(_ int64, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(0, b.sim.AddField(simulator.LeadField{Name: "boat_Length", Label: "Boat Length", Type: simulator.TypeInteger}))
	must(0, b.sim.AddField(simulator.LeadField{Name: "hasSails", Label: "Has Sails", Type: simulator.TypeBoolean, RESTOnly: true}))
	must(0, b.sim.AddActivityType(simulator.ActivityType{Name: "Board Ship", Description: "custom", Primary: &simulator.ActivityAttribute{Name: "Ship Name", APIName: "shipName", DataType: "string"}, Attributes: []simulator.ActivityAttribute{{Name: "Cabins", DataType: "integer"}}}))
	must(b.sim.AddProgram(simulator.Program{Name: "Harbour Tour"}))
	must(b.sim.AddProgram(simulator.Program{Name: "Winter Regatta"}))
	must(b.sim.AddCampaign(simulator.Campaign{ID: 90, Name: "Greeters", Program: "Harbour Tour", Sources: []gen.ReqCampSourceType{"MKTOWS"}}))
	for _, l := range []simulator.List{{Name: "Crew"}, {Name: "Crew", Program: "Harbour Tour", Description: "Sailors"}, {Name: "Crew", Program: "Winter Regatta"}} {
		must(b.sim.AddList(l))
	}
	must(b.sim.AddLead(simulator.Lead{ID: 501, Email: "nora@quay.example", Fields: map[string]string{"FirstName": "Nora", "LastName": "Falk", "Company": "Quay Works", "LeadScore": "12"}}))
	must(b.sim.AddLead(simulator.Lead{ID: 502, Email: "olaf@quay.example", Fields: map[string]string{"FirstName": "Olaf", "LeadScore": "0", "Unsubscribed": "true", "DateofBirth": "1979-02-03"}}))
	must(b.sim.AddLead(simulator.Lead{ID: 503, Email: "two@quay.example", Fields: map[string]string{"FirstName": "Nils", "LastName": "Torp"}}))
	must(b.sim.AddLead(simulator.Lead{ID: 504, Email: "two@quay.example"}))
	attributes := func(pairs ...string) (list []simulator.Attribute) {
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, simulator.Attribute{Name: pairs[i], Value: pairs[i+1]})
		}
		return list
	}
	for lead, activities := range map[int64][]simulator.Activity{
		501: {
			{ID: 11, Time: at(100).Time, Type: "VisitWebpage", AssetName: "Harbour Tour.Welcome", Campaign: "Harbour Tour.Greeters", Attributes: attributes("Webpage ID", "61", "Client IP Address", "198.51.100.7", "Query Parameters", "a=1&b=2", "Referrer URL", "", "User Agent", "Reader/1.0", "Webpage URL", "/welcome.html")},
			{ID: 13, Time: at(99).Time, Type: "FillOutForm", AssetName: "Harbour Tour.Sign Up", Attributes: attributes("Webform ID", "62", "Client IP Address", "198.51.100.7", "Form Fields", `a:1:{s:5:"Email";s:19:"nora@quay.example.x";}`, "Webpage ID", "61")},
			{ID: 19, Time: at(90).Time, Type: "Board Ship", AssetName: "Petrel"},
		},
		502: {{ID: 16, Time: at(98).Time, Type: "ChangeDataValue", AssetName: "Job Title", Attributes: attributes("Attribute Name", "Job Title", "Old Value", "Mate", "New Value", "Captain", "Reason", reason, "Source", source)}},
		503: {{ID: 17, Time: at(97).Time, Type: "NewLead", Attributes: attributes("Created Date", "2026-10-06", "Source Type", born)}},
	} {
		for _, a := range activities {
			must(b.sim.AddActivity(lead, a))
		}
	}
	return b
}

const service = "Web service API"

// normal takes out of an answer what two answers never share: ids, times, tokens. The forms of
// times stay.
func normal(text string) any {
	for _, one := range []struct{ pattern, put string }{
		{`"(requestId|nextPageToken|access_token|exportId|fileChecksum)":\s*"[^"]*"`, `"$1":"-"`},
		{`"(id|leadId|campaignId|primaryAttributeValueId|fileSize|expires_in)":\s*\d+`, `"$1":0`},
		{`"marketoGUID":\s*"[^"]*"`, `"marketoGUID":"-"`},
		{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`, "time"},
	} {
		text = regexp.MustCompile(one.pattern).ReplaceAllString(text, one.put)
	}
	var doc any
	if json.Unmarshal([]byte(text), &doc) != nil {
		return text
	}
	return doc
}

// only keeps of an answer the records that have one of the names.
func only(a answer, member string, names ...string) answer {
	var kept []any
	for _, r := range a.result() {
		for _, name := range names {
			if r[member] == name {
				kept = append(kept, r)
			}
		}
	}
	a.doc["result"] = kept
	a.body, _ = json.Marshal(a.doc)
	return a
}

// TestSamples compares answers, member by member, with documents in the shapes that the service
// documents and was recorded with. Values are made up; ids and times are left aside.
func TestSamples(t *testing.T) {
	t.Parallel()
	const leads = "/rest/v1/leads.json"
	for name, ask := range map[string]func(t *testing.T) answer{
		"01-token.json": func(t *testing.T) answer { return setup(t).get("%s", tokenURI(clientID, clientSecret)) },
		"02-token-expired.json": func(t *testing.T) answer {
			b := setup(t)
			b.clock.Advance(time.Hour)
			return b.get("/rest/v1/leads/partitions.json")
		},
		"03-paging-token.json": func(t *testing.T) answer {
			return setup(t).get("/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-10-06T00:00:00Z")
		},
		"04-activities-page.json": func(t *testing.T) answer {
			b := harbour(t, service, service, service, rest.WithQuirks(rest.Quirks{MissingIDs: 16}), simulator.WithPageLimit(4))
			return b.get("/rest/v1/activities.json?activityTypeIds=1,2,12,13,100001&nextPageToken=%s", b.since(noon.Add(-time.Hour)))
		},
		"05-activities-empty-more.json": func(t *testing.T) answer {
			b := harbour(t, service, service, service, simulator.WithEmptyPages(1))
			return b.get("/rest/v1/activities.json?activityTypeIds=1&nextPageToken=%s", b.since(noon.Add(-time.Hour)))
		},
		"06-activities-end.json": func(t *testing.T) answer {
			b := harbour(t, service, service, service)
			return b.get("/rest/v1/activities.json?activityTypeIds=1&nextPageToken=%s", b.since(noon))
		},
		"07-lead-changes-page.json": func(t *testing.T) answer {
			b := harbour(t, "Form fill-out", "Web form fillout", "List import")
			a := b.get("/rest/v1/activities/leadchanges.json?fields=title&nextPageToken=%s", b.since(noon.Add(-time.Hour)))
			records := a.doc["result"].([]any) // the sample has them in another order of attributes
			attributes := records[1].(map[string]any)["attributes"].([]any)
			attributes[0], attributes[1] = attributes[1], attributes[0]
			a.body, _ = json.Marshal(a.doc)
			return a
		},
		"08-leads-by-filter.json": func(t *testing.T) answer {
			b := harbour(t, service, service, service, simulator.WithPageLimit(2))
			return b.get(leads + "?filterType=id&filterValues=501,502,503&fields=email,firstName,lastName,company,leadScore,unsubscribed,dateOfBirth,createdAt,updatedAt")
		},
		"09-sync-leads-mixed.json": func(t *testing.T) answer {
			return harbour(t, service, service, service).post(leads, `{"action":"updateOnly","input":[{"email":"nora@quay.example"},{"email":"olaf@quay.example"},{"email":"nobody@quay.example"},{"email":"two@quay.example"},{"email":"nora@quay.example","boatName":"x"}]}`)
		},
		"10-rate-limit.json": func(t *testing.T) answer {
			b := setup(t)
			b.rules.Add(server.Rule{Code: 606})
			return b.get("/rest/v1/leads/partitions.json")
		},
		"11-bulk-create.json": func(t *testing.T) answer {
			return setup(t).post("/bulk/v1/activities/export/create.json", `{"filter":{`+window+`}}`)
		},
		"12-bulk-status.json": func(t *testing.T) answer {
			b := harbour(t, service, service, service)
			job := b.export("/bulk/v1/activities/export", `{"filter":{"activityTypeIds":[1,2,12,13],`+window+`}}`)
			b.enqueue(job)
			b.clock.Advance(2 * time.Minute)
			return b.get("%s/status.json", job)
		},
		"13-bulk-file.csv": func(t *testing.T) answer {
			b := harbour(t, service, service, service)
			return answer{body: []byte(b.file("/bulk/v1/activities/export", `{"filter":{"activityTypeIds":[1,2,12,13],`+window+`}}`))}
		},
		"14-activity-types.json": func(t *testing.T) answer {
			return only(harbour(t, service, service, service).get("/rest/v1/activities/types.json"), "name", "Visit Webpage", "New Lead", "Change Data Value", "Board Ship")
		},
		"15-leads-describe.json": func(t *testing.T) answer {
			return only(harbour(t, service, service, service).get("/rest/v1/leads/describe.json"), "displayName", "Email Address", "First Name", "Lead Score", "Boat Length", "Has Sails")
		},
		"16-asset-not-found.json": func(t *testing.T) answer { return setup(t).get("/rest/asset/v1/program/byName.json?name=x") },
		"17-lists-by-name.json": func(t *testing.T) answer {
			return harbour(t, service, service, service).get("/rest/v1/lists.json?name=Crew")
		},
		"18-sync-leads-bad-value.json": func(t *testing.T) answer {
			return harbour(t, service, service, service).post(leads, `{"input":[{"email":"nora@quay.example"},{"email":"olaf@quay.example","boat_Length":"long"}]}`)
		},
		"19-identity-refused.json": func(t *testing.T) answer {
			return setup(t).get("%s", tokenURI("ffffffff-0000-0000-0000-ffffffffffff", "x"))
		},
		"20-export-volume-used.json": func(t *testing.T) answer {
			b := setup(t)
			b.rules.Add(server.Rule{Operation: "POST /bulk/v1/activities/export/{exportId}/enqueue.json", Code: 1029, Text: "Export daily quota 500MB exceeded."})
			return b.enqueue(b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile("testdata/samples/" + name)
			if err != nil {
				t.Fatal(err)
			}
			got := ask(t)
			if diff := cmp.Diff(normal(string(want)), normal(string(got.body))); diff != "" {
				t.Errorf("%s\n%s", diff, strings.TrimSpace(string(got.body)))
			}
		})
	}
}
