package httpcall

import (
	"context"
	"slices"
	"sync"
)

// Shared is the context of work that several callers wait for. Its Err tells at once when the contexts of all
// of them have ended, before the last one has come round to stop the work: so no call begins for callers who
// have gone. Set Context before use; it is safe for concurrent use.
type Shared struct {
	context.Context //nolint:containedctx // it is one

	mu      sync.Mutex
	callers []context.Context
}

// Join adds the context of a caller.
func (s *Shared) Join(caller context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callers = append(s.callers, caller)
}

// Err implements context.Context.
func (s *Shared) Err() error {
	if err := s.Context.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.callers, func(c context.Context) bool { return c.Err() == nil }) {
		return nil
	}
	return context.Canceled
}
