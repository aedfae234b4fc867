package telemetry

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
)

var errRefused = errors.New("refused")

// strictProvider has one meter.
type strictProvider struct {
	metricnoop.MeterProvider

	meter *strictMeter
}

func (p strictProvider) Meter(string, ...metric.MeterOption) metric.Meter { return p.meter }

// strictMeter refuses the instrument of one name and, as some do, drops what is counted with
// a context that has ended.
type strictMeter struct {
	metricnoop.Meter

	refuse string
	counts map[string]int // of what was taken, by instrument
}

func (m *strictMeter) instrument(name string) (strictInstrument, error) {
	if name == m.refuse {
		return strictInstrument{}, errRefused
	}
	return strictInstrument{meter: m, name: name}, nil
}

func (m *strictMeter) Int64Counter(name string, _ ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	in, err := m.instrument(name)
	return strictCounter{strictInstrument: in}, err
}

func (m *strictMeter) Float64Histogram(name string, _ ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	in, err := m.instrument(name)
	return strictHistogram{strictInstrument: in}, err
}

func (m *strictMeter) Float64Gauge(name string, _ ...metric.Float64GaugeOption) (metric.Float64Gauge, error) {
	in, err := m.instrument(name)
	return strictFloatGauge{strictInstrument: in}, err
}

func (m *strictMeter) Int64Gauge(name string, _ ...metric.Int64GaugeOption) (metric.Int64Gauge, error) {
	in, err := m.instrument(name)
	return strictIntGauge{strictInstrument: in}, err
}

type strictInstrument struct {
	meter *strictMeter
	name  string
}

func (i strictInstrument) take(ctx context.Context) {
	if ctx.Err() == nil {
		i.meter.counts[i.name]++
	}
}

type strictCounter struct {
	metricnoop.Int64Counter
	strictInstrument
}

func (c strictCounter) Add(ctx context.Context, _ int64, _ ...metric.AddOption) { c.take(ctx) }

type strictHistogram struct {
	metricnoop.Float64Histogram
	strictInstrument
}

func (h strictHistogram) Record(ctx context.Context, _ float64, _ ...metric.RecordOption) {
	h.take(ctx)
}

type strictFloatGauge struct {
	metricnoop.Float64Gauge
	strictInstrument
}

func (g strictFloatGauge) Record(ctx context.Context, _ float64, _ ...metric.RecordOption) {
	g.take(ctx)
}

type strictIntGauge struct {
	metricnoop.Int64Gauge
	strictInstrument
}

func (g strictIntGauge) Record(ctx context.Context, _ int64, _ ...metric.RecordOption) { g.take(ctx) }

func TestNew_refusedInstrument(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"mktows.calls", "mktows.faults", "mktows.call.duration", "mktows.sync.rows", "mktows.sync.lag", "mktows.quota.left"} {
		tel, err := New(nil, strictProvider{meter: &strictMeter{refuse: name}})
		if tel != nil || !errors.Is(err, errRefused) {
			t.Errorf("%s is refused: %v, error %v", name, tel, err)
		}
	}
}

// What has happened counts, although the context ended meanwhile.
func TestTelemetry_countsAfterTheEnd(t *testing.T) {
	t.Parallel()
	m := &strictMeter{counts: make(map[string]int)}
	tel, err := New(nil, strictProvider{meter: m})
	if err != nil {
		t.Fatal(err)
	}
	s := marketo(t)
	ctx, cancel := context.WithCancel(t.Context())
	if err := getLead(ctx, connect(s, tel), absent); err == nil {
		t.Fatal("no fault")
	}
	cancel()
	if err := getLead(ctx, connect(s, tel), email); err == nil {
		t.Fatal("no error")
	}
	tel.Committed(ctx, leadsync.Leads, counts, time.Minute)
	tel.Quota(ctx, quota.Status{Daily: 1})
	for name, want := range map[string]int{
		"mktows.calls": 2, "mktows.faults": 1, "mktows.call.duration": 2, "mktows.sync.rows": len(rowKinds(counts)), "mktows.sync.lag": 1, "mktows.quota.left": 1,
	} {
		if m.counts[name] != want {
			t.Errorf("%s: taken %d times, want %d", name, m.counts[name], want)
		}
	}
}
