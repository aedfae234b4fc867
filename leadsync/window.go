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
	Names []string // spaced names of activities; none: those of the stream
	Leads []string // keys, for LeadActivity
	Query string   // of the stream, as Stream.Query writes it; only Claim tells it

	State    State
	Position Position
	Epoch    int64 // how often it was claimed
	Attempts int   // how often it failed since it was planned or resumed
	Error    string
	Counts   Counts
}

// Counts are what was read and written.
type Counts struct {
	Calls    int64 // of the service
	Pages    int64
	Seen     int64 // rows that lie in the window
	Inserted int64
	Updated  int64 // rows that were there and have changed
	Late     int64 // of those inserted
	Missing  int64 // leads that the service does not know
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
}

// Position is a place within a window. The zero Position is its start.
type Position struct {
	Cursor string `json:"cursor,omitempty"` // an operations.Cursor as text
	Lead   int    `json:"lead,omitempty"`   // index in Window.Leads
	Tail   *Tail  `json:"tail,omitempty"`
}

// Tail counts activities without a key of their own in the last second that was read, so
// that equal ones on two pages get different keys.
type Tail struct {
	Second int64          `json:"second"` // Unix time
	Equal  map[string]int `json:"equal"`  // by digest
}

// IsZero reports whether p is the start of a window.
func (p Position) IsZero() bool { return p.Cursor == "" && p.Lead == 0 && p.Tail == nil }

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
