package gateway

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"
)

// copyInterval is how often it is looked whether copies are there.
const copyInterval = 5 * time.Second

// keeper keeps the copies of a gateway open, each once for all tenants and configurations that have it, and fills those that are to be
// filled here.
type keeper struct {
	copies Copies // nil: there are none
	log    *slog.Logger
	woken  chan struct{} // there is something to look at

	mu      sync.Mutex             // guards the rest
	opening map[string]*sync.Mutex // by target, held while that is opened: one that hangs holds up no other
	handles map[string]*handle     // likewise
	fillers map[string]*filling    // by tenant
	last    map[string]*filling    // by target, at work or not any more
	closed  bool

	filling sync.WaitGroup // those at work
}

func newKeeper(copies Copies, log *slog.Logger) *keeper {
	return &keeper{copies: copies, log: log, woken: make(chan struct{}, 1), opening: make(map[string]*sync.Mutex), handles: make(map[string]*handle), last: make(map[string]*filling)}
}

// wake has the keeper look soon.
func (k *keeper) wake() {
	select {
	case k.woken <- struct{}{}:
	default:
	}
}

// KeepCopies opens the copies of the tenants, and again whenever one could not be read, and fills those that are to be filled by this
// process, until ctx ends. What was being filled stops then at its next commit; copies stay open for calls under way until
// [Gateway.Close]. Without it the REST API answers everything. What goes wrong is told to the log, and tried again.
func (g *Gateway) KeepCopies(ctx context.Context) {
	k := g.keeper
	defer k.stopFilling()
	looks := time.NewTicker(copyInterval)
	defer looks.Stop()
	for {
		in := g.current.Load()
		k.fill(ctx, in)
		in.lookAtCopies(ctx)
		k.retire(in)
		select {
		case <-ctx.Done():
			return
		case <-k.woken:
		case <-looks.C:
		}
	}
}

// close closes the copies, after the calls under way that use them. The REST API answers what comes later.
func (k *keeper) close() {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.retire(nil)
}

// lookAtCopies looks at the copies of all tenants.
func (in *installation) lookAtCopies(ctx context.Context) {
	var looks sync.WaitGroup
	for _, t := range in.tenants {
		if c := t.port.copy; c != nil {
			looks.Go(func() { c.look(ctx) })
		}
	}
	looks.Wait()
}

// adopt has the tenants of a new installation use the copies that are open already, so that no call finds none.
func (k *keeper) adopt(in *installation) {
	for _, t := range in.tenants {
		if c := t.port.copy; c != nil && k.handle(c.target) != nil {
			c.look(context.Background())
		}
	}
}

// handle returns an open copy; nil: it is not open.
func (k *keeper) handle(target string) *handle {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.handles[target]
}

// lock waits until nobody else opens a target.
func (k *keeper) lock(target string) (unlock func()) {
	k.mu.Lock()
	one := k.opening[target]
	if one == nil {
		one = new(sync.Mutex)
		k.opening[target] = one
	}
	k.mu.Unlock()
	one.Lock()
	return one.Unlock
}

// open returns a copy that is open for reading. A file that has been replaced is opened anew.
func (k *keeper) open(ctx context.Context, target string) (*handle, error) {
	defer k.lock(target)()
	h := k.handle(target)
	if h != nil && h.isThere() {
		return h, nil
	}
	opened, err := k.copies.Open(ctx, target, false)
	if err != nil {
		return nil, err
	}
	next := &handle{opened: opened, target: target, log: k.log}
	next.file, _ = os.Stat(target) // none of PostgreSQL
	k.mu.Lock()
	closed := k.closed
	if !closed {
		k.handles[target] = next
	}
	k.mu.Unlock()
	if h != nil {
		h.retire()
	}
	if closed {
		next.retire()
		return nil, errClosed
	}
	return next, nil
}

// retire closes the copies that an installation does not have; nil: all.
func (k *keeper) retire(in *installation) {
	needed := make(map[string]bool)
	if in != nil {
		for _, t := range in.tenants {
			if c := t.port.copy; c != nil {
				needed[c.target] = true
			}
		}
	}
	k.mu.Lock()
	var gone []*handle
	for target, h := range k.handles {
		if !needed[target] {
			gone = append(gone, h)
			delete(k.handles, target)
		}
	}
	k.mu.Unlock()
	for _, h := range gone {
		h.retire()
	}
}

// handle is an open copy. It is closed once it is retired and no call uses it.
type handle struct {
	opened OpenedCopy
	target string
	file   os.FileInfo // when it was opened; nil: it is none
	log    *slog.Logger

	mu      sync.Mutex
	uses    int
	retired bool
}

// isThere reports whether a file is still the one that was opened. One that was removed could be read for ever, and not be filled.
func (h *handle) isThere() bool {
	if h.file == nil {
		return true
	}
	now, err := os.Stat(h.target)
	return err == nil && os.SameFile(h.file, now)
}

// use takes the copy, to be given back with done, unless it is closed.
func (h *handle) use() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.retired {
		h.uses++
	}
	return !h.retired
}

func (h *handle) done() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.uses--
	h.closeUnused()
}

func (h *handle) retire() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.retired = true
	h.closeUnused()
}

// closeUnused closes a retired copy that nobody uses. The lock is held.
func (h *handle) closeUnused() {
	if !h.retired || h.uses > 0 {
		return
	}
	if err := h.opened.Close(); err != nil && !errors.Is(err, os.ErrNotExist) {
		h.log.Warn("a copy could not be closed; nothing that was committed is lost", "error", err.Error())
	}
}
