package sqlcore

import (
	"context"
	"database/sql"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
)

// Options are what the options say. Their zero values are not the defaults; see NewOptions.
type Options struct {
	BusyTimeout time.Duration
	MaxConns    int
	Schema      string // of PostgreSQL, where the URL names none; empty: that of the server
	SchemaAsked bool   // the URL may name none
	Kind        Kind
	Steps       []string // instead of the migrations of this release
	Pragmas     []string
	Durable     bool
	Immutable   bool // nobody writes
	ReadOnly    bool
	Drop        func(ctx context.Context, tx *sql.Tx, table string) error // nil: the tables of this package have the rows
}

// NewOptions returns the defaults for a database, as opts change them.
func NewOptions[Option ~func(*Options)](d sqldb.Dialect, opts []Option) Options {
	o := Options{BusyTimeout: 10 * time.Second, Kind: Copies, Steps: Migrations(d)}
	for _, set := range opts {
		set(&o)
	}
	return o
}

// ReadOnly opens a copy for reading; it creates and upgrades nothing.
func ReadOnly(o *Options) { o.ReadOnly = true }

// ForState opens a database without a copy, which has budgets and notes.
func ForState(d sqldb.Dialect) func(*Options) {
	return func(o *Options) { o.Kind, o.Steps = States, steps("state", d) }
}
