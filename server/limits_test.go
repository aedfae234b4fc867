package server_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
)

// calls makes n calls and returns how many ended with each code.
func (b *bundle) calls(n int) map[fault.Code]int {
	b.t.Helper()
	codes := make(map[fault.Code]int)
	for range n {
		codes[b.call().code(b.t)]++
	}
	return codes
}

func (b *bundle) wantCalls(n int, want map[fault.Code]int) {
	b.t.Helper()
	got := b.calls(n)
	for _, code := range []fault.Code{0, 20015, 20023, 20024} {
		if got[code] != want[code] {
			b.t.Errorf("%d calls at %s: %v, want %v", n, b.clock.Now(), got, want)
			return
		}
	}
}

type codes = map[fault.Code]int

func TestLimits_window(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.wantCalls(100, codes{0: 100})
	b.wantCalls(1, codes{20023: 1})
	b.clock.Advance(20*time.Second - time.Millisecond)
	b.wantCalls(1, codes{20023: 1})
	b.clock.Advance(time.Millisecond) // the 100 are 20 seconds old, and the refused ones never counted
	b.wantCalls(60, codes{0: 60})
	b.clock.Advance(10 * time.Second)
	b.wantCalls(41, codes{0: 40, 20023: 1})
	b.clock.Advance(10 * time.Second) // the window slides: only the 60 are out of it
	b.wantCalls(61, codes{0: 60, 20023: 1})
}

func TestLimits_clockSetBack(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, server.WithWindow(48*time.Hour))
	b.wantCalls(100, codes{0: 100})
	b.clock.Advance(-time.Hour)
	b.wantCalls(101, codes{0: 100, 20023: 1})
}

func TestLimits_daily(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, server.WithLimits(server.Limits{Daily: 50}))
	b.wantCalls(51, codes{0: 50, 20015: 1})
	if got := b.call().body; !strings.Contains(got, "2015-09-05T00:00:00-05:00") {
		t.Errorf("the fault does not tell when the count starts anew:\n%s", got)
	}
	b.clock.Advance(12*time.Hour - time.Second) // 23:59:59 in US Central
	b.wantCalls(1, codes{20015: 1})
	b.clock.Advance(time.Second)
	b.wantCalls(51, codes{0: 50, 20015: 1})
	b.clock.Advance(24 * time.Hour)
	b.wantCalls(1, codes{0: 1})
}

// busy is a port whose calls wait until they are let go.
type busy struct {
	gen.Port
	started chan struct{}
	release chan struct{}
}

func newBusy() busy {
	b := busy{started: make(chan struct{}), release: make(chan struct{})}
	b.Port = portOf(func(ctx context.Context, _ *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error) {
		b.started <- struct{}{}
		<-b.release
		return &gen.LeadActivityList{NewStartPosition: &gen.StreamPosition{}}, nil
	})
	return b
}

func TestLimits_concurrent(t *testing.T) {
	t.Parallel()
	port := newBusy()
	b := setup(t, port)
	var group sync.WaitGroup
	ended := make(chan struct{}, 11)
	run := func(n int) {
		for range n {
			group.Go(func() {
				if code := b.call().code(t); code != 0 {
					t.Errorf("fault %d of a call within the limit", code)
				}
				ended <- struct{}{}
			})
			<-port.started
		}
	}
	run(10)
	b.wantCalls(3, codes{20024: 3})
	port.release <- struct{}{}
	<-ended
	run(1) // one has ended: one more may come
	b.wantCalls(1, codes{20024: 1})
	close(port.release)
	group.Wait()
}

// Whoever has an answer may call again at once: its place is free by then.
func TestLimits_placeIsFreeBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, server.WithLimits(server.Limits{Calls: limits.None, Concurrent: 4}))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 200 {
				if code := b.call().code(t); code != 0 {
					t.Errorf("fault %d", code)
				}
			}
		})
	}
	group.Wait()
}

// A place is given back whatever becomes of the call.
func TestLimits_placeIsGivenBack(t *testing.T) {
	t.Parallel()
	b := setup(t, portOf(func(_ context.Context, in *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error) {
		if in.LeadKey == nil {
			panic("x")
		}
		return nil, fault.CodeLeadNotFound
	}), server.WithLimits(server.Limits{Concurrent: 1}))
	drop := b.rules.Add(server.Rule{Drop: server.DropAfterWork, Times: 1})
	defer drop()
	for _, body := range []string{body, body, "<m:paramsGetLeadActivity/>", "<m:paramsGetLeadActivity><", "<m:x/>", body} {
		if a := b.post(b.signed(body)); a.status != 0 && a.code(t) == fault.CodeConcurrencyLimitExceeded {
			t.Errorf("%s: 20024", body)
		}
	}
}

func TestLimits_order(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, server.WithLimits(server.Limits{Calls: 2, Per: time.Minute, Daily: 3}))
	b.wantCalls(3, codes{0: 2, 20023: 1})
	b.clock.Advance(time.Minute)
	b.wantCalls(1, codes{0: 1})
	b.wantCalls(1, codes{20015: 1}) // the quota comes first, though a second call would fit the window
	// Who is not let in, and who is refused by another limit, does not count.
	b.clock.Advance(24 * time.Hour)
	for range 5 {
		b.post(envelopeWith(header(user, "x", b.clock.Now()), body))
	}
	b.wantCalls(3, codes{0: 2, 20023: 1})
}

func TestLimits_rateComesBeforeConcurrency(t *testing.T) {
	t.Parallel()
	port := newBusy()
	b := setup(t, port, server.WithLimits(server.Limits{Calls: 1, Per: time.Minute, Concurrent: 1}))
	done := make(chan struct{})
	go func() { defer close(done); b.call() }()
	<-port.started
	b.wantCalls(1, codes{20023: 1})
	close(port.release)
	<-done
}

func TestLimits_users(t *testing.T) {
	t.Parallel()
	second := func(b *bundle) fault.Code {
		return b.post(envelopeWith(header("second_user", "second-key", b.clock.Now()), body)).code(t)
	}
	l := server.Limits{Calls: 5, Per: time.Minute}
	together := setup(t, nil, server.WithLimits(l))
	together.wantCalls(5, codes{0: 5})
	if code := second(together); code != fault.CodeRateLimitExceeded {
		t.Errorf("second user: %d, want 20023 of the shared count", code)
	}
	apart := setup(t, nil, server.WithLimits(l), server.WithLimitsPerUser())
	apart.wantCalls(6, codes{0: 5, 20023: 1})
	if code := second(apart); code != 0 {
		t.Errorf("second user: %d, want success", code)
	}
}

func TestLimits_off(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, server.WithLimits(limits.Unlimited()))
	b.wantCalls(300, codes{0: 300})
}

// The documented limits hold by default, and a call that was let in counts whatever
// its answer is.
func TestLimits_default(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for range 50 {
		b.post(b.signed("<m:paramsDance/>"))
	}
	b.wantCalls(51, codes{0: 50, 20023: 1})
}

// Two hundred callers at once: each call is either answered or refused with 20024.
func TestServeHTTP_manyCallers(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, server.WithLimits(server.Limits{Calls: limits.None}))
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			for range 10 {
				a := b.call()
				if code := a.code(t); code != 0 && code != 20024 || code == 0 && a.status != http.StatusOK {
					t.Errorf("HTTP %d, fault %d", a.status, code)
				}
			}
		})
	}
	group.Wait()
	if n := len(b.exchanges.all()); n != 2000 {
		t.Errorf("%d exchanges in the journal, want 2000", n)
	}
}
