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
	"github.com/mktows/mktows-go/internal/httpcall"
)

// clockFix corrects the client's clock for signatures, by what an expired request (20016) has
// shown. It is not changed; another one takes its place.
type clockFix struct{ by time.Duration }

// trial is a correction that no answer has proven yet. One call tries it; until it is proven, all others are signed
// without it, since the header Date that it was learnt from may be that of a proxy.
type trial struct{ fix, instead *clockFix } // instead was in force, nil for none, when a request was found expired

// stamp is a signature and what it was made with.
type stamp struct {
	auth.Stamp
	fix *clockFix // nil: none
	of  *series   // whose trial it may be
}

// stamp signs for this moment.
func (c *Client) stamp(s *series) stamp {
	fix, now := c.fix.Load(), c.now()
	if s.trial != nil {
		fix = s.trial.fix
	}
	if fix != nil {
		now = now.Add(fix.by)
	}
	return stamp{c.signer.StampAt(now), fix, s}
}

// takeTrial returns the correction that an earlier call has learnt and not tried, if it still fits. Nobody else gets it.
func (c *Client) takeTrial() *trial {
	if t := c.untried.Swap(nil); t != nil && t.instead == c.fix.Load() {
		return t
	}
	return nil
}

// leaveTrial leaves a correction that a call has not come to try, or of which it got no answer, to the next call.
func (c *Client) leaveTrial(s *series) {
	if s.trial != nil {
		c.untried.Store(s.trial)
	}
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
		if t := s.of.trial; t != nil {
			c.fix.CompareAndSwap(t.instead, t.fix)
			s.of.trial = nil
		}
	}
}

// suspect deals with a request that the service found expired: one of the two clocks is
// wrong. The header Date gives a correction, which the call is to try. One that is refused too was wrong and is forgotten, and
// so is the one before it: in the end the client's own clock is asked again.
//
// Of calls that run at the same time, only one whose correction is still in force changes it.
func (c *Client) suspect(call *Call, s stamp, resp *http.Response) {
	if t := s.of.trial; t != nil {
		c.fix.CompareAndSwap(t.instead, nil)
		s.of.trial = nil
		return
	}
	if by, explains := correction(call, s, resp); explains {
		s.of.trial = &trial{fix: &clockFix{by}, instead: s.fix}
	}
}

// correction returns how far the clock of the server is ahead of the client's, by the header
// Date, and whether that explains why the server found a request expired. It does not
// if the date lies between the sending and the receiving: then both clocks show the same.
func correction(call *Call, s stamp, resp *http.Response) (by time.Duration, explains bool) {
	date, ok := httpcall.ServerDate(resp, call.Received)
	if !ok {
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

// see remembers the date of an answer, if it has one.
func (c *Client) see(resp *http.Response, received time.Time) bool {
	date, ok := httpcall.ServerDate(resp, received)
	if ok {
		c.seen.Store(&sighting{date, received})
	}
	return ok
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
// An answer to HEAD without a Date that can be read, or with one a century and more away, is an error, and so is one that comes
// from before the server: a redirect, or status 407, 502, 503 or 504.
func (c *Client) ServerTime(ctx context.Context) (time.Time, error) {
	if t, ok := c.serverTime(); ok {
		return t, nil
	}
	if err := c.askTime(ctx); err != nil {
		return time.Time{}, fmt.Errorf("the time of %s: %w", c.endpoint.url.Host, err)
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
	switch over := httpcall.Ended(ctx); {
	case err != nil && over != nil:
		return fmt.Errorf("%w, while a request was under way", over)
	case err != nil && limited.Err() != nil: // not the caller's deadline, as in Client.timedOut
		return fmt.Errorf("no answer within %s: %w", timeout, os.ErrDeadlineExceeded)
	case err != nil:
		return fmt.Errorf("the connection failed: %w", err)
	}
	_ = resp.Body.Close() // it is empty
	switch {
	case httpcall.IsRedirect(resp.StatusCode):
		return redirected(resp, stamp{})
	case fromBefore(resp.StatusCode):
		return fmt.Errorf("HTTP %d to HEAD is no answer of the server itself, so that its date tells nothing; check the endpoint and any proxy on the way",
			resp.StatusCode)
	}
	if !c.see(resp, received) {
		return fmt.Errorf("the answer to HEAD (HTTP %d) has no header Date that a clock can show, but %.40q; a server has to send one, or something on the way changes it",
			resp.StatusCode, resp.Header.Get("Date"))
	}
	return nil
}
