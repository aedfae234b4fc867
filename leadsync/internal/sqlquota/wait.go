package sqlquota

import (
	"context"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/quota"
)

// Waits that are not known; see admits.
const (
	untilEnd    time.Duration = -1 // until a call ends, of any worker
	untilOwnEnd time.Duration = -2 // until a call of this limiter ends
)

// wait returns how long there is no place; 0 if there is one. The calls of this process are checked first, without
// the database.
func (l *Limiter) wait(ctx context.Context, tx sqldb.Tx, now time.Time, s state) (time.Duration, error) {
	own, wait := l.ownWait(time.Now())
	if wait != 0 {
		return wait, nil
	}
	nth, ok := l.admits(s.open, s.recent)
	switch {
	case ok:
		return 0, nil
	case nth == 0 && s.open <= own:
		return untilOwnEnd, nil
	case nth == 0:
		return untilEnd, nil
	}
	var ended time.Time
	err := sqldb.QueryRow(ctx, tx, []any{sqldb.ScanTime(&ended)}, `SELECT ended FROM sync_calls
		WHERE instance = ? AND ended > ? ORDER BY ended LIMIT 1 OFFSET ?`, l.instance, sqldb.Millis(now.Add(-l.window())), nth-1)
	return max(ended.Add(l.window()).Sub(now), 0) + time.Millisecond, err
}

// ownWait is wait for the calls of this limiter alone. It goes by the monotonic clock of this process, so it holds
// however the database's clock jumps.
func (l *Limiter) ownWait(now time.Time) (open int, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.history) > 0 && now.Sub(l.history[0]) >= l.window() {
		l.history = l.history[1:]
	}
	nth, ok := l.admits(l.open, len(l.history))
	switch {
	case ok:
		return l.open, 0
	case nth == 0:
		return l.open, untilOwnEnd
	}
	return l.open, l.history[nth-1].Add(l.window()).Sub(now)
}

// admits reports whether a call may start. If not, the nth of the recent calls, oldest
// first, has to leave the window before; 0: one that is open has to end.
func (l *Limiter) admits(open, recent int) (nth int, ok bool) {
	if l.limits.Concurrent >= 0 && open >= l.limits.Concurrent {
		return 0, false
	}
	excess := open + recent + 1 - l.limits.Calls
	switch {
	case l.limits.Calls < 0 || excess <= 0:
		return 0, true
	case excess > recent:
		return 0, false
	}
	return excess, false
}

// hopeless returns quota.ErrNoTurn for a call behind others that cannot start before its deadline: those that still count then, those
// that are under way and those ahead are as many as there may be. The first one finds out by itself.
func (l *Limiter) hopeless(ctx context.Context, ahead int64) error {
	deadline, bounded := ctx.Deadline()
	if !bounded || ahead == 0 || l.limits.Calls < 0 || time.Until(deadline) >= l.window() {
		return nil
	}
	var counting int64
	err := sqldb.InRead(ctx, l.DB, func(tx sqldb.Tx) error {
		now, err := l.Now(ctx, tx)
		if err != nil {
			return err
		}
		return sqldb.QueryRow(ctx, tx, []any{&counting}, `SELECT count(*) FROM sync_calls WHERE instance = ? AND (ended IS NULL OR ended > ?)`,
			l.instance, sqldb.Millis(now.Add(time.Until(deadline)-l.window())))
	})
	if err == nil && counting+ahead >= int64(l.limits.Calls) {
		err = quota.ErrNoTurn
	}
	return err
}
