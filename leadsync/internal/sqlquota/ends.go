package sqlquota

import (
	"context"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
)

// endedCall is a call that has ended and that the database may not know about yet.
type endedCall struct {
	placedCall
	at   time.Time
	sent bool // the service may have seen it
}

// release ends a call. If the database cannot be reached at the moment, the end is stored with the next transaction
// or by a later attempt. Failing that, the call counts until the worker's lease ends, which is too long but safe.
func (l *Limiter) release(ctx context.Context, c placedCall, sent bool) {
	now := time.Now()
	l.mu.Lock()
	l.open--
	if sent {
		l.history = append(l.history, now)
	}
	l.unsaved = append(l.unsaved, endedCall{c, now, sent})
	l.mu.Unlock()
	select {
	case l.ended <- struct{}{}:
	default:
	}
	l.saveEndsFor(context.WithoutCancel(ctx), time.Second)
}

// saveEndsFor stores ends and, if that fails, tries again with growing pauses of up to a minute: a worker may go on
// living without making further calls, and its calls would count all that time.
func (l *Limiter) saveEndsFor(ctx context.Context, wait time.Duration) {
	limited, cancel := context.WithTimeout(ctx, saveTimeout)
	defer cancel()
	if err := l.saveEnds(limited); err != nil && wait < time.Minute {
		time.AfterFunc(wait, func() { l.saveEndsFor(ctx, 2*wait) })
	}
}

// saveEnds tells the database which calls have ended, all at once. One goroutine at a time does it, and those that
// waited for it find nothing left.
func (l *Limiter) saveEnds(ctx context.Context) error {
	select {
	case l.save <- struct{}{}:
		defer func() { <-l.save }()
	case <-ctx.Done():
		return ctx.Err()
	}
	unsaved := l.ToSave()
	if len(unsaved) == 0 {
		return nil // somebody else did it
	}
	return l.locked(ctx, unsaved, func(sqldb.Tx, time.Time) error { return nil })
}

func (l *Limiter) ToSave() []endedCall {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.unsaved)
}
