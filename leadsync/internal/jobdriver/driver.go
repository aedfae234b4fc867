// Package jobdriver is where a store says in which database River keeps the jobs of its copy. It knows River's
// drivers by their interface only, so that a store links no driver but its own. Package jobs has River itself.
package jobdriver

import (
	"context"
	"fmt"

	"github.com/riverqueue/river/riverdriver"

	"github.com/mktows/mktows-go/leadsync/store"
)

// Driver is one of River's drivers, without the type of its transactions. River's own drivers are generic in that
// type, a *sql.Tx or a pgx.Tx; it is hidden here, so that the engine can use either.
type Driver = riverdriver.Driver[any]

// Place is where River keeps the jobs of a copy.
type Place struct {
	Driver Driver
	// Classify says what an error of the database means, as the store does.
	Classify func(ctx context.Context, err error) error
}

// Slot is a place for jobs as a store has it. The store embeds it under a name of its own that is not exported, so that
// users of the store do not see it.
type Slot struct{ place func() Place }

// NewSlot returns a slot; place is called when the jobs are needed.
func NewSlot(place func() Place) Slot { return Slot{place} }

func (s Slot) jobs() Place { return s.place() }

// Host is a store that has room for River's tables: it embeds a [Slot].
type Host interface{ jobs() Place }

// PlaceOf returns the place of a host.
func PlaceOf(h Host) Place { return h.jobs() }

// wrapper is a store that wraps another one.
type wrapper interface{ Unwrap() store.Store }

// Find returns the store s, or the first store that it wraps, as a T. A user may wrap a store, for example to count
// its commits; what the inner one can do besides is found through the wrapper's Unwrap.
func Find[T any](s store.Store) (found T, ok bool) {
	for {
		if found, ok = s.(T); ok {
			return found, true
		}
		outer, wraps := s.(wrapper)
		if !wraps {
			return found, false
		}
		s = outer.Unwrap()
	}
}

// Of returns the place that a store has for jobs, or that the one has that it wraps.
func Of(s store.Store) (Place, error) {
	if host, ok := Find[Host](s); ok {
		return host.jobs(), nil
	}
	return Place{}, fmt.Errorf("leadsync: Config.Store: a %T has no place for jobs; embed what package store/memjobs gives", s)
}

// Erase hides the type of a driver's transactions.
func Erase[TTx any](driver riverdriver.Driver[TTx]) Driver { return erased[TTx]{driver} }

// erased is a driver whose transactions have any type, and are of the type TTx.
type erased[TTx any] struct{ riverdriver.Driver[TTx] }

// UnwrapExecutor implements Driver. A transaction of another store is a mistake of ours.
func (e erased[TTx]) UnwrapExecutor(tx any) riverdriver.ExecutorTx {
	return e.Driver.UnwrapExecutor(tx.(TTx)) //nolint:forcetypeassert // see above
}

// UnwrapTx implements Driver.
func (e erased[TTx]) UnwrapTx(tx riverdriver.ExecutorTx) any { return e.Driver.UnwrapTx(tx) }
