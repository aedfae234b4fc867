package gateway_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/leadsync/telemetry"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// watched is a gateway with everything that tells of it.
type watched struct {
	*gateway.Gateway

	base  string
	log   lockedBuffer
	spans *tracetest.InMemoryExporter
	meter *sdkmetric.ManualReader
}

// watch serves a gateway and records what it tells.
func watch(t *testing.T, c *gateway.Config, opts ...gateway.Option) *watched {
	t.Helper()
	w := &watched{spans: tracetest.NewInMemoryExporter(), meter: sdkmetric.NewManualReader()}
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(w.spans))
	calls, err := telemetry.New(traces, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Gateway, w.base = serve(t, c, append([]gateway.Option{
		gateway.WithLogger(slog.New(slog.NewJSONHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		gateway.WithTracerProvider(traces), gateway.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(w.meter))),
		gateway.WithBridgeOptions(bridge.WithRetry(bridge.RetryPolicy{MaxAttempts: 2, FirstWait: 1, MaxWait: 1}), bridge.WithInterceptors(calls.BridgeInterceptor())),
	}, opts...)...)
	return w
}

// lines returns the events of the log with a message.
func (w *watched) lines(t *testing.T, message string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(w.log.String()) {
		var event map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		if event["msg"] == message {
			all = append(all, event)
		}
	}
	return all
}

// metrics returns what was counted and measured, as text, and the values of counters and gauges by name and attributes.
func (w *watched) metrics(t *testing.T) (text string, values map[string]int64) {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := w.meter.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	values = make(map[string]int64)
	note := func(name string, points []metricdata.DataPoint[int64]) {
		for _, p := range points {
			values[name+" "+p.Attributes.Encoded(attribute.DefaultEncoder())] = p.Value
		}
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				note(m.Name, data.DataPoints)
			case metricdata.Gauge[int64]:
				note(m.Name, data.DataPoints)
			}
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw), values
}

// everything returns all that the gateway tells.
func (w *watched) everything(t *testing.T) map[string]string {
	t.Helper()
	answers := httptest.NewRecorder()
	for _, path := range []string{"/status", "/readyz"} {
		w.AdminHandler().ServeHTTP(answers, httptest.NewRequest(http.MethodGet, path, nil))
	}
	metrics, _ := w.metrics(t)
	return map[string]string{"log": w.log.String(), "spans": fmt.Sprintf("%+v", w.spans.GetSpans()), "metrics": metrics, "status": answers.Body.String()}
}

// Whatever a call says, and whatever comes back, stays between the caller and the service.
func TestGateway_tellsNoValues(t *testing.T) {
	t.Parallel()
	const email, name, stranger = "private@example.com", "Lovelace-Private", "stranger@example.com"
	secrets := []string{email, "private%40", name, stranger, key, clientSecret, clientID}
	quoted := "no lead " + email + " of " + name
	for what, rule := range map[string]endpoint.Rule{
		"no rule":           {Code: 1, Skip: 1 << 20},
		"code":              {Code: 1003, Text: quoted},
		"code and repeated": {Code: 608, Text: quoted, Times: 1},
		"code repeated":     {Code: 608, Text: quoted},
		"unknown code":      {Code: 1999, Text: quoted},
		"no JSON":           {Body: []byte(quoted)},
		"other JSON":        {Body: []byte(`{"success":true,"result":[{"id":"` + quoted + `"}]}`)},
		"no answer":         {Drop: endpoint.DropBeforeWork},
		"half an answer":    {Drop: endpoint.DropHalfAnswer},
		"HTTP":              {Status: 500, Body: []byte(quoted)},
		"redirect":          {Status: 302, Header: http.Header{"Location": {"https://elsewhere.example.com/?" + email}}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			sim, _ := seeded(t, email)
			rules := new(endpoint.Rules)
			rule.Match = func(e endpoint.Exchange) bool { return !strings.Contains(e.Operation, "/identity/") } // what that says is about no lead
			rules.Add(rule)
			w := watch(t, &gateway.Config{Tenants: []gateway.Tenant{tenant(face(t, sim, rest.WithRules(rules)))}})
			api := connect(t, w.base, userID, key)
			_, _ = api.Leads.Get(t.Context(), operations.Email(email))
			_, _ = api.Leads.Sync(t.Context(), operations.Lead{Email: email, Attributes: operations.Attributes{{Name: "LastName", Value: name}}}, nil)
			_, _ = api.Leads.Sync(t.Context(), operations.Lead{Email: email, Attributes: operations.Attributes{{Name: name, Value: name}}}, nil)
			if _, err := connect(t, w.base, stranger, key).Leads.Get(t.Context(), operations.Email(email)); !errors.Is(err, fault.ErrAuth) {
				t.Error(err)
			}
			for kind, doc := range map[string]string{"text/xml": "<" + name + ">", name: "x"} {
				r, err := http.Post(w.base+"/soap/mktows/2_7", kind, strings.NewReader(doc)) //nolint:noctx // ends by itself
				if err != nil {
					t.Fatal(err)
				}
				_ = r.Body.Close()
			}
			if err := w.Reload(&gateway.Config{Tenants: []gateway.Tenant{{UserID: "a", Key: gateway.Secret{Value: auth.NewSecret(key)}}}}); err == nil {
				t.Error("a wrong configuration is taken")
			}
			for where, text := range w.everything(t) {
				for _, secret := range secrets {
					if i := strings.Index(text, secret); i >= 0 {
						t.Errorf("%s has %q: …%s…", where, secret, text[max(0, i-200):min(len(text), i+100)])
					}
				}
				if !strings.Contains(text, userID) && where != "spans" {
					t.Errorf("%s tells nothing: %s", where, text)
				}
			}
		})
	}
}

// The access log tells what a call has cost.
func TestGateway_accessLog(t *testing.T) {
	t.Parallel()
	sim, id := seeded(t, "lead@example.com")
	rules := new(endpoint.Rules)
	rules.Add(endpoint.Rule{Operation: "GET /rest/v1/leads.json", Code: 608, Times: 1})
	for name, test := range map[string]struct {
		addresses bool
		want      any
	}{"with addresses": {true, "127.0.0.1"}, "without": {false, nil}} {
		w := watch(t, &gateway.Config{Tenants: []gateway.Tenant{tenant(face(t, sim, rest.WithRules(rules)))}, AccessLog: gateway.AccessLog{Addresses: test.addresses}})
		api := connect(t, w.base, userID, key)
		if _, err := api.Leads.Get(t.Context(), operations.LeadID(id)); err != nil {
			t.Fatal(err)
		}
		one := w.lines(t, "call")[0]
		if one["address"] != test.want {
			t.Errorf("%s: %v", name, one)
		}
		if one["operation"] != "getLead" || one["tenant"] != userID || one["version"] != "2_7" || one["bytesIn"].(float64) < 500 || one["bytesOut"].(float64) < 500 || one["restTime"].(float64) <= 0 || len(one["trace"].(string)) != 32 {
			t.Errorf("%s: %v", name, one)
		}
		if made := len(w.spansNamed("GET ")); one["restCalls"].(float64) < float64(made) || made == 0 {
			t.Errorf("%s: %d spans, %v", name, made, one)
		}
		_, values := w.metrics(t)
		sum := int64(0)
		for series, n := range values {
			if strings.HasPrefix(series, "mktows.gateway.rest.calls ") {
				sum += n
			}
		}
		if float64(sum) != one["restCalls"] {
			t.Errorf("%s: %v, %v", name, values, one)
		}
	}
}

func (w *watched) spansNamed(prefix string) (all tracetest.SpanStubs) {
	for _, s := range w.spans.GetSpans() {
		if strings.HasPrefix(s.Name, prefix) {
			all = append(all, s)
		}
	}
	return all
}

// A request that several calls share counts once: the sum over the calls is what the instance was asked.
func TestGateway_sharedRequests(t *testing.T) {
	t.Parallel()
	const callers = 8
	sim := simulator.New()
	var ids []int64
	for i := range callers {
		id, err := sim.AddLead(simulator.Lead{Email: fmt.Sprintf("lead%d@example.com", i)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	var asked atomic.Int64
	w := watch(t, &gateway.Config{Tenants: []gateway.Tenant{tenant(face(t, sim, rest.WithJournal(func(e endpoint.Exchange) {
		if !strings.Contains(e.Operation, "/identity/") {
			asked.Add(1)
		}
	})))}})
	api := connect(t, w.base, userID, key)
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			for _, err := range api.Activities.All(t.Context(), operations.LeadID(id), nil) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	sum := 0.
	for _, call := range w.lines(t, "call") {
		sum += call["restCalls"].(float64)
	}
	if sum != float64(asked.Load()) || sum == 0 {
		t.Errorf("the log has %v calls of REST, the instance %d", sum, asked.Load())
	}
}

// The span of a call continues the trace of its caller, and its calls of the REST API are its children.
func TestGateway_spans(t *testing.T) {
	t.Parallel()
	const traceID, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	sim, _ := seeded(t, "lead@example.com")
	w := watch(t, &gateway.Config{Tenants: []gateway.Tenant{tenant(face(t, sim))}})
	c, err := client.New(w.base+"/soap/mktows/2_7", auth.Credentials{UserID: userID, Key: auth.NewSecret(key)}, client.WithoutRetry(),
		client.WithHTTPClient(&http.Client{Transport: traced("00-" + traceID + "-" + parent + "-01")}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := operations.New(c).Leads.Get(t.Context(), operations.Email("nobody@example.com")); !errors.Is(err, fault.CodeLeadNotFound) {
		t.Fatal(err)
	}
	own := w.spansNamed("mktows.gateway.getLead")
	if len(own) != 1 || own[0].Parent.SpanID().String() != parent || own[0].SpanContext.TraceID().String() != traceID || own[0].SpanKind != trace.SpanKindServer {
		t.Fatalf("%+v", w.spans.GetSpans())
	}
	attrs := attribute.NewSet(own[0].Attributes...)
	said := attrs.Encoded(attribute.DefaultEncoder())
	for _, want := range []string{"mktows.tenant=" + userID, "rpc.method=getLead", "mktows.fault.code=20103", "http.response.status_code=500", "mktows.rest.calls="} {
		if !strings.Contains(said, want) {
			t.Errorf("%s is missing in %s", want, said)
		}
	}
	children := w.spansNamed("GET ")
	for _, s := range children {
		if s.Parent.SpanID() != own[0].SpanContext.SpanID() {
			t.Errorf("%s is a child of %s", s.Name, s.Parent.SpanID())
		}
	}
	if len(children) == 0 {
		t.Error("no calls of the REST API")
	}
}

// traced sends a traceparent with each request.
type traced string

func (h traced) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Traceparent", string(h))
	return http.DefaultTransport.RoundTrip(r)
}

// What unknown callers send makes no series, and no more than one line of the log.
func TestGateway_strangers(t *testing.T) {
	t.Parallel()
	sim, id := seeded(t, "lead@example.com")
	w := watch(t, &gateway.Config{Tenants: []gateway.Tenant{tenant(face(t, sim))}})
	for i := range 20 {
		_, _ = connect(t, w.base, fmt.Sprintf("stranger%d", i), key).Leads.Get(t.Context(), operations.LeadID(id))
	}
	if n := len(w.lines(t, "call")); n != 1 {
		t.Errorf("%d lines:\n%s", n, w.log.String())
	}
	_, values := w.metrics(t)
	if n := values["mktows.gateway.calls mktows.fault.code=20014,mktows.outcome=fault,mktows.tenant=,rpc.method=getLead"]; n != 20 {
		t.Errorf("%v", values)
	}
}

// An operator sees since when and with what the gateway runs, and why a configuration was not taken.
func TestGateway_Overview(t *testing.T) {
	t.Parallel()
	sim, _ := seeded(t, "lead@example.com")
	c := &gateway.Config{Tenants: []gateway.Tenant{tenant(face(t, sim))}}
	now := time.Now() // signatures have to be good
	w := watch(t, c, gateway.WithClock(func() time.Time { return now }), gateway.WithVersion("v1.2.3"))
	if o := w.Overview(t.Context()); o.Version != "v1.2.3" || !o.Since.Equal(now) || o.Reloads != (gateway.Reloads{}) || len(o.Tenants) != 1 || !o.Tenants[0].Ready || o.Tenants[0].Left != nil {
		t.Errorf("%+v", o)
	}
	_ = w.Reload(&gateway.Config{})
	if r := w.Overview(t.Context()).Reloads; r.OK != 0 || r.Failed != 1 || !strings.Contains(r.Problem, "tenants: there are none") || r.FailedAt == nil {
		t.Errorf("%+v", r)
	}
	if err := w.Reload(c); err != nil {
		t.Fatal(err)
	}
	if r := w.Overview(t.Context()).Reloads; r.OK != 1 || r.Failed != 1 || r.Problem != "" || r.Last == nil {
		t.Errorf("%+v", r)
	}
	_, values := w.metrics(t)
	for series, want := range map[string]int64{
		"mktows.gateway.reloads mktows.outcome=ok": 1, "mktows.gateway.reloads mktows.outcome=failed": 1, "mktows.gateway.tenant.ready mktows.tenant=" + userID: 1,
	} {
		if got, known := values[series]; !known || got != want {
			t.Errorf("%s: %d of %v", series, got, values)
		}
	}
}
