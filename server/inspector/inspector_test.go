package inspector_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/server/admin"
	"github.com/mktows/mktows-go/server/inspector"
	"github.com/mktows/mktows-go/simulator"
)

// TestMain runs the tests in a zone that no other machine is in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("", -(7*3600 + 13*60))
	os.Exit(m.Run())
}

// began is the time of the mock's clock at the beginning.
var began = time.Date(2016, 2, 1, 18, 0, 0, 0, time.UTC)

// bundle is a mock with its inspector.
type bundle struct {
	t testing.TB
	admin.Mock

	handler http.Handler
}

func setup(t testing.TB) *bundle {
	t.Helper()
	clock := new(admin.Clock)
	if err := clock.Set(began); err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, Mock: admin.Mock{
		Simulator: simulator.New(simulator.WithClock(clock.Now)), Rules: new(server.Rules), Clock: clock, Journal: new(admin.Journal),
	}}
	if err := b.Simulator.LoadDemo(); err != nil {
		t.Fatal(err)
	}
	api, err := admin.New(b.Mock)
	if err != nil {
		t.Fatal(err)
	}
	b.handler, err = inspector.New(api, inspector.Options{Title: "Mock of Marketo", Endpoint: "http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// do makes a request as a browser does; header is pairs of name and value.
func (b *bundle) do(method, path, kind string, body io.Reader, header ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, "http://127.0.0.1:8081"+path, body)
	r.Header.Set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
	if method == http.MethodPost {
		r.Header.Set("Origin", "http://127.0.0.1:8081")
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

// get returns a page, which has to have a status and be well-formed as far as a reader of XML can tell.
func (b *bundle) get(status int, path string, header ...string) string {
	b.t.Helper()
	w := b.do(http.MethodGet, path, "", http.NoBody, header...)
	if w.Code != status {
		b.t.Fatalf("GET %s: status %d, want %d:\n%s", path, w.Code, status, w.Body)
	}
	b.judge(path, w)
	return w.Body.String()
}

// judge checks what holds of every page.
func (b *bundle) judge(path string, w *httptest.ResponseRecorder) {
	b.t.Helper()
	h := w.Header()
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
	} {
		if h.Get(name) != want {
			b.t.Errorf("%s: %s is %q, want %q", path, name, h.Get(name), want)
		}
	}
	policy := h.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; style-src 'self'") || strings.Contains(policy, "unsafe") {
		b.t.Errorf("%s: the policy is %q", path, policy)
	}
	page := w.Body.String()
	for _, inline := range []string{"<style", " style=", " onclick", " onload", "javascript:", "<script>"} {
		if strings.Contains(page, inline) {
			b.t.Errorf("%s: the page has %q, which the policy forbids", path, inline)
		}
	}
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		if _, err := decoder.Token(); err == io.EOF {
			return
		} else if err != nil {
			b.t.Errorf("%s: %v", path, err)
			return
		}
	}
}

// post sends a form and returns where it leads.
func (b *bundle) post(path string, form url.Values) string {
	b.t.Helper()
	w := b.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if w.Code != http.StatusSeeOther {
		b.t.Fatalf("POST %s: status %d:\n%s", path, w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

// want checks that a page has texts, and that it lacks those that begin with "!".
func want(t testing.TB, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if absent, ok := strings.CutPrefix(text, "!"); ok && strings.Contains(page, absent) {
			t.Errorf("the page has %q:\n%.3000s", absent, page)
		} else if !ok && !strings.Contains(page, text) {
			t.Errorf("the page lacks %q:\n%.3000s", text, page)
		}
	}
}

// Exchanges of the tests.
func goodCall() server.Exchange {
	return server.Exchange{
		Time: began, Duration: 1234567 * time.Nanosecond, Version: gen.V2_7, UserID: "example_user", Operation: "getLead", Status: 200,
		Passed:      []string{"leadKey/email", "Header/Security"},
		RawRequest:  []byte(`<soap:Envelope><soap:Header><ns1:AuthenticationHeader><requestSignature>[redacted]</requestSignature></ns1:AuthenticationHeader></soap:Header><soap:Body><keyValue>lead@example.com</keyValue></soap:Body></soap:Envelope>`),
		RawResponse: []byte(`<a><b>1</b></a>`),
		Calls: []endpoint.Call{
			{Method: "GET", Path: "/rest/v1/leads.json", Status: 200, Attempts: 2, Waited: 30 * time.Millisecond, Duration: 250 * time.Millisecond},
			{Method: "GET", Path: "/rest/v1/lists.json", Code: 606, Attempts: 1, Duration: time.Second},
		},
	}
}

func refusedCall() server.Exchange {
	return server.Exchange{
		Time: began.Add(time.Second), Version: gen.V2_7, Operation: "syncLead", Status: 500, Fault: fault.New(fault.CodeAuthenticationFailed, "Authentication failed"),
		Refused: "the signature is not that of the user", Signed: "2016-02-01T12:00:00-06:00example_user", RawRequest: []byte("<a/>"), RawResponse: []byte("<fault/>"),
	}
}

func restCall() server.Exchange {
	return server.Exchange{
		Time: began.Add(2 * time.Second), UserID: "example_user", Operation: "POST /rest/v1/leads.json", Path: "/rest/v1/leads.json", Status: 200,
		Fault: &fault.Fault{Code: 606, Message: "Max rate limit '100' exceeded"}, Scripted: true, Drop: endpoint.DropHalfAnswer,
		RawRequest: []byte("POST /rest/v1/leads.json?access_token=[redacted]&a=it's\n\n{\"input\":[{\"email\":\"it's $HOME `id`\"}]}"), RawResponse: []byte(`{"success":false}`),
	}
}

func TestNew_errors(t *testing.T) {
	t.Parallel()
	for name, api := range map[string]http.Handler{
		"there is none":  nil,
		"another server": http.NotFoundHandler(),
		"no journal": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"paths": {"/": {}}}`)
		}),
	} {
		if _, err := inspector.New(api, inspector.Options{}); err == nil || !strings.HasPrefix(err.Error(), "inspector: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A browser gets pages, and a program what it got before there were any.
func TestNegotiation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want(t, b.get(200, "/"), "<h1><bdi>Exchanges</bdi></h1>", "There are no exchanges yet")
	for path, text := range map[string]string{"/": "Administration of the mock", "/journal": `"exchanges": []`, "/health": `"status": "ok"`} {
		w := b.do(http.MethodGet, path, "", http.NoBody, "Accept", "*/*")
		if w.Code != 200 || !strings.Contains(w.Body.String(), text) || w.Header().Get("Content-Security-Policy") != "" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for path, kind := range map[string]string{"/ui/page.css": "text/css; charset=utf-8", "/ui/page.js": "text/javascript; charset=utf-8"} {
		if w := b.do(http.MethodGet, path, "", http.NoBody); w.Code != 200 || w.Header().Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", path, w.Code, w.Header())
		}
	}
	if w := b.do(http.MethodGet, "/ui/none", "", http.NoBody); w.Code != 404 {
		t.Errorf("status %d of a page that there is none of", w.Code)
	}
}

// What another site could make a browser send changes nothing, and gets to see nothing.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Rules.Add(server.Rule{Code: 20011})
	for name, header := range map[string][]string{
		"origin": {"Origin", "http://evil.example"}, "no origin": {"Origin", "null"}, "port": {"Origin", "http://127.0.0.1:1"},
		"rebinding": {"Origin", "http://evil.example", "Host", "evil.example"},
	} {
		for _, path := range []string{"/ui/rules/clear", "/ui/rules", "/ui/rules/1/delete", "/ui/reset", "/ui/clock", "/ui/demo", "/ui/state", "/ui/exchanges/clear"} {
			if w := b.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader("advance=1h&code=20011"), header...); w.Code != 403 {
				t.Errorf("%s: POST %s: status %d", name, path, w.Code)
			}
		}
	}
	for _, path := range []string{"/", "/ui/leads", "/ui/page.js"} {
		if page := b.get(403, path, "Host", "evil.example"); strings.Contains(page, "lead@example.com") {
			t.Errorf("%s shows data", path)
		}
	}
	if n := len(b.Rules.List()); n != 1 {
		t.Errorf("%d rules are left of 1", n)
	}
}

func TestExchanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, e := range []server.Exchange{goodCall(), refusedCall(), restCall()} {
		b.Journal.Add(e)
	}
	page := b.get(200, "/")
	want(t, page, `<a href="/ui/exchanges/1"><bdi>getLead</bdi></a> <span class="api">SOAP</span>`, "1.23ms, 2 REST calls", "2 elements passed over",
		"606 Max rate limit", `<span class="tag">rule</span>`, "dropped in the middle of the answer", "not authenticated", "18:00:01.000",
		`data-events="/journal/events?since=3"`)
	if strings.Index(page, `id="x3"`) > strings.Index(page, `id="x1"`) {
		t.Error("the newest is not the first")
	}
	for query, shown := range map[string]string{
		"?operation=getLead": "1", "?fault=any": "3 2", "?fault=606": "3", "?lead=lead@example.com": "1", "?text=rate+limit": "3", "?face=soap&fault=&lead=": "2 1", "?user=nobody": "",
	} {
		page := b.get(200, "/"+query)
		var ids []string
		for id := 3; id > 0; id-- {
			if strings.Contains(page, fmt.Sprintf(`id="x%d"`, id)) {
				ids = append(ids, fmt.Sprint(id))
			}
		}
		if strings.Join(ids, " ") != shown {
			t.Errorf("%s shows %q, want %q", query, ids, shown)
		}
	}
	want(t, b.get(200, "/?user=nobody"), "No exchange is like that.")
	want(t, b.get(400, "/?fault=lots"), "&#34;lots&#34; is no fault", `aria-invalid="true"`, "!data-events")
	b.get(400, "/?before=x")
	if to := b.post("/ui/exchanges/clear", nil); to != "/?done=cleared" {
		t.Error(to)
	}
	want(t, b.get(200, "/?done=cleared"), "The journal is empty.", "There are no exchanges yet")
	want(t, b.get(200, "/?done=<b>"), "!<b>", "!role=\"status\">&lt;")
}

func TestExchange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, e := range []server.Exchange{goodCall(), refusedCall(), restCall()} {
		b.Journal.Add(e)
	}
	want(t, b.get(200, "/ui/exchanges/1"), "Exchange 1: getLead", "Header/Security", "GET /rest/v1/leads.json", ">2</td>", "30ms", "606",
		"&lt;a&gt;\n  &lt;b&gt;1&lt;/b&gt;\n&lt;/a&gt;", "&lt;a&gt;&lt;b&gt;1&lt;/b&gt;&lt;/a&gt;", "$(mktows sign -o xml)", "/ui/rules?operation=getLead#form")
	want(t, b.get(200, "/ui/exchanges/2"), "the signature is not that of the user", "2016-02-01T12:00:00-06:00example_user", "What to do:")
	want(t, b.get(200, "/ui/exchanges/3"), "a rule has acted", "What to do:", "dropped in the middle of the answer", "MKTOWS_TOKEN")
	want(t, b.get(404, "/ui/exchanges/4"), "there is no exchange 4")
	b.get(400, "/ui/exchanges/x")
	w := b.do(http.MethodGet, "/ui/exchanges/1/response", "", http.NoBody)
	if w.Code != 200 || w.Body.String() != "<a><b>1</b></a>" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" ||
		w.Header().Get("Content-Disposition") != `attachment; filename="exchange-1-response.txt"` {
		t.Errorf("%d %s %s", w.Code, w.Header(), w.Body)
	}
	b.get(404, "/ui/exchanges/1/nonsense")
}

// A document of megabytes does not make a page of megabytes.
func TestExchange_long(t *testing.T) {
	t.Parallel()
	b := setup(t)
	e := goodCall()
	e.RawRequest = []byte("<a>" + strings.Repeat("é", 1<<18) + "</a>")
	b.Journal.Add(e)
	page := b.get(200, "/ui/exchanges/1")
	want(t, page, "This is only its beginning.", "512.0 KiB", "too long for a command line")
	if len(page) > 1<<20 || strings.Contains(page, "\ufffd") {
		t.Errorf("the page has %d bytes", len(page))
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want(t, b.get(200, "/ui/rules"), "There are no rules")
	full := url.Values{
		"operation": {"syncLead"}, "code": {"20011"}, "text": {"Sorry"}, "times": {"2"}, "skip": {"1"}, "delay": {"1.5s"}, "drop": {"afterWork"}, "status": {"503"},
		"header": {"Retry-After: 7\r\nX-B: c:d\r\n"},
	}
	if to := b.post("/ui/rules", full); to != "/ui/rules?done=added" {
		t.Error(to)
	}
	b.post("/ui/rules", url.Values{"empty": {"true"}})
	b.post("/ui/rules", url.Values{"operation": {"POST /rest/v1/leads.json"}, "code": {"1007"}, "records": {"1, 3"}})
	got := b.Rules.List()
	if r := got[0]; r.Operation != "syncLead" || r.Code != 20011 || r.Text != "Sorry" || r.Times != 2 || r.Skip != 1 || r.Delay != 1500*time.Millisecond ||
		r.Drop != server.DropAfterWork || r.Status != 503 || r.Header.Get("Retry-After") != "7" || r.Header.Get("X-B") != "c:d" {
		t.Errorf("%+v", r)
	}
	if got[1].Body == nil || len(got[1].Body) != 0 || len(got[2].Records) != 2 {
		t.Errorf("%+v", got[1:])
	}
	want(t, b.get(200, "/ui/rules?done=added"), "The rule was added.", "waits 1.5s, answers with 20011 in HTTP 503, drops the connection after the work",
		"2 times more, after 1 call", "<strong>0 hits</strong> of 0 calls", "skips the records 1, 3 with 1007", "any operation")
	want(t, b.get(200, "/ui/rules/1"), `name="delay" value="1.5s"`, "Retry-After: 7\nX-B: c:d", `<option value="afterWork" selected>`)
	want(t, b.get(200, "/ui/rules/2"), `value="true" checked`)
	full.Set("times", "5")
	if to := b.post("/ui/rules/1", full); to != "/ui/rules?done=changed" || b.Rules.List()[0].Times != 5 {
		t.Errorf("%s %+v", to, b.Rules.List()[0])
	}
	b.post("/ui/rules/1/delete", nil)
	b.get(404, "/ui/rules/1")
	b.post("/ui/rules/clear", nil)
	if n := len(b.Rules.List()); n != 0 {
		t.Errorf("%d rules are left", n)
	}
}

// What is wrong with a rule stands beside the field, and what was written is not lost.
func TestRules_wrong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Rules.Add(server.Rule{Code: 20011})
	for name, tt := range map[string]struct {
		form url.Values
		want []string
	}{
		"nothing":     {url.Values{}, []string{"it does nothing"}},
		"no number":   {url.Values{"code": {"many"}}, []string{`id="code-wrong"`, `value="many"`}},
		"delay":       {url.Values{"delay": {"soon"}}, []string{`id="delay-wrong"`, "&#34;soon&#34; is not a duration", `aria-describedby="delay-wrong delay-hint" aria-invalid="true"`}},
		"operation":   {url.Values{"operation": {"<b>"}, "code": {"20011"}}, []string{`id="operation-wrong"`, `value="&lt;b&gt;"`, `value="20011"`}},
		"header":      {url.Values{"status": {"503"}, "header": {": x"}}, []string{`id="header-wrong"`}},
		"records":     {url.Values{"records": {"1,x"}, "operation": {"POST /rest/v1/leads.json"}, "code": {"1007"}}, []string{`id="records-wrong"`, `value="1,x"`}},
		"two answers": {url.Values{"code": {"20011"}, "body": {"x"}}, []string{"code and body cannot both be the answer"}},
	} {
		for _, path := range []string{"/ui/rules", "/ui/rules/1"} {
			w := b.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(tt.form.Encode()))
			if w.Code != 400 {
				t.Errorf("%s %s: status %d", name, path, w.Code)
			}
			b.judge(path, w)
			want(t, w.Body.String(), append(tt.want, `role="alert"`)...)
		}
	}
	if list := b.Rules.List(); len(list) != 1 || list[0].Code != 20011 {
		t.Errorf("%+v", list)
	}
}

func TestState(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for path, texts := range map[string][]string{
		"/ui/leads":                  {`<a href="/ui/leads/318815">`, "lead@example.com", "<dt><bdi>"},
		"/ui/leads?text=nothing+has": {"There are none."},
		"/ui/leads/318815":           {"Lead 318815", "Visit", "<h3>2015-", "It is in ", "activities in all, newest first"},
		"/ui/lists":                  {`<a href="/ui/lists/1042">`},
		"/ui/lists/1042":             {"Members", `<a href="/ui/leads/`},
		"/ui/campaigns":              {"/ui/campaigns/"},
		"/ui/programs":               {"Autumn Webinar"},
		"/ui/objects":                {`<a href="/ui/objects/Opportunity">`},
		"/ui/objects/Opportunity":    {"Objects of the type Opportunity"},
		"/ui/jobs":                   {"There are none."},
	} {
		want(t, b.get(200, path), texts...)
	}
	b.get(404, "/ui/leads/1")
	b.get(404, "/ui/objects/None")
	b.get(400, "/ui/leads?from=x")
}

func TestState_pages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var st simulator.State
	lead := simulator.Lead{ID: 1, Email: "lead1@example.com"}
	for range 150 {
		lead.Activities = append(lead.Activities, simulator.Activity{Type: "VisitWebpage", AssetName: "Pricing"})
	}
	st.Leads = []simulator.Lead{lead}
	for id := int64(2); id < 150; id++ {
		st.Leads = append(st.Leads, simulator.Lead{ID: id, Email: fmt.Sprintf("lead%d@example.com", id)})
	}
	if err := b.Simulator.Load(st); err != nil {
		t.Fatal(err)
	}
	want(t, b.get(200, "/ui/leads"), `<a rel="next" href="/ui/leads?from=100">More</a>`, "!lead101@")
	want(t, b.get(200, "/ui/leads?from=100"), "lead101@example.com", "!rel=\"next\"")
	want(t, b.get(200, "/ui/leads/1"), `<a rel="next" href="/ui/leads/1?from=100">Older activities</a>`, "150 activities in all")
}

func TestMock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want(t, b.get(200, "/ui/mock"), "2016-02-01 18:00:0", "behind the real time", `href="/scenario" download="scenario.json"`, "0 of at most 100000 exchanges")
	if to := b.post("/ui/clock", url.Values{"advance": {"24h"}}); to != "/ui/mock?done=clock" || b.Clock.Now().Before(began.Add(24*time.Hour)) {
		t.Errorf("%s, %s", to, b.Clock.Now())
	}
	b.post("/ui/clock", url.Values{"set": {"2020-01-02T03:04:05Z"}})
	if year := b.Clock.Now().UTC().Year(); year != 2020 {
		t.Errorf("the year is %d", year)
	}
	w := b.do(http.MethodPost, "/ui/clock", "application/x-www-form-urlencoded", strings.NewReader("advance=a+day"))
	want(t, w.Body.String(), "&#34;a day&#34; is not a duration", `value="a day"`, `aria-describedby="clock-wrong"`)
	b.post("/ui/reset", nil)
	want(t, b.get(200, "/ui/leads"), "There are none.")
	b.post("/ui/demo", nil)
	want(t, b.get(200, "/ui/leads"), "lead@example.com")
}

// upload sends a file, or a text without one.
func (b *bundle) upload(file, text string) *httptest.ResponseRecorder {
	b.t.Helper()
	var body strings.Builder
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "")
	if file != "" {
		part, err = form.CreateFormFile("file", "state.json")
	}
	if err == nil {
		_, err = io.WriteString(part, file)
	}
	if err == nil {
		err = form.WriteField("text", text)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(http.MethodPost, "/ui/state", form.FormDataContentType(), strings.NewReader(body.String()))
}

func TestMock_state(t *testing.T) {
	t.Parallel()
	b := setup(t)
	saved := b.do(http.MethodGet, "/scenario", "", http.NoBody).Body.String()
	for name, tt := range map[string]struct{ file, text, want string }{
		"text":     {"", `{"leads": [{"id": 5, "email": "text@example.com"}]}`, "text@example.com"},
		"file":     {`{"leads": [{"id": 5, "email": "file@example.com"}]}`, "not looked at", "file@example.com"},
		"scenario": {saved, "", "lead@example.com"},
	} {
		if w := b.upload(tt.file, tt.text); w.Code != http.StatusSeeOther {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		want(t, b.get(200, "/ui/leads"), tt.want)
	}
	w := b.upload("", `{"leads": [{"ids": 5}]}`)
	if w.Code != 400 {
		t.Errorf("status %d", w.Code)
	}
	want(t, w.Body.String(), "line 1, column 13", "ids", `{&#34;leads&#34;: [{&#34;ids&#34;: 5}]}`)
	if w := b.do(http.MethodPost, "/ui/state", "text/plain", strings.NewReader("x")); w.Code != 400 {
		t.Errorf("status %d of a form that is none", w.Code)
	}
}

// The inspector of an endpoint that is no mock has its exchanges, and nothing else.
func TestJournalAlone(t *testing.T) {
	t.Parallel()
	journal := new(admin.Journal)
	journal.Add(goodCall())
	api, err := admin.NewForJournal(journal)
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t}
	if b.handler, err = inspector.New(api, inspector.Options{}); err != nil {
		t.Fatal(err)
	}
	want(t, b.get(200, "/"), "getLead", "!/ui/rules", "!/ui/leads", "!/ui/mock")
	want(t, b.get(200, "/ui/exchanges/1"), "Calls of the REST API behind it", "!Make a rule", `&#34;$ENDPOINT&#34;`)
	for _, path := range []string{"/ui/rules", "/ui/leads", "/ui/mock"} {
		if w := b.do(http.MethodGet, path, "", http.NoBody); w.Code != 404 {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
}

// Two pages that change one rule do not undo each other unseen, and what was written is not lost when a rule has gone.
func TestRules_twoPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Rules.Add(server.Rule{Operation: "syncLead", Code: 20011})
	was := regexp.MustCompile(`name="was" value="([^"]+)"`)
	first := html.UnescapeString(was.FindStringSubmatch(b.get(200, "/ui/rules/1"))[1])
	b.post("/ui/rules/1", url.Values{"was": {first}, "code": {"20023"}})
	second := url.Values{"was": {first}, "delay": {"3s"}}
	w := b.do(http.MethodPost, "/ui/rules/1", "application/x-www-form-urlencoded", strings.NewReader(second.Encode()))
	if w.Code != http.StatusConflict || b.Rules.List()[0].Code != 20023 {
		t.Errorf("status %d, %+v", w.Code, b.Rules.List())
	}
	b.judge("/ui/rules/1", w)
	want(t, w.Body.String(), "The rule was changed meanwhile: it answers with 20023.", `value="3s"`)
	second.Set("was", html.UnescapeString(was.FindStringSubmatch(w.Body.String())[1]))
	b.post("/ui/rules/1", second)
	if rule := b.Rules.List()[0]; rule.Delay != 3*time.Second {
		t.Errorf("%+v", rule)
	}
	if to := b.post("/ui/rules/1/delete", nil); to != "/ui/rules?done=deleted" {
		t.Error(to)
	}
	if to := b.post("/ui/rules/1/delete", nil); to != "/ui/rules?done=gone" {
		t.Error(to)
	}
	w = b.do(http.MethodPost, "/ui/rules/1", "application/x-www-form-urlencoded", strings.NewReader(second.Encode()))
	if w.Code != http.StatusNotFound || len(b.Rules.List()) != 0 {
		t.Errorf("status %d, %+v", w.Code, b.Rules.List())
	}
	want(t, w.Body.String(), "The rule is gone meanwhile.", `value="3s"`, `action="/ui/rules"`)
}

// What programs send looks as it is: no character turns, hides or moves another one.
func TestExchange_turned(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const evil = "\u202egnp.exe\u2066\x00\x1b[2J"
	b.Journal.Add(server.Exchange{Status: 500, Operation: "getLead", RawRequest: []byte("<a>" + evil), RawResponse: []byte(evil), Signed: evil, Refused: evil, Err: errors.New(evil)})
	page := b.get(200, "/ui/exchanges/1")
	want(t, page, "[U&#43;202E]gnp.exe[U&#43;2066]\u2400\u241b[2J", "that turn the order of a text", "!\u202e", "!\u2066", "!\x00", "!\x1b")
}

// The advice on a fault stands in a page once, in the words of the API that has refused the call.
func TestExchange_advice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Journal.Add(server.Exchange{Status: 500, Operation: "getLead", Fault: fault.New(fault.CodeServiceInternal, "Internal; Error")})
	b.Journal.Add(server.Exchange{Status: 500, Operation: "getLead", Fault: &fault.Fault{Code: 20011, Message: "Internal Error", REST: &fault.RESTError{Code: 606}}})
	page := b.get(200, "/ui/exchanges/1")
	want(t, page, "20011: Internal; Error</bdi>", "What to do:")
	if n := strings.Count(page, fault.CodeServiceInternal.Advice()); n != 1 {
		t.Errorf("the advice stands there %d times", n)
	}
	want(t, b.get(200, "/ui/exchanges/2"), html.EscapeString((&fault.RESTError{Code: 606}).Advice()), "!"+fault.CodeServiceInternal.Advice())
}
