package leadsync

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/internal/jobs"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// Work copies windows that other processes have planned with Run, until ctx ends, and then returns nil. Windows that are
// being copied at that moment stop at their next commit, and other workers continue them. Work is for stores that several
// processes share.
//
// Errors: those of the Config; that of a refused user (fault.ErrAuth); ErrFull, ErrReadOnly, ErrDamaged and ErrUnusable of
// package store, and ErrUnavailable once the database could not be reached for five minutes; with FailOnQuota the
// *fault.QuotaError.
func Work(ctx context.Context, c *Config) error { return work(ctx, c, defaultTiming) }

// work is Work with other waiting times for tests.
func work(ctx context.Context, c *Config, t timing) error {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return err
	}
	e, err := newEngine(c, t)
	if err != nil {
		return err
	}
	return e.run(ctx, func(inner context.Context) error {
		if _, err := e.serverNow(inner); err != nil && inner.Err() == nil {
			e.Logger.Warn("how far rows are behind is told by this machine's clock", "error", err)
		}
		<-inner.Done()
		if ctx.Err() != nil {
			return nil //nolint:nilerr // that is how a worker ends
		}
		return context.Cause(inner)
	})
}

// work does one step of work on a window. River calls it for each job, in up to Concurrency goroutines. What it
// returns tells River what to do with the job: nil ends it, JobSnooze makes it wait without counting an attempt, any
// other error counts as a failed one.
func (e *engine) work(ctx context.Context, j jobs.Job) error {
	if e.until.Err() != nil {
		return j.GoOn()
	}
	if wait := e.paused(); wait > 0 {
		return river.JobSnooze(wait)
	}
	defer e.tell()
	bound, release, ok := e.lease.bind(ctx)
	defer release()
	if !ok {
		return river.JobSnooze(e.pause)
	}
	w, err := e.Store.Begin(bound, j.Window)
	switch {
	case errors.Is(err, store.ErrDone), errors.Is(err, store.ErrRefused): // a plan that resumes the window makes another job
		return nil
	case errors.Is(err, store.ErrUnavailable) || errors.Is(bound.Err(), context.Canceled):
		return river.JobSnooze(e.pause)
	case err != nil:
		if endsRun(err) {
			e.end(err)
		}
		return err
	}
	e.tell()
	return e.settle(bound, j, w, e.copy(bound, w))
}

// copy reads a window that was begun until the window or the step ends. A panic, for example in a user's Port,
// becomes an error of this window and does not take down the process with all others.
func (e *engine) copy(ctx context.Context, w store.Window) (err error) {
	s := Stream{Name: w.Stream}
	if err := s.setQuery(w.Query); err != nil {
		return err
	}
	var total store.Counts
	step, over := e.step(&w)
	defer over()
	inner, end := e.Observer.Window(quota.WithStop(ctx, step.Done()), w)
	defer func() {
		if r := recover(); r != nil {
			e.Logger.Error("panic", "window", w.String(), "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
		end(total, err)
	}()
	return e.copyWindow(inner, s, w, step.Done(), func(added store.Counts, done bool) {
		total.Add(added)
		e.count(w.Stream, added)
		e.recovered()
		lag := time.Duration(0)
		if done {
			lag = e.lag(w.To)
		}
		e.Observer.Committed(inner, w.Stream, added, lag)
		if added.Pages > 0 || done { // else it only tells how a bulk extract is waited for
			e.progress.goesOn()
		}
		e.progress.touch()
	})
}

// step returns the context of a step of work on a window. One that reads a file ends with the run or with the file: each
// step begins with getting all of it, since its checksum comes before its rows.
func (e *engine) step(w *store.Window) (context.Context, context.CancelFunc) {
	if readByBulk(w) {
		return context.WithCancel(e.until)
	}
	return context.WithTimeout(e.until, e.Lease)
}

// count adds to what this process has committed.
func (e *engine) count(name StreamName, added store.Counts) {
	e.mu.Lock()
	defer e.mu.Unlock()
	total := e.totals[name]
	total.Add(added)
	e.totals[name] = total
}

// settle decides how a window goes on after a step: done, later, after a wait, or as a failed attempt.
func (e *engine) settle(ctx context.Context, j jobs.Job, w store.Window, err error) error {
	var used *fault.QuotaError
	var idle *waiting
	switch {
	case err == nil, errors.Is(err, store.ErrLost): // another job has the lost one
		return nil
	case errors.Is(err, errStopped), errors.Is(err, quota.ErrStopping):
		return j.GoOn()
	case errors.As(err, &idle):
		return river.JobSnooze(e.idle(w, idle))
	case errors.Is(ctx.Err(), context.Canceled): // by a stop, the end of the lease, or somebody who cancels the job
		return river.JobSnooze(e.pause)
	case errors.As(err, &used):
		return river.JobSnooze(e.quotaUsed(ctx, w, used, err))
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, quota.ErrNoWorker):
		return river.JobSnooze(e.pause)
	}
	return e.failed(ctx, j, w, err)
}

// failed counts a failed attempt. After the last one, or at once if no repetition can help, the window becomes failed
// and holds its stream back.
func (e *engine) failed(ctx context.Context, j jobs.Job, w store.Window, err error) error {
	err = storableError{refusedWindow(w, err)}
	final := j.Failures+1 >= e.MaxAttempts || permanent(err) || errors.Is(err, errNoFile)
	if endsRun(err) {
		e.end(failure(w, err, 0))
	}
	if !permanent(err) {
		e.backOff(err)
	}
	if !final {
		return err
	}
	e.Logger.Error("a window has failed and holds its stream back", "window", w.String(), "error", err)
	e.mu.Lock()
	e.failures[w.ID] = err
	e.mu.Unlock()
	return e.abandon(ctx, w, err)
}

// abandon marks the window as failed in the store, with a context of its own, since ctx may have ended.
func (e *engine) abandon(ctx context.Context, w store.Window, problem error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.grace)
	defer cancel()
	err := e.Store.Fail(ctx, w.Fence(), problem)
	switch {
	case err == nil:
		return river.JobCancel(problem)
	case errors.Is(err, store.ErrLost):
		return nil
	}
	e.Logger.Warn("a window could not be given up", "window", w.String(), "error", err)
	return river.JobSnooze(e.pause)
}

// longestBackOff bounds the pause of all windows.
const longestBackOff = time.Minute

// backOff begins a pause for all windows of this process, twice as long as the one before. If the service is away,
// all windows would otherwise use up calls and attempts at the same time. A failure during a pause does not extend
// it, because that call was begun before.
func (e *engine) backOff(why error) {
	e.mu.Lock()
	if now := time.Now(); !now.Before(e.resume) {
		e.wait = min(max(e.FirstRetry, 2*e.wait), longestBackOff)
		e.resume = now.Add(e.wait)
	}
	until := e.resume
	e.mu.Unlock()
	e.progress.waitFor("the service", until, why)
}

// paused returns how long no window may be begun yet.
func (e *engine) paused() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return time.Until(e.resume)
}

// recovered ends the pause, after a commit has shown that the service answers.
func (e *engine) recovered() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wait, e.resume = 0, time.Time{}
}

// storableError is an error whose text every database takes: PostgreSQL takes neither NUL nor what is not UTF-8.
type storableError struct{ error }

func (e storableError) Error() string {
	return store.Storable(e.error.Error())
}
func (e storableError) Unwrap() error { return e.error }

// quotaUsed tells the other workers that the day's calls are used up, if the service said so, and returns how long to
// wait. With FailOnQuota it ends the run.
func (e *engine) quotaUsed(ctx context.Context, w store.Window, quota *fault.QuotaError, err error) time.Duration {
	if e.FailOnQuota {
		e.end(failure(w, err, 0))
	}
	if e.Limiter != nil && fault.FromServer(err) {
		ctx, cancel := context.WithTimeout(ctx, e.grace)
		defer cancel()
		if err := e.Limiter.Exhausted(ctx); err != nil {
			e.Logger.Warn("the other workers do not know that the quota is used up", "error", err)
		}
	}
	return e.quotaWait(quota)
}

// idle returns how long the job of a window that waits for a bulk extract is put back. With FailOnQuota it ends the run if
// the volume of the day is used up.
func (e *engine) idle(w store.Window, idle *waiting) time.Duration {
	until := time.Now().Add(idle.wait)
	if idle.used != nil {
		until = idle.used.ResetsAt
		if e.FailOnQuota {
			e.end(failure(w, &VolumeError{idle.used}, 0))
		}
	}
	if idle.what != forTurn { // the others tell
		e.progress.waitFor(idle.what, until, nil)
	}
	e.tell()
	return min(idle.wait, e.snooze)
}

// quotaWait returns how long to wait before looking at the quota again. It is less than the time up to the reset,
// because the other programs that share the quota may leave calls, or the user may raise it.
func (e *engine) quotaWait(quota *fault.QuotaError) time.Duration {
	resets := quota.ResetsAt
	if resets.IsZero() {
		resets = fault.NextReset(time.Now())
	}
	e.progress.waitFor("the reset of the day's quota", resets, nil)
	e.tell()
	return min(max(time.Until(resets), e.pause), e.quota)
}

// endsRun reports whether no window can be copied any more.
func endsRun(err error) bool { return errors.Is(err, fault.ErrAuth) || ofStore(err) }

// ofStore reports whether the copy cannot be used and waiting does not help.
func ofStore(err error) bool {
	for _, class := range []error{store.ErrFull, store.ErrReadOnly, store.ErrNewer, store.ErrDamaged, store.ErrUnusable} {
		if errors.Is(err, class) {
			return true
		}
	}
	return false
}

// permanent reports whether trying the window again cannot help. A position that the service no longer accepts
// (20122) is not permanent, as the next attempt goes without it. A stream that does not end is, since each attempt
// would take very many calls; the next run tries it again.
func permanent(err error) bool {
	var argument *operations.ArgumentError
	switch {
	case endsRun(err), errors.Is(err, operations.ErrEndless):
		return true
	case unusable(err):
		return false
	}
	return errors.Is(err, fault.ErrInvalid) || errors.Is(err, fault.ErrNotFound) || errors.As(err, &argument)
}

// failure returns the error of a window that has failed; others is how many more have.
func failure(w store.Window, err error, others int) error {
	if ofStore(err) { // the window is not at fault
		return fmt.Errorf("%s: %w; what was committed before is as it was", w, err)
	}
	more := ""
	if others > 0 {
		more = fmt.Sprintf(" (and %d more)", others)
	}
	return fmt.Errorf("%s%s: %w; the next run tries again from there", w, more, err)
}
