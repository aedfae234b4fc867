package gateway

import (
	"context"
	"sync"
	"time"
)

// importNotes are the notes of imports, which bridges make to know them again: see bridge.WithImports. They belong to the gateway, as a
// bridge lives only until the configuration is read again.
type importNotes struct {
	now func() time.Time

	mu    sync.Mutex
	notes map[string]importNote
}

type importNote struct {
	text  []byte
	until time.Time
}

// PutImport implements bridge.ImportStore. Notes whose time is over go.
func (n *importNotes) PutImport(_ context.Context, name string, text []byte, until time.Time) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.notes == nil {
		n.notes = make(map[string]importNote)
	}
	for other, note := range n.notes {
		if note.until.Before(n.now()) {
			delete(n.notes, other)
		}
	}
	n.notes[name] = importNote{text, until}
	return nil
}

// Import implements bridge.ImportStore.
func (n *importNotes) Import(_ context.Context, name string) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.notes[name].text, nil
}
