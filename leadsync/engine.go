package leadsync

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/jobdriver"
	"github.com/mktows/mktows-go/leadsync/internal/jobs"
	"github.com/mktows/mktows-go/leadsync/store"
)

// timing is how long the engine waits for what; tests wait less.
type timing struct {
	poll   time.Duration // between two looks at the store
	fetch  time.Duration // between River's looks for jobs
	pause  time.Duration // before a job that could not be worked on is tried again
	quota  time.Duration // the longest wait before the quota is looked at again
	giveUp time.Duration // without database
	grace  time.Duration // for giving back what is held once the context has ended
}

var defaultTiming = timing{
	poll: 500 * time.Millisecond, fetch: 250 * time.Millisecond, pause: time.Second, quota: time.Minute,
	giveUp: 5 * time.Minute, grace: 5 * time.Second,
}

// A step of work on a window ends with the next commit once it has taken a lease, so that no window keeps others waiting. A worker
// touches its jobs whenever it renews its lease. River gives a job to another worker that was not touched for silentLeases: with the
// default lease of 15 s within two minutes of a worker's death, since River looks for such jobs every 30 s, and well after a
// worker that cannot reach the database has cancelled its work.
const silentLeases = 3

// engine is a worker: River, which calls work, and what keeps the worker alive.
type engine struct {
	*Config
	timing
	queue    *jobs.Queue
	lease    *lease
	changes  *changes
	progress *progress

	until context.Context //nolint:containedctx // of beginning anything new
	end   context.CancelCauseFunc

	mu       sync.Mutex
	failures map[int64]error             // of windows that failed here
	totals   map[StreamName]store.Counts // committed by this process
	skew     time.Duration               // of the server's clock
	wait     time.Duration               // the last pause after failures; 0: something was committed since
	resume   time.Time                   // before it no window is begun
}

func newEngine(c *Config, t timing) (*engine, error) {
	e := &engine{Config: c, timing: t, changes: newChanges(), failures: map[int64]error{}, totals: map[StreamName]store.Counts{}}
	e.progress = newProgress(e)
	workers := registryOf(c.Store)
	e.lease = &lease{
		workers: workers, spare: spareOf(workers, c.Lease), worker: c.Worker, length: c.Lease, logger: c.Logger, giveUp: t.giveUp, patient: c.Every > 0, tell: e.tell,
		fail: func(err error) { e.end(err) }, // end is set when the run begins
	}
	place, err := jobdriver.Of(c.Store)
	if err != nil {
		return nil, err
	}
	e.queue, err = jobs.New(place, jobs.Config{
		Worker: c.Worker, Concurrency: c.Concurrency, FirstRetry: c.FirstRetry, Poll: t.fetch, Silence: silentLeases * c.Lease,
		Logger: c.Logger, Work: e.work,
	})
	if err != nil {
		return nil, err
	}
	e.lease.touch = e.queue.Touch
	return e, nil
}

// run starts the engine, calls f, and stops the engine. The context of f ends with ctx,
// or when the engine cannot go on, with what is in the way as its cause.
func (e *engine) run(ctx context.Context, f func(context.Context) error) error {
	base := context.WithoutCancel(ctx)
	ctx, e.end = context.WithCancelCause(ctx)
	e.until = ctx
	defer e.end(nil)
	telling, end := context.WithCancel(base)
	var teller sync.WaitGroup
	teller.Go(func() { e.progress.keep(telling) })
	defer teller.Wait()
	defer end()
	if err := e.patiently(ctx, func() error { return e.lease.start(ctx) }, func() error { return e.lease.renew(ctx) }); err != nil {
		e.lease.close()
		return err
	}
	defer e.retire(base)
	background, cancel := context.WithCancel(base)
	var wg sync.WaitGroup
	wg.Go(func() { e.lease.keep(background) })
	if err := e.patiently(ctx, func() error { return e.queue.Start(base) }, nil); err != nil {
		cancel()
		wg.Wait()
		return fmt.Errorf("beginning to work: %w", err)
	}
	err := f(ctx)
	e.end(nil)
	halted := e.halt(base)
	cancel()
	wg.Wait()
	return cmp.Or(err, halted)
}

// patiently does what a start needs of the database, and waits as long as that is away: with Every until ctx ends,
// else as long as later in a run. again, unless nil, is what is tried after the first time.
func (e *engine) patiently(ctx context.Context, first, again func() error) error {
	begun := time.Now()
	err := first()
	for attempt := 1; err != nil; attempt++ {
		wait := min(jobs.Retry{First: e.pause}.Wait(attempt), longestBackOff)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if permanent(err) || e.Every == 0 && time.Since(begun)+wait > e.giveUp {
			return err
		}
		e.progress.waitFor("the database", time.Now().Add(wait), err)
		if !pause(ctx, wait) {
			return context.Cause(ctx)
		}
		if again == nil {
			again = first
		}
		if err = again(); err == nil {
			e.progress.waitFor("", time.Time{}, nil)
		}
	}
	return nil
}

// halt lets the windows under way come to their next commit, and cancels what takes too long.
func (e *engine) halt(base context.Context) error {
	ctx, cancel := context.WithTimeout(base, e.StopTimeout)
	defer cancel()
	if e.queue.Stop(ctx) == nil {
		return nil
	}
	e.Logger.Warn("calls under way are cancelled, since they did not end in time", "timeout", e.StopTimeout)
	// River may still try to reach the database, for less than a minute.
	ctx, cancel = context.WithTimeout(base, time.Minute)
	defer cancel()
	if err := e.queue.Kill(ctx); err != nil {
		return fmt.Errorf("a call or the database does not react to being cancelled; end the process: %w", err)
	}
	return nil
}

// retire ends the worker's life, so that its calls need not count until the end of its lease.
func (e *engine) retire(base context.Context) {
	e.lease.close()
	ctx, cancel := context.WithTimeout(base, e.grace)
	defer cancel()
	if err := e.lease.workers.Retire(ctx, e.Worker); err != nil {
		e.Logger.Warn("the worker could not say that it has ended; its calls count until its lease ends", "worker", e.Worker, "error", err)
	}
}

// tell says that something has changed.
func (e *engine) tell() {
	e.changes.tell()
	e.progress.touch()
}

// serverNow asks for the server's time and remembers how far this machine's clock is off.
func (e *engine) serverNow(ctx context.Context) (time.Time, error) {
	now, err := e.Now(ctx)
	if err != nil {
		return now, fmt.Errorf("asking for the server's time: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.skew = time.Until(now)
	return now, nil
}

// lag is how long ago t was by the server's clock.
func (e *engine) lag(t time.Time) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return max(time.Since(t)+e.skew, 0)
}

// changes wakes those who wait for a change.
type changes struct {
	mu   sync.Mutex
	next chan struct{}
}

func newChanges() *changes { return &changes{next: make(chan struct{})} }

// wait returns a channel that is closed at the next change.
func (c *changes) wait() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.next
}

func (c *changes) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.next)
	c.next = make(chan struct{})
}
