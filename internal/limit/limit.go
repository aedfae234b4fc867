// Package limit keeps calls within the limits that the service sets: so many calls in
// a sliding window of time, and so many at once (Marketo SOAP API, limits).
//
// The service counts when calls arrive, which nobody can see from here. A call
// therefore takes its place in the window from before it is sent until a whole window
// after it has ended: its arrival lies somewhere between, so delays on the network can
// never bring more calls than allowed into one window of the service. At a second per
// call this costs about a twentieth of the throughput.
//
// The package imports limits and the standard library.
package limit

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/mktows/mktows-go/limits"
)

// window is Per and one hundredth of it: clocks differ a little, and the service may
// count a call that is exactly Per old.
func window(l limits.Limits) time.Duration { return l.Per + l.Per/100 }

// Key says whose limits are meant: calls of different keys do not wait for each other.
type Key struct{ Instance, User string }

// Registry counts the calls of each key. The zero value is ready for use, and safe for
// concurrent use. It remembers a key as long as its calls count and no longer.
type Registry struct {
	mu     sync.Mutex
	counts map[Key]*count
}

// Process is the registry of the process. It is package state on purpose: the service
// counts all calls together, however many clients a program makes.
var Process = new(Registry)

// count is what is known about one key. The registry's lock guards it.
type count struct {
	key      Key
	running  int
	ended    []time.Time   // when calls ended that may still count, oldest first
	longest  time.Duration // the longest window anybody asked for
	queue    []*waiter     // in order of arrival
	nextTurn *time.Timer   // set while the first waiter waits for the window
	retiring bool          // somebody will look whether it can be forgotten
}

type waiter struct {
	limits limits.Limits
	turn   chan struct{} // closed when it may go
}

// Acquire waits until a call may start, and returns a function that must be called
// once when the call has ended, whatever its end; further calls do nothing. Callers
// of one key go in order of arrival. Where callers of a key have different limits,
// each is held to its own, and the calls of all count. Nothing counts days, so Daily and
// Reserve have no effect.
//
// When ctx ends first, the error is ctx.Err() and nothing was counted. Where it is clear at once that the turn would come after
// the deadline of ctx, the error is context.DeadlineExceeded at once: waiting helps nobody.
func (r *Registry) Acquire(ctx context.Context, key Key, l limits.Limits) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l = l.Or(limits.SOAP())
	r.mu.Lock()
	c := r.count(key, l)
	if len(c.queue) == 0 {
		if ok, _ := c.admits(l, time.Now()); ok {
			c.running++
			r.mu.Unlock()
			return r.releaser(c), nil
		}
	}
	if deadline, ok := ctx.Deadline(); ok && c.full(l, deadline) {
		r.mu.Unlock()
		return nil, context.DeadlineExceeded
	}
	w := &waiter{limits: l, turn: make(chan struct{})}
	c.queue = append(c.queue, w)
	r.dispatch(c)
	r.mu.Unlock()

	select {
	case <-w.turn:
		return r.releaser(c), nil
	case <-ctx.Done():
		r.giveUp(c, w)
		return nil, ctx.Err()
	}
}

// count returns what is known about the key.
func (r *Registry) count(key Key, l limits.Limits) *count {
	c := r.counts[key]
	if c == nil {
		c = &count{key: key}
		if r.counts == nil {
			r.counts = make(map[Key]*count)
		}
		r.counts[key] = c
	}
	c.longest = max(c.longest, window(l))
	return c
}

// retire forgets a key that nobody uses, at once or when its calls count no more.
func (r *Registry) retire(c *count) {
	if c.retiring || c.running > 0 || len(c.queue) > 0 {
		return
	}
	now := time.Now()
	c.prune(now)
	if len(c.ended) == 0 {
		delete(r.counts, c.key)
		return
	}
	c.retiring = true
	time.AfterFunc(c.ended[len(c.ended)-1].Add(c.longest).Sub(now), func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		c.retiring = false
		r.retire(c)
	})
}

// releaser returns the function that ends a call. It may be called more than once, so that it can stand in a defer
// beside an explicit call; only the first one counts.
func (r *Registry) releaser(c *count) func() {
	released := false
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if released {
			return
		}
		released = true
		now := time.Now()
		c.running--
		c.prune(now)
		c.ended = append(c.ended, now)
		r.dispatch(c)
		r.retire(c)
	}
}

// giveUp takes a waiter out of the queue. It may have got its turn a moment ago, and
// then hands it on.
func (r *Registry) giveUp(c *count, w *waiter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-w.turn:
		c.running--
	default:
		i := slices.Index(c.queue, w)
		c.queue = slices.Delete(c.queue, i, i+1)
	}
	r.dispatch(c)
	r.retire(c)
}

// dispatch lets waiters go, first come, first served, and sees to it that somebody
// does so again in time.
func (r *Registry) dispatch(c *count) {
	if c.nextTurn != nil {
		c.nextTurn.Stop()
		c.nextTurn = nil
	}
	for len(c.queue) > 0 {
		w := c.queue[0]
		ok, wait := c.admits(w.limits, time.Now())
		if !ok && wait > 0 {
			c.nextTurn = time.AfterFunc(wait, func() {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.dispatch(c)
			})
		}
		if !ok {
			return // without a time to wait for: until a call ends
		}
		c.queue = slices.Delete(c.queue, 0, 1)
		c.running++
		close(w.turn)
	}
}

// admits reports whether a call may start now. If not, and if no running call has to
// end first, wait says how long it takes until one may.
func (c *count) admits(l limits.Limits, now time.Time) (ok bool, wait time.Duration) {
	if l.Concurrent > 0 && c.running >= l.Concurrent {
		return false, 0
	}
	if l.Calls <= 0 {
		return true, 0
	}
	recent := c.endedWithin(window(l), now)
	excess := c.running + len(recent) + 1 - l.Calls
	switch {
	case excess <= 0:
		return true, 0
	case excess > len(recent):
		return false, 0
	}
	return false, recent[excess-1].Add(window(l)).Sub(now)
}

// full reports whether no call that comes now can start before the deadline: those that have ended and still count then, those that
// are running and those that wait are as many as there may be.
func (c *count) full(l limits.Limits, deadline time.Time) bool {
	if l.Calls <= 0 || time.Until(deadline) >= window(l) {
		return false
	}
	return c.running+len(c.queue)+len(c.endedWithin(window(l), deadline)) >= l.Calls
}

// endedWithin returns the ends of calls that lie less than d ago.
func (c *count) endedWithin(d time.Duration, now time.Time) []time.Time {
	i := sort.Search(len(c.ended), func(i int) bool { return now.Sub(c.ended[i]) < d })
	return c.ended[i:]
}

// prune drops what no window reaches any more.
func (c *count) prune(now time.Time) {
	recent := c.endedWithin(c.longest, now)
	c.ended = c.ended[:copy(c.ended, recent)]
}

// Limiter admits the attempts of one key to limits, counted by the process. It has the method of client.Limiter.
type Limiter struct {
	Key    Key
	Limits limits.Limits
}

// Acquire waits until an attempt may start. What was not sent counts all the same: a place is only gone for the
// length of the window.
func (l Limiter) Acquire(ctx context.Context) (release func(sent bool), err error) {
	end, err := Process.Acquire(ctx, l.Key, l.Limits)
	return func(bool) { end() }, err
}
