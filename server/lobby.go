package server

import (
	"io"
	"net/http"
	"sync"
)

// lobby bounds what is kept of requests before it is known who sent them. Whoever was let in counts within the limits on
// calls.
type lobby struct {
	maxRequests int
	maxBytes    int64

	mu       sync.Mutex // guards the rest
	requests int
	bytes    int64
}

// errBusy is the answer where the lobby is full. Nothing was done, and that is soon over.
var errBusy = &httpError{http.StatusServiceUnavailable, http.Header{"Retry-After": {"1"}},
	"The server is reading as many requests as it can at once: try again in a second."}

// guest is a request in the lobby.
type guest struct {
	in    *lobby
	bytes int64
	left  bool
}

// enter lets a request in, if there is room. It has to leave.
func (l *lobby) enter() (*guest, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.requests >= l.maxRequests {
		return nil, errBusy
	}
	l.requests++
	return &guest{in: l}, nil
}

// keep counts bytes of the request. One that is alone may have any number, which the bound on a request is for.
func (g *guest) keep(n int) error {
	g.in.mu.Lock()
	defer g.in.mu.Unlock()
	g.bytes += int64(n)
	g.in.bytes += int64(n)
	if g.in.bytes > g.in.maxBytes && g.in.bytes > g.bytes {
		return errBusy
	}
	return nil
}

// leave makes room. Further calls do nothing, and neither does that of no guest.
func (g *guest) leave() {
	if g == nil {
		return
	}
	g.in.mu.Lock()
	defer g.in.mu.Unlock()
	if !g.left {
		g.left = true
		g.in.requests--
		g.in.bytes -= g.bytes
	}
}

// reader counts what is read of a body.
func (g *guest) reader(body io.Reader) io.Reader { return guestReader{g, body} }

type guestReader struct {
	*guest
	body io.Reader
}

func (r guestReader) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if busy := r.keep(n); busy != nil {
		return n, busy
	}
	return n, err
}
