package gateway

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/auth"
)

// pipes is a listener in memory.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if conn, open := <-p; open {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error {
	close(p)
	return nil
}

func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// A reload that gives calls more time gives it to their answers, and to those that are under way at the stop.
func TestServe_longerCallTime(t *testing.T) {
	t.Parallel()
	for name, stopAt := range map[string]time.Duration{"served": 300 * time.Second, "stopped": 100 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := func(callTime time.Duration) *Config {
					return &Config{CallTime: Duration(callTime), Tenants: []Tenant{{
						UserID: "user", Key: Secret{Value: auth.NewSecret("example-key")},
						REST: REST{Endpoint: "https://a.example.com/rest", ClientID: "client", ClientSecret: Secret{Value: auth.NewSecret("example-client-secret")}},
					}}}
				}
				g, err := New(config(time.Second))
				if err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				ln, ended := make(pipes), make(chan error, 1)
				go func() {
					ended <- g.Serve(ctx, ln, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						time.Sleep(200 * time.Second)
						w.WriteHeader(http.StatusNoContent)
					}))
				}()
				synctest.Wait() // it serves
				if err := g.Reload(config(5 * time.Minute)); err != nil {
					t.Fatal(err)
				}
				near, far := net.Pipe()
				defer near.Close() //nolint:errcheck // in memory
				ln <- far
				time.AfterFunc(stopAt, stop)
				if _, err := near.Write([]byte("GET / HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n")); err != nil {
					t.Fatal(err)
				}
				answer, err := http.ReadResponse(bufio.NewReader(near), nil)
				if err != nil {
					t.Fatalf("no answer: %v", err)
				}
				_ = answer.Body.Close()
				if err := <-ended; answer.StatusCode != http.StatusNoContent || err != nil {
					t.Errorf("%s, %v", answer.Status, err)
				}
			})
		})
	}
}
