// Package sqlquota keeps calls within limits in tables of a SQL database, and the lives of the workers that make them.
// It implements package quota, and knows neither streams nor windows.
package sqlquota

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Limiter keeps the calls of one worker within the limits of an instance, together with
// those of all other workers of the database.
//
// The service counts when calls arrive, which nobody can see from here. A call therefore
// takes its place in the window from before it is sent until a whole window after it has
// ended (as in package limit). It is a row of sync_calls from before it is sent; one that
// the service cannot have seen is taken back, so that an outage does not use up the day.
// A worker that dies cannot end its calls: they count as ended when its lease did, as its work
// is cancelled before that.
//
// Time goes by the database's clock, on SQLite by that of the machine. When it jumps back, what
// has ended in its future counts as ended now: places stay taken for a window at most. When
// it jumps forward, rows look old too early; for the calls of this limiter a history by the
// monotonic clock stands in. Calls of other processes are not protected from that.
//
// Transactions are as durable as any other on PostgreSQL: a server that crashed and had
// forgotten the last calls would let as many through again.
type Limiter struct {
	DB               sqldb.DB
	instance, worker string
	limits           quota.Limits // a number less than 0: none
	key              int64        // of PostgreSQL's advisory lock
	Now              func(context.Context, sqldb.Tx) (time.Time, error)

	turn  chan struct{} // holds what asks the database for a place: one call, the others queue
	ended chan struct{} // has something when a call of this limiter has ended
	save  chan struct{} // held while ends are saved

	mu        sync.Mutex
	open      int         // calls of this limiter that have not ended
	history   []time.Time // when calls ended that may still count, oldest first
	unsaved   []endedCall // the database does not know their ends yet
	exhausted time.Time   // until when nothing goes, if the database keeps no quota
}

// placedCall is a call that has its place; id 0: it has none.
type placedCall struct {
	id      int64
	started time.Time // by the database's clock
}

// endedCall is a call and when it ended, by the clock of this process.
type endedCall struct {
	placedCall
	at   time.Time
	sent bool // the service may have seen it
}

const (
	leastPoll   = 20 * time.Millisecond
	morePoll    = 80 * time.Millisecond // at most, by chance, so that workers do not ask in step
	saveTimeout = 5 * time.Second
	// keepCalls is how long rows stay at least; another worker may have a longer window.
	keepCalls = time.Minute
)

// Keeper is a [quota.Keeper] over a database.
type Keeper struct{ db sqldb.DB }

// New returns the keeper of a database, which has its tables.
func New(db sqldb.DB) *Keeper { return &Keeper{db: db} }

// Limiter keeps calls within limits; see [quota.Keeper].
func (k *Keeper) Limiter(instance, worker string, l quota.Limits) quota.Limiter {
	return NewLimiter(k.db, instance, worker, l)
}

func NewLimiter(db sqldb.DB, instance, worker string, l quota.Limits) *Limiter {
	h := fnv.New64a()
	_, _ = h.Write([]byte("calls of " + instance)) // never fails
	return &Limiter{
		DB: db, instance: instance, worker: worker, limits: Effective(l), Now: sqldb.Now,
		key:  int64(h.Sum64()), //nolint:gosec // any number will do
		turn: make(chan struct{}, 1), ended: make(chan struct{}, 1), save: make(chan struct{}, 1),
	}
}

// Effective replaces zeros by the limits of the service.
func Effective(l quota.Limits) quota.Limits {
	l.Calls = cmp.Or(l.Calls, 100)
	l.Per = cmp.Or(l.Per, 20*time.Second)
	l.Concurrent = cmp.Or(l.Concurrent, 10)
	l.Daily = cmp.Or(l.Daily, 10_000)
	if l.Per < 0 {
		l.Calls = -1
	}
	l.Daily = max(l.Daily, -1) // as Quota has it
	l.Reserve = max(l.Reserve, 0)
	return l
}

// window is Per and one hundredth of it: clocks differ a little, and the service may count a
// call that is exactly Per old.
func (l *Limiter) window() time.Duration { return l.limits.Per + l.limits.Per/100 }

// Acquire implements leadsync.Limiter. Calls of this limiter go in order of arrival.
func (l *Limiter) Acquire(ctx context.Context) (release func(sent bool), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := l.refused(time.Now()); err != nil {
		return nil, err
	}
	if l.limits.Calls < 0 && l.limits.Concurrent < 0 && l.limits.Daily < 0 {
		return func(bool) {}, nil
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-quota.Stopping(ctx):
		return nil, quota.ErrStopping
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for {
		call, wait, err := l.try(ctx)
		if err != nil {
			return nil, err
		}
		if call.id != 0 {
			var once sync.Once
			return func(sent bool) { once.Do(func() { l.release(ctx, call, sent) }) }, nil
		}
		if err := l.pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// refused is the error of a quota that the database does not keep.
func (l *Limiter) refused(now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.exhausted) {
		return quotaError(now, "the service has refused a call of this day for %.100q", l.instance)
	}
	return nil
}

// Waits that are not known; see admits.
const (
	untilEnd    time.Duration = -1 // until a call ends, of any worker
	untilOwnEnd time.Duration = -2 // until a call of this limiter ends
)

// try takes a place if there is one; without one, wait is how long that stays so.
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

// locked runs f in a transaction that is alone with the calls of the instance, and saves
// ends in it.
func (l *Limiter) locked(ctx context.Context, unsaved []endedCall, f func(tx sqldb.Tx, now time.Time) error) error {
	err := sqldb.InTx(ctx, l.DB, func(tx sqldb.Tx) error {
		if tx.Dialect() == sqldb.Postgres { // SQLite has one writer
			if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(?)`, l.key); err != nil {
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

// end notes that a call has ended, or takes it back.
func (l *Limiter) end(ctx context.Context, tx sqldb.Tx, c endedCall, at time.Time) error {
	if !c.sent {
		return l.takeBack(ctx, tx, c.placedCall)
	}
	_, err := tx.Exec(ctx, `UPDATE sync_calls SET ended = ?
		WHERE id = ? AND instance = ? AND worker = ? AND (ended IS NULL OR ended < ?)`, later(at), c.id, l.instance, l.worker, later(at))
	return err
}

// takeBack makes a call one that never was. Its row tells whether that was done before: a commit
// may have come through unnoticed; the start tells it from a later one, as SQLite gives the id
// of a row that was rolled back again. A quota that is used up stays so: the service
// may have said it.
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

// later is a column's time that is not before t.
func later(t time.Time) any { return sqldb.Millis(t.Add(time.Millisecond - time.Nanosecond)) }

// clean ends what must have ended, and forgets what no window reaches any more.
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

func (l *Limiter) state(ctx context.Context, tx sqldb.Tx, now time.Time) (s state, err error) {
	err = sqldb.QueryRow(ctx, tx, []any{&s.open, &s.recent, &s.used, &s.alive}, `
		SELECT count(*) FILTER (WHERE ended IS NULL), count(ended),
			coalesce((SELECT max(used) FROM sync_quotas WHERE instance = ? AND resets_at > ? AND resets_at <= ?), 0),
			(SELECT count(*) FROM sync_workers WHERE name = ? AND until > ?)
		FROM sync_calls WHERE instance = ? AND (ended IS NULL OR ended > ?)`,
		l.instance, sqldb.Seconds(now), day(now), l.worker, sqldb.Millis(now), l.instance, sqldb.Millis(now.Add(-l.window())))
	return s, err
}

// day is the key of a day's quota: its end.
func day(now time.Time) any { return sqldb.Seconds(fault.NextReset(now)) }

// check refuses calls that no wait helps.
func (l *Limiter) check(s state, now time.Time) error {
	if s.alive == 0 {
		return fmt.Errorf("worker %s: %w: it has not been heard of for longer than its lease, so that its calls would not count",
			l.worker, store.ErrUnavailable)
	}
	if l.limits.Daily < 0 || s.used < l.limits.Daily-l.limits.Reserve {
		return nil
	}
	return quotaError(now, "%d of the %d calls a day for %.100q are used, and %d are kept in reserve",
		s.used, l.limits.Daily, l.instance, l.limits.Reserve)
}

// quotaError has no fault: the service was not asked.
func quotaError(now time.Time, format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, &fault.QuotaError{ResetsAt: fault.NextReset(now)})...)
}

// wait tells how long there is no place; 0: there is one.
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

// ownWait is wait for the calls of this limiter alone, however the database's clock jumps.
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

// enter counts a call that begins.
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

// pause waits, less long if a call ends that has to.
func (l *Limiter) pause(ctx context.Context, wait time.Duration) error {
	ended := l.ended
	switch wait {
	case untilOwnEnd:
		wait = time.Hour // something will end it
	case untilEnd:
		wait = leastPoll + rand.N(morePoll)
	default:
		ended = nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ended:
	case <-quota.Stopping(ctx):
		return quota.ErrStopping
	case <-ctx.Done():
	}
	return ctx.Err()
}

// release ends a call. When the database cannot be reached, the next transaction tells
// the end, or a later try; if there is none, the call counts until the worker's lease ends.
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

// saveEndsFor tries again after wait, twice that and so on, for a minute: the worker may
// go on to live without calls.
func (l *Limiter) saveEndsFor(ctx context.Context, wait time.Duration) {
	limited, cancel := context.WithTimeout(ctx, saveTimeout)
	defer cancel()
	if err := l.saveEnds(limited); err != nil && wait < time.Minute {
		time.AfterFunc(wait, func() { l.saveEndsFor(ctx, 2*wait) })
	}
}

// saveEnds tells the database which calls have ended, all at once.
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

// Quota implements leadsync.Limiter.
func (l *Limiter) Quota(ctx context.Context) (quota.Status, error) {
	q := quota.Status{Daily: l.limits.Daily, Reserve: l.limits.Reserve}
	if l.limits.Calls > 0 {
		q.PerCall = l.limits.Per / time.Duration(l.limits.Calls)
	}
	err := sqldb.InRead(ctx, l.DB, func(tx sqldb.Tx) error {
		now, err := l.Now(ctx, tx)
		if err != nil {
			return err
		}
		q.ResetsAt = fault.NextReset(now)
		return sqldb.QueryRow(ctx, tx, []any{&q.Used}, `SELECT coalesce(max(used), 0) FROM sync_quotas
			WHERE instance = ? AND resets_at > ? AND resets_at <= ?`, l.instance, sqldb.Seconds(now), day(now))
	})
	return q, err
}

// Exhausted implements leadsync.Limiter. Where no quota is kept, it holds for the calls of this
// limiter; other workers learn it from the service as well.
func (l *Limiter) Exhausted(ctx context.Context) error {
	if l.limits.Daily < 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.exhausted = refusedUntil(time.Now())
		return nil
	}
	return l.locked(ctx, nil, func(tx sqldb.Tx, now time.Time) error {
		_, err := tx.Exec(ctx, `INSERT INTO sync_quotas (instance, resets_at, used) VALUES (?, ?, ?)
			ON CONFLICT (instance, resets_at) DO UPDATE SET used = excluded.used WHERE sync_quotas.used < excluded.used`,
			l.instance, sqldb.Seconds(refusedUntil(now)), l.limits.Daily)
		return err
	})
}

// refusedUntil is until when the service is not asked again after a refusal for the day. Soon after
// the turn that may still be meant for the day before: clocks differ, and the documentation has
// the service turn at midnight CST also in summer.
func refusedUntil(now time.Time) time.Time {
	if !fault.NextReset(now.Add(-90 * time.Minute)).After(now) {
		return now.Add(15 * time.Minute)
	}
	return fault.NextReset(now)
}
