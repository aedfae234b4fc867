package rest_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/mktowstest"
)

// counting is a service's count of calls in any 20 seconds and at the same time.
func calls(t *testing.T, n int, change ...func(*rest.Config)) (inWindow, atOnce int) {
	t.Helper()
	var running, most atomic.Int32
	s := &service{t: t}
	s.answer = func(sent, int) (*http.Response, error) {
		most.Store(max(most.Load(), running.Add(1)))
		time.Sleep(100 * time.Millisecond)
		running.Add(-1)
		return reply(200, empty), nil
	}
	clients := []*rest.Client{s.client(change...)}
	var wait sync.WaitGroup
	for range n {
		wait.Go(func() {
			if err := aRead(t.Context(), clients[0]); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for i := range s.calls {
		in := 0
		for _, other := range s.calls[:i+1] {
			if s.calls[i].at.Sub(other.at) < 20*time.Second {
				in++
			}
		}
		inWindow = max(inWindow, in)
	}
	return inWindow, int(most.Load())
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change           func(*rest.Config)
		inWindow, atOnce int
	}{
		"what the service advises": {func(*rest.Config) {}, 50, 5},
		"the most":                 {func(c *rest.Config) { c.Limits = limits.Limits{Calls: 100, Concurrent: 10} }, 100, 10},
		"few":                      {func(c *rest.Config) { c.Limits = limits.Limits{Calls: 3, Concurrent: 1} }, 3, 1},
		"none":                     {withoutLimits, 120, 120},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				inWindow, atOnce := calls(t, 120, test.change)
				if inWindow != test.inWindow || atOnce != test.atOnce {
					t.Errorf("%d in 20 s and %d at once, want %d and %d", inWindow, atOnce, test.inWindow, test.atOnce)
				}
			})
		})
	}
}

// Clients of one instance share the count, and the service with its own never has to refuse.
func TestLimits_shared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mktowstest.NewServer(t)
		most := func(c *rest.Config) { c.Limits = limits.Limits{Calls: 100, Concurrent: 10} }
		clients := []*rest.Client{against(t, s, most), against(t, s, most), against(t, s, most)}
		var wait sync.WaitGroup
		for i := range 250 {
			wait.Go(func() {
				if err := aRead(t.Context(), clients[i%3]); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		for _, e := range s.Exchanges("GET /rest/v1/leads.json") {
			if e.Fault != nil {
				t.Fatalf("refused: %v", e.Fault)
			}
		}
	})
}

// Reads leave the reserve of the day alone, and nothing goes beyond the day's budget.
func TestLimits_reserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // begins at midnight UTC, at six in the evening in Chicago
		s := &service{t: t, answer: always(200, empty)}
		c := s.client(func(c *rest.Config) { c.Limits = limits.Limits{Daily: 10, Reserve: 3} })
		made := func(call func(context.Context, *rest.Client) error) (n int, err error) {
			for ; n < 20; n++ {
				if err = call(t.Context(), c); err != nil {
					return n, err
				}
			}
			return n, nil
		}
		n, err := made(aRead)
		var quota *fault.QuotaError
		if n != 7 || !errors.As(err, &quota) || quota.ResetsAt.Format(time.RFC3339) != "2000-01-01T00:00:00-06:00" || fault.FromServer(err) {
			t.Errorf("%d reads, then %v", n, err)
		}
		if n, err = made(aWrite); n != 3 || !errors.Is(err, fault.ErrQuota) {
			t.Errorf("%d writes, then %v", n, err)
		}
		var failed *rest.CallError
		if !errors.As(err, &failed) || failed.Unknown || failed.Attempts != 0 {
			t.Errorf("%+v", failed)
		}
		if used, resets := c.CallsToday(); used != 10 || !resets.Equal(quota.ResetsAt) {
			t.Errorf("%d calls used until %s", used, resets)
		}
		time.Sleep(time.Until(quota.ResetsAt))
		if n, _ = made(aRead); n != 7 {
			t.Errorf("%d reads on the next day", n)
		}
	})
}

// After 607 nothing is sent before midnight in Chicago, also on the two days when the clocks change,
// and a refusal just after midnight does not cost the whole new day.
func TestLimits_dayUsedUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ now, until string }{
		"winter":               {"2026-01-02T12:00:00-06:00", "2026-01-03T00:00:00-06:00"},
		"summer":               {"2026-07-02T12:00:00-05:00", "2026-07-03T00:00:00-05:00"},
		"a day of 23 hours":    {"2026-03-08T00:30:00-06:00", "2026-03-09T00:00:00-05:00"},
		"a day of 25 hours":    {"2026-11-01T00:30:00-05:00", "2026-11-02T00:00:00-06:00"},
		"just before midnight": {"2026-01-02T23:59:59-06:00", "2026-01-03T00:00:00-06:00"},
		"just after midnight":  {"2026-01-03T00:00:01-06:00", "2026-01-03T00:05:00-06:00"},
		"five minutes after":   {"2026-01-03T00:05:00-06:00", "2026-01-04T00:00:00-06:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, test.now)
			if err != nil {
				t.Fatal(err)
			}
			until, _ := time.Parse(time.RFC3339, test.until)
			s := &service{t: t, answer: always(200, failing("607"))}
			var clock atomic.Pointer[time.Time]
			clock.Store(&now)
			at := func(t time.Time) { clock.Store(&t) }
			own := func(c *rest.Config) {
				c.Base, c.Now = &url.URL{Scheme: "https", Host: strings.ReplaceAll(name, " ", "-") + ".example.com"}, func() time.Time { return *clock.Load() }
			}
			c, other := s.client(own), s.client(own)
			for _, call := range []func() error{
				func() error { return aRead(t.Context(), c) }, // asks
				func() error { return aWrite(t.Context(), c) },
				func() error { return aRead(t.Context(), other) }, // of the same instance
				func() error { at(until.Add(-time.Second)); return aRead(t.Context(), c) },
			} {
				err := call()
				var quota *fault.QuotaError
				if !errors.As(err, &quota) || !errors.Is(err, fault.CodeRequestLimitExceeded) || !errors.Is(err, fault.RESTCode(607)) {
					t.Fatalf("%v", err)
				}
				if calls, _ := s.count(); calls != 1 {
					t.Fatalf("%d calls", calls)
				}
				if quota.ResetsAt.Format(time.RFC3339) != test.until {
					t.Errorf("open again at %s, want %s", quota.ResetsAt.Format(time.RFC3339), test.until)
				}
			}
			at(until)
			if _ = aRead(t.Context(), c); len(s.calls) != 2 {
				t.Errorf("%d calls after the day", len(s.calls))
			}
		})
	}
}

// What an export or a clone has used up stops no other call.
func TestLimits_otherAllowances(t *testing.T) {
	t.Parallel()
	for _, body := range []string{failing("1020"), `{"success":false,"errors":[{"code":"1029","message":"Export daily quota 500MB exceeded."}]}`} {
		s := &service{t: t, answer: always(200, body)}
		c := s.client(once)
		for range 2 {
			var quota *fault.QuotaError
			if err := aWrite(t.Context(), c); !errors.As(err, &quota) || quota.ResetsAt.IsZero() {
				t.Error(err)
			}
		}
		if calls, _ := s.count(); calls != 2 {
			t.Errorf("%d calls", calls)
		}
	}
}

// limiter is one of the caller's own.
type limiter struct {
	acquired, released, unsent, exhausted int
	err                                   error
}

func (l *limiter) Acquire(context.Context) (func(bool), error) {
	l.acquired++
	return func(sent bool) {
		l.released++
		if !sent {
			l.unsent++
		}
	}, l.err
}

func (l *limiter) Exhausted(ctx context.Context) error { l.exhausted++; return ctx.Err() }

func TestLimits_ownLimiter(t *testing.T) {
	t.Parallel()
	l := new(limiter)
	s := &service{t: t, answer: always(200, failing("607"))}
	c := s.client(func(c *rest.Config) { c.Limiter = l })
	for range 2 {
		if err := aRead(t.Context(), c); !errors.Is(err, fault.ErrQuota) {
			t.Error(err)
		}
	}
	if l.acquired != 1 || l.released != 1 || l.exhausted != 1 {
		t.Errorf("%+v", l)
	}
	l.err = errors.New("no place")
	s = &service{t: t, answer: always(200, empty)}
	if err := aRead(t.Context(), s.client(func(c *rest.Config) { c.Limiter = l })); !errors.Is(err, l.err) {
		t.Error(err)
	}
	if calls, _ := s.count(); calls != 0 {
		t.Errorf("%d calls", calls)
	}
}

// reserving is a limiter that tells reads apart.
type reserving struct {
	limiter
	reads int
}

func (r *reserving) AcquireRead(ctx context.Context) (release func(bool), err error) {
	r.reads++
	return r.Acquire(ctx)
}

func TestLimits_readsOfOwnLimiter(t *testing.T) {
	t.Parallel()
	l := new(reserving)
	s := &service{t: t, answer: always(200, empty)}
	c := s.client(func(c *rest.Config) { c.Limiter = l })
	if err := errors.Join(aRead(t.Context(), c), aWrite(t.Context(), c)); err != nil {
		t.Error(err)
	}
	if l.reads != 1 || l.acquired != 2 {
		t.Errorf("%+v", l)
	}
}
