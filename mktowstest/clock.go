package mktowstest

import (
	"context"
	"sync"
	"time"
)

// Clock is a clock that runs with time.Now and can be set ahead, for instance over
// midnight, where the daily quota starts anew. In a synctest bubble it runs in the
// bubble's time. It is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	ahead  time.Duration
	ticked chan struct{} // closed by Advance
}

func newClock() *Clock { return &Clock{ticked: make(chan struct{})} }

// Now returns the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Advance sets the clock ahead, or back if d is negative. What the server waits for,
// the Delay of a rule, ends when the clock has passed it. Clients sign by the clock but
// wait in real time.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	close(c.ticked)
	c.ticked = make(chan struct{})
}

// sleep waits until d has passed by the clock, or until the context ends.
func (c *Clock) sleep(ctx context.Context, d time.Duration) error {
	until := c.Now().Add(d)
	for {
		left, ticked := c.left(until)
		if left <= 0 {
			return nil
		}
		if err := wait(ctx, left, ticked); err != nil {
			return err
		}
	}
}

// left returns the time until a moment, and what is closed when that changes.
func (c *Clock) left(until time.Time) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return until.Sub(time.Now().Add(c.ahead)), c.ticked
}

func wait(ctx context.Context, d time.Duration, ticked <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ticked:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
