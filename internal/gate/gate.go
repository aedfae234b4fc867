// Package gate counts the calls that a mock lets in, as the service does it: so many in a
// window of time, so many at once and so many a day (Marketo SOAP API and REST API, limits).
//
// The package imports limits, and fault for the moment at which the day's count begins anew.
package gate

import (
	"sync"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/limits"
)

// Limit is one of the limits.
type Limit int

// The limits, in the order in which they are looked at.
const (
	Daily Limit = iota + 1
	Rate
	Concurrency
)

// Refusal says which limit one more call would have exceeded.
type Refusal struct {
	Limit  Limit
	Resets time.Time // when the day's count begins anew
}

// Gates holds the counts, one for all users or one for each. Only users that were let in get
// one, so that there are not more of them than users. Set Limits and PerUser before use. It is
// safe for concurrent use.
type Gates struct {
	Limits  limits.Limits // without zeros: each API has its own limits in their place
	PerUser bool          // count each user apart

	mu     sync.Mutex // guards the rest, counts included
	byUser map[string]*count
}

// count is what a gate knows of the calls that it let in.
type count struct {
	recent  []time.Time // calls of the last window, oldest first
	running int
	today   int
	day     time.Time // when today's count ends
}

// Pass is the place of a call that was let in.
type Pass struct {
	gates *Gates
	mine  *count
	at    time.Time
	day   time.Time
}

// Enter lets a call in, or tells the limit that keeps it out. A refused call does not count.
// A call that was let in has to leave.
func (g *Gates) Enter(userID string, now time.Time) (*Pass, *Refusal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.PerUser {
		userID = ""
	}
	mine := g.byUser[userID]
	if mine == nil {
		if g.byUser == nil {
			g.byUser = make(map[string]*count)
		}
		mine = new(count)
		g.byUser[userID] = mine
	}
	if exceeded := mine.check(g.Limits, now); exceeded != 0 {
		return nil, &Refusal{exceeded, mine.day}
	}
	mine.add(g.Limits, now)
	return &Pass{g, mine, now, mine.day}, nil
}

// Leave ends a call.
func (p *Pass) Leave() {
	p.gates.mu.Lock()
	defer p.gates.mu.Unlock()
	p.mine.running--
}

// Forget makes a call count neither in the window nor for the day. It still has to leave.
func (p *Pass) Forget() {
	p.gates.mu.Lock()
	defer p.gates.mu.Unlock()
	if p.day.Equal(p.mine.day) {
		p.mine.today--
	}
	for i, at := range p.mine.recent {
		if at.Equal(p.at) {
			p.mine.recent = append(p.mine.recent[:i], p.mine.recent[i+1:]...)
			return
		}
	}
}

// check forgets what counts no more, and returns the first limit that one more call would
// exceed, 0 for none.
func (c *count) check(l limits.Limits, now time.Time) Limit {
	if day := fault.NextReset(now); !day.Equal(c.day) {
		c.day, c.today = day, 0
	}
	old := 0
	for old < len(c.recent) && !within(c.recent[old], now, l.Per) {
		old++
	}
	c.recent = append(c.recent[:0], c.recent[old:]...)
	switch {
	case l.Daily > 0 && c.today >= l.Daily:
		return Daily
	case l.Calls > 0 && len(c.recent) >= l.Calls:
		return Rate
	case l.Concurrent > 0 && c.running >= l.Concurrent:
		return Concurrency
	}
	return 0
}

func (c *count) add(l limits.Limits, now time.Time) {
	c.running++
	c.today++
	if l.Calls > 0 {
		c.recent = append(c.recent, now)
	}
}

// within reports whether a call at the time still counts. One from the future does
// not: the clock was set back.
func within(at, now time.Time, per time.Duration) bool {
	age := now.Sub(at)
	return age >= 0 && age < per
}
