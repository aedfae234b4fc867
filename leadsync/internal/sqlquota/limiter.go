// Package sqlquota keeps calls within limits in tables of a SQL database, and the lives of the workers that make them.
// It implements package quota, and knows neither streams nor windows.
package sqlquota

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/limits"
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
	limits           quota.Limits // without zeros; a number less than 0: none
	key              int64        // of PostgreSQL's advisory lock
	Now              func(context.Context, sqldb.Tx) (time.Time, error)

	asking atomic.Int64 // how many calls wait, the one with the turn among them

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

const (
	leastPoll   = 20 * time.Millisecond
	morePoll    = 80 * time.Millisecond // at most, by chance, so that workers do not ask in step
	saveTimeout = 5 * time.Second
	// keepCalls is how long rows stay at least; another worker may have a longer window.
	keepCalls = time.Minute
)

// NewLimiter returns the limiter of a worker for an instance. The key of the advisory lock is a hash of the instance,
// so that instances do not wait for each other.
func NewLimiter(db sqldb.DB, instance, worker string, l quota.Limits) *Limiter {
	h := fnv.New64a()
	_, _ = h.Write([]byte("calls of " + instance)) // never fails
	return &Limiter{
		DB: db, instance: instance, worker: worker, limits: Effective(l), Now: sqldb.Now,
		key:  int64(h.Sum64()), //nolint:gosec // any number will do
		turn: make(chan struct{}, 1), ended: make(chan struct{}, 1), save: make(chan struct{}, 1),
	}
}

// Effective replaces zeros by the limits of the service, and what makes no sense by what comes near.
func Effective(l quota.Limits) quota.Limits {
	l = l.Or(limits.SOAP())
	if l.Per < 0 {
		l.Calls = limits.None
	}
	l.Daily = max(l.Daily, limits.None) // as Quota has it
	l.Reserve = max(l.Reserve, 0)
	return l
}

// window is Per and one hundredth of it: clocks differ a little, and the service may count a
// call that is exactly Per old.
func (l *Limiter) window() time.Duration { return l.limits.Per + l.limits.Per/100 }

// Acquire implements quota.Limiter. Calls of this limiter go in order of arrival. One that would have to wait beyond its deadline
// does not wait at all.
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
	ahead := l.asking.Add(1) - 1
	defer l.asking.Add(-1)
	if err := l.hopeless(ctx, ahead); err != nil {
		return nil, err
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
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return nil, quota.ErrNoTurn
		}
		if err := l.pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// pause waits, and ends early if a call ends that the wait is for.
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
