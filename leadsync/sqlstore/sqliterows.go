package sqlstore

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/leadsync/internal/identity"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// writeActivity writes an activity whose row is known by its key.
const writeActivity = `INSERT INTO activities (key, lead_id, occurred_at, occurred_local, type, asset, campaign,
	attributes, id, guid, person, late, run, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)` + updateActivity

// addActivity writes an activity unless there is a row of its key that may be another one.
const addActivity = writeActivity + sameActivity

// updateActivity leaves a row that says the same as it is. What only some endpoints and operations tell
// stays where it is known.
const updateActivity = `
	ON CONFLICT (key) DO UPDATE SET lead_id = excluded.lead_id, occurred_at = excluded.occurred_at,
		occurred_local = excluded.occurred_local, type = excluded.type, asset = excluded.asset, campaign = excluded.campaign,
		attributes = excluded.attributes, id = coalesce(excluded.id, activities.id), guid = coalesce(excluded.guid, activities.guid),
		person = coalesce(excluded.person, activities.person), run = excluded.run, digest = excluded.digest
	WHERE (activities.digest <> excluded.digest OR activities.person IS NULL AND excluded.person IS NOT NULL
		OR excluded.id IS NOT NULL AND activities.id IS DISTINCT FROM excluded.id
		OR excluded.guid IS NOT NULL AND activities.guid IS NULL)`

// sameActivity leaves a row alone that may be of another activity with the same id, time and type.
const sameActivity = `
	AND (excluded.guid IS NOT NULL OR excluded.id IS NULL OR activities.digest = excluded.digest)`

const updateLead = `
	ON CONFLICT (id) DO UPDATE SET email = excluded.email, foreign_sys_person_id = excluded.foreign_sys_person_id,
		foreign_sys_type = excluded.foreign_sys_type, attributes = excluded.attributes, run = excluded.run, digest = excluded.digest,
		gone_at = NULL
	WHERE leads.digest <> excluded.digest OR leads.gone_at IS NOT NULL`

// Commit writes rows, position and counts; see [store.Store].
func (s *SQLite) Commit(ctx context.Context, c store.Commit) (store.Counts, error) {
	return s.CommitWith(ctx, c, func(ctx context.Context, tx *sql.Tx, w store.Window, mixed bool) (store.Counts, error) {
		counts, err := s.writeActivities(ctx, tx, w, &c, mixed)
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
// mixed tells whether the copy has had activities with GUIDs and without.
// All else of c is written by CommitWith. If it fails after write, what write did elsewhere is not
// committed.
func (s *SQLite) CommitWith(
	ctx context.Context, c store.Commit,
	write func(ctx context.Context, tx *sql.Tx, w store.Window, mixed bool) (store.Counts, error),
) (store.Counts, error) {
	return s.commit(ctx, c, func(ctx context.Context, tx transaction, w store.Window) (store.Counts, error) {
		has, err := enterSchemes(ctx, tx, c.Activities)
		if err != nil {
			return store.Counts{}, err
		}
		return write(ctx, tx.(*sqliteTx).tx, w, has.mixed()) //nolint:forcetypeassert // sqliteDB begins no other
	})
}

// writeActivities counts by the row ids, which grow by one with each new row.
func (s *SQLite) writeActivities(
	ctx context.Context, tx *sql.Tx, w store.Window, c *store.Commit, mixed bool,
) (store.Counts, error) {
	var counts store.Counts
	if len(c.Activities)+len(c.Gone) == 0 {
		return counts, nil
	}
	var before, after int64
	const last = `SELECT coalesce(max(rowid), 0) FROM activities`
	if err := tx.QueryRowContext(ctx, last).Scan(&before); err != nil {
		return counts, err
	}
	aw := &activityWriter{store: s, tx: tx, window: &w, patient: context.WithoutCancel(ctx)}
	aw.resolver = identity.Resolver{Index: sqliteIndex{tx}, Mixed: mixed, Window: &w, Gone: goneIn(&sqliteTx{tx}, c)}
	if err := aw.writeAll(ctx, c.Activities); err != nil {
		return counts, err
	}
	if err := tx.QueryRowContext(ctx, last).Scan(&after); err != nil {
		return counts, err
	}
	counts.Inserted = after - before
	counts.Updated = aw.written - counts.Inserted
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM activities WHERE rowid > ? AND late`, before).Scan(&counts.Late); err != nil {
		return counts, err
	}
	return counts, dropDoubles(ctx, &sqliteTx{tx}, &aw.resolver, c)
}

// activityWriter writes the activities of a commit into SQLite.
type activityWriter struct {
	store    *SQLite
	tx       *sql.Tx
	window   *store.Window
	resolver identity.Resolver
	// patient is the context of single rows: the driver starts a goroutine for each call that can be cancelled.
	patient context.Context //nolint:containedctx // of the commit
	written int64           // rows that are new or have changed
	text    []byte          // room for attributes
}

// writeAll writes what has a key to itself at once, and then what has to be compared with rows.
func (aw *activityWriter) writeAll(ctx context.Context, all []store.ActivityRow) error {
	plain, shared := identity.Split(all, aw.resolver.Mixed)
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
	return aw.resolve(ctx, shared)
}

// resolve finds out which rows activities are, and writes them.
func (aw *activityWriter) resolve(ctx context.Context, shared []store.ActivityRow) error {
	resolved, err := aw.resolver.Resolve(ctx, shared)
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

// write runs a statement for an activity, and returns whether it has written it.
func (aw *activityWriter) write(ctx context.Context, statement *sql.Stmt, a *store.ActivityRow) (n int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	aw.text = columns.AppendAttributes(aw.text[:0], a.Attributes)
	result, err := statement.ExecContext(aw.patient, a.Key, a.LeadID, a.Time.UTC().Format(toSecond), a.Time.Format(time.RFC3339),
		a.Type, a.AssetName, a.Campaign, string(aw.text), orNil(a.ID, a.HasID), orNil(a.GUID, a.GUID != ""), personText(&a.Activity),
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

func (x sqliteIndex) ByKey(ctx context.Context, keys []string) ([]identity.Known, error) {
	var known []identity.Known
	for some := range atOnce(keys) {
		found, err := x.known(ctx, "", `key IN (`+lists(len(some), `?`)+`)`, some...)
		if err != nil {
			return nil, err
		}
		known = append(known, found...)
	}
	return known, nil
}

func (x sqliteIndex) ByRecord(ctx context.Context, activities []*operations.Activity) ([]identity.Known, error) {
	var known []identity.Known
	for _, a := range activities {
		found, err := x.known(ctx, identity.Record(a), `id IS ? AND occurred_at = ? AND type = ? ORDER BY rowid`,
			orNil(a.ID, a.HasID), a.Time.UTC().Format(toSecond), a.Type)
		if err != nil {
			return nil, err
		}
		known = append(known, found...)
	}
	return known, nil
}

func (x sqliteIndex) known(ctx context.Context, record, where string, args ...any) ([]identity.Known, error) {
	rows, err := x.tx.QueryContext(ctx, `SELECT key, guid IS NOT NULL, lead_id, digest FROM activities WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var known []identity.Known
	for rows.Next() {
		k := identity.Known{Record: record}
		if err := scanKnown(rows.Scan, &k); err != nil {
			return nil, err
		}
		known = append(known, k)
	}
	return known, rows.Err()
}

func scanKnown(scan func(...any) error, k *identity.Known, more ...any) error {
	var digest []byte
	err := scan(append([]any{&k.Key, &k.HasGUID, &k.Lead, &digest}, more...)...)
	copy(k.Digest[:], digest)
	return err
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

// argsAtOnce keeps a statement below SQLite's limit of 32,766 arguments.
const argsAtOnce = 1000

func writeLeads(ctx context.Context, tx *sql.Tx, w store.Window, all []store.LeadRow) (store.Counts, error) {
	var counts store.Counts
	for len(all) > 0 {
		some := all[:min(len(all), argsAtOnce)]
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

func countLeads(ctx context.Context, tx *sql.Tx, some []store.LeadRow) (n int64, err error) {
	ids := make([]any, len(some))
	for i := range some {
		ids[i] = some[i].ID
	}
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM leads WHERE id IN (`+lists(len(ids), `?`)+`)`, ids...).Scan(&n)
	return n, err
}

func lists(n int, one string) string { return strings.Repeat(one+`, `, n-1) + one }
