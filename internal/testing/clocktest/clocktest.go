// Package clocktest has a clock for tests, which stands still until the test moves it.
package clocktest

import (
	"sync/atomic"
	"time"
)

// Clock shows the time it was set to. It is safe for concurrent use.
type Clock struct{ now atomic.Pointer[time.Time] }

// At makes a clock that shows a time.
func At(t time.Time) *Clock {
	c := new(Clock)
	c.Set(t)
	return c
}

// Now returns the time of the clock, in the zone that it was set with.
func (c *Clock) Now() time.Time { return *c.now.Load() }

// Set sets the clock.
func (c *Clock) Set(t time.Time) { c.now.Store(&t) }

// Advance sets the clock ahead, or back if d is negative.
func (c *Clock) Advance(d time.Duration) {
	for {
		old := c.now.Load()
		now := old.Add(d)
		if c.now.CompareAndSwap(old, &now) {
			return
		}
	}
}
