package admin_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/server"
)

type shownRule struct {
	ID               int64
	Operation        string
	Code, Hits, Seen int
	Skip, Times      int
}

// Rules of both faces are listed with their counts, replaced in their place, and taken away one by one.
func TestRules_byID(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.want(201, `"id": 1`, "POST", "/rules", `{"operation":"getLead","code":20011,"skip":1,"times":5}`)
	b.want(201, `"id": 2`, "POST", "/rules", `{"operation":"POST /rest/v1/leads.json","code":606}`)
	pick := func(operation string) {
		b.Rules.Pick(operation, func() endpoint.Exchange { return endpoint.Exchange{} })
	}
	pick("getLead")
	pick("getLead")
	pick("POST /rest/v1/leads.json")
	want := []shownRule{
		{ID: 1, Operation: "getLead", Code: 20011, Seen: 2, Hits: 1, Times: 4},
		{ID: 2, Operation: "POST /rest/v1/leads.json", Code: 606, Seen: 1, Hits: 1},
	}
	if diff := cmp.Diff(want, get[[]shownRule](b, "/rules")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[0], get[shownRule](b, "/rules/1")); diff != "" {
		t.Error(diff)
	}
	b.want(200, `"id": 1`, "PUT", "/rules/1", `{"operation":"getLead","code":20103}`)
	want[0] = shownRule{ID: 1, Operation: "getLead", Code: 20103}
	if diff := cmp.Diff(want, get[[]shownRule](b, "/rules")); diff != "" {
		t.Error(diff)
	}
	b.want(400, "column 7: id: the mock gives it: leave it out", "POST", "/rules", `{"id":7,"code":20011}`)
	b.want(400, "hits: the mock gives it", "PUT", "/rules/1", `{"hits":7,"code":20011}`)
	b.want(400, "seen: the mock gives it", "PUT", "/rules/1", `{"seen":7,"code":20011}`)
	b.want(400, "it does nothing", "PUT", "/rules/1", `{}`)
	b.want(404, "there is no rule 9", "PUT", "/rules/9", `{"code":20011}`)
	b.want(404, "there is no rule 9", "GET", "/rules/9", "")
	b.want(404, "there is no rule 9", "DELETE", "/rules/9", "")
	b.want(400, "is no id", "DELETE", "/rules/x", "")
	b.want(204, "", "DELETE", "/rules/1", "")
	b.want(404, "there is no rule 1, or not any more", "DELETE", "/rules/1", "")
	if diff := cmp.Diff(want[1:], get[[]shownRule](b, "/rules")); diff != "" {
		t.Error(diff)
	}
	b.Rules.Add(server.Rule{Code: 20011})
	if rules := get[[]shownRule](b, "/rules"); rules[1].ID != 3 {
		t.Errorf("%+v", rules)
	}
}

// What a form or a script of another site sends is refused, whatever type it is said to be of.
func TestCaller_form(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Rules.Add(server.Rule{Code: 20011})
	kinds := []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"}
	for _, origin := range []string{"null", "http://example.com", "http://localhost.example.com"} {
		for _, kind := range kinds {
			for _, path := range []string{"/rules", "/clock", "/settings", "/reset", "/demo"} {
				b.want(403, "origin_refused", "POST", path, `{"code":20011}`, "Content-Type", kind, "Origin", origin)
			}
			b.want(403, "origin_refused", "PUT", "/state", `{}`, "Content-Type", kind, "Origin", origin)
		}
	}
	if n := len(b.Rules.List()); n != 1 {
		t.Errorf("%d rules", n)
	}
	for _, kind := range kinds { // of programs: curl -d says that it sends a form
		b.want(201, "", "POST", "/rules", `{"code":20011}`, "Content-Type", kind)
	}
}

// A host that is configured may be named, and nothing that looks like it.
func TestCaller_configured(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Hosts = []string{"mock", ""}
	b.reopen()
	for _, host := range []string{"mock", "MOCK:8081", "localhost", "127.0.0.1:1"} {
		b.want(200, "", "GET", "/clock", "", "Host", host)
	}
	for _, host := range []string{"", ":8081", "mock.example.com", "amock", "mock:80:80", "example.com"} {
		b.want(403, "host_refused", "GET", "/clock", "", "Host", host)
	}
	b.want(403, "origin_refused", "POST", "/reset", "", "Host", "mock", "Origin", "http://example.com")
}
