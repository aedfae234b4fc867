package sqlcore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
)

// rowWriter writes the rows of a commit and counts Inserted, Updated, Late and Gone.
type rowWriter func(ctx context.Context, tx sqldb.Tx, w store.Window) (store.Counts, error)

// CommitWithRows does all of a commit; write does the rows.
func CommitWithRows(ctx context.Context, s *Store, c store.Commit, write rowWriter) (store.Counts, error) {
	var added store.Counts
	err := sqldb.InTx(ctx, s.db, func(tx sqldb.Tx) error {
		w, err := s.held(ctx, tx, c.Fence)
		if err != nil {
			return err
		}
		written, err := write(ctx, tx, w)
		if err != nil {
			return err
		}
		added = c.Counts
		added.Inserted, added.Updated, added.Late, added.Gone = written.Inserted, written.Updated, written.Late, written.Gone
		at, err := sqldb.Now(ctx, tx)
		if err != nil {
			return err
		}
		if added.Problems, err = writeProblems(ctx, tx, &w, &c, at); err != nil {
			return err
		}
		if err := s.advance(ctx, tx, c, added, at); err != nil {
			return err
		}
		if err := raiseLeadUppers(ctx, tx, c.LeadsRead, w); err != nil {
			return err
		}
		if c.Done {
			return finishRun(ctx, tx, w.Run, at)
		}
		return nil
	})
	if err != nil {
		return store.Counts{}, err
	}
	return added, nil
}

// held returns the window of a fence that holds, and keeps others from beginning it
// until the transaction ends.
func (s *Store) held(ctx context.Context, tx sqldb.Tx, f store.Fence) (store.Window, error) {
	w, err := windowByID(ctx, tx, f.Window, ``)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return w, err
	}
	if err != nil || w.State != store.Pending || w.Epoch != f.Epoch {
		return w, s.lost(f)
	}
	return w, nil
}

// advance moves the window. The fence is checked once more, where it is written.
func (s *Store) advance(ctx context.Context, tx sqldb.Tx, c store.Commit, added store.Counts, at time.Time) error {
	set, args := ``, []any{string(c.Position)}
	if c.Done {
		set, args = `, state = 'done', error = NULL, done_at = ?`, append(args, sqldb.Seconds(at))
	}
	args = append(args, added.Calls, added.Pages, added.Seen, added.Inserted, added.Updated, added.Late, added.Missing,
		added.Gone, added.Problems, c.Fence.Window, c.Fence.Epoch)
	n, err := tx.Exec(ctx, `UPDATE sync_windows SET position = ?`+set+`, calls = calls + ?, pages = pages + ?, seen = seen + ?,
		inserted = inserted + ?, updated = updated + ?, late = late + ?, missing = missing + ?,
		gone = gone + ?, problems = problems + ?
		WHERE `+withinFence, args...)
	if err == nil && n == 0 {
		err = s.lost(c.Fence)
	}
	return err
}

func raiseLeadUppers(ctx context.Context, tx sqldb.Tx, leads []string, w store.Window) error {
	if len(leads) == 0 {
		return nil
	}
	var started time.Time
	if err := sqldb.QueryRow(ctx, tx, []any{sqldb.ScanTime(&started)}, `SELECT started_at FROM sync_runs WHERE id = ?`, w.Run); err != nil {
		return err
	}
	upper := believed(w.To, started)
	for _, key := range leads {
		_, err := tx.Exec(ctx, `INSERT INTO sync_lead_uppers (lead_key, upper_bound) VALUES (?, ?)
			ON CONFLICT (lead_key) DO UPDATE SET upper_bound = excluded.upper_bound
			WHERE excluded.upper_bound > sync_lead_uppers.upper_bound`, key, sqldb.Seconds(upper))
		if err != nil {
			return err
		}
	}
	return nil
}

// finishRun ends a run without unfinished windows. It takes the row of the run first: of two
// workers that end the last two windows at once the second has to see the first.
func finishRun(ctx context.Context, tx sqldb.Tx, run int64, at time.Time) error {
	var id int64
	if err := sqldb.QueryRow(ctx, tx, []any{&id}, `SELECT id FROM sync_runs WHERE id = ?`+forUpdate(tx), run); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE sync_runs SET finished_at = ? WHERE id = ? AND finished_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM sync_windows WHERE run = sync_runs.id AND state <> 'done')`, sqldb.Seconds(at), run)
	return err
}

// LastOfEach drops all but the last of the rows that have a key in common.
func LastOfEach[K comparable, R any](all []R, key func(*R) K) []R {
	last := make(map[K]int, len(all))
	for i := range all {
		last[key(&all[i])] = i
	}
	if len(last) == len(all) {
		return all
	}
	kept := make([]R, 0, len(last))
	for i := range all {
		if last[key(&all[i])] == i {
			kept = append(kept, all[i])
		}
	}
	return kept
}

// LeadKey is what LastOfEach tells leads apart by.
func LeadKey(r *store.LeadRow) int64 { return r.ID }
