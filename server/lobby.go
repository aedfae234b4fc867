package server

import (
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// lobby bounds what is kept of requests before it is known who sent them. Whoever was let in counts within the limits on
// calls. A full lobby shows the one out that has been in it longest, if that is long: nobody can keep others out
// with requests that are held back.
type lobby struct {
	most    room // for all
	mostOne room // for one address; zero: no bound

	mu     sync.Mutex // guards the rest
	guests []*guest   // in the order in which they came
	used   room
	usedBy map[string]*room // by address, of those that have something in it
}

// room is what requests take up.
type room struct {
	requests int
	bytes    int64
}

// patience is how long a request may take to come, where the lobby is full.
const patience = 2 * time.Second

// errBusy is the answer where the lobby is full. Nothing was done, and that is soon over.
var errBusy = &httpError{http.StatusServiceUnavailable, http.Header{"Retry-After": {"1"}},
	"The server is reading as many requests as it can at once: try again in a second."}

// guest is a request in the lobby.
type guest struct {
	in    *lobby
	from  string // the address; empty: not known, which only the bounds for all are for
	used  *room  // by all of that address
	since time.Time
	bytes int64
	out   bool   // it has left, or was shown out
	shown bool   // it was shown out
	cut   func() // ends the waiting for the rest of it
}

// enter lets a request in, if there is room. It has to leave. cut ends the waiting for its rest.
func (l *lobby) enter(from string, now time.Time, cut func()) (*guest, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := &guest{in: l, from: from, since: now, cut: cut}
	if used := l.usedBy[from]; used != nil && from != "" && l.mostOne.requests > 0 && used.requests >= l.mostOne.requests && !l.showOut(now, g, true) {
		return nil, errBusy
	}
	if l.used.requests >= l.most.requests && !l.showOut(now, g, false) {
		return nil, errBusy
	}
	if l.usedBy == nil {
		l.usedBy = make(map[string]*room)
	}
	if l.usedBy[from] == nil {
		l.usedBy[from] = new(room)
	}
	g.used = l.usedBy[from]
	l.guests = append(l.guests, g)
	l.used.requests++
	g.used.requests++
	return g, nil
}

// showOut makes room for a request by the one that has been in the lobby longest, of all or of those from the same address. It
// reports whether there was one that has been in it for long.
func (l *lobby) showOut(now time.Time, in *guest, sameAddress bool) bool {
	i := slices.IndexFunc(l.guests, func(g *guest) bool { return g != in && (!sameAddress || g.from == in.from) })
	if i < 0 || now.Sub(l.guests[i].since) < patience {
		return false
	}
	g := l.guests[i]
	g.shown = true
	l.remove(g)
	g.cut()
	return true
}

func (l *lobby) remove(g *guest) {
	g.out = true
	l.used.requests--
	g.used.requests--
	l.used.bytes -= g.bytes
	g.used.bytes -= g.bytes
	if g.used.requests == 0 {
		delete(l.usedBy, g.from)
	}
	l.guests = slices.DeleteFunc(l.guests, func(other *guest) bool { return other == g })
}

// keep counts bytes of the request, unless there is no room for them: then the others do not see them. One that is alone
// may have any number, which the bound on a request is for.
func (g *guest) keep(n int, now time.Time) error {
	l := g.in
	l.mu.Lock()
	defer l.mu.Unlock()
	if g.shown {
		return errBusy
	}
	if g.out { // it was let in
		return nil
	}
	more := int64(n)
	for n > 0 && g.from != "" && l.mostOne.bytes > 0 && g.used.bytes+more > l.mostOne.bytes && g.used.bytes > g.bytes {
		if !l.showOut(now, g, true) {
			return errBusy
		}
	}
	for n > 0 && l.used.bytes+more > l.most.bytes && l.used.bytes > g.bytes {
		if !l.showOut(now, g, false) {
			return errBusy
		}
	}
	g.bytes += more
	l.used.bytes += more
	g.used.bytes += more
	return nil
}

// leave makes room. Further calls do nothing, and neither does that of no guest.
func (g *guest) leave() {
	if g == nil {
		return
	}
	g.in.mu.Lock()
	defer g.in.mu.Unlock()
	if !g.out {
		g.in.remove(g)
	}
}

// reader counts what is read of a body.
func (g *guest) reader(body io.Reader, now func() time.Time) io.Reader {
	return guestReader{g, body, now}
}

type guestReader struct {
	*guest
	body io.Reader
	now  func() time.Time
}

func (r guestReader) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if busy := r.keep(n, r.now()); busy != nil {
		return n, busy
	}
	return n, err
}
