package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
)

// WithBusyTimeout sets how long to wait for a SQLite file that another program has locked.
// Default: 10 s.
func WithBusyTimeout(d time.Duration) Option {
	return func(o *options) { o.BusyTimeout = d }
}

// WithDurableCommits makes each commit to a SQLite file wait until it is on the disk, so that a power
// failure undoes none. It is for those who keep rows elsewhere, with CommitWith. Without it, a
// power failure may undo the last commits, rows and state together.
func WithDurableCommits() Option { return func(o *options) { o.Durable = true } }

// Reader returns the connections that read beside the one that writes.
func (s *Store) Reader() *sql.DB { return s.files.read }

// WithDropRows is for those who keep rows elsewhere: drop is called in the transaction that removes all
// rows of a kind, which is activities or leads, instead of emptying the table of that name.
func WithDropRows(drop func(ctx context.Context, tx *sql.Tx, kind string) error) Option {
	return func(o *options) { o.Drop = drop }
}

// dropRowsOf returns how the rows of a kind are removed.
func dropRowsOf(o *sqlcore.Options) sqlcore.DropRows {
	if o.Drop == nil {
		return sqlcore.DeleteRows
	}
	return func(ctx context.Context, tx sqldb.Tx, table string) error {
		return o.Drop(ctx, tx.(*sqliteTx).tx, table) //nolint:forcetypeassert // sqliteDB begins no other
	}
}
