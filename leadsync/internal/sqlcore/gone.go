package sqlcore

import (
	"context"
	"time"

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

// Distrust gives leads an empty digest, which no content has, so that the next writing of them is not taken for
// unnecessary.
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

// WriteGone marks leads and removes activities that the service no longer has. It comes after the rows of a commit,
// so that a lead which is in both ends up marked.
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

// AtOnce yields the elements of a list in portions that one statement can take as arguments.
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
