package telemetry

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/mktows/mktows-go/client"
)

// Interceptor returns what makes a client's calls known. Give it first, so that its spans
// hold what other interceptors do.
func (t *Telemetry) Interceptor() client.Interceptor {
	return func(next client.Handler) client.Handler {
		if t == nil {
			return next
		}
		return func(ctx context.Context, call *client.Call) error { return t.call(ctx, call, next) }
	}
}

// call is the interceptor: it makes a span for a call with all of its attempts and waits, and counts it. The span
// ends even if the call panics.
func (t *Telemetry) call(ctx context.Context, call *client.Call, next client.Handler) error {
	operation := semconv.RPCMethod(call.Spec.Operation)
	ctx, span := t.tracer.Start(ctx, "mktows."+call.Spec.Operation,
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(semconv.RPCSystemNameKey.String("soap"), operation),
		trace.WithAttributes(server(call.Server)...))
	defer span.End() // also if next panics
	begin := time.Now()
	err := next(ctx, call)
	took := time.Since(begin)

	t.count(ctx, took, ended(span, call.Attempt, call.HTTPStatus, err), operation)
	return err
}

// ended notes on the span of a call how that has ended.
func ended(span trace.Span, attempts, status int, err error) problem {
	span.SetAttributes(keyAttempts.Int(attempts))
	if status != 0 {
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
	}
	p := problemOf(err)
	p.mark(span)
	return p
}

// count counts a call by what it was. What was counted counts although the context may have ended.
func (t *Telemetry) count(ctx context.Context, took time.Duration, p problem, what ...attribute.KeyValue) {
	ctx = context.WithoutCancel(ctx)
	by := metric.WithAttributes(append(what, keyOutcome.String(p.outcome))...)
	t.calls.Add(ctx, 1, by)
	t.duration.Record(ctx, took.Seconds(), by)
	if p.fault != nil {
		t.faults.Add(ctx, 1, metric.WithAttributes(append(what, keyFaultCode.Int(int(p.fault.Code)))...))
	}
}

// server names host and port, and nothing else of the endpoint.
func server(host string) []attribute.KeyValue {
	u := url.URL{Host: host}
	if u.Hostname() == "" {
		return nil
	}
	attrs := []attribute.KeyValue{semconv.ServerAddress(u.Hostname())}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		attrs = append(attrs, semconv.ServerPort(port))
	}
	return attrs
}
