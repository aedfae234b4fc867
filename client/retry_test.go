package client

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// steps are waits of 1 s, 2 s, 3 s and so on.
type steps struct{ last time.Duration }

func newSteps() backoff.BackOff { return new(steps) }

func (s *steps) NextBackOff() time.Duration { s.last += time.Second; return s.last }
func (s *steps) Reset()                     { s.last = 0 }

// bubble runs a test in virtual time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

// moments returns when the requests came, counted from the first one.
func moments(s *service) (after []time.Duration) {
	all := s.requests()
	for _, x := range all {
		after = append(after, x.at.Sub(all[0].at))
	}
	return after
}

func seconds(n ...time.Duration) []time.Duration {
	for i := range n {
		n[i] *= time.Second
	}
	return n
}

// ending is how a call ends.
type ending string

const (
	success ending = "success"
	refusal ending = "a failure that surely changed nothing"
	unknown ending = "an unknown outcome"
)

func TestRetry_byCodeAndSafety(t *testing.T) {
	t.Parallel()
	const read, idempotent, write = "getLead", "listOperation", "mergeLeads"
	for name, test := range map[string]struct {
		operation string
		replies   []reply
		want      []time.Duration // when requests come
		end       ending
		err       error // what the error matches, besides
	}{
		"internal, read":           {read, []reply{refuse(500, 20011), refuse(200, 10001), answer}, seconds(0, 1, 3), success, nil},
		"internal, idempotent":     {idempotent, []reply{refuse(500, 20011), answer}, seconds(0, 1), success, nil},
		"internal, write":          {write, []reply{refuse(500, 20011), answer}, seconds(0), unknown, fault.CodeServiceInternal},
		"internal for ever":        {read, []reply{refuse(500, 20011)}, seconds(0, 1, 3, 6, 10), refusal, fault.CodeServiceInternal},
		"rate, write":              {write, []reply{refuse(500, 20023), refuse(500, 20023), answer}, seconds(0, 21, 43), success, nil},
		"concurrency, write":       {write, []reply{refuse(500, 20024), answer}, seconds(0, 2), success, nil},
		"quota":                    {read, []reply{refuse(500, 20015)}, seconds(0), refusal, fault.ErrQuota},
		"authentication":           {read, []reply{refuse(500, 20014)}, seconds(0), refusal, fault.ErrAuth},
		"access denied":            {read, []reply{refuse(500, 20013)}, seconds(0), refusal, fault.ErrAuth},
		"not found":                {read, []reply{refuse(500, 20103)}, seconds(0), refusal, fault.CodeLeadNotFound},
		"unknown code":             {read, []reply{refuse(500, 29999)}, seconds(0), refusal, fault.Code(29999)},
		"bad gateway, read":        {read, []reply{raw(502, "text/html", "<html>bad gateway"), answer}, seconds(0, 1), success, nil},
		"bad gateway, write":       {write, []reply{raw(502, "text/html", "<html>bad gateway"), answer}, seconds(0), unknown, fault.ErrServer},
		"408, read":                {read, []reply{raw(408, "text/html", "<html>late"), answer}, seconds(0, 1), success, nil},
		"408, write":               {write, []reply{raw(408, "text/html", "<html>late"), answer}, seconds(0), unknown, nil},
		"499, idempotent":          {idempotent, []reply{raw(499, "text/html", "<html>late"), answer}, seconds(0, 1), success, nil},
		"499, write":               {write, []reply{raw(499, "text/html", "<html>late"), answer}, seconds(0), unknown, nil},
		"page on 500, read":        {read, []reply{raw(500, "text/html", "<html>oops")}, seconds(0), refusal, fault.ErrServer},
		"not found page, write":    {write, []reply{raw(404, "text/html", "<html>no")}, seconds(0), refusal, nil},
		"429, write":               {write, []reply{withHeader("Retry-After", "7", raw(429, "", "")), answer}, seconds(0, 8), success, nil},
		"429 with a date":          {write, []reply{untilDate(7*time.Second, raw(429, "", "")), answer}, seconds(0, 8), success, nil},
		"asked to wait for ever":   {read, []reply{withHeader("Retry-After", "99999999999999999999", raw(503, "", ""))}, seconds(0), refusal, fault.ErrServer},
		"until the year 9999":      {read, []reply{withHeader("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT", raw(503, "", ""))}, seconds(0), refusal, fault.ErrServer},
		"asked to wait long":       {read, []reply{withHeader("Retry-After", "3600", raw(503, "", ""))}, seconds(0), refusal, fault.ErrServer},
		"lost, read":               {read, []reply{hangUp(""), hangUp("HTTP/1.1 200 OK\r\nContent-Le"), answer}, seconds(0, 1, 3), success, nil},
		"lost, idempotent":         {idempotent, []reply{hangUp(""), answer}, seconds(0, 1), success, nil},
		"lost, write":              {write, []reply{hangUp(""), answer}, seconds(0), unknown, nil},
		"broken off, read":         {read, []reply{hangUp("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<S"), answer}, seconds(0, 1), success, nil},
		"broken off, write":        {write, []reply{hangUp("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<S"), answer}, seconds(0), unknown, nil},
		"lost, then refused":       {idempotent, []reply{hangUp(""), refuse(500, 20015)}, seconds(0, 1), unknown, fault.ErrQuota},
		"parameter missing, read":  {read, []reply{raw(500, "text/xml", parameterFault)}, seconds(0), refusal, fault.ErrInvalid},
		"parameter missing, write": {write, []reply{raw(500, "text/xml", parameterFault)}, seconds(0), refusal, fault.CodeInternal},
		"fault of a bare client":   {write, []reply{raw(500, "text/xml", strings.ReplaceAll(proxyFault, "e:Server", "Client"))}, seconds(0), refusal, nil},
		"fault of a proxy":         {write, []reply{raw(500, "text/xml", proxyFault)}, seconds(0), unknown, nil},
		"fault of the client":      {write, []reply{raw(500, "text/xml", strings.ReplaceAll(proxyFault, ":Server", ":Client"))}, seconds(0), refusal, nil},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := start(t, test.replies...)
				err := call(t.Context(), steady(s.client(t)), test.operation)
				if diff := cmp.Diff(test.want, moments(s)); diff != "" {
					t.Errorf("requests came at other times: %s", diff)
				}
				if test.end == success {
					if err != nil {
						t.Error(err)
					}
					return
				}
				checkOpError(t, err, test.operation, len(test.want))
				if test.err != nil && !errors.Is(err, test.err) {
					t.Errorf("error %v, expected %v", err, test.err)
				}
				if errors.Is(err, fault.ErrUnknownOutcome) != (test.end == unknown) {
					t.Errorf("expected %s: %v", test.end, err)
				}
			})
		})
	}
}

// untilDate asks to wait until a date.
func untilDate(wait time.Duration, then reply) reply {
	return func(w http.ResponseWriter, x *exchange) {
		withHeader("Retry-After", time.Now().Add(wait).UTC().Format(http.TimeFormat), then)(w, x)
	}
}

// parameterFault is the caller's mistake under the code of an internal error.
var parameterFault = strings.NewReplacer("e:Server", "SOAP-ENV:Client", "back end timed out", "10001 - Parameter required").Replace(proxyFault)

const proxyFault = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>` +
	`<faultcode>e:Server</faultcode><faultstring>back end timed out</faultstring></e:Fault></e:Body></e:Envelope>`

func checkOpError(t *testing.T, err error, operation string, attempts int) {
	t.Helper()
	var op *fault.OpError
	switch {
	case !errors.As(err, &op):
		t.Errorf("error %v is no OpError", err)
	case op.Op != operation || op.Attempts != attempts:
		t.Errorf("error of %s after %d attempts, expected %s after %d: %v", op.Op, op.Attempts, operation, attempts, err)
	case !strings.Contains(err.Error(), operation):
		t.Errorf("the text does not name %s: %v", operation, err)
	}
}

func TestWithoutRetry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, refuse(500, 20011), expireUnlessWithin(time.Hour))
		c := s.client(t, WithoutRetry())
		for attempt, want := range []error{fault.ErrServer, fault.ErrExpired, nil} {
			if err := call(t.Context(), c, "getLead"); !errors.Is(err, want) {
				t.Errorf("call %d: error %v, expected %v", attempt+1, err, want)
			}
		}
		if n := len(s.requests()); n != 3 {
			t.Errorf("%d requests, expected 3", n)
		}
	})
}

func TestRetry_deadlineShorterThanTheWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, refuse(500, 20011), refuse(500, 20023))
		ctx, cancel := context.WithTimeout(t.Context(), 22*time.Second)
		defer cancel()
		begin := time.Now()
		err := call(ctx, steady(s.client(t)), "getLead") // waits 1 s, then would 22 s
		checkOpError(t, err, "getLead", 2)
		if !errors.Is(err, fault.ErrRateLimited) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, expected the last one of the service", err)
		}
		if took := time.Since(begin); took != time.Second {
			t.Errorf("returned after %s, expected at once", took)
		}
	})
}

func TestRetry_contextEndsInTheWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, refuse(500, 20023))
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("the user has left")
		time.AfterFunc(5*time.Second, func() { cancel(why) })
		begin := time.Now()
		err := call(ctx, s.client(t), "getLead")
		checkOpError(t, err, "getLead", 1)
		for _, want := range []error{context.Canceled, why, fault.ErrRateLimited} {
			if !errors.Is(err, want) {
				t.Errorf("error %v, expected %v in it", err, want)
			}
		}
		if took := time.Since(begin); took != 5*time.Second {
			t.Errorf("returned after %s", took)
		}
	})
}

// slowReplies take longer than anybody waits.
var slowReplies = map[string]reply{
	"before the answer": late(time.Hour, answer),
	"in its body": func(w http.ResponseWriter, x *exchange) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-x.gone
	},
}

func TestRetry_contextEndsOnTheWay(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"getLead", "listOperation", "mergeLeads"} {
		for stage, slow := range slowReplies {
			t.Run(operation+" "+stage, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					s := start(t, slow)
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
					defer cancel()
					begin := time.Now()
					err := call(ctx, s.client(t), operation)
					checkOpError(t, err, operation, 1)
					if took := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || took != 5*time.Second {
						t.Errorf("after %s: %v", took, err)
					}
					if got, want := errors.Is(err, fault.ErrUnknownOutcome), operation != "getLead"; got != want {
						t.Errorf("unknown outcome %t, expected %t: %v", got, want, err)
					}
				})
			})
		}
	}
}

// A definite answer that comes when the context has just ended does not hide that.
func TestRetry_deadContextWins(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := start(t, answer)
		c := s.client(t)
		f := c.judge(ctx, &Call{}, fault.New(fault.CodeLeadNotFound, ""))
		if errors.Is(f.Err, context.Canceled) {
			t.Error("the context has not ended")
		}
		cancel()
		f = c.judge(ctx, &Call{}, fault.New(fault.CodeLeadNotFound, ""))
		if !errors.Is(f.Err, context.Canceled) || !errors.Is(f.Err, fault.ErrNotFound) {
			t.Errorf("error %v, expected both", f.Err)
		}
	})
}

func TestTimeout_ofAnAttempt(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"getLead", "mergeLeads"} {
		for stage, slow := range slowReplies {
			t.Run(operation+" "+stage, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					s := start(t, slow, answer)
					err := call(t.Context(), steady(s.client(t, WithTimeout(10*time.Second))), operation)
					if operation == "getLead" {
						if diff := cmp.Diff(seconds(0, 11), moments(s)); err != nil || diff != "" {
							t.Errorf("error %v, %s", err, diff)
						}
						return
					}
					checkOpError(t, err, operation, 1)
					if errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, os.ErrDeadlineExceeded) ||
						!errors.Is(err, fault.ErrUnknownOutcome) || !strings.Contains(err.Error(), "within 10s") {
						t.Errorf("error %v, expected an unknown outcome, and no error of the context", err)
					}
				})
			})
		}
	}
}

// The time-out of the caller's HTTP client ends the call, which package fault describes.
func TestTimeout_ofTheHTTPClient(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, late(time.Minute, answer))
		transport := &http.Transport{DialContext: s.dial}
		defer transport.CloseIdleConnections()
		for _, operation := range []string{"getLead", "mergeLeads"} {
			err := call(t.Context(), s.client(t, WithHTTPClient(&http.Client{Transport: transport, Timeout: time.Second})), operation)
			checkOpError(t, err, operation, 1)
			if got, want := errors.Is(err, fault.ErrUnknownOutcome), operation == "mergeLeads"; got != want {
				t.Errorf("unknown outcome %t: %v", got, err)
			}
		}
	})
}

func TestTimeout_byOperation(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]time.Duration{"getLead": 3 * time.Minute, "getLeadChanges": 10 * time.Minute} {
		t.Run(operation, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := start(t, late(time.Hour, answer))
				begin := time.Now()
				err := call(t.Context(), s.client(t, WithoutRetry()), operation)
				if took := time.Since(begin); took != want || err == nil {
					t.Errorf("gave up after %s, expected %s: %v", took, want, err)
				}
			})
		})
	}
}

func TestRetryPolicy_fullJitter(t *testing.T) {
	t.Parallel()
	p := RetryPolicy{FirstWait: time.Second, MaxWait: 4 * time.Second}
	bounds := seconds(1, 2, 4, 4, 4)
	most := make([]time.Duration, len(bounds))
	for range 2000 {
		b := httpcall.Retry(p).BackOff()
		for i := range bounds {
			most[i] = max(most[i], b.NextBackOff())
		}
	}
	for i, bound := range bounds {
		if most[i] > bound || most[i] < bound*9/10 {
			t.Errorf("wait %d is up to %s, expected up to %s", i+1, most[i], bound)
		}
	}
}

func TestWithRetry_zeroFieldsAreDefaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want RetryPolicy }{
		{RetryPolicy{}, RetryPolicy{5, 500 * time.Millisecond, 30 * time.Second}},
		{RetryPolicy{MaxAttempts: 2}, RetryPolicy{2, 500 * time.Millisecond, 30 * time.Second}},
		{RetryPolicy{MaxWait: time.Millisecond}, RetryPolicy{5, time.Millisecond, time.Millisecond}},
		{RetryPolicy{FirstWait: time.Minute}, RetryPolicy{5, time.Minute, time.Minute}},
	} {
		cfg, err := newConfig([]Option{WithRetry(test.in)})
		if diff := cmp.Diff(test.want, cfg.retry); err != nil || diff != "" {
			t.Errorf("%+v: error %v, %s", test.in, err, diff)
		}
	}
}

func TestRetry_maxAttempts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, refuse(500, 20011))
		err := call(t.Context(), s.client(t, WithRetry(RetryPolicy{MaxAttempts: 3, MaxWait: time.Second})), "getLead")
		checkOpError(t, err, "getLead", 3)
		if n := len(s.requests()); n != 3 {
			t.Errorf("%d requests", n)
		}
	})
}
