package filestore

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/mktows/mktows-go/leadsync/store"
)

// Plan decides what to do next; see [store.Store].
func (s *Store) Plan(
	ctx context.Context, stream store.Stream, plan func(store.StreamState) (store.Planned, error),
) (store.RunStatus, []store.Window, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	run, windows, err := s.database.Plan(ctx, stream, plan)
	return run, windows, errors.Join(err, s.sweep(ctx))
}

// Reset forgets a stream; see [store.Store].
func (s *Store) Reset(ctx context.Context, stream store.StreamName, agree func(store.Removal) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.database.Reset(ctx, stream, func(r store.Removal) error {
		// Nothing has changed yet in the transaction, and nobody else writes.
		err := s.Reader().QueryRowContext(ctx, `SELECT count(*) FROM file_keys WHERE kind = ?`, string(kindFor(stream))).Scan(&r.Rows)
		if err != nil {
			return s.failed(err)
		}
		return agree(r)
	})
	return errors.Join(err, s.sweep(ctx))
}

// kindFor returns the kind of rows that a stream writes.
func kindFor(stream store.StreamName) Kind {
	if stream == store.Leads {
		return Leads
	}
	return Activities
}

// dropRows removes all rows of a kind within a transaction of state.db. The manifest is written first, without their
// segments. If the process dies in between, the next Open finds files that the manifest does not name: leftovers if
// the transaction took place, and otherwise committed segments, for which Open writes the manifest again.
func (s *Store) dropRows(ctx context.Context, tx *sql.Tx, kind string) error {
	if err := removeRows(ctx, tx, Kind(kind)); err != nil {
		return err
	}
	s.stale = true
	s.step("before manifest")
	kept := slices.DeleteFunc(slices.Clone(s.segments), func(sg Segment) bool { return sg.Kind == Kind(kind) })
	text, err := newManifest(s.format, kept).encode()
	if err == nil {
		err = writeManifest(s.dir, text)
	}
	s.step("before drop")
	return err
}

// sweep brings the directory into agreement with state.db if it may be behind, and removes the files of rows that
// were dropped.
func (s *Store) sweep(ctx context.Context) error {
	if !s.stale || s.readOnly {
		return nil
	}
	if err := s.refresh(context.WithoutCancel(ctx)); err != nil {
		return s.failed(err)
	}
	return s.failed(s.removeDebris())
}
