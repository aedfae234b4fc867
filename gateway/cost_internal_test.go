package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
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

// What the text of an error may quote is not told, what an operator needs is.
func TestErrorKind(t *testing.T) {
	t.Parallel()
	const private = "private@example.com"
	for want, err := range map[string]error{
		"REST error 1003, request 1#2":                   fmt.Errorf("%s: %w", private, &fault.RESTError{Code: 1003, Message: private, RequestID: "1#2"}),
		"REST error 401":                                 &fault.RESTError{Code: 401, Message: private},
		"fault 20103: " + fault.CodeLeadNotFound.Error(): fault.New(fault.CodeLeadNotFound, private),
		"HTTP status 502":                                fault.NewStatusError(502, "text/html", 0, []byte(private)),
		"dial tcp: connection refused":                   fmt.Errorf("%s: %w", private, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}),
		"the answer cannot be read":                      fault.NewContentError(errors.New(private)),
		context.DeadlineExceeded.Error():                 fmt.Errorf("%s: %w", private, context.DeadlineExceeded),
		"an error that is not told here, as it may quote a call (*errors.errorString)": fmt.Errorf("x: %w", errors.New(private)),
	} {
		if got := errorKind(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
