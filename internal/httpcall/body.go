package httpcall

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// Body is the body of a request on its way: it knows how far it came. It must not be one of
// the readers that net/http knows: with others net/http sends the head of the request first,
// so that on a dead connection the body is not even begun.
type Body struct {
	text   *bytes.Reader
	size   int64
	state  atomic.Int32
	gotOne atomic.Bool // a connection to send on
}

// The states of a body.
const (
	bodyNew     = iota
	bodyStarted // it is being read, hence sent
	bodyOver    // it was never read, and will not be any more
)

var errOver = errors.New("the attempt has ended")

// NewBody returns a body, which may be empty.
func NewBody(text []byte) *Body {
	return &Body{text: bytes.NewReader(text), size: int64(len(text))}
}

// Read implements io.Reader for net/http.
func (b *Body) Read(p []byte) (int, error) {
	if !b.state.CompareAndSwap(bodyNew, bodyStarted) && b.state.Load() == bodyOver {
		return 0, errOver
	}
	return b.text.Read(p)
}

// Close implements io.Closer for net/http.
func (b *Body) Close() error { return nil }

// Trace tells the body that there is a connection.
func (b *Body) Trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { b.gotOne.Store(true) }}
}

// Connected reports whether there was a connection to send on.
func (b *Body) Connected() bool { return b.gotOne.Load() }

// AddTo makes it the body of a request, which has no GetBody: net/http would send the request
// again by itself, where nobody counts it. So it would a GET without a body; one whose body turns out to be
// empty it sends in the same form, and once.
func (b *Body) AddTo(r *http.Request) {
	if b.size > 0 || r.Method == http.MethodGet {
		r.Body, r.ContentLength = b, b.size
	}
}

// MayHaveArrived ends its way, and reports whether the service may have got the request. It has
// not if the body was never read, and will not be any more. A request without a body may have
// arrived once there was a connection.
func (b *Body) MayHaveArrived() bool {
	if b.size == 0 {
		return b.Connected()
	}
	b.state.CompareAndSwap(bodyNew, bodyOver)
	return b.state.Load() == bodyStarted
}

// Sent reports, after the exchange, whether the service can have seen anything of it: the head alone
// may have been sent.
func (b *Body) Sent() bool { return b.MayHaveArrived() || b.Connected() }
