//go:build unix

package soak

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/operations"
)

var idle = flag.Int("soak.idle", 300, "how many connections do nothing")

// perConnection is how many bytes of heap a connection may cost that does nothing: buffers for reading and writing, and the stacks beside
// them.
const perConnection = 32 << 10

// openIdle opens connections that send nothing, or the beginning of a request; from many addresses, as one may have 1,000.
func openIdle(t *testing.T, p *process, n int, begin string) {
	t.Helper()
	address := strings.TrimPrefix(p.base, "http://")
	for i := range n {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i/500))}}
		conn, err := dialer.DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Skipf("connection %d: %v", i, err) // not every system has so many files, or these addresses
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := io.WriteString(conn, begin); err != nil && i < 100 {
			t.Fatal(err)
		}
	}
}

// TestIdle opens many connections that do nothing, or next to nothing. The gateway keeps a bounded number of them, each costs bounded
// memory, and others are served. More than it keeps can be opened all the same: the oldest go.
func TestIdle(t *testing.T) {
	if testing.Short() {
		t.Skip("it opens hundreds of connections")
	}
	for name, begin := range map[string]string{"nothing": "", "half a header": "POST /soap/mktows/2_7 HTTP/1.1\r\nHost: a\r\n", "half a body": "POST /soap/mktows/2_7 HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: 5000\r\n\r\n<a"} {
		t.Run(name, func(t *testing.T) {
			f := newFace(t, budgets[0])
			path := filepath.Join(t.TempDir(), "gateway.yaml")
			most := *idle * 2 / 3
			text := fmt.Sprintf("listeners: [{address: '127.0.0.1:0'}]\ncallers: {connections: %d}\ntenants:\n- {userID: %s, key: %s, rest: {endpoint: '%s', clientID: %s, clientSecret: %s}}\n",
				most, userOf(0), key, f.url, userOf(0), clientSecret)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			p := start(t, job{Config: path, Unlimited: true})
			c, err := client.New(p.base+"/soap/mktows/2_7", auth.Credentials{UserID: userOf(0), Key: auth.NewSecret(key)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.CloseIdleConnections)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			api := operations.New(c)
			if _, err := api.Leads.Get(ctx, operations.Email(seedEmail(0))); err != nil { // after which all is there that a call needs
				t.Fatal(err)
			}
			before := p.figures(t)
			openIdle(t, p, *idle, begin)
			c.CloseIdleConnections()
			if _, err := api.Leads.Get(ctx, operations.Email(seedEmail(1))); err != nil {
				t.Errorf("somebody else: %v", err)
			}
			after := p.figures(t)
			each := (int64(after.Heap) - int64(before.Heap)) / int64(most)
			t.Logf("%d connections: %d KB of heap, %d goroutines; for each %d bytes", *idle, after.Heap>>10, after.Goroutines, each)
			if each > perConnection || after.Goroutines > 3*most+50 {
				t.Errorf("%d bytes for each connection, %d goroutines", each, after.Goroutines)
			}
		})
	}
}
