package leadsync

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// pulse is as much of a Store as a lease needs.
type pulse struct {
	Store
	slow time.Duration // how long the answer takes
}

func (p *pulse) Heartbeat(ctx context.Context, _ string, _ time.Duration) error {
	return contextOr(ctx, p.slow)
}

func contextOr(ctx context.Context, d time.Duration) error {
	if !pause(ctx, d) {
		return ctx.Err()
	}
	return nil
}

// TestLease_endsBeforeTheStores: work ends while others still take the worker for alive, also where the answer to the
// sign of life was slow.
func TestLease_endsBeforeTheStores(t *testing.T) {
	t.Parallel()
	for _, slow := range []time.Duration{0, 5 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			const length = 15 * time.Second
			l := &lease{store: &pulse{slow: slow}, worker: "w", length: length, logger: slog.New(slog.DiscardHandler), tell: func() {}}
			begun := time.Now()
			if err := l.start(t.Context()); err != nil {
				t.Fatal(err)
			}
			bound, release, ok := l.bind(t.Context())
			defer release()
			if !ok || l.lost() {
				t.Fatal("it does not live")
			}
			<-bound.Done()
			if worked := time.Since(begun); worked > length-2*time.Second || worked < length/2 {
				t.Errorf("work ended %s after the sign of life for %s, which took %s", worked, length, slow)
			}
			if !errors.Is(context.Cause(bound), errLeaseEnds) || !l.lost() {
				t.Errorf("the cause is %v", context.Cause(bound))
			}
			if _, _, ok := l.bind(t.Context()); ok {
				t.Error("work may begin")
			}
			if err := l.renew(t.Context()); err != nil || l.lost() {
				t.Errorf("a sign of life does not bring it back: %v", err)
			}
			l.close()
		})
	}
}
