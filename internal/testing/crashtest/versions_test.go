package crashtest

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// versions tells the state of the table activities in such a way that each write changes
// it, even one that leaves the content as it is in PostgreSQL.
func versions(ctx context.Context, tb testing.TB, store store.Store) string {
	tb.Helper()
	var state string
	var err error
	if files, ok := store.(*filestore.Store); ok {
		return fmt.Sprint(files.Segments())
	}
	switch db := store.(type) {
	case interface{ Writer() *sql.DB }:
		err = db.Writer().QueryRowContext(ctx, `SELECT count(*) || ' rows, last ' || max(rowid) || ', runs ' || sum(run) || ', late ' || sum(late)
			FROM activities`).Scan(&state)
	case interface{ Pool() *pgxpool.Pool }:
		err = db.Pool().QueryRow(ctx, `SELECT count(*) || ' rows, ' || md5(string_agg(ctid || ' ' || xmin || ' ' || key, ',' ORDER BY ctid))
			FROM activities`).Scan(&state)
	default:
		tb.Fatalf("a store on %T", db)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return state
}
