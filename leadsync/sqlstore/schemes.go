package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/mktows/mktows-go/leadsync"
)

// schemes are the ways in which the activities of a copy are or were known: with a GUID, as endpoints from 3_1 on give
// it, or without.
type schemes struct{ guid, none bool }

func schemesOf(all []leadsync.ActivityRow) schemes {
	var s schemes
	for i := range all {
		s.guid = s.guid || all[i].GUID != ""
		s.none = s.none || all[i].GUID == ""
	}
	return s
}

func (s schemes) with(other schemes) schemes {
	return schemes{s.guid || other.guid, s.none || other.none}
}

// mixed reports whether a row may be known in another way than the activity that it is of.
func (s schemes) mixed() bool { return s.guid && s.none }

func readSchemes(ctx context.Context, tx transaction) (schemes, error) {
	var s schemes
	err := queryAll(ctx, tx, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		s.guid, s.none = s.guid || name == "guid", s.none || name == "none"
		return err
	}, `SELECT scheme FROM sync_schemes`)
	return s, err
}

// storeSchemes stores those that are new. Only a mixed copy needs an index by what does not change.
func storeSchemes(ctx context.Context, tx transaction, s schemes) error {
	for name, has := range map[string]bool{"guid": s.guid, "none": s.none} {
		if !has {
			continue
		}
		if _, err := tx.exec(ctx, `INSERT INTO sync_schemes (scheme) VALUES (?) ON CONFLICT DO NOTHING`, name); err != nil {
			return err
		}
	}
	if !s.mixed() {
		return nil
	}
	_, err := tx.exec(ctx, `CREATE INDEX IF NOT EXISTS activities_by_record ON activities (id, occurred_at)`)
	return err
}

// enterSchemes brings the schemes of activities into those of the copy, and returns all.
func enterSchemes(ctx context.Context, tx transaction, all []leadsync.ActivityRow) (schemes, error) {
	had, err := readSchemes(ctx, tx)
	has := had.with(schemesOf(all))
	if err != nil || has == had {
		return had, err
	}
	return has, storeSchemes(ctx, tx, has)
}

// isGone reports whether a lead is known to be gone.
func isGone(ctx context.Context, tx transaction, lead int64) (bool, error) {
	var gone bool
	err := queryRow(ctx, tx, []any{&gone}, `SELECT gone_at IS NOT NULL FROM leads WHERE id = ?`, lead)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return gone, err
}
