package sqlcore

import (
	"context"
	"slices"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Schemes are the ways in which the activities of a copy are or were known, and what follows from them.
type Schemes struct {
	guid, none bool // with a GUID, as endpoints from 3_1 on give it, or without
	gap        bool // a number among the keys of a record is free, since its row was deleted
	indexed    bool // there is activities_by_record
}

// SchemesOf are those of activities that are written.
func SchemesOf(all []store.ActivityRow) Schemes {
	var s Schemes
	for i := range all {
		s.guid = s.guid || all[i].GUID != ""
		s.none = s.none || all[i].GUID == ""
	}
	return s
}

// With has those of both.
func (s Schemes) With(other Schemes) Schemes {
	return Schemes{s.guid || other.guid, s.none || other.none, s.gap || other.gap, s.indexed || other.indexed}
}

// Mixed reports whether the key of an activity may not tell which row it is.
func (s Schemes) Mixed() bool { return s.guid && s.none || s.gap }

// SelectSchemes selects the names of the schemes of a copy.
const SelectSchemes = `SELECT scheme FROM sync_schemes`

// SchemesNamed are those that a copy has noted by their names.
func SchemesNamed(names []string) Schemes {
	has := func(name string) bool { return slices.Contains(names, name) }
	return Schemes{guid: has("guid"), none: has("none"), gap: has("gap"), indexed: has("indexed")}
}

func readSchemes(ctx context.Context, tx sqldb.Tx) (Schemes, error) {
	var names []string
	err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, SelectSchemes)
	return SchemesNamed(names), err
}

// storeSchemes stores those that are new. Only a mixed copy needs an index by what does not change.
func storeSchemes(ctx context.Context, tx sqldb.Tx, s Schemes) error {
	if s.Mixed() {
		if _, err := tx.Exec(ctx, `CREATE INDEX IF NOT EXISTS activities_by_record ON activities (id, occurred_at)`); err != nil {
			return err
		}
	}
	for name, has := range map[string]bool{"guid": s.guid, "none": s.none, "indexed": s.Mixed()} {
		if !has {
			continue
		}
		if _, err := tx.Exec(ctx, `INSERT INTO sync_schemes (scheme) VALUES (?) ON CONFLICT DO NOTHING`, name); err != nil {
			return err
		}
	}
	return nil
}

// EnterSchemes brings the schemes of activities into those of the copy, and returns all.
func EnterSchemes(ctx context.Context, tx sqldb.Tx, all []store.ActivityRow) (Schemes, error) {
	had, err := readSchemes(ctx, tx)
	has := had.With(SchemesOf(all))
	if err != nil || has == had && has.indexed == has.Mixed() {
		return had, err
	}
	return has, storeSchemes(ctx, tx, has)
}
