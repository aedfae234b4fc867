package leadsync

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// position is a place within a window. The zero value is its start. A store keeps it as text; see [store.Position].
type position struct {
	Cursor string      `json:"cursor,omitempty"` // of the next page of a pass, an operations.Cursor as text
	Lead   int         `json:"lead,omitempty"`   // index in Window.Leads
	Tail   *store.Tail `json:"tail,omitempty"`
	Range  timeRange   `json:"range,omitzero"` // of Activities and Leads: what is asked for next
	Pass   pass        `json:"pass,omitzero"`  // through what is more than a page
	// Extract is how far a window of Activities has come that is read by bulk extract; nil: it is read by pages.
	Extract *extraction `json:"extract,omitempty"`
}

// lost returns the position to go on from when the service no longer accepts the cursor: the beginning of what was
// being read page by page. If that is a range of several seconds, it is split, since ranges that fit into a page need
// no cursor.
func (p position) lost() position {
	if p.Extract != nil {
		return p
	}
	if shorter, ok := p.Range.forced(); ok && p.Cursor != "" {
		return position{Range: shorter}
	}
	return position{Lead: p.Lead, Range: p.Range, Pass: p.Pass.again(p.Pass.Number, p.Pass.Before)}
}

// text is the position as a store keeps it, empty for the start.
func (p position) text() store.Position {
	if p == (position{}) {
		return ""
	}
	text, _ := json.Marshal(p) // always encodes
	return store.Position(text)
}

// parsePosition reads what text returned.
func parsePosition(text store.Position) (position, error) {
	var p position
	if text == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("position of a window: %w", err)
	}
	return p, nil
}

// beginOf returns from when on the copy keeps what a window brings: usually the beginning of the stream. If that has
// moved back after the window was planned, the stream's beginning counts.
func beginOf(w *store.Window) time.Time {
	if w.Since.IsZero() {
		return w.From
	}
	return earliest(w.Since, w.From)
}
