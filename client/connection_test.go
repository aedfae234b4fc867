package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// weakConn takes so many bytes in all and then breaks.
type weakConn struct {
	net.Conn
	left *atomic.Int64
}

func (c weakConn) Write(p []byte) (int, error) {
	n := int64(len(p))
	left := c.left.Add(-n)
	if left >= 0 {
		return c.Conn.Write(p)
	}
	_ = c.Close()
	if took := n + left; took > 0 {
		return int(took), syscall.EPIPE
	}
	return 0, syscall.EPIPE
}

// weakDial breaks the first connection when it has taken so many bytes, none of them
// counted before armed is called.
func weakDial(dial httpcall.DialFunc) (weak httpcall.DialFunc, arm func(bytes int64)) {
	const plenty = 1 << 40
	var left atomic.Int64
	left.Store(plenty)
	var dialled atomic.Int64
	weak = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil || dialled.Add(1) > 1 {
			return conn, err
		}
		return weakConn{conn, &left}, nil
	}
	return weak, left.Store
}

// When a connection that was kept has died, the head of the request already fails: even
// a write is repeated then. Once the body was begun, nobody can know.
func TestConnection_diesInTheRequest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		takes  int64
		repeat bool
	}{"before the head": {0, true}, "in the head": {100, true}, "in the body": {700, false}} {
		for kind, use := range map[string]func(httpcall.DialFunc) (Option, func()){
			"own":          func(d httpcall.DialFunc) (Option, func()) { return WithDial(d), func() {} },
			"the caller's": callersClient,
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					s := start(t, answer)
					dial, arm := weakDial(s.dial)
					option, done := use(dial)
					defer done()
					c := steady(s.client(t, option))
					if err := call(t.Context(), c, "mergeLeads"); err != nil {
						t.Fatal(err)
					}
					arm(test.takes)
					err := call(t.Context(), c, "mergeLeads")
					if !test.repeat {
						checkOpError(t, err, "mergeLeads", 1)
						if !errors.Is(err, fault.ErrUnknownOutcome) {
							t.Errorf("error %v, expected an unknown outcome", err)
						}
						return
					}
					if diff := cmp.Diff(seconds(0, 1), moments(s)); err != nil || diff != "" {
						t.Fatalf("error %v; expected the second call to be repeated after 1s: %s", err, diff)
					}
					checkStamp(t, s.requests()[1], 0)
				})
			})
		}
	}
}

func callersClient(dial httpcall.DialFunc) (Option, func()) {
	transport := &http.Transport{DialContext: dial}
	return WithHTTPClient(&http.Client{Transport: transport}), transport.CloseIdleConnections
}

// net/http would send the request again by itself, with the old signature.
func TestConnection_notReplayedByTheTransport(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, answer)
		dial, arm := weakDial(s.dial)
		c := s.client(t, WithDial(dial), WithoutRetry())
		if err := call(t.Context(), c, "getLead"); err != nil {
			t.Fatal(err)
		}
		arm(0)
		err := call(t.Context(), c, "getLead")
		checkOpError(t, err, "getLead", 1)
		if n := len(s.requests()); n != 1 {
			t.Errorf("%d requests, expected 1", n)
		}
	})
}

// A server that closes a kept connection in the moment of the next request.
func TestConnection_closedWhileIdle(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, answer, hangUp(""), answer)
		c := steady(s.client(t))
		for range 2 {
			if err := call(t.Context(), c, "getLead"); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(s.requests()); n != 3 {
			t.Errorf("%d requests, expected 3", n)
		}
	})
}

func TestConnection_overTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x, err := new(service).read(r)
		if err != nil {
			t.Error(err)
			return
		}
		answer(w, x)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)

	dial, arm := weakDial(new(net.Dialer).DialContext)
	c, err := New(server.URL+"/soap/mktows/2_7", credentials, WithDial(dial), WithoutLimits(),
		WithRetry(RetryPolicy{MaxAttempts: 2, MaxWait: 1}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	roots := x509.NewCertPool()
	err = call(t.Context(), c, "mergeLeads")
	checkOpError(t, err, "mergeLeads", 1) // a certificate that is not trusted: not repeated
	if errors.Is(err, fault.ErrUnknownOutcome) {
		t.Errorf("nothing was sent: %v", err)
	}

	roots.AddCert(server.Certificate())
	c.http.Transport.(httpcall.PlainRedirects).RoundTripper.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
	for range 2 {
		if err := call(t.Context(), c, "mergeLeads"); err != nil {
			t.Fatal(err)
		}
		arm(0)
	}
}

func TestConnection_refused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	c, err := New("http://"+address+"/soap/mktows/2_7", credentials, WithoutLimits(),
		WithRetry(RetryPolicy{MaxAttempts: 3, MaxWait: 1}))
	if err != nil {
		t.Fatal(err)
	}
	err = call(t.Context(), c, "mergeLeads") // repeated, for nothing was sent
	checkOpError(t, err, "mergeLeads", 3)
	if !errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fault.ErrUnknownOutcome) {
		t.Errorf("error %v", err)
	}
}

func TestConnection_unknownHost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, answer)
		notFound := &net.DNSError{Err: "no such host", Name: "mktows.example.com", IsNotFound: true}
		err := call(t.Context(), s.client(t, WithDial(func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: notFound}
		})), "getLead")
		checkOpError(t, err, "getLead", 1)
		if !errors.Is(err, notFound) {
			t.Errorf("error %v", err)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A transport that is none of net/http's tells by the body whether it sent anything.
func TestConnection_foreignTransport(t *testing.T) {
	t.Parallel()
	failure := errors.New("no signal")
	for name, sent := range map[string]bool{"not sent": false, "sent": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var body io.Reader
			c, err := New("https://mktows.example.com/soap/mktows/2_7", credentials, WithoutLimits(),
				WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					body = r.Body
					if sent {
						_, _ = io.ReadAll(r.Body)
					}
					return nil, failure
				})}))
			if err != nil {
				t.Fatal(err)
			}
			err = call(t.Context(), c, "mergeLeads")
			checkOpError(t, err, "mergeLeads", 1)
			if !errors.Is(err, failure) || errors.Is(err, fault.ErrUnknownOutcome) != sent {
				t.Errorf("error %v", err)
			}
			if n, err := body.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Error("the body can be read after the end of the attempt")
			}
		})
	}
}

// The caller's HTTP client is copied and keeps its settings.
func TestWithHTTPClient_isCopied(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, withHeader("Location", "http://elsewhere.example.com/", raw(307, "", "")))
		transport := &http.Transport{DialContext: s.dial}
		defer transport.CloseIdleConnections()
		theirs := &http.Client{Transport: transport}
		c := s.client(t, WithHTTPClient(theirs))
		if theirs.CheckRedirect != nil {
			t.Error("the caller's client was changed")
		}
		err := call(t.Context(), c, "getLead")
		var status *fault.StatusError
		if n := len(s.requests()); n != 1 || !errors.As(err, &status) || status.Code != 307 {
			t.Errorf("%d requests, error %v", n, err)
		}
	})
}

type closable struct{ roundTripper }

func (closable) CloseIdleConnections() { panic("the connections are the caller's") }

func TestWithHTTPClient_connectionsAreTheCallers(t *testing.T) {
	t.Parallel()
	s := start(t, answer)
	s.client(t, WithHTTPClient(&http.Client{Transport: closable{}})).CloseIdleConnections()
}
