package server

import (
	"sync"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// Limits are limits on calls; a field of 0 sets none (Marketo SOAP API, limits).
type Limits struct {
	Calls      int           // in any window of the length Per: fault 20023
	Per        time.Duration // the length of that window
	Concurrent int           // calls at the same time: fault 20024
	Daily      int           // calls from midnight to midnight US Central: fault 20015

	// PerUser counts each user apart. By default all users share the counts, as all
	// programs that call one instance of the service do.
	PerUser bool
}

// ServiceLimits returns the documented limits of the service: 100 calls in 20 seconds, 10
// at the same time, 10,000 a day.
func ServiceLimits() Limits {
	return Limits{Calls: 100, Per: 20 * time.Second, Concurrent: 10, Daily: 10_000}
}

// gates holds the counts, one gate for all or one for each user. Only users that were
// let in get one, so that there are not more gates than users.
type gates struct {
	limits Limits

	mu     sync.Mutex // guards the rest, gates included
	byUser map[string]*gate
}

// gate counts the calls that it let in.
type gate struct {
	recent  []time.Time // calls of the last window, oldest first
	running int
	today   int
	day     time.Time // when today's count ends
}

// enter lets a call in or returns the fault that refuses it. Refused calls do not
// count. A call that was let in has to call leave when it ends.
func (g *gates) enter(userID string, now time.Time) (leave func(), refused *fault.Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.limits.PerUser {
		userID = ""
	}
	mine := g.byUser[userID]
	if mine == nil {
		if g.byUser == nil {
			g.byUser = make(map[string]*gate)
		}
		mine = new(gate)
		g.byUser[userID] = mine
	}
	if f := mine.check(g.limits, now); f != nil {
		return nil, f
	}
	mine.count(g.limits, now)
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		mine.running--
	}, nil
}

// check forgets what counts no more, and returns the fault for the first limit that
// one more call would exceed.
func (g *gate) check(l Limits, now time.Time) *fault.Fault {
	if day := fault.NextReset(now); !day.Equal(g.day) {
		g.day, g.today = day, 0
	}
	old := 0
	for old < len(g.recent) && !within(g.recent[old], now, l.Per) {
		old++
	}
	g.recent = append(g.recent[:0], g.recent[old:]...)
	switch {
	case l.Daily > 0 && g.today >= l.Daily:
		return fault.Newf(fault.CodeRequestLimitExceeded, "Request Limit Exceeded: all %d calls of this day are used; the count starts anew at %s",
			l.Daily, g.day.Format(time.RFC3339))
	case l.Calls > 0 && len(g.recent) >= l.Calls:
		return fault.Newf(fault.CodeRateLimitExceeded, "Rate Limit Exceeded: more than %d calls in %s", l.Calls, l.Per)
	case l.Concurrent > 0 && g.running >= l.Concurrent:
		return fault.Newf(fault.CodeConcurrencyLimitExceeded, "Concurrency Limit Exceeded: more than %d calls at the same time", l.Concurrent)
	}
	return nil
}

func (g *gate) count(l Limits, now time.Time) {
	g.running++
	g.today++
	if l.Calls > 0 {
		g.recent = append(g.recent, now)
	}
}

// within reports whether a call at the time still counts. One from the future does
// not: the clock was set back.
func within(at, now time.Time, per time.Duration) bool {
	age := now.Sub(at)
	return age >= 0 && age < per
}
