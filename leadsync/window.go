package leadsync

import (
	"encoding/json"
	"fmt"
	"time"
)

// State is how far a window has come.
type State string

// The states of a window.
const (
	Pending State = "pending" // nobody works on it
	Running State = "running" // a worker holds it
	Done    State = "done"
	Failed  State = "failed" // given up; the next run tries again
)

// Window is a part of a run that is read in one go: what happened from From until
// before To, to all leads or to Leads.
type Window struct {
	ID     int64
	Run    int64
	Stream StreamName
	From   time.Time // UTC, whole seconds
	To     time.Time
	// Fresh is where reading for the first time begins: rows before it that are new are
	// late ones.
	Fresh time.Time
	Names []string  // spaced names of activities; none: those of the stream
	Leads []string  // keys, for LeadActivity
	Query string    // of the stream, as Stream.Query writes it; only Claim tells it
	Since time.Time // where the copy of the stream begins; only Claim tells it

	State    State
	Position Position
	Epoch    int64 // how often it was claimed
	Attempts int   // how often it failed since it was planned or resumed
	Error    string
	Counts   Counts
}

// begin is from when on the copy keeps what the reading of the window brings. A beginning of the stream that has
// moved back since it was claimed is that of the window.
func (w *Window) begin() time.Time {
	if w.Since.IsZero() {
		return w.From
	}
	return earliest(w.Since, w.From)
}

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

// Position is a place within a window. The zero Position is its start.
type Position struct {
	Cursor string    `json:"cursor,omitempty"` // of the next page of a pass, an operations.Cursor as text
	Lead   int       `json:"lead,omitempty"`   // index in Window.Leads
	Tail   *Tail     `json:"tail,omitempty"`
	Range  timeRange `json:"range,omitzero"` // of Activities and Leads: what is asked for next
	Pass   pass      `json:"pass,omitzero"`  // through what is more than a page
}

// lost is where to go on when the service takes the cursor no more: at the beginning of what is read
// page by page, in shorter ranges if it has several seconds, since they need no cursors.
func (p Position) lost() Position {
	if shorter, ok := p.Range.forced(); ok && p.Cursor != "" {
		return Position{Range: shorter}
	}
	return Position{Lead: p.Lead, Range: p.Range, Pass: p.Pass.again(p.Pass.Number, p.Pass.Before)}
}

// Tail is what reading has to remember of the last second that was read, which a page may cut: what
// follows in the same second is told apart from what came before it.
type Tail struct {
	Second int64          `json:"second"`          // Unix time
	Equal  map[string]int `json:"equal,omitempty"` // of activities without id and GUID, by digest
	// Seen are short hashes of the activities with an id and without a GUID, which Add notes.
	Seen []byte `json:"seen,omitempty"`
	// Merged are the leads that the history of the lead says were merged into it.
	Merged []int64 `json:"merged,omitempty"`
}

// markSize is the length of a mark, the short form of a Digest.
const markSize = 8

// maxMarks bounds Tail.Seen. A second with more activities is rare, and what is forgotten of it matters only
// if ids repeat in it too.
const maxMarks = 1 << 14

// markOf is a short hash of what an activity is known by and what it says.
func markOf(key string, d Digest) [markSize]byte {
	whole := sum(append(appendText(nil, key), d[:]...))
	return [markSize]byte(whole[:])
}

// Add notes that an activity with this Key, as it is when it is read, and this Digest was read. Of more than some
// thousand the first are forgotten.
func (t *Tail) Add(key string, d Digest) {
	mark := markOf(key, d)
	t.Seen = append(t.Seen, mark[:]...)
	t.Seen = t.Seen[max(0, len(t.Seen)-maxMarks*markSize):]
}

// Has reports whether Add noted an activity. Nil has none.
func (t *Tail) Has(key string, d Digest) bool {
	if t == nil {
		return false
	}
	mark := markOf(key, d)
	for i := 0; i+len(mark) <= len(t.Seen); i += len(mark) {
		if mark == [markSize]byte(t.Seen[i:]) {
			return true
		}
	}
	return false
}

// IsZero reports whether p is the start of a window.
func (p Position) IsZero() bool { return p == Position{} }

// String returns the position as JSON, empty for the start.
func (p Position) String() string {
	if p.IsZero() {
		return ""
	}
	text, _ := json.Marshal(p) // always encodes
	return string(text)
}

// ParsePosition reads what String returned.
func ParsePosition(text string) (Position, error) {
	var p Position
	if text == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("position of a window: %w", err)
	}
	return p, nil
}
