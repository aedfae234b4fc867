// Package sqlstore opens copies in SQL databases by what they are called: the path of a SQLite file is for package
// sqlite, the URL of a PostgreSQL database for package postgres. A program that needs only one of them imports that
// one, and does not link the driver of the other.
//
// Everybody may query the tables. Package leadsync explains what they contain; the files in
// leadsync/internal/sqlcore/migrations describe each column.
package sqlstore

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstore/postgres"
	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Option changes how a copy is opened. One for the other database than that which is opened does nothing.
type Option func(*options)

type options = sqlcore.Options

// WithBusyTimeout is for SQLite; see [sqlite.WithBusyTimeout].
func WithBusyTimeout(d time.Duration) Option { return Option(sqlite.WithBusyTimeout(d)) }

// WithMaxConns is for PostgreSQL; see [postgres.WithMaxConns].
func WithMaxConns(n int) Option { return Option(postgres.WithMaxConns(n)) }

// WithSchema is for PostgreSQL; see [postgres.WithSchema].
func WithSchema(name string) Option { return Option(postgres.WithSchema(name)) }

// InSchema is for what takes a target and no options; see [postgres.InSchema].
func InSchema(target, name string) (string, error) { return postgres.InSchema(target, name) }

// options of one package as those of another one, which set the same.
func as[To, From ~func(*options)](opts []From) []To {
	all := make([]To, len(opts))
	for i, set := range opts {
		all[i] = To(set)
	}
	return all
}

// Copy is a copy in a SQL database, with the limits that its workers share.
type Copy interface {
	store.Store
	store.Histories
	quota.Keeper
}

// Open opens a copy, and creates it if it does not exist: a postgres:// or postgresql:// URL names a PostgreSQL database,
// anything else is the path of a SQLite file. A copy written by an older release is upgraded. Errors: those of package store
// (ErrNewer, ErrInUse, ErrReadOnly, ErrFull, ErrUnavailable), and store.ErrNotCopy for a file that is something else.
func Open(ctx context.Context, target string, opts ...Option) (Copy, error) {
	if err := CheckTarget(target); err != nil {
		return nil, err
	}
	if IsPostgres(target) {
		return opened(postgres.Open(ctx, target, as[postgres.Option](opts)...))
	}
	return opened(sqlite.Open(ctx, target, as[sqlite.Option](opts)...))
}

// OpenReadOnly opens a copy for reading, even while another process writes to it. It creates and upgrades nothing, and
// methods that write fail with store.ErrReadOnly. Errors: those of Open.
func OpenReadOnly(ctx context.Context, target string, opts ...Option) (Copy, error) {
	return Open(ctx, target, append(opts[:len(opts):len(opts)], sqlcore.ReadOnly)...)
}

// Exists reports whether there is a copy at a target, without creating one. Errors: those of [Open].
func Exists(ctx context.Context, target string, opts ...Option) (bool, error) {
	if err := CheckTarget(target); err != nil {
		return false, err
	}
	if IsPostgres(target) {
		return postgres.Exists(ctx, target, as[postgres.Option](opts)...)
	}
	return sqlite.Exists(ctx, target, as[sqlite.Option](opts)...)
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
		return postgres.CheckURL(target)
	case strings.HasPrefix(lower, "postgres:"), strings.HasPrefix(lower, "postgresql:"),
		!strings.Contains(target, "://") && strings.Contains(lower, "password="): // the keys and values of libpq
		return errors.New("give PostgreSQL as a URL, postgres://user@host/database; PGPASSWORD or ~/.pgpass has the password")
	}
	return nil
}

// opened converts the result of opening. A nil *Store in an interface would not compare equal to nil.
func opened[S Copy](s S, err error) (Copy, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
