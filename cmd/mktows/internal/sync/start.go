package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// How long a start waits for what is away, without --every: for the service as long as a run does, for a
// database not so long, since most often its address is wrong or it does not run.
const (
	startAttempts    = 12
	startPatience    = 5 * time.Minute
	databasePatience = 15 * time.Second
	longestStart     = time.Minute // between two attempts
)

// startRun opens the copy and makes the plan. A copy that does not exist is created last, after the service has
// answered and has accepted what is asked for, so that a refused request leaves nothing behind. Each step is retried
// as long as what is in the way may pass.
//
// The forecast is nil, without an error, if the plan itself has to wait for the quota of the next day. The session
// must be closed unless it is nil, also if there is an error.
func startRun(ctx context.Context, a *console.Console, f *syncFlags, t target) (s *session, forecast *leadsync.Forecast, err error) {
	var there bool
	if err := patiently(ctx, a, f, func() (err error) { there, err = t.holdsCopy(ctx); return err }); err != nil {
		return nil, nil, err
	}
	how := readWrite
	if !there {
		how = noAccess
	}
	if err := patiently(ctx, a, f, func() (err error) { s, err = openStreams(ctx, a, f, t, how); return err }); err != nil {
		return nil, nil, err
	}
	err = patiently(ctx, a, f, func() (err error) { forecast, err = estimate(ctx, a, s); return err })
	if errors.Is(err, fault.ErrQuota) && !f.noWait {
		a.Complain("no plan: " + err.Error())
		err = nil
	}
	if err == nil && !there {
		err = patiently(ctx, a, f, func() error { return attach(ctx, a, s, t, readWrite) })
		if err == nil {
			err = patiently(ctx, a, f, func() error { return s.countFirstCalls(ctx) })
		}
	}
	return s, forecast, err
}

// patiently calls try until it succeeds, waiting twice as long after each failure, up to a minute. It gives up at
// once on errors that time does not mend. With --every it goes on until ctx ends: such a process is started once, by
// nobody who would look at it, and has to survive a service or a database that is away for a night.
func patiently(ctx context.Context, a *console.Console, f *syncFlags, try func() error) error {
	begun, wait := time.Now(), time.Second
	for attempt := 1; ; attempt++ {
		err := try()
		what := waitsFor(err)
		if err == nil || what == "" || ctx.Err() != nil {
			return err
		}
		patience := startPatience
		if errors.Is(err, store.ErrUnavailable) {
			patience = databasePatience
		}
		if f.every == 0 && (attempt >= startAttempts || time.Since(begun)+wait > patience) {
			return fmt.Errorf("%w\ngave up after %s; with --every it would go on trying", err, output.Plural(attempt, "attempt"))
		}
		settings.Advise(a, err)
		a.Complain(fmt.Sprintf("waiting %s for %s: %s", output.About(wait), what, err))
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
		wait = min(2*wait, longestStart)
	}
}

// waitsFor returns what has to come back before another attempt makes sense, or "" if no attempt ever will.
func waitsFor(err error) string {
	var settings exit.SettingsError
	switch {
	case err == nil, errors.As(err, &settings):
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, quota.ErrNoWorker):
		return "the database"
	case errors.Is(err, fault.ErrQuota):
	case errors.Is(err, fault.ErrRateLimited), exit.CodeOf(err) == exit.Service:
		return "the service"
	}
	return ""
}

// stoppedStart returns the error of a run that was interrupted before it began. With --every, an interruption is the
// normal end.
func stoppedStart(ctx context.Context, a *console.Console, f *syncFlags, err error) error {
	if !errors.Is(context.Cause(ctx), context.Canceled) {
		return fmt.Errorf("%w; the last problem: %w", settings.Stopped(ctx, "sync run"), err)
	}
	if f.every > 0 {
		a.Complain("stopped before anything was begun")
		return nil
	}
	return settings.Stopped(ctx, "sync run")
}
