package gateway

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/server"
)

// An answer that is said to come from a copy is logged and counted as such.
func TestFromCopy(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	reader := sdkmetric.NewManualReader()
	g, err := New(&Config{Tenants: []Tenant{{
		UserID: "a", Key: Secret{Value: auth.NewSecret("example-key")}, REST: REST{Endpoint: "http://127.0.0.1:1/rest", ClientID: "c", ClientSecret: Secret{Value: auth.NewSecret("example-secret")}},
	}}}, WithLogger(slog.New(slog.NewTextHandler(&log, nil))), WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
	if err != nil {
		t.Fatal(err)
	}
	for _, copied := range []bool{true, false} {
		ctx := context.WithValue(t.Context(), costKey{}, new(cost))
		if copied {
			noteOf(ctx).fromCopy(time.Now())
		}
		g.observe(ctx, g.current.Load(), &server.Exchange{UserID: "a", Operation: "getLeadChanges", Status: 200}, server.Size{})
	}
	if text := log.String(); strings.Count(text, "source=copy") != 1 || strings.Count(text, "msg=call") != 2 {
		t.Error(text)
	}
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	sources := make(map[string]int64)
	for _, m := range all.ScopeMetrics[0].Metrics {
		if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == "mktows.gateway.answers" {
			for _, p := range sum.DataPoints {
				value, _ := p.Attributes.Value(attribute.Key("mktows.source"))
				sources[value.AsString()] += p.Value
			}
		}
	}
	if sources["copy"] != 1 || sources["rest"] != 1 {
		t.Errorf("%v", sources)
	}
}
