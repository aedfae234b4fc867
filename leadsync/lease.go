package leadsync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/jobdriver"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// errLeaseEnds is why work is cancelled whose worker could not say that it lives: others
// may take its share of the limits.
var errLeaseEnds = errors.New("the database was not reached in time, so that others may take over")

// soleLeases is how many more leases work goes on without the database if no other process can take it over: there is
// no harm in waiting for a slow disk then.
const soleLeases = 3

// lease keeps a worker alive in the store and cancels its work before others may take the worker for dead. All calls
// and commits are bound to it (see bind). Without that, a worker that has lost the database could go on making calls
// which nobody counts any more.
//
// The lock guards the fields below it. Life is the context of all work; it ends when the lease could not be renewed
// in time, and a new one begins when the database is reached again.
type lease struct {
	workers quota.Registry
	worker  string
	length  time.Duration
	logger  *slog.Logger
	giveUp  time.Duration
	spare   time.Duration                   // how much later than the lease work ends: where nobody can take over it may wait for a slow database
	patient bool                            // never gives up
	fail    func(error)                     // gives the run up
	tell    func()                          // of a change
	touch   func(ctx context.Context) error // the jobs of the worker; nil: it has none

	mu     sync.Mutex
	life   context.Context //nolint:containedctx // of all work while the worker lives
	end    context.CancelCauseFunc
	ends   time.Time // of life, unless renewed
	timer  *time.Timer
	sound  time.Time // of the last sign of life
	closed bool
}

// start registers the worker. If that fails, renew may be tried again.
func (l *lease) start(ctx context.Context) error {
	l.sound = time.Now()
	l.life, l.end = context.WithCancelCause(context.WithoutCancel(ctx))
	l.ends = time.Now().Add(l.length)
	l.timer = time.AfterFunc(l.length, l.expire)
	return l.renew(ctx)
}

// keep renews the lease every third of its length until ctx ends, and more often while that fails.
func (l *lease) keep(ctx context.Context) {
	wait := l.length / 3
	for pause(ctx, wait) {
		wait = l.length / 3
		if err := l.renew(ctx); err != nil && ctx.Err() == nil {
			wait = l.length / 10
			l.complain(err)
		}
	}
}

// renew renews the lease in the store and touches the worker's jobs. Both sides count the same length, but this one
// from before the request and the store from when it arrives, so the store's lease ends later. Unless there is spare
// time, work is cancelled another sixth of a lease earlier, to leave time for the cancellation itself.
func (l *lease) renew(ctx context.Context) error {
	sent := time.Now()
	ctx, cancel := context.WithTimeout(ctx, l.length/2)
	defer cancel()
	if err := l.workers.Heartbeat(ctx, l.worker, l.length); err != nil {
		return err
	}
	if l.touch != nil {
		if err := l.touch(ctx); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sound = sent
	l.ends = sent.Add(l.length - l.length/6 + l.spare)
	left := time.Until(l.ends)
	if left <= 0 || l.closed {
		return nil
	}
	if l.life.Err() != nil {
		l.life, l.end = context.WithCancelCause(context.WithoutCancel(ctx))
		l.logger.Info("the database is reached again; going on")
		l.tell()
	}
	l.timer.Reset(left)
	return nil
}

// expire ends all work because the lease could not be renewed in time. It is called by the timer, so the lease may
// have been renewed while it waited for the lock.
func (l *lease) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Now().Before(l.ends) { // renewed meanwhile
		return
	}
	l.logger.Warn("the database was not reached in time; work is paused", "worker", l.worker)
	l.end(errLeaseEnds)
	l.tell()
}

// complain deals with a failed renewal. Most pass, so they are only logged; the run is given up if the store cannot
// be used at all, or if it was not reached for too long.
func (l *lease) complain(err error) {
	l.mu.Lock()
	silent := time.Since(l.sound)
	l.mu.Unlock()
	switch {
	case endsRun(err):
		l.fail(err)
	case silent > l.giveUp && !l.patient:
		if !errors.Is(err, store.ErrUnavailable) {
			err = fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		}
		l.fail(fmt.Errorf("gave up after %s; what was committed is safe, run again when the database is back: %w",
			silent.Round(time.Second), err))
	default:
		l.logger.Debug("the lease was not renewed", "worker", l.worker, "error", err)
	}
}

// bind returns a context for work that ends with ctx and before the lease does. Ok is false while the worker counts
// as dead; then no work may be begun.
func (l *lease) bind(ctx context.Context) (bound context.Context, release func(), ok bool) {
	l.mu.Lock()
	life := l.life
	l.mu.Unlock()
	if life.Err() != nil {
		return ctx, func() {}, false
	}
	bound, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(life, func() { cancel(context.Cause(life)) })
	return bound, func() { stop(); cancel(nil) }, true
}

// lost reports whether work is paused because the database is away.
func (l *lease) lost() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.life.Err() != nil && !l.closed
}

// close stops the timer and ends all bound work.
func (l *lease) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.timer.Stop()
	l.end(nil)
}

// pause waits for d and reports whether it passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

// registryOf returns what a store, or one that it wraps, knows of workers. A store without limits knows nothing, and
// then there is only this process.
func registryOf(s store.Store) quota.Registry {
	if r, ok := jobdriver.Find[quota.Registry](s); ok {
		return r
	}
	return noRegistry{}
}

// spareOf returns how much longer than a lease work may go on without the database.
func spareOf(r quota.Registry, lease time.Duration) time.Duration {
	if s, ok := r.(quota.Sole); ok && s.Sole() {
		return soleLeases * lease
	}
	return 0
}

// noRegistry stands for the registry of a store that only one process works on and that keeps no limits.
type noRegistry struct{}

func (noRegistry) Heartbeat(context.Context, string, time.Duration) error { return nil }
func (noRegistry) Sole() bool                                             { return true }
func (noRegistry) Retire(context.Context, string) error                   { return nil }
func (noRegistry) Workers(context.Context) ([]quota.Worker, error)        { return nil, nil }
