// Package sqlcore is what the stores on SQLite and PostgreSQL do alike: runs, windows, their fences and what is reported of
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

// Store is what the stores on SQLite and PostgreSQL have in common. Each of them embeds it and adds how rows are
// written.
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

func (s *Store) database() sqldb.DB { return s.db }

// Holder is what embeds [Store]. Users of the store do not see that.
type Holder interface{ database() sqldb.DB }

// Database is what a copy is kept in.
func Database(h Holder) sqldb.DB { return h.database() }

// String names the copy, without a password.
func (s *Store) String() string { return s.name }

// CommitRows says that every page may be committed.
func (s *Store) CommitRows() int { return 0 }

// windowColumns are what scanWindow reads.
const windowColumns = `id, run, stream, from_time, to_time, fresh_from, CAST(names AS text), CAST(leads AS text),
	state, position, epoch, coalesce(error, ''), calls, pages, seen, inserted, updated, late, missing, gone, problems`

// scanWindow reads a window, and more columns behind it.
func scanWindow(scan func(dest ...any) error, more ...any) (store.Window, error) {
	var w store.Window
	var names, leads sql.NullString
	dest := append([]any{
		&w.ID, &w.Run, (*string)(&w.Stream), sqldb.ScanTime(&w.From), sqldb.ScanTime(&w.To), sqldb.ScanTime(&w.Fresh), &names, &leads,
		(*string)(&w.State), (*string)(&w.Position), &w.Epoch, &w.Error,
	}, countDest(&w.Counts)...)
	if err := scan(append(dest, more...)...); err != nil {
		return w, err
	}
	return w, errors.Join(parseNames(names, &w.Names), parseNames(leads, &w.Leads))
}

// countDest returns the fields of c in the order of the columns.
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

// windowByID reads a window and locks its row, with more columns if wanted. Without a row the error is sql.ErrNoRows.
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

// beginColumns are what Begin reads besides windowColumns.
const beginColumns = `, (SELECT query FROM sync_streams WHERE name = stream), (SELECT since FROM sync_streams WHERE name = stream),
	(SELECT refused FROM sync_runs WHERE id = run)`

// Begin raises the epoch of a window; see [store.Store].
func (s *Store) Begin(ctx context.Context, window int64) (store.Window, error) {
	var w store.Window
	err := sqldb.InTx(ctx, s.db, func(tx sqldb.Tx) error {
		var query string
		var since time.Time
		var refused int
		var err error
		w, err = windowByID(ctx, tx, window, beginColumns, &query, sqldb.ScanTime(&since), &refused)
		switch {
		case errors.Is(err, sql.ErrNoRows): // it was dropped
			return fmt.Errorf("%s: there is no window %d any more: %w", s.name, window, store.ErrDone)
		case err != nil:
			return err
		case w.State != store.WindowPending:
			return fmt.Errorf("%s: window %d is %s: %w", s.name, window, w.State, store.ErrDone)
		case refused != 0:
			return fmt.Errorf("%s: window %d: its run is held back: %w", s.name, window, store.ErrRefused)
		}
		at, err := sqldb.Now(ctx, tx)
		if err != nil {
			return err
		}
		w.Query, w.Since = query, since
		w.Epoch++
		_, err = tx.Exec(ctx, `UPDATE sync_windows SET epoch = ?, started_at = coalesce(started_at, ?) WHERE id = ?`,
			w.Epoch, sqldb.Seconds(at), window)
		return err
	})
	if err != nil {
		return store.Window{}, err
	}
	return w, nil
}

// Fail makes a window failed; see [store.Store].
func (s *Store) Fail(ctx context.Context, f store.Fence, problem error) error {
	return sqldb.InTx(ctx, s.db, func(tx sqldb.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE sync_windows SET state = 'failed', error = ? WHERE `+withinFence,
			problem.Error(), f.Window, f.Epoch)
		if err == nil && n == 0 {
			err = s.lost(f)
		}
		if err == nil && errors.Is(problem, store.ErrRefused) {
			_, err = tx.Exec(ctx, `UPDATE sync_runs SET refused = 1 WHERE id = (SELECT run FROM sync_windows WHERE id = ?)`, f.Window)
		}
		return err
	})
}

// withinFence selects the window of a fence, if it may be written.
const withinFence = `id = ? AND epoch = ? AND state = 'pending'`

// lost returns the error of a worker whose window was begun by another one in the meantime.
func (s *Store) lost(f store.Fence) error {
	return fmt.Errorf("%s: window %d, epoch %d: %w", s.name, f.Window, f.Epoch, store.ErrLost)
}

// Unfinished counts windows; see [store.Store].
func (s *Store) Unfinished(ctx context.Context, stream store.StreamName) (waiting, failed int, err error) {
	err = sqldb.InRead(ctx, s.db, func(tx sqldb.Tx) error {
		return sqldb.QueryRow(ctx, tx, []any{&waiting, &failed}, `SELECT
			count(CASE WHEN w.state = 'pending' AND r.refused = 0 THEN 1 END), count(CASE WHEN w.state = 'failed' THEN 1 END)
			FROM sync_windows w JOIN sync_runs r ON r.id = w.run WHERE w.stream = ? AND w.state <> 'done'`, string(stream))
	})
	return waiting, failed, err
}
