package filestore

import (
	"context"
	"database/sql"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/store/identity"
)

// upgrade converts the key index of version 1, whose keys and digests were made from more of each activity than
// today, so that a change of an asset's name made another row. Segments never change and keep the keys that they
// have; the index has both.
func (s *Store) upgrade(ctx context.Context) error {
	version, err := storedVersion(ctx, s.Reader())
	if err != nil || version == stateVersion {
		return err
	}
	return s.inTx(ctx, func(t *sql.Tx) error {
		for row, err := range s.Activities(ctx, time.Time{}, time.Time{}) {
			if err != nil {
				return err
			}
			if err := rekey(ctx, t, &row); err != nil {
				return err
			}
		}
		_, err := t.ExecContext(ctx, `UPDATE file_format SET version = ?`, stateVersion)
		return err
	})
}

// rekey gives a row its present digest and, if it has an id and no GUID, the first free key of its id, time and type.
// Rows that version 1 has twice, after a merge or a renaming, cannot be told from true rows, so they stay.
func rekey(ctx context.Context, tx *sql.Tx, row *store.ActivityRow) error {
	scheme := "none"
	if row.GUID != "" {
		scheme = "guid"
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO sync_schemes (scheme) VALUES (?) ON CONFLICT DO NOTHING`, scheme); err != nil {
		return err
	}
	if row.GUID != "" || !row.HasID {
		_, err := tx.ExecContext(ctx, `UPDATE file_keys SET digest = ? WHERE kind = ? AND key = ?`, row.Digest[:], string(Activities), row.Key)
		return err
	}
	for n := 1; ; n++ {
		result, err := tx.ExecContext(ctx, `UPDATE OR IGNORE file_keys SET key = ?, published = key, digest = ? WHERE kind = ? AND key = ?`,
			store.RecordKey(&row.Activity, n), row.Digest[:], string(Activities), row.Key)
		if err != nil {
			return err
		}
		if written, err := result.RowsAffected(); err != nil || written > 0 {
			return err
		}
	}
}

// indexRecords creates the indexes by id, time and type and by lead. Only a copy with rows with GUIDs and rows without
// needs them, so they are made when a copy becomes one.
func (s *Store) indexRecords(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, `CREATE INDEX IF NOT EXISTS file_keys_by_lead ON file_keys (lead_id) WHERE record IS NOT NULL`); err != nil {
		return err
	}
	const name = "file_keys_by_record"
	var there int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = ?`, name).Scan(&there)
	if err != nil || there > 0 {
		return err
	}
	for row, err := range s.Activities(ctx, time.Time{}, time.Time{}) {
		if err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE file_keys SET record = ? WHERE kind = ? AND key = ?`,
			identity.Record(&row.Activity), string(Activities), row.Key)
		if err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `CREATE INDEX `+name+` ON file_keys (record) WHERE record IS NOT NULL`)
	return err
}
