package sqlquota

import (
	"context"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/quota"
)

// refused returns the error for calls after the service has said that the day's calls are used up, if the database
// keeps no quota itself.
func (l *Limiter) refused(now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.exhausted) {
		return quotaError(now, "the service has refused a call of this day for %.100q", l.instance)
	}
	return nil
}

// check refuses calls that cannot be made however long they wait: the worker is not registered, or the quota is used
// up.
func (l *Limiter) check(s state, now time.Time) error {
	if s.alive == 0 {
		return fmt.Errorf("worker %s: %w: it has not been heard of for longer than its lease, so that its calls would not count",
			l.worker, quota.ErrNoWorker)
	}
	if l.limits.Daily < 0 || s.used < l.limits.Daily-l.limits.Reserve {
		return nil
	}
	return quotaError(now, "%d of the %d calls a day for %.100q are used, and %d are kept in reserve",
		s.used, l.limits.Daily, l.instance, l.limits.Reserve)
}

// quotaError returns a QuotaError without a fault, since the service was not asked.
func quotaError(now time.Time, format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, &fault.QuotaError{ResetsAt: fault.NextReset(now)})...)
}

// day is the key of a day's quota: its end.
func day(now time.Time) any { return sqldb.Seconds(fault.NextReset(now)) }

// Quota implements quota.Limiter.
func (l *Limiter) Quota(ctx context.Context) (quota.Status, error) {
	q := quota.Status{Daily: l.limits.Daily, Reserve: l.limits.Reserve}
	if l.limits.Calls > 0 {
		q.PerCall = l.limits.Per / time.Duration(l.limits.Calls)
	}
	err := sqldb.InRead(ctx, l.DB, func(tx sqldb.Tx) error {
		now, err := l.Now(ctx, tx)
		if err != nil {
			return err
		}
		q.ResetsAt = fault.NextReset(now)
		return sqldb.QueryRow(ctx, tx, []any{&q.Used}, `SELECT coalesce(max(used), 0) FROM sync_quotas
			WHERE instance = ? AND resets_at > ? AND resets_at <= ?`, l.instance, sqldb.Seconds(now), day(now))
	})
	return q, err
}

// Exhausted implements quota.Limiter. Where no quota is kept, it holds for the calls of this
// limiter; other workers learn it from the service as well.
func (l *Limiter) Exhausted(ctx context.Context) error {
	if l.limits.Daily < 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.exhausted = refusedUntil(time.Now())
		return nil
	}
	return l.locked(ctx, nil, func(tx sqldb.Tx, now time.Time) error {
		_, err := tx.Exec(ctx, `INSERT INTO sync_quotas (instance, resets_at, used) VALUES (?, ?, ?)
			ON CONFLICT (instance, resets_at) DO UPDATE SET used = excluded.used WHERE sync_quotas.used < excluded.used`,
			l.instance, sqldb.Seconds(refusedUntil(now)), l.limits.Daily)
		return err
	})
}

// refusedUntil returns until when the service is not asked again after it has refused a call for the day. Shortly
// after the turn of the day the refusal may still be meant for the day before: clocks differ, and by the
// documentation the day turns at midnight CST also in summer. So then it is a quarter of an hour and not a whole day.
func refusedUntil(now time.Time) time.Time {
	if !fault.NextReset(now.Add(-90 * time.Minute)).After(now) {
		return now.Add(15 * time.Minute)
	}
	return fault.NextReset(now)
}

// Add counts calls of this day that were made while the database could not be written, and stores which calls have ended.
func (l *Limiter) Add(ctx context.Context, calls int) error {
	return l.locked(ctx, l.ToSave(), func(tx sqldb.Tx, now time.Time) error {
		_, err := tx.Exec(ctx, `INSERT INTO sync_quotas (instance, resets_at, used) VALUES (?, ?, ?)
			ON CONFLICT (instance, resets_at) DO UPDATE SET used = sync_quotas.used + excluded.used`, l.instance, day(now), calls)
		return err
	})
}
