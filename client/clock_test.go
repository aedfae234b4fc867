package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// dated is a service whose clock is ahead. Requests and answers take that long on the way.
type dated struct {
	ahead, there, back time.Duration
	noDate             bool
	status             int
	asked              []string // "HEAD ?WSDL" or "POST"
	header             http.Header
}

func (d *dated) now() time.Time { return time.Now().Add(d.ahead) }

// RoundTrip implements http.RoundTripper.
func (d *dated) RoundTrip(r *http.Request) (*http.Response, error) {
	what := r.Method
	if r.URL.RawQuery != "" {
		what += " ?" + r.URL.RawQuery
	}
	d.asked = append(d.asked, what)
	d.header = r.Header
	select {
	case <-time.After(d.there):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	resp := &http.Response{StatusCode: d.status, Header: http.Header{"Content-Type": {"text/xml"}}, Body: http.NoBody}
	if r.Method == http.MethodPost {
		resp.Body = io.NopCloser(strings.NewReader(answerTo(gen.OperationByName("getLead"))))
	}
	if !d.noDate {
		resp.Header.Set("Date", d.now().UTC().Format(http.TimeFormat))
	}
	time.Sleep(d.back)
	return resp, nil
}

// client returns a client without limits, unless the options set them: the process counts the calls to
// a host, in the virtual time of whichever test makes them.
func (d *dated) client(t *testing.T, opts ...Option) *Client {
	t.Helper()
	c, err := New("https://mktows.example.com/soap/mktows/3_1", credentials, WithoutLimits(), WithOptions(opts...),
		WithoutRetry(), WithHTTPClient(&http.Client{Transport: d}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// checkTime checks that the client's idea of the service's clock is not late, and early by
// no more than the resolution and the way of the answer.
func checkTime(t *testing.T, c *Client, d *dated) {
	t.Helper()
	got, err := c.ServerTime(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if early := d.now().Sub(got); early < 0 || early >= time.Second+d.back {
		t.Errorf("early by %s", early)
	}
	if got.Location() != time.UTC {
		t.Errorf("zone %s", got.Location())
	}
}

func TestServerTime_neverLate(t *testing.T) {
	tests := []dated{
		{},
		{ahead: 90 * time.Minute},
		{ahead: -26 * time.Hour, there: 5 * time.Second},
		{ahead: 300 * time.Millisecond, there: 900 * time.Millisecond, back: 10 * time.Millisecond},
		{ahead: 999999 * time.Microsecond, there: time.Microsecond, back: 3 * time.Second},
	}
	for i := range tests {
		t.Run(tests[i].ahead.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := &tests[i]
				d.status = http.StatusOK
				c := d.client(t)
				for range 20 {
					checkTime(t, c, d)
					time.Sleep(777 * time.Millisecond)
					checkTime(t, c, d)
					if err := call(t.Context(), c, "getLead"); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

func TestServerTime_asksOnceAnHour(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &dated{ahead: time.Hour, status: http.StatusOK}
		c := d.client(t, WithLimits(Limits{Calls: 1, Per: 24 * time.Hour}))
		checkTime(t, c, d)
		time.Sleep(time.Hour)
		checkTime(t, c, d)
		time.Sleep(time.Second)
		checkTime(t, c, d)
		time.Sleep(30 * time.Minute)
		_ = call(t.Context(), c, "getLead")
		time.Sleep(time.Hour)
		checkTime(t, c, d)
		if diff := cmp.Diff([]string{"HEAD ?WSDL", "HEAD ?WSDL", "POST"}, d.asked); diff != "" {
			t.Error(diff)
		}
	})
}

// A cache on the way is asked to leave the answering to the server.
func TestServerTime_headers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &dated{status: http.StatusOK}
		checkTime(t, d.client(t, WithUserAgent("example/1")), d)
		if agent, cache := d.header.Get("User-Agent"), d.header.Get("Cache-Control"); agent != "example/1" || cache != "no-cache" {
			t.Errorf("User-Agent %q, Cache-Control %q", agent, cache)
		}
	})
}

// A clock that is set back tells nothing about how old an answer is.
func TestServerTime_localClockSetBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var back time.Duration
		d := &dated{status: http.StatusOK}
		c := d.client(t, WithClock(func() time.Time { return time.Now().Add(-back) }))
		checkTime(t, c, d)
		back = time.Minute
		checkTime(t, c, d)
		if len(d.asked) != 2 {
			t.Errorf("asked %q", d.asked)
		}
	})
}

// A server that does not know HEAD has a clock all the same.
func TestServerTime_anyStatus(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusInternalServerError, http.StatusNotImplemented} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := &dated{ahead: time.Hour, status: status}
				checkTime(t, d.client(t), d)
			})
		})
	}
}

// What is not the service's own word bears the date of another machine, and a refusal as
// expired one that is in doubt.
func TestServerTime_whoseDateIsBelieved(t *testing.T) {
	tests := map[string]struct {
		reply reply
		want  bool
	}{
		"an answer":            {answer, true},
		"a fault":              {refuse(500, fault.CodeLeadNotFound), true},
		"a fault on 200":       {refuse(200, fault.CodeBadParameter), true},
		"expired":              {refuse(500, fault.CodeRequestExpired), false},
		"not let in":           {refuse(500, fault.CodeAuthenticationFailed), false},
		"a proxy's fault":      {raw(500, soap, proxyFault), false},
		"a proxy's page":       {raw(502, "text/html", "<html>bad gateway"), false},
		"a captive portal":     {raw(200, "text/html", "<html>log in"), false},
		"half an answer":       {raw(200, soap, answerTo(gen.OperationByName("getLead"))[:200]), false},
		"an answer cut off":    {hangUp("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<S"), false},
		"something redirected": {withHeader("Location", "/login", raw(302, "", "")), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				date := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
				c := start(t, withHeader("Date", date, test.reply)).client(t, WithoutRetry())
				_ = call(t.Context(), c, "getLead")
				if got := c.seen.Load() != nil; got != test.want {
					t.Errorf("believed %t, expected %t", got, test.want)
				}
			})
		})
	}
}

func TestServerTime_faultsHaveDatesToo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		date := time.Now().Add(5 * time.Hour)
		s := start(t, withHeader("Date", date.UTC().Format(http.TimeFormat), refuse(500, fault.CodeLeadNotFound)))
		c := s.client(t)
		if err := call(t.Context(), c, "getLead"); !errors.Is(err, fault.ErrNotFound) {
			t.Fatal(err)
		}
		if got, err := c.ServerTime(t.Context()); err != nil || !got.Equal(date) {
			t.Errorf("%s, error %v", got, err)
		}
	})
}

func TestServerTime_errors(t *testing.T) {
	errLeft := errors.New("the user has left")
	tests := []struct {
		name string
		d    dated
		opts []Option
		text string
		is   error
		not  error
	}{
		{"no date", dated{status: 200, noDate: true}, nil, "(HTTP 200) has no header Date", nil, nil},
		{"far away", dated{status: 200, ahead: 200 * 365 * 24 * time.Hour}, nil, `(HTTP 200) has no header Date that a clock can show, but "`, nil, nil},
		{"redirect", dated{status: 302}, nil, "redirects to no address that can be read, and that was not followed", nil, nil},
		{"proxy without credentials", dated{status: 407}, nil, "HTTP 407", nil, nil},
		{"no server behind a proxy", dated{status: 502}, nil, "HTTP 502", nil, nil},
		{"no place behind a proxy", dated{status: 503}, nil, "HTTP 503", nil, nil},
		{"no answer behind a proxy", dated{status: 504}, nil, "HTTP 504", nil, nil},
		{"caller's deadline", dated{there: time.Hour}, nil, "while a request was under way", errLeft, os.ErrDeadlineExceeded},
		{"own time", dated{there: time.Hour}, []Option{WithTimeout(2 * time.Second)}, "no answer within 2s", os.ErrDeadlineExceeded, context.DeadlineExceeded},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, errLeft)
				defer cancel()
				_, err := test.d.client(t, test.opts...).ServerTime(ctx)
				switch {
				case err == nil, !strings.Contains(err.Error(), "mktows.example.com"), !strings.Contains(err.Error(), test.text),
					test.is != nil && !errors.Is(err, test.is), test.not != nil && errors.Is(err, test.not):
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

func TestServerTime_noConnection(t *testing.T) {
	bubble(t, func(t *testing.T) {
		refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
		c, err := New("https://mktows.example.com/soap/mktows/3_1", credentials,
			WithDial(func(context.Context, string, string) (net.Conn, error) { return nil, refused }))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.ServerTime(t.Context()); !errors.Is(err, refused) {
			t.Errorf("error %v", err)
		}
	})
}

func TestServerTime_whileCallsRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, answer)
		c := s.client(t)
		if err := call(t.Context(), c, "getLead"); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := call(t.Context(), c, "getLead"); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if _, err := c.ServerTime(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}
