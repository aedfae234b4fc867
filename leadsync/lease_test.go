package leadsync

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/internal/jobs"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// givenUp is a store that remembers what was given up, and with what.
type givenUp struct {
	store.Store
	problem error
	err     error // of Fail
}

func (g *givenUp) Fail(_ context.Context, _ store.Fence, problem error) error {
	g.problem = problem
	return g.err
}

// settling returns an engine over a store.
func settling(dest store.Store) *engine {
	e := &engine{Config: (&Config{Store: dest, MaxAttempts: 3}).withDefaults(), timing: quick, failures: map[int64]error{}, totals: map[StreamName]store.Counts{}}
	e.progress = newProgress(e)
	return e
}

var settled = store.Window{ID: 1, Stream: Activities, Query: "{}"}

// TestSettle_lastAttempt: a window fails with its last attempt, or with the first that cannot help.
func TestSettle_lastAttempt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		before int
		err    error
		final  bool
	}{
		{0, errors.New("broken"), false},
		{1, errors.New("broken"), false},
		{2, errors.New("broken"), true},
		{0, fault.New(fault.CodeBadParameter, ""), true},
	} {
		dest := &givenUp{}
		err := settling(dest).settle(t.Context(), jobs.Job{Failures: tt.before}, settled, tt.err)
		var cancelled *river.JobCancelError
		if errors.As(err, &cancelled) != tt.final || (dest.problem != nil) != tt.final {
			t.Errorf("%v after %d failures: River is told %v, the store %v; final %t", tt.err, tt.before, err, dest.problem, tt.final)
		}
	}
}

// TestSettle: what a step ends with is no failure of the window unless the window is at fault.
func TestSettle(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, tt := range []struct {
		name    string
		err     error
		snoozes bool
		counted bool
	}{
		{"done", nil, false, false},
		{"lost", store.ErrLost, false, false}, // it is another job's
		{"stopped after a commit", errStopped, true, false},
		{"stopping", quota.ErrStopping, true, false},
		{"no database", store.ErrUnavailable, true, false},
		{"broken", broken, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := settling(&givenUp{})
			err := e.settle(t.Context(), jobs.Job{}, settled, tt.err)
			var snoozed *river.JobSnoozeError
			if errors.As(err, &snoozed) != tt.snoozes || errors.Is(err, broken) != tt.counted {
				t.Errorf("River is told %v", err)
			}
			if paused := e.paused() > 0; paused != tt.counted {
				t.Errorf("paused %t", paused)
			}
		})
	}
}

// TestSettle_givesUpOnce: what cannot be written as failed is tried again, unless somebody else has the window.
func TestSettle_givesUpOnce(t *testing.T) {
	t.Parallel()
	var snoozed *river.JobSnoozeError
	final := fault.New(fault.CodeBadParameter, "")
	if err := settling(&givenUp{err: store.ErrUnavailable}).settle(t.Context(), jobs.Job{}, settled, final); !errors.As(err, &snoozed) {
		t.Errorf("without database River is told %v", err)
	}
	if err := settling(&givenUp{err: store.ErrLost}).settle(t.Context(), jobs.Job{}, settled, final); err != nil {
		t.Errorf("of a lost window River is told %v", err)
	}
}

// TestLease_endsBeforeTheStores: others may take over when the store's lease ends, so work ends well before.
func TestLease_endsBeforeTheStores(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const length = 12 * time.Second
		b := &beating{}
		l := &lease{workers: b, worker: "w", length: length, logger: slog.New(slog.DiscardHandler), tell: func() {}}
		if err := l.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.close()
		begun := time.Now() // of the store's lease
		ctx, release, ok := l.bind(t.Context())
		defer release()
		if !ok {
			t.Fatal("no lease")
		}
		<-ctx.Done()
		if ended := time.Since(begun); ended > length-length/6 || ended < length/2 {
			t.Errorf("work ends after %s of a lease of %s", ended, length)
		}
		if context.Cause(ctx) != errLeaseEnds {
			t.Errorf("cause %v", context.Cause(ctx))
		}
	})
}

// slow is a registry whose answers take their time.
type slow struct {
	noRegistry
	takes time.Duration
}

func (s slow) Heartbeat(context.Context, string, time.Duration) error {
	time.Sleep(s.takes)
	return nil
}

// TestLease_countsFromTheRequest: nobody knows when in between the store has begun its lease.
func TestLease_countsFromTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const length, takes = 12 * time.Second, 3 * time.Second
		l := &lease{workers: slow{takes: takes}, worker: "w", length: length, logger: slog.New(slog.DiscardHandler), tell: func() {}}
		begun := time.Now()
		if err := l.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.close()
		ctx, release, _ := l.bind(t.Context())
		defer release()
		<-ctx.Done()
		if ended := time.Since(begun); ended != length-length/6 {
			t.Errorf("work ends %s after the request, want %s", ended, length-length/6)
		}
	})
}

// TestLease_gaveUp: a patient lease waits on, another one gives up; neither waits where it cannot help.
func TestLease_gaveUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		patient bool
		silent  time.Duration
		err     error
		want    error
	}{
		{"away for long", false, time.Hour, store.ErrUnavailable, store.ErrUnavailable},
		{"away for a moment", false, time.Second, store.ErrUnavailable, nil},
		{"an unknown error for long", false, time.Hour, errors.New("x"), store.ErrUnavailable},
		{"patient", true, time.Hour, store.ErrUnavailable, nil},
		{"patient, damaged", true, time.Hour, store.ErrDamaged, store.ErrDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var failed error
			l := &lease{
				giveUp: time.Minute, patient: tt.patient, sound: time.Now().Add(-tt.silent), logger: slog.New(slog.DiscardHandler),
				fail: func(err error) { failed = err },
			}
			l.complain(tt.err)
			if !errors.Is(failed, tt.want) || (failed == nil) != (tt.want == nil) {
				t.Errorf("error %v, want %v", failed, tt.want)
			}
		})
	}
}

// diary writes down when it is told that a worker lives.
type diary struct {
	noRegistry
	begun time.Time
	fails map[int]bool // by number, from 0
	at    []time.Duration
}

func (d *diary) Heartbeat(context.Context, string, time.Duration) error {
	d.at = append(d.at, time.Since(d.begun))
	if d.fails[len(d.at)-1] {
		return store.ErrUnavailable
	}
	return nil
}

// TestLease_keepsTime: a sign of life is given well before the lease ends, and tried again soon when it fails.
func TestLease_keepsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &diary{begun: time.Now(), fails: map[int]bool{2: true, 3: true}}
		l := &lease{workers: d, length: 30 * time.Second, giveUp: time.Hour, logger: slog.New(slog.DiscardHandler), tell: func() {}}
		if err := l.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.close()
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		l.keep(ctx)
		want := []time.Duration{0, 10 * time.Second, 20 * time.Second, 23 * time.Second, 26 * time.Second, 36 * time.Second}
		if !slices.Equal(d.at, want) || time.Since(d.begun) != 40*time.Second {
			t.Errorf("signs of life at %v, want %v; ended after %s", d.at, want, time.Since(d.begun))
		}
	})
}

// TestLease_startsLate: a database that is away at first has as long as one that is away later.
func TestLease_startsLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &diary{fails: map[int]bool{}}
		for i := range 100 {
			d.fails[i] = true
		}
		var gaveUp time.Duration
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		begun := time.Now()
		l := &lease{workers: d, length: 30 * time.Second, giveUp: time.Minute, logger: slog.New(slog.DiscardHandler), tell: func() {},
			fail: func(error) { gaveUp = time.Since(begun); cancel() }}
		if err := l.start(ctx); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("error %v", err)
		}
		defer l.close()
		l.keep(ctx)
		if gaveUp <= time.Minute || gaveUp > time.Minute+3*time.Second {
			t.Errorf("gave up after %s, want little more than a minute", gaveUp)
		}
	})
}

// TestLease_spare: where no other process can take over, work goes on for some leases longer while the database is slow.
func TestLease_spare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const length = 12 * time.Second
		l := &lease{
			workers: &diary{}, length: length, spare: spareOf(&diary{}, length), logger: slog.New(slog.DiscardHandler), tell: func() {},
		}
		if err := l.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.close()
		time.Sleep(4*length - length/6 - time.Second)
		if l.lost() {
			t.Error("work was cancelled while others could not take it over")
		}
		time.Sleep(2 * time.Second)
		if !l.lost() {
			t.Error("work goes on without a database")
		}
	})
	if spare := spareOf(shared{}, time.Second); spare != 0 {
		t.Errorf("the spare time is %s where others can take over", spare)
	}
}

// shared is a registry of several processes.
type shared struct{ quota.Registry }

// TestLease_goesOn: work that was paused goes on with the next sign of life, unless the lease is closed.
func TestLease_goesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told atomic.Int32
		l := &lease{workers: &diary{}, length: 12 * time.Second, logger: slog.New(slog.DiscardHandler), tell: func() { told.Add(1) }}
		want := func(when string, lost, lives bool, changes int32) {
			t.Helper()
			_, release, ok := l.bind(t.Context())
			release()
			if l.lost() != lost || ok != lives || told.Load() != changes {
				t.Errorf("%s: lost %t, lives %t, told %d times", when, l.lost(), ok, told.Load())
			}
		}
		renew := func() {
			t.Helper()
			if err := l.renew(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if err := l.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		want("started", false, true, 0)
		l.expire() // late: it was renewed meanwhile
		want("renewed", false, true, 0)
		time.Sleep(11 * time.Second)
		want("silent", true, false, 1)
		renew()
		want("heard again", false, true, 2)
		time.Sleep(9 * time.Second)
		renew()
		time.Sleep(9 * time.Second)
		want("renewed in time", false, true, 2)
		l.close()
		want("closed", false, false, 2)
		renew()
		time.Sleep(time.Minute)
		want("renewed after the end", false, false, 2)
	})
}

func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		if !pause(t.Context(), time.Minute) || time.Since(begun) != time.Minute {
			t.Errorf("paused for %s", time.Since(begun))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if pause(ctx, time.Hour) || time.Since(begun) != time.Minute+time.Second {
			t.Errorf("paused for %s, longer than the context", time.Since(begun))
		}
		for range 20 { // both are due
			if pause(ctx, 0) {
				t.Error("goes on after the end of the context")
			}
		}
	})
}

// TestLease_touches: a worker whose jobs cannot be touched is as good as dead.
func TestLease_touches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		touched := 0
		l := &lease{workers: &diary{}, length: 12 * time.Second, logger: slog.New(slog.DiscardHandler), tell: func() {}}
		l.touch = func(context.Context) error {
			if touched++; touched > 1 {
				return store.ErrUnavailable
			}
			return nil
		}
		if err := l.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.close()
		if err := l.renew(t.Context()); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("error %v", err)
		}
		if time.Sleep(11 * time.Second); !l.lost() || touched != 2 {
			t.Errorf("lost %t, touched %d times", l.lost(), touched)
		}
	})
}
