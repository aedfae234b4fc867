package sqlcore

import (
	"context"
	"slices"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Schemes record by what the activities of a copy are or were known, with GUIDs or without, and what follows from it.
// As long as there is one scheme only, the key of an activity says which row it is, and no comparison is needed. That
// is the normal case and the fast one.
type Schemes struct {
	guid, none bool // with a GUID, as endpoints from 3_1 on give it, or without
	gap        bool // a number among the keys of a record is free, since its row was deleted
	indexed    bool // there are the indexes that comparisons need
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

// Mixed reports whether the key of an activity may not say which row it is, so that rows have to be compared.
func (s Schemes) Mixed() bool { return s.guid && s.none || s.gap }

// schemeIndexed is another name than that of the releases before, which had one of the indexes only.
const schemeIndexed = "indexed-2"

// SelectSchemes selects the names of the schemes of a copy.
const SelectSchemes = `SELECT scheme FROM sync_schemes`

// SchemesNamed are those that a copy has noted by their names.
func SchemesNamed(names []string) Schemes {
	has := func(name string) bool { return slices.Contains(names, name) }
	return Schemes{guid: has("guid"), none: has("none"), gap: has("gap"), indexed: has(schemeIndexed)}
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

// indexes are what a mixed copy needs and no other: one by id and time, and one of the rows without a GUID by lead and
// time.
var indexes = []string{
	`CREATE INDEX IF NOT EXISTS activities_by_record ON activities (id, occurred_at)`,
	`CREATE INDEX IF NOT EXISTS activities_by_moment ON activities (lead_id, occurred_at) WHERE guid IS NULL`,
}

// storeSchemes stores the schemes that are new.
func storeSchemes(ctx context.Context, tx sqldb.Tx, s Schemes) error {
	if s.Mixed() {
		for _, index := range indexes {
			if _, err := tx.Exec(ctx, index); err != nil {
				return err
			}
		}
	}
	for name, has := range map[string]bool{"guid": s.guid, "none": s.none, schemeIndexed: s.Mixed()} {
		if !has {
			continue
		}
		if _, err := tx.Exec(ctx, `INSERT INTO sync_schemes (scheme) VALUES (?) ON CONFLICT DO NOTHING`, name); err != nil {
			return err
		}
	}
	return nil
}

// EnterSchemes adds the schemes of activities to those of the copy and returns all of them. In the normal case
// nothing is written.
func EnterSchemes(ctx context.Context, tx sqldb.Tx, all []store.ActivityRow) (Schemes, error) {
	had, err := readSchemes(ctx, tx)
	has := had.With(SchemesOf(all))
	if err != nil || has == had && has.indexed == has.Mixed() {
		return had, err
	}
	return has, storeSchemes(ctx, tx, has)
}
