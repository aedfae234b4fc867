package mktowstest

import (
	"time"

	"github.com/mktows/mktows-go/internal/clock"
)

// Clock is a clock that runs with time.Now and can be set ahead, for instance over
// midnight, where the daily quota starts again. In a synctest bubble it runs in the
// bubble's time. It is safe for concurrent use.
type Clock struct{ c clock.Clock }

// Now returns the time of the clock.
func (c *Clock) Now() time.Time { return c.c.Now() }

// Advance sets the clock ahead, or back if d is negative. What the server waits for,
// the Delay of a rule, ends when the clock has passed it. Clients sign by the clock but
// wait in real time.
func (c *Clock) Advance(d time.Duration) { c.c.Advance(d) }
