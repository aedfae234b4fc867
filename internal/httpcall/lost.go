package httpcall

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// Failure is an attempt that did not succeed.
type Failure struct {
	Err   error
	Maybe bool          // the service may have carried the call out
	Retry bool          // another attempt can help and may be made
	After time.Duration // but not before this long
}

// Attempt is what is known of an attempt, for the judgement on its end.
type Attempt struct {
	Host    string
	Timeout time.Duration // the time of the attempt, which Limited ends after
	Safety  fault.Safety  // what doing the call twice does
	Body    *Body
	Hide    func(text string) string // blots out what is secret in the request
}

// TimedOut is the error of an attempt whose own time is over. It does not match
// context.DeadlineExceeded: the caller's context has not ended.
func (a *Attempt) TimedOut() error {
	return fmt.Errorf("no complete answer from %s within %s, the time of one attempt (WithTimeout): %w", a.Host, a.Timeout, os.ErrDeadlineExceeded)
}

// Lost makes the failure of an exchange that came to no end, with what happened to the connection. Limited is the context
// of the attempt, ctx that of the call.
func (a *Attempt) Lost(ctx, limited context.Context, err error) Failure {
	safety, maybe := a.Safety, a.Body.MayHaveArrived()
	if !maybe {
		safety = fault.ReadOnly // what nobody has seen can be sent again, whatever it is
	}
	if over := Ended(ctx); over != nil {
		return Failure{Err: fmt.Errorf("%w, while a request to %s was under way", over, a.Host), Maybe: maybe}
	}
	if limited.Err() != nil {
		return Failure{Err: a.TimedOut(), Maybe: maybe, Retry: safety.Repeatable()}
	}
	after, retry := fault.Retryable(err, safety)
	if text := err.Error(); a.Hide(text) != text {
		err = errors.New(a.Hide(text)) // net/http quotes what is no HTTP
	}
	// Of a connection that was there, every end is a loss; net/http has no type for some.
	retry = retry || a.Body.Connected() && safety.Repeatable() && !IsTimeout(err)
	return Failure{Err: fmt.Errorf("the connection failed: %w", err), Maybe: maybe, Retry: retry, After: after}
}

// BrokenOff makes the failure of an answer that cannot be read to its end, with what happened to it.
func (a *Attempt) BrokenOff(ctx, limited context.Context, status int, err error) Failure {
	switch over := Ended(ctx); {
	case over != nil:
		return Failure{Err: fmt.Errorf("%w, while reading the answer", over), Maybe: true}
	case limited.Err() != nil:
		return Failure{Err: a.TimedOut(), Maybe: true, Retry: a.Safety.Repeatable()}
	}
	err = fmt.Errorf("the answer (HTTP %d) broke off or cannot be read: %w", status, err)
	_, retry := fault.Retryable(err, a.Safety)
	return Failure{Err: err, Maybe: true, Retry: retry}
}

// statusClientClosed is what nginx says where one side did not wait for the other. As with 408, the
// request may have gone on to the service before.
const statusClientClosed = 499

// MaybeDone reports whether a call may have been carried out that was answered with an HTTP status and nothing
// that the service says by itself.
func MaybeDone(status int) bool {
	return status < 300 || status >= 500 || status == http.StatusRequestTimeout || status == statusClientClosed
}
