package sqlstore

import (
	"context"
	"slices"

	"github.com/mktows/mktows-go/leadsync/store"
)

// schemes are the ways in which the activities of a copy are or were known, and what follows from them.
type schemes struct {
	guid, none bool // with a GUID, as endpoints from 3_1 on give it, or without
	gap        bool // a number among the keys of a record is free, since its row was deleted
	indexed    bool // there is activities_by_record
}

func schemesOf(all []store.ActivityRow) schemes {
	var s schemes
	for i := range all {
		s.guid = s.guid || all[i].GUID != ""
		s.none = s.none || all[i].GUID == ""
	}
	return s
}

func (s schemes) with(other schemes) schemes {
	return schemes{s.guid || other.guid, s.none || other.none, s.gap || other.gap, s.indexed || other.indexed}
}

// mixed reports whether the key of an activity may not tell which row it is.
func (s schemes) mixed() bool { return s.guid && s.none || s.gap }

const selectSchemes = `SELECT scheme FROM sync_schemes`

func schemesNamed(names []string) schemes {
	has := func(name string) bool { return slices.Contains(names, name) }
	return schemes{guid: has("guid"), none: has("none"), gap: has("gap"), indexed: has("indexed")}
}

func readSchemes(ctx context.Context, tx transaction) (schemes, error) {
	var names []string
	err := queryAll(ctx, tx, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, selectSchemes)
	return schemesNamed(names), err
}

// storeSchemes stores those that are new. Only a mixed copy needs an index by what does not change.
func storeSchemes(ctx context.Context, tx transaction, s schemes) error {
	if s.mixed() {
		if _, err := tx.exec(ctx, `CREATE INDEX IF NOT EXISTS activities_by_record ON activities (id, occurred_at)`); err != nil {
			return err
		}
	}
	for name, has := range map[string]bool{"guid": s.guid, "none": s.none, "indexed": s.mixed()} {
		if !has {
			continue
		}
		if _, err := tx.exec(ctx, `INSERT INTO sync_schemes (scheme) VALUES (?) ON CONFLICT DO NOTHING`, name); err != nil {
			return err
		}
	}
	return nil
}

// enterSchemes brings the schemes of activities into those of the copy, and returns all.
func enterSchemes(ctx context.Context, tx transaction, all []store.ActivityRow) (schemes, error) {
	had, err := readSchemes(ctx, tx)
	has := had.with(schemesOf(all))
	if err != nil || has == had && has.indexed == has.mixed() {
		return had, err
	}
	return has, storeSchemes(ctx, tx, has)
}
