package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/limits"
)

// gate is a Limiter that writes down what is asked of it.
type gate struct {
	log     []string
	acquire func(ctx context.Context, n int) error // n counts from 1
}

func (g *gate) Acquire(ctx context.Context) (release func(sent bool), err error) {
	g.log = append(g.log, "acquire")
	if g.acquire != nil {
		if err := g.acquire(ctx, len(g.log)); err != nil {
			return nil, err
		}
	}
	return func(sent bool) {
		if !sent {
			g.log = append(g.log, "give back")
			return
		}
		g.log = append(g.log, "release")
	}, nil
}

// serve writes down the requests between.
func (g *gate) serve(then reply) reply {
	return func(w http.ResponseWriter, x *exchange) {
		g.log = append(g.log, "request")
		then(w, x)
	}
}

func wantLog(t *testing.T, g *gate, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, g.log, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

// Each attempt has its own turn, is signed after the wait for it, and gives it back before
// the wait for the next one.
func TestLimiter_admitsEveryAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := new(gate)
		g.acquire = func(context.Context, int) error {
			time.Sleep(time.Hour)
			return nil
		}
		s := start(t, g.serve(refuse(500, 20024)), g.serve(answer))
		if err := call(t.Context(), steady(s.client(t, WithLimiter(g))), "getLead"); err != nil {
			t.Fatal(err)
		}
		wantLog(t, g, "acquire", "request", "release", "acquire", "request", "release")
		for _, x := range s.requests() {
			checkStamp(t, x, 0)
		}
	})
}

func TestLimiter_releasesWhateverTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := new(gate)
		s := start(t, answer)
		c := s.client(t, WithLimiter(g), WithoutRetry(), WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			panic("no signal")
		})}))
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			_ = call(t.Context(), c, "getLead")
		}()
		wantLog(t, g, "acquire", "release")
	})
}

// What found no connection counts neither for the window nor for the day; in doubt it does.
func TestLimiter_givesBackWhatWasNotSent(t *testing.T) {
	failure := errors.New("no signal")
	dial := func(err error) Option {
		return WithDial(func(context.Context, string, string) (net.Conn, error) { return nil, err })
	}
	waits := WithDial(func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	foreign := func(body bool) Option {
		return WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if body {
				_, _ = io.ReadAll(r.Body)
			}
			return nil, failure
		})})
	}
	tests := []struct {
		name   string
		option Option
		reply  reply
		end    string
	}{
		{"refused", dial(syscall.ECONNREFUSED), answer, "give back"},
		{"unknown host", dial(&net.DNSError{Err: "no such host", Name: "mktows.example.com", IsNotFound: true}), answer, "give back"},
		{"no connection in time", WithOptions(waits, WithTimeout(time.Second)), answer, "give back"},
		{"no connection before the context ends", waits, answer, "give back"},
		{"foreign transport, not sent", foreign(false), answer, "give back"},
		{"foreign transport, sent", foreign(true), answer, "release"},
		{"no answer", WithOptions(), hangUp(""), "release"},
		{"a fault", WithOptions(), refuse(500, 10001), "release"},
		{"an answer", WithOptions(), answer, "release"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				g := new(gate)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				c := start(t, test.reply).client(t, WithLimiter(g), WithoutRetry(), test.option)
				if err := call(ctx, c, "getLead"); (err == nil) != (test.name == "an answer") {
					t.Errorf("error %v", err)
				}
				wantLog(t, g, "acquire", test.end)
			})
		})
	}
}

// A kept connection may have brought the head of a request to the service before it died.
func TestLimiter_countsOnADeadConnection(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := new(gate)
		s := start(t, answer)
		dial, arm := weakDial(s.dial)
		c := s.client(t, WithDial(dial), WithLimiter(g), WithoutRetry())
		if err := call(t.Context(), c, "getLead"); err != nil {
			t.Fatal(err)
		}
		arm(100)
		if err := call(t.Context(), c, "getLead"); err == nil {
			t.Error("no error")
		}
		wantLog(t, g, "acquire", "release", "acquire", "release")
	})
}

func TestLimiter_errorEndsTheCall(t *testing.T) {
	resets := time.Date(2026, 3, 8, 6, 0, 0, 0, time.UTC)
	errDatabase := errors.New("the database is not available")
	tests := []struct {
		name       string
		err        error
		fromServer bool
		match      func(error) bool
	}{
		{"any", fmt.Errorf("limits: %w", errDatabase), false, func(err error) bool { return errors.Is(err, errDatabase) }},
		{"quota by itself", &fault.QuotaError{ResetsAt: resets}, false, func(err error) bool {
			var quota *fault.QuotaError
			return errors.As(err, &quota) && quota.ResetsAt.Equal(resets)
		}},
		{"quota by the service", &fault.QuotaError{Fault: fault.New(fault.CodeRequestLimitExceeded, ""), ResetsAt: resets}, true, func(err error) bool {
			return errors.Is(err, fault.ErrQuota) && errors.As(err, new(*fault.QuotaError))
		}},
		// What would be repeated if an answer said it.
		{"temporary", fault.New(fault.CodeRateLimitExceeded, ""), true, func(err error) bool { return errors.Is(err, fault.ErrRateLimited) }},
		{"its own context", fmt.Errorf("the pool closes: %w", context.Canceled), false, func(err error) bool { return errors.Is(err, context.Canceled) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				g := &gate{acquire: func(context.Context, int) error { return test.err }}
				s := start(t, answer)
				err := call(t.Context(), s.client(t, WithLimiter(g)), "syncLead")
				checkOpError(t, err, "syncLead", 0)
				if !test.match(err) || fault.FromServer(err) != test.fromServer || errors.Is(err, fault.ErrUnknownOutcome) {
					t.Errorf("error %v", err)
				}
				wantLog(t, g, "acquire")
				if n := len(s.requests()); n != 0 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

// A write that may have been carried out before stays one when the repetition is not let
// through.
func TestLimiter_errorAfterAnAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		errFull := errors.New("full")
		g := new(gate)
		g.acquire = func(_ context.Context, n int) error {
			if n > 1 {
				return errFull
			}
			return nil
		}
		s := start(t, refuse(500, 20011))
		err := call(t.Context(), steady(s.client(t, WithLimiter(g))), "listOperation")
		checkOpError(t, err, "listOperation", 1)
		if !errors.Is(err, errFull) || !errors.Is(err, fault.ErrUnknownOutcome) {
			t.Errorf("error %v", err)
		}
		wantLog(t, g, "acquire", "release", "acquire")
	})
}

func TestLimiter_contextEnds(t *testing.T) {
	errLeft, errPlace := errors.New("the user has left"), errors.New("no place")
	for _, own := range []error{nil, errPlace} {
		t.Run(fmt.Sprint(own), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				g := &gate{acquire: func(ctx context.Context, _ int) error {
					<-ctx.Done()
					if own != nil {
						return own
					}
					return ctx.Err()
				}}
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errLeft)
				defer cancel()
				err := call(ctx, start(t, answer).client(t, WithLimiter(g)), "mergeLeads")
				checkOpError(t, err, "mergeLeads", 0)
				if !errors.Is(err, errLeft) || !errors.Is(err, context.DeadlineExceeded) || own != nil && !errors.Is(err, own) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// Of the three options the last one counts.
func TestLimiter_lastOptionWins(t *testing.T) {
	narrow := WithLimits(Limits{Calls: 1, Per: time.Hour})
	tests := []struct {
		name string
		opts func(limiter Option) []Option
		log  []string
		took time.Duration
	}{
		{"limiter after limits", func(o Option) []Option { return []Option{narrow, o} }, []string{"acquire", "release"}, 0},
		{"limiter after none", func(o Option) []Option { return []Option{WithoutLimits(), o} }, []string{"acquire", "release"}, 0},
		{"limits after limiter", func(o Option) []Option { return []Option{o, narrow} }, nil, time.Hour + time.Hour/100},
		{"none after limiter", func(o Option) []Option { return []Option{o, WithoutLimits()} }, nil, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				g := new(gate)
				c := start(t, answer).client(t, test.opts(WithLimiter(g))...)
				begin := time.Now()
				for range 2 {
					if err := call(t.Context(), c, "getLead"); err != nil {
						t.Fatal(err)
					}
				}
				wantLog(t, g, slices.Repeat(test.log, 2)...)
				if took := time.Since(begin); took != test.took {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// places is a Limiter that writes down when its places are given back.
type places struct {
	mu       sync.Mutex
	begin    time.Time
	released []time.Duration // since begin
	unsent   int
}

func (p *places) Acquire(context.Context) (release func(sent bool), err error) {
	return func(sent bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.released = append(p.released, time.Since(p.begin))
		if !sent {
			p.unsent++
		}
	}, nil
}

// busy replies after some time, whether or not anybody waits.
func busy(d time.Duration, then reply) reply {
	return func(w http.ResponseWriter, x *exchange) {
		time.Sleep(d)
		then(w, x)
	}
}

// slowBody gives the head of an answer after some time, and the rest that much later.
func slowBody(head, rest time.Duration) reply {
	return busy(head, func(w http.ResponseWriter, x *exchange) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		time.Sleep(rest)
		_, _ = io.WriteString(w, answerTo(x.op))
	})
}

// stuckBody gives the head of an answer, after some time, and no more.
func stuckBody(d time.Duration) reply {
	return busy(d, func(w http.ResponseWriter, x *exchange) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-x.gone
	})
}

// A call that was given up leaves its place when the service is done with it.
func TestLimiter_placeOfACallThatWasGivenUp(t *testing.T) {
	dials := WithDial(func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	tests := map[string]struct {
		reply  reply
		option Option
		want   time.Duration
		unsent int
	}{
		"answer":                    {busy(20*time.Second, answer), WithOptions(), 20 * time.Second, 0},
		"large answer":              {busy(20*time.Second, flood(4, false)), WithOptions(), 20 * time.Second, 0},
		"fault":                     {busy(20*time.Second, refuse(500, 20011)), WithOptions(), 20 * time.Second, 0},
		"redirect":                  {busy(20*time.Second, raw(302, "", "")), WithOptions(), 20 * time.Second, 0},
		"head of an answer":         {stuckBody(20 * time.Second), WithOptions(), 5*time.Second + 90*time.Second, 0},
		"slow answer":               {slowBody(20*time.Second, 30*time.Second), WithOptions(), 50 * time.Second, 0},
		"connection closed":         {busy(20*time.Second, hangUp("")), WithOptions(), 20 * time.Second, 0},
		"no end":                    {late(time.Hour, answer), WithOptions(), 5*time.Second + 90*time.Second, 0},
		"head before the giving up": {stuckBody(time.Second), WithOptions(), 5*time.Second + 90*time.Second, 0},
		"slow, begun before":        {slowBody(time.Second, 30*time.Second), WithOptions(), 31 * time.Second, 0},
		"no connection":             {answer, dials, 5 * time.Second, 1},
	}
	for name, test := range tests {
		for how, giveUp := range map[string]func(context.Context) (context.Context, Option, func()){
			"context": func(ctx context.Context) (context.Context, Option, func()) {
				ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
				return ctx, WithoutRetry(), cancel
			},
			"time-out": func(ctx context.Context) (context.Context, Option, func()) {
				return ctx, WithOptions(WithoutRetry(), WithTimeout(5*time.Second)), func() {}
			},
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					p := &places{begin: time.Now()}
					ctx, option, cancel := giveUp(t.Context())
					defer cancel()
					c := start(t, test.reply).client(t, WithLimiter(p), test.option, option)
					err := call(ctx, c, "mergeLeads")
					if took := time.Since(p.begin); err == nil || took != 5*time.Second {
						t.Errorf("returned after %s: %v", took, err)
					}
					if sent := test.unsent == 0; errors.Is(err, fault.ErrUnknownOutcome) != sent {
						t.Errorf("the request was sent: %t; error %v", sent, err)
					}
					time.Sleep(2 * time.Minute)
					p.mu.Lock()
					defer p.mu.Unlock()
					if diff := cmp.Diff([]time.Duration{test.want}, p.released); diff != "" || p.unsent != test.unsent {
						t.Errorf("%d places of calls that were not sent; released: %s", p.unsent, diff)
					}
				})
			})
		}
	}
}

// Calls that are given up do not make room for more than the service takes at once.
func TestLimits_callsThatWereGivenUp(t *testing.T) {
	for how, option := range map[string]Option{"context": WithOptions(), "time-out": WithTimeout(time.Second)} {
		t.Run(how, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var now, most atomic.Int64
				s := start(t, func(w http.ResponseWriter, x *exchange) {
					most.Store(max(most.Load(), now.Add(1)))
					defer now.Add(-1)
					slowBody(4*time.Second, 6*time.Second)(w, x)
				})
				c := s.client(t, WithLimits(Limits{}), WithoutRetry(), option)
				var wg sync.WaitGroup
				for range 35 {
					wg.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
						defer cancel()
						if how == "context" {
							time.AfterFunc(time.Second, cancel)
						}
						_ = call(ctx, c, "getLead")
					})
				}
				wg.Wait()
				for i := range 30 { // one after the other
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*time.Second)
					_ = call(ctx, c, "getLead")
					cancel()
				}
				time.Sleep(time.Minute)
				if got := most.Load(); got != int64(limits.SOAP().Concurrent) {
					t.Errorf("%d calls at the same time", got)
				}
			})
		})
	}
}

// A transport that ends its goroutine leaves no caller waiting.
func TestLimiter_transportEndsItsGoroutine(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := new(gate)
		c := start(t, answer).client(t, WithLimiter(g), WithoutRetry(), WithHTTPClient(&http.Client{
			Transport: roundTripper(func(*http.Request) (*http.Response, error) { runtime.Goexit(); return nil, nil }),
		}))
		if err := call(t.Context(), c, "getLead"); !errors.Is(err, httpcall.ErrNoReply) {
			t.Errorf("error %v", err)
		}
		wantLog(t, g, "acquire", "release")
	})
}

// Without limits there is no place to keep, and the server learns at once that nobody waits.
func TestWithoutLimits_hangsUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		gone := make(chan time.Time, 1)
		s := start(t, func(_ http.ResponseWriter, x *exchange) {
			<-x.gone
			gone <- time.Now()
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		if err := call(ctx, s.client(t), "getLead"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if after := (<-gone).Sub(begin); after != time.Second {
			t.Errorf("hung up after %s", after)
		}
	})
}
