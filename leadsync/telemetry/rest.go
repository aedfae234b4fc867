package telemetry

import (
	"context"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/mktows/mktows-go/bridge"
)

// BridgeInterceptor returns what makes the calls known that a bridge makes of the REST API. Give it first, so that its spans
// hold what other interceptors do.
func (t *Telemetry) BridgeInterceptor() bridge.Interceptor {
	return func(next bridge.Handler) bridge.Handler {
		if t == nil {
			return next
		}
		return func(ctx context.Context, call *bridge.Call) error { return t.restCall(ctx, call, next) }
	}
}

// restCall makes a span for a call of the REST API with all of its attempts and waits, and counts it. The span ends even if the
// call panics.
func (t *Telemetry) restCall(ctx context.Context, call *bridge.Call, next bridge.Handler) error {
	operation, method, path := semconv.RPCMethod(call.Operation), semconv.HTTPRequestMethodKey.String(call.Method), semconv.URLTemplate(call.Path)
	ctx, span := t.tracer.Start(ctx, call.Method+" "+call.Path,
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(operation, method, path), trace.WithAttributes(server(call.Server)...))
	defer span.End() // also if next panics
	begin := time.Now()
	err := next(ctx, call)
	took := time.Since(begin)

	if call.Code != 0 {
		span.SetAttributes(keyRESTCode.Int(int(call.Code)))
	}
	t.count(ctx, took, ended(span, call.Attempt, call.HTTPStatus, err), operation, method, path)
	return err
}
