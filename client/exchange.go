package client

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// busyTime is how long the service is taken to be busy, at most, with a call that nobody waits
// for any more: answers have been reported to take a minute and a half (Marketo SOAP API, endpoint).
const busyTime = 90 * time.Second

// response is what came of an exchange.
type response struct {
	resp     *http.Response // nil if err is what happened to the connection
	doc      string         // the body, unpacked
	err      error          // of the connection, or else of the body
	received time.Time      // when the head of the answer came, or the exchange failed
	panicked any            // what a foreign transport has panicked with
}

// errNoReply stands until there is something better, as after a transport that has ended its
// goroutine.
var errNoReply = errors.New("the transport gave neither an answer nor an error")

// exchange sends a request and reads the whole answer.
func (c *Client) exchange(r *http.Request) response {
	resp, err := c.http.Do(r)
	got := response{resp: resp, err: err, received: c.now()}
	if err != nil {
		return got
	}
	defer func() { _ = resp.Body.Close() }() // nothing is left to lose
	if !isRedirect(resp.StatusCode) {
		got.doc, got.err = readBody(r.Context(), resp, c.maxBody)
	}
	return got
}

// ask makes the exchange of an attempt, and gives its place back when the service is done with
// the request. It returns when limited ends at the latest; ok is false if there is no reply then.
//
// The service does not stop working because nobody waits, nor with the head of its answer. So the
// place is kept until the answer has been read to its end, the server closes the connection or
// busyTime is over, and so long the connection stays open. Without limits there is no place to
// keep: then the exchange ends with limited.
func (c *Client) ask(limited context.Context, call *Call, t *trip, release func(sent bool)) (got response, ok bool) {
	if c.limiter == nil {
		return c.exchange(c.request(limited, call, t)), true
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(limited))
	r := c.request(ctx, call, t) // here, as the call is the caller's again when it was given up
	done := make(chan response, 1)
	go func() {
		got, sent := response{err: errNoReply}, true // unless something better is known
		defer func() {
			stop()
			got.panicked = recover()
			release(sent)
			done <- got
		}()
		got = c.exchange(r)
		sent = got.resp != nil || t.sent()
	}()
	select {
	case got = <-done:
		return got, true
	case <-limited.Done():
	}
	if t.mayHaveArrived() {
		time.AfterFunc(busyTime, stop)
		return response{received: c.now()}, false
	}
	stop() // there was no connection yet: it does not take long any more
	return <-done, true
}
