package httpcall

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// busyTime is how long the service is taken to be busy, at most, with a call that nobody waits
// for any more: answers have been reported to take a minute and a half (Marketo SOAP API, endpoint).
const busyTime = 90 * time.Second

// Exchanger makes exchanges. Set all fields before use.
type Exchanger struct {
	HTTP    *http.Client
	MaxBody int64 // of an answer, unpacked
	Now     func() time.Time
	// Read reads the body of an answer in place of ReadBody; nil: that does. What it reads into is the caller's again when
	// the exchange has ended, so that one which is given up is waited for and keeps no place.
	Read func(ctx context.Context, resp *http.Response) (doc string, err error)
}

// Response is what came of an exchange.
type Response struct {
	HTTP     *http.Response // nil if Err is what happened to the connection
	Doc      string         // the body, unpacked; empty for a redirect
	Err      error          // of the connection, or else of the body
	Received time.Time      // when the head of the answer came, or the exchange failed
	Panicked any            // what a foreign transport has panicked with
}

// ErrNoReply stands until there is something better, as after a transport that has ended its
// goroutine.
var ErrNoReply = errors.New("the transport gave neither an answer nor an error")

// Do sends a request and reads the whole answer.
func (e *Exchanger) Do(r *http.Request) Response {
	resp, err := e.HTTP.Do(r)
	err = withoutQuery(err)
	got := Response{HTTP: resp, Err: err, Received: e.Now()}
	if err != nil {
		return got
	}
	defer func() { _ = resp.Body.Close() }() // nothing is left to lose
	switch {
	case IsRedirect(resp.StatusCode):
	case e.Read != nil:
		got.Doc, got.Err = e.Read(r.Context(), resp)
	default:
		got.Doc, got.Err = ReadBody(r.Context(), resp, e.MaxBody)
	}
	return got
}

// withoutQuery cuts the query off the URL that an error of an HTTP client repeats: addresses of people stand there, and errors are logged.
func withoutQuery(err error) error {
	failed, ok := err.(*url.Error) //nolint:errorlint // as the client returns it; what is in it stays
	if !ok {
		return err
	}
	short := *failed
	short.URL, _, _ = strings.Cut(failed.URL, "?")
	return &short
}

// Ask makes the exchange of an attempt, and gives its place back when the service is done with
// the request. It returns when limited ends at the latest; ok is false if there is no reply then.
//
// The service does not stop working because nobody waits, nor with the head of its answer. So the
// place is kept until the answer has been read to its end, the server closes the connection or
// busyTime is over, and so long the connection stays open. Without limits there is no place to
// keep, and release is nil: then the exchange ends with limited.
func (e *Exchanger) Ask(limited context.Context, request func(context.Context) *http.Request, b *Body, release func(sent bool)) (got Response, ok bool) {
	if release == nil {
		return e.Do(request(limited)), true
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(limited))
	r := request(ctx) // here, as what it is made of is the caller's again when it was given up
	done := make(chan Response, 1)
	go func() {
		got, sent := Response{Err: ErrNoReply}, true // unless something better is known
		defer func() {
			stop()
			got.Panicked = recover()
			release(sent)
			done <- got
		}()
		got = e.Do(r)
		sent = got.HTTP != nil || b.Sent()
	}()
	select {
	case got = <-done:
		return got, true
	case <-limited.Done():
	}
	if b.MayHaveArrived() && e.Read == nil {
		time.AfterFunc(busyTime, stop)
		return Response{Received: e.Now()}, false
	}
	stop() // there was no connection yet, or its answer is cut off: it does not take long any more
	return <-done, true
}
