package admin

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Clock is a clock that runs on by itself and can be set: for simulator and server alike,
// so that data, limits and the age of signatures agree. The zero value shows the real
// time. It is safe for concurrent use.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
	moved chan struct{} // closed by Set; nil: nobody waits
}

// Now returns the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Ahead returns how far the clock is ahead of the real time; negative: behind.
func (c *Clock) Ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}

var errTooFar = errors.New("the time is too far away: give one of the years 1970 to 2261")

// Set sets the clock, which then runs on. The error says that the time is not between the
// years 1970 and 2261.
func (c *Clock) Set(t time.Time) error {
	if year := t.UTC().Year(); year < 1970 || year > 2261 {
		return errTooFar
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = time.Until(t)
	if c.moved != nil {
		close(c.moved)
		c.moved = nil
	}
	return nil
}

// Advance sets the clock ahead, or back if d is negative. Errors are those of Set.
func (c *Clock) Advance(d time.Duration) error { return c.Set(c.Now().Add(d)) }

// Sleep waits until d has passed by the clock, for [server.WithSleep]: setting the clock
// ahead ends the waiting. It returns the context's error if that ends first.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	until := c.Now().Add(d)
	for {
		left, moved := c.left(until)
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-moved:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// left returns the time until a moment, and what is closed when the clock is set.
func (c *Clock) left(until time.Time) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.moved == nil {
		c.moved = make(chan struct{})
	}
	return until.Sub(time.Now().Add(c.ahead)), c.moved
}
