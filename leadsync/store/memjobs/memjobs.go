// Package memjobs gives a store a place for jobs, in memory. It is for stores that keep a copy for one process and have no
// database of their own: they embed what [New] returns.
//
//	type myStore struct {
//		*memjobs.Memory
//		…
//	}
//
// Jobs are forgotten with the process. The next one makes them again for the windows that the store has as unfinished.
package memjobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/mktows/mktows-go/leadsync/internal/jobdriver"
	"github.com/mktows/mktows-go/leadsync/internal/sqliteconn"
)

// Memory is a place for the jobs of one store.
type Memory struct {
	slot

	db *sql.DB
}

// slot is where package leadsync finds the place.
type slot = jobdriver.Slot

// New returns a place without jobs. CloseJobs has to be called in the end.
func New(ctx context.Context) (*Memory, error) {
	db, err := sqliteconn.Open("file::memory:?_txlock=immediate&_time_format=sqlite")
	if err != nil {
		return nil, fmt.Errorf("memjobs: %w", err)
	}
	db.SetMaxOpenConns(1) // each connection has a database of its own
	db.SetConnMaxLifetime(0)
	migrator, err := rivermigrate.New(riversqlite.New(db), nil)
	if err == nil {
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("memjobs: %w", err), db.Close())
	}
	return &Memory{slot: jobdriver.NewSlot(func() jobdriver.Place {
		return jobdriver.Place{
			Driver: jobdriver.Erase(riversqlite.New(db)), Classify: func(_ context.Context, err error) error { return err },
		}
	}), db: db}, nil
}

// CloseJobs forgets the jobs.
func (m *Memory) CloseJobs() error { return m.db.Close() }
