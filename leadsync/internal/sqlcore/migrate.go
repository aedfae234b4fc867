package sqlcore

import (
	"context"
	"embed"
	"fmt"
	"path"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
)

//go:embed migrations state
var migrationFiles embed.FS

// Migrations returns the statements that make each version of the schema of a copy, the first
// from nothing and the others from the version before.
func Migrations(d sqldb.Dialect) []string { return steps("migrations", d) }

func steps(of string, d sqldb.Dialect) []string {
	folder := path.Join(of, d.String())
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

// Kind is what a database is kept for. The name is that of the table with the version of its schema, by which the kinds are told apart.
type Kind string

// The kinds.
const (
	Copies Kind = "sync_schema"  // a copy
	States Kind = "state_schema" // budgets and notes without a copy: package sqlstate
)

// Version returns the version of the schema in a database; 0 if it is not of the kind.
func (k Kind) Version(ctx context.Context, tx sqldb.Tx) (int, error) {
	table := `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?`
	if tx.Dialect() == sqldb.Postgres {
		table = `SELECT count(*) FROM pg_class WHERE oid = to_regclass(?)`
	}
	var there, version int
	if err := sqldb.QueryRow(ctx, tx, []any{&there}, table, string(k)); err != nil || there == 0 {
		return 0, err
	}
	err := sqldb.QueryRow(ctx, tx, []any{&version}, `SELECT coalesce(max(version), 0) FROM `+string(k))
	return version, err
}

// rekeyVersion is the version whose step needs code as well as SQL; see rekey.
const rekeyVersion = 2

// Migrate brings the schema to the version of the last step. It runs in the caller's transaction, so that a failed
// upgrade leaves the copy as it was.
func Migrate(ctx context.Context, tx sqldb.Tx, copied string, o *Options) error {
	steps := o.Steps
	version, err := o.Kind.Version(ctx, tx)
	if err != nil {
		return err
	}
	if err := checkVersion(copied, version, len(steps)); err != nil {
		return err
	}
	if version == 0 {
		if _, err := tx.Exec(ctx, `CREATE TABLE `+string(o.Kind)+` (version integer NOT NULL)`); err != nil {
			return err
		}
	}
	if version == len(steps) {
		return nil
	}
	for i, step := range steps[version:] {
		if _, err := tx.Exec(ctx, step); err != nil {
			return err
		}
		if o.Kind == Copies && version+i+1 == rekeyVersion {
			if err := rekey(ctx, tx); err != nil {
				return err
			}
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM `+string(o.Kind)); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO `+string(o.Kind)+` (version) VALUES (?)`, len(steps))
	return err
}

// checkVersion refuses a copy of a newer release: this one would not know what its columns mean.
func checkVersion(copied string, version, known int) error {
	if version > known {
		return fmt.Errorf("%s: %w: its schema has version %d, this release knows %d; use the newer release",
			copied, store.ErrNewer, version, known)
	}
	return nil
}

// CheckReadable refuses a copy that could only be read after an upgrade, for those who may not write.
func CheckReadable(ctx context.Context, tx sqldb.Tx, copied string, known int) error {
	version, err := Copies.Version(ctx, tx)
	switch {
	case err != nil:
		return err
	case version == 0:
		return fmt.Errorf("%s: %w", copied, store.ErrNotCopy)
	case version < known:
		return fmt.Errorf("%s: its schema has version %d, this release reads %d; run mktows sync once, which upgrades it",
			copied, version, known)
	}
	return checkVersion(copied, version, known)
}
