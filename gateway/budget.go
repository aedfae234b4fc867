package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/limit"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/limits"
)

type budgetKey struct {
	instance string
	limits   limits.Limits
}

// budget keeps the calls of all tenants of an instance within its limits, in all gateways that share the state. It is a bridge.Limiter.
type budget struct {
	shared        *shared
	reads, writes quota.Limiter  // the former leave the reserve alone
	memory        *limit.Limiter // where no other process counts, it also goes on without the store; else nil
	*missing
}

// missing are the calls to an instance that the store does not know, whatever the limits were when they were made.
type missing struct {
	mu     sync.Mutex
	missed int       // calls of the day
	day    time.Time // the end of that day
}

// budget returns the budget of an instance, which is the same as long as its limits do not change.
func (s *shared) budget(instance string, l limits.Limits) *budget {
	l = l.Or(limits.Advised())
	s.mu.Lock()
	defer s.mu.Unlock()
	key := budgetKey{instance, l}
	b := s.budgets[key]
	if b == nil {
		whole := l
		whole.Reserve = 0
		if s.missing[instance] == nil {
			s.missing[instance] = new(missing)
		}
		b = &budget{shared: s, writes: s.store.Limiter(instance, s.worker, whole), missing: s.missing[instance]}
		if b.reads = b.writes; l.Reserve > 0 {
			b.reads = s.store.Limiter(instance, s.worker, l)
		}
		if s.sole {
			b.memory = &limit.Limiter{Key: limit.Key{Instance: "gateway " + instance}, Limits: l}
		}
		s.budgets[key] = b
	}
	return b
}

// Acquire waits until a call that writes may start.
func (b *budget) Acquire(ctx context.Context) (release func(sent bool), err error) {
	return b.acquire(ctx, b.writes)
}

// AcquireRead waits until a call that only reads may start.
func (b *budget) AcquireRead(ctx context.Context) (release func(sent bool), err error) {
	return b.acquire(ctx, b.reads)
}

func (b *budget) acquire(ctx context.Context, l quota.Limiter) (release func(sent bool), err error) {
	placed := func(bool) {}
	place := func(ctx context.Context) (err error) {
		if err := b.settle(ctx); err != nil {
			return err
		}
		placed, err = b.shared.place(ctx, l)
		return err
	}
	if b.memory == nil {
		err = patiently(ctx, func(ctx context.Context) error { return b.shared.ask(ctx, place) })
		return placed, err
	}
	end, err := b.memory.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	if err = b.shared.ask(ctx, place); errors.Is(err, errStateAway) {
		placed, err = func(bool) {}, b.alone(ctx, l)
	}
	if err != nil {
		end(false)
		return nil, err
	}
	return func(sent bool) { placed(sent); end(sent) }, nil
}

// alone counts a call that the store cannot count. It may still be able to tell how many there were.
func (b *budget) alone(ctx context.Context, l quota.Limiter) error {
	limited, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
	day, unread := l.Quota(limited)
	b.mu.Lock()
	defer b.mu.Unlock()
	if unread != nil {
		day = quota.Status{Daily: limits.None, ResetsAt: fault.NextReset(time.Now())}
	}
	if !day.ResetsAt.Equal(b.day) {
		b.day, b.missed = day.ResetsAt, 0
	}
	if day.Used += b.missed; day.Left() == 0 {
		return fmt.Errorf("the %d calls of the day are used, or kept in reserve: %w", day.Daily, &fault.QuotaError{ResetsAt: day.ResetsAt})
	}
	b.missed++
	return nil
}

// adder is a limiter that can be told of calls which it did not let through. It stores then, too, which of its own calls have ended.
type adder interface {
	Add(ctx context.Context, calls int) error
}

// remind has the store know which calls have ended while it was away. A limiter that nobody asks any more, such as one of former limits or of
// writes where all read, would else have them hold their places.
func (b *budget) remind() {
	ctx, cancel := context.WithTimeout(context.Background(), stateTimeout)
	defer cancel()
	for _, l := range []quota.Limiter{b.reads, b.writes} {
		if l, able := l.(adder); able {
			_ = l.Add(ctx, 0) // else its next call does it
		}
	}
}

// settle tells the store which calls of the day it has missed.
func (b *budget) settle(ctx context.Context) error {
	b.mu.Lock()
	missed := b.missed
	if !time.Now().Before(b.day) {
		missed = 0
	}
	b.missed = 0
	b.mu.Unlock()
	l, able := b.writes.(adder)
	if missed == 0 || !able {
		return nil
	}
	err := l.Add(ctx, missed)
	if err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.missed += missed
	}
	return err
}

// Exhausted closes the budget until the day turns, for all gateways: the service has said that the calls of the day are used up.
func (b *budget) Exhausted(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
	_ = b.shared.ask(limited, b.writes.Exhausted) // which has told it; this process has closed its own count, and others will be told by the service
	return nil
}

// used returns how many calls all gateways have made today.
func (b *budget) used(ctx context.Context) (calls int, resets time.Time, err error) {
	day, err := b.writes.Quota(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	return day.Used + b.missed, day.ResetsAt, err
}
