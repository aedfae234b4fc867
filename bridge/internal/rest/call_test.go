package rest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
)

// kinds are calls of each kind.
var kinds = map[string]func(context.Context, *rest.Client) error{"read": aRead, "idempotent": anIdempotentWrite, "write": aWrite}

// What is repeated after trouble, and of what nobody knows whether it was done. All of it happens in a
// service, whose work can be looked at.
func TestRepeat(t *testing.T) {
	t.Parallel()
	type want struct {
		calls   int // after one that went wrong
		unknown bool
	}
	again, not, unknown := want{calls: 2}, want{calls: 1}, want{calls: 1, unknown: true}
	for name, test := range map[string]struct {
		rule                    mktowstest.Rule
		read, idempotent, write want
	}{
		"606":                            {mktowstest.Rule{Code: 606}, again, again, again},
		"615":                            {mktowstest.Rule{Code: 615}, again, again, again},
		"608":                            {mktowstest.Rule{Code: 608}, again, again, again},
		"611":                            {mktowstest.Rule{Code: 611}, again, again, unknown},
		"604":                            {mktowstest.Rule{Code: 604}, again, unknown, unknown},
		"603":                            {mktowstest.Rule{Code: 603}, not, not, not},
		"502":                            {mktowstest.Rule{Status: 502}, again, again, unknown},
		"503":                            {mktowstest.Rule{Status: 503}, again, again, unknown},
		"429":                            {mktowstest.Rule{Status: 429}, again, again, again},
		"answer lost before the work":    {mktowstest.Rule{Drop: mktowstest.DropBeforeWork}, again, again, unknown},
		"answer lost after the work":     {mktowstest.Rule{Drop: mktowstest.DropAfterWork}, again, again, unknown},
		"half an answer after the work":  {mktowstest.Rule{Drop: mktowstest.DropHalfAnswer}, again, again, unknown},
		"no answer in the attempt's own": {mktowstest.Rule{Delay: time.Hour}, again, again, unknown},
	} {
		for kind, want := range map[string]want{"read": test.read, "idempotent": test.idempotent, "write": test.write} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := mktowstest.NewServer(t, mktowstest.WithDemo())
					c := against(t, s)
					if err := aRead(t.Context(), c); err != nil { // so that there is a token
						t.Fatal(err)
					}
					before := len(s.Exchanges(""))
					rule := test.rule
					rule.Times = 1
					s.Inject(rule)
					err := kinds[kind](t.Context(), c)
					var failed *rest.CallError
					if (want.calls == 2) != (err == nil) {
						t.Errorf("error %v", err)
					}
					if errors.As(err, &failed) && failed.Unknown != want.unknown {
						t.Errorf("of unknown outcome: %t: %v", failed.Unknown, err)
					}
					time.Sleep(2 * time.Hour) // until the server is done with what nobody waits for
					if n := len(s.Exchanges("")) - before; n != want.calls {
						t.Errorf("%d calls, want %d", n, want.calls)
					}
				})
			})
		}
	}
}

// On a connection that was kept net/http would send a read again by itself, beside the limits.
func TestRepeat_notByTheTransport(t *testing.T) {
	t.Parallel()
	for _, drop := range []server.Drop{mktowstest.DropBeforeWork, mktowstest.DropAfterWork} {
		synctest.Test(t, func(t *testing.T) {
			s := mktowstest.NewServer(t, mktowstest.WithDemo())
			c := against(t, s, once)
			if err := aRead(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			before := len(s.Exchanges(""))
			s.Inject(mktowstest.Rule{Drop: drop, Times: 1})
			err := aRead(t.Context(), c)
			if n := len(s.Exchanges("")) - before; n != 1 || err == nil {
				t.Errorf("%s: %d calls, want 1; error %v", drop, n, err)
			}
		})
	}
}

// A write is never done twice: not where its answer is lost, whatever is said in its place.
func TestRepeat_noDuplicate(t *testing.T) {
	t.Parallel()
	for _, drop := range []server.Drop{mktowstest.DropAfterWork, mktowstest.DropHalfAnswer} {
		synctest.Test(t, func(t *testing.T) {
			s := mktowstest.NewServer(t)
			s.Inject(mktowstest.Rule{Operation: "POST /rest/v1/leads.json", Drop: drop})
			for range 3 {
				_, err := against(t, s).SyncLeads(t.Context(), rest.LeadSync{
					Action: rest.CreateDuplicate, Input: []rest.Object{{{Name: "email", Value: "a@example.com"}}},
				}, fault.NotIdempotent)
				var failed *rest.CallError
				if !errors.As(err, &failed) || !failed.Unknown {
					t.Fatalf("%v", err)
				}
			}
			if n := len(s.Sim().LeadIDs()); n != 3 {
				t.Errorf("%d leads of 3 writes", n)
			}
		})
	}
}

// failingConn makes connections that fail in a way.
func failingConn(err error) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) { return nil, err }
}

// A connection that there never was has done nothing.
func TestRepeat_noConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
		cfg := config("https://refused.example.com")
		cfg.Dial, cfg.Retry = failingConn(refused), httpcall.Retry{MaxAttempts: 3}
		err := aWrite(t.Context(), newClient(t, cfg))
		var failed *rest.CallError
		if !errors.As(err, &failed) || failed.Unknown || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Error(err)
		}
	})
}

// A dead context wins over everything, and nothing is sent for who is gone.
func TestContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{t: t, answer: always(200, failing("608"))}
		c := s.client(withoutLimits, func(c *rest.Config) { c.Retry = httpcall.Retry{MaxAttempts: 100, FirstWait: time.Second} })
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("the caller has gone home")
		time.AfterFunc(20*time.Second, func() { cancel(reason) })
		err := aRead(ctx, c)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
			t.Error(err)
		}
		calls, _ := s.count()
		if err := aRead(ctx, c); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		time.Sleep(time.Hour)
		if after, _ := s.count(); after != calls || calls < 2 {
			t.Errorf("%d calls, then %d", calls, after)
		}
	})
}

// A wait that passes the deadline is not begun.
func TestContext_deadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{t: t, answer: always(200, failing("606"))}
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		begin := time.Now()
		if err := aRead(ctx, s.client(withoutLimits)); !errors.Is(err, fault.ErrRateLimited) || time.Since(begin) != 0 {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
	})
}

// The deadline of an attempt is a little more than what the service takes at most, path by path.
func TestTimeout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		call func(context.Context, *rest.Client) error
		want time.Duration
	}{
		"filter":     {aRead, 75 * time.Second},
		"sync":       {aWrite, 105 * time.Second},
		"activities": {func(ctx context.Context, c *rest.Client) error { _, err := c.ActivityTypes(ctx); return err }, 45 * time.Second},
		"merge": {func(ctx context.Context, c *rest.Client) error {
			return c.MergeLeads(ctx, 1, []int64{2}, false, fault.Unknown)
		}, 195 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mktowstest.NewServer(t)
				c := against(t, s, func(c *rest.Config) { c.Retry.MaxAttempts = 1 })
				if err := aRead(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				s.Inject(mktowstest.Rule{Delay: time.Hour})
				begin := time.Now()
				err := test.call(t.Context(), c)
				if took := time.Since(begin); took != test.want || !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after %s: %v", took, err)
				}
			})
		})
	}
}

// The log tells of attempts and repetitions, and shows nothing secret.
func TestLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := mktowstest.NewServer(t)
		s.Seed(simulator.Lead{Email: "a@example.com"})
		s.Inject(mktowstest.Rule{Code: 608, Times: 1})
		c := against(t, s, func(c *rest.Config) {
			c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			c.HTTP.Transport = &noting{c.HTTP.Transport, &log}
		})
		if err := aRead(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		text := log.String()
		for _, want := range []string{"repeating a call", `call="GET /rest/v1/leads.json"`, "http_status=200"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in %s", want, text)
			}
		}
		token, text, _ := strings.Cut(text, "\n")
		for _, secret := range []string{strings.TrimPrefix(token, "token "), mktowstest.RESTClientID, mktowstest.RESTClientSecret} {
			if secret == "" || strings.Contains(text, secret) {
				t.Errorf("%q is shown, or empty", secret)
			}
		}
	})
}

// noting writes down the token of the first call.
type noting struct {
	http.RoundTripper
	to io.Writer
}

func (n *noting) RoundTrip(r *http.Request) (*http.Response, error) {
	if token := r.Header.Get("Authorization"); token != "" && n.to != nil {
		fmt.Fprintln(n.to, "token", strings.TrimPrefix(token, "Bearer "))
		n.to = nil
	}
	return n.RoundTripper.RoundTrip(r)
}
