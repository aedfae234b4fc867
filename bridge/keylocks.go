package bridge

import (
	"context"
	"fmt"
	"sync"

	"github.com/mktows/mktows-go/internal/httpcall"
)

// keyLocks lets one write of a key go at a time: two that create a lead with the same new address at
// the same time may both do so (Marketo REST API, leads). The zero value is ready for use.
type keyLocks struct {
	mu   sync.Mutex
	held map[string]*keyLock
}

// keyLock is the lock of a key that somebody holds or waits for.
type keyLock struct {
	busy  chan struct{} // holds one while somebody writes
	users int
}

// lock waits until nobody else writes the key, or the context ends.
func (k *keyLocks) lock(ctx context.Context, key string) (unlock func(), err error) {
	k.mu.Lock()
	if k.held == nil {
		k.held = make(map[string]*keyLock)
	}
	l := k.held[key]
	if l == nil {
		l = &keyLock{busy: make(chan struct{}, 1)}
		k.held[key] = l
	}
	l.users++
	k.mu.Unlock()
	select {
	case l.busy <- struct{}{}:
		return func() { <-l.busy; k.leave(key, l) }, nil
	case <-ctx.Done():
		k.leave(key, l)
		return nil, fmt.Errorf("%w, while waiting for another write of the same lead", httpcall.Ended(ctx))
	}
}

func (k *keyLocks) leave(key string, l *keyLock) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(k.held, key)
	}
}
