package leadsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/internal/jobs"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Run copies the streams up to the present: it plans a run of each and works, with the
// workers of other processes if there are any, until all windows are done. What an
// earlier run has left undone comes first. With Every it begins again and again until ctx ends.
//
// When ctx ends, windows stop at their next commit, calls that take longer than
// StopTimeout are cancelled, and Run returns the cause of ctx with Report.Stopped.
//
// Errors: of the Config; of each stream that has a failed window, joined, which do not
// stop the other streams; a *RefusedError of a stream that asks for what the service does not
// have; and those that end the run at once: a refused user (fault.ErrAuth), those of package store called ErrFull, ErrReadOnly,
// ErrDamaged, ErrUnusable, ErrOtherQuery, ErrUnavailable when the database was not reached for
// five minutes, and with FailOnQuota the *fault.QuotaError. With Every, failed windows and calls
// are logged, the next round tries again, and a database that is away is waited for.
// The Report is nil for a Config that cannot be used.
func Run(ctx context.Context, c *Config) (*Report, error) { return run(ctx, c, defaultTiming) }

func run(ctx context.Context, c *Config, t timing) (*Report, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	if len(c.Streams) == 0 {
		return nil, errors.New("leadsync: Config.Streams is empty; name what to copy")
	}
	e, err := newEngine(c, t)
	if err != nil {
		return nil, err
	}
	report := &Report{Runs: make([]store.RunStatus, len(c.Streams))}
	err = e.run(ctx, func(ctx context.Context) error { return e.rounds(ctx, report) })
	report.Stopped = report.Stopped && ctx.Err() != nil
	report.Copied = e.copied()
	e.finish(context.WithoutCancel(ctx), report)
	return report, err
}

// copied is what this process has committed, in the order of Config.Streams.
func (e *engine) copied() []store.Counts {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]store.Counts, len(e.Streams))
	for i, s := range e.Streams {
		all[i] = e.totals[s.Name]
	}
	return all
}

// finish puts the last word of the store into the report.
func (e *engine) finish(ctx context.Context, report *Report) {
	ctx, cancel := context.WithTimeout(ctx, e.grace)
	defer cancel()
	for i, r := range report.Runs {
		if now, err := e.Store.Run(ctx, r.ID); err == nil && now.ID != 0 {
			now.Resumed = r.Resumed
			report.Runs[i] = now
		}
	}
	e.progress.report(ctx)
}

// rounds does one round, or with Every one after another.
func (e *engine) rounds(ctx context.Context, report *Report) error {
	begun := time.Now()
	for {
		err := e.round(ctx, report.Runs)
		if ctx.Err() != nil {
			report.Stopped = err != nil
			return context.Cause(ctx)
		}
		var plan *planError
		if e.Every == 0 || errors.As(err, &plan) || endsRun(err) {
			return err
		}
		if err != nil {
			e.Logger.Error("this round has failed; the next one tries again", "error", err)
		}
		next := e.Every - time.Since(begun)%e.Every
		e.progress.waitFor("the next round", time.Now().Add(next), err)
		if !pause(ctx, next) {
			return context.Cause(ctx)
		}
		e.progress.waitFor("", time.Time{}, nil)
	}
}

// round brings each stream up to the present. The error of one does not stop the others.
func (e *engine) round(ctx context.Context, runs []store.RunStatus) error {
	errs := make([]error, len(e.Streams))
	var wg sync.WaitGroup
	for i, s := range e.Streams {
		wg.Go(func() { errs[i] = e.catchUp(ctx, s, &runs[i]) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// catchUp plans and waits until all windows are done. After windows that were left from
// before it plans once more.
func (e *engine) catchUp(ctx context.Context, s Stream, last *store.RunStatus) error {
	for {
		planned, err := e.plan(ctx, s)
		if err != nil {
			return err
		}
		if planned.ID == 0 {
			return nil
		}
		*last = planned
		e.progress.follow(planned)
		if err := e.await(ctx, s); err != nil {
			return err
		}
		if !planned.Resumed {
			return nil
		}
	}
}

// planError is an error of planning that trying again does not help.
type planError struct{ error }

func (e *planError) Unwrap() error { return e.error }

// plan plans a run of a stream, which may take calls: those are tried again, as windows are.
func (e *engine) plan(ctx context.Context, s Stream) (store.RunStatus, error) {
	waited := false
	for attempt := 1; ; {
		run, again, err := e.tryPlan(ctx, s)
		var dayOver *fault.QuotaError
		wait := e.pause
		switch {
		case err == nil:
			if attempt > 1 || waited {
				e.progress.waitFor("", time.Time{}, nil)
			}
			return run, nil
		case ctx.Err() != nil:
			return run, context.Cause(ctx)
		case errors.As(err, &dayOver) && !e.FailOnQuota:
			wait = e.quotaWait(dayOver)
		case errors.Is(err, store.ErrUnavailable), errors.Is(err, quota.ErrNoWorker): // for how long is the lease's business
			waited = true
			e.progress.waitFor("the database", time.Now().Add(wait), err)
		case !again || permanent(err):
			return run, &planError{fmt.Errorf("leadsync: planning a run of stream %s: %w", s.Name, err)}
		case attempt >= e.MaxAttempts:
			return run, fmt.Errorf("leadsync: planning a run of stream %s: %w", s.Name, err)
		default:
			e.Logger.Warn("planning is tried again", "stream", s.Name, "error", err)
			wait = jobs.Spread(jobs.Retry{First: e.FirstRetry}.Wait(attempt))
			e.progress.waitFor("the service", time.Now().Add(wait), err)
			attempt++
		}
		if !pause(ctx, wait) {
			return run, context.Cause(ctx)
		}
	}
}

// tryPlan is one attempt; again tells that the error is one of a call.
func (e *engine) tryPlan(ctx context.Context, s Stream) (run store.RunStatus, again bool, err error) {
	var upper time.Time
	var leads []string
	err = e.ask(ctx, func(ctx context.Context) (err error) {
		if upper, err = e.serverNow(ctx); err == nil && s.Name == LeadActivity {
			leads, err = e.chooseLeads(ctx, s)
		}
		return err
	})
	if err != nil {
		return run, true, err
	}
	upper = upper.Truncate(time.Second)
	proved, again, err := e.proveNew(ctx, s, upper, leads)
	if err != nil {
		return run, again, err
	}
	for {
		var planned store.Planned
		run, err = e.planWith(ctx, s, func(st store.StreamState) (_ store.Planned, err error) {
			if st.Query != proved {
				return store.Planned{}, errChanged
			}
			planned, err = planRun(s, st, upper, leads)
			return planned, err
		})
		if err != nil || run.ID != 0 || len(planned.Resume) == 0 {
			return run, errors.Is(err, errChanged), err
		}
		// What was to be resumed has been finished meanwhile by another worker.
	}
}

// errChanged says that what was proved is not what would be stored.
var errChanged = errors.New("another process has changed the query of the stream meanwhile")

// proveNew proves what of a stream is new, and returns the query that the copy had then; again is
// as for tryPlan.
func (e *engine) proveNew(ctx context.Context, s Stream, upper time.Time, leads []string) (query string, again bool, err error) {
	st, err := e.look(ctx, s)
	if err != nil {
		return "", false, err
	}
	p, err := s.unproved(st, leads)
	if err != nil || !p.needed() {
		return st.Query, false, err
	}
	return st.Query, true, e.ask(ctx, func(ctx context.Context) error { return e.prove(ctx, p, upper) })
}

// ask makes the calls that a plan needs. Only they are bound to the lease: many windows
// take longer to store.
func (e *engine) ask(ctx context.Context, calls func(context.Context) error) error {
	bound, release, ok := e.lease.bind(ctx)
	defer release()
	if !ok {
		return store.ErrUnavailable
	}
	err := calls(bound)
	if err != nil && errors.Is(context.Cause(bound), errLeaseEnds) {
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, errLeaseEnds)
	}
	return err
}

// planWith stores what plan decides, and makes jobs for the windows that have none. A process that dies in between leaves
// windows without jobs, which the next plan resumes. The jobs of windows that are dropped end when they begin.
func (e *engine) planWith(ctx context.Context, s Stream, plan func(store.StreamState) (store.Planned, error)) (store.RunStatus, error) {
	run, windows, err := e.Store.Plan(ctx, s.kept(), plan)
	if err == nil {
		err = e.queue.Enqueue(ctx, windows, true)
	}
	return run, err
}

// await waits until no window of the stream is left, whoever copies them. It looks for windows without a job soon after the
// plan, since that found the jobs that were just ending and made no others, and then less and less often.
func (e *engine) await(ctx context.Context, s Stream) error {
	sound, seen, look := time.Now(), time.Now(), e.pause
	for {
		changed := e.changes.wait()
		waiting, failed, err := e.Store.Unfinished(ctx, s.Name)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && (endsRun(err) || !errors.Is(err, store.ErrUnavailable) && time.Since(sound) > e.giveUp):
			return fmt.Errorf("leadsync: stream %s: %w", s.Name, err)
		case err != nil: // for how long ErrUnavailable may last is the lease's business
			e.Logger.Debug("looking at the windows", "stream", s.Name, "error", err)
		case waiting == 0 && failed == 0:
			return nil
		case waiting == 0:
			return e.failedWindows(ctx, s)
		default:
			sound = time.Now()
		}
		if err == nil && time.Since(seen) > look {
			seen, look = time.Now(), min(2*look, e.Lease)
			if err := e.renewJobs(ctx, s); err != nil {
				return err
			}
		}
		e.progress.touch()
		select {
		case <-changed:
		case <-ctx.Done():
		case <-time.After(e.poll):
		}
	}
}

// renewJobs makes jobs for windows that have lost theirs, for example because somebody
// has cancelled it in River. An error is one that ends the run.
func (e *engine) renewJobs(ctx context.Context, s Stream) error {
	pending, err := e.windows(ctx, s, store.Pending)
	if err == nil {
		err = e.queue.Enqueue(ctx, pending, false)
	}
	if err != nil && ctx.Err() == nil {
		e.Logger.Debug("looking for windows without a job", "stream", s.Name, "error", err)
	}
	if endsRun(err) {
		return fmt.Errorf("leadsync: stream %s: %w", s.Name, err)
	}
	return nil
}

// windows returns those of a stream that are in a state, oldest first.
func (e *engine) windows(ctx context.Context, s Stream, state store.State) (all []store.Window, err error) {
	_, _, err = e.Store.Plan(ctx, s.kept(), func(st store.StreamState) (store.Planned, error) { // only looks
		all = slices.DeleteFunc(slices.Clone(st.Unfinished), func(w store.Window) bool { return w.State != state })
		return store.Planned{}, nil
	})
	return all, err
}

// failedWindows is the error of a stream that is held back.
func (e *engine) failedWindows(ctx context.Context, s Stream) error {
	failed, err := e.windows(ctx, s, store.Failed)
	if err != nil {
		return fmt.Errorf("leadsync: stream %s has failed windows: %w", s.Name, err)
	}
	if len(failed) == 0 { // another process tries again already
		return fmt.Errorf("leadsync: stream %s had failed windows, which another process tries again", s.Name)
	}
	e.mu.Lock()
	err = e.failures[failed[0].ID]
	e.mu.Unlock()
	if err == nil {
		err = errors.New(failed[0].Error)
	}
	return failure(failed[0], err, len(failed)-1)
}
