package sqlcore

import (
	"context"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/internal/sqlquota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// statusRuns is how many runs a status has.
const statusRuns = 50

// Status reports on everything; see [store.Store].
func (s *Store) Status(ctx context.Context) (store.Status, error) {
	st := store.Status{Copy: s.name}
	err := sqldb.InRead(ctx, s.db, func(tx sqldb.Tx) error {
		var err error
		if st.Version, err = Copies.Version(ctx, tx); err != nil {
			return err
		}
		if st.Streams, err = streams(ctx, tx); err != nil {
			return err
		}
		if st.Runs, err = runsWhere(ctx, tx, `SELECT * FROM sync_runs ORDER BY id DESC LIMIT ?`, statusRuns); err != nil {
			return err
		}
		if st.Workers, err = workers(ctx, tx); err != nil {
			return err
		}
		if st.Quotas, err = quotas(ctx, tx); err != nil {
			return err
		}
		if st.Problems, err = problems(ctx, tx); err != nil {
			return err
		}
		return sqldb.QueryRow(ctx, tx, []any{&st.Activities, &st.Leads, &st.Gone}, `SELECT (SELECT count(*) FROM activities),
			(SELECT count(*) FROM leads), (SELECT count(*) FROM leads WHERE gone_at IS NOT NULL)`)
	})
	return st, err
}

// Run reports on one run; see [store.Store].
func (s *Store) Run(ctx context.Context, id int64) (store.RunStatus, error) {
	var runs []store.RunStatus
	err := sqldb.InRead(ctx, s.db, func(tx sqldb.Tx) (err error) {
		runs, err = runsWhere(ctx, tx, `SELECT * FROM sync_runs WHERE id = ?`, id)
		return err
	})
	if err != nil || len(runs) == 0 {
		return store.RunStatus{}, err
	}
	return runs[0], nil
}

// sumCounts sums the counts of windows. The casts are needed because PostgreSQL's sum of bigints is a numeric.
const sumCounts = `CAST(coalesce(sum(w.calls), 0) AS bigint), CAST(coalesce(sum(w.pages), 0) AS bigint),
	CAST(coalesce(sum(w.seen), 0) AS bigint), CAST(coalesce(sum(w.inserted), 0) AS bigint),
	CAST(coalesce(sum(w.updated), 0) AS bigint), CAST(coalesce(sum(w.late), 0) AS bigint),
	CAST(coalesce(sum(w.missing), 0) AS bigint), CAST(coalesce(sum(w.gone), 0) AS bigint),
	CAST(coalesce(sum(w.problems), 0) AS bigint)`

// runsWhere returns the runs that a query of sync_runs selects, newest first.
func runsWhere(ctx context.Context, tx sqldb.Tx, selected string, args ...any) ([]store.RunStatus, error) {
	var all []store.RunStatus
	err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var r store.RunStatus
		err := scan(append([]any{
			&r.ID, (*string)(&r.Stream), sqldb.ScanTime(&r.Upper), sqldb.ScanTime(&r.Started), sqldb.ScanTime(&r.Finished),
			&r.Windows, &r.Done, &r.Failed, &r.Error,
		}, countDest(&r.Counts)...)...)
		all = append(all, r)
		return err
	}, `SELECT r.id, r.stream, r.upper_bound, r.started_at, r.finished_at,
		count(w.id), count(CASE WHEN w.state = 'done' THEN 1 END), count(CASE WHEN w.state = 'failed' THEN 1 END),
		coalesce((SELECT error FROM sync_windows WHERE run = r.id AND state = 'failed' AND state <> 'done'
			ORDER BY from_time, id LIMIT 1), ''), `+sumCounts+`
		FROM (`+selected+`) r LEFT JOIN sync_windows w ON w.run = r.id
		GROUP BY r.id, r.stream, r.upper_bound, r.started_at, r.finished_at ORDER BY r.id DESC`, args...)
	return all, err
}

// streams returns the state of each stream, with sums over all of its windows.
func streams(ctx context.Context, tx sqldb.Tx) ([]store.StreamStatus, error) {
	var all []store.StreamStatus
	err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var st store.StreamStatus
		err := scan(append([]any{
			(*string)(&st.Name), &st.Query, sqldb.ScanTime(&st.Since), &st.Pending, &st.Failed, &st.Done, &st.Problem, &st.Unreadable,
		}, countDest(&st.Counts)...)...)
		all = append(all, st)
		return err
	}, `SELECT s.name, s.query, s.since,
		count(CASE WHEN w.state = 'pending' THEN 1 END), count(CASE WHEN w.state = 'failed' THEN 1 END), count(CASE WHEN w.state = 'done' THEN 1 END),
		coalesce((SELECT error FROM sync_windows WHERE stream = s.name AND state = 'failed' AND state <> 'done'
			ORDER BY from_time, id LIMIT 1), ''), (SELECT count(*) FROM sync_problems WHERE stream = s.name), `+sumCounts+`
		FROM sync_streams s LEFT JOIN sync_windows w ON w.stream = s.name
		GROUP BY s.name, s.query, s.since ORDER BY s.name`)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Complete, err = complete(ctx, tx, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// complete returns up to when a stream is copied. That is where the first unfinished window begins to read something
// new (but not beyond the bound of its run); without one, it is the bound of the last run.
func complete(ctx context.Context, tx sqldb.Tx, st *store.StreamStatus) (time.Time, error) {
	var unfinished, upper time.Time
	err := sqldb.QueryRow(ctx, tx, []any{sqldb.ScanTime(&unfinished), sqldb.ScanTime(&upper)}, `SELECT
		(SELECT min(CASE WHEN upper_bound < begin THEN upper_bound ELSE begin END) FROM (
			SELECT upper_bound, CASE WHEN fresh_from > from_time THEN fresh_from ELSE from_time END AS begin
			FROM sync_windows w JOIN sync_runs r ON r.id = w.run WHERE w.stream = ? AND w.state <> 'done') unfinished),
		(SELECT upper_bound FROM sync_runs WHERE stream = ? AND finished_at IS NOT NULL AND id > `+begunAfter+` ORDER BY id DESC LIMIT 1)`,
		string(st.Name), string(st.Name), string(st.Name))
	if err != nil {
		return time.Time{}, err
	}
	until := upper
	if !unfinished.IsZero() {
		until = unfinished
	}
	if !until.After(st.Since) {
		return time.Time{}, nil // nothing yet
	}
	return until, nil
}

func quotas(ctx context.Context, tx sqldb.Tx) ([]store.InstanceQuota, error) {
	used, err := sqlquota.UsedToday(ctx, tx)
	var all []store.InstanceQuota
	for _, u := range used {
		all = append(all, store.InstanceQuota{Instance: u.Instance, Used: u.Calls, ResetsAt: u.ResetsAt})
	}
	return all, err
}

// workers are those that live or died lately.
func workers(ctx context.Context, tx sqldb.Tx) ([]store.WorkerStatus, error) {
	known, err := sqlquota.WorkersIn(ctx, tx)
	var all []store.WorkerStatus
	for _, w := range known {
		all = append(all, store.WorkerStatus(w))
	}
	return all, err
}
