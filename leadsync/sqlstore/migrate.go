package sqlstore

import (
	"context"
	"embed"
	"fmt"
	"path"

	"github.com/mktows/mktows-go/leadsync/store"
)

//go:embed migrations
var migrationFiles embed.FS

// migrations returns the statements that make each version of the schema, the first
// from nothing and the others from the version before.
func migrations(d dialect) []string {
	folder := path.Join("migrations", d.String())
	entries, err := migrationFiles.ReadDir(folder) // sorted by name
	if err != nil {
		return nil // the folders are embedded
	}
	var steps []string
	for _, entry := range entries {
		text, _ := migrationFiles.ReadFile(path.Join(folder, entry.Name()))
		steps = append(steps, string(text))
	}
	return steps
}

// schemaVersion is the version of the schema that a database has; 0: none.
func schemaVersion(ctx context.Context, tx transaction) (int, error) {
	table := `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'sync_schema'`
	if tx.dialect() == postgresDialect {
		table = `SELECT count(*) FROM pg_class WHERE oid = to_regclass('sync_schema')`
	}
	var there, version int
	if err := queryRow(ctx, tx, []any{&there}, table); err != nil || there == 0 {
		return 0, err
	}
	err := queryRow(ctx, tx, []any{&version}, `SELECT coalesce(max(version), 0) FROM sync_schema`)
	return version, err
}

// rekeyVersion is the version whose statements rekey completes.
const rekeyVersion = 2

// migrate brings the schema to the version that steps end with, in the caller's transaction.
func migrate(ctx context.Context, tx transaction, copied string, steps []string) error {
	version, err := schemaVersion(ctx, tx)
	if err != nil {
		return err
	}
	if err := checkVersion(copied, version, len(steps)); err != nil {
		return err
	}
	if version == 0 {
		if _, err := tx.exec(ctx, `CREATE TABLE sync_schema (version integer NOT NULL)`); err != nil {
			return err
		}
	}
	if version == len(steps) {
		return nil
	}
	for i, step := range steps[version:] {
		if _, err := tx.exec(ctx, step); err != nil {
			return err
		}
		if version+i+1 == rekeyVersion {
			if err := rekey(ctx, tx); err != nil {
				return err
			}
		}
	}
	if _, err := tx.exec(ctx, `DELETE FROM sync_schema`); err != nil {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO sync_schema (version) VALUES (?)`, len(steps))
	return err
}

func checkVersion(copied string, version, known int) error {
	if version > known {
		return fmt.Errorf("%s: %w: its schema has version %d, this release knows %d; use the newer release",
			copied, store.ErrNewer, version, known)
	}
	return nil
}

// checkReadable refuses what cannot be read without changing it.
func checkReadable(ctx context.Context, tx transaction, copied string, known int) error {
	version, err := schemaVersion(ctx, tx)
	switch {
	case err != nil:
		return err
	case version == 0:
		return fmt.Errorf("%s: %w", copied, ErrNotCopy)
	case version < known:
		return fmt.Errorf("%s: its schema has version %d, this release reads %d; run mktows sync once, which upgrades it",
			copied, version, known)
	}
	return checkVersion(copied, version, known)
}
