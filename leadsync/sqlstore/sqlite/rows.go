package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/store/identity"
	"github.com/mktows/mktows-go/operations"
)

// writeActivity writes an activity whose row is known by its key.
const writeActivity = `INSERT INTO activities (key, lead_id, occurred_at, occurred_local, type, asset, campaign,
	attributes, id, guid, person, late, run, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)` + sqlcore.UpdateActivity

// addActivity writes an activity unless there is a row of its key that may be another one.
const addActivity = writeActivity + sqlcore.SameActivity

// Commit writes rows, position and counts; see [store.Store].
func (s *Store) Commit(ctx context.Context, c store.Commit) (store.Counts, error) {
	return s.CommitWith(ctx, c, func(ctx context.Context, tx *sql.Tx, w store.Window, mixed bool) (store.Counts, error) {
		counts, err := s.writeActivities(ctx, tx, w, c.Activities, mixed)
		if err != nil {
			return counts, err
		}
		if err := sqlcore.Distrust(ctx, &sqliteTx{tx}, c.Rewrite); err != nil {
			return counts, err
		}
		leads, err := writeLeads(ctx, tx, w, sqlcore.LastOfEach(c.Leads, sqlcore.LeadKey))
		counts.Add(leads)
		if err == nil {
			counts.Gone, err = sqlcore.WriteGone(ctx, &sqliteTx{tx}, &c)
		}
		return counts, err
	})
}

// CommitWith is Commit for rows that are kept elsewhere: write is called, inside of the
// transaction, to write those of c, and returns how many it has Inserted, Updated, found Late
// and marked as Gone.
// mixed tells whether the copy has had activities with GUIDs and without.
// All else of c is written by CommitWith. If it fails after write, what write did elsewhere is not
// committed.
func (s *Store) CommitWith(
	ctx context.Context, c store.Commit,
	write func(ctx context.Context, tx *sql.Tx, w store.Window, mixed bool) (store.Counts, error),
) (store.Counts, error) {
	return sqlcore.CommitWithRows(ctx, &s.core, c, func(ctx context.Context, tx sqldb.Tx, w store.Window) (store.Counts, error) {
		has, err := sqlcore.EnterSchemes(ctx, tx, c.Activities)
		if err != nil {
			return store.Counts{}, err
		}
		return write(ctx, tx.(*sqliteTx).tx, w, has.Mixed()) //nolint:forcetypeassert // sqliteDB begins no other
	})
}

// writeActivities writes the activities of a commit and counts them. New rows are counted by the row ids, which grow
// by one with each insert: SQLite reports how many rows a statement has written, but not how many of them were
// inserted and how many updated.
func (s *Store) writeActivities(
	ctx context.Context, tx *sql.Tx, w store.Window, all []store.ActivityRow, mixed bool,
) (store.Counts, error) {
	var counts store.Counts
	if len(all) == 0 {
		return counts, nil
	}
	var before, after int64
	const last = `SELECT coalesce(max(rowid), 0) FROM activities`
	if err := tx.QueryRowContext(ctx, last).Scan(&before); err != nil {
		return counts, err
	}
	aw := &activityWriter{store: s, tx: tx, window: &w, patient: context.WithoutCancel(ctx)}
	if err := aw.writeAll(ctx, all, mixed); err != nil {
		return counts, err
	}
	if err := tx.QueryRowContext(ctx, last).Scan(&after); err != nil {
		return counts, err
	}
	counts.Inserted = after - before
	counts.Updated = aw.written - counts.Inserted
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM activities WHERE rowid > ? AND late`, before).Scan(&counts.Late)
	return counts, err
}

// activityWriter writes the activities of one commit.
type activityWriter struct {
	store  *Store
	tx     *sql.Tx
	window *store.Window
	// patient is the context of single rows: the driver starts a goroutine for each call that can be cancelled.
	patient context.Context //nolint:containedctx // of the commit
	written int64           // rows that are new or have changed
	text    []byte          // room for attributes
}

// writeAll writes activities that have a key to themselves at once, and then those that have to be compared with rows
// of the copy. An activity with an id and no GUID is inserted if its key is free. If it is taken by a row with other
// content, that row may be another activity, and the comparison decides.
func (aw *activityWriter) writeAll(ctx context.Context, all []store.ActivityRow, mixed bool) error {
	plain, shared := identity.Split(all, mixed)
	add := aw.tx.StmtContext(ctx, aw.store.add)   //nolint:sqlclosecheck // it ends with the transaction
	says := aw.tx.StmtContext(ctx, aw.store.says) //nolint:sqlclosecheck // likewise
	for i := range plain {
		row := &plain[i]
		n, err := aw.write(ctx, add, row)
		if err != nil {
			return err
		}
		if n > 0 || row.GUID != "" || !row.HasID {
			continue
		}
		var same bool
		if err := says.QueryRowContext(aw.patient, row.Digest[:], row.Key).Scan(&same); err != nil {
			return err
		}
		if !same {
			shared = append(shared, *row)
		}
	}
	if len(shared) == 0 {
		return nil
	}
	return aw.resolve(ctx, shared, mixed)
}

// resolve finds out which rows activities are and writes them. A row that gets another key, such as one made from a
// GUID, is renamed first.
func (aw *activityWriter) resolve(ctx context.Context, shared []store.ActivityRow, mixed bool) error {
	resolver := identity.Resolver{Index: sqliteIndex{aw.tx}, Mixed: mixed, Window: aw.window}
	resolved, err := resolver.Resolve(ctx, shared)
	if err != nil {
		return err
	}
	write := aw.tx.StmtContext(ctx, aw.store.write) //nolint:sqlclosecheck // it ends with the transaction
	for i := range resolved {
		row := &resolved[i]
		if row.Was != "" {
			if _, err := aw.tx.ExecContext(ctx, `UPDATE activities SET key = ? WHERE key = ?`, row.Key, row.Was); err != nil {
				return err
			}
		}
		if _, err := aw.write(ctx, write, &row.ActivityRow); err != nil {
			return err
		}
	}
	return nil
}

// write executes a statement for one activity and returns 1 if a row was written, 0 if it was there with the same
// content. The context is checked here and not passed on, see patient.
func (aw *activityWriter) write(ctx context.Context, statement *sql.Stmt, a *store.ActivityRow) (n int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	aw.text = columns.AppendAttributes(aw.text[:0], a.Attributes)
	result, err := statement.ExecContext(aw.patient, a.Key, a.LeadID, a.Time.UTC().Format(sqldb.ToSecond), a.Time.Format(time.RFC3339),
		a.Type, a.AssetName, a.Campaign, string(aw.text), sqlcore.OrNil(a.ID, a.HasID), sqlcore.OrNil(a.GUID, a.GUID != ""), sqlcore.PersonText(&a.Activity),
		a.Time.Before(aw.window.Fresh), aw.window.Run, a.Digest[:])
	if err != nil {
		return 0, err
	}
	n, err = result.RowsAffected()
	aw.written += n
	return n, err
}

// sqliteIndex finds activities; see [identity.Index].
type sqliteIndex struct{ tx *sql.Tx }

// ByKey finds rows by their keys; see [identity.Index]. SQLite has no arrays, so the keys become parameters of an IN
// list, a bounded number in each statement.
func (x sqliteIndex) ByKey(ctx context.Context, keys []string) ([]identity.Known, error) {
	var known []identity.Known
	for some := range sqlcore.AtOnce(keys) {
		found, err := x.known(ctx, "", `key IN (`+sqlcore.Lists(len(some), `?`)+`)`, some...)
		if err != nil {
			return nil, err
		}
		known = append(known, found...)
	}
	return known, nil
}

// ByRecord finds activities by id, time and type. "IS" compares NULL as equal, for activities without an id.
func (x sqliteIndex) ByRecord(ctx context.Context, activities []*operations.Activity) ([]identity.Known, error) {
	var known []identity.Known
	for _, a := range activities {
		found, err := x.known(ctx, identity.Record(a), `id IS ? AND occurred_at = ? AND type = ? ORDER BY rowid`,
			sqlcore.OrNil(a.ID, a.HasID), a.Time.UTC().Format(sqldb.ToSecond), a.Type)
		if err != nil {
			return nil, err
		}
		known = append(known, found...)
	}
	return known, nil
}

// ByMoment finds rows without a GUID by lead, time and type; see [identity.Index].
func (x sqliteIndex) ByMoment(ctx context.Context, activities []*operations.Activity) ([]identity.Known, error) {
	var known []identity.Known
	for _, a := range activities {
		found, err := x.known(ctx, identity.Moment(a), `guid IS NULL AND lead_id = ? AND occurred_at = ? AND type = ? ORDER BY rowid`,
			a.LeadID, a.Time.UTC().Format(sqldb.ToSecond), a.Type)
		if err != nil {
			return nil, err
		}
		known = append(known, found...)
	}
	return known, nil
}

// known returns the rows that fulfil a condition. record is what Known.Record of all of them is.
func (x sqliteIndex) known(ctx context.Context, record, where string, args ...any) ([]identity.Known, error) {
	rows, err := x.tx.QueryContext(ctx, `SELECT key, guid IS NOT NULL, lead_id, digest FROM activities WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var known []identity.Known
	for rows.Next() {
		k := identity.Known{Record: record}
		if err := sqlcore.ScanKnown(rows.Scan, &k); err != nil {
			return nil, err
		}
		known = append(known, k)
	}
	return known, rows.Err()
}

// writeLeads writes leads, many in one statement, and counts how many existed before, since SQLite tells inserts and
// updates apart in no other way.
func writeLeads(ctx context.Context, tx *sql.Tx, w store.Window, all []store.LeadRow) (store.Counts, error) {
	var counts store.Counts
	for len(all) > 0 {
		some := all[:min(len(all), sqlcore.ArgsAtOnce)]
		all = all[len(some):]
		had, err := countLeads(ctx, tx, some)
		if err != nil {
			return counts, err
		}
		var args []any
		for i := range some {
			l := &some[i]
			args = append(args, l.ID, l.Email, l.ForeignSysPersonID, string(l.ForeignSysType),
				string(columns.AppendAttributes(nil, l.Attributes)), w.Run, l.Digest[:])
		}
		//nolint:gosec // what is concatenated are question marks
		result, err := tx.ExecContext(ctx, `INSERT INTO leads (id, email, foreign_sys_person_id, foreign_sys_type, attributes, run, digest)
			VALUES `+sqlcore.Lists(len(some), `(?, ?, ?, ?, ?, ?, ?)`)+sqlcore.UpdateLead, args...)
		if err != nil {
			return counts, err
		}
		written, err := result.RowsAffected()
		if err != nil {
			return counts, err
		}
		inserted := int64(len(some)) - had
		counts.Inserted += inserted
		counts.Updated += written - inserted
	}
	return counts, nil
}

// countLeads returns how many of the leads the copy has.
func countLeads(ctx context.Context, tx *sql.Tx, some []store.LeadRow) (n int64, err error) {
	ids := make([]any, len(some))
	for i := range some {
		ids[i] = some[i].ID
	}
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM leads WHERE id IN (`+sqlcore.Lists(len(ids), `?`)+`)`, ids...).Scan(&n)
	return n, err
}
