package sqlcore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// errEnough ends a query whose reader has stopped.
var errEnough = errors.New("enough")

// stream yields the rows of a query within one transaction that reads a snapshot.
func stream[T any](ctx context.Context, db sqldb.DB, scan func(scan func(...any) error) (T, error), query string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := sqldb.InRead(ctx, db, func(tx sqldb.Tx) error {
			return sqldb.QueryAll(ctx, tx, func(row func(...any) error) error {
				v, err := scan(row)
				if err == nil && !yield(v, nil) {
					err = errEnough
				}
				return err
			}, query, args...)
		})
		if err != nil && !errors.Is(err, errEnough) {
			var zero T
			yield(zero, err)
		}
	}
}

// readColumns are what scanActivity reads. Columns that later versions of the schema have added follow those of the first.
const readColumns = version1Columns

// version1Columns are what scanVersion1 reads. The upgrade from version 1 finds no others.
const version1Columns = `key, lead_id, occurred_local, type, asset, campaign, CAST(attributes AS text), id, coalesce(guid, ''),
	CAST(person AS text)`

// Activities yields activities; see [store.Store].
func (s *Store) Activities(ctx context.Context, from, to time.Time) iter.Seq2[store.ActivityRow, error] {
	query, args := `SELECT `+readColumns+` FROM activities WHERE true`, []any{}
	if !from.IsZero() {
		query, args = query+` AND occurred_at >= ?`, append(args, sqldb.Seconds(from))
	}
	if !to.IsZero() {
		query, args = query+` AND occurred_at < ?`, append(args, sqldb.Seconds(to))
	}
	return stream(ctx, s.db, scanActivity, query, args...)
}

// scanActivity reads a row. The digest is computed again from the columns, so that a row which somebody has changed
// by hand is noticed when it is compared.
func scanActivity(scan func(...any) error) (store.ActivityRow, error) { return scanVersion1(scan) }

// scanVersion1 reads a row with the columns of version 1.
func scanVersion1(scan func(...any) error) (store.ActivityRow, error) {
	var a operations.Activity
	var key, local, attributes string
	var id sql.NullInt64
	var who sql.NullString
	err := scan(&key, &a.LeadID, &local, &a.Type, &a.AssetName, &a.Campaign, &attributes, &id, &a.GUID, &who)
	if err != nil {
		return store.ActivityRow{}, err
	}
	a.ID, a.HasID = id.Int64, id.Valid
	if a.Time, err = time.Parse(time.RFC3339, local); err != nil {
		return store.ActivityRow{}, fmt.Errorf("activity %s: column occurred_local: %w", key, err)
	}
	if a.Attributes, err = parseAttributes(attributes); err == nil {
		err = columns.SetPerson(&a, []byte(who.String))
	}
	if err != nil {
		return store.ActivityRow{}, fmt.Errorf("activity %s: %w", key, err)
	}
	row := store.NewActivityRow(a, 0)
	row.Key = key
	return row, nil
}

// parseAttributes parses attributes and sorts them by name, because PostgreSQL's jsonb does not keep the order.
func parseAttributes(text string) (operations.Attributes, error) {
	attributes, err := columns.ParseAttributes(text)
	slices.SortStableFunc(attributes, func(x, y operations.Attribute) int { return strings.Compare(x.Name, y.Name) })
	return attributes, err
}

// Leads yields the leads; see [store.Store].
func (s *Store) Leads(ctx context.Context) iter.Seq2[store.LeadRow, error] {
	return stream(ctx, s.db, scanLead,
		`SELECT id, email, foreign_sys_person_id, foreign_sys_type, CAST(attributes AS text), gone_at FROM leads`)
}

func scanLead(scan func(...any) error) (store.LeadRow, error) {
	var l operations.Lead
	var attributes string
	var gone time.Time
	err := scan(&l.ID, &l.Email, &l.ForeignSysPersonID, (*string)(&l.ForeignSysType), &attributes, sqldb.ScanTime(&gone))
	if err != nil {
		return store.LeadRow{}, err
	}
	if l.Attributes, err = parseAttributes(attributes); err != nil {
		return store.LeadRow{}, fmt.Errorf("lead %d: %w", l.ID, err)
	}
	row := store.NewLeadRow(l)
	row.GoneAt = gone
	return row, nil
}

// LeadIDs yields the ids of all leads; see [store.Store].
func (s *Store) LeadIDs(ctx context.Context) iter.Seq2[int64, error] {
	return stream(ctx, s.db, func(scan func(...any) error) (int64, error) {
		var id int64
		err := scan(&id)
		return id, err
	}, `SELECT id FROM leads UNION SELECT lead_id FROM activities
		EXCEPT SELECT id FROM leads WHERE gone_at IS NOT NULL ORDER BY 1`)
}
