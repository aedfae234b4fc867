package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// State is how far a window has come.
type State string

// The states of a window.
const (
	WindowPending State = "pending" // there is something to do; who does it is no business of the store
	WindowDone    State = "done"
	WindowFailed  State = "failed" // given up; the next run tries again
)

// Window is a part of a run that is read in one go: what happened from From until
// before To, to all leads or to Leads.
type Window struct {
	ID     int64
	Run    int64
	Stream StreamName
	From   time.Time // UTC, whole seconds
	To     time.Time
	// Fresh is the time from which on the window is read for the first time. Before it, an earlier run has read
	// already, so a row that is new nevertheless has come late.
	Fresh time.Time
	Names []string  // spaced names of activities; none: those of the stream
	Leads []string  // keys, for LeadActivity
	Query string    // of the stream, as Stream.Query writes it; only Begin tells it
	Since time.Time // where the copy of the stream begins; only Begin tells it

	State    State
	Position Position
	Epoch    int64  // how often it was begun
	Error    string // what it has failed with
	Counts   Counts
}

// Fence returns what a commit for this window needs. It is valid for whoever has begun the window with this Epoch,
// until somebody begins it again.
func (w Window) Fence() Fence { return Fence{Window: w.ID, Epoch: w.Epoch} }

// Counts are what was read and written.
type Counts struct {
	Calls    int64 // of the service
	Pages    int64
	Seen     int64 // rows that lie in the window, without what was read a second time
	Inserted int64
	Updated  int64 // rows that were there and have changed
	Late     int64 // of those inserted
	Missing  int64 // leads that the service does not know
	Gone     int64 // leads that were marked as gone, since the service no longer has them
	Problems int64 // records that cannot be read and were not known before
}

// Add adds other to c.
func (c *Counts) Add(other Counts) {
	c.Calls += other.Calls
	c.Pages += other.Pages
	c.Seen += other.Seen
	c.Inserted += other.Inserted
	c.Updated += other.Updated
	c.Late += other.Late
	c.Missing += other.Missing
	c.Gone += other.Gone
	c.Problems += other.Problems
}

// String names the window for errors and logs.
func (w Window) String() string {
	text := fmt.Sprintf("window %d of %s, %s to %s", w.ID, w.Stream, w.From.Format(time.RFC3339), w.To.Format(time.RFC3339))
	if n := len(w.Leads); n > 0 {
		text += ", " + strconv.Itoa(n) + " leads"
	}
	return text
}

// Position is a place within a window, as package leadsync writes it; the empty one is the start. A store keeps the
// text and gives it back as it was. Only Tail concerns a store.
type Position string

// Tail returns what is remembered of the last second that was read; nil if nothing is.
func (p Position) Tail() *Tail {
	var in struct {
		Tail *Tail `json:"tail"`
	}
	if p == "" || json.Unmarshal([]byte(p), &in) != nil {
		return nil
	}
	return in.Tail
}
