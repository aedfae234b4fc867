// Package sqlstore keeps copies in SQL databases: a SQLite file for one process at a time, or
// a PostgreSQL database for any number.
//
// The tables are for everybody to query. Package leadsync tells what is in them; the files
// in migrations describe each column.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// Option changes how a copy is opened.
type Option func(*options)

type options struct {
	busyTimeout time.Duration
	maxConns    int
	steps       []string // instead of the migrations of this release
	pragmas     []string
	durable     bool
	immutable   bool // nobody writes
	readOnly    bool
	drop        func(ctx context.Context, tx *sql.Tx, table string) error // nil: the tables of this package have the rows
}

// BusyTimeout is how long to wait for a SQLite file that another program has locked.
// Default: 10 s.
func BusyTimeout(d time.Duration) Option { return func(o *options) { o.busyTimeout = d } }

// MaxConns is how many connections to PostgreSQL this process may have, at least 4.
// Default: pool_max_conns of the URL, else 12.
func MaxConns(n int) Option { return func(o *options) { o.maxConns = n } }

func newOptions(d dialect, opts []Option) options {
	o := options{busyTimeout: 10 * time.Second, steps: migrations(d)}
	for _, set := range opts {
		set(&o)
	}
	return o
}

// Open opens a copy, and creates it if it is new: a postgres:// or postgresql:// URL is a
// PostgreSQL database, anything else the path of a SQLite file. A copy of an older release is
// upgraded. Errors: those of package store (ErrNewer, ErrInUse, ErrReadOnly, ErrFull,
// ErrUnavailable), and ErrNotCopy for a file that is something else.
func Open(ctx context.Context, target string, opts ...Option) (store.Store, error) {
	if err := CheckTarget(target); err != nil {
		return nil, err
	}
	if IsPostgres(target) {
		return opened(OpenPostgres(ctx, target, opts...))
	}
	return opened(OpenSQLite(ctx, target, opts...))
}

// OpenReadOnly opens a copy for reading, also while a process writes to it. What would
// write fails with store.ErrReadOnly. Errors: those of Open; it creates and upgrades nothing.
func OpenReadOnly(ctx context.Context, target string, opts ...Option) (store.Store, error) {
	return Open(ctx, target, append(opts[:len(opts):len(opts)], func(o *options) { o.readOnly = true })...)
}

// IsPostgres reports whether a target is the URL of a PostgreSQL database.
func IsPostgres(target string) bool {
	return strings.HasPrefix(target, "postgres://") || strings.HasPrefix(target, "postgresql://")
}

// CheckTarget refuses what is neither the path of a file nor the URL of a PostgreSQL database
// that can be read. The error does not repeat the target, which may hold a password.
func CheckTarget(target string) error {
	lower := strings.ToLower(target)
	switch {
	case IsPostgres(target):
		_, err := poolConfig(target, &options{})
		return err
	case strings.HasPrefix(lower, "postgres:"), strings.HasPrefix(lower, "postgresql:"),
		!strings.Contains(target, "://") && strings.Contains(lower, "password="): // the keys and values of libpq
		return errors.New("give PostgreSQL as a URL, postgres://user@host/database; PGPASSWORD or ~/.pgpass has the password")
	}
	return nil
}

// opened keeps a nil pointer from becoming a Store.
func opened[S store.Store](s S, err error) (store.Store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
