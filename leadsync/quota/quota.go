package quota

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/limits"
)

// ErrStopping says that a call that waited for its turn was given up, since the program is to stop; see [WithStop].
var ErrStopping = errors.New("the worker is stopping")

// ErrNoTurn says that a call would get its turn only after the deadline of its context, so that waiting would help nobody. It is a
// context.DeadlineExceeded before its time.
var ErrNoTurn = fmt.Errorf("the limits let no call through in time: %w", context.DeadlineExceeded)

// ErrNoWorker says that a worker is not known to live, so that its calls would not count; see [Keeper].
var ErrNoWorker = errors.New("the worker is not known to live")

// Limits are limits on calls. A field of 0 stands for the limit of the SOAP API ([limits.SOAP]), and [limits.None] for no limit.
type Limits = limits.Limits

// Limiter lets calls through as the limits allow, across all workers of an instance.
type Limiter interface {
	// Acquire waits until a call may start; release has to be called once when it has
	// ended, with false if the service cannot have seen it, which gives it back: it counts
	// neither for the window nor for the day. Errors: a *fault.QuotaError whose ResetsAt tells
	// when the day turns; ErrNoWorker; those of the database; ErrStopping if what Stopping returns for ctx is
	// closed while it waits; ErrNoTurn; that of ctx.
	Acquire(ctx context.Context) (release func(sent bool), err error)
	// Quota tells how much of the day is left.
	Quota(ctx context.Context) (Status, error)
	// Exhausted says that the service has refused a call for the day (20015): no more
	// calls before the reset.
	Exhausted(ctx context.Context) error
}

// Status is the state of the daily quota of an instance.
type Status struct {
	Daily    int // the quota; limits.None: none is kept
	Reserve  int
	Used     int
	ResetsAt time.Time
	// PerCall is how long a call takes at least, by the limit of calls in a time; 0: there is none.
	PerCall time.Duration
}

// Left is how many calls may still be made; [limits.None] if there is no quota.
func (q Status) Left() int {
	if q.Daily < 0 {
		return limits.None
	}
	return max(q.Daily-q.Reserve-q.Used, 0)
}
