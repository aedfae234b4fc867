package report

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite" // also the driver of that name
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/mktows/mktows-go/leadsync/internal/sqlitewal"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Dialect is the kind of a database.
type Dialect int

// The kinds of databases that copies are kept in.
const (
	SQLite Dialect = iota
	PostgreSQL
)

// Database is the Source of a copy in a database, as it was when it was opened: what is
// written later does not show. It is for one caller at a time.
type Database struct {
	name    string
	dialect Dialect
	first   bool // its schema is that of version 1: no leads that are gone, no unreadable records
	tx      *sql.Tx
	closeDB func() error // nil: the database belongs to somebody else
}

var _ Source = (*Database)(nil)

// Open opens a copy for reading only: a postgres:// URL is a PostgreSQL database, all
// else the path of an SQLite file. Errors: store.ErrNotCopy, store.ErrNewer, fs.ErrNotExist, those of
// the database; none shows the password.
func Open(ctx context.Context, target string) (*Database, error) {
	if strings.HasPrefix(target, "postgres://") || strings.HasPrefix(target, "postgresql://") {
		return openPostgreSQL(ctx, target)
	}
	return openSQLite(ctx, target)
}

// FromDB reads a copy in db, which stays open. It holds one connection, in a transaction that
// reads, until Close. name is what the page calls the copy. Errors: store.ErrNotCopy, store.ErrNewer.
func FromDB(ctx context.Context, db *sql.DB, dialect Dialect, name string) (*Database, error) {
	o := &sql.TxOptions{ReadOnly: true}
	if dialect == PostgreSQL {
		o.Isolation = sql.LevelRepeatableRead // one snapshot for all queries
	}
	tx, err := db.BeginTx(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d := &Database{name: name, dialect: dialect, tx: tx}
	if err := d.check(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), d.Close())
	}
	return d, nil
}

// Name names the copy: the name of the file, or database and host.
func (d *Database) Name() string { return d.name }

// Close ends the reading.
func (d *Database) Close() error {
	_ = d.tx.Rollback() // nothing was written; the context may have ended it already
	if d.closeDB == nil {
		return nil
	}
	if err := d.closeDB(); err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	return nil
}

// schema is the newest version of the tables that this package reads. It reads older ones too, since
// it cannot upgrade them.
const schema = 4

// check checks that the database is a copy of a version that can be read. It is the first query, with which SQLite
// takes its snapshot.
func (d *Database) check(ctx context.Context) error {
	switch there, err := d.has(ctx, "sync_streams"); {
	case isNoDatabase(err):
		return fmt.Errorf("%w: %w", store.ErrNotCopy, err)
	case err != nil:
		return err
	case !there:
		return fmt.Errorf("%w: its table sync_streams is missing", store.ErrNotCopy)
	}
	there, err := d.has(ctx, "sync_problems")
	d.first = !there
	if err != nil {
		return err
	}
	if there, err := d.has(ctx, "sync_schema"); err != nil || !there {
		return err
	}
	var version int
	err = d.tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM sync_schema`).Scan(&version)
	if err == nil && version > schema {
		return fmt.Errorf("%w: its schema has version %d, this release knows %d; use the newer release", store.ErrNewer, version, schema)
	}
	return err
}

// isNoDatabase reports whether the file is something else.
func isNoDatabase(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code() == sqlite3.SQLITE_NOTADB
}

// has reports whether a table exists.
func (d *Database) has(ctx context.Context, table string) (bool, error) {
	query := `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1`
	if d.dialect == PostgreSQL {
		query = `SELECT count(to_regclass($1))`
	}
	var n int
	err := d.tx.QueryRowContext(ctx, query, table).Scan(&n)
	return n > 0, err
}

// connectTimeout is how long a server may take to answer, unless the URL says otherwise.
const connectTimeout = 10 * time.Second

// openPostgreSQL connects to a PostgreSQL database. Errors of the parser are not passed on, as they may quote the URL
// with its password.
func openPostgreSQL(ctx context.Context, target string) (*Database, error) {
	config, err := pgx.ParseConfig(target)
	if err != nil { // the error may quote the URL
		return nil, errors.New("the URL of the PostgreSQL database cannot be read; " +
			"it has the form postgres://user@host:5432/database")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	db := stdlib.OpenDB(*config)
	d, err := FromDB(ctx, db, PostgreSQL, fmt.Sprintf("%s on %s", config.Database, config.Host))
	var failed *pgconn.ConnectError
	if errors.As(err, &failed) {
		err = fmt.Errorf("%w; is the server there, and may the user read the database?", err)
	}
	return owned(d, db.Close, err)
}

// owned makes d close its database, or closes that at once if there was an error.
func owned(d *Database, closeDB func() error, err error) (*Database, error) {
	if err != nil {
		_ = closeDB() // there is a better error
		return nil, err
	}
	d.closeDB = closeDB
	return d, nil
}

// openSQLite opens a SQLite file for reading. In a folder that is not writable, SQLite can read a file only if it is
// told that nothing will change; that is tried second, and only if no log shows that somebody is writing.
func openSQLite(ctx context.Context, path string) (*Database, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no copy %s; make one with mktows sync run: %w", path, fs.ErrNotExist)
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder; Open takes an SQLite file or a PostgreSQL database, and FromDB what filestore.Store.Tables makes of a copy in files", path)
	}
	d, err := openSQLiteFile(ctx, path, false)
	if err == nil || errors.Is(err, store.ErrNotCopy) || hasLog(path) {
		return d, err
	}
	// In a folder that cannot be written, SQLite reads a file that nobody else has open
	// only if it is told that nothing will change.
	if d, again := openSQLiteFile(ctx, path, true); again == nil || errors.Is(again, store.ErrNotCopy) {
		return d, again
	}
	return nil, err
}

// hasLog reports whether SQLite keeps a log beside the file, as it does while a program
// has it open.
func hasLog(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0
}

// openSQLiteFile opens a SQLite file and arranges that no files are left beside it.
func openSQLiteFile(ctx context.Context, path string, immutable bool) (*Database, error) {
	query := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)", "query_only(1)"}}
	done := func() {}
	if immutable {
		query.Set("immutable", "1")
	} else {
		done = sqlitewal.Reading(path)
	}
	uri, err := sqlitewal.URI(path, query)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", uri)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	d, err := FromDB(ctx, db, SQLite, filepath.Base(path))
	return owned(d, func() error { defer done(); return db.Close() }, err)
}
