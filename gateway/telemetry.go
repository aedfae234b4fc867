package gateway

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/server"
)

const scope = "github.com/mktows/mktows-go/gateway"

// Names of attributes that are not OpenTelemetry's own; those that package leadsync/telemetry has too mean the same.
const (
	keyTenant    = attribute.Key("mktows.tenant")
	keyOutcome   = attribute.Key("mktows.outcome")
	keyFaultCode = attribute.Key("mktows.fault.code")
	keySource    = attribute.Key("mktows.source")
	keyRESTCalls = attribute.Key("mktows.rest.calls")
)

// Values of mktows.outcome.
const (
	outcomeOK       = "ok"
	outcomeFault    = "fault"
	outcomeRefused  = "refused" // without an envelope
	outcomeCanceled = "canceled"
	outcomeError    = "error"
	outcomeFailed   = "failed" // of a reload
)

// statusTimeout is how long metrics wait for tokens that are not there yet. A scrape of Prometheus takes 10 seconds at most by default.
const statusTimeout = 3 * time.Second

// WithTracerProvider makes a span of each call, which continues the trace of a caller that sends a traceparent (W3C Trace Context). The
// spans of its calls of the REST API are made by an interceptor of the bridges, such as that of package leadsync/telemetry. No span
// has a value of a request or an answer. Default: none.
func WithTracerProvider(tp trace.TracerProvider) Option {
	return func(o *options) error {
		if tp == nil {
			return errors.New("gateway: WithTracerProvider: the provider is nil")
		}
		o.tracers = tp
		return nil
	}
}

// WithMeterProvider counts and measures; docs/gateway.md has the metrics. Their attributes come from the configuration and
// the contract, never from what an unknown caller sends. Default: none.
func WithMeterProvider(mp metric.MeterProvider) Option {
	return func(o *options) error {
		if mp == nil {
			return errors.New("gateway: WithMeterProvider: the provider is nil")
		}
		o.meters = mp
		return nil
	}
}

// WithMetricsHandler answers /metrics of [Gateway.AdminHandler], for example by what the exporter for Prometheus has gathered from the
// provider of [WithMeterProvider]. Default: there is no such page.
func WithMetricsHandler(h http.Handler) Option {
	return func(o *options) error {
		if h == nil {
			return errors.New("gateway: WithMetricsHandler: the handler is nil")
		}
		o.metrics = h
		return nil
	}
}

// startSpan begins the span of a call and takes over the trace of the caller.
func (g *Gateway) startSpan(r *http.Request) (context.Context, trace.Span) {
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	return g.tracer.Start(ctx, "mktows.gateway", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(semconv.RPCSystemNameKey.String("soap")))
}

// describe notes on the span of a call what has become of it.
func describe(span trace.Span, c *cost, e *server.Exchange) {
	if !span.IsRecording() {
		return
	}
	if e.Operation != "" {
		span.SetName("mktows.gateway." + e.Operation)
		span.SetAttributes(semconv.RPCMethod(e.Operation))
	}
	if e.UserID != "" {
		span.SetAttributes(keyTenant.String(e.UserID))
	}
	if e.Status != 0 {
		span.SetAttributes(semconv.HTTPResponseStatusCode(e.Status))
	}
	span.SetAttributes(keyRESTCalls.Int64(c.calls.Load()))
	switch {
	case e.Fault != nil:
		span.SetAttributes(keyFaultCode.Int(int(e.Fault.Code)), semconv.ErrorTypeKey.Int(int(e.Fault.Code)))
		span.SetStatus(codes.Error, e.Fault.Code.Error()) // the table's text, as that of the fault may name leads
	case e.Err != nil:
		span.SetAttributes(semconv.ErrorTypeOther)
		span.SetStatus(codes.Error, outcomeRefused)
	}
}

// meters are the instruments.
type meters struct {
	calls, rest, reloads, sources metric.Int64Counter
	duration, wait                metric.Float64Histogram
}

// newMeters makes the instruments of a gateway.
func newMeters(mp metric.MeterProvider, g *Gateway) (*meters, error) {
	m, v := mp.Meter(scope), new(meters)
	var errs []error
	counter := func(to *metric.Int64Counter, name, unit, text string) {
		var err error
		*to, err = m.Int64Counter("mktows.gateway."+name, metric.WithUnit(unit), metric.WithDescription(text))
		errs = append(errs, err)
	}
	seconds := func(to *metric.Float64Histogram, name, text string, bounds ...float64) {
		var err error
		*to, err = m.Float64Histogram("mktows.gateway."+name, metric.WithUnit("s"), metric.WithDescription(text), metric.WithExplicitBucketBoundaries(bounds...))
		errs = append(errs, err)
	}
	gauge := func(name, unit, text string) metric.Int64ObservableGauge {
		made, err := m.Int64ObservableGauge("mktows.gateway."+name, metric.WithUnit(unit), metric.WithDescription(text))
		errs = append(errs, err)
		return made
	}
	counter(&v.calls, "calls", "{call}", "SOAP calls that have ended.")
	counter(&v.rest, "rest.calls", "{call}", "Requests to the REST API, repetitions included.")
	counter(&v.reloads, "reloads", "{reload}", "Configurations that were read again.")
	counter(&v.sources, "answers", "{answer}", "Answers of getLeadActivity and getLeadChanges, by where they come from.")
	seconds(&v.duration, "call.duration", "Duration of SOAP calls.", .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60)
	seconds(&v.wait, "rest.wait", "How long calls of the REST API wait for their turn within the limits.", .001, .01, .1, .5, 1, 2.5, 5, 10, 20, 30, 60)
	used := gauge("budget.used", "{call}", "REST calls of the day to the instance, by all gateways that share the state.")
	left := gauge("budget.left", "{call}", "REST calls that the day's budget has left.")
	ready := gauge("tenant.ready", "{tenant}", "1 if the REST API gives a token for the tenant, else 0.")
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	_, err := m.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		ctx, cancel := context.WithTimeout(ctx, statusTimeout)
		defer cancel()
		for _, s := range g.ask(ctx, (*tenant).standing) { // what there is no instrument for is not asked
			instance := metric.WithAttributes(semconv.ServerAddress(s.Instance))
			o.ObserveInt64(used, int64(s.Calls), instance)
			if s.Left != nil {
				o.ObserveInt64(left, int64(*s.Left), instance)
			}
			value := int64(0)
			if s.Ready {
				value = 1
			}
			o.ObserveInt64(ready, value, metric.WithAttributes(keyTenant.String(s.UserID)))
		}
		return nil
	}, used, left, ready)
	return v, err
}

// call counts a SOAP call. Of an unknown caller nothing is told but what the contract names.
func (v *meters) call(ctx context.Context, c *cost, e *server.Exchange) {
	outcome, code := outcomeOK, 0
	switch {
	case e.Fault != nil:
		outcome, code = outcomeFault, int(e.Fault.Code)
	case e.Err != nil:
		outcome = outcomeRefused
	}
	ctx = context.WithoutCancel(ctx)
	operation := semconv.RPCMethod(e.Operation)
	v.calls.Add(ctx, 1, metric.WithAttributes(keyTenant.String(e.UserID), operation, keyOutcome.String(outcome), keyFaultCode.Int(code)))
	v.duration.Record(ctx, e.Duration.Seconds(), metric.WithAttributes(operation))
	if outcome == outcomeOK && (e.Operation == "getLeadActivity" || e.Operation == "getLeadChanges") {
		v.sources.Add(ctx, 1, metric.WithAttributes(keyTenant.String(e.UserID), operation, keySource.String(cmp.Or(c.note.source, "rest"))))
	}
}

// restCall counts a call of the REST API.
func (v *meters) restCall(ctx context.Context, call *bridge.Call, err error) {
	ctx = context.WithoutCancel(ctx)
	instance := semconv.ServerAddress(instanceOf("https://" + call.Server)) // as budgets have it
	v.rest.Add(ctx, int64(call.Attempt), metric.WithAttributes(instance, keyOutcome.String(outcomeOf(err))))
	v.wait.Record(ctx, call.Waited.Seconds(), metric.WithAttributes(instance))
}

// outcomeOf tells in a word what a call of the REST API has ended with.
func outcomeOf(err error) string {
	switch {
	case err == nil:
		return outcomeOK
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return outcomeCanceled
	case errors.As(err, new(*fault.RESTError)):
		return outcomeFault
	}
	return outcomeError
}
