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
	snooze time.Duration // the longest that a window waits for a bulk extract before it looks at the server's clock
	giveUp time.Duration // without database
	grace  time.Duration // for giving back what is held once the context has ended
}

var defaultTiming = timing{
	poll: 500 * time.Millisecond, fetch: 250 * time.Millisecond, pause: time.Second, quota: time.Minute, snooze: 5 * time.Minute,
	giveUp: 5 * time.Minute, grace: 5 * time.Second,
}

// silentLeases is after how many leases without a sign of life the jobs of a worker are given to others.
//
// A step of work on a window ends with the first commit after a lease, so that no long window keeps others waiting. A
// worker touches its jobs whenever it renews its lease, every third of a lease. With the default lease of 15 s, jobs
// are taken over within two minutes of a worker's death, because River looks for them every 30 s; and a worker that
// merely cannot reach the database has cancelled its own work well before.
const silentLeases = 3

// engine is a worker: River, which calls work for each job, and the lease, which keeps the worker alive in the store.
// Run and Work each have one. Until is the context of beginning anything new; it ends earlier than that of the work
// under way, which may come to its next commit. The lock guards the fields below it.
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

// newEngine puts an engine together and starts nothing.
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

// run starts the engine, calls f, and stops the engine when f returns. The context of f ends with ctx, or when the
// engine cannot go on, with the reason as its cause.
//
// The order matters. The lease comes first, because no call may be made by a worker that the store does not know. It
// is also the last to end: windows under way still have to commit after ctx has ended, so everything that they need
// hangs on a context without its cancellation.
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

// patiently does what a start needs of the database and, if that is away, tries again with growing pauses: with Every
// until ctx ends, otherwise for as long as a run would wait later. Again, unless it is nil, replaces first after the
// first attempt.
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

// halt waits until the windows under way have come to their next commit, and cancels what takes longer than
// StopTimeout. If even that does not help, only the end of the process does, and the error says so.
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

// retire takes the worker out of the store, so that its calls stop counting at once and not only when its lease ends.
func (e *engine) retire(base context.Context) {
	e.lease.close()
	ctx, cancel := context.WithTimeout(base, e.grace)
	defer cancel()
	if err := e.lease.workers.Retire(ctx, e.Worker); err != nil {
		e.Logger.Warn("the worker could not say that it has ended; its calls count until its lease ends", "worker", e.Worker, "error", err)
	}
}

// tell wakes those who wait for a change of the windows, and asks for a report of the progress.
func (e *engine) tell() {
	e.changes.tell()
	e.progress.touch()
}

// serverNow asks for the server's time and remembers how far off the clock of this machine is.
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

// lag returns how long ago t was by the server's clock.
func (e *engine) lag(t time.Time) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return max(time.Since(t)+e.skew, 0)
}

// changes wakes all who wait for a change. Each change closes the channel that they wait on and makes a new one.
// Unlike a sync.Cond, it can be waited for in a select together with a context.
type changes struct {
	mu   sync.Mutex
	next chan struct{}
}

func newChanges() *changes { return &changes{next: make(chan struct{})} }

// wait returns a channel that is closed at the next change. A caller has to get it before it looks at what may
// change, or it could miss a change in between.
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
