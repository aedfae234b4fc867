package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
)

// clockFix corrects the client's clock for signatures, by what an expired request (20016) has
// shown. It is not changed; another one takes its place.
type clockFix struct {
	by     time.Duration
	proven bool // the service has taken a signature made with it
}

// stamp is a signature and the correction that it was made with.
type stamp struct {
	auth.Stamp
	fix *clockFix // nil: none
}

// stamp signs for this moment.
func (c *Client) stamp() stamp {
	fix, now := c.fix.Load(), c.now()
	if fix != nil {
		now = now.Add(fix.by)
	}
	return stamp{c.signer.StampAt(now), fix}
}

// learn takes from a complete answer what it tells about clocks. Only the service's own
// word counts, which is an answer or a fault with a code: on anything else, such as the page
// of a proxy, the date is that of another machine.
func (c *Client) learn(call *Call, s stamp, resp *http.Response, err error) {
	var f *fault.Fault
	switch isFault := errors.As(err, &f); {
	case isFault && f.Code == fault.CodeRequestExpired:
		c.suspect(call, s, resp)
	case err == nil, isFault && f.Code != 0 && !errors.Is(err, fault.ErrAuth):
		c.see(resp, call.Received)
		if s.fix != nil && !s.fix.proven {
			c.fix.CompareAndSwap(s.fix, &clockFix{s.fix.by, true})
		}
	}
}

// suspect deals with a request that the service found expired: one of the two clocks is
// wrong. A correction that was just learnt and is refused too was wrong, since the header Date
// may be that of a proxy, and is forgotten; otherwise that header gives another one.
//
// Of calls that run at the same time, only one whose correction is still in force changes it.
func (c *Client) suspect(call *Call, s stamp, resp *http.Response) {
	if s.fix != nil && !s.fix.proven {
		c.fix.CompareAndSwap(s.fix, nil)
		return
	}
	if by, explains := correction(call, s, resp); explains {
		c.fix.CompareAndSwap(s.fix, &clockFix{by: by})
	}
}

// correction returns how far the clock of the server is ahead of the client's, by the header
// Date, and whether that explains why the server found a request expired. It does not
// if the date lies between the sending and the receiving: then both clocks show the same.
func correction(call *Call, s stamp, resp *http.Response) (by time.Duration, explains bool) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, false
	}
	var known time.Duration
	if s.fix != nil {
		known = s.fix.by
	}
	// A date is cut to seconds.
	early := date.Add(time.Second).Before(call.Sent.Add(known))
	late := date.After(call.Received.Add(known))
	return date.Sub(call.Received), early || late
}

const (
	// sightingLife is how long the clocks are trusted to run alike.
	sightingLife = time.Hour
	clockTimeout = 30 * time.Second
)

// sighting is what an answer tells about the server's clock.
type sighting struct {
	date     time.Time // of the server, cut to seconds
	received time.Time // by the client's clock, with its monotonic reading
}

// see remembers the date of an answer.
func (c *Client) see(resp *http.Response, received time.Time) bool {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return false
	}
	c.seen.Store(&sighting{date.UTC(), received})
	return true
}

// ServerTime returns the time by the server's clock, in UTC. It is taken from the header
// Date of the service's latest answer and the time that has passed since. If the last hour brought
// none, the server is asked with HEAD and ?WSDL, once: that is no call of the API, it is
// neither signed nor counted, and no interceptor and no limiter sees it. WithTimeout bounds it;
// default: 30 seconds.
//
// Believed are answers and faults with a code of the service. The date on a page of a
// proxy is not, nor that on a refusal as expired (20016), where the clocks are what is in doubt.
//
// Dates have a resolution of one second. The result is not later than the server's
// clock, as far as can be known, and earlier by less than that second and the time which
// the exchange took after the server had looked at its clock. Later answers may set it back by as
// much. A proxy that puts its own Date on the server's answers shows its own clock.
//
// An answer to HEAD without a Date that can be read is an error, and so is one that comes
// from before the server: a redirect, or status 407, 502, 503 or 504.
func (c *Client) ServerTime(ctx context.Context) (time.Time, error) {
	if t, ok := c.serverTime(); ok {
		return t, nil
	}
	if err := c.askTime(ctx); err != nil {
		return time.Time{}, fmt.Errorf("client: the time of %s: %w", c.endpoint.url.Host, err)
	}
	last := c.seen.Load()
	return last.date.Add(c.now().Sub(last.received)), nil
}

// serverTime returns the time if an answer is recent enough.
//
// When the server wrote the date its clock showed that or up to a second more, and that was
// before the answer came. So at least as much time has passed since as since the coming,
// and the sum errs on the early side. Counted from the sending it could be late.
func (c *Client) serverTime() (time.Time, bool) {
	last := c.seen.Load()
	if last == nil {
		return time.Time{}, false
	}
	age := c.now().Sub(last.received)
	return last.date.Add(age), age >= 0 && age <= sightingLife // a clock that was set back tells nothing
}

// fromBefore reports whether something before the server gives an answer of that status. All
// others may be the server's own, also to a method that it does not know.
func fromBefore(status int) bool {
	switch status {
	case http.StatusProxyAuthRequired, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// askTime gets an answer for its date only.
func (c *Client) askTime(ctx context.Context) error {
	timeout := c.timeout
	if timeout == 0 {
		timeout = clockTimeout
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	url := *c.endpoint.url
	url.RawQuery = "WSDL"
	r, err := http.NewRequestWithContext(limited, http.MethodHead, url.String(), nil)
	if err != nil {
		return err
	}
	r.Header.Set("User-Agent", c.userAgent)
	r.Header.Set("Cache-Control", "no-cache") // a stored answer bears an old date
	resp, err := c.http.Do(r)
	received := c.now()
	switch over := ended(ctx); {
	case err != nil && over != nil:
		return fmt.Errorf("%w, while a request was under way", over)
	case err != nil && limited.Err() != nil: // not the caller's deadline, as in Client.timedOut
		return fmt.Errorf("no answer within %s: %w", timeout, os.ErrDeadlineExceeded)
	case err != nil:
		return fmt.Errorf("the connection failed: %w", err)
	}
	_ = resp.Body.Close() // it is empty
	switch {
	case isRedirect(resp.StatusCode):
		return redirected(resp, stamp{})
	case fromBefore(resp.StatusCode):
		return fmt.Errorf("HTTP %d to HEAD is no answer of the server itself, so that its date tells nothing; check the endpoint and any proxy on the way",
			resp.StatusCode)
	}
	if !c.see(resp, received) {
		return fmt.Errorf("the answer to HEAD (HTTP %d) has no header Date that can be read; a server has to send one, or something on the way removes it",
			resp.StatusCode)
	}
	return nil
}
