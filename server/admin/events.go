package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Bounds of the stream of exchanges.
const (
	maxListeners = 32
	writeTime    = 5 * time.Second  // a listener who has not taken what is there by then is dropped
	quietTime    = 15 * time.Second // after so long a comment is sent, so that a listener who has gone is noticed
)

// gapJSON is the event of exchanges that a listener has missed.
type gapJSON struct {
	Missed int64 `json:"missed" doc:"exchanges that are not kept any more"`
}

// getEvents streams exchanges as they are entered into the journal (WHATWG HTML, server-sent events). Nothing is kept for a
// listener but the id of the last exchange that he was shown: the rest is in the journal. So nobody waits for one who is slow.
func (h *handler) getEvents(w http.ResponseWriter, r *request) error {
	position, err := h.startOf(r)
	if err != nil {
		return err
	}
	leave := h.Journal.enter()
	if leave == nil {
		w.Header().Set("Retry-After", "5")
		return &refusal{status: http.StatusServiceUnavailable, code: "too_many_listeners",
			message: fmt.Sprintf("there are %d listeners already", maxListeners), advice: "end one of them"}
	}
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	l := &listener{journal: h.Journal, filter: newFilter(r.query), last: position, clears: h.Journal.state().clears}
	for {
		changed := h.Journal.changed()
		text := l.news()
		_ = control.SetWriteDeadline(time.Now().Add(writeTime))
		if _, err := w.Write(text); err != nil {
			return nil //nolint:nilerr // the listener has gone or is too slow, and cannot be told
		}
		if err := control.Flush(); err != nil {
			return nil //nolint:nilerr // likewise
		}
		if l.behind() {
			continue
		}
		if !wait(r, changed) {
			return nil
		}
	}
}

// wait waits until something happens, or for the time after which a comment is due. It reports whether the listener is still there.
func wait(r *request, changed <-chan struct{}) bool {
	quiet := time.NewTimer(quietTime)
	defer quiet.Stop()
	select {
	case <-r.Context().Done():
		return false
	case <-changed:
	case <-quiet.C:
	}
	return r.Context().Err() == nil
}

// startOf is the id after which a stream begins: that of the header, of the query, or of the newest exchange.
func (h *handler) startOf(r *request) (int64, error) {
	last := h.Journal.state().Last
	position := r.whole("since", last)
	if text := r.Header.Get("Last-Event-ID"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return 0, &refusal{status: http.StatusBadRequest, code: "bad_header", message: fmt.Sprintf("%.100q is no id of an exchange", text),
				field: "Last-Event-ID", advice: "give the id of the last event that was read, or leave the header out"}
		}
		position = n
	}
	return min(position, last), nil // an id of another journal may be beyond it
}

// listener is one of a stream.
type listener struct {
	journal *Journal
	filter  filter
	last    int64 // the last exchange that was looked at
	clears  int   // of the journal, that were told
}

// behind reports whether there is more.
func (l *listener) behind() bool { return l.last < l.journal.state().Last }

// news returns events for what has happened since the last time, a comment if nothing has. It looks at a bounded part of it.
func (l *listener) news() []byte {
	var out bytes.Buffer
	chunk, missed, clears := l.journal.after(l.last)
	if clears != l.clears {
		out.WriteString("event: cleared\ndata: {}\n\n")
	}
	if missed > 0 && clears == l.clears {
		writeEvent(&out, "gap", l.last+missed, gapJSON{missed})
	}
	l.last, l.clears = l.last+missed, clears
	for _, e := range chunk {
		l.last = e.id
		if l.filter.matches(e) {
			writeEvent(&out, "exchange", e.id, newExchangeJSON(e))
		}
	}
	if out.Len() == 0 {
		return []byte(":\n\n")
	}
	return out.Bytes()
}

// writeEvent writes an event, whose data is one line.
func writeEvent(out *bytes.Buffer, name string, id int64, v any) {
	data, err := json.Marshal(v)
	if err != nil { // cannot be: there are only texts and numbers
		return
	}
	fmt.Fprintf(out, "id: %d\nevent: %s\ndata: %s\n\n", id, name, data)
}

// enter counts a listener and returns what ends that; nil if there are too many.
func (j *Journal) enter() (leave func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.listeners == maxListeners {
		return nil
	}
	j.listeners++
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.listeners--
	}
}

// changed returns a channel that is closed when something happens next.
func (j *Journal) changed() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.next == nil {
		j.next = make(chan struct{})
	}
	return j.next
}
