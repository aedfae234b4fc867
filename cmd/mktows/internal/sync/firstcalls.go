package sync

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/limit"
	"github.com/mktows/mktows-go/leadsync/quota"
)

// firstCalls is the limiter of a copy that is not there yet. It keeps the limits by itself, and remembers how many
// calls there were, as the copy has to count them.
type firstCalls struct {
	key    limit.Key
	limits quota.Limits
	made   atomic.Int64
}

func newFirstCalls(s *session) *firstCalls {
	return &firstCalls{key: limit.Key{Instance: s.instance, User: s.conn.Creds.UserID}, limits: s.limits}
}

// Acquire implements quota.Limiter.
func (f *firstCalls) Acquire(ctx context.Context) (release func(sent bool), err error) {
	end, err := limit.Process.Acquire(ctx, f.key, f.limits)
	if err != nil {
		return nil, err
	}
	return func(sent bool) {
		if sent {
			f.made.Add(1)
		}
		end()
	}, nil
}

// Quota implements quota.Limiter.
func (f *firstCalls) Quota(context.Context) (quota.Status, error) {
	q := quota.Status{Daily: f.limits.Daily, Reserve: f.limits.Reserve, Used: int(f.made.Load()), ResetsAt: fault.NextReset(time.Now())}
	if f.limits.Calls > 0 {
		q.PerCall = f.limits.Per / time.Duration(f.limits.Calls)
	}
	return q, nil
}

// Exhausted implements quota.Limiter. The run asks the service again, and the limiter of the copy is told.
func (*firstCalls) Exhausted(context.Context) error { return nil }

// moveTo counts the calls in the limiter of the copy that has been made since, as if they were made now: that is
// later than they were, so that the service sees fewer in any window than the copy counts. After an error it can be
// called again. A quota that they use up is no error: the run meets it.
func (f *firstCalls) moveTo(ctx context.Context, l quota.Limiter) error {
	for f.made.Load() > 0 {
		release, err := l.Acquire(ctx)
		if errors.Is(err, fault.ErrQuota) {
			return nil
		}
		if err != nil {
			return err
		}
		f.made.Add(-1)
		release(true)
	}
	return nil
}
