package sqlquota

import (
	"context"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/quota"
)

// Keeper is a [quota.Keeper] over a database.
type Keeper struct{ db sqldb.DB }

// New returns the keeper of a database, which has its tables.
func New(db sqldb.DB) *Keeper { return &Keeper{db: db} }

// Limiter keeps calls within limits; see [quota.Keeper].
func (k *Keeper) Limiter(instance, worker string, l quota.Limits) quota.Limiter {
	return NewLimiter(k.db, instance, worker, l)
}

// deadFor is how long a dead worker is remembered, for the status.
const deadFor = time.Hour

// Heartbeat says that a worker lives; see [quota.Keeper].
func (k *Keeper) Heartbeat(ctx context.Context, worker string, lease time.Duration) error {
	return sqldb.InTx(ctx, k.db, func(tx sqldb.Tx) error {
		at, err := sqldb.Now(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO sync_workers (name, until) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET until = excluded.until`, worker, sqldb.Millis(at.Add(lease)))
		return err
	})
}

// Retire ends a worker's life; see [quota.Keeper].
func (k *Keeper) Retire(ctx context.Context, worker string) error {
	return sqldb.InTx(ctx, k.db, func(tx sqldb.Tx) error {
		at, err := sqldb.Now(ctx, tx)
		if err != nil {
			return err
		}
		// Those that are dead for long, and whose calls count no more, are forgotten too.
		if _, err := tx.Exec(ctx, `DELETE FROM sync_workers WHERE name = ? OR until <= ?`, worker, sqldb.Millis(at.Add(-deadFor))); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE sync_calls SET ended = ? WHERE worker = ? AND ended IS NULL`, sqldb.Millis(at), worker)
		return err
	})
}

// formerWorkers is the name in sync_workers for all workers of processes that are gone.
const formerWorkers = ""

// ForgetAll forgets all workers, because they belonged to a process that is gone. The service may still be busy with
// their calls, so those count until the last of the leases would have ended.
func ForgetAll(ctx context.Context, tx sqldb.Tx, at time.Time) error {
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`UPDATE sync_calls SET worker = ? WHERE ended IS NULL`, []any{formerWorkers}},
		{`INSERT INTO sync_workers (name, until) SELECT ?, max(until) FROM sync_workers WHERE until > ? HAVING count(*) > 0
			ON CONFLICT (name) DO UPDATE SET until = excluded.until`, []any{formerWorkers, sqldb.Millis(at)}},
		{`DELETE FROM sync_workers WHERE name <> ?`, []any{formerWorkers}},
	} {
		if _, err := tx.Exec(ctx, step.query, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// Workers are those that live, and those that died lately; see [quota.Registry].
func (k *Keeper) Workers(ctx context.Context) (all []quota.Worker, err error) {
	err = sqldb.InRead(ctx, k.db, func(tx sqldb.Tx) (err error) {
		all, err = WorkersIn(ctx, tx)
		return err
	})
	return all, err
}

// WorkersIn are the workers that live, and those that died lately.
func WorkersIn(ctx context.Context, tx sqldb.Tx) ([]quota.Worker, error) {
	at, err := sqldb.Now(ctx, tx)
	if err != nil {
		return nil, err
	}
	var all []quota.Worker
	err = sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var w quota.Worker
		err := scan(&w.Name, sqldb.ScanTime(&w.Until))
		w.Alive = w.Until.After(at)
		all = append(all, w)
		return err
	}, `SELECT name, until FROM sync_workers WHERE name <> ? AND until > ? ORDER BY name`, formerWorkers, sqldb.Millis(at.Add(-deadFor)))
	return all, err
}

// UsedToday is what was used of each instance's quota today.
func UsedToday(ctx context.Context, tx sqldb.Tx) ([]quota.Used, error) {
	at, err := sqldb.Now(ctx, tx)
	if err != nil {
		return nil, err
	}
	var all []quota.Used
	err = sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var u quota.Used
		err := scan(&u.Instance, &u.Calls, sqldb.ScanTime(&u.ResetsAt))
		all = append(all, u)
		return err
	}, `SELECT instance, max(used), max(resets_at) FROM sync_quotas WHERE resets_at > ? GROUP BY instance ORDER BY instance`, sqldb.Seconds(at))
	return all, err
}
