// Package clock has a clock that can be set, for a mock whose data, limits and ages of
// signatures have to agree on the time.
//
// The package imports the standard library only.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock runs with time.Now, ahead of it by what was set; in a synctest bubble it runs in
// the bubble's time. The zero value shows the real time. It is safe for concurrent use.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
	moved chan struct{} // closed when the clock is set; nil: nobody waits
}

// Now returns the time of the clock.
func (c *Clock) Now() time.Time { return time.Now().Add(c.Ahead()) }

// Ahead returns how far the clock is ahead of the real time; negative: behind.
func (c *Clock) Ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}

// Advance sets the clock ahead, or back if d is negative.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(c.ahead + d)
}

// Set sets the clock, which then runs on.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(time.Until(t))
}

// set sets the clock and wakes who waits. The lock is held.
func (c *Clock) set(ahead time.Duration) {
	c.ahead = ahead
	if c.moved != nil {
		close(c.moved)
		c.moved = nil
	}
}

// Sleep waits until d has passed by the clock: setting it ahead ends the waiting. It
// returns the context's error if that ends first.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	until := c.Now().Add(d)
	for {
		left, moved := c.left(until)
		if left <= 0 {
			return nil
		}
		if err := wait(ctx, left, moved); err != nil {
			return err
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

// wait returns after a real duration, or earlier if the clock is moved, so that the caller can look at the time
// again.
func wait(ctx context.Context, d time.Duration, moved <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-moved:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
