package gateway

import (
	"context"
	"net"
	"net/http"
	"testing"
)

// fakeConn is a connection from an address.
type fakeConn struct {
	net.Conn
	from   net.Addr
	closed bool
}

func (c *fakeConn) RemoteAddr() net.Addr { return c.from }
func (c *fakeConn) Close() error         { c.closed = true; return nil }

// crowd opens connections of a server.
type crowd struct {
	open *connections
	srv  http.Server
	ctx  map[*fakeConn]context.Context
}

func newCrowd(most Callers, perAddress bool) *crowd {
	c := &crowd{open: new(connections), ctx: make(map[*fakeConn]context.Context)}
	c.open.bound(most)
	c.open.watch(&c.srv, perAddress)
	return c
}

func (c *crowd) connect(ip string) *fakeConn {
	conn := &fakeConn{from: &net.TCPAddr{IP: net.ParseIP(ip), Port: 1}}
	c.ctx[conn] = c.srv.ConnContext(context.Background(), conn)
	return conn
}

// One more connection takes the place of the one that has waited longest; one with a call never makes room.
func TestConnections(t *testing.T) {
	t.Parallel()
	const one, two = "192.0.2.1", "192.0.2.2"
	for name, test := range map[string]struct {
		most       Callers
		behind     bool // a proxy
		first      [2]string
		more       string
		proved     bool // a call is under way on the first connection
		both       bool // and on the second
		idle       bool // and has come to its end
		wantClosed [3]bool
	}{
		"room":                       {most: Callers{Connections: 3, ConnectionsPerAddress: 3}, first: [2]string{one, one}, more: one},
		"full":                       {most: Callers{Connections: 2, ConnectionsPerAddress: 9}, first: [2]string{one, one}, more: two, wantClosed: [3]bool{0: true}},
		"full, calls only":           {most: Callers{Connections: 2, ConnectionsPerAddress: 9}, first: [2]string{one, one}, more: two, proved: true, both: true, wantClosed: [3]bool{2: true}},
		"full, a call":               {most: Callers{Connections: 2, ConnectionsPerAddress: 9}, first: [2]string{one, one}, more: two, proved: true, wantClosed: [3]bool{1: true}},
		"full, a call that is over":  {most: Callers{Connections: 2, ConnectionsPerAddress: 9}, first: [2]string{one, one}, more: two, proved: true, idle: true, wantClosed: [3]bool{1: true}},
		"an address":                 {most: Callers{Connections: 9, ConnectionsPerAddress: 1}, first: [2]string{two, one}, more: one, wantClosed: [3]bool{1: true}},
		"another address":            {most: Callers{Connections: 9, ConnectionsPerAddress: 2}, first: [2]string{one, one}, more: two},
		"an IPv6 network":            {most: Callers{Connections: 9, ConnectionsPerAddress: 2}, first: [2]string{"2001:db8::1", "2001:db8::2"}, more: "2001:db8::ffff:1", wantClosed: [3]bool{0: true}},
		"another IPv6 network":       {most: Callers{Connections: 9, ConnectionsPerAddress: 2}, first: [2]string{"2001:db8::1", "2001:db8::2"}, more: "2001:db8:0:1::1"},
		"behind a proxy":             {most: Callers{Connections: 9, ConnectionsPerAddress: 2}, behind: true, first: [2]string{one, one}, more: one},
		"behind a proxy, but at all": {most: Callers{Connections: 2, ConnectionsPerAddress: 2}, behind: true, first: [2]string{one, one}, more: one, wantClosed: [3]bool{0: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(test.most, !test.behind)
			conns := []*fakeConn{c.connect(test.first[0]), c.connect(test.first[1])}
			if test.proved {
				setProved(c.ctx[conns[0]])
			}
			if test.both {
				setProved(c.ctx[conns[1]])
			}
			if test.idle {
				c.srv.ConnState(conns[0], http.StateIdle)
			}
			conns = append(conns, c.connect(test.more))
			for i, conn := range conns {
				if conn.closed != test.wantClosed[i] {
					t.Errorf("connection %d: closed %t", i, conn.closed)
				}
				c.srv.ConnState(conn, http.StateClosed)
			}
			if len(c.open.all)+c.open.waiting.Len()+len(c.open.from) > 0 {
				t.Errorf("left behind: %d, %d waiting, %v", len(c.open.all), c.open.waiting.Len(), c.open.from)
			}
		})
	}
}

// The address behind a proxy is what the proxy says, and not what the caller says.
func TestForwardedFor(t *testing.T) {
	t.Parallel()
	for want, values := range map[string][]string{
		"":                nil,
		"192.0.2.1:0":     {"192.0.2.1"},
		"192.0.2.2:0":     {"10.0.0.1, 192.0.2.2"},
		"192.0.2.3:0":     {"10.0.0.1", " 10.0.0.2 ,192.0.2.3 "},
		"192.0.2.4:4711":  {"192.0.2.4:4711"},
		"[2001:db8::1]:0": {"2001:db8::1"},
		"[2001:db8::2]:0": {"[2001:db8::2]"},
		"192.0.2.5:0":     {"10.0.0.1, 10.0.0.2, 192.0.2.5"},
		"unknown":         {"10.0.0.1, unknown"},
	} {
		if got := forwardedFor(http.Header{"X-Forwarded-For": values}); got != want {
			t.Errorf("%q: %q, want %q", values, got, want)
		}
	}
}
