package client

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/limits"
)

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// newHTTPClient returns the default HTTP client.
func newHTTPClient(dial dialFunc, proxy func(*http.Request) (*url.URL, error)) *http.Client {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	return &http.Client{Transport: &http.Transport{
		Proxy:                  proxy,
		DialContext:            dial,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConnsPerHost:    limits.SOAP().Concurrent,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // the client asks for gzip and bounds it by itself
	}}
}

// followNoRedirect makes net/http return the redirect itself: a signed request goes to
// the endpoint and nowhere else.
func followNoRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// trip is the body of a request on its way: it knows how far it came. It must not be one of
// the readers that net/http knows: with others net/http sends the head of the request first,
// so that on a dead connection the body is not even begun.
type trip struct {
	body   *bytes.Reader
	size   int64
	state  atomic.Int32
	gotOne atomic.Bool // a connection to send on
}

// The states of a trip.
const (
	tripNew     = iota
	tripStarted // the body is being read, hence sent
	tripOver    // it was never read, and will not be any more
)

var errTripOver = errors.New("the attempt has ended")

func newTrip(body []byte) *trip {
	return &trip{body: bytes.NewReader(body), size: int64(len(body))}
}

// Read implements io.Reader for net/http.
func (t *trip) Read(p []byte) (int, error) {
	if !t.state.CompareAndSwap(tripNew, tripStarted) && t.state.Load() == tripOver {
		return 0, errTripOver
	}
	return t.body.Read(p)
}

// Close implements io.Closer for net/http.
func (t *trip) Close() error { return nil }

// trace tells the trip that it got a connection.
func (t *trip) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { t.gotOne.Store(true) }}
}

// connected reports whether there was a connection to send on.
func (t *trip) connected() bool { return t.gotOne.Load() }

// mayHaveArrived ends the trip, and reports whether the service may have got the request. It has
// not if the body was never read, and will not be any more.
func (t *trip) mayHaveArrived() bool {
	t.state.CompareAndSwap(tripNew, tripOver)
	return t.state.Load() == tripStarted
}

// sent reports, after the exchange, whether the service can have seen anything of it: the head alone
// may have been sent.
func (t *trip) sent() bool { return t.mayHaveArrived() || t.connected() }

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
