package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"time"
)

// importNote is what is to be kept of an import; see bridge.ImportStore.
type importNote struct {
	text  []byte
	until time.Time
}

// PutImport keeps a note of an import. What the store does not take now is kept in memory, and stored later.
func (s *shared) PutImport(ctx context.Context, name string, text []byte, until time.Time) error {
	s.mu.Lock()
	s.notes[name] = importNote{text, until}
	s.mu.Unlock()
	if err := s.storeNotes(ctx); err != nil {
		s.log.Warn("the state does not take the note of an import; it is tried again, and until then only this process knows it", "error", err.Error())
		s.storeLater()
	}
	return nil
}

// Import returns the note of an import, nil if there is none.
func (s *shared) Import(ctx context.Context, name string) (text []byte, err error) {
	s.mu.Lock()
	unsaved, is := s.notes[name]
	s.mu.Unlock()
	if is {
		return unsaved.text, nil
	}
	err = patiently(ctx, func(ctx context.Context) (err error) {
		if text, err = s.store.Import(ctx, name); err != nil && ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", errStateAway, err)
		}
		return err
	})
	return text, err
}

// storeNotes stores what the store does not have.
func (s *shared) storeNotes(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
	s.mu.Lock()
	waiting := maps.Clone(s.notes)
	s.mu.Unlock()
	var errs []error
	for name, n := range waiting {
		err := s.store.PutImport(ctx, name, n.text, n.until)
		errs = append(errs, err)
		s.mu.Lock()
		if newest := s.notes[name]; err == nil && newest.until.Equal(n.until) && bytes.Equal(newest.text, n.text) {
			delete(s.notes, name)
		}
		s.mu.Unlock()
	}
	return errors.Join(errs...)
}

// storeLater tries to store notes again and again, until that has succeeded.
func (s *shared) storeLater() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noting {
		return
	}
	s.noting = true
	time.AfterFunc(stateRetry, func() {
		err := s.storeNotes(context.Background())
		s.mu.Lock()
		s.noting = false
		s.mu.Unlock()
		if err != nil {
			s.storeLater()
		}
	})
}
