package client

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"
)

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
// Date of the latest answer and the time that has passed since. If the last hour brought
// none, the server is asked with HEAD and ?WSDL, once: that is no call of the API, it is
// neither signed nor counted, and no interceptor and no limiter sees it. WithTimeout bounds it;
// default: 30 seconds.
//
// Dates have a resolution of one second. The result is not later than the server's
// clock, as far as can be known, and earlier by less than that second and the time which
// the exchange took after the server had looked at its clock. Later answers may set it back by as
// much. A proxy that answers in the server's place shows its own clock.
//
// An answer without a Date that can be read is an error, whatever its status.
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
	if !c.see(resp, received) {
		return fmt.Errorf("the answer to HEAD (HTTP %d) has no header Date that can be read; a server has to send one, or something on the way removes it",
			resp.StatusCode)
	}
	return nil
}
