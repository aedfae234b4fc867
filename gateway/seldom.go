package gateway

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// seldomAfter is how long a warning that was told is not told again.
const seldomAfter = time.Minute

// seldom is a handler that passes on each warning and error once in a while, by its message: what fills copies says the same several
// times a second while a database is away.
type seldom struct {
	slog.Handler

	told *toldAt
}

// toldAt is when messages were told. There are few of them: what changes in an event is in its attributes.
type toldAt struct {
	mu sync.Mutex
	at map[string]time.Time
}

// newSeldom returns a logger that does so.
func newSeldom(log *slog.Logger) *slog.Logger {
	return slog.New(seldom{log.Handler(), &toldAt{at: make(map[string]time.Time)}})
}

// Handle implements slog.Handler.
func (s seldom) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn && s.told.lately(r.Message, r.Time) {
		return nil
	}
	return s.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (s seldom) WithAttrs(attrs []slog.Attr) slog.Handler {
	return seldom{s.Handler.WithAttrs(attrs), s.told}
}

// WithGroup implements slog.Handler.
func (s seldom) WithGroup(name string) slog.Handler {
	return seldom{s.Handler.WithGroup(name), s.told}
}

// lately reports whether a message was told lately, and else notes that it is told now.
func (t *toldAt) lately(message string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last, told := t.at[message]; told && now.Sub(last) < seldomAfter {
		return true
	}
	t.at[message] = now
	return false
}
