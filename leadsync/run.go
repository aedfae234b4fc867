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

// Run copies the streams up to the present: it plans a run of each stream and works, together with the workers of other
// processes if there are any, until all windows are done. Unfinished windows of earlier runs come first. With Every it
// starts a new round again and again until ctx ends.
//
// When ctx ends, windows stop at their next commit, calls that take longer than
// StopTimeout are cancelled, and Run returns the cause of ctx with Report.Stopped.
//
// Errors: those of the Config; one for each stream with a failed window, joined, none of which stops the other streams; a
// *RefusedError for a stream that asks for what the service does not have. Some errors end the run at once: a refused user
// (fault.ErrAuth); ErrFull, ErrReadOnly, ErrDamaged, ErrUnusable and ErrOtherQuery of package store, and ErrUnavailable once
// the database could not be reached for five minutes; and with FailOnQuota the *fault.QuotaError. With Every, failed
// windows and calls are logged and the next round tries again; Run then waits for a database that cannot be reached.
// The Report is nil if the Config cannot be used.
func Run(ctx context.Context, c *Config) (*Report, error) { return run(ctx, c, defaultTiming) }

// run is Run with other waiting times for tests.
func run(ctx context.Context, c *Config, t timing) (*Report, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	if len(c.Streams) == 0 {
		return nil, &FieldError{Field: "Streams", Problem: "is empty; name what to copy"}
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

// finish asks the store for the final state of each run, for the report. The runs may have been finished by other
// workers.
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

// rounds makes one round or, with Every, one after the other. The rounds keep to a fixed raster from the first
// beginning, so that a long round does not shift the following ones. Only an error that the next round would meet as
// well ends them.
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
		e.progress.waitFor(nextRound, time.Now().Add(next), err)
		if !pause(ctx, next) {
			return context.Cause(ctx)
		}
		e.progress.waitFor("", time.Time{}, nil)
	}
}

// round brings each stream up to the present. The streams are independent, and an error of one does not stop the
// others.
func (e *engine) round(ctx context.Context, runs []store.RunStatus) error {
	errs := make([]error, len(e.Streams))
	var wg sync.WaitGroup
	for i, s := range e.Streams {
		wg.Go(func() { errs[i] = e.catchUp(ctx, s, &runs[i]) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// catchUp plans a run of a stream and waits until all of its windows are done. If the run was one that an earlier
// process had left unfinished, it plans again afterwards, up to the present.
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

// planError is an error of planning that the next round would meet as well.
type planError struct{ error }

func (e *planError) Unwrap() error { return e.error }

// plan plans a run of a stream. Planning needs calls, at least one for the server's time, and those are retried as
// the calls of windows are. It waits for a database that is away without counting attempts: how long that may last is
// for the lease to decide.
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
			return run, &planError{fmt.Errorf("planning a run of stream %s: %w", s.Name, err)}
		case attempt >= e.MaxAttempts:
			return run, fmt.Errorf("planning a run of stream %s: %w", s.Name, err)
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

// tryPlan makes one attempt at planning; again reports that the error is that of a call, which may be retried.
//
// Calls are made first and the transaction after them, because a transaction must not stay open during a call.
// Between the two another process may have changed the query of the stream; then what was proved is not what would be
// stored, and the attempt is repeated.
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
		if err == nil && run.ID != 0 {
			run.Resumed = run.Resumed || planned.Since.IsZero() // windows in place of unfinished ones; see switched
			e.cancelExtracts(ctx, planned.Drop)
		}
		if err != nil || run.ID != 0 || len(planned.Resume) == 0 {
			return run, errors.Is(err, errChanged), err
		}
		// What was to be resumed has been finished meanwhile by another worker.
	}
}

// cancelExtracts gives up the jobs of windows that are not read any more, to make room for others. It does not matter if
// that fails: they end by themselves.
func (e *engine) cancelExtracts(ctx context.Context, dropped []store.Window) {
	for i := range dropped {
		at, err := parsePosition(dropped[i].Position)
		if err != nil || at.Extract == nil || !at.Extract.occupies() || e.Extracts == nil {
			continue
		}
		err = e.ask(ctx, func(ctx context.Context) error { return e.Extracts.Cancel(ctx, at.Extract.Job) })
		if err != nil {
			e.Logger.Info("a bulk extract that nobody needs was not cancelled", "job", at.Extract.Job, "error", err)
		}
	}
}

// errChanged says that another process has changed the query between the proof and the plan.
var errChanged = errors.New("another process has changed the query of the stream meanwhile")

// proveNew tries with a call what is new about a stream, and returns the query that the copy had at that time; again
// is as for tryPlan.
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

// ask makes calls that are needed for a plan, bound to the lease. The transaction of the plan is not bound: storing
// many windows may take longer than a lease.
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

// planWith stores what plan decides and makes jobs for the windows. These are two steps, as the store and River's
// tables may be in different places. A process that dies in between leaves windows without jobs, which await finds.
// The jobs of windows that were dropped end by themselves when a worker gets them.
func (e *engine) planWith(ctx context.Context, s Stream, plan func(store.StreamState) (store.Planned, error)) (store.RunStatus, error) {
	run, windows, err := e.Store.Plan(ctx, s.kept(), plan)
	if err == nil {
		err = e.queue.Enqueue(ctx, windows, true)
	}
	return run, err
}

// await waits until no window of the stream is left unfinished, whoever copies them. It looks for windows without a job soon
// after the plan, since that found the jobs that were just ending and made no others, and then less and less often.
func (e *engine) await(ctx context.Context, s Stream) error {
	sound, seen, look := time.Now(), time.Now(), e.pause
	for {
		changed := e.changes.wait()
		waiting, failed, err := e.Store.Unfinished(ctx, s.Name)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && (endsRun(err) || !errors.Is(err, store.ErrUnavailable) && time.Since(sound) > e.giveUp):
			return fmt.Errorf("stream %s: %w", s.Name, err)
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

// renewJobs makes jobs for pending windows without one, as after a job that somebody cancelled by hand in River. It
// only returns errors that end the run.
func (e *engine) renewJobs(ctx context.Context, s Stream) error {
	err := e.queue.Renew(ctx, func() ([]store.Window, error) { return e.windows(ctx, s, store.WindowPending) })
	if err != nil && ctx.Err() == nil {
		e.Logger.Debug("looking for windows without a job", "stream", s.Name, "error", err)
	}
	if endsRun(err) {
		return fmt.Errorf("stream %s: %w", s.Name, err)
	}
	return nil
}

// windows returns the unfinished windows of a stream that are in a state, oldest first.
func (e *engine) windows(ctx context.Context, s Stream, state store.State) (all []store.Window, err error) {
	_, _, err = e.Store.Plan(ctx, s.kept(), func(st store.StreamState) (store.Planned, error) { // only looks
		all = slices.DeleteFunc(slices.Clone(st.Unfinished), func(w store.Window) bool { return w.State != state })
		return store.Planned{}, nil
	})
	return all, err
}

// failedWindows returns the error of a stream with failed windows. The error of the attempt itself is known only if
// it was made in this process; otherwise the text in the store has to do.
func (e *engine) failedWindows(ctx context.Context, s Stream) error {
	failed, err := e.windows(ctx, s, store.WindowFailed)
	if err != nil {
		return fmt.Errorf("stream %s has failed windows: %w", s.Name, err)
	}
	if len(failed) == 0 { // another process tries again already
		return fmt.Errorf("stream %s had failed windows, which another process tries again", s.Name)
	}
	e.mu.Lock()
	err = e.failures[failed[0].ID]
	e.mu.Unlock()
	if err == nil {
		err = errors.New(failed[0].Error)
	}
	return failure(failed[0], err, len(failed)-1)
}
