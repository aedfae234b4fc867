package httpcall

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DialFunc makes a connection.
type DialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// NewClient returns an HTTP client with a pool of up to so many idle connections to a host. A nil
// dial stands for a net.Dialer that gives up after ten seconds, a nil proxy for none.
func NewClient(dial DialFunc, proxy func(*http.Request) (*url.URL, error), idle int) *http.Client {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	return &http.Client{Transport: &http.Transport{
		Proxy:                  proxy,
		DialContext:            dial,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConnsPerHost:    idle,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // gzip is asked for and bounded here
	}}
}

// ClientOf returns the HTTP client that a caller has given, as a copy, or else a new one, as [NewClient] makes it, which is
// own. Neither follows a redirect.
func ClientOf(given *http.Client, dial DialFunc, proxy func(*http.Request) (*url.URL, error), idle int) (c *http.Client, own bool) {
	if own = given == nil; own {
		c = NewClient(dial, proxy, idle)
	} else {
		theirs := *given
		c = &theirs
	}
	WithoutRedirects(c)
	return c, own
}

// WithoutRedirects makes a client return a redirect itself, also one whose address cannot be read:
// what is secret in a request goes to the endpoint and nowhere else.
func WithoutRedirects(c *http.Client) {
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	inner := c.Transport
	if inner == nil {
		inner = http.DefaultTransport
	}
	c.Transport = PlainRedirects{inner}
}

// IsRedirect reports whether an HTTP status is that of a redirect.
func IsRedirect(status int) bool { return status >= 300 && status < 400 }

// RedirectTarget tells where a redirect leads without what may be secret: no query, no user, no
// parameters of the path, which may be a session.
func RedirectTarget(resp *http.Response) string {
	u, err := resp.Location() // relative to the endpoint
	if err != nil {
		return "no address that can be read"
	}
	path, _, _ := strings.Cut(u.Path, ";")
	return fmt.Sprintf("%.200q", (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}).String())
}

// PlainRedirects takes an address that cannot be read out of a redirect. A http.Client reads it before it asks whether to
// follow, and shows all of it, with what may be secret, in its error.
type PlainRedirects struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t PlainRedirects) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err == nil && resp != nil && IsRedirect(resp.StatusCode) {
		if _, wrong := resp.Location(); wrong != nil {
			resp.Header.Del("Location")
		}
	}
	return resp, err
}

// CloseIdleConnections closes those of the transport, as http.Client asks it to.
func (t PlainRedirects) CloseIdleConnections() {
	if closer, ok := t.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// IsTimeout reports whether an error of a connection is that of a time that was over.
func IsTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
