// Package sqlcore is what the stores on SQLite and PostgreSQL do alike: runs, windows, claims and what is reported of
// them. How rows are written is for packages sqlite and postgres, which also have the drivers. The files in migrations
// describe each table and column.
package sqlcore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/internal/sqlquota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// keeper keeps the calls within limits, and the workers' lives.
type keeper = sqlquota.Keeper

// Store is what the two databases do alike. The stores of packages sqlite and postgres add how rows are written.
type Store struct {
	*keeper

	db   sqldb.DB
	name string // without a password
	drop DropRows
}

// New returns the store of a copy in a database. Its name has no password; drop tells how rows are removed.
func New(db sqldb.DB, name string, drop DropRows) Store {
	return Store{keeper: sqlquota.New(db), db: db, name: name, drop: drop}
}

// Database is what the copy is kept in.
func (s *Store) Database() sqldb.DB { return s.db }

// String names the copy, without a password.
func (s *Store) String() string { return s.name }

// CommitRows says that every page may be committed.
func (s *Store) CommitRows() int { return 0 }

// windowColumns are what scanWindow reads.
const windowColumns = `id, run, stream, from_time, to_time, fresh_from, CAST(names AS text), CAST(leads AS text),
	state, position, epoch, attempts, coalesce(error, ''), calls, pages, seen, inserted, updated, late, missing, gone, problems`

func scanWindow(scan func(dest ...any) error, more ...any) (store.Window, error) {
	var w store.Window
	var names, leads sql.NullString
	dest := append([]any{
		&w.ID, &w.Run, (*string)(&w.Stream), sqldb.ScanTime(&w.From), sqldb.ScanTime(&w.To), sqldb.ScanTime(&w.Fresh), &names, &leads,
		(*string)(&w.State), (*string)(&w.Position), &w.Epoch, &w.Attempts, &w.Error,
	}, countDest(&w.Counts)...)
	if err := scan(append(dest, more...)...); err != nil {
		return w, err
	}
	return w, errors.Join(parseNames(names, &w.Names), parseNames(leads, &w.Leads))
}

func countDest(c *store.Counts) []any {
	return []any{&c.Calls, &c.Pages, &c.Seen, &c.Inserted, &c.Updated, &c.Late, &c.Missing, &c.Gone, &c.Problems}
}

// namesColumn is a JSON array, null for none.
func namesColumn(names []string) any {
	if len(names) == 0 {
		return nil
	}
	text, _ := json.Marshal(names) // strings always encode
	return string(text)
}

func parseNames(text sql.NullString, names *[]string) error {
	if !text.Valid {
		return nil
	}
	return json.Unmarshal([]byte(text.String), names)
}

func windowByID(ctx context.Context, tx sqldb.Tx, id int64, more string, dest ...any) (store.Window, error) {
	var w store.Window
	found := false
	err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var err error
		w, err = scanWindow(scan, dest...)
		found = true
		return err
	}, `SELECT `+windowColumns+more+` FROM sync_windows WHERE id = ?`+forUpdate(tx), id)
	if err == nil && !found {
		err = sql.ErrNoRows
	}
	return w, err
}

// forUpdate locks the rows of a query on PostgreSQL; on SQLite one transaction writes at a time.
func forUpdate(tx sqldb.Tx) string {
	if tx.Dialect() == sqldb.Postgres {
		return ` FOR UPDATE`
	}
	return ``
}

// claimColumns are what Claim reads besides windowColumns.
const claimColumns = `, coalesce(worker, ''), (SELECT query FROM sync_streams WHERE name = stream), (SELECT since FROM sync_streams WHERE name = stream),
	(SELECT refused FROM sync_runs WHERE id = run)`

// Claim takes a window for a living worker; see [store.Store].
func (s *Store) Claim(ctx context.Context, window int64, worker string) (store.Window, error) {
	var w store.Window
	err := sqldb.InTx(ctx, s.db, func(tx sqldb.Tx) error {
		var holder, query string
		var since time.Time
		var refused int
		var err error
		w, err = windowByID(ctx, tx, window, claimColumns, &holder, &query, sqldb.ScanTime(&since), &refused)
		if errors.Is(err, sql.ErrNoRows) { // it was dropped
			return fmt.Errorf("%s: there is no window %d any more: %w", s.name, window, store.ErrDone)
		}
		if err != nil {
			return err
		}
		w.Query, w.Since = query, since
		at, err := sqldb.Now(ctx, tx)
		if err != nil {
			return err
		}
		if refused != 0 && w.State != store.Done {
			return fmt.Errorf("%s: window %d: its run is held back: %w", s.name, window, store.ErrRefused)
		}
		if err := s.claimable(ctx, tx, &w, holder, worker, at); err != nil {
			return err
		}
		w.State = store.Running
		w.Epoch++
		_, err = tx.Exec(ctx, `UPDATE sync_windows
			SET state = 'running', worker = ?, epoch = ?, started_at = coalesce(started_at, ?) WHERE id = ?`,
			worker, w.Epoch, sqldb.Seconds(at), window)
		return err
	})
	if err != nil {
		return store.Window{}, err
	}
	return w, nil
}

func (s *Store) claimable(ctx context.Context, tx sqldb.Tx, w *store.Window, holder, worker string, at time.Time) error {
	switch w.State {
	case store.Done:
		return fmt.Errorf("%s: window %d: %w", s.name, w.ID, store.ErrDone)
	case store.Running:
		if holder == worker {
			return nil // an earlier claim of its own; the epoch ends it
		}
		alive, err := sqlquota.Lives(ctx, tx, holder, at)
		if err == nil && alive {
			err = fmt.Errorf("%s: window %d: %w: %s", s.name, w.ID, store.ErrClaimed, holder)
		}
		return err
	}
	return nil
}

// Release gives a claim back; see [store.Store].
func (s *Store) Release(ctx context.Context, c store.Claim, problem error, final bool) error {
	return sqldb.InTx(ctx, s.db, func(tx sqldb.Tx) error {
		set, args := `state = 'pending', worker = NULL`, []any{}
		if problem != nil {
			state := store.Pending
			if final {
				state = store.Failed
			}
			set, args = `state = ?, worker = NULL, attempts = attempts + 1, error = ?`, []any{string(state), problem.Error()}
		}
		n, err := tx.Exec(ctx, `UPDATE sync_windows SET `+set+`
			WHERE id = ? AND epoch = ? AND worker = ? AND state = 'running'`, append(args, c.Window, c.Epoch, c.Worker)...)
		if err == nil && n == 0 {
			err = s.lost(c)
		}
		if err == nil && errors.Is(problem, store.ErrRefused) {
			_, err = tx.Exec(ctx, `UPDATE sync_runs SET refused = 1 WHERE id = (SELECT run FROM sync_windows WHERE id = ?)`, c.Window)
		}
		return err
	})
}

func (s *Store) lost(c store.Claim) error {
	return fmt.Errorf("%s: window %d, claim %d of %s: %w", s.name, c.Window, c.Epoch, c.Worker, store.ErrLost)
}

// Unfinished counts windows; see [store.Store].
func (s *Store) Unfinished(ctx context.Context, stream store.StreamName) (waiting, failed int, err error) {
	err = sqldb.InRead(ctx, s.db, func(tx sqldb.Tx) error {
		at, err := sqldb.Now(ctx, tx)
		if err != nil {
			return err
		}
		return sqldb.QueryRow(ctx, tx, []any{&waiting, &failed}, `SELECT
			count(CASE WHEN w.state <> 'failed' AND (r.refused = 0 OR w.state = 'running' AND l.name IS NOT NULL) THEN 1 END),
			count(CASE WHEN w.state = 'failed' THEN 1 END)
			FROM sync_windows w JOIN sync_runs r ON r.id = w.run LEFT JOIN sync_workers l ON l.name = w.worker AND l.until > ?
			WHERE w.stream = ? AND w.state <> 'done'`, sqldb.Millis(at), string(stream))
	})
	return waiting, failed, err
}
