package rest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/restrequests"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// Requests that are too large, cut, of the wrong type or made to cost time get a clear answer.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	b := demo(t)
	flood := strings.Repeat("a=b&", 5000)
	fields := `"fields":[` + strings.Repeat(`"createdAt",`, 5000) + `"createdAt"]`
	for _, test := range []struct {
		name, method, uri, body, kind, codes string
		status                               int
	}{
		{"large JSON", "POST", "/rest/v1/leads.json", `{"input":[{"email":"` + strings.Repeat("x", 1<<20) + `"}]}`, jsonType, "", 413},
		{"long URI", "GET", "/rest/v1/leads.json?filterType=id&filterValues=" + strings.Repeat("1,", 4096), "", "", "", 414},
		{"long URI of an asset", "GET", "/rest/asset/v1/program/byName.json?name=" + strings.Repeat("x", 20_000), "", "", "", 200},
		{"longer URI of an asset", "GET", "/rest/asset/v1/program/byName.json?name=" + strings.Repeat("x", 70_000), "", "", "", 414},
		{"large form", "POST", "/rest/v1/leads.json?_method=GET", "filterValues=" + strings.Repeat("x", 1<<20), formType, "", 413},
		{"many parameters", "POST", "/rest/v1/leads.json?_method=GET", flood, formType, "1003", 200},
		{"many columns of leads", "POST", "/bulk/v1/leads/export/create.json", `{` + fields + `,"filter":{"staticListId":1042}}`, jsonType, "1003", 200},
		{"many columns of activities", "POST", "/bulk/v1/activities/export/create.json", `{"fields":["leadId"` + strings.Repeat(`,"leadId"`, 5000) + `],"filter":{` + window + `}}`, jsonType, "1003", 200},
		{"many columns of objects", "POST", "/bulk/v1/customobjects/device/export/create.json", `{` + fields + `,"filter":{"staticListId":1042}}`, jsonType, "1003", 200},
		{"many fields of objects", "POST", "/rest/v1/customobjects/device.json?_method=GET", `{"filterType":"dedupeFields",` + fields + `,"input":[{"SerialNumber":"SN-1001"}]}`, jsonType, "1003", 200},
		{"large Identity", "POST", "/identity/oauth/token", "grant_type=" + strings.Repeat("x", 9000), formType, "", 413},
		{"XML", "POST", "/rest/v1/leads.json", "<a/>", "text/xml", "612", 200},
		{"no type", "POST", "/rest/v1/leads.json", "{}", "", "612", 200},
		{"a form for a write", "POST", "/rest/v1/leads.json", "input=1", formType, "612", 200},
		{"a form where the URL counts", "POST", "/rest/v1/leads/318815/merge.json", "leadIds=318816", formType, "1003", 200},
		{"not UTF-8", "POST", "/rest/v1/leads.json", "{\"input\":[{\"email\":\"\xFF\"}]}", jsonType, "609", 200},
		{"query that is not UTF-8", "GET", "/rest/v1/lists.json?name=%FF", "", "", "1003", 200},
		{"bad escape", "GET", "/rest/v1/lists.json?name=%zz", "", "", "1003", 200},
		{"null", "POST", "/rest/v1/leads.json", "null", jsonType, "1003", 200},
		{"null record", "POST", "/rest/v1/leads.json", `{"input":[null]}`, jsonType, "1003", 200},
		{"number too large", "POST", "/rest/v1/lists/1042/leads.json", `{"input":[{"id":99999999999999999999}]}`, jsonType, "1001", 200},
		{"text for an id", "POST", "/rest/v1/lists/1042/leads.json", `{"input":[{"id":"x"}]}`, jsonType, "1001", 200},
		{"nested key", "POST", "/rest/v1/customobjects/device.json", `{"input":[{"SerialNumber":{"a":[]}}]}`, jsonType, "1003", 200},
		{"deep", "POST", "/rest/v1/opportunities.json", strings.Repeat(`{"input":`, 10_000), jsonType, "609", 200},
		{"tags that are no list", "POST", "/rest/asset/v1/program/1019.json", "tags={", formType, "1003", 200},
	} {
		r := b.request(test.method, test.uri, strings.NewReader(test.body), test.kind)
		if a := b.send(r).want(test.codes); a.status != test.status {
			t.Errorf("%s: HTTP %d, want %d: %.300s", test.name, a.status, test.status, a.body)
		}
	}
}

// Over a connection a POST without a body has to say so, and a body that ends early changes nothing.
func TestBodiesOnTheWire(t *testing.T) {
	t.Parallel()
	b := demo(t)
	s := httptest.NewServer(b.api)
	defer s.Close()
	const write = "/rest/v1/leads.json HTTP/1.1\r\nContent-Type: application/json\r\n"
	for _, test := range []struct{ request, want string }{
		{"/rest/v1/leads/318815/merge.json?leadIds=318816 HTTP/1.1\r\n\r\n", "400 Bad Request"},
		{"/rest/v1/leads/318815/associate.json?cookie=token:x HTTP/1.1\r\nContent-Length: 0\r\n\r\n", `"success":true`},
		{write + "Content-Length: 100\r\n\r\n" + `{"input":[{"email":"cut@example.com"}]}`, `"609"`},
		{write + "Expect: 100-continue\r\nContent-Length: 1048577\r\n\r\n", "413 Request Entity Too Large"}, // and not 100
		{write + "Transfer-Encoding: chunked\r\n\r\n28\r\n" + `{"input":[{"email":"cut2@example.com"}]}` + "\r\n", `"609"`},
		{write + "Transfer-Encoding: chunked\r\n\r\n28\r\n" + `{"input":[{"email":"all2@example.com"}]}` + "\r\n0\r\n\r\n", `"created"`},
	} {
		c, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		line, rest, _ := strings.Cut(test.request, "\r\n")
		_, err = fmt.Fprintf(c, "POST %s\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\n%s", line, b.token, rest)
		if err == nil {
			err = c.(*net.TCPConn).CloseWrite()
		}
		text, _ := io.ReadAll(c)
		if _ = c.Close(); err != nil || !strings.Contains(string(text), test.want) || strings.Contains(string(text), "100 Continue") {
			t.Errorf("%s: %v: %s", line, err, text)
		}
	}
	if n := len(b.sim.LeadIDs()); n != 7 {
		t.Errorf("%d leads", n)
	}
}

// FuzzHandler sends anything to any operation: no answer may be a panic, and none may be no JSON.
func FuzzHandler(f *testing.F) {
	names := rest.Operations()
	for i, body := range []string{``, `{"input":[{"id":1,"email":"a@example.com"}]}`, `{"filter":{"createdAt":{"startAt":"2026-10-06T00:00:00Z"}},"fields":["id"]}`, `filterType=id&filterValues=1`, `[[[`, `{"input":{"leads":[{"id":318815}]}}`} {
		f.Add(uint8(i*17), "1042", "filterType=id&filterValues=1&nextPageToken=A&activityTypeIds=1", body, i%2 == 0)
	}
	b := demo(f)
	f.Fuzz(func(t *testing.T, op uint8, id, query, body string, form bool) {
		method, path, _ := strings.Cut(names[int(op)%len(names)], " ")
		for strings.Contains(path, "{") {
			before, rest, _ := strings.Cut(path, "{")
			_, after, _ := strings.Cut(rest, "}")
			path = before + url.PathEscape(id) + after
		}
		r := httptest.NewRequest(method, "/", strings.NewReader(body))
		r.URL = &url.URL{Path: path, RawQuery: query}
		r.Header.Set("Authorization", "Bearer "+b.token)
		r.Header.Set("Content-Type", map[bool]string{true: formType, false: jsonType}[form])
		w := httptest.NewRecorder()
		b.api.ServeHTTP(w, r)
		if kind := w.Header().Get("Content-Type"); kind == "application/json;charset=UTF-8" && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s?%s %q: no JSON: %.300s", method, path, query, body, w.Body)
		}
		if e := b.last(); e.Err != nil && strings.Contains(e.Err.Error(), "panicked") {
			t.Errorf("%s %s?%s %q: %v", method, path, query, body, e.Err)
		}
	})
}

// TestOperations compares the table with the description of the API.
func TestOperations(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromFile(restrequests.DocumentPath("../.."))
	if err != nil {
		t.Skipf("the description of the API is not at hand: set MKTOWS_OPENAPI to its file (%v)", err)
	}
	have := append(rest.Operations(), "GET /identity/oauth/token", "POST /identity/oauth/token", "POST /rest/v1/salespersons.json")
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if name := method + " " + path; !slices.Contains(have, name) {
				t.Errorf("%s is missing", name)
			}
		}
	}
	if n := len(rest.Operations()); n != 94-3+1 { // less Identity and the form of a read, and with the deletion of leads
		t.Errorf("%d operations", n)
	}
}

// Both APIs under load at once see one truth.
func TestLoad(t *testing.T) {
	t.Parallel()
	b := demo(t)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			body := `{"input":[{"email":"load` + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + `@example.com","firstName":"L"}]}`
			switch i % 4 {
			case 0, 1:
				r := b.request("POST", "/rest/v1/leads.json", strings.NewReader(body), jsonType)
				b.api.ServeHTTP(httptest.NewRecorder(), r)
			case 2:
				r := b.request("GET", "/rest/v1/lists/1042/leads.json", nil, "")
				b.api.ServeHTTP(httptest.NewRecorder(), r)
				b.api.ServeHTTP(httptest.NewRecorder(), b.request("GET", "/rest/v1/stats/usage.json", nil, ""))
			default:
				email := "load" + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + "@example.com"
				_, err := b.sim.SyncLead(t.Context(), &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some(email)}})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := len(b.sim.LeadIDs()); n != 6+150 {
		t.Errorf("%d leads", n)
	}
	if a := b.get("/rest/v1/leads.json?filterType=email&filterValues=loada@example.com"); len(a.result()) != 1 {
		t.Errorf("%s", a.body)
	}
}

// A request that is refused changes nothing, however much of it is right.
func TestRefusedRequestsChangeNothing(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.rules.Add(server.Rule{Operation: "POST /rest/v1/companies.json", Code: 611})
	list := restrequests.Wrong(b.since(noon))
	const jsonKind, form = "application/json", formType
	for _, one := range [][4]string{
		{"POST", "/rest/asset/v1/program/1019.json", `costs=[{"startDate":"2026-01-01","cost":10}]&tags=[{"tagType":"Region","tagValue":"Mars"}]`, form},
		{"POST", "/rest/asset/v1/program/1019.json", `name=Other&costs=[{"startDate":"2026-01-01","cost":-1.5}]`, form},
		{"POST", "/rest/asset/v1/program/1019.json", `tags=[{"tagType":"Region","tagValue":"Europe"},{"tagType":"Product","tagValue":"None"}]`, form},
		{"POST", "/rest/v1/campaigns/1201/trigger.json", `{"input":{"leads":[{"id":318816},{"id":7}]}}`, jsonKind},
		{"POST", "/rest/v1/campaigns/1201/trigger.json", `{"input":{"leads":[{"id":318816}],"tokens":[{"name":"none","value":"x"}]}}`, jsonKind},
		{"POST", "/rest/v1/campaigns/1202/schedule.json", `{"input":{"runAt":"2029-01-01T00:00:00Z","cloneToProgramName":"Copy"}}`, jsonKind},
		{"POST", "/rest/v1/campaigns/1202/schedule.json", `{"input":{"cloneToProgramName":"Autumn Webinar"}}`, jsonKind},
		{"POST", "/rest/v1/leads/318815/merge.json?leadIds=318816,7", "", ""},
		{"POST", "/rest/v1/leads.json", `{"input":[{"email":"new@example.com"}],"more":1}`, jsonKind},
		{"POST", "/rest/v1/leads.json", `{"input":[{"email":"new@example.com"},7]}`, jsonKind},
		{"POST", "/rest/v1/leads.json?_method=PUT", `{"input":[{"email":"new@example.com"}]}`, jsonKind},
		{"GET", "/rest/v1/leads.json", `{"input":[{"email":"new@example.com"}]}`, jsonKind},
		{"DELETE", "/rest/v1/leads.json?id=318815&id=x", "", ""},
		{"DELETE", "/rest/v1/leads.json?id=318815", `{"input":[{"id":"x"}]}`, jsonKind},
		{"POST", "/rest/v1/lists/1042/leads.json", `{"input":[{"id":318816},{"id":"x"}]}`, jsonKind},
		{"POST", "/rest/v1/companies.json", `{"input":[{"externalCompanyId":"c"}]}`, jsonKind},
		{"POST", "/rest/v1/leads/schema/fields/firstName.json", `{"input":[{"displayName":"Other"},{"displayName":7}]}`, jsonKind},
		{"POST", "/bulk/v1/leads.json?format=csv", "email\nx@example.com\n", "text/csv"},
		{"POST", "/bulk/v1/leads/export/create.json", `{"fields":["id"],"filter":{"staticListId":1042,"smartListName":"none"}}`, jsonKind},
	} {
		list = append(list, restrequests.Request{Method: one[0], URI: one[1], Body: one[2], Kind: one[3]})
	}
	state := func() simulator.State {
		st := b.sim.Snapshot()
		st.Usage = nil
		return st
	}
	before := state()
	for _, one := range list {
		r := b.request(one.Method, one.URI, strings.NewReader(one.Body), one.ContentType())
		if a := b.send(r); a.doc["success"] == true {
			t.Errorf("%s %s %.100s: %s", one.Method, one.URI, one.Body, a.body)
		}
		if after := state(); !reflect.DeepEqual(before, after) {
			t.Fatalf("%s %s %.100s changes something:\n%s", one.Method, one.URI, one.Body, cmp.Diff(before, after))
		}
	}
}
