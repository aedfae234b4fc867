package rest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/limit"
)

// Limits bound the calls to an instance. The service counts all programs that use the instance
// together, so the defaults are what its page on integration advises one of them to keep to: half
// of what is allowed. A zero field stands for its default.
type Limits struct {
	Calls      int           // in any time of the length Per; 50, at most 100
	Per        time.Duration // 20 s, which is also the least
	Concurrent int           // calls at the same time; 5, at most 10
	// Daily is how many calls may be made from midnight to midnight US Central: 50,000, which most
	// subscriptions have; less than 0: nothing is counted.
	Daily int
	// Reserve is how many of them are left to writes; none.
	Reserve int
}

// The limits of the service and what it advises one integration to keep to (Marketo REST API,
// integration best practices and error codes: 606, 607, 615).
const (
	adviceCalls, maxCalls           = 50, 100
	adviceConcurrent, maxConcurrent = 5, 10
	window                          = 20 * time.Second
	serviceDaily                    = 50_000
)

// withDefaults returns the limits with the zero fields filled in, and what is wrong with them.
func (l Limits) withDefaults() (Limits, error) {
	err := errors.Join(
		within("Calls", l.Calls, maxCalls), within("Concurrent", l.Concurrent, maxConcurrent),
	)
	if l.Per != 0 && l.Per < window {
		err = errors.Join(err, fmt.Errorf("bridge: WithLimits: Per is %s: the service counts in %s", l.Per, window))
	}
	if l.Reserve < 0 || l.Daily >= 0 && l.Reserve > orDefault(l.Daily, serviceDaily) {
		err = errors.Join(err, fmt.Errorf("bridge: WithLimits: Reserve is %d, must be from 0 to Daily", l.Reserve))
	}
	l.Calls, l.Per = orDefault(l.Calls, adviceCalls), orDefault(l.Per, window)
	l.Concurrent, l.Daily = orDefault(l.Concurrent, adviceConcurrent), orDefault(l.Daily, serviceDaily)
	return l, err
}

func within(name string, value, most int) error {
	if value < 0 || value > most {
		return fmt.Errorf("bridge: WithLimits: %s is %d, must be from 0 to %d", name, value, most)
	}
	return nil
}

func orDefault[T int | time.Duration](value, def T) T {
	if value == 0 {
		return def
	}
	return value
}

// Limiter lets attempts through, one call of Acquire for each: see client.Limiter, whose method it
// has. One that has a method Exhausted, as those of leadsync/quota, is told when the service says
// that the calls of the day are used up.
type Limiter interface {
	Acquire(ctx context.Context) (release func(sent bool), err error)
}

// processLimiter is the count of the process.
type processLimiter struct {
	key    limit.Key
	limits limit.Limits
}

// Acquire implements Limiter. What was not sent counts all the same: a place is only gone for the
// length of the window.
func (l processLimiter) Acquire(ctx context.Context) (release func(sent bool), err error) {
	end, err := limit.Process.Acquire(ctx, l.key, l.limits)
	return func(bool) { end() }, err
}

// place waits until the limits allow an attempt, which then has to be released.
func (c *Client) place(ctx context.Context) (release func(sent bool), err error) {
	if c.limiter == nil {
		return nil, httpcall.Ended(ctx)
	}
	release, err = c.limiter.Acquire(ctx)
	if err == nil {
		return release, nil
	}
	switch over := httpcall.Ended(ctx); {
	case over == nil:
		return nil, fmt.Errorf("the limiter let no call through: %w", err)
	case errors.Is(over, err):
		return nil, fmt.Errorf("%w, while waiting for a turn within the limits of the service", over)
	default:
		return nil, fmt.Errorf("%w, while waiting for a turn within the limits of the service: %w", over, err)
	}
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

// CallsToday returns how many calls the process has made to the instance today, and when the day
// turns.
func (c *Client) CallsToday() (calls int, resets time.Time) {
	resets = fault.NextReset(c.now())
	return limit.ProcessDays.Calls(c.key, resets), resets
}
