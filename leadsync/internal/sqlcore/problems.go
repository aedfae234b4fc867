package sqlcore

import (
	"context"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
)

// statusProblems is how many problems a status has.
const statusProblems = 50

// writeProblems stores the unreadable records of a commit, forgets those that are solved, and returns how many were
// not known before.
func writeProblems(ctx context.Context, tx sqldb.Tx, w *store.Window, c *store.Commit, at time.Time) (fresh int64, err error) {
	if err := forgetReadable(ctx, tx, w.Stream, c.Activities); err != nil {
		return 0, err
	}
	if c.KeepProblems != nil {
		if err := keepProblems(ctx, tx, w.Stream, c.KeepProblems); err != nil {
			return 0, err
		}
	}
	for i := range c.Problems {
		p := &c.Problems[i]
		n, err := tx.Exec(ctx, `INSERT INTO sync_problems (key, stream, run, window_id, found_at, problem, guid, record)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
			p.Key, string(w.Stream), w.Run, w.ID, sqldb.Seconds(at), p.Text, p.GUID, p.Record)
		if err != nil {
			return 0, err
		}
		fresh += n
	}
	return fresh, nil
}

// forgetReadable removes the problems of records that have now come as rows. Only a GUID can tell that it is the same
// record.
func forgetReadable(ctx context.Context, tx sqldb.Tx, stream store.StreamName, rows []store.ActivityRow) error {
	if len(rows) == 0 {
		return nil
	}
	known := map[string]bool{}
	err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var guid string
		err := scan(&guid)
		known[guid] = true
		return err
	}, `SELECT guid FROM sync_problems WHERE stream = ? AND guid <> ''`, string(stream))
	if err != nil || len(known) == 0 {
		return err
	}
	for i := range rows {
		if !known[rows[i].GUID] {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM sync_problems WHERE stream = ? AND guid = ?`, string(stream), rows[i].GUID); err != nil {
			return err
		}
	}
	return nil
}

// keepProblems removes all problems of a stream except for those with the given keys.
func keepProblems(ctx context.Context, tx sqldb.Tx, stream store.StreamName, keys []string) error {
	var solved []string
	kept := make(map[string]bool, len(keys))
	for _, key := range keys {
		kept[key] = true
	}
	err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var key string
		err := scan(&key)
		if !kept[key] {
			solved = append(solved, key)
		}
		return err
	}, `SELECT key FROM sync_problems WHERE stream = ?`, string(stream))
	if err != nil {
		return err
	}
	for some := range AtOnce(solved) {
		if _, err := tx.Exec(ctx, `DELETE FROM sync_problems WHERE key IN (`+Lists(len(some), `?`)+`)`, some...); err != nil {
			return err
		}
	}
	return nil
}

// problems returns the latest problems, newest first.
func problems(ctx context.Context, tx sqldb.Tx) ([]store.Problem, error) {
	var all []store.Problem
	err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var p store.Problem
		err := scan(&p.Key, (*string)(&p.Stream), &p.Run, &p.Window, sqldb.ScanTime(&p.Found), &p.Text, &p.GUID, &p.Record)
		all = append(all, p)
		return err
	}, `SELECT key, stream, run, window_id, found_at, problem, guid, record FROM sync_problems
		ORDER BY found_at DESC, key LIMIT ?`, statusProblems)
	return all, err
}
