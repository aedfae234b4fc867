package rest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

func tokenURI(id, secret string) string {
	return "/identity/oauth/token?grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret
}

func TestIdentity_sameTokenUntilItRunsOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.clock.Advance(15 * time.Minute)
	again := b.get("%s", tokenURI(clientID, clientSecret))
	if left, _ := again.doc["expires_in"].(float64); again.text("access_token") != b.token || left < 2690 || left > 2700 {
		t.Errorf("after 15 minutes: %s", again.body)
	}
	b.clock.Advance(46 * time.Minute)
	b.get("/rest/v1/leads/partitions.json").want("602")
	b.get("/rest/v1/leads/partitions.json").want("601")
	before := b.token
	if b.login(); b.token == before {
		t.Error("the token that has run out is given again")
	}
	b.get("/rest/v1/leads/partitions.json").ok()
}

func TestIdentity_tokenLife(t *testing.T) {
	t.Parallel()
	b := setup(t, rest.WithTokenLife(5*time.Second))
	b.clock.Advance(4 * time.Second)
	b.get("/rest/v1/leads/partitions.json").ok()
	b.clock.Advance(time.Second)
	b.get("/rest/v1/leads/partitions.json").want("602")
	if _, err := rest.New(simulator.New(), rest.WithTokenLife(time.Millisecond)); err == nil || !strings.Contains(err.Error(), "WithTokenLife: 1ms") {
		t.Errorf("error %v", err)
	}
}

func TestIdentity_refusals(t *testing.T) {
	t.Parallel()
	const nobody = "00000000-0000-0000-0000-000000000000"
	b := setup(t)
	for _, test := range []struct{ uri, kind, description string }{
		{tokenURI(nobody, "x"), "unauthorized", "No client with requested id: " + nobody},
		{tokenURI(clientID, "x"), "unauthorized", "Bad client credentials"},
		{"/identity/oauth/token?grant_type=password", "unsupported_grant_type", "Unsupported grant type: password"},
	} {
		a := b.get("%s", test.uri)
		if a.status != http.StatusUnauthorized || a.text("error") != test.kind || a.text("error_description") != test.description {
			t.Errorf("%s: HTTP %d %s", test.uri, a.status, a.body)
		}
	}
	for _, e := range b.journal {
		if all := fmt.Sprintf("%s %s", e.RawRequest, e.RawResponse); strings.Contains(all, clientSecret) || strings.Contains(all, b.token) {
			t.Errorf("the journal holds a secret: %s", all)
		}
	}
}

// TestJournal_holdsNoSecret: however a request spells the names of secrets, and wherever it puts them.
func TestJournal_holdsNoSecret(t *testing.T) {
	t.Parallel()
	const kind = "grant_type=client_credentials&client_id=" + clientID
	for name, r := range map[string]struct{ method, uri, mime, body string }{
		"in the query":           {"GET", tokenURI(clientID, clientSecret), "", ""},
		"twice":                  {"GET", tokenURI(clientID, "x") + "&client_secret=" + clientSecret, "", ""},
		"in capitals":            {"GET", tokenURI(clientID, "x") + "&CLIENT_SECRET=" + clientSecret, "", ""},
		"an escaped name":        {"GET", "/identity/oauth/token?" + kind + "&%63lient%5Fsecret=" + clientSecret, "", ""},
		"a wrong escape":         {"GET", "/identity/oauth/token?" + kind + "&%zz=client_secret&%zz" + clientSecret, "", ""},
		"after a semicolon":      {"GET", "/identity/oauth/token?" + kind + ";client_secret=" + clientSecret, "", ""},
		"in a form":              {"POST", "/identity/oauth/token", formType, kind + "&client_secret=" + clientSecret},
		"in a form, escaped":     {"POST", "/identity/oauth/token", formType, kind + "&client%5fsecret=" + clientSecret},
		"in JSON":                {"POST", "/identity/oauth/token", jsonType, `{"client_secret": "` + clientSecret + `"}`},
		"in parts":               {"POST", "/identity/oauth/token", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"client_secret\"\r\n\r\n" + clientSecret + "\r\n--b--\r\n"},
		"of no type":             {"POST", "/identity/oauth/token", "", kind + "&client_secret=" + clientSecret},
		"to another path":        {"GET", "/rest/v1/leads.json?client_secret=" + clientSecret, "", ""},
		"in a form of a read":    {"POST", "/rest/v1/leads.json", formType, "_method=GET&client_secret=" + clientSecret},
		"to a path there is not": {"POST", "/identity/oauth/tokens?client_secret=" + clientSecret, formType, "client_secret=" + clientSecret},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.send(b.request(r.method, r.uri, strings.NewReader(r.body), r.mime))
			b.send(b.request("GET", "/rest/v1/leads.json?access_token="+b.token+"&%61ccess_token="+b.token, nil, ""))
			for _, e := range b.journal {
				if all := fmt.Sprintf("%s %s %v %v", e.RawRequest, e.RawResponse, e.Err, e.Fault); strings.Contains(all, clientSecret) || strings.Contains(all, b.token) {
					t.Errorf("the journal holds a secret: %s", all)
				}
			}
			if e := b.journal[len(b.journal)-2]; !strings.Contains(string(e.RawRequest), strings.SplitN(r.uri, "?", 2)[0]) {
				t.Errorf("the journal has %s", e.RawRequest)
			}
		})
	}
}

func TestAuthorization(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, test := range []struct{ header, codes string }{
		{"", "603"}, {"Bearer ", "603"}, {"Basic eDp5", "601"}, {"Bearer nonsense", "601"}, {"bearer " + b.token, ""},
	} {
		r := b.request("GET", "/rest/v1/leads/partitions.json?access_token="+b.token, nil, "")
		r.Header.Set("Authorization", test.header)
		b.send(r).want(test.codes)
	}
	old := setup(t, rest.WithQuirks(rest.Quirks{QueryToken: true}))
	r := old.request("GET", "/rest/v1/leads/partitions.json?access_token="+old.token, nil, "")
	r.Header.Del("Authorization")
	old.send(r).want("")
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, test := range []struct{ method, uri, codes string }{
		{"GET", "/rest/v1/leeds.json", "610"}, {"GET", "/rest//v1/leads/partitions.json", "610"}, {"GET", "/rest/v1/lead/.json", "610"},
		{"GET", "/", "610"}, {"PUT", "/rest/v1/leads.json", "605"}, {"POST", "/rest/v1/leads/partitions.json", "605"},
		{"POST", "/rest/v1/leads/partitions.json?_method=GET", ""}, {"POST", "/rest/asset/v1/channels.json?_method=GET", "605"},
		{"POST", "/rest/../bulk/v1/leads/export/x/enqueue.json", "1013"}, {"GET", "/rest/../../x", "610"}, {"GET", "/rest/v1/lead/x.json", "1001"},
	} {
		b.call(test.method, test.uri, "").want(test.codes)
		if path, _, _ := strings.Cut(test.uri, "?"); b.last().Path != path {
			t.Errorf("%s: the journal has %+v", test.uri, b.last())
		}
	}
	if e := b.journal[1]; e.Operation != "" || e.Fault == nil || e.Fault.Code != 610 || e.UserID != clientID {
		t.Errorf("the journal has %+v", e)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	b := setup(t, rest.WithLimits(limits.REST()))
	partitions := func() answer { return b.get("/rest/v1/leads/partitions.json") }
	for range 100 {
		partitions().ok()
	}
	if a := partitions().want("606"); !strings.Contains(string(a.body), "Max rate limit '100' exceeded with in '20' secs") {
		t.Errorf("%s", a.body)
	}
	b.clock.Advance(20 * time.Second)
	b.rules.Add(server.Rule{Code: 611, Times: 150}) // which is not counted
	for range 150 {
		partitions().want("611")
	}
	partitions().ok()
}

func TestLimits_day(t *testing.T) {
	t.Parallel()
	b := setup(t, rest.WithLimits(limits.Limits{Daily: 3}))
	for _, codes := range []string{"", "", "", "607"} {
		b.get("/rest/v1/leads/partitions.json").want(codes)
	}
	b.clock.Set(time.Date(2026, time.October, 7, 4, 59, 50, 0, time.UTC)) // 23:59:50 CDT
	b.login()
	b.get("/rest/v1/leads/partitions.json").want("607")
	b.clock.Set(time.Date(2026, time.October, 7, 5, 0, 1, 0, time.UTC))
	b.get("/rest/v1/leads/partitions.json").want("")
}

func TestLimits_concurrency(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan bool), make(chan bool)
	wait := func(context.Context, time.Duration) error {
		entered <- true
		<-leave
		return nil
	}
	b := setup(t, rest.WithLimits(limits.Limits{Concurrent: 2}), rest.WithSleep(wait))
	b.rules.Add(server.Rule{Delay: time.Minute, Times: 2})
	var waiting sync.WaitGroup
	for range 2 {
		waiting.Go(func() { b.get("/rest/v1/leads/partitions.json").want("") })
		<-entered
	}
	b.get("/rest/v1/leads/partitions.json").want("615")
	close(leave)
	waiting.Wait()
	b.get("/rest/v1/leads/partitions.json").ok()
}

func TestRules(t *testing.T) {
	t.Parallel()
	const sync = `{"input":[{"email":"a@example.com"}]}`
	b := setup(t)
	b.rules.Add(server.Rule{Operation: "POST /rest/v1/leads.json", Code: 608, Times: 1})
	b.rules.Add(server.Rule{Operation: "GET /rest/v1/leads.json", Status: 502, Times: 1})
	b.rules.Add(server.Rule{Operation: "syncLead", Code: fault.CodeLeadNotFound})
	b.post("/rest/v1/leads.json", sync).want("608")
	if e := b.last(); !e.Scripted || e.Operation != "POST /rest/v1/leads.json" || e.Fault.Code != 608 {
		t.Errorf("the journal has %+v", e)
	}
	if a := b.get("/rest/v1/leads.json?filterType=id&filterValues=1"); a.status != http.StatusBadGateway {
		t.Errorf("HTTP %d", a.status)
	}
	b.rules.Add(server.Rule{Operation: "POST /rest/v1/leads.json", Drop: server.DropAfterWork, Times: 1})
	func() {
		defer func() {
			if recover() != http.ErrAbortHandler {
				t.Error("the write was answered")
			}
		}()
		b.post("/rest/v1/leads.json", sync)
	}()
	if got := b.get("/rest/v1/leads.json?filterType=email&filterValues=a@example.com").result(); len(got) != 1 {
		t.Errorf("the write that was not answered was not carried out: %v", got)
	}
}

// Of a client the handler keeps its token and the one before.
func TestIdentity_oldTokens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tokens := []string{b.token}
	for range 2 {
		b.clock.Advance(61 * time.Minute)
		b.token = ""
		b.login()
		tokens = append(tokens, b.token)
	}
	for i, codes := range []string{"601", "602", ""} { // the first was never used again, and is forgotten
		b.token = tokens[i]
		b.get("/rest/v1/leads/partitions.json").want(codes)
	}
}

// A rule can have single records of a write skipped: the others are written.
func TestRules_records(t *testing.T) {
	t.Parallel()
	const device = `{"input":[{"SerialNumber":"a"},{"SerialNumber":"b"},{"SerialNumber":"c"}]}`
	for _, test := range []struct{ method, uri, body, status, reason string }{
		{"POST", "/rest/v1/leads.json", `{"input":[{"email":"a@x.example"},{"email":"b@x.example"},{"email":"c@x.example"}]}`, "created skipped created", "Multiple lead match lookup criteria"},
		{"DELETE", "/rest/v1/leads.json", `{"input":[{"id":318815},{"id":318816},{"id":318817}]}`, "deleted skipped deleted", "Multiple lead match lookup criteria"},
		{"POST", "/rest/v1/lists/1042/leads.json", `{"input":[{"id":318815},{"id":318816},{"id":318817}]}`, "added skipped added", "Multiple lead match lookup criteria"},
		{"GET", "/rest/v1/lists/1042/leads/ismember.json?id=318815&id=318818&id=318817", "", "memberof skipped notmemberof", "no"},
		{"POST", "/rest/v1/customobjects/device.json", device, "created skipped created", "no"},
		{"POST", "/rest/v1/customobjects/device/delete.json", device, "skipped skipped skipped", "no"},
	} {
		b := demo(t)
		path, _, _ := strings.Cut(test.uri, "?")
		path = strings.NewReplacer("1042", "{listId}", "device", "{customObjectName}").Replace(path)
		rule := server.Rule{Operation: test.method + " " + path, Code: 1007, Records: []int{1, 7}, Times: 1}
		if test.reason == "no" {
			rule.Text = "no"
		}
		if err := rule.Validate(); err != nil {
			t.Error(err)
		}
		b.rules.Add(rule)
		a := b.call(test.method, test.uri, test.body)
		reasons, _ := a.result()[1]["reasons"].([]any)
		want := fmt.Sprint([]any{map[string]any{"code": "1007", "message": test.reason}})
		if got := a.column("status"); got != test.status || fmt.Sprint(reasons) != want {
			t.Errorf("%s %s: %s", test.method, test.uri, a.body)
		}
		if len(b.rules.List()) != 0 {
			t.Error("the rule is not used up")
		}
		if b.call(test.method, test.uri, test.body); strings.Contains(string(b.last().RawResponse), `"1007"`) {
			t.Errorf("%s", b.last().RawResponse)
		}
	}
}

// Every documented code can be scripted, and has a text.
func TestRules_codes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, code := range []fault.Code{
		500, 502, 600, 601, 602, 603, 604, 605, 606, 607, 608, 609, 610, 611, 612, 613, 614, 615, 616, 701, 702, 703, 704, 709, 710, 711, 712, 713, 714, 718, 719,
		1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016, 1017, 1018, 1019, 1020, 1021, 1022, 1025, 1026, 1027, 1028,
		1029, 1035, 1036, 1037, 1042, 1048, 1049, 1076, 1077, 1078, 1079, 1080,
	} {
		rule := server.Rule{Operation: "GET /rest/v1/leads/partitions.json", Code: code, Times: 1}
		if err := rule.Validate(); err != nil {
			t.Error(err)
		}
		b.rules.Add(rule)
		a := b.get("/rest/v1/leads/partitions.json").want(fmt.Sprint(int(code)))
		if strings.Contains(string(a.body), "Error ") {
			t.Errorf("%d has no text: %s", code, a.body)
		}
	}
}
