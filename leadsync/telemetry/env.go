package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

const (
	defaultService  = "mktows"
	defaultEndpoint = "http://localhost:4318" // OpenTelemetry Protocol, section on OTLP/HTTP
	// closeTime is how long the last sending of one signal may take.
	closeTime = 3 * time.Second
)

// FromEnv returns a Telemetry that sends to an OTLP collector over HTTP, as configured by the environment variables of
// OpenTelemetry. It is meant for commands; a library should use the providers of its program, with [New].
//
// Nothing is sent, and the Telemetry is nil, unless OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or
// OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is set, or OTEL_TRACES_EXPORTER or OTEL_METRICS_EXPORTER is otlp. With
// OTEL_SDK_DISABLED=true nothing is ever sent, and the exporter none turns off its signal. These variables and
// OTEL_SERVICE_NAME (default: mktows) are read with getenv. Headers, time-outs, intervals, sampling and the like are read by
// OpenTelemetry itself, from the environment of the process.
//
// Data is sent in the background, and dropped silently if the collector does not accept it: a copy must not fail because a
// collector is down. shutdown sends the rest within a few seconds, even if its context has ended, as it has after an
// interrupt. It returns the first error that occurred while sending, and is never nil.
//
// An error names the variable whose value cannot be used.
func FromEnv(ctx context.Context, getenv func(string) string, version string) (t *Telemetry, shutdown func(context.Context) error, err error) {
	return fromEnv(ctx, environment(getenv), version, closeTime)
}

// fromEnv is FromEnv with another time for the last sending, for tests.
func fromEnv(ctx context.Context, e environment, version string, closeTime time.Duration) (t *Telemetry, shutdown func(context.Context) error, err error) {
	p, shutdown, err := providersFromEnv(ctx, e, version, closeTime)
	if err != nil || p.Tracer == nil && p.Meter == nil {
		return nil, shutdown, err
	}
	t, err = New(p.Tracer, p.Meter)
	if err != nil {
		return nil, func(context.Context) error { return nil }, errors.Join(err, shutdown(ctx))
	}
	return t, shutdown, nil
}

// Providers are those of OpenTelemetry. A nil one stands for a signal that goes nowhere.
type Providers struct {
	Tracer trace.TracerProvider
	Meter  metric.MeterProvider
}

// ProvidersFromEnv returns what [FromEnv] makes its Telemetry of, for a program that has instruments of its own. The readers, such as
// an exporter for Prometheus, get the metrics in any case, beside a collector that the environment may name.
func ProvidersFromEnv(ctx context.Context, getenv func(string) string, version string, readers ...sdkmetric.Reader) (p Providers, shutdown func(context.Context) error, err error) {
	return providersFromEnv(ctx, environment(getenv), version, closeTime, readers...)
}

// providersFromEnv is ProvidersFromEnv with another time for the last sending. OTEL_SDK_DISABLED wins over wrong values of other
// variables: a disabled SDK does not look at them.
func providersFromEnv(ctx context.Context, e environment, version string, closeTime time.Duration, readers ...sdkmetric.Reader) (out Providers, shutdown func(context.Context) error, err error) {
	nothing := func(context.Context) error { return nil }
	var traces, metrics string
	if !e.disabled() {
		var errTraces, errMetrics error
		traces, errTraces = e.endpoint("TRACES", "v1/traces")
		metrics, errMetrics = e.endpoint("METRICS", "v1/metrics")
		if err := errors.Join(errTraces, errMetrics); err != nil {
			return Providers{}, nothing, err
		}
	}
	if traces == "" && metrics == "" && len(readers) == 0 {
		return Providers{}, nothing, nil
	}
	p := &pipeline{closeTime: closeTime}
	out, err = p.open(ctx, e, version, traces, metrics, readers)
	if err != nil {
		return Providers{}, nothing, errors.Join(err, p.close(ctx))
	}
	return out, p.close, nil
}

// environment looks variables up.
type environment func(string) string

func (e environment) get(name string) string { return strings.TrimSpace(e(name)) }

func (e environment) disabled() bool { return strings.EqualFold(e.get("OTEL_SDK_DISABLED"), "true") }

// endpoint returns the URL that a signal (traces or metrics) is sent to; "" means that it is not sent. The rules are
// those of the OpenTelemetry Protocol: the variable for the signal is taken as it is, the general one gets a path for
// the signal.
func (e environment) endpoint(signal, path string) (string, error) {
	own, general := "OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
	exporter := "OTEL_" + signal + "_EXPORTER"
	switch e.get(exporter) {
	case "none":
		return "", nil
	case "otlp":
	case "":
		if e.get(own) == "" && e.get(general) == "" {
			return "", nil
		}
	default:
		return "", fmt.Errorf("%s is %.40q; otlp and none are possible", exporter, e.get(exporter))
	}
	if err := e.checkProtocol(signal); err != nil {
		return "", err
	}
	switch {
	case e.get(own) != "":
		return parseEndpoint(own, e.get(own))
	case e.get(general) != "":
		base, err := parseEndpoint(general, e.get(general))
		return strings.TrimRight(base, "/") + "/" + path, err
	}
	return defaultEndpoint + "/" + path, nil
}

// checkProtocol refuses protocols that the exporters used here, which only speak HTTP, would ignore without a word.
func (e environment) checkProtocol(signal string) error {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_" + signal + "_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		switch protocol := e.get(name); protocol {
		case "":
			continue
		case "http/protobuf", "http/json":
			return nil
		default:
			return fmt.Errorf("%s is %.40q; only http/protobuf is possible: use the collector's port for HTTP, most often 4318", name, protocol)
		}
	}
	return nil
}

// parseEndpoint checks a URL. The error does not show the URL, since that may contain a password.
func parseEndpoint(name, text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" {
		return "", fmt.Errorf("%s is not the address of a collector, such as %s", name, defaultEndpoint)
	}
	return text, nil
}

// resource describes this program in the data that is sent. OTEL_SERVICE_NAME wins over OTEL_RESOURCE_ATTRIBUTES,
// which wins over the defaults, as OpenTelemetry demands.
func (e environment) resource(ctx context.Context, version string) (*resource.Resource, error) {
	own := resource.WithAttributes(semconv.ServiceName(defaultService), semconv.ServiceVersion(version))
	named := resource.WithAttributes()
	if name := e.get("OTEL_SERVICE_NAME"); name != "" {
		named = resource.WithAttributes(semconv.ServiceName(name))
	}
	res, err := resource.New(ctx, resource.WithTelemetrySDK(), own, resource.WithFromEnv(), named) // later ones win
	if err != nil {
		return nil, errors.New("OTEL_RESOURCE_ATTRIBUTES cannot be read; it looks like key=value,key=value")
	}
	return res, nil
}

// pipeline is the way of the data to the collector, with everything that has to be closed at the end.
type pipeline struct {
	closeTime time.Duration
	closers   []func(context.Context) error
	mu        sync.Mutex
	err       error // the first one of sending
}

// open makes the exporters and providers of the signals that are sent. Exporters connect only when they send, so a
// collector that is down causes no error here.
func (p *pipeline) open(ctx context.Context, e environment, version, traces, metrics string, readers []sdkmetric.Reader) (out Providers, err error) {
	res, err := e.resource(ctx, version)
	if err != nil {
		return out, err
	}
	// Exporters connect when they send. Without retries of theirs: a collector that is not
	// there must not hold up the end of the program.
	if traces != "" {
		exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(traces), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))
		if err != nil {
			return out, fmt.Errorf("the exporter of traces: %w", err)
		}
		provider := sdktrace.NewTracerProvider(sdktrace.WithResource(res), sdktrace.WithBatcher(quietSpans{exporter, p}))
		p.closers = append(p.closers, provider.Shutdown)
		out.Tracer = provider
	}
	options := []sdkmetric.Option{sdkmetric.WithResource(res)}
	for _, r := range readers {
		options = append(options, sdkmetric.WithReader(r))
	}
	if metrics != "" {
		exporter, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(metrics), otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{}))
		if err != nil {
			return out, fmt.Errorf("the exporter of metrics: %w", err)
		}
		options = append(options, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(quietMetrics{exporter, p})))
	}
	if len(options) > 1 {
		provider := sdkmetric.NewMeterProvider(options...)
		p.closers = append(p.closers, provider.Shutdown)
		out.Meter = provider
	}
	return out, nil
}

// close sends what is left. Each signal has its own time, so that one cannot use up the
// other's.
func (p *pipeline) close(ctx context.Context) error {
	var errs []error
	for _, closer := range p.closers {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.closeTime)
		errs = append(errs, closer(limited))
		cancel()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := errors.Join(append(errs, p.err)...); err != nil {
		return fmt.Errorf("the collector has not taken everything: %w", err)
	}
	return nil
}

// note keeps the first error of sending, for close to return. OpenTelemetry would otherwise hand each error to a
// handler for the whole process, which prints it in the middle of the program's output.
func (p *pipeline) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
}

// quietSpans is an exporter of spans that never fails: its errors go to the pipeline.
type quietSpans struct {
	sdktrace.SpanExporter
	pipeline *pipeline
}

// ExportSpans implements sdktrace.SpanExporter.
func (q quietSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	q.pipeline.note(q.SpanExporter.ExportSpans(ctx, spans))
	return nil
}

// quietMetrics is the same for metrics.
type quietMetrics struct {
	sdkmetric.Exporter
	pipeline *pipeline
}

// Export implements sdkmetric.Exporter.
func (q quietMetrics) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	q.pipeline.note(q.Exporter.Export(ctx, metrics))
	return nil
}
