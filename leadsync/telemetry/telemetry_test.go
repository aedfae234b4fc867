package telemetry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

const (
	email  = "lead@example.com"
	absent = "absent@example.com"
)

// recorded is a Telemetry whose spans and counts can be seen.
type recorded struct {
	*Telemetry
	exporter *tracetest.InMemoryExporter
	reader   *sdkmetric.ManualReader
}

func record(t *testing.T) recorded {
	t.Helper()
	r := recorded{exporter: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(r.exporter))
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader))
	var err error
	if r.Telemetry, err = New(tp, mp); err != nil {
		t.Fatal(err)
	}
	return r
}

// span returns the only span of a name, and its attributes as text.
func (r recorded) span(t *testing.T, name string) (tracetest.SpanStub, map[string]string) {
	t.Helper()
	var found []tracetest.SpanStub
	for _, s := range r.exporter.GetSpans() {
		if s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans %s", len(found), name)
	}
	attrs := make(map[string]string)
	for _, kv := range found[0].Attributes {
		attrs[string(kv.Key)] = kv.Value.Emit()
	}
	return found[0], attrs
}

// counts returns all numbers by name and attributes; of a histogram how many there are.
func (r recorded) counts(t *testing.T) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := r.reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	numbers := make(map[string]float64)
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			add := func(by attribute.Set, n float64) {
				numbers[m.Name+" "+by.Encoded(attribute.DefaultEncoder())] = n
			}
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					add(p.Attributes, float64(p.Value))
				}
			case metricdata.Gauge[int64]:
				for _, p := range data.DataPoints {
					add(p.Attributes, float64(p.Value))
				}
			case metricdata.Gauge[float64]:
				for _, p := range data.DataPoints {
					add(p.Attributes, p.Value)
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					add(p.Attributes, float64(p.Count))
				}
			default:
				t.Fatalf("%s is a %T", m.Name, m.Data)
			}
		}
	}
	return numbers
}

// marketo is a service that knows one lead.
func marketo(t *testing.T) *mktowstest.Server {
	t.Helper()
	s := mktowstest.NewServer(t, mktowstest.WithoutLimits())
	s.Seed(simulator.Lead{Email: email})
	return s
}

func connect(s *mktowstest.Server, t *Telemetry) *client.Client {
	return s.Client(client.WithInterceptors(t.Interceptor()), client.WithRetry(client.RetryPolicy{FirstWait: time.Millisecond}))
}

func getLead(ctx context.Context, c gen.Port, address string) error {
	_, err := c.GetLead(ctx, &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: address}})
	return err
}

func TestInterceptor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		rule    *mktowstest.Rule
		address string
		outcome string
		status  string // of the span
		attrs   map[string]string
		faults  map[string]float64
	}{
		{
			name: "success", address: email, outcome: "ok",
			attrs: map[string]string{"mktows.attempts": "1", "http.response.status_code": "200"},
		},
		{
			name: "fault", address: absent, outcome: "fault", status: "20103: Lead Not Found",
			attrs: map[string]string{
				"mktows.attempts": "1", "http.response.status_code": "500",
				"error.type": "20103", "mktows.fault.code": "20103", "mktows.fault.class": "not found",
			},
			faults: map[string]float64{"mktows.faults mktows.fault.code=20103,rpc.method=getLead": 1},
		},
		{
			name: "retry", rule: &mktowstest.Rule{Code: fault.CodeServiceInternal, Times: 2}, address: email, outcome: "ok",
			attrs: map[string]string{"mktows.attempts": "3", "http.response.status_code": "200"},
		},
		{
			name: "page of a proxy", rule: &mktowstest.Rule{Status: 404}, address: email, outcome: "error", status: "http_404",
			attrs: map[string]string{"mktows.attempts": "1", "http.response.status_code": "404", "error.type": "http_404"},
		},
		{
			name: "lost connection", rule: &mktowstest.Rule{Drop: mktowstest.DropBeforeWork}, address: email, outcome: "error", status: "connection",
			attrs: map[string]string{"mktows.attempts": "5", "error.type": "connection"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, s := record(t), marketo(t)
			if test.rule != nil {
				s.Inject(*test.rule)
			}
			err := getLead(t.Context(), connect(s, r.Telemetry), test.address)
			if (err == nil) != (test.outcome == "ok") {
				t.Fatal(err)
			}
			span, attrs := r.span(t, "mktows.getLead")
			if span.SpanKind != trace.SpanKindClient || len(span.Events) > 0 || span.Status.Description != test.status ||
				(span.Status.Code == codes.Error) != (err != nil) {
				t.Errorf("kind %s, status %+v, events %v", span.SpanKind, span.Status, span.Events)
			}
			if !strings.HasPrefix(attrs["server.address"], "127.") || attrs["server.port"] == "" {
				t.Errorf("server %q, port %q", attrs["server.address"], attrs["server.port"])
			}
			delete(attrs, "server.address")
			delete(attrs, "server.port")
			test.attrs["rpc.system.name"], test.attrs["rpc.method"] = "soap", "getLead"
			if diff := cmp.Diff(test.attrs, attrs); diff != "" {
				t.Error(diff)
			}
			by := " mktows.outcome=" + test.outcome + ",rpc.method=getLead"
			want := map[string]float64{"mktows.calls" + by: 1, "mktows.call.duration" + by: 1}
			for name, n := range test.faults {
				want[name] = n
			}
			if diff := cmp.Diff(want, r.counts(t)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestInterceptor_contextEnds(t *testing.T) {
	t.Parallel()
	r := record(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := getLead(ctx, connect(marketo(t), r.Telemetry), email); err == nil {
		t.Fatal("no error")
	}
	_, attrs := r.span(t, "mktows.getLead")
	n := r.counts(t)["mktows.calls mktows.outcome=canceled,rpc.method=getLead"]
	if attrs["error.type"] != "canceled" || n != 1 {
		t.Errorf("attributes %v, counted %v", attrs, n)
	}
}

// A panic passes, and the span ends.
func TestInterceptor_panic(t *testing.T) {
	t.Parallel()
	r := record(t)
	handler := r.Interceptor()(func(context.Context, *client.Call) error { panic("no signal") })
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_ = handler(t.Context(), &client.Call{Spec: client.Spec{Operation: "getTags"}})
	}()
	if _, attrs := r.span(t, "mktows.getTags"); attrs["server.address"] != "" {
		t.Errorf("attributes %v", attrs)
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"": "[]", "mktows.example.com": "[mktows.example.com]", "mktows.example.com:8443": "[mktows.example.com 8443]",
		"[::1]:80": "[::1 80]", "[::1]": "[::1]",
	} {
		got := []string{}
		for _, kv := range server(host) {
			got = append(got, kv.Value.Emit())
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func window() store.Window {
	from := time.Date(2026, 3, 8, 0, 0, 0, 0, time.FixedZone("CST", -6*3600))
	return store.Window{
		ID: 7, Run: 3, Stream: leadsync.LeadActivity, From: from, To: from.Add(24 * time.Hour),
		Leads: []string{"EMAIL:" + email, "IDNUM:7"},
	}
}

var counts = store.Counts{Calls: 2, Pages: 2, Seen: 10, Inserted: 7, Updated: 2, Late: 1, Missing: 1, Gone: 3, Problems: 4}

// The spans of calls are children of the window's.
func TestObserver_windowHoldsItsCalls(t *testing.T) {
	t.Parallel()
	r := record(t)
	c := connect(marketo(t), r.Telemetry)
	ctx, end := r.Window(t.Context(), window())
	if err := getLead(ctx, c, email); err != nil {
		t.Fatal(err)
	}
	end(counts, nil)
	parent, attrs := r.span(t, "mktows.sync.window")
	child, _ := r.span(t, "mktows.getLead")
	if child.Parent.SpanID() != parent.SpanContext.SpanID() || child.SpanContext.TraceID() != parent.SpanContext.TraceID() {
		t.Error("the call is no child of the window")
	}
	want := map[string]string{
		"mktows.sync.stream": "lead-activity", "mktows.sync.run.id": "3", "mktows.sync.window.id": "7",
		"mktows.sync.window.from": "2026-03-08T06:00:00Z", "mktows.sync.window.to": "2026-03-09T06:00:00Z",
		"mktows.sync.window.leads": "2",
		"mktows.sync.calls":        "2", "mktows.sync.pages": "2", "mktows.sync.rows.seen": "10", "mktows.sync.rows.inserted": "7",
		"mktows.sync.rows.updated": "2", "mktows.sync.rows.late": "1", "mktows.sync.rows.missing": "1",
		"mktows.sync.rows.gone": "3", "mktows.sync.rows.unreadable": "4",
	}
	if diff := cmp.Diff(want, attrs); diff != "" || parent.Status.Code != codes.Unset {
		t.Errorf("status %v, %s", parent.Status, diff)
	}
}

func TestObserver_windowFails(t *testing.T) {
	t.Parallel()
	for kind, err := range map[string]error{
		"20103":                fault.Newf(fault.CodeLeadNotFound, "No lead found with EMAIL = %s", email),
		"20999":                fault.New(20999, email),
		"0":                    &fault.Fault{FaultString: email},
		"quota":                &fault.QuotaError{},
		"canceled":             fmt.Errorf("%w; the answer was: %w", context.Canceled, fault.New(fault.CodeLeadNotFound, email)),
		"deadline":             context.DeadlineExceeded,
		"claim_lost":           store.ErrLost,
		"no_space":             fmt.Errorf("leads.db of %s: %w", email, store.ErrFull),
		"read_only":            store.ErrReadOnly,
		"database_unavailable": store.ErrUnavailable,
		"copy_damaged":         store.ErrDamaged,
		"copy_unusable":        store.ErrUnusable,
		"copy_newer":           store.ErrNewer,
		"unreadable_answer":    fault.NewDecodeError([]byte(email), 0, errors.New(email)),
		"http_503":             fault.NewStatusError(503, email, 0, []byte(email)),
		"_OTHER":               errors.New(email),
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := record(t)
			_, end := r.Window(t.Context(), window())
			end(store.Counts{}, fmt.Errorf("window 7: %w", err))
			span, attrs := r.span(t, "mktows.sync.window")
			if attrs["error.type"] != kind || span.Status.Code != codes.Error || span.Status.Description == "" {
				t.Errorf("status %+v, attributes %v", span.Status, attrs)
			}
			if text := fmt.Sprint(span.Status, attrs); strings.Contains(text, email) {
				t.Errorf("the text of the error is shown: %s", text)
			}
		})
	}
}

func TestObserver_counts(t *testing.T) {
	t.Parallel()
	r := record(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel() // a commit counts even if it was the last one before a stop
	r.Committed(ended, leadsync.Activities, counts, 90*time.Second)
	r.Committed(t.Context(), leadsync.Activities, store.Counts{Seen: 5, Inserted: 5}, 1500*time.Millisecond)
	r.Committed(t.Context(), leadsync.Leads, store.Counts{Seen: 1}, 0) // lag not known
	r.Quota(t.Context(), quota.Status{Daily: 10000, Reserve: 1000, Used: 500})
	want := map[string]float64{
		"mktows.sync.rows mktows.sync.kind=seen,mktows.sync.stream=activities":       15,
		"mktows.sync.rows mktows.sync.kind=inserted,mktows.sync.stream=activities":   12,
		"mktows.sync.rows mktows.sync.kind=updated,mktows.sync.stream=activities":    2,
		"mktows.sync.rows mktows.sync.kind=late,mktows.sync.stream=activities":       1,
		"mktows.sync.rows mktows.sync.kind=seen,mktows.sync.stream=leads":            1,
		"mktows.sync.rows mktows.sync.kind=inserted,mktows.sync.stream=leads":        0,
		"mktows.sync.rows mktows.sync.kind=updated,mktows.sync.stream=leads":         0,
		"mktows.sync.rows mktows.sync.kind=late,mktows.sync.stream=leads":            0,
		"mktows.sync.rows mktows.sync.kind=gone,mktows.sync.stream=activities":       3,
		"mktows.sync.rows mktows.sync.kind=gone,mktows.sync.stream=leads":            0,
		"mktows.sync.rows mktows.sync.kind=unreadable,mktows.sync.stream=activities": 4,
		"mktows.sync.rows mktows.sync.kind=unreadable,mktows.sync.stream=leads":      0,
		"mktows.sync.lag mktows.sync.stream=activities":                              1.5,
		"mktows.quota.left ": 8500,
	}
	if diff := cmp.Diff(want, r.counts(t)); diff != "" {
		t.Error(diff)
	}
	r.Quota(t.Context(), quota.Status{Daily: -1}) // none is kept: nothing to show
	if diff := cmp.Diff(want, r.counts(t)); diff != "" {
		t.Error(diff)
	}
	r.Quota(t.Context(), quota.Status{Daily: 100, Used: 100})
	want["mktows.quota.left "] = 0
	if diff := cmp.Diff(want, r.counts(t)); diff != "" {
		t.Error(diff)
	}
}

func TestNil(t *testing.T) {
	t.Parallel()
	var none *Telemetry
	if err := getLead(t.Context(), connect(marketo(t), none), email); err != nil {
		t.Error(err)
	}
	ctx, end := none.Window(t.Context(), window())
	end(counts, store.ErrLost)
	if ctx != t.Context() {
		t.Error("another context")
	}
	none.Committed(t.Context(), leadsync.Leads, counts, time.Second)
	none.Quota(t.Context(), quota.Status{})
}

func TestNew_withoutProviders(t *testing.T) {
	t.Parallel()
	tel, err := New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := getLead(t.Context(), connect(marketo(t), tel), email); err != nil {
		t.Error(err)
	}
}
