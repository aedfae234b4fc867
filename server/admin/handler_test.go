package admin_test

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/server/admin"
	"github.com/mktows/mktows-go/simulator"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestMain runs the tests in a zone that no other machine is in: what depends on the zone
// fails everywhere.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("", -(7*3600 + 13*60))
	os.Exit(m.Run())
}

// bundle is a mock and its administration.
type bundle struct {
	t *testing.T
	admin.Mock

	handler http.Handler
}

func setup(t *testing.T) *bundle {
	t.Helper()
	clock := new(admin.Clock)
	b := &bundle{t: t, Mock: admin.Mock{
		Simulator: simulator.New(simulator.WithClock(clock.Now)), Rules: new(server.Rules), Clock: clock, Journal: new(admin.Journal),
	}}
	var err error
	if b.handler, err = admin.New(b.Mock); err != nil {
		t.Fatal(err)
	}
	return b
}

// ask makes a request; header is pairs of name and value.
func (b *bundle) ask(method, path, body string, header ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, "http://127.0.0.1:8081"+path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Add(header[i], header[i+1])
		}
	}
	if !slices.Contains(header, "Content-Type") && (method == "POST" || method == "PUT") {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	validate(b.t, r, body, w)
	if w.Header().Get("Cache-Control") != "no-store" {
		b.t.Errorf("%s %s: Cache-Control is %q", method, path, w.Header().Get("Cache-Control"))
	}
	return w
}

// want asks and checks status and a part of the answer.
func (b *bundle) want(status int, part, method, path, body string, header ...string) {
	b.t.Helper()
	w := b.ask(method, path, body, header...)
	if w.Code != status || !strings.Contains(w.Body.String(), part) {
		b.t.Errorf("%s %s %s %q: status %d, want %d with %q:\n%s", method, path, body, header, w.Code, status, part, w.Body)
	}
	if status >= 400 {
		var answer struct {
			Error struct{ Code, Message, Where, Advice string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Error.Code == "" || answer.Error.Message == "" ||
			!strings.HasPrefix(answer.Error.Where, method+" /") || answer.Error.Advice == "" {
			b.t.Errorf("%s %s: no error as JSON: %v: %s", method, path, err, w.Body)
		}
	}
}

func TestNew_incomplete(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, m := range []admin.Mock{
		{},
		{Rules: b.Rules, Clock: b.Clock, Journal: b.Journal},
		{Simulator: b.Simulator, Clock: b.Clock, Journal: b.Journal},
		{Simulator: b.Simulator, Rules: b.Rules, Journal: b.Journal},
		{Simulator: b.Simulator, Rules: b.Rules, Clock: b.Clock},
	} {
		if h, err := admin.New(m); err == nil || h != nil {
			t.Errorf("%d: no error", i)
		}
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.want(200, "GET    /journal", "GET", "/", "")
	for _, text := range []string{"/rules/{id}", "?operation=", "records    of the REST API", "drop       break the connection: beforeWork, afterWork, halfAnswer"} {
		b.want(200, text, "GET", "/", "")
	}
	for _, drop := range []string{"beforeWork", "afterWork", "halfAnswer"} {
		b.want(200, drop, "GET", "/", "")
		b.want(201, drop, "POST", "/rules", `{"drop":"`+drop+`"}`)
	}
	b.want(200, "", "HEAD", "/state", "")
	b.want(404, "not_found", "GET", "/states", "")
	b.want(404, "not_found", "GET", "/state/", "")
	for path, allow := range map[string]string{
		"/": "GET", "/state": "GET, PUT", "/reset": "POST", "/rules": "DELETE, GET, POST", "/clock": "GET, POST", "/settings": "GET, POST", "/journal": "DELETE, GET",
		"/rules/7": "DELETE, GET, PUT", "/journal/events": "GET", "/journal/7": "GET", "/demo": "POST", "/objects/%2F": "GET",
	} {
		b.want(405, "method_not_allowed", "PATCH", path, "")
		if got := b.ask("PATCH", path, "").Header().Get("Allow"); got != allow {
			t.Errorf("%s allows %q, want %q", path, got, allow)
		}
	}
}

// Web pages and other machines' names are refused, whatever they ask for.
func TestCaller(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, host := range []string{"localhost", "LOCALHOST:80", "127.0.0.1", "127.8.9.1:8081", "[::1]:8081", "[::1]", "[::ffff:127.0.0.1]:1"} {
		b.want(200, "", "GET", "/clock", "", "Host", host)
	}
	for _, host := range []string{
		"", "attacker.example.com", "localhost.example.com", "127.0.0.1.example.com:80", "192.0.2.1", "0.0.0.0:80", "[::]:80",
		"notlocalhost", "localhost:80:80", "[::1", "2130706433", "127.1",
	} {
		if host == "[::1" {
			continue // net/http refuses it before
		}
		b.want(403, "host_refused", "GET", "/clock", "", "Host", host)
		b.want(403, "host_refused", "POST", "/reset", "", "Host", host)
		b.want(403, "host_refused", "GET", "/nothing", "", "Host", host)
	}
	b.want(200, "", "GET", "/clock", "", "Origin", "http://127.0.0.1:8081")
	for _, origin := range []string{"null", "", "http://example.com", "http://127.0.0.1:8082", "http://localhost:8081", "https://127.0.0.1:8081.example.com", "file://127.0.0.1:8081", "::"} {
		b.want(403, "origin_refused", "POST", "/reset", "", "Origin", origin)
		b.want(403, "origin_refused", "GET", "/state", "", "Origin", origin)
	}
	b.want(403, "origin_refused", "GET", "/state", "", "Origin", "http://127.0.0.1:8081", "Origin", "http://example.com")
}

func TestState(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.Simulator.LoadDemo(); err != nil {
		t.Fatal(err)
	}
	saved := b.ask("GET", "/state", "").Body.String()
	b.want(204, "", "PUT", "/state", `{"leads":[{"id":1,"email":"a@example.com"}]}`)
	if ids := b.Simulator.LeadIDs(); !cmp.Equal(ids, []int64{1}) {
		t.Errorf("leads %v, want that of the new state alone", ids)
	}
	b.want(204, "", "PUT", "/state", saved)
	if diff := cmp.Diff(saved, b.ask("GET", "/state", "").Body.String()); diff != "" {
		t.Error(diff)
	}
	for body, part := range map[string]string{
		"":                       "line 1, column 1: the document is empty",
		"{":                      "this is not JSON",
		"{} {}":                  "line 1, column 4: this is not JSON",
		"{\n \"lead\": []}":      "line 2, column 2: lead: there is no such field",
		"{\n \"leads\": 7}":      "line 2, column 11: leads: expected an array, found number",
		`{"leads":[{"id":"7"}]}`: "line 1, column 17: leads[0].id: expected a whole number, found string",
		"{\"leads\":[{},\n{\"fields\":{\"City\":\"é\",\"LeadScore\":\"x\"}}]}": "line 2, column 35: leads[1].fields.LeadScore: value",
		`{"leads":[{"activities":[{}]}]}`:                                      "line 1, column 26: leads[0].activities[0].type: the type is missing",
		`{"leads":[{"id":1,"keys":[{"typ":"COOKIE"}]}]}`:                       "leads[0].keys[0].typ: there is no such field",
	} {
		b.want(400, part, "PUT", "/state", body)
	}
	if diff := cmp.Diff(saved, b.ask("GET", "/state", "").Body.String()); diff != "" {
		t.Errorf("a state that was refused has changed something: %s", diff)
	}
}

// The demonstration data as people read them, but for most of the long history.
func TestState_golden(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.Simulator.LoadDemo(); err != nil {
		t.Fatal(err)
	}
	st := b.Simulator.Snapshot()
	for i := range st.Leads {
		st.Leads[i].Activities = st.Leads[i].Activities[:min(14, len(st.Leads[i].Activities))]
	}
	got, err := admin.EncodeState(st)
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/demo.json"
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
	again, err := admin.DecodeState(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(st, again); diff != "" {
		t.Error(diff)
	}
}

// What looks like JSON inside a text stays as it is.
func TestEncodeState_texts(t *testing.T) {
	t.Parallel()
	hostile := "{\n  \"name\": \"a\",\n  \"value\": \"b\"\n} \\\"<&>\u2028é"
	st := simulator.State{Leads: []simulator.Lead{{Email: hostile, Activities: []simulator.Activity{
		{Type: "NewLead", Attributes: []simulator.Attribute{{Name: hostile, Value: hostile}, {Name: `\`, Value: `"`}}},
	}}}}
	text, err := admin.EncodeState(st)
	if err != nil {
		t.Fatal(err)
	}
	again, err := admin.DecodeState(text)
	if diff := cmp.Diff(st, again); diff != "" || err != nil {
		t.Errorf("error %v\n%s", err, diff)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.Simulator.LoadDemo(); err != nil {
		t.Fatal(err)
	}
	b.Rules.Add(server.Rule{Code: 20011})
	b.Journal.Add(server.Exchange{Operation: "getLead"})
	if err := b.Clock.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	b.want(204, "", "POST", "/reset", "")
	list, earlier := b.Journal.Exchanges()
	if len(b.Simulator.LeadIDs()) != 0 || len(b.Rules.List()) != 0 || len(list) != 0 || earlier != 0 || b.Clock.Ahead() < time.Hour-time.Minute {
		t.Errorf("left: %v, %v, %v, %s", b.Simulator.LeadIDs(), b.Rules.List(), list, b.Clock.Ahead())
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.want(200, "[]", "GET", "/rules", "")
	text := `{
  "operation": "syncLead",
  "skip": 1,
  "times": 2,
  "delay": "1.5s",
  "status": 503,
  "header": {
    "Retry-After": "7"
  },
  "body": "",
  "drop": "halfAnswer"
}
`
	w := b.ask("POST", "/rules", text)
	if w.Code != 201 || w.Body.String() != strings.Replace(text, "{\n", "{\n  \"id\": 1,\n", 1) {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	want := []server.Rule{{
		Operation: "syncLead", Skip: 1, Times: 2, Delay: 1500 * time.Millisecond, Status: 503,
		Header: http.Header{"Retry-After": {"7"}}, Body: []byte{}, Drop: server.DropHalfAnswer,
	}}
	if diff := cmp.Diff(want, b.Rules.List()); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{`{"code":20023}`, `{"code":20023,"delay":"0s"}`} {
		if w := b.ask("POST", "/rules", text); w.Code != 201 || !strings.HasSuffix(w.Body.String(), ",\n  \"code\": 20023\n}\n") {
			t.Errorf("%s: status %d: %s", text, w.Code, w.Body)
		}
	}
	b.want(201, `"text": "Parameter required"`, "POST", "/rules", `{"code":10001,"text":"Parameter required"}`)
	if list := b.Rules.List(); list[len(list)-1].Text != "Parameter required" {
		t.Errorf("%+v", list)
	}
	b.want(200, `"code": 20023`, "GET", "/rules", "")
	for body, part := range map[string]string{
		`{`:                                      "this is not JSON",
		`{"match":1}`:                            "column 2: match: there is no such field",
		`{"times":1.5,"code":20023}`:             "column 10: times: expected a whole number, found number 1.5",
		`{"code":"20023"}`:                       "column 9: code: expected a whole number",
		`{"operation":"getLeads","code":20023}`:  `column 14: operation: there is no operation`,
		`{"code":20023,"delay":"soon"}`:          `column 23: delay: `,
		`{"code":20023,"delay":"-1s"}`:           "delay: it cannot be negative",
		`{"code":20023,"delay":5}`:               `column 23: delay: expected a string such as \"5s\", found number`,
		`{"code":99}`:                            "code: 99 is no code of a fault or of the REST API: they have three to five digits, as 606 and 20103 have",
		`{"drop":"DropAfterWork"}`:               "drop: ",
		`{"code":20023,"header":{"A":"b\r\nC"}}`: "header.A: ",
		`{"code":20023,"times":-1}`:              "times: skip, times and delay cannot be negative",
		`{"status":99}`:                          "status: 99 is no HTTP status",
		`{"code":20023,"body":""}`:               "code and body cannot both",
		`{"status":500,"text":"x"}`:              "text is that of a fault, which needs a code",
		`{}`:                                     "it does nothing",
	} {
		b.want(400, part, "POST", "/rules", body)
	}
	large := `{"body":"` + strings.Repeat("x", 9<<20) + `"}`
	b.want(413, "too_large", "POST", "/rules", large)
	b.want(413, "too_large", "POST", "/clock", large)
	b.want(204, "", "DELETE", "/rules", "")
	if list := b.Rules.List(); len(list) != 0 {
		t.Errorf("left: %v", list)
	}
}

// A body that breaks off is not taken for what has come of it.
func TestBody_breaksOff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for path, method := range map[string]string{"/state": "PUT", "/rules": "POST", "/clock": "POST"} {
		body := io.MultiReader(strings.NewReader(`{}`), iotest.ErrReader(io.ErrUnexpectedEOF))
		r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:8081"+path, body)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		if w.Code != 400 || !strings.Contains(w.Body.String(), "could not be read") {
			t.Errorf("%s %s: status %d: %s", method, path, w.Code, w.Body)
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.want(200, `"ahead": "0s"`, "GET", "/clock", "")
	b.want(200, `"ahead": "2`, "POST", "/clock", `{"advance":"24h"}`)
	if ahead := b.Clock.Ahead(); ahead < 24*time.Hour-time.Minute || ahead > 24*time.Hour {
		t.Errorf("ahead by %s", ahead)
	}
	b.want(200, "", "POST", "/clock", `{"advance":"-48h"}`)
	if ahead := b.Clock.Ahead(); ahead > -24*time.Hour+time.Minute {
		t.Errorf("ahead by %s", ahead)
	}
	b.want(200, `"now": "2016-02-01T18:00:0`, "POST", "/clock", `{"set":"2016-02-01T12:00:00-06:00"}`)
	var shown struct{ Now string }
	if err := json.Unmarshal(b.ask("GET", "/clock", "").Body.Bytes(), &shown); err != nil || !strings.HasSuffix(shown.Now, "Z") {
		t.Errorf("now is %q: %v", shown.Now, err)
	}
	for body, part := range map[string]string{
		`{}`:                             `give either \"advance\" or \"set\"`,
		`{"advance":"1h","set":"x"}`:     "give either",
		`{"advance":"tomorrow"}`:         "column 12: advance: ",
		`{"set":"tomorrow"}`:             "column 8: set: ",
		`{"set":"9999-01-01T00:00:00Z"}`: "set: the time is too far away",
		`{"advance":"2500000h"}`:         "advance: the time is too far away",
		`{"advance":"-2500000h"}`:        "advance: the time is too far away",
		`{"to":"2016-02-01T12:00:00Z"}`:  "to: there is no such field",
		`{"advance":1}`:                  "advance: expected a string",
		`["advance"]`:                    "expected an object, found array",
	} {
		b.want(400, part, "POST", "/clock", body)
	}
}

// The journal tells of calls over HTTP and has no signature in it; simulator and
// server go by the clock, and rules act.
func TestMock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.Simulator.LoadDemo(); err != nil {
		t.Fatal(err)
	}
	key := auth.NewSecret("example-key")
	soap, err := server.New(b.Simulator, server.WithUsers(map[string]auth.Secret{"example_user": key}),
		server.WithRules(b.Rules), server.WithClock(b.Clock.Now), server.WithSleep(b.Clock.Sleep), server.WithJournal(b.Journal.Add))
	if err != nil {
		t.Fatal(err)
	}
	b.want(200, "2016-02-01T18:00", "POST", "/clock", `{"set":"2016-02-01T12:00:00-06:00"}`)
	signature := call(t, soap, key, b.Clock.Now())
	b.want(201, "", "POST", "/rules", `{"code":20011,"times":1}`)
	call(t, soap, key, b.Clock.Now())
	call(t, soap, key, time.Now()) // expired, by the clock

	text := b.ask("GET", "/journal", "").Body.String()
	var journal struct {
		Earlier   int
		Exchanges []struct {
			ID                int64
			Time              time.Time
			Operation, UserID string
			Status            int
			Fault             *struct{ Code fault.Code }
			Scripted          bool
			Request, Response string
			PassedOver        []string
		}
	}
	if err := json.Unmarshal([]byte(text), &journal); err != nil || len(journal.Exchanges) != 3 {
		t.Fatalf("%v: %s", err, text)
	}
	first, second, third := journal.Exchanges[0], journal.Exchanges[1], journal.Exchanges[2]
	switch {
	case first.ID != 1 || first.Operation != "listMObjects" || first.UserID != "example_user" || first.Status != 200 || first.Time.Year() != 2016,
		!strings.Contains(first.Response, "Opportunity"), !strings.Contains(first.Request, "paramsListMObjects"):
		t.Errorf("%+v", first)
	case second.Fault == nil || second.Fault.Code != 20011 || !second.Scripted:
		t.Errorf("%+v", second)
	case third.Fault == nil || third.Fault.Code != 20016:
		t.Errorf("%+v", third)
	case !slices.Equal(first.PassedOver, []string{"Header/x"}) || !strings.HasSuffix(journalTime(text), `Z"`):
		t.Errorf("passed over %q, time %s", first.PassedOver, journalTime(text))
	case strings.Contains(text, signature) || strings.Contains(text, "example-key"):
		t.Errorf("a secret is in %s", text)
	}
	b.want(204, "", "DELETE", "/journal", "")
	b.want(200, `"exchanges": []`, "GET", "/journal", "")
}

// journalTime is the time of the first exchange, as it is written.
func journalTime(text string) string {
	_, rest, _ := strings.Cut(text, `"time": `)
	at, _, _ := strings.Cut(rest, ",")
	return at
}

// call asks for the types of object, signed as of a time, and returns the signature.
func call(t *testing.T, soap http.Handler, key auth.Secret, now time.Time) string {
	t.Helper()
	signer, err := auth.NewSigner(auth.Credentials{UserID: "example_user", Key: key}, auth.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	stamp := signer.Stamp()
	body := `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://www.marketo.com/mktows/"><e:Header><m:AuthenticationHeader>` +
		"<mktowsUserId>" + stamp.UserID + "</mktowsUserId><requestSignature>" + stamp.Signature + "</requestSignature><requestTimestamp>" + stamp.Timestamp +
		"</requestTimestamp></m:AuthenticationHeader><x/></e:Header><e:Body><m:paramsListMObjects/></e:Body></e:Envelope>"
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1"+server.DefaultMount+gen.V3_1.String(), strings.NewReader(body))
	r.Header.Set("Content-Type", "text/xml")
	w := httptest.NewRecorder()
	soap.ServeHTTP(w, r)
	if _, err := io.Copy(io.Discard, w.Body); err != nil {
		t.Fatal(err)
	}
	return stamp.Signature
}
