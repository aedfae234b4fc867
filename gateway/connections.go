package gateway

import (
	"container/list"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"

	"github.com/mktows/mktows-go/server"
)

// connections are those of all listeners. The zero value is ready for use.
type connections struct {
	mu      sync.Mutex // guards the rest, and the connections
	most    Callers
	all     map[net.Conn]*connection
	waiting list.List // of *connection without a call with a right signature, that which waits longest first
	from    map[string]int
}

// connection is one that is open.
type connection struct {
	of      *connections
	conn    net.Conn
	address string        // empty: it does not count for an address
	place   *list.Element // in waiting; nil: a call with a right signature is under way
}

// bound sets how many there may be from now on.
func (c *connections) bound(most Callers) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.most = most
}

type connectionKey struct{}

// watch counts the connections of a server; perAddress says whether their addresses are those of callers.
func (c *connections) watch(srv *http.Server, perAddress bool) {
	srv.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		address := ""
		if perAddress {
			address = server.AddressOf(conn.RemoteAddr().String())
		}
		return context.WithValue(ctx, connectionKey{}, c.add(conn, address))
	}
	srv.ConnState = func(conn net.Conn, state http.ConnState) {
		switch state { //nolint:exhaustive // in the others it waits, or a call tells
		case http.StateIdle:
			c.wait(conn)
		case http.StateClosed, http.StateHijacked:
			c.mu.Lock()
			defer c.mu.Unlock()
			c.remove(c.all[conn])
		}
	}
}

// add counts a connection, if there is room, or closes it.
func (c *connections) add(conn net.Conn, address string) *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := &connection{of: c, conn: conn, address: address}
	if address != "" && c.from[address] >= c.most.ConnectionsPerAddress && !c.makeRoom(address) ||
		len(c.all) >= c.most.Connections && !c.makeRoom("") {
		closeNow(conn)
		return one
	}
	if c.all == nil {
		c.all, c.from = make(map[net.Conn]*connection), make(map[string]int)
	}
	c.all[conn] = one
	if address != "" {
		c.from[address]++
	}
	one.place = c.waiting.PushBack(one)
	return one
}

// makeRoom closes the connection that has waited longest, of an address or, if that is empty, of all. It reports whether there was
// one. A new one has the best prospects of a call: to keep it out would let whoever fills the place keep everybody out.
func (c *connections) makeRoom(address string) bool {
	for place := c.waiting.Front(); place != nil; place = place.Next() {
		one := place.Value.(*connection)
		if address == "" || one.address == address {
			c.remove(one)
			closeNow(one.conn)
			return true
		}
	}
	return false
}

// wait notes that a connection waits for its next call.
func (c *connections) wait(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.all[conn]
	if one == nil {
		return
	}
	if one.place != nil {
		c.waiting.Remove(one.place)
	}
	one.place = c.waiting.PushBack(one)
}

// remove forgets a connection, if it is counted.
func (c *connections) remove(one *connection) {
	if one == nil || c.all[one.conn] != one {
		return
	}
	delete(c.all, one.conn)
	if one.place != nil {
		c.waiting.Remove(one.place)
		one.place = nil
	}
	if one.address == "" {
		return
	}
	if c.from[one.address]--; c.from[one.address] == 0 {
		delete(c.from, one.address)
	}
}

// setProved notes that a call with a right signature is under way on the connection that it came by: until its answer is sent that
// is not closed to make room.
func setProved(ctx context.Context) {
	one, _ := ctx.Value(connectionKey{}).(*connection)
	if one == nil {
		return
	}
	one.of.mu.Lock()
	defer one.of.mu.Unlock()
	if one.place != nil {
		one.of.waiting.Remove(one.place)
		one.place = nil
	}
}

// closeNow closes a connection without the farewell of TLS, which may wait for a caller that does not read.
func closeNow(conn net.Conn) {
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	_ = conn.Close() // there is nobody to tell
}
