package rest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/limit"
	"github.com/mktows/mktows-go/limits"
)

// complete returns limits with what is advised in the place of zeros, and what is wrong with them. More
// than the service lets through helps nobody (error codes 606 and 615), so that is refused.
func complete(l limits.Limits) (limits.Limits, error) {
	l = l.Or(limits.Advised())
	most := limits.REST()
	err := errors.Join(within("Calls", l.Calls, most.Calls), within("Concurrent", l.Concurrent, most.Concurrent), l.Validate())
	if l.Per < most.Per {
		err = errors.Join(err, fmt.Errorf("Per is %s: the service counts in %s", l.Per, most.Per)) //nolint:staticcheck // a field's name
	}
	if err != nil {
		return l, fmt.Errorf("bridge: WithLimits: %w", err)
	}
	return l, nil
}

func within(name string, value, most int) error {
	if value < 1 || value > most {
		return fmt.Errorf("%s is %d, must be from 1 to %d", name, value, most)
	}
	return nil
}

// Limiter lets attempts through, one call of Acquire for each: see client.Limiter, whose method it
// has. One that has a method Exhausted, as those of leadsync/quota, is told when the service says
// that the calls of the day are used up. One that has a method AcquireRead is asked by that for
// attempts that only read, which it may keep from a reserve.
type Limiter interface {
	Acquire(ctx context.Context) (release func(sent bool), err error)
}

// place waits until the limits allow an attempt, which then has to be released.
func (c *Client) place(ctx context.Context, reads bool) (release func(sent bool), err error) {
	if c.limiter == nil {
		return nil, httpcall.Ended(ctx)
	}
	acquire := c.limiter.Acquire
	if r, ok := c.limiter.(interface {
		AcquireRead(ctx context.Context) (release func(sent bool), err error)
	}); ok && reads {
		acquire = r.AcquireRead
	}
	return httpcall.Turn(ctx, acquire)
}

// resetGrace is how long after midnight the service may take until it counts anew (it does not say;
// the documentation has "midnight CST"). A refusal within it does not mean the whole new day.
const resetGrace = 5 * time.Minute

// takeOfDay counts a call of this day. Reads leave the reserve alone. The error is a
// *fault.QuotaError: with the service's own fault where that has refused an earlier call, and without
// one where this side keeps to its budget.
func (c *Client) takeOfDay(reads bool) (giveBack func(), err error) {
	now, most := c.now(), c.limits.Daily
	if most >= 0 && reads {
		most -= c.limits.Reserve
	}
	resets := fault.NextReset(now)
	giveBack, full := limit.ProcessDays.Take(c.key, now, resets, most)
	if full == nil {
		return giveBack, nil
	}
	refused := &fault.QuotaError{ResetsAt: full.Until.In(resets.Location())}
	if full.Closed {
		said := &fault.RESTError{Code: 607, Message: "the service has refused an earlier call, as the calls of the day are used up"}
		var known *fault.QuotaError
		if errors.As(fault.FromREST(said, 0, fault.Known{}), &known) {
			refused.Fault = known.Fault
		}
	}
	return nil, refused
}

// exhausted notes that the service has refused a call for the day (607): until the day turns no
// call is sent. It returns the error with the moment.
func (c *Client) exhausted(ctx context.Context, err error) error {
	now := c.now()
	resets := fault.NextReset(now)
	until := resets
	if midnight := fault.NextReset(now.Add(-resetGrace)); !midnight.After(now) {
		until = midnight.Add(resetGrace)
	}
	limit.ProcessDays.Close(c.key, resets, until)
	var quota *fault.QuotaError
	if errors.As(err, &quota) {
		quota.ResetsAt = until
	}
	if shared, ok := c.limiter.(interface {
		Exhausted(ctx context.Context) error
	}); ok {
		if untold := shared.Exhausted(context.WithoutCancel(ctx)); untold != nil {
			return errors.Join(err, untold)
		}
	}
	return err
}

// Limits returns the limits that are kept, with what is advised in the place of zeros.
func (c *Client) Limits() limits.Limits { return c.limits }

// CallsToday returns how many calls the process has made to the instance today, and when the day
// turns.
func (c *Client) CallsToday() (calls int, resets time.Time) {
	resets = fault.NextReset(c.now())
	return limit.ProcessDays.Calls(c.key, resets), resets
}
