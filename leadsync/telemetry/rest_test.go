package telemetry

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/mktowstest"
)

// A call of the REST API is known by operation, path, status and code, and names nobody.
func TestBridgeInterceptor(t *testing.T) {
	t.Parallel()
	const path = "/rest/v1/leads.json"
	for name, test := range map[string]struct {
		rule    mktowstest.Rule
		outcome string
		attrs   map[string]string
		faults  float64
	}{
		"success": {outcome: "ok", attrs: map[string]string{"mktows.attempts": "1", "http.response.status_code": "200"}},
		"repeated": {rule: mktowstest.Rule{Code: 608, Times: 2}, outcome: "ok", attrs: map[string]string{
			"mktows.attempts": "3", "http.response.status_code": "200",
		}},
		"code": {rule: mktowstest.Rule{Code: 603, Text: "no access for " + email}, outcome: "fault", faults: 1, attrs: map[string]string{
			"mktows.attempts": "1", "http.response.status_code": "200", "mktows.rest.code": "603", "error.type": "20013", "mktows.fault.code": "20013", "mktows.fault.class": "authentication failed or access denied",
		}},
		"no answer": {rule: mktowstest.Rule{Drop: mktowstest.DropBeforeWork}, outcome: "error", attrs: map[string]string{
			"mktows.attempts": "3", "error.type": "connection",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, s := record(t), marketo(t)
			if name != "success" {
				test.rule.Operation = "GET " + path
				s.Inject(test.rule)
			}
			b := s.Bridge(bridge.WithInterceptors(r.BridgeInterceptor()), bridge.WithRetry(bridge.RetryPolicy{MaxAttempts: 3, FirstWait: time.Millisecond}))
			if err := getLead(t.Context(), b, email); (err == nil) != (test.outcome == "ok") {
				t.Fatal(err)
			}
			span, attrs := r.span(t, "GET "+path)
			if span.SpanKind != trace.SpanKindClient || len(span.Events) > 0 || attrs["server.address"] == "" || attrs["server.port"] == "" {
				t.Errorf("%+v", span)
			}
			if said := fmt.Sprint(r.exporter.GetSpans()); strings.Contains(said, email) || strings.Contains(said, mktowstest.RESTClientID) || strings.Contains(said, mktowstest.RESTClientSecret) {
				t.Errorf("%s", said)
			}
			delete(attrs, "server.address")
			delete(attrs, "server.port")
			test.attrs["rpc.method"], test.attrs["http.request.method"], test.attrs["url.template"] = "getLead", "GET", path
			if diff := cmp.Diff(test.attrs, attrs); diff != "" {
				t.Error(diff)
			}
			by := "http.request.method=GET,%s,rpc.method=getLead,url.template=" + path
			counts := r.counts(t)
			if n := counts["mktows.calls "+fmt.Sprintf("http.request.method=GET,mktows.outcome=%s,rpc.method=getLead,url.template=%s", test.outcome, path)]; n != 1 {
				t.Errorf("%v", counts)
			}
			if n := counts["mktows.faults "+fmt.Sprintf(by, "mktows.fault.code=20013")]; n != test.faults {
				t.Errorf("%v", counts)
			}
		})
	}
}

// Without a Telemetry nothing is between.
func TestBridgeInterceptor_nil(t *testing.T) {
	t.Parallel()
	var none *Telemetry
	if err := getLead(t.Context(), marketo(t).Bridge(bridge.WithInterceptors(none.BridgeInterceptor())), email); err != nil {
		t.Error(err)
	}
}
