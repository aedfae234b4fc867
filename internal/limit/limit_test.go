package limit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/mktows/mktows-go/limits"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	service = limits.SOAP()
	key     = Key{"mktows.example.com", "example_user"}
)

// bubble runs a test in virtual time.
func bubble(t *testing.T, f func(t *testing.T, r *Registry)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { f(t, new(Registry)) })
}

func acquire(t *testing.T, r *Registry, l limits.Limits) (release func()) {
	t.Helper()
	release, err := r.Acquire(t.Context(), key, l)
	if err != nil {
		t.Fatal(err)
	}
	return release
}

func TestAcquire_window(t *testing.T) {
	bubble(t, func(t *testing.T, r *Registry) {
		begin := time.Now()
		var starts []time.Duration
		for range 5 {
			release := acquire(t, r, limits.Limits{Calls: 2, Per: 20 * time.Second, Concurrent: 1})
			starts = append(starts, time.Since(begin))
			time.Sleep(time.Second)
			release()
		}
		// A place is taken until 20.2 s after the end of its call.
		want := []time.Duration{0, 1 * time.Second, 21200 * time.Millisecond, 22200 * time.Millisecond, 42400 * time.Millisecond}
		if diff := cmp.Diff(want, starts); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAcquire_concurrency(t *testing.T) {
	bubble(t, func(t *testing.T, r *Registry) {
		l := limits.Limits{Calls: limits.None, Concurrent: 2}
		first, second := acquire(t, r, l), acquire(t, r, l)
		var waited time.Duration
		begin := time.Now()
		go func() {
			defer acquire(t, r, l)()
			waited = time.Since(begin)
		}()
		time.Sleep(3 * time.Second)
		second()
		synctest.Wait()
		first()
		if waited != 3*time.Second {
			t.Errorf("the third call started after %s, expected when the second one ended", waited)
		}
	})
}

func TestAcquire_inOrderOfArrival(t *testing.T) {
	bubble(t, func(t *testing.T, r *Registry) {
		release := acquire(t, r, limits.Limits{Calls: limits.None, Concurrent: 1})
		starts := make([]time.Time, 50)
		for i := range starts {
			go func() {
				// Those that could go at once do not overtake those that cannot.
				release := acquire(t, r, limits.Limits{Calls: limits.None, Concurrent: 1 + i%3})
				starts[i] = time.Now()
				time.Sleep(time.Second)
				release()
			}()
			synctest.Wait()
		}
		release()
		time.Sleep(time.Hour)
		synctest.Wait()
		if !slices.IsSortedFunc(starts, time.Time.Compare) || starts[0].IsZero() {
			t.Errorf("calls started at %v", starts)
		}
	})
}

// Whatever the delays on the way, the service must never see more than the limit: the
// arrival is taken anywhere between the start of a call and its end.
func TestAcquire_arrivalsStayWithinTheWindow(t *testing.T) {
	bubble(t, func(t *testing.T, r *Registry) {
		rnd := rand.New(rand.NewPCG(1, 2))
		var mu sync.Mutex
		var arrivals []time.Time
		var running, most int
		var wg sync.WaitGroup
		for range 2000 {
			before, after := exponential(rnd), exponential(rnd)
			wg.Go(func() {
				defer acquire(t, r, limits.Limits{})() // those of the service
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				time.Sleep(before)
				mu.Lock()
				arrivals = append(arrivals, time.Now())
				mu.Unlock()
				time.Sleep(after)
				mu.Lock()
				running--
				mu.Unlock()
			})
		}
		begin := time.Now()
		wg.Wait()
		checkWindow(t, arrivals)
		if most != service.Concurrent {
			t.Errorf("%d calls at once, expected at most and once %d", most, service.Concurrent)
		}
		if took := time.Since(begin); took > 1000*time.Second {
			t.Errorf("2,000 calls took %s: the limits allow more", took)
		}
	})
}

func exponential(rnd *rand.Rand) time.Duration {
	return time.Duration(rnd.ExpFloat64() * float64(500*time.Millisecond))
}

func checkWindow(t *testing.T, arrivals []time.Time) {
	t.Helper()
	for i, at := range arrivals {
		if i >= service.Calls && at.Sub(arrivals[i-service.Calls]) <= service.Per {
			t.Fatalf("arrival %d: %d calls within %s", i, service.Calls+1, at.Sub(arrivals[i-service.Calls]))
		}
	}
}

func TestAcquire_cancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var r Registry
	if _, err := r.Acquire(ctx, key, service); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, expected context.Canceled", err)
	}
	if len(r.counts) != 0 {
		t.Error("the call was counted")
	}
}

func TestAcquire_cancelledInTheQueue(t *testing.T) {
	bubble(t, func(t *testing.T, r *Registry) {
		l := limits.Limits{Calls: 1, Per: time.Minute}
		acquire(t, r, l)()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		var next time.Duration
		begin := time.Now()
		go func() {
			time.Sleep(time.Second)
			defer acquire(t, r, limits.Limits{Calls: 2, Per: time.Minute})()
			next = time.Since(begin)
		}()
		_, err := r.Acquire(ctx, key, l)
		if waited := time.Since(begin); !errors.Is(err, context.Canceled) || waited != 10*time.Second {
			t.Errorf("error %v after %s, expected the end of the context at 10s", err, waited)
		}
		synctest.Wait()
		if next != 10*time.Second {
			t.Errorf("the one behind started after %s, expected when its turn came at 10s", next)
		}
	})
}

// One that is cancelled in the moment when its turn comes hands the turn on.
func TestAcquire_cancelledAtItsTurn(t *testing.T) {
	bubble(t, func(t *testing.T, r *Registry) {
		l := limits.Limits{Calls: limits.None, Concurrent: 1}
		release := acquire(t, r, l)
		c := r.counts[key]
		w := &waiter{limits: l, turn: make(chan struct{})}
		c.queue = append(c.queue, w)
		next := make(chan struct{})
		go func() {
			defer acquire(t, r, l)()
			close(next)
		}()
		synctest.Wait()
		release() // now it is the turn of w
		r.giveUp(c, w)
		<-next
	})
}

func TestAcquire_stress(t *testing.T) {
	t.Parallel()
	var r Registry
	var wg sync.WaitGroup
	l := limits.Limits{Calls: 1000, Per: time.Millisecond, Concurrent: 3}
	for range 16 {
		wg.Go(func() {
			for range 200 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(200))*time.Microsecond)
				if release, err := r.Acquire(ctx, key, l); err == nil {
					release()
				}
				cancel()
			}
		})
	}
	wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.counts[key]; c != nil && (c.running != 0 || len(c.queue) != 0) {
		t.Errorf("%d running and %d waiting after the end", c.running, len(c.queue))
	}
}

func TestAcquire_releaseTwice(t *testing.T) {
	bubble(t, func(t *testing.T, r *Registry) {
		release := acquire(t, r, service)
		release()
		release()
		if c := r.counts[key]; c.running != 0 || len(c.ended) != 1 {
			t.Errorf("running %d, ended %d", c.running, len(c.ended))
		}
	})
}

// Each caller is held to its own limits; the calls of all count.
func TestAcquire_differentLimits(t *testing.T) {
	bubble(t, func(t *testing.T, r *Registry) {
		acquire(t, r, limits.Limits{Calls: 5, Per: time.Minute})()
		acquire(t, r, limits.Limits{Calls: 5, Per: time.Minute})()
		begin := time.Now()
		acquire(t, r, limits.Limits{Calls: 2, Per: 10 * time.Second})()
		if waited := time.Since(begin); waited != 10100*time.Millisecond {
			t.Errorf("the stricter caller waited %s", waited)
		}
		acquire(t, r, limits.Limits{Calls: 4, Per: time.Minute})()
		acquire(t, r, limits.Limits{Calls: 5, Per: time.Minute})() // the short window has not made it forget
		acquire(t, r, limits.Limits{Calls: 5, Per: time.Minute})()
		if waited := time.Since(begin); waited != 60600*time.Millisecond {
			t.Errorf("the sixth call went after %s", waited)
		}
	})
}

func TestAcquire_keysAreIndependent(t *testing.T) {
	t.Parallel()
	var r Registry
	for _, k := range []Key{{"a.example.com", "u"}, {"b.example.com", "u"}, {"a.example.com", "v"}} {
		release, err := r.Acquire(t.Context(), k, limits.Limits{Calls: limits.None, Concurrent: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer release()
	}
}

func TestRegistry_forgets(t *testing.T) {
	bubble(t, func(t *testing.T, r *Registry) {
		held := acquire(t, r, service)
		for i := range 1000 {
			release, err := r.Acquire(t.Context(), Key{"mktows.example.com", fmt.Sprint(i)}, service)
			if err != nil {
				t.Fatal(err)
			}
			release()
			time.Sleep(time.Second)
		}
		if n := remembered(r); n > 23 {
			t.Errorf("%d keys are remembered, expected those of the last window", n)
		}
		if r.counts[key] == nil {
			t.Error("a key was forgotten while a call runs")
		}
		held()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.Acquire(ctx, key, limits.Limits{Calls: 1, Per: time.Minute}); err == nil {
			t.Error("the call that has ended does not count")
		}
		time.Sleep(time.Minute + time.Second)
		if n := remembered(r); n != 0 {
			t.Errorf("%d keys are remembered after all windows", n)
		}
	})
}

func remembered(r *Registry) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.counts)
}

func BenchmarkAcquire(b *testing.B) {
	var r Registry
	b.ReportAllocs()
	for b.Loop() {
		release, err := r.Acquire(b.Context(), key, limits.Limits{Calls: 100, Per: time.Nanosecond, Concurrent: 10})
		if err != nil {
			b.Fatal(err)
		}
		release()
	}
}

// Who could not start before the deadline is told so at once; who could waits.
func TestAcquire_hopeless(t *testing.T) {
	bubble(t, func(t *testing.T, r *Registry) {
		l := limits.Limits{Calls: 2, Per: 20 * time.Second, Concurrent: 2}
		first := acquire(t, r, l)
		first() // its place is free after 20.2 s
		time.Sleep(5 * time.Second)
		second := acquire(t, r, l)
		for _, test := range []struct {
			within time.Duration
			waited time.Duration
			err    error
		}{
			{15 * time.Second, 0, context.DeadlineExceeded},
			{16 * time.Second, 15200 * time.Millisecond, nil},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), test.within)
			begin := time.Now()
			release, err := r.Acquire(ctx, key, l)
			if waited := time.Since(begin); !errors.Is(err, test.err) || waited != test.waited {
				t.Errorf("within %s: %v after %s", test.within, err, waited)
			}
			if release != nil {
				release()
			}
			cancel()
		}
		second()
	})
}
