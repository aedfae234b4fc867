package sqlcore

import (
	"context"
	"errors"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
)

// rekey is the part of the upgrade to version 2 that SQL cannot do: computing keys and digests, which are made from
// less of each activity than in version 1. Rows that share id, time and type are numbered in the order in which they
// were written; PostgreSQL knows no such order, so there it is the order of their old keys. Rows that version 1 has
// twice, after a merge or a renaming, look like any other rows, so they stay.
func rekey(ctx context.Context, tx sqldb.Tx) error {
	rows := rekeySQLite
	if tx.Dialect() == sqldb.Postgres {
		rows = rekeyPostgres
	}
	has, err := rows(ctx, tx)
	if err != nil {
		return err
	}
	return storeSchemes(ctx, tx, has)
}

// rekeyRows is how many rows are read and written at a time: a copy may have more than fit into memory.
const rekeyRows = 1000

// rekeySQLite goes through the rows by their row ids, which do not change while keys do.
func rekeySQLite(ctx context.Context, tx sqldb.Tx) (has Schemes, err error) {
	for last := int64(0); ; {
		var some []store.ActivityRow
		var ids []int64
		err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
			var id int64
			row, err := scanVersion1(func(dest ...any) error { return scan(append(dest, &id)...) })
			some, ids = append(some, row), append(ids, id)
			return err
		}, `SELECT `+version1Columns+`, rowid FROM activities WHERE rowid > ? ORDER BY rowid LIMIT ?`, last, rekeyRows)
		if err != nil || len(some) == 0 {
			return has, err
		}
		has = has.With(SchemesOf(some))
		for i := range some {
			if err := rekeyRow(ctx, tx, ids[i], &some[i]); err != nil {
				return has, err
			}
		}
		last = ids[len(ids)-1]
	}
}

// rekeyRow gives a row the first number that is free.
func rekeyRow(ctx context.Context, tx sqldb.Tx, id int64, row *store.ActivityRow) error {
	for n := 1; ; n++ {
		written, err := tx.Exec(ctx, `UPDATE OR IGNORE activities SET key = ?, digest = ? WHERE rowid = ?`, newKey(row, n), row.Digest[:], id)
		if err != nil || written > 0 {
			return err
		}
		if row.GUID != "" || !row.HasID {
			return errors.New("activity " + row.Key + ": its key cannot be computed again: another row has it")
		}
	}
}

// newKey returns the key that a row has in version 2. One without id and GUID keeps its key, which contains a number
// that depends on other rows.
func newKey(row *store.ActivityRow, n int) string {
	if row.GUID == "" && !row.HasID {
		return row.Key // which counts equal ones, and stays
	}
	if row.GUID == "" {
		return store.RecordKey(&row.Activity, n)
	}
	return store.NewActivityRow(row.Activity, 0).Key
}

// rekeyPostgres goes through the rows with a cursor, which sees them as they were when it was declared.
func rekeyPostgres(ctx context.Context, tx sqldb.Tx) (has Schemes, err error) {
	_, err = tx.Exec(ctx, `DECLARE version1 CURSOR FOR SELECT `+version1Columns+` FROM activities ORDER BY occurred_at, id, type, key`)
	if err != nil {
		return has, err
	}
	record, n := "", 0
	for {
		var was, is []string
		var digests [][]byte
		err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
			row, err := scanVersion1(scan)
			if err != nil {
				return err
			}
			has = has.With(SchemesOf([]store.ActivityRow{row}))
			if first := newKey(&row, 1); row.GUID != "" || first != record {
				record, n = first, 0
			}
			n++
			was, is, digests = append(was, row.Key), append(is, newKey(&row, n)), append(digests, row.Digest[:])
			return nil
		}, `FETCH 1000 FROM version1`)
		if err != nil {
			return has, err
		}
		if len(was) == 0 {
			_, err = tx.Exec(ctx, `CLOSE version1`)
			return has, err
		}
		_, err = tx.Exec(ctx, `UPDATE activities SET key = r.is, digest = r.digest
			FROM unnest(?::text[], ?::text[], ?::bytea[]) AS r (was, "is", digest) WHERE key = r.was`, was, is, digests)
		if err != nil {
			return has, err
		}
	}
}
