package rest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// people are three leads, two of one address.
func people(t *testing.T, opts ...any) *bundle {
	t.Helper()
	b := setup(t, opts...)
	must := func(_ int64, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(0, b.sim.AddField(simulator.LeadField{Name: "shoe_Size", Label: "Shoe Size", Type: simulator.TypeInteger}))
	must(0, b.sim.AddField(simulator.LeadField{Name: "onlyInRest", Label: "Only In REST", Type: simulator.TypeBoolean, RESTOnly: true}))
	must(b.sim.AddLead(simulator.Lead{ID: 1, Email: "ada@example.com", Fields: map[string]string{"FirstName": "Ada", "LastName": "Brandt", "LeadScore": "34", "shoe_Size": "38"}}))
	must(b.sim.AddLead(simulator.Lead{ID: 2, Email: "twin@example.com"}))
	must(b.sim.AddLead(simulator.Lead{ID: 3, Email: "Twin@Example.com", Keys: []simulator.LeadKey{{Type: "COOKIE", Value: "id:1&token:_mch-x"}, {Type: "SFDCLEADID", Value: "00Q"}}}))
	return b
}

func TestLeadsByFilter(t *testing.T) {
	t.Parallel()
	b := people(t)
	for _, test := range []struct{ query, ids, codes string }{
		{"filterType=id&filterValues=3,1,99", "1 3", ""},
		{"filterType=email&filterValues=TWIN@example.com", "2 3", ""},
		{"filterType=shoe_Size&filterValues=38", "1", ""},
		{"filterType=cookies&filterValues=id:1%26token:_mch-x", "3", ""}, {"filterType=cookies&filterValues=id:1", "", "1012"},
		{"filterType=sfdcLeadId&filterValues=00Q", "3", ""},
		{"filterType=leadPartitionId&filterValues=1", "1 2 3", ""},
		{"filterType=twitterId&filterValues=1", "", ""},
		{"filterType=id&filterValues=1&filterValues=2", "1 2", ""},
		{"filterType=firstName&filterValues=Ada", "", "1011"},
		{"filterType=shoe&filterValues=Ada", "", "1006"},
		{"filterType=id&filterValues=1&fields=shoe", "", "1006"},
		{"filterType=id", "", "1002"}, {"filterValues=1", "", "1002"},
		{"filterType=id&filterValues=1&batchSize=301", "", "1003"}, {"filterType=id&filterValues=1&batchSize=x", "", "1001"},
		{"filterType=id&filterValues=" + strings.Repeat("1,", 301), "", "1003"},
		{"filterType=id&filterValues=1&nextPageToken=x", "", "1003"},
	} {
		a := b.get("/rest/v1/leads.json?%s", test.query).want(test.codes)
		if test.codes == "" && a.column("id") != test.ids {
			t.Errorf("%s: leads %s, want %s", test.query, a.column("id"), test.ids)
		}
	}
}

func TestLeadsByFilter_form(t *testing.T) {
	t.Parallel()
	b := people(t)
	want := b.get("/rest/v1/leads.json?filterType=email&filterValues=twin@example.com&fields=id,email").column("id")
	got := b.form("/rest/v1/leads.json?_method=GET", "filterType", "email", "filterValues", "twin@example.com", "fields", "id,email").column("id")
	inForm := b.form("/rest/v1/leads.json", "_method", "GET", "filterType", "email", "filterValues", "twin@example.com").column("id")
	if got != want || inForm != want || want != "2 3" {
		t.Errorf("%q, %q and %q", want, got, inForm)
	}
}

func TestLeadsByFilter_pages(t *testing.T) {
	t.Parallel()
	b := people(t, simulator.WithPageLimit(2))
	const uri = "/rest/v1/leads.json?filterType=id&filterValues=1,2,3"
	first := b.get(uri)
	second := b.get("%s&nextPageToken=%s", uri, first.text("nextPageToken"))
	if first.column("id") != "1 2" || first.doc["moreResult"] != true || second.column("id") != "3" || len(first.text("nextPageToken")) != 64 {
		t.Errorf("%s, then %s", first.body, second.body)
	}
	if _, more := second.doc["moreResult"]; more || second.text("nextPageToken") != "" {
		t.Errorf("the last page: %s", second.body)
	}
	b.get("/rest/v1/leads.json?filterType=id&filterValues=1&nextPageToken=%s", first.text("nextPageToken")).want("1003")
}

func TestLeadsByFilter_tooMany(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 1001 {
		if _, err := b.sim.AddLead(simulator.Lead{Email: "same@example.com"}); err != nil {
			t.Fatal(err)
		}
	}
	b.get("/rest/v1/leads.json?filterType=email&filterValues=same@example.com").want("1003")
}

func TestLead_values(t *testing.T) {
	t.Parallel()
	b := people(t)
	got := b.get("/rest/v1/lead/3.json?fields=email,firstName,leadScore,unsubscribed,cookies,leadPartitionId,onlyInRest").result()[0]
	want := map[string]any{
		"id": 3.0, "email": "Twin@Example.com", "firstName": nil, "leadScore": nil, "unsubscribed": false, "cookies": "_mch-x",
		"leadPartitionId": "1", "onlyInRest": false,
	}
	for name, value := range want {
		if v, there := got[name]; v != value || !there {
			t.Errorf("%s is %v, want %v", name, got[name], value)
		}
	}
	if a := b.get("/rest/v1/lead/99.json"); a.column("id") != "" {
		t.Errorf("%s", a.body)
	}
}

func TestSyncLeads(t *testing.T) {
	t.Parallel()
	many := strings.TrimSuffix(strings.Repeat(`{"email":"a@example.com"},`, 301), ",")
	for _, test := range []struct{ name, body, statuses, codes string }{
		{"upsert", `{"input":[{"email":"ada@example.com","firstName":"A"},{"email":"new@example.com"}]}`, "updated created", ""},
		{"create", `{"action":"createOnly","input":[{"email":"ada@example.com"},{"email":"new@example.com"}]}`, "skipped created", "1005"},
		{"update", `{"action":"updateOnly","input":[{"email":"nobody@example.com"}]}`, "skipped", "1004"},
		{"by id", `{"action":"updateOnly","lookupField":"id","input":[{"id":1,"email":"b@example.com"},{"id":99}]}`, "updated skipped", "1004"},
		{"by id, as text", `{"action":"updateOnly","lookupField":"id","input":[{"id":"1"}]}`, "updated", ""},
		{"duplicate", `{"action":"createDuplicate","input":[{"email":"ada@example.com"}]}`, "created", ""},
		{"by a custom field", `{"lookupField":"shoe_Size","input":[{"shoe_Size":38,"firstName":"B"},{"shoe_Size":40}]}`, "updated created", ""},
		{"two of an address", `{"input":[{"email":"twin@example.com"}]}`, "skipped", "1007"},
		{"unknown field", `{"input":[{"email":"ada@example.com","favouriteColor":"red"}]}`, "skipped", "1006"},
		{"bad value", `{"input":[{"email":"ada@example.com","shoe_Size":"large"}]}`, "skipped", "1003"},
		{"address that is not ASCII", `{"input":[{"email":"ä@example.com"}]}`, "skipped", "1003"},
		{"an object", `{"input":[{"email":"ada@example.com","firstName":{}}]}`, "skipped", "1003"},
		{"no lookup value", `{"input":[{"firstName":"A"}]}`, "skipped", "1003"},
		{"read only", `{"input":[{"email":"ada@example.com","createdAt":"2026-01-01"}]}`, "skipped", "1003"},
		{"id with create", `{"input":[{"id":1,"email":"ada@example.com"}]}`, "skipped", "1003"},
		{"no input", `{"action":"createOnly"}`, "", "1003"},
		{"no body", ``, "", "1003"},
		{"too many", `{"input":[` + many + `]}`, "", "1003"},
		{"action", `{"action":"upsert","input":[{"email":"a@example.com"}]}`, "", "1001"},
		{"lookup field", `{"lookupField":"firstName","input":[{"firstName":"a"}]}`, "", "1011"},
		{"partition", `{"partitionName":"Nowhere","input":[{"email":"a@example.com"}]}`, "", "1013"},
		{"partition with update", `{"action":"updateOnly","partitionName":"Default","input":[{"email":"a@example.com"}]}`, "", "1003"},
		{"company", `{"input":[{"email":"ada@example.com","externalCompanyId":"c1","company":"C"}]}`, "skipped", "1021"},
		{"company of its own", `{"input":[{"email":"ada@example.com","company":"C"}]}`, "updated", ""},
		{"unknown member", `{"input":[{"email":"a@example.com"}],"filterType":"id"}`, "", "1003"},
		{"no JSON", `{"input":`, "", "609"},
		{"a list", `[]`, "", "1001"},
		{"more behind it", `{"input":[{"email":"a@example.com"}]} {}`, "", "609"},
		{"deep", `{"input":[{"a":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}]}`, "", "609"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := people(t)
			b.t = t
			a := b.post("/rest/v1/leads.json", test.body).want(test.codes)
			if test.statuses != "" && a.column("status") != test.statuses {
				t.Errorf("%s, want %s", a.body, test.statuses)
			}
		})
	}
}

func TestSyncLeads_partition(t *testing.T) {
	t.Parallel()
	b := people(t, simulator.WithWorkspaces("Europe"))
	const body = `{"partitionName":"Europe","input":[{"email":"ada@example.com"},{"email":"eu@example.com"}]}`
	if a := b.post("/rest/v1/leads.json", body).want("1010"); a.column("status") != "skipped created" {
		t.Errorf("%s", a.body)
	}
	if ids := b.get("/rest/v1/leads.json?filterType=leadPartitionId&filterValues=2").column("id"); ids != "4" {
		t.Errorf("leads %s", ids)
	}
}

// A read that has lost its _method meets the write of its path: it is refused, and nothing
// changes.
func TestReadsWithoutMethod(t *testing.T) {
	t.Parallel()
	b := people(t)
	before := fmt.Sprint(b.sim.Snapshot().Leads, b.sim.Snapshot().Lists)
	for _, path := range []string{"leads", "opportunities", "opportunities/roles", "companies", "salespersons", "customobjects/seat", "lists/1001/leads"} {
		a := b.form("/rest/v1/"+path+".json", "filterType", "email", "filterValues", "ada@example.com", "fields", "id")
		if codes := a.codes(); codes != "612" && codes != "605" && codes != "610" || a.doc["success"] != false {
			t.Errorf("%s: %s", path, a.body)
		}
		const keys = `{"filterType":"dedupeFields","fields":["id"],"input":[{"email":"new@example.com"}]}`
		if a := b.post("/rest/v1/"+path+".json", keys); a.doc["success"] != false {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	if after := fmt.Sprint(b.sim.Snapshot().Leads, b.sim.Snapshot().Lists); after != before {
		t.Errorf("before: %s\nafter: %s", before, after)
	}
}

// What no XML document can hold is left out of what is written, so that the SOAP API can give the rest back.
func TestWrites_controls(t *testing.T) {
	t.Parallel()
	b := people(t)
	const odd = `a\u0000b\u001F\b\f\uFFFE\\u0000\tc`
	b.post("/rest/v1/leads.json", `{"input":[{"email":"odd@example.com","firstName":"`+odd+"\uFFFF"+`"}]}`).ok()
	b.upload("/bulk/v1/leads.json?format=csv", "email,firstName\nodd2@example.com,\"a\x01\uFFFEb\"\n").ok()
	b.post("/rest/v1/leads/schema/fields/shoe_Size.json", `{"input":[{"displayName":"Shoe\u0001 Size"}]}`).ok()
	b.post("/rest/v1/leads/1/associate.json?cookie=id:1%26token:_mch-%01y", "").ok()
	b.clock.Advance(time.Minute)
	for email, want := range map[string]string{"odd@example.com": `ab\u0000` + "\tc", "odd2@example.com": "ab"} {
		if a := b.get("/rest/v1/leads.json?filterType=email&fields=firstName&filterValues=%s", email); a.column("firstName") != want {
			t.Errorf("%s: %s, want %q", email, a.body, want)
		}
	}
	for _, l := range b.sim.Snapshot().Leads {
		if text := fmt.Sprint(l); strings.ContainsAny(text, "\x00\x01\x08\x0c\x1f\uFFFE\uFFFF") {
			t.Errorf("%q", text)
		}
	}
}

// Addresses look like some (Marketo REST API, leads: as recorded).
func TestSyncLeads_addresses(t *testing.T) {
	t.Parallel()
	b := people(t)
	for value, codes := range map[string]string{
		`"new@example.com"`: "", `"o'brien+x@sub.example.com"`: "", `"bad address"`: "1003", `"bad"`: "1003", `"a@"`: "1003", `"@b"`: "1003",
		`"a@b@c"`: "1003", `"a b@example.com"`: "1003", `"ü@example.com"`: "1003", `7`: "1003",
	} {
		b.post("/rest/v1/leads.json", `{"input":[{"email":`+value+`}]}`).want(codes)
	}
	b.post("/rest/v1/leads.json", `{"action":"updateOnly","lookupField":"id","input":[{"id":1,"email":null}]}`).want("")
	b.upload("/bulk/v1/leads.json?format=csv", "email\nbad address\nfine@example.com\n").ok()
	b.clock.Advance(time.Minute)
	if got := b.get("/bulk/v1/leads/batch/1.json").result()[0]; got["numOfLeadsProcessed"] != 1.0 || got["numOfRowsFailed"] != 1.0 {
		t.Errorf("%v", got)
	}
}

// A deletion says so in the URL or in its form, and has its ids in either or in a JSON body.
func TestDeletionForms(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/rest/v1/leads.json", "/rest/v1/lists/1001/leads.json"} {
		for _, test := range []struct{ method, query, body, kind string }{
			{"DELETE", "?id=1&id=2", "", ""},
			{"DELETE", "", `{"input":[{"id":1},{"id":2}]}`, jsonType},
			{"DELETE", "", "id=1&id=2", formType},
			{"POST", "?_method=DELETE&id=1,2", "", ""},
			{"POST", "?_method=DELETE", `{"input":[{"id":1},{"id":2}]}`, jsonType},
			{"POST", "?_method=DELETE", "id=1&id=2", formType},
			{"POST", "?_method=delete", "id=1,2", formType},
			{"POST", "", "_method=DELETE&id=1&id=2", formType},
			{"POST", "?id=1&id=2", "_method=DELETE", formType},
		} {
			b := people(t)
			if _, err := b.sim.AddList(simulator.List{Name: "L", Members: []int64{1, 2, 3}}); err != nil {
				t.Fatal(err)
			}
			a := b.send(b.request(test.method, path+test.query, strings.NewReader(test.body), test.kind))
			if got := a.column("id"); got != "1 2" || a.codes() != "" {
				t.Errorf("%s %s%s %s: %s", test.method, path, test.query, test.body, a.body)
			}
			if got := b.get("/rest/v1/lists/1001/leads.json").column("id"); got != "3" {
				t.Errorf("%s %s%s %s: %s are left", test.method, path, test.query, test.body, got)
			}
		}
	}
	b := people(t)
	b.form("/rest/v1/leads.json?_method=GET", "_method", "DELETE", "filterType", "id", "filterValues", "1", "id", "1").ok()
	b.form("/rest/v1/leads.json?_method=POST", "_method", "DELETE", "id", "1").want("612")
	b.form("/rest/v1/leads.json", "id", "1").want("612")
	if n := len(b.sim.LeadIDs()); n != 3 {
		t.Errorf("%d leads are left", n)
	}
}

func TestDescribeLeads(t *testing.T) {
	t.Parallel()
	b := people(t)
	named := func(a answer) map[string]map[string]any {
		all := make(map[string]map[string]any)
		for _, f := range a.result() {
			all[fmt.Sprint(f["displayName"])] = f
		}
		return all
	}
	fields := named(b.get("/rest/v1/leads/describe.json"))
	for label, want := range map[string]string{
		"First Name":    "map[dataType:string displayName:First Name length:255 rest:map[name:firstName readOnly:false] soap:map[name:FirstName readOnly:false]]",
		"Lead Score":    "map[dataType:score displayName:Lead Score rest:map[name:leadScore readOnly:false] soap:map[name:LeadScore readOnly:false]]",
		"Shoe Size":     "map[dataType:integer displayName:Shoe Size rest:map[name:shoe_Size readOnly:false] soap:map[name:shoe_Size readOnly:false]]",
		"Only In REST":  "map[dataType:boolean displayName:Only In REST rest:map[name:onlyInRest readOnly:false]]",
		"Date of Birth": "map[dataType:date displayName:Date of Birth rest:map[name:dateOfBirth readOnly:false] soap:map[name:DateofBirth readOnly:false]]",
	} {
		if delete(fields[label], "id"); fmt.Sprint(fields[label]) != want {
			t.Errorf("%s: %v, want %s", label, fields[label], want)
		}
	}
	without := named(setup(t, rest.WithQuirks(rest.Quirks{NoSOAPNames: true})).get("/rest/v1/leads/describe.json"))
	if _, there := without["First Name"]["soap"]; there {
		t.Error("the names of the SOAP API are there")
	}
	if a := b.get("/rest/v1/leads/describe2.json").result()[0]; !strings.Contains(fmt.Sprint(a["searchableFields"]), "[shoe_Size]") {
		t.Errorf("%v", a["searchableFields"])
	}
	b.post("/rest/v1/leads/schema/fields/shoe_Size.json", `{"input":[{"displayName":"Size of Shoes","isHidden":true}]}`).ok()
	got := b.get("/rest/v1/leads/schema/fields/shoe_Size.json").result()[0]
	if got["displayName"] != "Size of Shoes" || got["isHidden"] != true || got["isCustom"] != true {
		t.Errorf("%v", got)
	}
	b.get("/rest/v1/leads/schema/fields.json?batchSize=5").ok()
	b.get("/rest/v1/leads/schema/fields/none.json").want("1006")
}

func TestLeadActions(t *testing.T) {
	t.Parallel()
	b := people(t)
	for _, test := range []struct{ method, uri, body, codes string }{
		{"POST", "/rest/v1/leads/1/merge.json?leadIds=2,3", "", ""},
		{"POST", "/rest/v1/leads/1/merge.json?leadIds=2", "", "1004"},
		{"POST", "/rest/v1/leads/1/merge.json?leadIds=1", "", "1003"},
		{"POST", "/rest/v1/leads/1/merge.json?leadIds=" + strings.Repeat("5,", 26), "", "1080"},
		{"POST", "/rest/v1/leads/1/merge.json", "", "1002"},
		{"POST", "/rest/v1/leads/1/associate.json?cookie=id:1%26token:_mch-y", "", ""},
		{"POST", "/rest/v1/leads/1/associate.json?cookie=x", "", "1012"},
		{"POST", "/rest/v1/leads/9/associate.json?cookie=id:1%26token:_mch-y", "", "1004"},
		{"GET", "/rest/v1/leads/1/listMembership.json", "", ""},
		{"GET", "/rest/v1/leads/9/listMembership.json", "", "1004"},
		{"DELETE", "/rest/v1/leads.json", `{"input":[{"id":1},{"id":9}]}`, "1004"},
		{"POST", "/rest/v1/leads.json?_method=DELETE&id=1", "", "1004"},
		{"GET", "/rest/v1/leads/partitions.json", "", ""},
	} {
		b.call(test.method, test.uri, test.body).want(test.codes)
	}
	if st := b.sim.Snapshot(); len(st.Leads) != 0 || len(st.DeletedLeads) != 1 || st.DeletedLeads[0].Name != "Ada Brandt" {
		t.Errorf("%+v", st.DeletedLeads)
	}
}
