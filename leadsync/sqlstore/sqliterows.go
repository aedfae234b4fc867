package sqlstore

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/operations"
)

const upsertActivity = `INSERT INTO activities (key, lead_id, occurred_at, occurred_local, type, asset, campaign,
	attributes, id, guid, person, late, run, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)` + updateActivity

// updateActivity leaves a row that says the same as it is.
const updateActivity = `
	ON CONFLICT (key) DO UPDATE SET lead_id = excluded.lead_id, occurred_at = excluded.occurred_at,
		occurred_local = excluded.occurred_local, type = excluded.type, asset = excluded.asset, campaign = excluded.campaign,
		attributes = excluded.attributes, id = excluded.id, guid = excluded.guid,
		person = coalesce(excluded.person, activities.person), run = excluded.run, digest = excluded.digest
	WHERE activities.digest <> excluded.digest OR activities.person IS NULL AND excluded.person IS NOT NULL`

const updateLead = `
	ON CONFLICT (id) DO UPDATE SET email = excluded.email, foreign_sys_person_id = excluded.foreign_sys_person_id,
		foreign_sys_type = excluded.foreign_sys_type, attributes = excluded.attributes, run = excluded.run, digest = excluded.digest,
		gone_at = NULL
	WHERE leads.digest <> excluded.digest OR leads.gone_at IS NOT NULL`

// Commit writes rows, position and counts; see [leadsync.Store].
func (s *SQLite) Commit(ctx context.Context, c leadsync.Commit) (leadsync.Counts, error) {
	return s.CommitWith(ctx, c, func(ctx context.Context, tx *sql.Tx, w leadsync.Window) (leadsync.Counts, error) {
		counts, err := s.writeActivities(ctx, tx, w, lastOfEach(c.Activities, activityKey))
		if err != nil {
			return counts, err
		}
		if err := distrust(ctx, &sqliteTx{tx}, c.Rewrite); err != nil {
			return counts, err
		}
		leads, err := writeLeads(ctx, tx, w, lastOfEach(c.Leads, leadKey))
		counts.Add(leads)
		if err == nil {
			counts.Gone, err = writeGone(ctx, &sqliteTx{tx}, &c)
		}
		return counts, err
	})
}

// CommitWith is Commit for rows that are kept elsewhere: write is called, inside of the
// transaction, to write those of c, and returns how many it has Inserted, Updated, found Late
// and marked as Gone.
// All else of c is written by CommitWith. If it fails after write, what write did elsewhere is not
// committed.
func (s *SQLite) CommitWith(
	ctx context.Context, c leadsync.Commit, write func(ctx context.Context, tx *sql.Tx, w leadsync.Window) (leadsync.Counts, error),
) (leadsync.Counts, error) {
	return s.commit(ctx, c, func(ctx context.Context, tx transaction, w leadsync.Window) (leadsync.Counts, error) {
		return write(ctx, tx.(*sqliteTx).tx, w) //nolint:forcetypeassert // sqliteDB begins no other
	})
}

// writeActivities counts by the row ids, which grow by one with each new row.
func (s *SQLite) writeActivities(ctx context.Context, tx *sql.Tx, w leadsync.Window, all []leadsync.ActivityRow) (leadsync.Counts, error) {
	var counts leadsync.Counts
	if len(all) == 0 {
		return counts, nil
	}
	var before, after int64
	const last = `SELECT coalesce(max(rowid), 0) FROM activities`
	if err := tx.QueryRowContext(ctx, last).Scan(&before); err != nil {
		return counts, err
	}
	stmt := tx.StmtContext(ctx, s.activities) //nolint:sqlclosecheck // it ends with the transaction
	patient := context.WithoutCancel(ctx)     // the driver starts a goroutine for each call that can be cancelled
	var written int64
	var text []byte
	for i := range all {
		if err := ctx.Err(); err != nil {
			return counts, err
		}
		a := &all[i]
		text = columns.AppendAttributes(text[:0], a.Attributes)
		result, err := stmt.ExecContext(patient, a.Key, a.LeadID, a.Time.UTC().Format(toSecond), a.Time.Format(time.RFC3339),
			a.Type, a.AssetName, a.Campaign, string(text), orNil(a.ID, a.HasID), orNil(a.GUID, a.GUID != ""), personText(&a.Activity),
			a.Time.Before(w.Fresh), w.Run, a.Digest[:])
		if err != nil {
			return counts, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return counts, err
		}
		written += n
	}
	if err := tx.QueryRowContext(ctx, last).Scan(&after); err != nil {
		return counts, err
	}
	counts.Inserted = after - before
	counts.Updated = written - counts.Inserted
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM activities WHERE rowid > ? AND late`, before).Scan(&counts.Late)
	return counts, err
}

func orNil[T any](value T, there bool) any {
	if !there {
		return nil
	}
	return value
}

// personText is the column person, null if nothing is known.
func personText(a *operations.Activity) any {
	text := columns.Person(a)
	return orNil(string(text), text != nil)
}

// leadsAtOnce keeps a statement below SQLite's limit of 32,766 arguments.
const leadsAtOnce = 1000

func writeLeads(ctx context.Context, tx *sql.Tx, w leadsync.Window, all []leadsync.LeadRow) (leadsync.Counts, error) {
	var counts leadsync.Counts
	for len(all) > 0 {
		some := all[:min(len(all), leadsAtOnce)]
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
			VALUES `+lists(len(some), `(?, ?, ?, ?, ?, ?, ?)`)+updateLead, args...)
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

func countLeads(ctx context.Context, tx *sql.Tx, some []leadsync.LeadRow) (n int64, err error) {
	ids := make([]any, len(some))
	for i := range some {
		ids[i] = some[i].ID
	}
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM leads WHERE id IN (`+lists(len(ids), `?`)+`)`, ids...).Scan(&n)
	return n, err
}

func lists(n int, one string) string { return strings.Repeat(one+`, `, n-1) + one }
