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

// CommitWithRows makes a commit, in one transaction: it checks the fence, lets write write the rows, stores the
// problems, the position and the counts, and ends the run with its last window.
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

// held returns the window of a fence if that is still valid, and locks its row, so that nobody else can begin the
// window before the transaction ends.
func (s *Store) held(ctx context.Context, tx sqldb.Tx, f store.Fence) (store.Window, error) {
	w, err := windowByID(ctx, tx, f.Window, ``)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return w, err
	}
	if err != nil || w.State != store.WindowPending || w.Epoch != f.Epoch {
		return w, s.lost(f)
	}
	return w, nil
}

// advance stores the position and the counts of a window. The statement checks the fence once more, which costs
// nothing and does not depend on the lock.
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

// raiseLeadUppers records up to when the histories of leads were read. A bound is only ever raised: two windows may
// have the same lead.
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

// finishRun ends a run without unfinished windows. It locks the row of the run first: if two workers commit the last
// two windows at the same time, the second one has to see that the first is done, or the run would never end.
func finishRun(ctx context.Context, tx sqldb.Tx, run int64, at time.Time) error {
	var id int64
	if err := sqldb.QueryRow(ctx, tx, []any{&id}, `SELECT id FROM sync_runs WHERE id = ?`+forUpdate(tx), run); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE sync_runs SET finished_at = ? WHERE id = ? AND finished_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM sync_windows WHERE run = sync_runs.id AND state <> 'done')`, sqldb.Seconds(at), run)
	return err
}

// LastOfEach drops all rows but the last one of each key. PostgreSQL refuses a statement that would update a row
// twice.
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
