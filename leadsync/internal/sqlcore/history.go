package sqlcore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// View shows the copy as it is; see [store.Histories].
func (s *Store) View(ctx context.Context, read func(store.Snapshot) error) error {
	return sqldb.InRead(ctx, s.db, func(tx sqldb.Tx) error { return read(Snapshot{tx, maxLooked}) })
}

// maxLooked is how many activities of all leads are looked at for a page.
const maxLooked = 50_000

// Snapshot is a transaction that reads; see [store.Snapshot].
type Snapshot struct {
	Tx     sqldb.Tx
	Looked int // how many activities of all leads are looked at for a page, if only some types are wanted
}

func (s Snapshot) Extents(ctx context.Context) ([]store.Extent, error) {
	var all []store.Extent
	err := sqldb.QueryAll(ctx, s.Tx, func(scan func(...any) error) error {
		var e store.Extent
		var query string
		if err := scan((*string)(&e.Stream), &query, sqldb.ScanTime(&e.Since), &e.Instance, &e.Unreadable); err != nil {
			return err
		}
		asked := store.Stream{Name: e.Stream}
		err := asked.ParseQuery(query)
		e.Types, e.Fields = asked.Types, asked.Fields
		all = append(all, e)
		return err
	}, `SELECT name, query, since, instance, (SELECT count(*) FROM sync_problems WHERE stream = name) FROM sync_streams ORDER BY name`)
	for i := range all {
		if err != nil {
			break
		}
		all[i].Until, err = complete(ctx, s.Tx, &store.StreamStatus{Name: all[i].Stream, Since: all[i].Since})
	}
	return all, err
}

func (s Snapshot) HistoryRead(ctx context.Context, lead int64) (upper time.Time, err error) {
	err = sqldb.QueryRow(ctx, s.Tx, []any{sqldb.ScanTime(&upper)}, `SELECT upper_bound FROM sync_lead_uppers WHERE lead_key = ?`, operations.LeadID(lead).String())
	return upper, orNone(err)
}

func (s Snapshot) Lead(ctx context.Context, id int64) (found bool, gone time.Time, err error) {
	err = sqldb.QueryRow(ctx, s.Tx, []any{sqldb.ScanTime(&gone)}, `SELECT gone_at FROM leads WHERE id = ?`, id)
	return err == nil, gone, orNone(err)
}

// orNone takes a row that is not there for no error.
func orNone(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

func (s Snapshot) LeadsByEmail(ctx context.Context, address string) (ids []int64, err error) {
	err = sqldb.QueryAll(ctx, s.Tx, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM leads WHERE lower(email) = lower(CAST(? AS text)) AND gone_at IS NULL ORDER BY id`, address)
	return ids, err
}

// landmarks is the condition of the index activities_landmarks.
const landmarks = `type IN ('` + store.TypeNewLead + `', '` + store.TypeMerge + `', '` + store.TypeSalesMerge + `')`

func (s Snapshot) Landmarks(ctx context.Context, lead int64) (all []store.Landmark, err error) {
	err = sqldb.QueryAll(ctx, s.Tx, func(scan func(...any) error) error {
		var l store.Landmark
		err := scan(&l.Type, sqldb.ScanTime(&l.Time))
		all = append(all, l)
		return err
	}, `SELECT type, occurred_at FROM activities WHERE lead_id = ? AND `+landmarks+` ORDER BY occurred_at`, lead)
	return all, err
}

func (s Snapshot) Activity(ctx context.Context, key string) (row store.ActivityRow, found bool, err error) {
	err = sqldb.QueryAll(ctx, s.Tx, func(scan func(...any) error) error {
		row, err = scanActivity(scan)
		found = true
		return err
	}, `SELECT `+readColumns+` FROM activities WHERE key = ?`, key)
	return row, found, err
}

func (s Snapshot) History(ctx context.Context, q store.HistoryQuery) (page store.HistoryPage, err error) {
	if q.Lead == 0 && !q.Newest && len(q.Types)+len(q.Without) > 0 {
		if page.From, err = s.reach(ctx, &q); err != nil {
			return page, err
		}
		if !page.From.IsZero() {
			q.To = page.From
		}
	}
	key := keyOrder(s.Tx.Dialect())
	query, args := historyQuery(&q, readColumns, key, true)
	err = sqldb.QueryAll(ctx, s.Tx, func(scan func(...any) error) error {
		row, err := scanActivity(scan)
		page.Rows = append(page.Rows, row)
		return err
	}, query+fmt.Sprintf(` LIMIT %d`, q.Limit+1), args...)
	if err != nil {
		return page, err
	}
	if len(page.Rows) <= q.Limit {
		if !page.From.IsZero() {
			page.More = 1
		}
		return page, nil
	}
	page.Rows, page.More, page.From = page.Rows[:q.Limit], 1, time.Time{}
	if q.Count < 2 || len(page.Rows) == 0 {
		return page, nil
	}
	q.After = store.PlaceOf(&page.Rows[len(page.Rows)-1])
	query, args = historyQuery(&q, `1`, key, false)
	err = sqldb.QueryRow(ctx, s.Tx, []any{&page.More}, fmt.Sprintf(`SELECT count(*) FROM (%s LIMIT %d) following`, query, q.Count), args...)
	return page, err
}

// reach returns up to where a query of all leads is read; the zero time: to its end.
func (s Snapshot) reach(ctx context.Context, q *store.HistoryQuery) (time.Time, error) {
	whole := *q
	whole.Types, whole.Without = nil, nil
	query, args := historyQuery(&whole, `occurred_at`, keyOrder(s.Tx.Dialect()), false)
	var at time.Time
	err := sqldb.QueryRow(ctx, s.Tx, []any{sqldb.ScanTime(&at)}, query+fmt.Sprintf(` LIMIT 1 OFFSET %d`, s.Looked), args...)
	if err != nil {
		return time.Time{}, orNone(err)
	}
	if from := latest(q.From, time.Unix(q.After.Second, 0)); !at.After(from) {
		at = from.Add(time.Second) // so many in one second
	}
	return at, nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// keyOrder is the key in the order of its bytes, in which Go compares texts too. A PostgreSQL database may order texts as a language
// does.
func keyOrder(d sqldb.Dialect) string {
	if d == sqldb.Postgres {
		return `key COLLATE "C"`
	}
	return `key`
}

// historyQuery makes the statement of a query, with the key as keyOrder has it; ordered, for what shows rows, puts those of one
// second in order as well. The bounds of the time are said beside the place, as an index serves comparisons that stand alone.
func historyQuery(q *store.HistoryQuery, columns, key string, ordered bool) (query string, args []any) {
	query = `SELECT ` + columns + ` FROM activities WHERE occurred_at < ?`
	from, to, than, order := q.From, q.To, `>`, ``
	if after := time.Unix(q.After.Second, 0); q.After != (store.Place{}) {
		if q.Newest {
			to = after.Add(time.Second)
		} else {
			from = after
		}
	}
	if q.Newest {
		than, order = `<`, ` DESC`
	}
	args = append(args, sqldb.Seconds(to))
	if !from.IsZero() {
		query, args = query+` AND occurred_at >= ?`, append(args, sqldb.Seconds(from))
	}
	if q.Lead != 0 {
		query, args = query+` AND lead_id = ?`, append(args, q.Lead)
	}
	if q.After != (store.Place{}) {
		at := sqldb.Seconds(time.Unix(q.After.Second, 0))
		query += ` AND (occurred_at ` + than + ` ? OR coalesce(id, 0) ` + than + ` ? OR coalesce(id, 0) = ? AND ` + key + ` ` + than + ` ?)`
		args = append(args, at, q.After.ID, q.After.ID, q.After.Key)
	}
	for _, types := range []struct {
		list []string
		in   string
	}{{q.Types, ` IN (`}, {q.Without, ` NOT IN (`}} {
		if len(types.list) > 0 {
			query += ` AND type` + types.in + Lists(len(types.list), `?`) + `)`
			for _, name := range types.list {
				args = append(args, name)
			}
		}
	}
	if !ordered { // but by the index: a planner that may choose would read the table until it has found enough
		return query + ` ORDER BY occurred_at` + order, args
	}
	return query + ` ORDER BY occurred_at` + order + `, coalesce(id, 0)` + order + `, ` + key + order, args
}
