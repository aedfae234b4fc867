package filestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
)

// Tables reads the copy, as it is at one moment, into a SQLite database of its own and returns that: the tables activities
// and leads with the columns of the segments, their times to the second as in a copy in SQLite, and those of the state that
// are called sync_schema, sync_streams, sync_runs, sync_windows and sync_problems. It is for programs that read copies by
// SQL, such as package report:
//
//	db, err := copied.Tables(ctx)
//	…
//	defer db.Close()
//	src, err := report.FromDB(ctx, db, report.SQLite, "leads")
//
// Each segment is read once. The rows are not held in memory: the database is a temporary file, which SQLite makes without
// a name in SQLITE_TMPDIR, TMPDIR or /tmp, and which is gone when the database is closed. It takes about as much room as a
// copy in SQLite. Errors: those of [Store.Activities]; store.ErrFull if there is no room.
func (s *Store) Tables(ctx context.Context) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "") // a temporary file
	if err != nil {
		return nil, s.failed(err)
	}
	db.SetMaxOpenConns(1) // each connection would have a database of its own
	if err := s.fillTables(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// fillTables copies rows and state in one transaction of each database, so that they are of the same moment.
func (s *Store) fillTables(ctx context.Context, db *sql.DB) error {
	// What is lost by a crash is only the temporary file.
	if _, err := db.ExecContext(ctx, `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF`); err != nil {
		return s.failed(err)
	}
	from, err := s.Reader().BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.failed(err)
	}
	defer from.Rollback() //nolint:errcheck // it only reads
	to, err := db.BeginTx(ctx, nil)
	if err != nil {
		return s.failed(err)
	}
	defer to.Rollback() //nolint:errcheck // harmless after the commit
	for _, table := range []string{"sync_schema", "sync_streams", "sync_runs", "sync_windows", "sync_problems"} {
		if err := copyTable(ctx, from, to, table); err != nil {
			return s.failed(sqlcore.Database(s).Classify(ctx, err))
		}
	}
	if err := fillRows[activityRecord](ctx, s, from, to); err != nil {
		return err
	}
	if err := fillRows[leadRecord](ctx, s, from, to); err != nil {
		return err
	}
	if _, err := to.ExecContext(ctx, tableIndexes); err != nil {
		return s.failed(sqlcore.Database(s).Classify(ctx, err))
	}
	return s.failed(to.Commit())
}

// tableIndexes are made when the rows are there, which is faster than keeping them up to date.
const tableIndexes = `
CREATE INDEX activities_by_lead ON activities (lead_id, occurred_at);
CREATE INDEX activities_by_time ON activities (occurred_at);
CREATE UNIQUE INDEX leads_by_id ON leads (id);
CREATE INDEX sync_windows_by_run ON sync_windows (run);
CREATE INDEX sync_windows_by_stream ON sync_windows (stream)`

// copyTable makes a table with the columns and the rows of another.
func copyTable(ctx context.Context, from, to *sql.Tx, table string) error {
	rows, err := from.QueryContext(ctx, `SELECT * FROM `+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	insert, err := createTable(ctx, to, table, names)
	if err != nil {
		return err
	}
	defer insert.Close()
	values, places := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// createTable makes a table, whose columns take values of any type, and returns the statement that inserts a row.
func createTable(ctx context.Context, to *sql.Tx, table string, names []string) (*sql.Stmt, error) {
	if _, err := to.ExecContext(ctx, fmt.Sprintf(`CREATE TABLE %s (%s)`, table, strings.Join(names, ", "))); err != nil {
		return nil, err
	}
	//nolint:gosec // what is concatenated are names of this package and question marks
	return to.PrepareContext(ctx, `INSERT INTO `+table+` VALUES (`+sqlcore.Lists(len(names), `?`)+`)`)
}

// fillRows makes the table of a kind and fills it from the segments.
func fillRows[T record](ctx context.Context, s *Store, from querier, to *sql.Tx) error {
	insert, err := createTable(ctx, to, string(kindOf[T]()), columnsOf[T]())
	if err != nil {
		return s.failed(err)
	}
	defer insert.Close()
	every := func(*Segment) bool { return true }
	// The driver starts a goroutine for each call that can be cancelled; readRows looks at ctx.
	patient := context.WithoutCancel(ctx)
	for values, err := range readRows(ctx, s, from, every, valuesOf[T]) {
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(patient, values...); err != nil {
			return s.failed(sqlcore.Database(s).Classify(ctx, err))
		}
	}
	return nil
}

// valuesOf returns the values of a record for its table.
func valuesOf[T record](row *T) ([]any, error) {
	switch r := any(row).(type) {
	case *activityRecord:
		local, err := time.Parse(time.RFC3339Nano, r.OccurredLocal)
		if err != nil {
			return nil, fmt.Errorf("occurred_local of %s: %w", r.Key, err)
		}
		return []any{
			r.Key, r.LeadID, secondText(&r.OccurredAt), local.Format(time.RFC3339), r.Type, r.Asset, r.Campaign, string(r.Attributes),
			orNull(r.ID), orNull(r.GUID), sqlcore.OrNil(string(r.Person), r.Person != nil && string(r.Person) != "null"), r.Late, r.Run, secondText(r.GoneAt),
		}, nil
	case *leadRecord:
		return []any{
			r.ID, r.Email, r.ForeignSysPersonID, r.ForeignSysType, string(r.Attributes), r.Run, secondText(r.GoneAt),
		}, nil
	}
	return nil, nil // there are no other records
}

func orNull[V any](v *V) any {
	if v == nil {
		return nil
	}
	return *v
}

// secondText is a time as SQLite's functions read it.
func secondText(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
