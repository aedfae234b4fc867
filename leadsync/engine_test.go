package leadsync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river/rivertype"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/internal/jobs"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
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

// A commit ends what was waited for, but it may be told after the run has seen it and waits for the next round.
func TestProgress_goesOn(t *testing.T) {
	t.Parallel()
	p := newProgress(&engine{Config: (&Config{}).withDefaults()})
	for what, want := range map[string]string{"the service": "", "the database": "", nextRound: nextRound} {
		p.waitFor(what, time.Now(), errors.New("a reason"))
		if p.goesOn(); p.waiting != want || (p.problem == "") != (want == "") {
			t.Errorf("after %q: %q, %q", what, p.waiting, p.problem)
		}
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

// beating takes signs of life, or not.
type beating struct {
	noRegistry
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
		workers: b, worker: "w", length: 100 * time.Millisecond, logger: slog.New(slog.DiscardHandler), giveUp: time.Hour,
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

// TestRegistryOf: what knows of workers may be wrapped, or not be there.
func TestRegistryOf(t *testing.T) {
	t.Parallel()
	keeper := struct {
		store.Store
		*beating
	}{nil, &beating{}}
	if r := registryOf(wrapping{keeper}); r != quota.Registry(keeper) {
		t.Errorf("%T", r)
	}
	if r := registryOf(struct{ store.Store }{}); r != (noRegistry{}) {
		t.Errorf("%T", r)
	}
}

// wrapping is a store that wraps another.
type wrapping struct{ store.Store }

func (w wrapping) Unwrap() store.Store { return w.Store }

// riverInterval is how often River looks for jobs whose workers have died.
const riverInterval = 30 * time.Second

// TestSilence: the windows of a worker that has died go on within two minutes, even if River has just looked.
func TestSilence(t *testing.T) {
	t.Parallel()
	c := (&Config{}).withDefaults()
	const schedules = 5 * time.Second // how often River makes jobs available that have waited
	if took := silentLeases*c.Lease + c.Lease/3 + riverInterval + 2*c.FirstRetry + schedules; took > 2*time.Minute {
		t.Errorf("they go on after %s", took)
	}
}

// slowPort takes its time for each page.
type slowPort struct {
	gen.Port
	takes time.Duration
}

func (p slowPort) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	time.Sleep(p.takes)
	return p.Port.GetLeadChanges(ctx, in)
}

// notebook is a store that counts commits.
type notebook struct {
	store.Store
	commits int
}

func (*notebook) CommitRows() int { return 1 }

func (n *notebook) Commit(_ context.Context, c store.Commit) (store.Counts, error) {
	n.commits++
	return c.Counts, nil
}

// TestStep: a step ends with the first commit after a lease, and its job goes on where it is in the queue.
func TestStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Date(2026, 3, 8, 5, 0, 0, 0, time.UTC)
		sim := simulator.New(simulator.WithClock(func() time.Time { return begin.Add(time.Hour) }))
		l := simulator.Lead{ID: 101, Email: "lead@example.com"}
		for i := range 100 {
			l.Activities = append(l.Activities, simulator.Activity{Type: "VisitWebpage", Time: simulator.At(begin.Add(time.Duration(i) * 10 * time.Second))})
		}
		if _, err := sim.AddLead(l); err != nil {
			t.Fatal(err)
		}
		dest := &notebook{}
		e := settling(dest)
		e.Port, e.BatchSize, e.until = slowPort{sim, 10 * time.Second}, 5, t.Context()
		w := store.Window{ID: 1, Stream: Activities, Query: "{}", From: begin, To: begin.Add(time.Hour), Fresh: begin, Since: begin}
		begun := time.Now()
		err := e.copy(t.Context(), w)
		if took := time.Since(begun); !errors.Is(err, errStopped) || dest.commits == 0 || took < e.Lease || took > e.Lease+10*time.Second {
			t.Errorf("the step ended after %s and %d commits: %v", took, dest.commits, err)
		}
	})
}
