package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Window implements leadsync.Observer: it begins the span of a window.
func (t *Telemetry) Window(ctx context.Context, w store.Window) (inner context.Context, end func(store.Counts, error)) {
	if t == nil {
		return ctx, func(store.Counts, error) {}
	}
	ctx, span := t.tracer.Start(ctx, "mktows.sync.window", trace.WithAttributes(
		keyStream.String(string(w.Stream)),
		attribute.Int64("mktows.sync.run.id", w.Run),
		attribute.Int64("mktows.sync.window.id", w.ID),
		attribute.String("mktows.sync.window.from", w.From.UTC().Format(time.RFC3339)),
		attribute.String("mktows.sync.window.to", w.To.UTC().Format(time.RFC3339)),
		attribute.Int("mktows.sync.window.leads", len(w.Leads)),
	))
	return ctx, func(c store.Counts, err error) {
		span.SetAttributes(
			attribute.Int64("mktows.sync.calls", c.Calls),
			attribute.Int64("mktows.sync.pages", c.Pages),
			attribute.Int64("mktows.sync.rows.missing", c.Missing),
		)
		for kind, n := range rowKinds(c) {
			span.SetAttributes(attribute.Int64("mktows.sync.rows."+kind, n))
		}
		problemOf(err).mark(span)
		span.End()
	}
}

// Committed implements leadsync.Observer: it counts rows. They are committed, so they are counted even if the context
// has ended.
func (t *Telemetry) Committed(ctx context.Context, stream leadsync.StreamName, added store.Counts, lag time.Duration) {
	if t == nil {
		return
	}
	ctx = context.WithoutCancel(ctx) // what was committed counts
	by := keyStream.String(string(stream))
	for kind, n := range rowKinds(added) {
		t.rows.Add(ctx, n, metric.WithAttributes(by, keyKind.String(kind)))
	}
	if lag != 0 {
		t.lag.Record(ctx, lag.Seconds(), metric.WithAttributes(by))
	}
}

// Quota implements leadsync.Observer: it shows what is left.
func (t *Telemetry) Quota(ctx context.Context, q quota.Status) {
	if t == nil || q.Left() < 0 {
		return
	}
	t.left.Record(context.WithoutCancel(ctx), int64(q.Left()))
}

func rowKinds(c store.Counts) map[string]int64 {
	return map[string]int64{"seen": c.Seen, "inserted": c.Inserted, "updated": c.Updated, "late": c.Late, "gone": c.Gone, "unreadable": c.Problems}
}
