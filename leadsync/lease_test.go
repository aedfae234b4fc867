package leadsync

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"

	"github.com/mktows/mktows-go/fault"
)

// claims is a store that remembers how claims were given back.
type claims struct {
	Store
	problems []error
	final    bool // the last one
}

func (c *claims) Release(_ context.Context, _ Claim, problem error, final bool) error {
	c.problems, c.final = append(c.problems, problem), final
	return nil
}

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
		store := &claims{}
		e := &engine{Config: (&Config{Store: store, MaxAttempts: 3}).withDefaults(), timing: quick, failures: map[int64]error{}}
		e.progress = newProgress(e)
		_ = e.settle(t.Context(), Window{ID: 1, Stream: Activities, Query: "{}", Attempts: tt.before}, tt.err) // for River
		if store.final != tt.final {
			t.Errorf("%v after %d attempts: final %t, want %t", tt.err, tt.before, store.final, tt.final)
		}
	}
}

// TestSettle: what an attempt ends with is no failure of the window unless the window is at fault. A claim that was
// lost is neither given back nor counted: it is another worker's.
func TestSettle(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, tt := range []struct {
		name     string
		err      error
		released int
		counted  bool
	}{
		{"done", nil, 0, false},
		{"lost", ErrLost, 0, false},
		{"stopped after a commit", errStopped, 1, false},
		{"stopping", ErrStopping, 1, false},
		{"no database", ErrUnavailable, 1, false},
		{"broken", broken, 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := &claims{}
			e := &engine{Config: (&Config{Store: store}).withDefaults(), timing: quick, failures: map[int64]error{}}
			e.progress = newProgress(e)
			err := e.settle(t.Context(), Window{ID: 1, Stream: Activities, Query: "{}"}, tt.err)
			var snoozed *river.JobSnoozeError
			if snooze := errors.As(err, &snoozed); snooze != (tt.err != nil && !tt.counted) {
				t.Errorf("River is told %v", err)
			}
			if len(store.problems) != tt.released {
				t.Fatalf("given back %d times, want %d", len(store.problems), tt.released)
			}
			if tt.released > 0 && (store.problems[0] != nil) != tt.counted {
				t.Errorf("the problem is %v", store.problems[0])
			}
			if paused := e.paused() > 0; paused != tt.counted {
				t.Errorf("paused %t", paused)
			}
		})
	}
}

// TestLease_endsBeforeTheStores: others may take over when the store's lease ends, so work ends well before.
func TestLease_endsBeforeTheStores(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const length = 12 * time.Second
		b := &beating{}
		l := &lease{store: b, worker: "w", length: length, logger: slog.New(slog.DiscardHandler), tell: func() {}}
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

// slow is a store whose answers take their time.
type slow struct {
	Store
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
		l := &lease{store: slow{takes: takes}, worker: "w", length: length, logger: slog.New(slog.DiscardHandler), tell: func() {}}
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
		err     error
		want    error
	}{
		{"away for long", false, ErrUnavailable, ErrUnavailable},
		{"an unknown error for long", false, errors.New("x"), ErrUnavailable},
		{"patient", true, ErrUnavailable, nil},
		{"patient, damaged", true, ErrDamaged, ErrDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var failed error
			l := &lease{
				giveUp: time.Minute, patient: tt.patient, sound: time.Now().Add(-time.Hour), logger: slog.New(slog.DiscardHandler),
				fail: func(err error) { failed = err },
			}
			l.complain(tt.err)
			if !errors.Is(failed, tt.want) || (failed == nil) != (tt.want == nil) {
				t.Errorf("error %v, want %v", failed, tt.want)
			}
		})
	}
}
