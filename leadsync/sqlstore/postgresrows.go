package sqlstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/internal/columns"
)

// makeIncoming makes the tables of a connection that rows are copied into on their way. They
// are empty again after each transaction.
func makeIncoming(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `
CREATE TEMPORARY TABLE incoming_activities (
	key text, lead_id bigint, occurred_at timestamptz, occurred_local text, type text, asset text, campaign text,
	attributes jsonb, id bigint, guid text, person jsonb, late boolean, run bigint, digest bytea
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE incoming_leads (
	id bigint, email text, foreign_sys_person_id text, foreign_sys_type text, attributes jsonb, run bigint, digest bytea
) ON COMMIT DELETE ROWS`)
	return err
}

var activityColumns = []string{
	"key", "lead_id", "occurred_at", "occurred_local", "type", "asset", "campaign",
	"attributes", "id", "guid", "person", "late", "run", "digest",
}

var leadColumns = []string{"id", "email", "foreign_sys_person_id", "foreign_sys_type", "attributes", "run", "digest"}

// Rows are written in the order of their keys, so that two workers that write the same
// ones wait for each other instead of locking each other up. xmax is 0 in rows that were inserted.
const (
	mergeActivities = `WITH written AS (
	INSERT INTO activities (key, lead_id, occurred_at, occurred_local, type, asset, campaign,
		attributes, id, guid, person, late, run, digest)
	SELECT key, lead_id, occurred_at, occurred_local, type, asset, campaign,
		attributes, id, guid, person, late, run, digest FROM incoming_activities ORDER BY key` + updateActivity + `
	RETURNING xmax = 0 AS new, late)
SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new), count(*) FILTER (WHERE new AND late) FROM written`

	mergeLeads = `WITH written AS (
	INSERT INTO leads (id, email, foreign_sys_person_id, foreign_sys_type, attributes, run, digest)
	SELECT id, email, foreign_sys_person_id, foreign_sys_type, attributes, run, digest FROM incoming_leads ORDER BY id` + updateLead + `
	RETURNING xmax = 0 AS new)
SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new), 0 FROM written`
)

// Commit writes rows, position and counts; see [leadsync.Store].
func (p *Postgres) Commit(ctx context.Context, c leadsync.Commit) (leadsync.Counts, error) {
	return p.commit(ctx, c, func(ctx context.Context, t transaction, w leadsync.Window) (leadsync.Counts, error) {
		tx := t.(*postgresTx).tx //nolint:forcetypeassert // postgresDB begins no other
		counts, err := mergeRows(ctx, tx, "incoming_activities", activityColumns, mergeActivities,
			lastOfEach(c.Activities, activityKey), activityValues(w))
		if err != nil {
			return counts, err
		}
		if err := distrust(ctx, t, c.Rewrite); err != nil {
			return counts, err
		}
		leads, err := mergeRows(ctx, tx, "incoming_leads", leadColumns, mergeLeads,
			lastOfEach(c.Leads, leadKey), leadValues(w))
		counts.Add(leads)
		if err == nil {
			counts.Gone, err = writeGone(ctx, t, &c)
		}
		return counts, err
	})
}

// mergeRows copies rows into a temporary table and from there into that of the copy.
func mergeRows[R any](
	ctx context.Context, tx pgx.Tx, table string, columns []string, merge string, all []R, values func(*R) []any,
) (leadsync.Counts, error) {
	var counts leadsync.Counts
	if len(all) == 0 {
		return counts, nil
	}
	source := pgx.CopyFromSlice(len(all), func(i int) ([]any, error) { return values(&all[i]), nil })
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, source); err != nil {
		return counts, err
	}
	err := tx.QueryRow(ctx, merge).Scan(&counts.Inserted, &counts.Updated, &counts.Late)
	return counts, err
}

func activityValues(w leadsync.Window) func(*leadsync.ActivityRow) []any {
	values := make([]any, len(activityColumns))
	return func(a *leadsync.ActivityRow) []any {
		return append(values[:0], a.Key, a.LeadID, a.Time.Truncate(time.Second), a.Time.Format(time.RFC3339), a.Type, a.AssetName, a.Campaign,
			string(columns.AppendAttributes(nil, a.Attributes)), orNil(a.ID, a.HasID), orNil(a.GUID, a.GUID != ""), personText(&a.Activity),
			a.Time.Before(w.Fresh), w.Run, a.Digest[:])
	}
}

func leadValues(w leadsync.Window) func(*leadsync.LeadRow) []any {
	return func(l *leadsync.LeadRow) []any {
		return []any{
			l.ID, l.Email, l.ForeignSysPersonID, string(l.ForeignSysType), string(columns.AppendAttributes(nil, l.Attributes)), w.Run, l.Digest[:],
		}
	}
}
