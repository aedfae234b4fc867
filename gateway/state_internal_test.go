package gateway

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstate"
	"github.com/mktows/mktows-go/limits"
)

var errBroken = errors.New("the disk is broken")

// testStore is a state that can break. It stands for one of several processes, or for the only one.
type testStore struct {
	*sqlstate.State

	sole   bool
	broken atomic.Bool
	hangs  atomic.Bool // whoever asks it waits until the context ends
	asked  atomic.Int64
}

// hang waits if the store does not answer.
func (s *testStore) hang(ctx context.Context) error {
	s.asked.Add(1)
	if !s.hangs.Load() {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (s *testStore) Sole() bool { return s.sole }

func (s *testStore) err() error {
	if s.broken.Load() {
		return errBroken
	}
	return nil
}

func (s *testStore) Heartbeat(ctx context.Context, worker string, lease time.Duration) error {
	if err := errors.Join(s.err(), s.hang(ctx)); err != nil {
		return err
	}
	return s.State.Heartbeat(ctx, worker, lease)
}

func (s *testStore) PutImport(ctx context.Context, name string, note []byte, until time.Time) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.State.PutImport(ctx, name, note, until)
}

func (s *testStore) Import(ctx context.Context, name string) ([]byte, error) {
	if err := s.err(); err != nil {
		return nil, err
	}
	return s.State.Import(ctx, name)
}

func (s *testStore) Limiter(instance, worker string, l quota.Limits) quota.Limiter {
	return &testLimiter{addingLimiter: s.State.Limiter(instance, worker, l).(addingLimiter), store: s}
}

type addingLimiter interface {
	quota.Limiter
	Add(ctx context.Context, calls int) error
}

// testLimiter can be read while its store is broken, as a file on a full disk can.
type testLimiter struct {
	addingLimiter
	store *testStore
	added atomic.Int64
}

func (l *testLimiter) Acquire(ctx context.Context) (func(bool), error) {
	if err := l.store.err(); err != nil {
		return nil, err
	}
	release, err := l.addingLimiter.Acquire(ctx)
	return func(sent bool) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stateTimeout)
		defer cancel()
		_ = l.store.hang(ctx)
		release(sent)
	}, err
}

func (l *testLimiter) Quota(ctx context.Context) (quota.Status, error) {
	if err := l.store.hang(ctx); err != nil {
		return quota.Status{}, err
	}
	return l.addingLimiter.Quota(ctx)
}

func (l *testLimiter) Add(ctx context.Context, calls int) error {
	if err := l.store.err(); err != nil {
		return err
	}
	l.added.Add(1)
	return l.addingLimiter.Add(ctx, calls)
}

// stateBubble runs a test in virtual time. New makes another process that shares the state.
func stateBubble(t *testing.T, sole bool, f func(t *testing.T, store *testStore, process func() *shared, log *bytes.Buffer)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := sqlstate.Open(t.Context(), filepath.Join(t.TempDir(), "gateway.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		log := new(bytes.Buffer)
		store := &testStore{State: s, sole: sole}
		f(t, store, func() *shared { return newShared(store, slog.New(slog.NewTextHandler(log, nil))) }, log)
	})
}

// within asks a limiter for a place within a time, and tells how long that took.
func within(t *testing.T, d time.Duration, acquire func(context.Context) (func(bool), error)) (release func(bool), took time.Duration, err error) {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	release, err = acquire(ctx)
	return release, time.Since(began), err
}

func take(t *testing.T, acquire func(context.Context) (func(bool), error)) {
	t.Helper()
	release, _, err := within(t, 10*time.Second, acquire)
	if err != nil {
		t.Error(err)
		return
	}
	release(true)
}

const testHost = "account.mktorest.com"

// All gateways together keep one budget, and a call too many is told so at once.
func TestBudget_joint(t *testing.T) {
	stateBubble(t, false, func(t *testing.T, _ *testStore, process func() *shared, _ *bytes.Buffer) {
		l := limits.Limits{Calls: 3, Concurrent: 3, Daily: 6, Reserve: 1}
		one, two := process().budget(testHost, l), process().budget(testHost, l)
		take(t, one.Acquire)
		take(t, two.AcquireRead)
		take(t, one.AcquireRead)
		for _, b := range []*budget{one, two} {
			if _, took, err := within(t, 10*time.Second, b.Acquire); !errors.Is(err, context.DeadlineExceeded) || took != 0 {
				t.Errorf("after %s: %v", took, err)
			}
		}
		time.Sleep(21 * time.Second)
		take(t, two.AcquireRead)
		take(t, one.AcquireRead)
		for _, b := range []*budget{one, two} {
			if _, _, err := within(t, time.Minute, b.AcquireRead); !errors.Is(err, fault.ErrQuota) {
				t.Errorf("a read of the reserve: %v", err)
			}
		}
		take(t, one.Acquire)
		if _, _, err := within(t, time.Minute, two.Acquire); !errors.Is(err, fault.ErrQuota) {
			t.Errorf("beyond the day: %v", err)
		}
		if used, _, err := two.used(t.Context()); used != 6 || err != nil {
			t.Errorf("%d calls, %v", used, err)
		}
	})
}

// What the service has said to one gateway, that the day's calls are used up, holds for all.
func TestBudget_exhausted(t *testing.T) {
	stateBubble(t, false, func(t *testing.T, _ *testStore, process func() *shared, _ *bytes.Buffer) {
		one, two := process().budget(testHost, limits.Limits{}), process().budget(testHost, limits.Limits{})
		take(t, two.Acquire)
		if err := one.Exhausted(t.Context()); err != nil {
			t.Error(err)
		}
		if _, _, err := within(t, time.Minute, two.Acquire); !errors.Is(err, fault.ErrQuota) {
			t.Errorf("%v", err)
		}
	})
}

// The places of a gateway that was killed are free once its calls must have ended, and not before.
func TestBudget_killed(t *testing.T) {
	stateBubble(t, false, func(t *testing.T, _ *testStore, process func() *shared, _ *bytes.Buffer) {
		l := limits.Limits{Concurrent: 1}
		one, two := process().budget(testHost, l), process().budget(testHost, l)
		take(t, one.Acquire)
		time.Sleep(20 * time.Second)
		if _, _, err := within(t, 10*time.Second, one.Acquire); err != nil {
			t.Fatal(err)
		}
		release, took, err := within(t, time.Minute, two.Acquire)
		if err != nil || took < 10*time.Second || took > 10*time.Second+leaseMargin+time.Second {
			t.Fatalf("after %s: %v", took, err)
		}
		release(true)
	})
}

// Several gateways cannot count without the store, so calls wait for it, and end with the reason when their time is over.
func TestBudget_away(t *testing.T) {
	stateBubble(t, false, func(t *testing.T, store *testStore, process func() *shared, log *bytes.Buffer) {
		s := process()
		b := s.budget(testHost, limits.Limits{})
		store.broken.Store(true)
		for range 2 {
			if _, took, err := within(t, 10*time.Second, b.Acquire); !errors.Is(err, errStateAway) || !errors.Is(err, errBroken) || took > 10*time.Second {
				t.Errorf("after %s: %v", took, err)
			}
		}
		if s.trouble() != "the state of the gateway cannot be reached: "+errBroken.Error() {
			t.Errorf("the trouble is %q", s.trouble())
		}
		time.AfterFunc(5*time.Second, func() { store.broken.Store(false) })
		release, took, err := within(t, 10*time.Second, b.Acquire)
		if err != nil || took < 5*time.Second || took > 7*time.Second {
			t.Fatalf("after %s: %v", took, err)
		}
		release(true)
		if s.trouble() != "" || strings.Count(log.String(), "level=ERROR") != 1 || strings.Count(log.String(), "can be used again") != 1 {
			t.Errorf("%q, the log: %s", s.trouble(), log)
		}
	})
}

// The only gateway goes on in memory, within the same budget, and tells the store later what that has missed.
func TestBudget_alone(t *testing.T) {
	stateBubble(t, true, func(t *testing.T, store *testStore, process func() *shared, log *bytes.Buffer) {
		s := process()
		b := s.budget(t.Name(), limits.Limits{Calls: 3, Daily: 5})
		take(t, b.Acquire)
		store.broken.Store(true)
		take(t, b.Acquire)
		take(t, b.Acquire)
		if _, took, err := within(t, 10*time.Second, b.Acquire); !errors.Is(err, context.DeadlineExceeded) || took != 0 {
			t.Errorf("after %s: %v", took, err)
		}
		time.Sleep(21 * time.Second)
		take(t, b.Acquire)
		take(t, b.Acquire)
		if _, _, err := within(t, 10*time.Second, b.Acquire); !errors.Is(err, fault.ErrQuota) {
			t.Errorf("beyond the day: %v", err)
		}
		if s.trouble() == "" {
			t.Error("nothing is told")
		}
		store.broken.Store(false)
		time.Sleep(21 * time.Second)
		if _, _, err := within(t, 10*time.Second, b.Acquire); !errors.Is(err, fault.ErrQuota) {
			t.Errorf("beyond the day: %v", err)
		}
		day, err := store.Limiter(t.Name(), "another", limits.Limits{}).Quota(t.Context())
		if err != nil || day.Used != 5 || s.trouble() != "" {
			t.Errorf("%+v, %v, %s", day, err, s.trouble())
		}
		if strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), "counted in memory") {
			t.Errorf("the log: %s", log)
		}
	})
}

// A note that the store does not take is known here at once, and to others later.
func TestShared_imports(t *testing.T) {
	stateBubble(t, false, func(t *testing.T, store *testStore, process func() *shared, log *bytes.Buffer) {
		one, two := process(), process()
		store.broken.Store(true)
		for _, text := range []string{"begun", "ended"} {
			if err := one.PutImport(t.Context(), "list", []byte(text), time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if note, err := one.Import(t.Context(), "list"); string(note) != "ended" || err != nil {
			t.Errorf("%s, %v", note, err)
		}
		time.Sleep(time.Minute)
		store.broken.Store(false)
		time.Sleep(2 * stateRetry)
		if note, err := two.Import(t.Context(), "list"); string(note) != "ended" || err != nil {
			t.Errorf("%s, %v", note, err)
		}
		one.mu.Lock()
		defer one.mu.Unlock()
		if len(one.notes) != 0 || one.noting || strings.Count(log.String(), "does not take") != 2 {
			t.Errorf("%d notes, the log: %s", len(one.notes), log)
		}
	})
}

// A caller who goes away does not make the state look broken.
func TestBudget_callerGone(t *testing.T) {
	stateBubble(t, false, func(t *testing.T, _ *testStore, process func() *shared, log *bytes.Buffer) {
		s := process()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 { // which of both is seen first is chance
			if err := s.ask(ctx, s.alive); err != nil && !errors.Is(err, context.Canceled) || s.trouble() != "" || log.Len() > 0 {
				t.Fatalf("%v, %q, the log: %s", err, s.trouble(), log)
			}
		}
	})
}

// What the store has missed is told also after the limits of the instance were changed, which makes another budget.
func TestBudget_aloneOverReload(t *testing.T) {
	stateBubble(t, true, func(t *testing.T, store *testStore, process func() *shared, _ *bytes.Buffer) {
		s := process()
		before, after := s.budget(t.Name(), limits.Limits{Daily: 4}), s.budget(t.Name(), limits.Limits{Daily: 5})
		store.broken.Store(true)
		for range 3 {
			take(t, before.Acquire)
		}
		if used, _, err := after.used(t.Context()); used != 3 || err != nil {
			t.Errorf("%d calls, %v", used, err)
		}
		take(t, after.Acquire)
		store.broken.Store(false)
		time.Sleep(2 * stateRetry)
		take(t, after.Acquire)
		if _, _, err := within(t, 10*time.Second, after.Acquire); !errors.Is(err, fault.ErrQuota) {
			t.Errorf("beyond the day: %v", err)
		}
	})
}

// A store that hangs costs a call the time that it has and no more, and little once its answer is there.
func TestBudget_hangs(t *testing.T) {
	stateBubble(t, false, func(t *testing.T, store *testStore, process func() *shared, log *bytes.Buffer) {
		s := process()
		b := s.budget(testHost, limits.Limits{})
		release, _, err := within(t, time.Second, b.Acquire)
		if err != nil {
			t.Fatal(err)
		}
		store.hangs.Store(true)
		began := time.Now()
		release(true)
		if took := time.Since(began); took > stateRetry {
			t.Errorf("the end of a call took %s", took)
		}
		time.Sleep(leaseMargin) // so that the next call needs a sign of life
		for range 3 {
			if _, took, err := within(t, 2*time.Second, b.Acquire); err == nil || took > 2*time.Second {
				t.Errorf("after %s: %v", took, err)
			}
		}
		s.telling.Wait()
		if s.trouble() == "" || strings.Count(log.String(), "level=ERROR") != 1 {
			t.Errorf("%q, the log: %s", s.trouble(), log)
		}
		store.hangs.Store(false)
		time.Sleep(2 * stateRetry)
		take(t, b.Acquire)
	})
}

// When the store is back, each limiter tells it which calls have ended, also one that is not asked again.
func TestBudget_remind(t *testing.T) {
	stateBubble(t, false, func(t *testing.T, store *testStore, process func() *shared, _ *bytes.Buffer) {
		s := process()
		former, b := s.budget(testHost, limits.Limits{Daily: 10}), s.budget(testHost, limits.Limits{Daily: 10, Reserve: 1})
		store.broken.Store(true)
		if _, _, err := within(t, time.Second, b.AcquireRead); !errors.Is(err, errStateAway) {
			t.Errorf("%v", err)
		}
		store.broken.Store(false)
		time.Sleep(2 * stateRetry)
		take(t, b.AcquireRead)
		s.telling.Wait()
		for name, l := range map[string]quota.Limiter{"former": former.writes, "reads": b.reads, "writes": b.writes} {
			if l.(*testLimiter).added.Load() == 0 {
				t.Errorf("%s: not told", name)
			}
		}
	})
}
