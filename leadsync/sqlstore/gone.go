package sqlstore

import (
	"context"
	"time"

	"github.com/mktows/mktows-go/leadsync"
)

// markGone marks the leads that are not marked yet, and returns how many.
func markGone(ctx context.Context, tx transaction, ids []int64, at time.Time) (marked int64, err error) {
	for some := range atOnce(ids) {
		args := append([]any{seconds(at)}, some...)
		n, err := tx.exec(ctx, `UPDATE leads SET gone_at = ? WHERE gone_at IS NULL AND id IN (`+lists(len(some), `?`)+`)`, args...)
		if err != nil {
			return marked, err
		}
		marked += n
	}
	return marked, nil
}

// distrust makes rows of leads differ from all that can be written.
func distrust(ctx context.Context, tx transaction, ids []int64) error {
	for some := range atOnce(ids) {
		args := append([]any{[]byte{}}, some...)
		if _, err := tx.exec(ctx, `UPDATE leads SET digest = ? WHERE id IN (`+lists(len(some), `?`)+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}

// removeActivities removes rows by their keys.
func removeActivities(ctx context.Context, tx transaction, keys []string) error {
	for some := range atOnce(keys) {
		if _, err := tx.exec(ctx, `DELETE FROM activities WHERE key IN (`+lists(len(some), `?`)+`)`, some...); err != nil {
			return err
		}
	}
	return nil
}

// writeGone does what a commit says of rows that the service no longer has, after its rows were
// written.
func writeGone(ctx context.Context, tx transaction, c *leadsync.Commit) (gone int64, err error) {
	if len(c.Gone)+len(c.Removed) == 0 {
		return 0, nil
	}
	at, err := now(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := removeActivities(ctx, tx, c.Removed); err != nil {
		return 0, err
	}
	return markGone(ctx, tx, c.Gone, at)
}

// PresentLeads returns the leads that are there; see [leadsync.Store].
func (s *store) PresentLeads(ctx context.Context, ids []int64) ([]int64, error) {
	var present []int64
	err := inRead(ctx, s.db, func(tx transaction) error {
		for some := range atOnce(ids) {
			err := queryAll(ctx, tx, func(scan func(...any) error) error {
				var id int64
				err := scan(&id)
				present = append(present, id)
				return err
			}, `SELECT id FROM leads WHERE gone_at IS NULL AND id IN (`+lists(len(some), `?`)+`) ORDER BY id`, some...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return present, err
}

// atOnce yields so many arguments as a statement takes.
func atOnce[T any](all []T) func(yield func([]any) bool) {
	return func(yield func([]any) bool) {
		for len(all) > 0 {
			some := make([]any, min(len(all), argsAtOnce))
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
