package sqlquota_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/internal/sqlquota"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/sqlstore/postgres"
	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
)

const testInstance = "mktows.example.com"

// limiterStore is a new copy on SQLite.
func limiterStore(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "leads.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// limiterBubble runs a test in virtual time, with a copy on SQLite.
func limiterBubble(t *testing.T, f func(t *testing.T, s *sqlite.Store)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { f(t, limiterStore(t)) })
}

// limiterOf returns the limiter of a worker that lives for a day.
func limiterOf(t *testing.T, s sqlstore.Copy, worker string, l quota.Limits) *sqlquota.Limiter {
	t.Helper()
	beatFor(t, s, worker, 24*time.Hour)
	return s.Limiter(testInstance, worker, l).(*sqlquota.Limiter)
}

func beatFor(t *testing.T, s sqlstore.Copy, worker string, lease time.Duration) {
	t.Helper()
	if err := s.Heartbeat(t.Context(), worker, lease); err != nil {
		t.Error(err)
	}
}

func acquireCall(t *testing.T, l quota.Limiter) (release func(sent bool)) {
	t.Helper()
	release, err := l.Acquire(t.Context())
	if err != nil {
		t.Error(err)
		return func(bool) {}
	}
	return release
}

// openCalls tells how many calls the database takes for open.
func openCalls(t *testing.T, s *sqlite.Store) (n int) {
	t.Helper()
	err := sqldb.InTx(t.Context(), sqlcore.Database(s), func(tx sqldb.Tx) error {
		return sqldb.QueryRow(t.Context(), tx, []any{&n}, `SELECT count(*) FROM sync_calls WHERE ended IS NULL`)
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

func TestLimiter_window(t *testing.T) {
	limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
		l := limiterOf(t, s, "one", quota.Limits{Calls: 2, Per: 20 * time.Second, Concurrent: 1})
		begin := time.Now()
		var starts []time.Duration
		for range 5 {
			release := acquireCall(t, l)
			starts = append(starts, time.Since(begin))
			time.Sleep(time.Second)
			release(true)
			release(true) // again does nothing
		}
		// A place is taken until 20.2 s after the end of its call.
		want := []time.Duration{0, 1 * time.Second, 21200 * time.Millisecond, 22200 * time.Millisecond, 42400 * time.Millisecond}
		if diff := cmp.Diff(want, starts); diff != "" {
			t.Error(diff)
		}
		if unsaved := l.ToSave(); len(unsaved) != 0 {
			t.Errorf("%d ends are kept, although the database knows them", len(unsaved))
		}
	})
}

func TestLimiter_concurrency(t *testing.T) {
	limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
		limits := quota.Limits{Calls: -1, Concurrent: 2, Daily: -1}
		one, other := limiterOf(t, s, "one", limits), limiterOf(t, s, "other", limits)
		first, second := acquireCall(t, one), acquireCall(t, other)
		begin := time.Now()
		waited := map[*sqlquota.Limiter]time.Duration{}
		var mu sync.Mutex
		for _, l := range []*sqlquota.Limiter{one, other} {
			go func() {
				release := acquireCall(t, l)
				defer release(true)
				mu.Lock()
				defer mu.Unlock()
				waited[l] = time.Since(begin)
			}()
		}
		time.Sleep(3 * time.Second)
		first(true) // its own worker knows at once, the other one has to ask
		time.Sleep(time.Second)
		second(true)
		time.Sleep(time.Second)
		mu.Lock()
		defer mu.Unlock()
		if waited[one] != 3*time.Second {
			t.Errorf("the worker itself waited for %s, want 3s", waited[one])
		}
		if d := waited[other]; d < 3*time.Second || d > 3200*time.Millisecond {
			t.Errorf("the other worker waited for %s, want little more than 3s", d)
		}
		if n := openCalls(t, s); n != 0 {
			t.Errorf("%d calls are open in the end", n)
		}
	})
}

func TestLimiter_inOrderOfArrival(t *testing.T) {
	limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
		l := limiterOf(t, s, "one", quota.Limits{Calls: 1, Per: time.Second})
		release := acquireCall(t, l)
		var order []int
		var mu sync.Mutex
		for i := range 6 {
			go func() {
				release := acquireCall(t, l)
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				release(true)
			}()
			synctest.Wait()
		}
		release(true)
		time.Sleep(10 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if want := []int{0, 1, 2, 3, 4, 5}; !slices.Equal(order, want) {
			t.Errorf("order %v", order)
		}
	})
}

func TestLimiter_contextEnds(t *testing.T) {
	limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
		l := limiterOf(t, s, "one", quota.Limits{Concurrent: 1, Daily: 10})
		release := acquireCall(t, l)
		for range 2 { // one asks the database, the other one queues
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if _, err := l.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error %v", err)
				}
			}()
		}
		time.Sleep(2 * time.Second)
		release(true)
		acquireCall(t, l)(true)
		q, err := l.Quota(t.Context())
		if err != nil || q.Used != 2 {
			t.Errorf("quota %+v, error %v; want 2 used", q, err)
		}
	})
}

func TestLimiter_none(t *testing.T) {
	t.Parallel()
	l := sqlquota.NewLimiter(nil, testInstance, "one", quota.Limits{Calls: -1, Concurrent: -1, Daily: -1}) // there is no database to ask
	for range 3 {
		acquireCall(t, l)
	}
	if err := l.Exhausted(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Acquire(t.Context()); !errors.Is(err, fault.ErrQuota) {
		t.Errorf("error %v after Exhausted", err)
	}
}

func TestEffective(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want quota.Limits }{
		{quota.Limits{}, quota.Limits{Calls: 100, Per: 20 * time.Second, Concurrent: 10, Daily: 10_000}},
		{quota.Limits{Per: -1}, quota.Limits{Calls: -1, Per: -1, Concurrent: 10, Daily: 10_000}},
		{
			quota.Limits{Calls: 5, Per: time.Second, Concurrent: -1, Daily: -7, Reserve: -3},
			quota.Limits{Calls: 5, Per: time.Second, Concurrent: -1, Daily: -1},
		},
	} {
		if diff := cmp.Diff(test.want, sqlquota.Effective(test.in)); diff != "" {
			t.Errorf("%+v: %s", test.in, diff)
		}
	}
}

// traffic is what a service sees of calls: when they were under way, and when they arrived.
type traffic struct {
	mu     sync.Mutex
	calls  []seenCall
	enough int    // calls; 0: no number is
	stop   func() // called then
}

type seenCall struct{ start, arrival, end time.Time }

func (tr *traffic) add(c seenCall) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.calls = append(tr.calls, c)
	if len(tr.calls) == tr.enough {
		tr.stop()
	}
}

// check fails if limits were passed. It returns how many calls were under way at most.
func (tr *traffic) check(t *testing.T, l quota.Limits) (peak int) {
	t.Helper()
	slices.SortFunc(tr.calls, func(a, b seenCall) int { return a.arrival.Compare(b.arrival) })
	for i := l.Calls; i < len(tr.calls); i++ {
		if d := tr.calls[i].arrival.Sub(tr.calls[i-l.Calls].arrival); d < l.Per {
			t.Errorf("calls %d to %d, more than %d, arrived within %s", i-l.Calls, i, l.Calls, d)
		}
	}
	type change struct {
		at time.Time
		by int
	}
	var changes []change
	for _, c := range tr.calls {
		changes = append(changes, change{c.start, 1}, change{c.end, -1})
	}
	slices.SortFunc(changes, func(a, b change) int {
		if d := a.at.Compare(b.at); d != 0 {
			return d
		}
		return a.by - b.by
	})
	running := 0
	for _, c := range changes {
		running += c.by
		peak = max(peak, running)
	}
	if peak > l.Concurrent {
		t.Errorf("%d calls at once", peak)
	}
	return peak
}

// make makes calls of up to d until ctx ends, and leaves the last one open then.
func (tr *traffic) make(ctx context.Context, t *testing.T, l quota.Limiter, d time.Duration) {
	for {
		release, err := l.Acquire(ctx)
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, quota.ErrNoTurn) { // not before the end
				t.Error(err)
			}
			return
		}
		c := seenCall{start: time.Now()}
		timer := time.NewTimer(rand.N(d))
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		c.end = time.Now()
		c.arrival = c.start.Add(time.Duration(rand.Float64() * float64(c.end.Sub(c.start))))
		switch rand.N(4) { // the extremes
		case 0:
			c.arrival = c.start
		case 1:
			c.arrival = c.end
		}
		tr.add(c)
		if ctx.Err() != nil {
			return
		}
		release(true)
	}
}

// work lets one worker make calls in several goroutines for a time.
func (tr *traffic) work(ctx context.Context, t *testing.T, s sqlstore.Copy, name string, lim quota.Limits, d, life, lease time.Duration) {
	alive, die := context.WithTimeout(ctx, life)
	defer die()
	beatFor(t, s, name, lease)
	l := s.Limiter(testInstance, name, lim)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { tr.make(alive, t, l, d) })
	}
	ticker := time.NewTicker(lease / 4)
	defer ticker.Stop()
	for alive.Err() == nil {
		select {
		case <-ticker.C:
			beatFor(t, s, name, lease)
		case <-alive.Done():
		}
	}
	all.Wait()
}

func TestLimiter_manyWorkers(t *testing.T) {
	t.Parallel()
	const length = 20 * time.Second
	for _, test := range []struct {
		name string
		l    quota.Limits
		call time.Duration // the longest
		life time.Duration // of a worker, twice that at most; another one takes its place
		rate float64       // of the limit of calls, at least
	}{
		{"window", quota.Limits{Calls: 20, Per: 2 * time.Second, Concurrent: 5}, 100 * time.Millisecond, time.Hour, 0.9},
		{"concurrency", quota.Limits{Calls: 20, Per: 2 * time.Second, Concurrent: 3}, time.Second, time.Hour, 0.5},
		{"deaths", quota.Limits{Calls: 20, Per: 2 * time.Second, Concurrent: 5}, 300 * time.Millisecond, 4 * time.Second, 0.3},
	} {
		t.Run(test.name, func(t *testing.T) {
			limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
				var tr traffic
				ctx, cancel := context.WithTimeout(t.Context(), length)
				defer cancel()
				var all sync.WaitGroup
				for i := range 3 {
					all.Go(func() {
						for n := 0; ctx.Err() == nil; n++ {
							tr.work(ctx, t, s, fmt.Sprintf("worker-%d-%d", i, n), test.l, test.call, test.life+rand.N(test.life), 2*time.Second)
						}
					})
				}
				all.Wait()
				if peak := tr.check(t, test.l); peak < test.l.Concurrent/2 {
					t.Errorf("%d calls at once; the test shows nothing", peak)
				}
				most := float64(test.l.Calls) * float64(length) / float64(test.l.Per)
				if rate := float64(len(tr.calls)) / most; rate < test.rate {
					t.Errorf("%d calls, %.2f of the limit; want %.2f", len(tr.calls), rate, test.rate)
				}
			})
		})
	}
}

func TestLimiter_postgres(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	l := quota.Limits{Calls: 20, Per: 200 * time.Millisecond, Concurrent: 4}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tr := traffic{enough: 8 * l.Calls, stop: cancel}
	var all sync.WaitGroup
	for i := range 3 {
		s, err := postgres.Open(t.Context(), url)
		if err != nil {
			t.Error(err)
			cancel()
			break
		}
		defer s.Close()
		// The lease is long: a machine that halts for a while must not fail the test.
		all.Go(func() {
			tr.work(ctx, t, s, fmt.Sprintf("worker-%d", i), l, 40*time.Millisecond, 24*time.Hour, 24*time.Hour)
		})
	}
	all.Wait()
	tr.check(t, l)
}

// eachLimiterStore runs a test on SQLite and on PostgreSQL.
func eachLimiterStore(t *testing.T, f func(t *testing.T, s sqlstore.Copy)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, limiterStore(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		s, err := postgres.Open(t.Context(), pgtest.Database(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		f(t, s)
	})
}

func TestLimiter_quota(t *testing.T) {
	eachLimiterStore(t, func(t *testing.T, s sqlstore.Copy) {
		limits := quota.Limits{Calls: -1, Concurrent: -1, Daily: 50, Reserve: 10}
		var mu sync.Mutex
		made := 0
		var all sync.WaitGroup
		for i := range 8 {
			l := limiterOf(t, s, fmt.Sprint("worker-", i), limits)
			all.Go(func() {
				for {
					release, err := l.Acquire(t.Context())
					if err != nil {
						checkQuotaError(t, err, "40 of the 50 calls a day", "10 are kept")
						return
					}
					release(true)
					mu.Lock()
					made++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if made != 40 {
			t.Errorf("%d calls, want 40", made)
		}
		one := limiterOf(t, s, "one", limits)
		q, err := one.Quota(t.Context())
		if err != nil || q.Used != 40 || q.Left() != 0 || q.Daily != 50 || q.Reserve != 10 || !q.ResetsAt.After(time.Now()) {
			t.Errorf("quota %+v, error %v", q, err)
		}
		acquireCall(t, limiterOf(t, s, "one", quota.Limits{Daily: 41}))(true) // one that may take more
		acquireCall(t, s.Limiter("other.example.com", "one", limits))(true)   // another instance
		one.Now = func(context.Context, sqldb.Tx) (time.Time, error) { return q.ResetsAt, nil }
		beatFor(t, s, "one", 48*time.Hour)
		acquireCall(t, one)(true)
		if q, err := one.Quota(t.Context()); err != nil || q.Used != 1 {
			t.Errorf("quota on the next day %+v, error %v", q, err)
		}
	})
}

func checkQuotaError(t *testing.T, err error, texts ...string) {
	t.Helper()
	var quota *fault.QuotaError
	if !errors.As(err, &quota) || !quota.ResetsAt.After(time.Now()) {
		t.Errorf("error %v", err)
		return
	}
	for _, text := range append(texts, quota.ResetsAt.Format("2006-01-02T15:04 MST"), testInstance) {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is not in %q", text, err)
		}
	}
}

func TestLimiter_exhausted(t *testing.T) {
	eachLimiterStore(t, func(t *testing.T, s sqlstore.Copy) {
		one, other := limiterOf(t, s, "one", quota.Limits{Daily: 5}), limiterOf(t, s, "other", quota.Limits{Daily: 5})
		acquireCall(t, one)(true)
		for range 2 {
			if err := one.Exhausted(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, l := range []*sqlquota.Limiter{one, other} {
			_, err := l.Acquire(t.Context())
			checkQuotaError(t, err, "5 of the 5")
		}
		if q, err := one.Quota(t.Context()); err != nil || q.Used != 5 {
			t.Errorf("quota %+v, error %v", q, err)
		}
		none := limiterOf(t, s, "one", quota.Limits{Daily: -1})
		acquireCall(t, none)(true)
		if err := none.Exhausted(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := none.Acquire(t.Context())
		checkQuotaError(t, err, "has refused a call of this day")
		if q, err := none.Quota(t.Context()); err != nil || q.Left() != -1 {
			t.Errorf("quota %+v, error %v", q, err)
		}
	})
}

func TestLimiter_nextDay(t *testing.T) {
	limiterBubble(t, func(t *testing.T, s *sqlite.Store) { // time begins at midnight UTC, six hours before the reset
		for _, daily := range []int{1, -1} {
			l := limiterOf(t, s, "one", quota.Limits{Daily: daily})
			acquireCall(t, l)(true)
			if err := l.Exhausted(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(fault.NextReset(time.Now())) - time.Second)
			if _, err := l.Acquire(t.Context()); !errors.Is(err, fault.ErrQuota) {
				t.Errorf("error %v before the reset", err)
			}
			time.Sleep(2 * time.Hour)
			beatFor(t, s, "one", time.Hour)
			acquireCall(t, l)(true)
		}
	})
}

// TestLimiter_refusedJustAfterTheTurn: the refusal may be one of the day before, by a clock
// that is behind ours.
func TestLimiter_refusedJustAfterTheTurn(t *testing.T) {
	eachLimiterStore(t, func(t *testing.T, s sqlstore.Copy) {
		l := limiterOf(t, s, "one", quota.Limits{})
		turn := fault.NextReset(time.Now())
		at := turn.Add(2 * time.Second)
		l.Now = func(context.Context, sqldb.Tx) (time.Time, error) { return at, nil }
		if err := s.Heartbeat(t.Context(), "one", 96*time.Hour); err != nil {
			t.Fatal(err)
		}
		if err := l.Exhausted(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Acquire(t.Context()); !errors.Is(err, fault.ErrQuota) {
			t.Errorf("error %v at once", err)
		}
		at = turn.Add(time.Hour)
		acquireCall(t, l)(true)
	})
}

func TestLimiter_deadWorker(t *testing.T) {
	eachLimiterStore(t, func(t *testing.T, s sqlstore.Copy) {
		l := s.Limiter(testInstance, "one", quota.Limits{})
		if _, err := l.Acquire(t.Context()); !errors.Is(err, quota.ErrNoWorker) || !strings.Contains(err.Error(), "one") {
			t.Errorf("error %v for a worker that nobody has heard of", err)
		}
		beatFor(t, s, "one", time.Hour)
		acquireCall(t, l)(true)
		beatFor(t, s, "one", -time.Second)
		if _, err := l.Acquire(t.Context()); !errors.Is(err, quota.ErrNoWorker) {
			t.Errorf("error %v for a dead worker", err)
		}
	})
}

// A worker that dies gives its share back when its lease ends, and its calls stay in the
// window from then on.
func TestLimiter_deathGivesBack(t *testing.T) {
	limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
		limits := quota.Limits{Calls: 2, Per: 20 * time.Second, Concurrent: 2}
		dead, one := limiterOf(t, s, "dead", limits), limiterOf(t, s, "one", limits)
		acquireCall(t, dead)
		acquireCall(t, dead)
		beatFor(t, s, "dead", 10*time.Second)
		begin := time.Now()
		acquireCall(t, one)(true)
		if d := time.Since(begin); d < 30*time.Second || d > 31*time.Second {
			t.Errorf("a place was free after %s, want 10s + 20s", d)
		}
	})
}

// TestLimiter_processThatDied: a copy for one process is opened again at once after a death. The service may still be busy with
// the calls of the dead, so that the next process begins none beside them before their leases have ended.
func TestLimiter_processThatDied(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "leads.db")
		limits := quota.Limits{Calls: 100, Per: 20 * time.Second, Concurrent: 2}
		dead := func(lease time.Duration, calls int) {
			s, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			beatFor(t, s, "worker", lease)
			l := s.Limiter(testInstance, "worker", limits)
			for range calls {
				acquireCall(t, l)
			}
			if err := s.Close(); err != nil { // as the end of a process does, it ends no call
				t.Fatal(err)
			}
		}
		begin := time.Now()
		dead(3*time.Second, 1)
		dead(5*time.Second, 1)
		dead(-time.Second, 0)
		s, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if n := openCalls(t, s); n != 2 {
			t.Errorf("%d calls are under way, want 2", n)
		}
		if status, err := s.Status(t.Context()); err != nil || len(status.Workers) != 0 {
			t.Errorf("workers %+v, %v; want none", status.Workers, err)
		}
		one := limiterOf(t, s, "one", limits)
		acquireCall(t, one)(true)
		acquireCall(t, one)(true)
		if d := time.Since(begin); d < 5*time.Second || d > 6*time.Second {
			t.Errorf("a place was free after %s, want 5s", d)
		}
	})
}

func TestLimiter_clockJumps(t *testing.T) {
	for _, jump := range []time.Duration{-time.Hour, -5 * time.Second, 5 * time.Second, time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
				l := limiterOf(t, s, "one", quota.Limits{Calls: 2, Per: 20 * time.Second})
				acquireCall(t, l)(true)
				acquireCall(t, l)(true)
				time.Sleep(10 * time.Second)
				l.Now = func(context.Context, sqldb.Tx) (time.Time, error) { return time.Now().UTC().Add(jump), nil }
				begin := time.Now()
				acquireCall(t, l)(true)
				if d := time.Since(begin); d < 10*time.Second || d > 21*time.Second {
					t.Errorf("it took %s until there was a place; at least 10s, at most 20.2s", d)
				}
			})
		})
	}
}

// faulty is a database of which the connection breaks before or after a commit.
type faulty struct {
	sqldb.DB
	before, after atomic.Bool
	failed        atomic.Int32 // how often it broke before
}

var errBroken = errors.New("the connection is broken")

func (f *faulty) Begin(ctx context.Context) (sqldb.Tx, error) {
	if f.before.Load() {
		f.failed.Add(1)
		return nil, errBroken
	}
	tx, err := f.DB.Begin(ctx)
	return faultyTx{tx, f}, err
}

type faultyTx struct {
	sqldb.Tx
	db *faulty
}

func (t faultyTx) Commit(ctx context.Context) error {
	err := t.Tx.Commit(ctx)
	if t.db.after.Load() {
		err = errBroken
	}
	return err
}

func TestLimiter_endsAreNotLost(t *testing.T) {
	limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
		l := limiterOf(t, s, "one", quota.Limits{Calls: 1, Per: 20 * time.Second})
		f := &faulty{DB: l.DB}
		l.DB = f
		ctx, cancel := context.WithCancel(t.Context())
		release, err := l.Acquire(ctx)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		release(true)
		if n := openCalls(t, s); n != 0 {
			t.Errorf("%d calls are open after the end of one that was cancelled", n)
		}
		time.Sleep(time.Minute)

		release = acquireCall(t, l)
		f.before.Store(true)
		release(true)
		if _, err := l.Acquire(t.Context()); !errors.Is(err, errBroken) {
			t.Errorf("error %v without a connection", err)
		}
		if n := openCalls(t, s); n != 1 {
			t.Errorf("%d calls are open while the database cannot be reached, want 1", n)
		}
		time.Sleep(10 * time.Second)
		f.before.Store(false)
		begin := time.Now()
		acquireCall(t, l)(true) // the call counts from its end, not from when that became known
		if d := time.Since(begin); d < 10*time.Second || d > 11*time.Second {
			t.Errorf("the next place was free after %s, want 10.2s", d)
		}
		time.Sleep(time.Minute)

		f.after.Store(true) // the call is in the database, and nobody got it
		if _, err := l.Acquire(t.Context()); !errors.Is(err, errBroken) {
			t.Errorf("error %v of a commit", err)
		}
		f.after.Store(false)
		time.Sleep(time.Minute)
		release = acquireCall(t, l)
		f.before.Store(true)
		release(true)
		time.Sleep(10 * time.Second)
		f.before.Store(false)
		time.Sleep(10 * time.Second)
		if n := openCalls(t, s); n != 0 { // without another call
			t.Errorf("%d calls are open in the end", n)
		}
	})
}

// TestLimiter_endsAreSavedForAMinute: without calls nobody asks a database for ever that does not come back.
func TestLimiter_endsAreSavedForAMinute(t *testing.T) {
	limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
		l := limiterOf(t, s, "one", quota.Limits{})
		f := &faulty{DB: l.DB}
		l.DB = f
		release := acquireCall(t, l)
		f.before.Store(true)
		release(true)
		time.Sleep(time.Hour)
		if n := f.failed.Load(); n != 7 { // at once, and after 1, 2, 4, 8, 16 and 32 s more
			t.Errorf("asked %d times, want 7", n)
		}
		f.before.Store(false)
		acquireCall(t, l)(true) // saves what is left
		if n := openCalls(t, s); n != 0 || len(l.ToSave()) != 0 {
			t.Errorf("%d calls are open, %d ends are not saved", n, len(l.ToSave()))
		}
	})
}

// TestLimiter_addSavesEnds: whoever adds calls, none also, has the database know the ends.
func TestLimiter_addSavesEnds(t *testing.T) {
	limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
		l := limiterOf(t, s, "one", quota.Limits{})
		f := &faulty{DB: l.DB}
		l.DB = f
		release := acquireCall(t, l)
		f.before.Store(true)
		release(true)
		time.Sleep(time.Hour) // nobody tries any more
		f.before.Store(false)
		if err := l.Add(t.Context(), 0); err != nil {
			t.Error(err)
		}
		if n := openCalls(t, s); n != 0 || len(l.ToSave()) != 0 {
			t.Errorf("%d calls are open, %d ends are not saved", n, len(l.ToSave()))
		}
	})
}

// countedOf returns what the database has counted for a day.
func countedOf(t *testing.T, l *sqlquota.Limiter, resetsAt time.Time) (used int) {
	t.Helper()
	err := sqldb.InTx(t.Context(), l.DB, func(tx sqldb.Tx) error {
		return sqldb.QueryRow(t.Context(), tx, []any{&used}, `SELECT coalesce(max(used), 0) FROM sync_quotas WHERE resets_at = ?`, sqldb.Seconds(resetsAt))
	})
	if err != nil {
		t.Error(err)
	}
	return used
}

// TestLimiter_givesBack: a service that is away uses up nothing.
func TestLimiter_givesBack(t *testing.T) {
	eachLimiterStore(t, func(t *testing.T, s sqlstore.Copy) {
		l := limiterOf(t, s, "one", quota.Limits{Calls: 20, Per: time.Hour, Daily: 5})
		for range 10 {
			release := acquireCall(t, l)
			release(false)
			release(true) // again does nothing
		}
		acquireCall(t, l)(true)
		q, err := l.Quota(t.Context())
		if err != nil || q.Used != 1 {
			t.Errorf("quota %+v, error %v; want 1 used", q, err)
		}

		release := acquireCall(t, l) // on the next day the call counts for the one before
		next := q.ResetsAt.Add(time.Second)
		l.Now = func(context.Context, sqldb.Tx) (time.Time, error) { return next, nil }
		beatFor(t, s, "one", 72*time.Hour)
		acquireCall(t, l)(true)
		release(false)
		if before, after := countedOf(t, l, q.ResetsAt), countedOf(t, l, fault.NextReset(next)); before != 1 || after != 1 {
			t.Errorf("%d calls on one day and %d on the next, want 1 and 1", before, after)
		}
	})
}

// TestLimiter_givesBackNoRefusal: what the service has said of the day stands.
func TestLimiter_givesBackNoRefusal(t *testing.T) {
	eachLimiterStore(t, func(t *testing.T, s sqlstore.Copy) {
		l := limiterOf(t, s, "one", quota.Limits{Daily: 5})
		l.Now = func(context.Context, sqldb.Tx) (time.Time, error) {
			return time.Date(2026, 3, 8, 18, 0, 0, 0, time.UTC), nil
		}
		release := acquireCall(t, l)
		if err := l.Exhausted(t.Context()); err != nil {
			t.Fatal(err)
		}
		release(false)
		if q, err := l.Quota(t.Context()); err != nil || q.Used != 5 {
			t.Errorf("quota %+v, error %v; want 5 used", q, err)
		}
	})
}

// TestLimiter_givesBackOnce: whatever becomes of the transaction that does it.
func TestLimiter_givesBackOnce(t *testing.T) {
	limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
		l := limiterOf(t, s, "one", quota.Limits{Calls: 2, Per: time.Hour, Daily: 10})
		begin := time.Now()
		f := &faulty{DB: l.DB}
		l.DB = f
		used := func(want int, when string) {
			t.Helper()
			if q, err := l.Quota(t.Context()); err != nil || q.Used != want {
				t.Errorf("%s: quota %+v, error %v; want %d used", when, q, err, want)
			}
		}
		kept, release := acquireCall(t, l), acquireCall(t, l)
		f.before.Store(true)
		release(false)
		used(2, "without a connection")
		f.before.Store(false)
		time.Sleep(10 * time.Second)
		used(1, "with one again")

		release = acquireCall(t, l)
		f.after.Store(true)
		release(false)
		used(1, "after a commit that went unnoticed")
		f.after.Store(false)
		time.Sleep(10 * time.Second)
		used(1, "after its repetition")

		f.after.Store(true) // the call is in the database, and nobody got it
		if _, err := l.Acquire(t.Context()); !errors.Is(err, errBroken) {
			t.Errorf("error %v of a commit", err)
		}
		f.after.Store(false)
		release = acquireCall(t, l)
		used(2, "after a call that nobody got")
		release(true)
		kept(true)
		if d := time.Since(begin); d > time.Minute {
			t.Errorf("it took %s; what is given back leaves its place in the window", d)
		}
		if n := openCalls(t, s); n != 0 {
			t.Errorf("%d calls are open in the end", n)
		}
	})
}

// A call that gets no turn before its deadline does not wait for it, whoever has taken the places.
func TestLimiter_noTurn(t *testing.T) {
	limiterBubble(t, func(t *testing.T, s *sqlite.Store) {
		limits := quota.Limits{Calls: 2, Per: 20 * time.Second, Concurrent: 2, Daily: 100}
		one, other := limiterOf(t, s, "one", limits), limiterOf(t, s, "other", limits)
		acquireCall(t, other)(true)
		time.Sleep(5 * time.Second)
		acquireCall(t, other)(true)
		within := func(d time.Duration) (took time.Duration, err error) {
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			release, err := one.Acquire(ctx)
			if err == nil {
				release(true)
			}
			return time.Since(began), err
		}
		if took, err := within(10 * time.Second); !errors.Is(err, quota.ErrNoTurn) || !errors.Is(err, context.DeadlineExceeded) || took != 0 {
			t.Errorf("after %s: %v", took, err)
		}
		first := make(chan error, 1)
		go func() { // its turn comes in 15.2 s
			_, err := within(19 * time.Second)
			first <- err
		}()
		synctest.Wait()
		// The place that comes first is for the one ahead.
		if took, err := within(18 * time.Second); !errors.Is(err, quota.ErrNoTurn) || took != 0 {
			t.Errorf("behind another, after %s: %v", took, err)
		}
		if took, err := within(21 * time.Second); err != nil || took < 20*time.Second {
			t.Errorf("with time enough, after %s: %v", took, err)
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
	})
}
