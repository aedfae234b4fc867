package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/limits"
)

// counter is a service that judges its callers as the real one does.
type counter struct {
	mu       sync.Mutex
	arrivals []time.Time
	running  int
	most     int
}

// serve answers after some time on the way and some more at work.
func (c *counter) serve(w http.ResponseWriter, x *exchange) {
	time.Sleep(time.Duration(rand.ExpFloat64() * float64(100*time.Millisecond)))
	c.mu.Lock()
	now := time.Now()
	c.arrivals = append(c.arrivals, now)
	n := len(c.arrivals)
	service := limits.SOAP()
	tooMany := n > service.Calls && now.Sub(c.arrivals[n-1-service.Calls]) <= service.Per
	c.running++
	c.most = max(c.most, c.running)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.running--
		c.mu.Unlock()
	}()
	time.Sleep(time.Duration(rand.ExpFloat64() * float64(500*time.Millisecond)))
	if tooMany {
		refuse(500, fault.CodeRateLimitExceeded)(w, x)
		return
	}
	answer(w, x)
}

func TestLimits_neverExceeded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const calls, callers = 10_000, 200
		var service counter
		s := start(t, service.serve)
		// Two clients of one user: their calls count together.
		clients := []*Client{s.client(t, WithLimits(Limits{}), WithoutRetry()), s.client(t, WithLimits(Limits{}), WithoutRetry())}
		var wg sync.WaitGroup
		begin := time.Now()
		for i := range callers {
			wg.Go(func() {
				for range calls / callers {
					if err := call(t.Context(), clients[i%2], "getLead"); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if service.most > limits.SOAP().Concurrent || len(service.arrivals) != calls {
			t.Errorf("%d calls, %d at once", len(service.arrivals), service.most)
		}
		// 10,000 calls need 2,000 s at least; the places are taken a little longer than needed.
		if took := time.Since(begin); took > 2200*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestLimits_exactTimes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, late(time.Second, answer))
		c := s.client(t, WithLimits(Limits{Calls: 4, Per: 10 * time.Second, Concurrent: 2}))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := call(t.Context(), c, "getLead"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		// Two at a time; the place of the first ones is free 10.1 s after their end.
		const again, second = 11100 * time.Millisecond, time.Second
		want := []time.Duration{0, 0, second, second, again, again, again + second, again + second}
		if diff := cmp.Diff(want, moments(s)); diff != "" {
			t.Error(diff)
		}
	})
}

// Another user of the same host, and a client without limits, do not wait.
func TestLimits_onlyForTheSameUser(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, answer)
		one := WithLimits(Limits{Calls: 1, Per: time.Hour})
		other, err := New(s.url, auth.Credentials{UserID: "example_user_2", Key: credentials.Key},
			WithInsecureHTTP(), WithDial(s.dial), one)
		if err != nil {
			t.Fatal(err)
		}
		defer other.CloseIdleConnections()
		for _, c := range []*Client{s.client(t, one), other, s.client(t, WithoutLimits())} {
			if err := call(t.Context(), c, "getLead"); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(seconds(0, 0, 0), moments(s)); diff != "" {
			t.Error(diff)
		}
	})
}

// The place is free again whatever the end of a call, a panic included.
func TestLimits_placeIsGivenBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, answer)
		one := WithLimits(Limits{Concurrent: 1})
		failure := errors.New("no signal")
		bad := s.client(t, one, WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			return nil, failure
		})}))
		worse := s.client(t, one, WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			panic(failure)
		})}))
		for range 3 {
			if err := call(t.Context(), bad, "getLead"); !errors.Is(err, failure) {
				t.Fatal(err)
			}
			func() {
				defer func() {
					if recover() == nil {
						t.Error("no panic")
					}
				}()
				_ = call(t.Context(), worse, "getLead")
			}()
			if err := call(t.Context(), s.client(t, one), "getLead"); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestLimits_instance(t *testing.T) {
	t.Parallel()
	var got []string
	for _, text := range []string{
		"https://A.example.com/soap/mktows/2_7", "https://a.example.com:443/soap/mktows/3_1",
		"https://a.example.com:8443/soap/mktows/2_7", "http://a.example.com/soap/mktows/2_7", "http://[::1]/2_7",
	} {
		e, err := parseEndpoint(text)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.instance())
	}
	want := []string{"a.example.com:443", "a.example.com:443", "a.example.com:8443", "a.example.com:80", "::1:80"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A context that ends while a call waits for its turn.
func TestLimits_contextEndsInTheQueue(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, late(time.Hour, answer))
		c := s.client(t, WithLimits(Limits{Concurrent: 1}), WithTimeout(2*time.Hour))
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() { _ = call(t.Context(), c, "getLead") })
		synctest.Wait()
		errLeft := errors.New("the user has left")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Second, errLeft)
		defer cancel()
		begin := time.Now()
		err := call(ctx, c, "mergeLeads")
		checkOpError(t, err, "mergeLeads", 0)
		if took := time.Since(begin); took != 5*time.Second || !errors.Is(err, errLeft) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, fault.ErrUnknownOutcome) {
			t.Errorf("after %s: %v", took, err)
		}
	})
}
