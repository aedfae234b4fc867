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

// FromEnv returns a Telemetry that sends to an OTLP collector over HTTP, as the environment
// variables of OpenTelemetry say. It is meant for commands; a library takes the providers of its
// program, with [New].
//
// Nothing is sent, and the Telemetry is nil, unless OTEL_EXPORTER_OTLP_ENDPOINT,
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is set, or
// OTEL_TRACES_EXPORTER or OTEL_METRICS_EXPORTER is otlp; and never with OTEL_SDK_DISABLED=true. An
// exporter of none turns its signal off. These and OTEL_SERVICE_NAME, by default mktows, are read
// with getenv. Headers, time-outs, intervals, sampling and the like are read by OpenTelemetry itself,
// from the environment of the process.
//
// Sending happens in the background, and what a collector does not take is dropped without a
// word. shutdown sends the rest, within a few seconds and also if its context has ended, as after
// an interrupt; it returns the first error that sending met. It is never nil.
//
// An error says which variable has a value that cannot be followed.
func FromEnv(ctx context.Context, getenv func(string) string, version string) (t *Telemetry, shutdown func(context.Context) error, err error) {
	return fromEnv(ctx, environment(getenv), version, closeTime)
}

func fromEnv(ctx context.Context, e environment, version string, closeTime time.Duration) (t *Telemetry, shutdown func(context.Context) error, err error) {
	traces, errTraces := e.endpoint("TRACES", "v1/traces")
	metrics, errMetrics := e.endpoint("METRICS", "v1/metrics")
	err = errors.Join(errTraces, errMetrics)
	if e.disabled() || err != nil || traces == "" && metrics == "" {
		if e.disabled() {
			err = nil
		}
		return nil, func(context.Context) error { return nil }, err
	}
	p := &pipeline{closeTime: closeTime}
	t, err = p.open(ctx, e, version, traces, metrics)
	if err != nil {
		return nil, func(context.Context) error { return nil }, errors.Join(err, p.close(ctx))
	}
	return t, p.close, nil
}

// environment looks variables up.
type environment func(string) string

func (e environment) get(name string) string { return strings.TrimSpace(e(name)) }

func (e environment) disabled() bool { return strings.EqualFold(e.get("OTEL_SDK_DISABLED"), "true") }

// endpoint returns where a signal goes; empty: nowhere.
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

// checkProtocol refuses what the exporters over HTTP would ignore.
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

// parseEndpoint checks a URL. The error does not show it: it may hold a password.
func parseEndpoint(name, text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" {
		return "", fmt.Errorf("%s is not the address of a collector, such as %s", name, defaultEndpoint)
	}
	return text, nil
}

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

// pipeline is the way to the collector.
type pipeline struct {
	closeTime time.Duration
	closers   []func(context.Context) error
	mu        sync.Mutex
	err       error // the first one of sending
}

func (p *pipeline) open(ctx context.Context, e environment, version, traces, metrics string) (*Telemetry, error) {
	res, err := e.resource(ctx, version)
	if err != nil {
		return nil, err
	}
	// Exporters connect when they send. Without retries of theirs: a collector that is not
	// there must not hold up the end of the program.
	var tp trace.TracerProvider
	if traces != "" {
		exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(traces), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))
		if err != nil {
			return nil, fmt.Errorf("the exporter of traces: %w", err)
		}
		provider := sdktrace.NewTracerProvider(sdktrace.WithResource(res), sdktrace.WithBatcher(quietSpans{exporter, p}))
		p.closers = append(p.closers, provider.Shutdown)
		tp = provider
	}
	var mp metric.MeterProvider
	if metrics != "" {
		exporter, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(metrics), otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{}))
		if err != nil {
			return nil, fmt.Errorf("the exporter of metrics: %w", err)
		}
		provider := sdkmetric.NewMeterProvider(sdkmetric.WithResource(res),
			sdkmetric.WithReader(sdkmetric.NewPeriodicReader(quietMetrics{exporter, p})))
		p.closers = append(p.closers, provider.Shutdown)
		mp = provider
	}
	return New(tp, mp)
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

// note keeps the first error. OpenTelemetry would hand each to a handler of the whole
// process, which prints it.
func (p *pipeline) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
}

type quietSpans struct {
	sdktrace.SpanExporter
	pipeline *pipeline
}

// ExportSpans implements sdktrace.SpanExporter.
func (q quietSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	q.pipeline.note(q.SpanExporter.ExportSpans(ctx, spans))
	return nil
}

type quietMetrics struct {
	sdkmetric.Exporter
	pipeline *pipeline
}

// Export implements sdkmetric.Exporter.
func (q quietMetrics) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	q.pipeline.note(q.Exporter.Export(ctx, metrics))
	return nil
}
