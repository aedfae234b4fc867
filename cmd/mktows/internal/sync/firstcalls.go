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

// firstCalls is the limiter of calls that are made before the copy exists. Usually the copy counts the calls, in its
// own tables, so that all of its workers keep the limits together. A new copy is only created after the service has
// accepted what is asked for, and that takes a few calls already. They keep the limits of this process, are counted
// here, and are entered into the copy's count once it exists (moveTo).
type firstCalls struct {
	key    limit.Key
	limits quota.Limits
	made   atomic.Int64
}

func newFirstCalls(s *session) *firstCalls {
	return &firstCalls{key: limit.Key{Instance: s.instance, User: s.conn.Creds.UserID}, limits: s.limits}
}

// Acquire implements quota.Limiter. A call counts only if it was sent.
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

// Quota implements quota.Limiter, from the calls counted here alone.
func (f *firstCalls) Quota(context.Context) (quota.Status, error) {
	q := quota.Status{Daily: f.limits.Daily, Reserve: f.limits.Reserve, Used: int(f.made.Load()), ResetsAt: fault.NextReset(time.Now())}
	if f.limits.Calls > 0 {
		q.PerCall = f.limits.Per / time.Duration(f.limits.Calls)
	}
	return q, nil
}

// Exhausted implements quota.Limiter and does nothing. If the service says that the day's calls are used up, the run
// will hear the same from its own first call, and will then tell the limiter of the copy.
func (*firstCalls) Exhausted(context.Context) error { return nil }

// moveTo enters the calls into the limiter l of the copy that now exists, as if they were made at this moment. They
// were made earlier, so in any interval of 20 seconds the service has seen at most as many calls as the copy has
// counted, which errs on the safe side. After an error moveTo can be called again and goes on with the rest. If the
// calls use up the day's quota, that is not an error here: the run will notice and wait.
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
