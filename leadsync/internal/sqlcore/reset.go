package sqlcore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
)

// DropRows removes all rows of a table, which is activities or leads.
type DropRows func(ctx context.Context, tx sqldb.Tx, table string) error

// DeleteRows is the DropRows of a copy that has its rows in tables.
func DeleteRows(ctx context.Context, tx sqldb.Tx, table string) error {
	_, err := tx.Exec(ctx, `DELETE FROM `+table)
	return err
}

// tableOf is the table that a stream writes.
func tableOf(name store.StreamName) string {
	if name == store.Leads {
		return "leads"
	}
	return "activities"
}

// sharer returns the other stream that writes the same table, or "".
func sharer(ctx context.Context, tx sqldb.Tx, name store.StreamName) (other store.StreamName, err error) {
	if name == store.Leads {
		return "", nil
	}
	err = sqldb.QueryRow(ctx, tx, []any{(*string)(&other)}, `SELECT name FROM sync_streams WHERE name <> ? AND name <> ?`,
		string(name), string(store.Leads))
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return other, err
}

// Reset forgets a stream; see [store.Store].
func (s *Store) Reset(ctx context.Context, stream store.StreamName, agree func(store.Removal) error) error {
	return sqldb.InTx(ctx, s.db, func(tx sqldb.Tx) error {
		if err := lockPlanning(ctx, tx, stream); err != nil {
			return err
		}
		if err := s.idle(ctx, tx); err != nil {
			return err
		}
		r, err := s.removal(ctx, tx, stream)
		if err != nil {
			return err
		}
		if err := agree(r); err != nil {
			return err
		}
		if err := s.removeStream(ctx, tx, stream); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM sync_streams WHERE name = ?`, string(stream))
		return err
	})
}

// idle fails while a worker lives, since that may be about to commit what it has read.
func (s *Store) idle(ctx context.Context, tx sqldb.Tx) error {
	all, err := workers(ctx, tx)
	if err != nil {
		return err
	}
	for _, w := range all {
		if w.Alive {
			return fmt.Errorf("%s: %w: the worker %s lives; stop it first", s.name, store.ErrInUse, w.Name)
		}
	}
	return nil
}

// removal returns what removing a stream takes away, for the user to agree to.
func (s *Store) removal(ctx context.Context, tx sqldb.Tx, name store.StreamName) (store.Removal, error) {
	r := store.Removal{Stream: name}
	err := sqldb.QueryRow(ctx, tx, []any{&r.Query, sqldb.ScanTime(&r.Since), &r.Runs, &r.Windows, &r.Rows}, `SELECT query, since,
		(SELECT count(*) FROM sync_runs WHERE stream = name), (SELECT count(*) FROM sync_windows WHERE stream = name),
		(SELECT count(*) FROM `+tableOf(name)+`) FROM sync_streams WHERE name = ?`, string(name))
	if errors.Is(err, sql.ErrNoRows) {
		return r, fmt.Errorf("%s: %w: %s", s.name, store.ErrNoStream, name)
	}
	if err == nil {
		r.Shared, err = sharer(ctx, tx, name)
	}
	return r, err
}

// removeStream removes everything that a stream has but its own row.
func (s *Store) removeStream(ctx context.Context, tx sqldb.Tx, name store.StreamName) error {
	other, err := sharer(ctx, tx, name)
	if err == nil && other == "" {
		err = s.empty(ctx, tx, tableOf(name))
	}
	if err != nil {
		return err
	}
	if err := forgetLeads(ctx, tx, name); err != nil {
		return err
	}
	for _, table := range []string{"sync_windows", "sync_runs", "sync_problems"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE stream = ?`, string(name)); err != nil {
			return err
		}
	}
	return nil
}

// empty removes all rows of a table. With the activities, the schemes by which they were known are forgotten; the
// index that was made for a mixed copy stays.
func (s *Store) empty(ctx context.Context, tx sqldb.Tx, table string) error {
	if err := s.drop(ctx, tx, table); err != nil || table != "activities" {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM sync_schemes WHERE scheme <> 'indexed'`)
	return err
}

// forgetLeads forgets how far the history of each lead was read.
func forgetLeads(ctx context.Context, tx sqldb.Tx, name store.StreamName) error {
	if name != store.LeadActivity {
		return nil
	}
	_, err := tx.Exec(ctx, `DELETE FROM sync_lead_uppers`)
	return err
}

// forget drops the windows and replaces the query as a plan asks for.
func (s *Store) forget(ctx context.Context, tx sqldb.Tx, name store.StreamName, had store.StreamState, planned store.Planned) error {
	drop := planned.Drop
	if planned.Query != "" && had.Query != "" {
		drop = had.Unfinished
		if err := s.replaceQuery(ctx, tx, name, planned.Query); err != nil {
			return err
		}
	}
	for i := range drop {
		if _, err := tx.Exec(ctx, `DELETE FROM sync_windows WHERE id = ? AND state <> 'done'`, drop[i].ID); err != nil {
			return err
		}
	}
	if len(drop) == 0 {
		return nil
	}
	return closeRuns(ctx, tx, name)
}

// replaceQuery gives a stream another query. If the old one never finished a window, the rows that it brought were
// asked for by mistake and go; otherwise they stay and are read again.
func (s *Store) replaceQuery(ctx context.Context, tx sqldb.Tx, name store.StreamName, query string) error {
	worked, err := hasWorked(ctx, tx, name)
	if err != nil {
		return err
	}
	if !worked { // what its windows have read was asked for by mistake
		err = s.removeStream(ctx, tx, name)
	} else {
		err = forgetLeads(ctx, tx, name)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE sync_streams SET query = ?,
		begun_after = (SELECT coalesce(max(id), 0) FROM sync_runs WHERE stream = ?) WHERE name = ?`, query, string(name), string(name))
	return err
}

// closeRuns ends the runs that have lost their last unfinished window, and removes those that have lost all of their
// windows.
func closeRuns(ctx context.Context, tx sqldb.Tx, name store.StreamName) error {
	_, err := tx.Exec(ctx, `DELETE FROM sync_runs WHERE stream = ? AND finished_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM sync_windows WHERE run = sync_runs.id)`, string(name))
	if err != nil {
		return err
	}
	// What was refused is not asked for any more.
	_, err = tx.Exec(ctx, `UPDATE sync_runs SET refused = 0 WHERE stream = ? AND refused <> 0
		AND NOT EXISTS (SELECT 1 FROM sync_windows WHERE run = sync_runs.id AND state = 'failed')`, string(name))
	if err != nil {
		return err
	}
	at, err := sqldb.Now(ctx, tx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE sync_runs SET finished_at = ? WHERE stream = ? AND finished_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM sync_windows WHERE run = sync_runs.id AND state <> 'done')`, sqldb.Seconds(at), string(name))
	return err
}
