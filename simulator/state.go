package simulator

import (
	"errors"
	"fmt"

	"github.com/mktows/mktows-go/simulator/internal/place"
)

// StateError says what is wrong in a [State].
type StateError struct {
	Path string // where, in terms of the JSON form: leads[3].activities[0].type
	Err  error
}

// Error begins with the path.
func (e *StateError) Error() string { return "simulator: state: " + e.Path + ": " + e.Problem() }

// Problem says what is wrong, without where.
func (e *StateError) Problem() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *StateError) Unwrap() error { return e.Err }

// Load replaces all that the simulator holds, at once: other calls see what was before or
// all of the new. With an error, a [*StateError], nothing changes. Ids are kept; those that
// are missing are given, as by calls such as [Simulator.AddLead]. What options have set
// stays, workspaces among it: one that the simulator has not got is an error.
func (s *Simulator) Load(st State) error {
	err := s.instance.Load(&st)
	var placed *place.Error
	if errors.As(err, &placed) {
		return &StateError{placed.Path, placed.Err}
	}
	return err
}

// Snapshot returns all that the simulator holds, as of now: imports whose time is over
// are written. Equal contents give equal snapshots, and a simulator that loads one answers
// as this one does; positions that this one gave are good there too.
func (s *Simulator) Snapshot() State { return s.instance.Snapshot() }

// Reset removes everything that the simulator holds, so that it is as [New] made it. Random numbers start over with the
// same seed.
func (s *Simulator) Reset() { s.instance.Reset() }

// named tells whose error it is, and what it is about.
func named(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("simulator: %s: %w", what, err)
}
