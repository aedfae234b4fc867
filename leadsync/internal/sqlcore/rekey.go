package sqlcore

import (
	"context"
	"errors"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
)

// rekey is the part of version 2 that SQL cannot do: digests and keys of activities are made of less than those of
// version 1. Rows that share id, time and type are numbered in the order in which they were written, in which SQLite has
// them; on PostgreSQL, which has no such order, in that of their keys. What version 1 has doubled
// after a merge or a change of a name cannot be told from true rows, and stays.
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

// rekeyRows is how many rows are read and written at once.
const rekeyRows = 1000

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

// rekeyRow takes the first number that is free.
func rekeyRow(ctx context.Context, tx sqldb.Tx, id int64, row *store.ActivityRow) error {
	for n := 1; ; n++ {
		written, err := tx.Exec(ctx, `UPDATE OR IGNORE activities SET key = ?, digest = ? WHERE rowid = ?`, newKey(row, n), row.Digest[:], id)
		if err != nil || written > 0 {
			return err
		}
		if row.GUID != "" || !row.HasID {
			return errors.New("activity " + row.Key + ": its key cannot be made anew: another row has it")
		}
	}
}

// newKey is the key of version 2 of a row that has one of version 1.
func newKey(row *store.ActivityRow, n int) string {
	if row.GUID == "" && !row.HasID {
		return row.Key // which counts equal ones, and stays
	}
	if row.GUID == "" {
		return store.RecordKey(&row.Activity, n)
	}
	return store.NewActivityRow(row.Activity, 0).Key
}

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
