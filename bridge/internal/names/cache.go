package names

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/mktows/mktows-go/internal/httpcall"
)

// afterFailure is how long a fetch that failed is not repeated while there is a value to go on with.
const afterFailure = time.Minute

// cache keeps a value that is fetched when it is needed. All who need it share one fetch, and each
// waits as long as its own context allows; when nobody waits any more the fetch ends.
type cache[T any] struct {
	fetch func(ctx context.Context) (T, error)
	now   func() time.Time
	life  time.Duration // after which a value is fetched anew
	again time.Duration // for which it is kept after it was fetched anew for what it lacked

	mu     sync.Mutex
	value  T
	has    bool
	taken  time.Time // when the value was told
	held   time.Time // until when it is kept, whatever it lacks
	err    error     // of the last fetch
	flight *flight   // nil: none is under way
}

// flight is a fetch that is under way, and who waits for it.
type flight struct {
	shared  *httpcall.Shared
	done    chan struct{}
	stop    context.CancelFunc
	lacking bool // the value that is there lacks something
	waiters int

	panicked any // of the fetch; known when done
}

// get returns the value. It is fetched if there is none, if it is older than life, or if good does not
// accept it. What was fetched for the last reason is kept for again, as is one for a while that a fetch
// failed to renew: what is returned may not be good, and the caller looks once more. The error is that
// of the fetch, where the value would have been needed, or that of the context.
func (c *cache[T]) get(ctx context.Context, good func(T) bool) (T, error) {
	c.mu.Lock()
	useful := c.has && good(c.value)
	if !c.wants(useful) {
		defer c.mu.Unlock()
		return c.state(useful)
	}
	f := c.join(ctx, c.has && !useful)
	c.mu.Unlock()
	select {
	case <-f.done:
		if f.panicked != nil {
			panic(f.panicked)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.state(c.has && good(c.value))
	case <-ctx.Done():
		c.leave(f)
		var none T
		return none, fmt.Errorf("%w, while waiting for the description of names", httpcall.Ended(ctx))
	}
}

// wants reports whether a fetch is to be waited for. The lock is held.
func (c *cache[T]) wants(useful bool) bool {
	now := c.now()
	switch {
	case !c.has:
		return true
	case useful && (c.flight != nil || now.Before(c.taken.Add(c.life))):
		return false
	case c.flight != nil:
		return true
	}
	return !now.Before(c.held)
}

// state returns what is known. A value that is useful does for want of a newer one. The lock is held.
func (c *cache[T]) state(useful bool) (T, error) {
	if useful {
		return c.value, nil
	}
	return c.value, c.err
}

// join joins the fetch that is under way, unless all who waited for it have gone, or begins one. The lock is held.
func (c *cache[T]) join(ctx context.Context, lacking bool) *flight {
	if f := c.flight; f != nil && f.shared.Err() == nil {
		f.shared.Join(ctx)
		f.waiters++
		return f
	}
	own, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.flight = &flight{shared: &httpcall.Shared{Context: own}, done: make(chan struct{}), stop: stop, lacking: lacking, waiters: 1}
	c.flight.shared.Join(ctx)
	go c.fly(c.flight)
	return c.flight
}

// fly fetches the value. A panic, as of somebody's transport, is for those who wait: they may recover from it.
func (c *cache[T]) fly(f *flight) {
	defer f.stop()
	var value T
	err := httpcall.ErrNoReply // unless the fetch returns
	defer func() {
		f.panicked = recover()
		c.land(f, value, err)
	}()
	value, err = c.fetch(f.shared)
}

// land ends a fetch, and keeps what came unless everybody has left.
func (c *cache[T]) land(f *flight, value T, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(f.done)
	if c.flight != f {
		return
	}
	if c.flight = nil; err != nil && f.shared.Err() != nil {
		return // nobody waits for it
	}
	c.err = err
	now := c.now()
	switch {
	case err != nil:
		c.held = now.Add(min(c.again, afterFailure))
		return
	case f.lacking:
		c.held = now.Add(c.again)
	}
	c.value, c.has, c.taken = value, true, now
}

// leave is what a caller does whose context has ended.
func (c *cache[T]) leave(f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.waiters--
	if f.waiters == 0 && c.flight == f {
		c.flight = nil
		f.stop()
	}
}
