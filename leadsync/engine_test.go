package leadsync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river/rivertype"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/internal/jobs"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

func TestRetryPolicy(t *testing.T) {
	t.Parallel()
	p := jobs.Retry{First: time.Second}
	total := time.Duration(0)
	for attempt, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 9: 256 * time.Second, 10: jobs.LongestRetry, 1000: jobs.LongestRetry} {
		if got := p.Wait(attempt); got != want {
			t.Errorf("after attempt %d: %s, want %s", attempt, got, want)
		}
		for range 100 {
			if next := time.Until(p.NextRetry(&rivertype.JobRow{Attempt: attempt})); next > want*3/2+1 {
				t.Errorf("after attempt %d: %s, want 3/2 of %s at most", attempt, next, want)
			}
		}
	}
	for attempt := 1; attempt < 12; attempt++ { // the default of MaxAttempts
		total += p.Wait(attempt)
	}
	if total < 15*time.Minute || total > 25*time.Minute {
		t.Errorf("the attempts take %s, want about 20 minutes, as Config says", total)
	}
}

func TestBackOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &engine{Config: (&Config{FirstRetry: 5 * time.Second}).withDefaults()}
		e.progress = newProgress(e)
		want := func(d time.Duration) {
			t.Helper()
			for range 4 { // windows that fail together
				e.backOff(nil)
			}
			if got := e.paused(); got != d {
				t.Errorf("paused for %s, want %s", got, d)
			}
			if e.progress.waiting != "the service" || time.Until(e.progress.until) != d {
				t.Errorf("waiting for %q until %s", e.progress.waiting, e.progress.until)
			}
			time.Sleep(d / 2)
			e.backOff(nil)
			if got := e.paused(); got != d/2 {
				t.Errorf("paused for %s after half of it", got)
			}
			time.Sleep(d / 2)
			if got := e.paused(); got > 0 {
				t.Errorf("paused for %s after the end", got)
			}
		}
		for _, seconds := range []int{5, 10, 20, 40, 60, 60} {
			want(time.Duration(seconds) * time.Second)
		}
		e.backOff(nil)
		e.recovered()
		if got := e.paused(); got > 0 {
			t.Errorf("paused for %s after a commit", got)
		}
		want(5 * time.Second)
	})
}

func TestCallsLeft(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		run  store.RunStatus
		want int
	}{
		{"nothing done", store.RunStatus{Windows: 10, Counts: store.Counts{Calls: 3}}, -1},
		{"half", store.RunStatus{Windows: 10, Done: 5, Counts: store.Counts{Calls: 20}}, 20},
		{"rounded up", store.RunStatus{Windows: 10, Done: 3, Counts: store.Counts{Calls: 10}}, 24},
		{"failed", store.RunStatus{Windows: 10, Done: 9, Failed: 1, Counts: store.Counts{Calls: 20}}, 0},
		{"done", store.RunStatus{Windows: 10, Done: 10, Counts: store.Counts{Calls: 20}}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := callsLeft(tt.run); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

func TestPermanent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err              error
		permanent, final bool // final: of the run
	}{
		{fault.New(fault.CodeInternal, ""), false, false},
		{fault.New(fault.CodeRateLimitExceeded, ""), false, false},
		{errors.New("something else"), false, false},
		{context.DeadlineExceeded, false, false},
		{fault.New(fault.CodeBadParameter, ""), true, false},
		{fault.New(fault.CodeListNotFound, ""), true, false},
		{&operations.ArgumentError{}, true, false},
		{fault.New(fault.CodeAuthenticationFailed, ""), true, true},
		{store.ErrFull, true, true},
		{store.ErrReadOnly, true, true},
		{store.ErrNewer, true, true},
		{store.ErrDamaged, true, true},
		{store.ErrUnusable, true, true},
		{store.ErrUnavailable, false, false},
		{fault.New(fault.CodeBadStreamPosition, ""), false, false},
		{fault.New(fault.CodeStreamAtEnd, ""), false, false},
		{operations.ErrStalled, false, false},
		{operations.ErrEndless, true, false},
		{errors.Join(fault.New(fault.CodeBadStreamPosition, ""), store.ErrFull), true, true},
	}
	for _, tt := range tests {
		err := fmt.Errorf("wrapped: %w", tt.err)
		if permanent(err) != tt.permanent || endsRun(err) != tt.final {
			t.Errorf("%v: permanent %t, ends the run %t; want %t, %t", tt.err, permanent(err), endsRun(err), tt.permanent, tt.final)
		}
	}
}

// beating is a store that takes signs of life, or not.
type beating struct {
	store.Store
	err atomic.Pointer[error]
}

func (b *beating) Heartbeat(ctx context.Context, _ string, _ time.Duration) error {
	if err := b.err.Load(); err != nil {
		return *err
	}
	return ctx.Err()
}

func (b *beating) fails(err error) { b.err.Store(&err) }

func newLease(t *testing.T, b *beating) (*lease, chan error) {
	t.Helper()
	failed := make(chan error, 1)
	l := &lease{
		store: b, worker: "w", length: 100 * time.Millisecond, logger: slog.New(slog.DiscardHandler), giveUp: time.Hour,
		tell: func() {}, fail: func(err error) {
			select {
			case failed <- err:
			default:
			}
		},
	}
	if err := l.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() { defer close(ended); l.keep(ctx) }()
	t.Cleanup(func() { cancel(); <-ended; l.close() })
	return l, failed
}

func TestLease(t *testing.T) {
	t.Parallel()
	b := &beating{}
	l, _ := newLease(t, b)
	bind := func() (context.Context, func()) {
		for { // a slow machine may lose a lease at any time
			if ctx, release, ok := l.bind(t.Context()); ok {
				return ctx, release
			}
			<-time.After(time.Millisecond)
		}
	}
	ctx, release := bind()
	b.fails(store.ErrUnavailable)
	<-ctx.Done()
	if cause := context.Cause(ctx); cause != errLeaseEnds {
		t.Errorf("cause: %v", cause)
	}
	release()
	if _, _, ok := l.bind(t.Context()); ok || !l.lost() {
		t.Error("work may begin without a lease")
	}
	b.err.Store(nil)
	ctx, release = bind()
	release()
	if cause := context.Cause(ctx); cause != context.Canceled && cause != errLeaseEnds {
		t.Errorf("cause after release: %v", cause)
	}
}

func TestLeaseGivesUp(t *testing.T) {
	t.Parallel()
	b := &beating{}
	_, failed := newLease(t, b)
	b.fails(fmt.Errorf("copy.db: %w", store.ErrFull))
	if err := <-failed; !errors.Is(err, store.ErrFull) {
		t.Errorf("error: %v", err)
	}

	failed = make(chan error, 1)
	l := &lease{giveUp: time.Nanosecond, sound: time.Now().Add(-time.Minute), fail: func(err error) { failed <- err }}
	l.complain(errors.New("no route"))
	if err := <-failed; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("error: %v", err)
	}
}

func TestNewQueueOfUnknown(t *testing.T) {
	t.Parallel()
	if _, err := (&Config{Store: staffed{}}).queue(time.Second, nil); err == nil {
		t.Error("no error")
	}
}

// listing is a queue with jobs that River takes for running.
type listing struct {
	jobs.Queue

	rows     []*rivertype.JobRow
	replaced []int64
}

func (q *listing) Running(context.Context) ([]*rivertype.JobRow, error) { return q.rows, nil }

func (q *listing) Replace(_ context.Context, stale []*rivertype.JobRow) error {
	for _, row := range stale {
		q.replaced = append(q.replaced, row.ID)
	}
	return nil
}

// staffed is a store with two workers, one of which is dead.
type staffed struct{ store.Store }

func (staffed) Workers(context.Context) ([]store.WorkerStatus, error) {
	return []store.WorkerStatus{{Name: "alive", Alive: true}, {Name: "dead"}}, nil
}

func TestSweep(t *testing.T) {
	t.Parallel()
	c := (&Config{Store: staffed{}, Worker: "me"}).withDefaults()
	e := &engine{Config: c, suspects: map[int64]int{}, active: map[int64]jobs.Job{15: {ID: 5}}}
	row := func(id int64, by string, attempt int, metadata string) *rivertype.JobRow {
		return &rivertype.JobRow{ID: id, AttemptedBy: []string{"before", by}, Attempt: attempt, Metadata: []byte(metadata),
			EncodedArgs: fmt.Appendf(nil, `{"window": %d}`, id+10)}
	}
	again := row(7, "me", 1, `{}`)
	rows := []*rivertype.JobRow{
		row(1, "dead", 1, `{}`), row(2, "unheard of", 1, `{"snoozes": 3}`), row(3, "alive", 1, `{}`),
		row(4, "dead", 1, `{"cancel_attempted_at": "2026-03-08T00:00:00Z"}`), row(5, "me", 1, `{}`), row(6, "me", 1, `{}`), again,
	}
	for _, tt := range []struct {
		first bool
		want  []int64
	}{
		{false, []int64{1, 2}},
		{false, []int64{1, 2, 6}}, // 7 has begun anew
		{true, []int64{1, 2, 5, 6, 7}},
	} {
		q := &listing{rows: rows}
		e.queue = q
		if tt.first {
			e.active = nil // nothing has begun
		}
		if err := e.sweep(t.Context(), tt.first); err != nil || !slices.Equal(q.replaced, tt.want) {
			t.Errorf("first %t: replaced %v, want %v; error %v", tt.first, q.replaced, tt.want, err)
		}
		again.Attempt++
	}
}
