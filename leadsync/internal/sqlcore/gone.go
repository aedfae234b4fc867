package sqlcore

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/identity"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
)

// markGone marks the leads that are not marked yet, and returns how many.
func markGone(ctx context.Context, tx sqldb.Tx, ids []int64, at time.Time) (marked int64, err error) {
	for some := range AtOnce(ids) {
		args := append([]any{sqldb.Seconds(at)}, some...)
		n, err := tx.Exec(ctx, `UPDATE leads SET gone_at = ? WHERE gone_at IS NULL AND id IN (`+Lists(len(some), `?`)+`)`, args...)
		if err != nil {
			return marked, err
		}
		marked += n
	}
	return marked, nil
}

// Distrust makes rows of leads differ from all that can be written.
func Distrust(ctx context.Context, tx sqldb.Tx, ids []int64) error {
	for some := range AtOnce(ids) {
		args := append([]any{[]byte{}}, some...)
		if _, err := tx.Exec(ctx, `UPDATE leads SET digest = ? WHERE id IN (`+Lists(len(some), `?`)+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}

// removeActivities removes rows by their keys.
func removeActivities(ctx context.Context, tx sqldb.Tx, keys []string) error {
	for some := range AtOnce(keys) {
		if _, err := tx.Exec(ctx, `DELETE FROM activities WHERE key IN (`+Lists(len(some), `?`)+`)`, some...); err != nil {
			return err
		}
	}
	return nil
}

// GoneIn returns a function that returns those of some leads that are known to be gone, or that a commit finds gone.
func GoneIn(tx sqldb.Tx, c *store.Commit) func(ctx context.Context, leads []int64) ([]int64, error) {
	return func(ctx context.Context, leads []int64) (gone []int64, err error) {
		gone = slices.Clone(c.Gone)
		for some := range AtOnce(leads) {
			err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
				var id int64
				err := scan(&id)
				gone = append(gone, id)
				return err
			}, `SELECT id FROM leads WHERE gone_at IS NOT NULL AND id IN (`+Lists(len(some), `?`)+`)`, some...)
			if err != nil {
				return nil, err
			}
		}
		return gone, nil
	}
}

// DropDoubles removes the rows that the resolver of a commit has dropped, and those of the leads that are gone beside
// which another lead has the same record.
func DropDoubles(ctx context.Context, tx sqldb.Tx, r *identity.Resolver, c *store.Commit) error {
	r.DropMoved(c.Activities)
	for _, lead := range c.Gone {
		var rows []store.ActivityRow
		err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
			row, err := scanActivity(scan)
			rows = append(rows, row)
			return err
		}, `SELECT `+readColumns+` FROM activities WHERE lead_id = ? AND guid IS NULL AND id IS NOT NULL`, lead)
		if err == nil {
			err = r.DropDoubles(ctx, rows)
		}
		if err != nil {
			return err
		}
	}
	return removeActivities(ctx, tx, slices.Sorted(maps.Keys(r.Dropped)))
}

// WriteGone does what a commit says of rows that the service no longer has, after its rows were
// written.
func WriteGone(ctx context.Context, tx sqldb.Tx, c *store.Commit) (gone int64, err error) {
	if len(c.Gone)+len(c.Removed) == 0 {
		return 0, nil
	}
	at, err := sqldb.Now(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := removeActivities(ctx, tx, c.Removed); err != nil {
		return 0, err
	}
	return markGone(ctx, tx, c.Gone, at)
}

// PresentLeads returns the leads that are there; see [store.Store].
func (s *Store) PresentLeads(ctx context.Context, ids []int64) ([]int64, error) {
	var present []int64
	err := sqldb.InRead(ctx, s.db, func(tx sqldb.Tx) error {
		for some := range AtOnce(ids) {
			err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
				var id int64
				err := scan(&id)
				present = append(present, id)
				return err
			}, `SELECT id FROM leads WHERE gone_at IS NULL AND id IN (`+Lists(len(some), `?`)+`) ORDER BY id`, some...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return present, err
}

// AtOnce yields so many arguments as a statement takes.
func AtOnce[T any](all []T) func(yield func([]any) bool) {
	return func(yield func([]any) bool) {
		for len(all) > 0 {
			some := make([]any, min(len(all), ArgsAtOnce))
			for i := range some {
				some[i] = all[i]
			}
			all = all[len(some):]
			if !yield(some) {
				return
			}
		}
	}
}
