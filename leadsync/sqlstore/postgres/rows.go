package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/store/identity"
	"github.com/mktows/mktows-go/operations"
)

// makeIncoming creates temporary tables in a new connection. The rows of a commit are copied into them with COPY,
// which is the fastest way into PostgreSQL, and merged into the copy from there by one statement. They are empty
// again after each transaction.
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
		attributes, id, guid, person, late, run, digest FROM incoming_activities ORDER BY key` + sqlcore.UpdateActivity
	addActivities = mergeActivities + sqlcore.SameActivity

	countActivities = `
	RETURNING xmax = 0 AS new, late)
SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new), count(*) FILTER (WHERE new AND late) FROM written`

	// otherActivities tells whether addActivities has left out an activity.
	otherActivities = `SELECT EXISTS (SELECT 1 FROM incoming_activities i JOIN activities a ON a.key = i.key
		WHERE i.guid IS NULL AND i.id IS NOT NULL AND a.digest <> i.digest)`

	mergeLeads = `WITH written AS (
	INSERT INTO leads (id, email, foreign_sys_person_id, foreign_sys_type, attributes, run, digest)
	SELECT id, email, foreign_sys_person_id, foreign_sys_type, attributes, run, digest FROM incoming_leads ORDER BY id` + sqlcore.UpdateLead + `
	RETURNING xmax = 0 AS new)
SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new), 0 FROM written`
)

// Commit writes rows, position and counts; see [store.Store].
func (p *Store) Commit(ctx context.Context, c store.Commit) (store.Counts, error) {
	return sqlcore.CommitWithRows(ctx, &p.core, c, func(ctx context.Context, t sqldb.Tx, w store.Window) (store.Counts, error) {
		tx := t.(*postgresTx).tx //nolint:forcetypeassert // postgresDB begins no other
		counts, err := writeActivities(ctx, tx, w, c.Activities)
		if err != nil {
			return counts, err
		}
		if err := sqlcore.Distrust(ctx, t, c.Rewrite); err != nil {
			return counts, err
		}
		leads, err := mergeRows(ctx, tx, "incoming_leads", leadColumns, mergeLeads,
			sqlcore.LastOfEach(c.Leads, sqlcore.LeadKey), leadValues(w))
		counts.Add(leads)
		if err == nil {
			counts.Gone, err = sqlcore.WriteGone(ctx, t, &c)
		}
		return counts, err
	})
}

// writeActivities writes the activities of a commit. Usually their keys alone say which rows they are, and one
// statement writes them while other workers write too. If one of them may be another row, what was written is undone
// to the savepoint and done again with all rows compared, and during that nobody else may write activities.
func writeActivities(ctx context.Context, tx pgx.Tx, w store.Window, all []store.ActivityRow) (store.Counts, error) {
	if len(all) == 0 {
		return store.Counts{}, nil
	}
	counts, done, err := addKnown(ctx, tx, w, all)
	if err != nil || done {
		return counts, err
	}
	// With the locks: two that waited for lockRows would wait for each other.
	if _, err := tx.Exec(ctx, `ROLLBACK TO SAVEPOINT rows`); err != nil {
		return counts, err
	}
	return addResolved(ctx, tx, w, all)
}

// addKnown writes activities whose keys say which rows they are. Done is false if one of them may be another row;
// then nothing counts that was written.
func addKnown(ctx context.Context, tx pgx.Tx, w store.Window, all []store.ActivityRow) (counts store.Counts, done bool, err error) {
	had, err := begin(ctx, tx)
	if err != nil {
		return counts, false, err
	}
	plain, shared := identity.Split(all, false)
	if had.Mixed() || had.With(sqlcore.SchemesOf(all)) != had || len(shared) > 0 {
		return counts, false, nil
	}
	counts, err = mergeRows(ctx, tx, "incoming_activities", activityColumns, addActivities+countActivities, plain, activityValues(w))
	if err != nil || counts.Inserted == int64(len(plain)) {
		return counts, true, err
	}
	var other bool
	err = tx.QueryRow(ctx, otherActivities).Scan(&other)
	return counts, !other, err
}

// begin sets a savepoint, takes the lock that keeps away whoever compares rows, and returns the schemes of the copy,
// all in one round trip.
func begin(ctx context.Context, tx pgx.Tx) (had sqlcore.Schemes, err error) {
	batch := &pgx.Batch{}
	batch.Queue(`SAVEPOINT rows`)
	batch.Queue(`SELECT pg_advisory_xact_lock_shared(` + sqldb.LockKey(lockRows) + `)`)
	batch.Queue(sqlcore.SelectSchemes).Query(func(rows pgx.Rows) error {
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		had = sqlcore.SchemesNamed(names)
		return err
	})
	err = tx.SendBatch(ctx, batch).Close()
	return had, err
}

// addResolved finds out which rows activities are and writes them, under an exclusive lock: an activity that another
// worker inserts between the comparison and the writing would end up twice in the copy.
func addResolved(ctx context.Context, tx pgx.Tx, w store.Window, all []store.ActivityRow) (store.Counts, error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(`+sqldb.LockKey(lockRows)+`)`); err != nil {
		return store.Counts{}, err
	}
	has, err := sqlcore.EnterSchemes(ctx, &postgresTx{tx}, all)
	if err != nil {
		return store.Counts{}, err
	}
	rows, unclear := identity.Clear(all, has.Mixed())
	resolver := identity.Resolver{Index: postgresIndex{tx}, Mixed: has.Mixed(), Window: &w}
	resolved, err := resolver.Resolve(ctx, unclear)
	if err != nil {
		return store.Counts{}, err
	}
	if err := rename(ctx, tx, resolved); err != nil {
		return store.Counts{}, err
	}
	for i := range resolved {
		rows = append(rows, resolved[i].ActivityRow)
	}
	return mergeRows(ctx, tx, "incoming_activities", activityColumns, mergeActivities+countActivities, rows, activityValues(w))
}

// rename gives rows other keys.
func rename(ctx context.Context, tx pgx.Tx, resolved []identity.Resolved) error {
	var was, is []string
	for i := range resolved {
		if resolved[i].Was != "" {
			was, is = append(was, resolved[i].Was), append(is, resolved[i].Key)
		}
	}
	if len(was) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE activities SET key = r.is FROM unnest($1::text[], $2::text[]) AS r (was, "is") WHERE key = r.was`, was, is)
	return err
}

// postgresIndex finds activities; see [identity.Index].
type postgresIndex struct{ tx pgx.Tx }

func (x postgresIndex) ByKey(ctx context.Context, keys []string) ([]identity.Known, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	rows, err := x.tx.Query(ctx, `SELECT key, guid IS NOT NULL, lead_id, digest FROM activities WHERE key = ANY ($1)`, keys)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (identity.Known, error) {
		var k identity.Known
		err := sqlcore.ScanKnown(row.Scan, &k)
		return k, err
	})
}

// ByRecord finds activities by id, time and type. Those with an id and those without have a query each, so that both
// can use an index; a comparison that treats NULL as equal could not.
func (x postgresIndex) ByRecord(ctx context.Context, activities []*operations.Activity) ([]identity.Known, error) {
	ids, times, types := make([]*int64, len(activities)), make([]time.Time, len(activities)), make([]string, len(activities))
	for i, a := range activities {
		if a.HasID {
			ids[i] = &a.ID
		}
		times[i], types[i] = a.Time.Truncate(time.Second), a.Type
	}
	const one = `SELECT a.key, a.guid IS NOT NULL, a.lead_id, a.digest, r.n FROM asked r JOIN activities a
		ON a.occurred_at = r.occurred_at AND a.type = r.type AND `
	rows, err := x.tx.Query(ctx, `WITH asked AS MATERIALIZED (SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[])
			WITH ORDINALITY AS u (id, occurred_at, type, n))
		`+one+`a.id = r.id UNION ALL `+one+`a.id IS NULL AND r.id IS NULL ORDER BY n, key`, ids, times, types)
	if err != nil {
		return nil, err
	}
	return collectKnown(rows, activities, identity.Record)
}

// ByMoment finds rows without a GUID by lead, time and type.
func (x postgresIndex) ByMoment(ctx context.Context, activities []*operations.Activity) ([]identity.Known, error) {
	leads, times, types := make([]int64, len(activities)), make([]time.Time, len(activities)), make([]string, len(activities))
	for i, a := range activities {
		leads[i], times[i], types[i] = a.LeadID, a.Time.Truncate(time.Second), a.Type
	}
	rows, err := x.tx.Query(ctx, `SELECT a.key, a.guid IS NOT NULL, a.lead_id, a.digest, r.n
		FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) WITH ORDINALITY AS r (lead_id, occurred_at, type, n) JOIN activities a
		ON a.guid IS NULL AND a.lead_id = r.lead_id AND a.occurred_at = r.occurred_at AND a.type = r.type ORDER BY n, key`, leads, times, types)
	if err != nil {
		return nil, err
	}
	return collectKnown(rows, activities, identity.Moment)
}

// collectKnown returns rows of the copy that belong to activities, which their last column counts from 1 on.
func collectKnown(rows pgx.Rows, activities []*operations.Activity, record func(*operations.Activity) string) ([]identity.Known, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (identity.Known, error) {
		var k identity.Known
		var n int
		err := sqlcore.ScanKnown(row.Scan, &k, &n)
		if err == nil {
			k.Record = record(activities[n-1])
		}
		return k, err
	})
}

// mergeRows copies rows into a temporary table and merges that into the table of the copy. It returns how many were
// inserted, updated and late.
func mergeRows[R any](
	ctx context.Context, tx pgx.Tx, table string, columns []string, merge string, all []R, values func(*R) []any,
) (store.Counts, error) {
	var counts store.Counts
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

// activityValues returns a function that gives the columns of an activity. The slice is used again for each row, as
// pgx has encoded a row before it asks for the next.
func activityValues(w store.Window) func(*store.ActivityRow) []any {
	values := make([]any, len(activityColumns))
	return func(a *store.ActivityRow) []any {
		return append(values[:0], a.Key, a.LeadID, a.Time.Truncate(time.Second), a.Time.Format(time.RFC3339), a.Type, a.AssetName, a.Campaign,
			string(columns.AppendAttributes(nil, a.Attributes)), sqlcore.OrNil(a.ID, a.HasID), sqlcore.OrNil(a.GUID, a.GUID != ""), sqlcore.PersonText(&a.Activity),
			a.Time.Before(w.Fresh), w.Run, a.Digest[:])
	}
}

func leadValues(w store.Window) func(*store.LeadRow) []any {
	return func(l *store.LeadRow) []any {
		return []any{
			l.ID, l.Email, l.ForeignSysPersonID, string(l.ForeignSysType), string(columns.AppendAttributes(nil, l.Attributes)), w.Run, l.Digest[:],
		}
	}
}
