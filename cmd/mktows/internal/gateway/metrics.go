package gateway

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/leadsync/telemetry"
)

// watched returns the options that make a gateway tell metrics to Prometheus, at /metrics of its admin handler, and traces and metrics
// to the collector that the environment names, if it does. shutdown sends what is left.
func watched(ctx context.Context, a *console.Console) (options []gateway.Option, shutdown func(context.Context) error, err error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reader, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo())
	if err != nil {
		return nil, nil, err
	}
	providers, shutdown, err := telemetry.ProvidersFromEnv(ctx, a.Getenv, console.Version(), reader)
	if err != nil {
		return nil, nil, exit.AsSettings(err)
	}
	options = []gateway.Option{
		gateway.WithVersion(console.Version()), gateway.WithMeterProvider(providers.Meter),
		gateway.WithMetricsHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})),
	}
	if providers.Tracer != nil {
		calls, err := telemetry.New(providers.Tracer, nil) // the gateway counts them by instance
		if err != nil {
			return nil, nil, err
		}
		options = append(options, gateway.WithTracerProvider(providers.Tracer), gateway.WithBridgeOptions(bridge.WithInterceptors(calls.BridgeInterceptor())))
	}
	return options, shutdown, nil
}
