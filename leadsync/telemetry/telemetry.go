package telemetry

import (
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/mktows/mktows-go/leadsync"
)

const scope = "github.com/mktows/mktows-go/leadsync/telemetry"

// Names of attributes that are not OpenTelemetry's own.
const (
	keyAttempts   = attribute.Key("mktows.attempts")
	keyOutcome    = attribute.Key("mktows.outcome")
	keyFaultCode  = attribute.Key("mktows.fault.code")
	keyFaultClass = attribute.Key("mktows.fault.class")
	keyRESTCode   = attribute.Key("mktows.rest.code")
	keyStream     = attribute.Key("mktows.sync.stream")
	keyKind       = attribute.Key("mktows.sync.kind")
)

// Telemetry makes spans and counts. Make it with [New] or [FromEnv]. It is safe for
// concurrent use. The methods of a nil one do nothing.
type Telemetry struct {
	tracer   trace.Tracer
	calls    metric.Int64Counter
	faults   metric.Int64Counter
	duration metric.Float64Histogram
	rows     metric.Int64Counter
	lag      metric.Float64Gauge
	left     metric.Int64Gauge
}

var _ leadsync.Observer = (*Telemetry)(nil)

// New returns a Telemetry that uses these providers; for a nil one there are no spans, or no
// metrics. The error is that of a provider which refuses an instrument.
func New(tp trace.TracerProvider, mp metric.MeterProvider) (*Telemetry, error) {
	if tp == nil {
		tp = tracenoop.NewTracerProvider()
	}
	if mp == nil {
		mp = metricnoop.NewMeterProvider()
	}
	m := mp.Meter(scope)
	t := &Telemetry{tracer: tp.Tracer(scope)}
	var errs [6]error
	t.calls, errs[0] = m.Int64Counter("mktows.calls", metric.WithUnit("{call}"),
		metric.WithDescription("Calls of the service that have ended."))
	t.faults, errs[1] = m.Int64Counter("mktows.faults", metric.WithUnit("{fault}"),
		metric.WithDescription("Calls that ended with a fault of the service."))
	t.duration, errs[2] = m.Float64Histogram("mktows.call.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of calls with all attempts and waits."),
		metric.WithExplicitBucketBoundaries(.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600))
	t.rows, errs[3] = m.Int64Counter("mktows.sync.rows", metric.WithUnit("{row}"),
		metric.WithDescription("Rows that were committed."))
	t.lag, errs[4] = m.Float64Gauge("mktows.sync.lag", metric.WithUnit("s"),
		metric.WithDescription("How far the committed rows are behind the present."))
	t.left, errs[5] = m.Int64Gauge("mktows.quota.left", metric.WithUnit("{call}"),
		metric.WithDescription("Calls that may still be made today."))
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return t, nil
}
