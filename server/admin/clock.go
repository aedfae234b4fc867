package admin

import (
	"context"
	"errors"
	"time"

	"github.com/mktows/mktows-go/internal/clock"
)

// Clock is a clock that runs on by itself and can be set: for simulator and server alike,
// so that data, limits and the age of signatures agree. The zero value shows the real
// time. It is safe for concurrent use.
type Clock struct{ c clock.Clock }

// Now returns the time of the clock.
func (c *Clock) Now() time.Time { return c.c.Now() }

// Ahead returns how far the clock is ahead of the real time; negative: behind.
func (c *Clock) Ahead() time.Duration { return c.c.Ahead() }

var errTooFar = errors.New("the time is too far away: give one of the years 1970 to 2261")

// Set sets the clock, which then runs on. The error says that the time is not between the
// years 1970 and 2261.
func (c *Clock) Set(t time.Time) error {
	if year := t.UTC().Year(); year < 1970 || year > 2261 {
		return errTooFar
	}
	c.c.Set(t)
	return nil
}

// Advance sets the clock ahead, or back if d is negative. Errors are those of Set.
func (c *Clock) Advance(d time.Duration) error { return c.Set(c.Now().Add(d)) }

// Sleep waits until d has passed by the clock, for [server.WithSleep]: setting the clock
// ahead ends the waiting. It returns the context's error if that ends first.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error { return c.c.Sleep(ctx, d) }
