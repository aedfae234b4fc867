package client

import (
	"context"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// Call is one call of an operation, as interceptors see it. A test of an interceptor
// can make its own.
type Call struct {
	Server  string // host of the endpoint, with the port if it names one
	Spec    Spec
	Attempt int         // how often the request was sent or tried so far
	Req     gen.Message // the request; may be replaced by another one of the operation, but see [Client.Do]
	Res     gen.Message // where the answer goes: fill it, do not replace it

	// About the last attempt; zero before.
	HTTPStatus int       // of the answer
	Sent       time.Time // when the request was handed to the connection
	Received   time.Time // when the head of the answer came, or the attempt failed

	Envelope *Envelope // what is sent, where that is not made of Req; else nil. See [Client.Do]
}

// Handler carries a call out: it fills call.Res or returns an error. A Client's
// innermost handler returns only errors that are a *fault.OpError.
type Handler func(ctx context.Context, call *Call) error

// Interceptor wraps the handler of all calls of a client. It acts once for each call,
// around all of its attempts. It may change the context or the request, call next
// more than once, or answer by itself. The Handlers it makes must be safe for
// concurrent use.
type Interceptor func(next Handler) Handler

// chain composes interceptors: the first one acts first.
func chain(interceptors []Interceptor, innermost Handler) Handler {
	h := innermost
	for i := len(interceptors) - 1; i >= 0; i-- {
		h = interceptors[i](h)
	}
	return h
}
