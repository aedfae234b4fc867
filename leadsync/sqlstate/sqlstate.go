// Package sqlstate keeps, in a database without a copy, what programs share that call an instance together: budgets of calls
// and notes of imports. A SQLite file is for one process, a PostgreSQL database for any number of them.
//
// The tables are those of package quota's keepers and one for imports. In PostgreSQL they are in a schema of their own,
// [Schema], unless the URL names another one (search_path), so that they do not mix with a copy in the same database.
package sqlstate

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/sqlstore/postgres"
	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Schema is where the tables are in a PostgreSQL database whose URL names no search_path. It is made if it is not there, as is the one
// schema of a search_path.
const Schema = "mktows_gateway"

// busyTimeout is how long a SQLite file is waited for that another program has locked, such as a backup.
const busyTimeout = 2 * time.Second

// State is a database with budgets and notes of imports. It is a [quota.Keeper] and a bridge.ImportStore. Get it from [Open].
type State struct {
	quota.Keeper

	db    sqldb.DB
	name  string
	sole  bool
	files io.Closer
}

var (
	_ quota.Keeper = (*State)(nil)
	_ quota.Sole   = (*State)(nil)
)

// opened is what the stores on both databases are.
type opened interface {
	quota.Keeper
	sqlcore.Holder
	io.Closer
	String() string
}

// Open opens the state in a database and makes its tables if they are not there: a postgres:// or postgresql:// URL names
// a PostgreSQL database, anything else is the path of a SQLite file, whose folder has to be there. Errors: those of package sqlstore;
// store.ErrNotCopy is for what is no state, a copy too.
func Open(ctx context.Context, target string) (*State, error) {
	if err := sqlstore.CheckTarget(target); err != nil {
		return nil, err
	}
	if sqlstore.IsPostgres(target) {
		inSchema := func(o *sqlcore.Options) { o.Schema = Schema }
		s, err := postgres.Open(ctx, target, postgres.Option(sqlcore.ForState(sqldb.Postgres)), inSchema)
		return state(target, s, err)
	}
	s, err := sqlite.Open(ctx, target, sqlite.Option(sqlcore.ForState(sqldb.SQLite)), sqlite.WithBusyTimeout(busyTimeout))
	return state(target, s, err)
}

// Check finds out whether a target can be a state, without changing anything: of a PostgreSQL database it looks at the URL alone, without
// asking it. Errors: those of [Open].
func Check(ctx context.Context, target string) error {
	if err := sqlstore.CheckTarget(target); err != nil || sqlstore.IsPostgres(target) {
		return err
	}
	_, err := sqlite.Exists(ctx, target, sqlite.Option(sqlcore.ForState(sqldb.SQLite)), sqlite.WithBusyTimeout(busyTimeout))
	return told(target, err)
}

// stateError tells of a state what its cause tells of a copy.
type stateError struct {
	text  string
	cause error
}

func (e *stateError) Error() string { return e.text }
func (e *stateError) Unwrap() error { return e.cause }

// told returns the error of opening a state. Targets whose name may hold a password have errors that name them already.
func told(target string, err error) error {
	for class, text := range map[error]string{
		store.ErrInUse: "another process has this state open, and a SQLite file is for one alone: end the other one, or give each a file of " +
			"its own and divide the limits among them, or let all share a PostgreSQL database",
		store.ErrNotCopy:  "this is something else than the state of a gateway: name a file that does not exist yet, or a database or schema without tables",
		store.ErrNewer:    "this state was written by a newer release: use that one",
		store.ErrReadOnly: "this state cannot be written: make the file, its folder and the disk writable for this user, or name another place",
	} {
		if errors.Is(err, class) {
			if sqlstore.IsPostgres(target) {
				target = "the PostgreSQL database of the state"
			}
			return &stateError{target + ": " + text, err}
		}
	}
	return err
}

func state[S opened](target string, s S, err error) (*State, error) {
	if err != nil {
		return nil, told(target, err)
	}
	sole, _ := any(s).(quota.Sole)
	return &State{Keeper: s, db: sqlcore.Database(s), name: s.String(), sole: sole != nil && sole.Sole(), files: s}, nil
}

// Sole implements [quota.Sole]: a SQLite file is for one process at a time.
func (s *State) Sole() bool { return s.sole }

// String names the database, without a password.
func (s *State) String() string { return s.name }

// Close closes the database. A SQLite file may be opened by another process then.
func (s *State) Close() error { return s.files.Close() }

// importLife is how long an import is known (Marketo REST API, bulk lead import).
const importLife = 7 * 24 * time.Hour

// PutImport keeps a note of an import until a time; see bridge.ImportStore. One that is known longer is not replaced: it is of an import
// that was started later. The newest note tells which are no more needed, as all are for the same time.
func (s *State) PutImport(ctx context.Context, name string, note []byte, until time.Time) error {
	return sqldb.InTx(ctx, s.db, func(tx sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM imports WHERE until < ?`, sqldb.Millis(until.Add(-importLife))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO imports (name, note, until) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET note = excluded.note, until = excluded.until WHERE imports.until <= excluded.until`,
			name, note, sqldb.Millis(until))
		return err
	})
}

// Import returns the note of an import, nil if there is none; see bridge.ImportStore.
func (s *State) Import(ctx context.Context, name string) (note []byte, err error) {
	err = sqldb.InRead(ctx, s.db, func(tx sqldb.Tx) error {
		err := sqldb.QueryRow(ctx, tx, []any{&note}, `SELECT note FROM imports WHERE name = ?`, name)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return note, err
}
