package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/internal/testing/restrequests"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// TestMain runs the tests in a zone that no other machine is in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("", -(7*3600 + 13*60))
	os.Exit(m.Run())
}

const (
	clientID     = "00000000-0000-0000-0000-000000000001"
	clientSecret = "placeholder-secret"
)

var noon = time.Date(2026, time.October, 6, 12, 0, 0, 0, time.UTC)

// clock is a clock that stands still until a test moves it.
type clock struct{ at atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Unix(0, c.at.Load()) }
func (c *clock) Set(t time.Time)         { c.at.Store(t.UnixNano()) }
func (c *clock) Advance(d time.Duration) { c.at.Add(int64(d)) }

// bundle is an API with its simulator, for one test.
type bundle struct {
	t     testing.TB
	sim   *simulator.Simulator
	clock *clock
	rules *server.Rules
	api   http.Handler
	token string

	mu      sync.Mutex
	journal []server.Exchange
}

func setup(t testing.TB, opts ...any) *bundle {
	t.Helper()
	b := &bundle{t: t, clock: new(clock), rules: new(server.Rules)}
	b.clock.Set(noon)
	sims := []simulator.Option{simulator.WithClock(b.clock.Now), simulator.WithSeed(1)}
	apis := []rest.Option{
		rest.WithClient(clientID, auth.NewSecret(clientSecret)), rest.WithRules(b.rules), rest.WithLimits(limits.Unlimited()),
		rest.WithJournal(b.note),
	}
	for _, opt := range opts {
		switch o := opt.(type) {
		case simulator.Option:
			sims = append(sims, o)
		case rest.Option:
			apis = append(apis, o)
		default:
			t.Fatalf("no option: %T", opt)
		}
	}
	b.sim = simulator.New(sims...)
	var err error
	if b.api, err = rest.New(b.sim, apis...); err != nil {
		t.Fatal(err)
	}
	b.login()
	return b
}

func (b *bundle) note(e server.Exchange) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.journal = append(b.journal, e)
}

func (b *bundle) last() server.Exchange {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.journal[len(b.journal)-1]
}

// login fetches a token.
func (b *bundle) login() {
	b.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {clientSecret}}
	a := b.send(b.request("POST", "/identity/oauth/token", strings.NewReader(form.Encode()), formType))
	if b.token = a.text("access_token"); b.token == "" {
		b.t.Fatalf("no token: %s", a.body)
	}
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// answer is what a call was answered.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
	doc    map[string]any
}

func (b *bundle) request(method, uri string, body io.Reader, kind string) *http.Request {
	r := httptest.NewRequest(method, uri, body)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if b.token != "" {
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	return r
}

// get makes a GET.
func (b *bundle) get(format string, args ...any) answer {
	b.t.Helper()
	return b.send(b.request("GET", fmt.Sprintf(format, args...), nil, ""))
}

// post makes a POST with a JSON document, none for "".
func (b *bundle) post(uri, body string) answer { return b.call("POST", uri, body) }

func (b *bundle) call(method, uri, body string) answer {
	b.t.Helper()
	if body == "" {
		return b.send(b.request(method, uri, nil, ""))
	}
	return b.send(b.request(method, uri, strings.NewReader(body), jsonType))
}

// form makes a POST with a form.
func (b *bundle) form(uri string, pairs ...string) answer {
	b.t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return b.send(b.request("POST", uri, strings.NewReader(values.Encode()), formType))
}

// send makes a call and checks its answer against the description of the API.
func (b *bundle) send(r *http.Request) answer {
	b.t.Helper()
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, r)
	a := answer{t: b.t, status: w.Code, header: w.Header(), body: w.Body.Bytes()}
	_ = json.Unmarshal(a.body, &a.doc) // a file is none
	r.Body = io.NopCloser(bytes.NewReader(sent))
	validate(b.t, r, a)
	return a
}

// text returns a member of the answer.
func (a answer) text(name string) string {
	text, _ := a.doc[name].(string)
	return text
}

// result returns the records of an answer.
func (a answer) result() []map[string]any {
	a.t.Helper()
	list, ok := a.doc["result"].([]any)
	if a.doc["success"] != true || !ok {
		a.t.Fatalf("HTTP %d, no result: %.600s", a.status, a.body)
	}
	var records []map[string]any
	for _, one := range list {
		record, _ := one.(map[string]any)
		records = append(records, record)
	}
	return records
}

// codes returns the codes of an answer's errors and of its records' reasons, in their order.
func (a answer) codes() string {
	var codes []string
	add := func(list any) {
		errors, _ := list.([]any)
		for _, one := range errors {
			codes = append(codes, fmt.Sprint(one.(map[string]any)["code"]))
		}
	}
	add(a.doc["errors"])
	records, _ := a.doc["result"].([]any)
	for _, one := range records {
		if record, ok := one.(map[string]any); ok {
			add(record["reasons"])
		}
	}
	return strings.Join(codes, " ")
}

// column returns a member of each record, as text.
func (a answer) column(name string) string {
	a.t.Helper()
	var list []string
	for _, record := range a.result() {
		value := record[name]
		if n, ok := value.(float64); ok {
			value = int64(n)
		}
		list = append(list, fmt.Sprint(value))
	}
	return strings.Join(list, " ")
}

// ok fails the test unless the answer is a success.
func (a answer) ok() answer {
	a.t.Helper()
	if a.doc["success"] != true {
		a.t.Fatalf("HTTP %d: %.600s", a.status, a.body)
	}
	return a
}

// want fails the test unless the answer has the codes.
func (a answer) want(codes string) answer {
	a.t.Helper()
	if got := a.codes(); got != codes {
		a.t.Errorf("codes %q, want %q: %.600s", got, codes, a.body)
	}
	return a
}

// described is the description of the API, if it is at hand.
var described = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(restrequests.DocumentPath("../.."))
	if err != nil {
		return nil, err
	}
	doc.Servers = nil
	openapi3filter.RegisterBodyDecoder("text/csv", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/plain", openapi3filter.FileBodyDecoder)
	return gorillamux.NewRouter(doc)
})

// validate checks an answer against the description. Paths that it lacks are those of refusals.
func validate(t testing.TB, r *http.Request, a answer) {
	t.Helper()
	router, err := described()
	if err != nil {
		return // TestDescription says so
	}
	route, names, err := router.FindRoute(r)
	if err != nil || a.status >= 400 && a.status != 401 && a.status != 404 {
		return
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: names, Route: route},
		Status:                 a.status, Header: a.header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	in.SetBodyBytes(a.body)
	if err := openapi3filter.ValidateResponse(context.Background(), in); err != nil {
		t.Errorf("%s %s: the answer does not fit the description: %.2000v", r.Method, r.URL, err)
	}
}

// TestDescription tells whether answers were checked.
func TestDescription(t *testing.T) {
	t.Parallel()
	if _, err := described(); err != nil {
		t.Skipf("answers are not checked against the description of the API: set MKTOWS_OPENAPI to its file (%v)", err)
	}
}
