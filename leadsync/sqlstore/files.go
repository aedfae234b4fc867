package sqlstore

import (
	"context"
	"database/sql"
)

// Durable makes each commit to a SQLite file wait until it is on the disk, so that a power
// failure undoes none. It is for those who keep rows elsewhere, with CommitWith. Without it, a
// power failure may undo the last commits, rows and state together.
func Durable() Option { return func(o *options) { o.durable = true } }

// Reader returns the connections that read beside the one of Queue.
func (s *SQLite) Reader() *sql.DB { return s.files.read }

// DropRows is for those who keep rows elsewhere: drop is called in the transaction that removes all
// rows of a kind, which is activities or leads, instead of emptying the table of that name.
func DropRows(drop func(ctx context.Context, tx *sql.Tx, kind string) error) Option {
	return func(o *options) { o.drop = drop }
}

func (o *options) dropRows() dropRows {
	if o.drop == nil {
		return deleteRows
	}
	return func(ctx context.Context, tx transaction, table string) error {
		return o.drop(ctx, tx.(*sqliteTx).tx, table) //nolint:forcetypeassert // sqliteDB begins no other
	}
}
