package sqlquota

import (
	"context"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
)

// try takes a place if there is one, in one transaction with the ends that are not stored yet. Otherwise it returns
// how long there will be none. If the commit fails, nobody knows whether the place was taken, so it is noted to be
// given back.
func (l *Limiter) try(ctx context.Context) (call placedCall, wait time.Duration, err error) {
	var refused error
	unsaved := l.ToSave()
	err = l.locked(ctx, unsaved, func(tx sqldb.Tx, now time.Time) error {
		if err := l.clean(ctx, tx, now); err != nil {
			return err
		}
		s, err := l.state(ctx, tx, now)
		if err != nil {
			return err
		}
		if refused = l.check(s, now); refused != nil {
			return nil //nolint:nilerr // what was saved is to be committed
		}
		if wait, err = l.wait(ctx, tx, now, s); err != nil || wait != 0 {
			return err
		}
		call, err = l.enter(ctx, tx, now)
		return err
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil && call.id != 0:
		l.open++
	case err == nil:
		err = refused
	case call.id != 0: // the commit may have come through
		l.unsaved = append(l.unsaved, endedCall{placedCall: call, at: time.Now()})
		call = placedCall{}
	}
	return call, wait, err
}

// locked runs f in a transaction that has the calls of the instance to itself, and stores ends in it. How long ago a
// call ended is measured with this process's clock and then applied to that of the database, so the two need not
// agree.
func (l *Limiter) locked(ctx context.Context, unsaved []endedCall, f func(tx sqldb.Tx, now time.Time) error) error {
	err := sqldb.InTx(ctx, l.DB, func(tx sqldb.Tx) error {
		if tx.Dialect() == sqldb.Postgres { // SQLite has one writer
			if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(`+sqldb.LockKey(l.key)+`)`); err != nil {
				return err
			}
		}
		asked := time.Now() // before now, so that ends come out rather too late
		now, err := l.Now(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range unsaved {
			if err := l.end(ctx, tx, c, now.Add(-asked.Sub(c.at))); err != nil {
				return err
			}
		}
		return f(tx, now)
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unsaved = slices.DeleteFunc(l.unsaved, func(c endedCall) bool { return slices.Contains(unsaved, c) })
	return nil
}

// end stores that a call has ended, or takes it back if it was never sent.
func (l *Limiter) end(ctx context.Context, tx sqldb.Tx, c endedCall, at time.Time) error {
	if !c.sent {
		return l.takeBack(ctx, tx, c.placedCall)
	}
	_, err := tx.Exec(ctx, `UPDATE sync_calls SET ended = ?
		WHERE id = ? AND instance = ? AND worker = ? AND (ended IS NULL OR ended < ?)`, later(at), c.id, l.instance, l.worker, later(at))
	return err
}

// takeBack removes a call that was never sent. Its row shows whether that was done before, since a commit may have
// succeeded unnoticed; the start has to match as well, because SQLite gives the id of a rolled-back row to the next
// one. A quota that is used up stays so, as the service may have said it.
func (l *Limiter) takeBack(ctx context.Context, tx sqldb.Tx, c placedCall) error {
	n, err := tx.Exec(ctx, `DELETE FROM sync_calls WHERE id = ? AND instance = ? AND worker = ? AND started = ?`,
		c.id, l.instance, l.worker, sqldb.Millis(c.started))
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE sync_quotas SET used = used - 1 WHERE instance = ? AND resets_at = ? AND used > 0 AND (used < ? OR ? < 0)`,
		l.instance, day(c.started), l.limits.Daily, l.limits.Daily)
	return err
}

// later returns a time for a column, rounded up: calls must not end earlier in the database than they did.
func later(t time.Time) any { return sqldb.Millis(t.Add(time.Millisecond - time.Nanosecond)) }

// clean ends calls that must have ended, because their worker is dead or because a clock has jumped back, and forgets
// those that no window reaches any more.
func (l *Limiter) clean(ctx context.Context, tx sqldb.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE sync_calls SET ended = ? WHERE instance = ? AND ended > ?`, later(now), l.instance, later(now))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE sync_calls
		SET ended = coalesce((SELECT until FROM sync_workers WHERE name = sync_calls.worker), ?)
		WHERE instance = ? AND ended IS NULL
		AND NOT EXISTS (SELECT 1 FROM sync_workers WHERE name = sync_calls.worker AND until > ?)`,
		later(now), l.instance, sqldb.Millis(now))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM sync_calls WHERE instance = ? AND ended <= ?`,
		l.instance, sqldb.Millis(now.Add(-max(l.window(), keepCalls))))
	return err
}

// state is what the database knows about an instance.
type state struct {
	open, recent int // calls under way, and those that ended within the window
	used         int // of the day
	alive        int // 1: the worker is
}

// state returns what the database knows about the instance, in one query.
func (l *Limiter) state(ctx context.Context, tx sqldb.Tx, now time.Time) (s state, err error) {
	err = sqldb.QueryRow(ctx, tx, []any{&s.open, &s.recent, &s.used, &s.alive}, `
		SELECT count(*) FILTER (WHERE ended IS NULL), count(ended),
			coalesce((SELECT max(used) FROM sync_quotas WHERE instance = ? AND resets_at > ? AND resets_at <= ?), 0),
			(SELECT count(*) FROM sync_workers WHERE name = ? AND until > ?)
		FROM sync_calls WHERE instance = ? AND (ended IS NULL OR ended > ?)`,
		l.instance, sqldb.Seconds(now), day(now), l.worker, sqldb.Millis(now), l.instance, sqldb.Millis(now.Add(-l.window())))
	return s, err
}

// enter counts a call that begins now.
func (l *Limiter) enter(ctx context.Context, tx sqldb.Tx, now time.Time) (placedCall, error) {
	_, err := tx.Exec(ctx, `INSERT INTO sync_quotas (instance, resets_at, used) VALUES (?, ?, 1)
		ON CONFLICT (instance, resets_at) DO UPDATE SET used = sync_quotas.used + 1`, l.instance, day(now))
	if err != nil {
		return placedCall{}, err
	}
	call := placedCall{started: now}
	err = sqldb.QueryRow(ctx, tx, []any{&call.id}, `INSERT INTO sync_calls (instance, worker, started) VALUES (?, ?, ?) RETURNING id`,
		l.instance, l.worker, sqldb.Millis(now))
	return call, err
}
