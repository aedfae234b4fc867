package telemetry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
)

// collector is an OTLP collector that keeps what it gets, by path.
type collector struct {
	*httptest.Server
	mu  sync.Mutex
	got map[string][]byte
}

func collect(t *testing.T) *collector {
	t.Helper()
	c := &collector{got: make(map[string][]byte)}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Encoding") != "" {
			t.Errorf("cannot read what was sent: %q, %v", r.Header.Get("Content-Encoding"), err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.got[r.URL.Path] = append(c.got[r.URL.Path], body...)
	}))
	t.Cleanup(c.Close)
	return c
}

// requireOwnEnvironment skips where the process has settings that the exporters follow.
func requireOwnEnvironment(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range append(names, "OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_TRACES_SAMPLER", "OTEL_RESOURCE_ATTRIBUTES") {
		if value, ok := os.LookupEnv(name); ok {
			t.Skipf("the environment has %s=%s", name, value)
		}
	}
}

func environmentOf(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestFromEnv_offUnlessConfigured(t *testing.T) {
	t.Parallel()
	for name, vars := range map[string]map[string]string{
		"nothing":  {},
		"name":     {"OTEL_SERVICE_NAME": "nightly"},
		"disabled": {"OTEL_SDK_DISABLED": "TRUE", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "zipkin"},
		"none": {
			"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
			"OTEL_TRACES_EXPORTER":        "none", "OTEL_METRICS_EXPORTER": "none",
		},
		"empty": {"OTEL_EXPORTER_OTLP_ENDPOINT": " ", "OTEL_TRACES_EXPORTER": ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel, shutdown, err := FromEnv(t.Context(), environmentOf(vars), "v1")
			if tel != nil || err != nil {
				t.Fatalf("%v, error %v", tel, err)
			}
			if err := shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEnvironment_endpoint(t *testing.T) {
	t.Parallel()
	const (
		base    = "OTEL_EXPORTER_OTLP_ENDPOINT"
		traces  = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
		metrics = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
	)
	tests := []struct {
		name            string
		vars            map[string]string
		traces, metrics string
		err             string
	}{
		{"general", map[string]string{base: "http://c:4318"}, "http://c:4318/v1/traces", "http://c:4318/v1/metrics", ""},
		{"general with a path", map[string]string{base: "https://c/otel/"}, "https://c/otel/v1/traces", "https://c/otel/v1/metrics", ""},
		{"one signal", map[string]string{traces: "http://c:4318/t"}, "http://c:4318/t", "", ""},
		{"own before general", map[string]string{base: "http://c:4318", metrics: "http://d:1/"}, "http://c:4318/v1/traces", "http://d:1/", ""},
		{"by exporter", map[string]string{"OTEL_METRICS_EXPORTER": "otlp"}, "", "http://localhost:4318/v1/metrics", ""},
		{"one is none", map[string]string{base: "http://c", "OTEL_TRACES_EXPORTER": "none"}, "", "http://c/v1/metrics", ""},
		{"protocol", map[string]string{base: "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, "http://c/v1/traces", "http://c/v1/metrics", ""},
		{"not HTTP", map[string]string{base: "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "", "", `OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"`},
		{"other exporter", map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, "", "", `OTEL_TRACES_EXPORTER is "zipkin"`},
		{"no address", map[string]string{base: "collector:4318"}, "", "", base + " is not the address"},
		{"secret", map[string]string{traces: "https://me:hunter2@c\x7f/"}, "", "", traces + " is not the address"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := environment(environmentOf(test.vars))
			gotTraces, err := e.endpoint("TRACES", "v1/traces")
			gotMetrics, errMetrics := e.endpoint("METRICS", "v1/metrics")
			if test.err != "" {
				_, _, err = FromEnv(t.Context(), e, "v1")
				if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil || errMetrics != nil || gotTraces != test.traces || gotMetrics != test.metrics {
				t.Errorf("traces %q, metrics %q, errors %v and %v", gotTraces, gotMetrics, err, errMetrics)
			}
		})
	}
}

// The exporters read OTEL_RESOURCE_ATTRIBUTES from the process: the test cannot be parallel.
func TestFromEnv_resourceAttributes(t *testing.T) {
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "nothing but hunter2")
	tel, shutdown, err := FromEnv(t.Context(), environmentOf(map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}), "v1")
	if tel != nil || err == nil || !strings.Contains(err.Error(), "OTEL_RESOURCE_ATTRIBUTES") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v, error %v", tel, err)
	}
	if err := shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// work makes calls that succeed and fail, in a window.
func work(t *testing.T, tel *Telemetry, calls int) {
	t.Helper()
	s := marketo(t)
	c := connect(s, tel)
	ctx, end := tel.Window(t.Context(), window())
	var err error
	for range calls {
		if err := getLead(ctx, c, email); err != nil {
			t.Fatal(err)
		}
		if err = getLead(ctx, c, absent); err == nil || !strings.Contains(err.Error(), absent) {
			t.Fatalf("the service's fault does not name the lead: %v", err)
		}
	}
	end(counts, err)
	tel.Committed(ctx, leadsync.LeadActivity, counts, time.Minute)
	tel.Quota(ctx, quota.Status{Daily: 10000})
}

// What leaves the machine holds what it should and nothing about leads or users.
func TestFromEnv_sends(t *testing.T) {
	t.Parallel()
	requireOwnEnvironment(t, "OTEL_SERVICE_NAME")
	for name, want := range map[string]string{"": "mktows", "nightly copy": "nightly copy"} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			c := collect(t)
			// As FromEnv, but with time for a busy machine.
			tel, shutdown, err := fromEnv(t.Context(), environmentOf(map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_SERVICE_NAME": name,
			}), "v9.8.7", 10*time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			work(t, tel, 1)
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // an interrupt does not lose what there is
			if err := shutdown(ctx); err != nil {
				t.Fatal(err)
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			for path, texts := range map[string][]string{
				"/v1/traces":  {"mktows.getLead", "mktows.sync.window", "20103: Lead Not Found", want, "v9.8.7"},
				"/v1/metrics": {"mktows.calls", "mktows.faults", "mktows.call.duration", "mktows.sync.rows", "mktows.sync.lag", "mktows.quota.left", want},
			} {
				for _, text := range texts {
					if !bytes.Contains(c.got[path], []byte(text)) {
						t.Errorf("%s has no %q", path, text)
					}
				}
				for _, text := range []string{"@example.com", "EMAIL", "IDNUM", "example_user", "example-key"} {
					if bytes.Contains(c.got[path], []byte(text)) {
						t.Errorf("%s has %q", path, text)
					}
				}
			}
			if len(c.got) != 2 {
				t.Errorf("%d paths", len(c.got))
			}
		})
	}
}

// A collector that is not there is told of at the end only.
func TestFromEnv_noCollector(t *testing.T) {
	t.Parallel()
	c := httptest.NewServer(http.NotFoundHandler())
	c.Close()
	tel, shutdown, err := FromEnv(t.Context(), environmentOf(map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL}), "")
	if err != nil {
		t.Fatal(err)
	}
	work(t, tel, 1)
	if err := shutdown(t.Context()); err == nil || !strings.Contains(err.Error(), "collector") {
		t.Errorf("error %v", err)
	}
}

// A collector that never answers holds nothing up: more spans than any queue holds go by,
// and the end does not wait for it.
func TestFromEnv_hangingCollector(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	c := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	t.Cleanup(c.Close)
	t.Cleanup(func() { close(over) })
	p := &pipeline{closeTime: 50 * time.Millisecond}
	providers, err := p.open(t.Context(), environmentOf(nil), "", c.URL+"/v1/traces", c.URL+"/v1/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	tel, err := New(providers.Tracer, providers.Meter)
	if err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		_, end := tel.Window(t.Context(), window())
		end(counts, nil)
	}
	if err := p.close(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

// Readers of the program's own get the metrics, whether or not there is a collector, and whatever else is off.
func TestProvidersFromEnv(t *testing.T) {
	requireOwnEnvironment(t)
	c := collect(t)
	for name, test := range map[string]struct {
		vars map[string]string
		sent bool
	}{
		"no collector": {nil, false},
		"disabled":     {map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": c.URL}, false},
		"a collector":  {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL}, true},
	} {
		reader := sdkmetric.NewManualReader()
		p, shutdown, err := ProvidersFromEnv(t.Context(), environmentOf(test.vars), "v1", reader)
		if err != nil || p.Meter == nil || (p.Tracer != nil) != test.sent {
			t.Fatalf("%s: %+v, %v", name, p, err)
		}
		counter, err := p.Meter.Meter("test").Int64Counter("own")
		if err != nil {
			t.Fatal(err)
		}
		counter.Add(t.Context(), 1)
		var got metricdata.ResourceMetrics
		if err := reader.Collect(t.Context(), &got); err != nil || len(got.ScopeMetrics) != 1 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if err := shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		c.mu.Lock()
		if (len(c.got["/v1/metrics"]) > 0) != test.sent {
			t.Errorf("%s: %d bytes were sent", name, len(c.got["/v1/metrics"]))
		}
		clear(c.got)
		c.mu.Unlock()
	}
	if _, _, err := ProvidersFromEnv(t.Context(), environmentOf(map[string]string{"OTEL_TRACES_EXPORTER": "x"}), "v1"); err == nil {
		t.Error("a wrong setting is taken")
	}
	p, shutdown, err := ProvidersFromEnv(t.Context(), environmentOf(nil), "v1")
	if err != nil || p.Meter != nil || p.Tracer != nil || shutdown(t.Context()) != nil {
		t.Errorf("%+v, %v", p, err)
	}
}
