package report

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// The statements are the same in both dialects, but for what is marked. Times of
// activities come from occurred_local. Where texts of it are compared, they have the same
// offset and therefore sort as times.

// Totals counts all rows.
func (d *Database) Totals(ctx context.Context) (Totals, error) {
	var t Totals
	err := d.row(ctx, []any{&t.Activities, &t.ActiveLeads, &t.Leads, &t.Gone}, `
		SELECT (SELECT count(*) FROM activities),
			(SELECT count(*) FROM (SELECT DISTINCT lead_id FROM activities) AS l),
			(SELECT count(*) FROM leads), `+d.since2(`(SELECT count(*) FROM leads WHERE gone_at IS NOT NULL)`))
	if err != nil || t.Activities == 0 {
		return t, err
	}
	const end = `SELECT occurred_local FROM activities ORDER BY occurred_at `
	err = errors.Join(
		d.row(ctx, []any{moment{&t.First}}, end+`LIMIT 1`),
		d.row(ctx, []any{moment{&t.Last}}, end+`DESC LIMIT 1`))
	return t, err
}

const groupColumns = `type, count(*), sum(CASE WHEN late THEN 1 ELSE 0 END), min(occurred_local), max(occurred_local)`

// Groups yields the activities counted by type and hour, or quarter of an hour. SQLite
// sorts for GROUP BY, which takes longer than reading the rows one by one.
func (d *Database) Groups(ctx context.Context, quarters bool) iter.Seq2[Group, error] {
	if d.dialect == SQLite {
		return each(ctx, d, scanOne, `SELECT type, CASE WHEN late THEN 1 ELSE 0 END, occurred_local FROM activities`)
	}
	query := `SELECT ` + groupColumns + ` FROM activities
		GROUP BY substr(occurred_local, 1, 13), substr(occurred_local, 20), type`
	if quarters {
		query += `, CAST(substr(occurred_local, 15, 2) AS integer) / 15`
	}
	return each(ctx, d, scanGroup, query)
}

func scanOne(scan scanFunc) (Group, error) {
	g := Group{Count: 1}
	err := scan(&g.Type, &g.Late, moment{&g.First})
	g.Last = g.First
	return g, err
}

func scanGroup(scan scanFunc) (g Group, err error) {
	return g, scan(&g.Type, &g.Count, &g.Late, moment{&g.First}, moment{&g.Last})
}

// LeadsByType counts the different leads that have activities of a type.
func (d *Database) LeadsByType(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	for g, err := range each(ctx, d, func(scan scanFunc) (g Group, err error) { return g, scan(&g.Type, &g.Count) },
		`SELECT type, count(DISTINCT lead_id) FROM activities GROUP BY type`) {
		if err != nil {
			return nil, err
		}
		counts[g.Type] = g.Count
	}
	return counts, nil
}

// TopLeads are the n leads with the most activities.
func (d *Database) TopLeads(ctx context.Context, n int) ([]LeadCount, error) {
	ids, err := all(each(ctx, d, func(scan scanFunc) (id int64, err error) { return id, scan(&id, new(int64)) },
		`SELECT lead_id, count(*) FROM activities GROUP BY lead_id ORDER BY count(*) DESC, lead_id LIMIT $1`, n))
	if err != nil {
		return nil, err
	}
	leads := make([]LeadCount, len(ids))
	for i, id := range ids {
		if leads[i], err = d.Lead(ctx, id); err != nil {
			return nil, err
		}
	}
	return leads, nil
}

// Lead counts the activities of a lead. They are grouped by offset as well, because the texts of times are compared,
// and those sort as times only within one offset.
func (d *Database) Lead(ctx context.Context, id int64) (LeadCount, error) {
	l := LeadCount{ID: id}
	groups, err := all(each(ctx, d, scanGroup, `SELECT `+groupColumns+`
		FROM activities WHERE lead_id = $1 GROUP BY type, substr(occurred_local, 20)`, id))
	if err != nil {
		return l, err
	}
	byType := map[string]*Group{}
	total := Group{}
	for _, g := range groups {
		if byType[g.Type] == nil {
			byType[g.Type] = &Group{Type: g.Type}
		}
		byType[g.Type].add(g)
		total.add(g)
	}
	for _, g := range byType {
		l.Types = append(l.Types, *g)
	}
	slices.SortFunc(l.Types, mostFirst)
	l.Count, l.First, l.Last = total.Count, total.First, total.Last
	err = d.row(ctx, []any{&l.Email}, `SELECT email FROM leads WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return l, err
}

// add adds a part of the group.
func (g *Group) add(part Group) {
	if g.Count == 0 || part.First.Before(g.First) {
		g.First = part.First
	}
	if g.Count == 0 || part.Last.After(g.Last) {
		g.Last = part.Last
	}
	g.Count += part.Count
	g.Late += part.Late
}

func mostFirst(a, b Group) int {
	return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Type, b.Type))
}

// Timeline is the n newest activities of a lead.
func (d *Database) Timeline(ctx context.Context, lead int64, n int) ([]Activity, error) {
	scan := func(scan scanFunc) (Activity, error) {
		var a Activity
		var attributes string
		var late int64
		err := scan(moment{&a.Time}, &a.Type, &a.AssetName, &a.Campaign, &attributes, &late)
		a.LeadID, a.Late, a.Attributes = lead, late != 0, parseAttributes(attributes)
		return a, err
	}
	return all(each(ctx, d, scan, `
		SELECT occurred_local, type, asset, campaign, CAST(attributes AS text), CASE WHEN late THEN 1 ELSE 0 END
		FROM activities WHERE lead_id = $1 ORDER BY occurred_at DESC, key LIMIT $2`, lead, n))
}

// since2 returns an expression over columns that came with version 2 of the schema, and 0 for a copy of version 1.
func (d *Database) since2(expression string) string {
	if d.first {
		return `0`
	}
	return expression
}

// countColumns returns the sums of the counts of windows.
func (d *Database) countColumns() string {
	const gone, problems = `CAST(coalesce(sum(w.gone), 0) AS bigint)`, `CAST(coalesce(sum(w.problems), 0) AS bigint)`
	return `CAST(coalesce(sum(w.calls), 0) AS bigint), CAST(coalesce(sum(w.pages), 0) AS bigint),
	CAST(coalesce(sum(w.seen), 0) AS bigint), CAST(coalesce(sum(w.inserted), 0) AS bigint),
	CAST(coalesce(sum(w.updated), 0) AS bigint), CAST(coalesce(sum(w.late), 0) AS bigint),
	CAST(coalesce(sum(w.missing), 0) AS bigint), ` + d.since2(gone) + `, ` + d.since2(problems)
}

func countFields(c *store.Counts) []any {
	return []any{&c.Calls, &c.Pages, &c.Seen, &c.Inserted, &c.Updated, &c.Late, &c.Missing, &c.Gone, &c.Problems}
}

// Streams returns the state of all streams with their latest runs.
func (d *Database) Streams(ctx context.Context, runs int) ([]Stream, error) {
	scan := func(scan scanFunc) (s Stream, err error) {
		var unfinished, upper time.Time
		err = scan(append([]any{
			&s.Name, &s.Query, moment{&s.Since}, moment{&unfinished}, moment{&upper},
			&s.Pending, &s.Failed, &s.Done, &s.Problem, &s.Unreadable,
		}, countFields(&s.Counts)...)...)
		s.Complete = complete(s.Since, unfinished, upper)
		return s, err
	}
	streams, err := all(each(ctx, d, scan, `
		SELECT s.name, s.query, s.since,
			(SELECT min(CASE WHEN u.fresh_from > u.from_time THEN u.fresh_from ELSE u.from_time END)
				FROM sync_windows u WHERE u.stream = s.name AND u.state <> 'done'),
			(SELECT max(r.upper_bound) FROM sync_runs r WHERE r.stream = s.name AND r.finished_at IS NOT NULL),
			count(CASE WHEN w.state IN ('pending', 'running') THEN 1 END), -- running is a state up to version 2
			count(CASE WHEN w.state = 'failed' THEN 1 END), count(CASE WHEN w.state = 'done' THEN 1 END),
			coalesce((SELECT f.error FROM sync_windows f WHERE f.stream = s.name AND f.state = 'failed'
				ORDER BY f.from_time, f.id LIMIT 1), ''),
			`+d.since2(`(SELECT count(*) FROM sync_problems p WHERE p.stream = s.name)`)+`, `+d.countColumns()+`
		FROM sync_streams s LEFT JOIN sync_windows w ON w.stream = s.name
		GROUP BY s.name, s.query, s.since ORDER BY s.name`))
	if err != nil {
		return nil, err
	}
	for i := range streams {
		if streams[i].Runs, err = d.runs(ctx, streams[i].Name, runs); err != nil {
			return nil, err
		}
	}
	return streams, nil
}

// complete returns up to when a stream is copied: where the first unfinished window begins to read something new,
// otherwise the greatest bound that was reached.
func complete(since, unfinished, upper time.Time) time.Time {
	until := upper
	if !unfinished.IsZero() {
		until = unfinished
	}
	if !until.After(since) {
		return time.Time{} // nothing yet
	}
	return until
}

// runs are the n latest runs of a stream.
func (d *Database) runs(ctx context.Context, stream store.StreamName, n int) ([]store.RunStatus, error) {
	scan := func(scan scanFunc) (r store.RunStatus, err error) {
		r.Stream = stream
		return r, scan(append([]any{
			&r.ID, moment{&r.Upper}, moment{&r.Started}, moment{&r.Finished}, &r.Windows, &r.Done, &r.Failed, &r.Error,
		}, countFields(&r.Counts)...)...)
	}
	return all(each(ctx, d, scan, `
		SELECT r.id, r.upper_bound, r.started_at, r.finished_at,
			count(w.id), count(CASE WHEN w.state = 'done' THEN 1 END), count(CASE WHEN w.state = 'failed' THEN 1 END),
			coalesce((SELECT f.error FROM sync_windows f WHERE f.run = r.id AND f.state <> 'done' AND f.error IS NOT NULL
				ORDER BY f.from_time, f.id LIMIT 1), ''), `+d.countColumns()+`
		FROM (SELECT * FROM sync_runs WHERE stream = $1 ORDER BY id DESC LIMIT $2) AS r
			LEFT JOIN sync_windows w ON w.run = r.id
		GROUP BY r.id, r.upper_bound, r.started_at, r.finished_at ORDER BY r.id DESC`, stream, n))
}

// Problems are the n oldest windows that have failed.
func (d *Database) Problems(ctx context.Context, n int) ([]store.Window, error) {
	scan := func(scan scanFunc) (w store.Window, err error) {
		return w, scan(&w.ID, &w.Run, &w.Stream, moment{&w.From}, moment{&w.To}, &w.Error)
	}
	return all(each(ctx, d, scan, `
		SELECT id, run, stream, from_time, to_time, coalesce(error, '')
		FROM sync_windows WHERE state = 'failed'
		ORDER BY from_time, id LIMIT $1`, n))
}

// Unreadable are the n latest records that could not be read, newest first.
func (d *Database) Unreadable(ctx context.Context, n int) ([]store.Problem, error) {
	if d.first {
		return nil, nil
	}
	scan := func(scan scanFunc) (p store.Problem, err error) {
		return p, scan(&p.Key, &p.Stream, &p.Run, &p.Window, moment{&p.Found}, &p.Text, &p.GUID, &p.Record)
	}
	return all(each(ctx, d, scan, `
		SELECT key, stream, run, window_id, found_at, problem, guid, record
		FROM sync_problems ORDER BY found_at DESC, key LIMIT $1`, n))
}

// Delays counts late rows by the longest time that the service can have taken to store them, rounded up to quarters
// of an hour.
func (d *Database) Delays(ctx context.Context) (map[time.Duration]int64, error) {
	seconds := `unixepoch(r.upper_bound) - unixepoch(a.occurred_at)`
	if d.dialect == PostgreSQL {
		seconds = `CAST(floor(extract(epoch FROM r.upper_bound - a.occurred_at)) AS bigint)`
	}
	counts := map[time.Duration]int64{}
	type delay struct{ quarters, rows int64 }
	for g, err := range each(ctx, d, func(scan scanFunc) (g delay, err error) { return g, scan(&g.quarters, &g.rows) }, `
		SELECT (`+seconds+` + 899) / 900 AS quarters, count(*)
		FROM activities a JOIN sync_runs r ON r.id = a.run WHERE a.late GROUP BY 1`) {
		if err != nil {
			return nil, err
		}
		counts[time.Duration(g.quarters)*15*time.Minute] += g.rows
	}
	return counts, nil
}

type scanFunc = func(dest ...any) error

// row scans the one row of a result. Without a row the error is sql.ErrNoRows.
func (d *Database) row(ctx context.Context, dest []any, query string, args ...any) error {
	err := d.tx.QueryRowContext(ctx, query, args...).Scan(dest...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return d.failed(err)
	}
	return err
}

func (d *Database) failed(err error) error { return fmt.Errorf("%s: %w", d.name, err) }

// each yields the rows of a result as scan reads them.
func each[T any](ctx context.Context, d *Database, scan func(scanFunc) (T, error), query string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		rows, err := d.tx.QueryContext(ctx, query, args...)
		if err != nil {
			yield(zero, d.failed(err))
			return
		}
		defer func() { _ = rows.Close() }() // rows.Err tells
		for rows.Next() {
			v, err := scan(rows.Scan)
			if err != nil {
				yield(zero, d.failed(err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(zero, d.failed(err))
		}
	}
}

// all collects what is yielded.
func all[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var list []T
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// moment scans a time from a text, as SQLite has it, or from a time. NULL leaves the zero time.
type moment struct{ t *time.Time }

// Scan reads a time in any form in which a database returns it. The offset of a text is kept, since the report shows
// activities at the local time that the service gave.
func (m moment) Scan(value any) error {
	var text string
	switch v := value.(type) {
	case nil:
		return nil
	case time.Time:
		*m.t = v.UTC()
		return nil
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("a time is a %T", value)
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("%q is not a time such as 2026-03-12T14:05:00-06:00", text)
	}
	// The zone of the machine must not show: Parse uses it where it has the same offset.
	_, offset := t.Zone()
	*m.t = t.In(time.FixedZone("", offset))
	return nil
}
