// Package join lets calls that are made at the same time share the requests that they have in common.
//
//	gate := join.NewGate(100*time.Millisecond, 30)
//
//	member, err := gate.Enter(ctx) // waits for others
//	defer member.Leave()
//	answer, err := join.Do(ctx, member, key, id, func(ctx context.Context, ids []int64) (Answer, error) { ... })
//
// Calls that enter a [Gate] within a short time form a party. From then on no clock matters: a request
// is made when every member of the party waits for one, so that calls that go through the same pages
// stay together for as long as they want the same. Each keeps its own context: one that goes away leaves
// the request to the others, and a request that nobody waits for any more is cancelled.
//
// The package imports internal/httpcall.
package join

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/mktows/mktows-go/internal/httpcall"
)

// patience is how many times the wait has to fit into what is left until a call's deadline. A call that
// is in a greater hurry goes alone.
const patience = 4

// Gate gathers calls into parties. Make it with [NewGate]; nil lets every call go alone. It is safe for
// concurrent use.
type Gate struct {
	wait time.Duration
	most int

	mu      sync.Mutex
	forming *party // nil: nobody waits
}

// NewGate returns a gate at which the first call waits for others, and which lets no more than some
// number of them go together.
func NewGate(wait time.Duration, most int) *Gate { return &Gate{wait: wait, most: most} }

// party is a number of calls that go together.
type party struct {
	begun chan struct{} // closed when nobody enters any more

	mu      sync.Mutex
	live    int            // members that have not left
	running int            // of them those that wait for no request
	waiting map[any]waiter // requests that are to be made, by key
}

// waiter is a request that waits until all members wait.
type waiter interface{ start() }

// Member is a call in a party. It is used by one goroutine. A nil one is a call that goes alone.
type Member struct{ party *party }

// Enter waits for others that enter too: for the time of the gate, or until as many as may go together
// are there. The error is that of the context.
func (g *Gate) Enter(ctx context.Context) (*Member, error) {
	if deadline, bounded := ctx.Deadline(); g == nil || bounded && time.Until(deadline) < patience*g.wait {
		return nil, nil //nolint:nilnil // a call that goes alone
	}
	p := g.join()
	m := &Member{party: p}
	select {
	case <-p.begun:
		return m, nil
	case <-ctx.Done():
		m.Leave()
		return nil, fmt.Errorf("%w, while waiting for other calls to go together with", httpcall.Ended(ctx))
	}
}

// join makes the caller a member of the party that forms.
func (g *Gate) join() *party {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.forming
	if p == nil {
		p = &party{begun: make(chan struct{}), waiting: make(map[any]waiter)}
		g.forming = p
		time.AfterFunc(g.wait, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.begin(p)
		})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live++
	p.running++
	if p.live == g.most {
		g.begin(p)
	}
	return p
}

// begin lets a party go, unless it has gone. The lock of the gate is held.
func (g *Gate) begin(p *party) {
	if g.forming == p {
		g.forming = nil
		close(p.begun)
	}
}

// Leave ends the membership: nobody waits for the call any more. It may be called more than once.
func (m *Member) Leave() {
	if m == nil || m.party == nil {
		return
	}
	p := m.party
	m.party = nil
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live--
	p.running--
	p.dispatch()
}

// dispatch makes all requests that are waited for, if every member waits. The lock is held.
func (p *party) dispatch() {
	if p.running > 0 {
		return
	}
	for key, w := range p.waiting {
		delete(p.waiting, key)
		w.start()
	}
}

// request is one that members share.
type request[A, R any] struct {
	party    *party
	key      any
	run      func(context.Context, []A) (R, error)
	ctx      context.Context //nolint:containedctx // it lives as long as somebody waits
	stop     context.CancelFunc
	members  []*Member // who wait for it
	args     []A       // one of each
	finished bool      // what follows is set
	done     chan struct{}
	result   R
	err      error
	panicked any
}

// Do makes a request together with the other members that ask for the same key, with the arguments of
// all of them. The context of the request has the values of one of them, and ends when all of them
// have gone. What it returns, an error too, is for all.
func Do[A, R any](ctx context.Context, m *Member, key any, arg A, run func(ctx context.Context, args []A) (R, error)) (R, error) {
	var none R
	if m == nil || m.party == nil {
		return run(ctx, []A{arg})
	}
	p := m.party
	p.mu.Lock()
	if p.live == 1 {
		p.mu.Unlock()
		return run(ctx, []A{arg})
	}
	r, _ := p.waiting[key].(*request[A, R])
	if r == nil {
		r = &request[A, R]{party: p, key: key, run: run, done: make(chan struct{})}
		r.ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
		p.waiting[key] = r
	}
	r.members, r.args = append(r.members, m), append(r.args, arg)
	p.running--
	p.dispatch()
	p.mu.Unlock()
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.abandon(m) {
			return none, fmt.Errorf("%w, while waiting for a request that is shared with other calls", httpcall.Ended(ctx))
		}
	}
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.result, r.err
}

// abandon takes a member away from those that wait, unless the request has ended.
func (r *request[A, R]) abandon(m *Member) bool {
	r.party.mu.Lock()
	defer r.party.mu.Unlock()
	if r.finished {
		return false
	}
	i := slices.Index(r.members, m)
	r.members = slices.Delete(r.members, i, i+1)
	r.args = slices.Delete(r.args, i, i+1)
	r.party.running++
	if len(r.members) == 0 {
		r.stop()
		if r.party.waiting[r.key] == waiter(r) {
			delete(r.party.waiting, r.key)
		}
	}
	return true
}

// start makes the request, with what its members ask for now. The lock is held.
func (r *request[A, R]) start() {
	args := slices.Clone(r.args)
	go func() {
		defer r.finish()
		r.err = httpcall.ErrNoReply // unless it returns
		r.result, r.err = r.run(r.ctx, args)
	}()
}

// finish wakes the members. All of them count as running from now on, so that what the first one asks
// for next waits for the others.
func (r *request[A, R]) finish() {
	r.panicked = recover()
	r.stop()
	r.party.mu.Lock()
	defer r.party.mu.Unlock()
	r.finished = true
	r.party.running += len(r.members)
	close(r.done)
}
