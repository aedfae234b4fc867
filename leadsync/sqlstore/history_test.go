package sqlstore

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/internal/sqltest"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

var historyBegan = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// fill commits n activities of other leads and of lead 7, one of fifty of the type Fill Out Form, five in each second.
func fill(t *testing.T, s store.Store, n int) {
	t.Helper()
	w := sqltest.OneWindow(t, s)
	rows := make([]store.ActivityRow, n)
	for i := range rows {
		a := operations.Activity{LeadID: int64(100 + i%900), GUID: fmt.Sprintf("guid-%06d", i), ID: int64(i), HasID: true, Type: "Visit Webpage", Time: historyBegan.Add(time.Duration(i/5) * time.Second)}
		if i%10 == 0 {
			a.LeadID = 7
		}
		if i%3 == 0 { // some have no id
			a.ID, a.HasID = 0, false
		}
		if i%50 == 0 {
			a.Type = "Fill Out Form"
		}
		rows[i] = store.NewActivityRow(a, 0)
	}
	if _, err := s.Commit(t.Context(), store.Commit{Fence: w, Activities: rows, Done: true}); err != nil {
		t.Fatal(err)
	}
}

// watched is a transaction that explains its statements.
type watched struct {
	sqldb.Tx
	plans *[]string
}

func (w watched) Query(ctx context.Context, query string, args ...any) (sqldb.Rows, error) {
	explain := `EXPLAIN QUERY PLAN `
	if w.Dialect() == sqldb.Postgres {
		explain = `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) `
	}
	plan := query
	err := sqldb.QueryAll(ctx, w.Tx, func(scan func(...any) error) error {
		var id, parent, unused int
		var line string
		dest := []any{&id, &parent, &unused, &line}
		if w.Dialect() == sqldb.Postgres {
			dest = []any{&line}
		}
		err := scan(dest...)
		plan += "\n" + line
		return err
	}, explain+query, args...)
	if err != nil {
		return nil, err
	}
	*w.plans = append(*w.plans, plan)
	return w.Tx.Query(ctx, query, args...)
}

var (
	scans  = regexp.MustCompile(`(?m)^(SCAN (activities|leads|sync_lead_uppers)\b|.*Seq Scan on (activities|leads)\b)`)
	looked = regexp.MustCompile(`actual rows=([0-9]+)`)
)

func unique(keys []string) bool {
	return len(slices.Compact(slices.Sorted(slices.Values(keys)))) == len(keys)
}

// No statement reads a whole table, and how many rows are looked at does not depend on how many there are.
func TestHistories_plans(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string, d sqldb.Dialect) {
		s := openStore(t, target)
		fill(t, s, 10_000)
		if d == sqldb.Postgres { // as its server does from time to time
			if err := sqldb.InTx(t.Context(), databaseOf(s), func(tx sqldb.Tx) error {
				_, err := tx.Exec(t.Context(), `ANALYZE`)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		middle := store.Place{Second: historyBegan.Unix() + 1000, ID: 5000, Key: "guid-005000"}
		end := historyBegan.AddDate(0, 0, 1)
		var plans []string
		err := sqldb.InRead(t.Context(), databaseOf(s), func(tx sqldb.Tx) error {
			v := sqlcore.Snapshot{Tx: watched{tx, &plans}, Looked: 1000}
			return func() error {
				for name, q := range map[string]store.HistoryQuery{
					"a lead":               {Lead: 7, To: end, Newest: true, Limit: 100, Count: 100},
					"a lead, further":      {Lead: 7, To: end, Newest: true, Limit: 100, After: middle, Count: 100},
					"all leads":            {From: historyBegan.Add(time.Minute), To: end, Limit: 300, Count: 100},
					"all leads, further":   {From: historyBegan, To: end, Limit: 300, After: middle},
					"all leads, two types": {From: historyBegan, To: end, Limit: 300, After: middle, Types: []string{"Fill Out Form", "New Lead"}},
				} {
					page, err := v.History(t.Context(), q)
					if err != nil || len(page.Rows) == 0 {
						return fmt.Errorf("%s: %d rows: %w", name, len(page.Rows), err)
					}
				}
				_, errExtents := v.Extents(t.Context())
				_, errRead := v.HistoryRead(t.Context(), 7)
				_, _, errLead := v.Lead(t.Context(), 7)
				_, errEmail := v.LeadsByEmail(t.Context(), "lead@example.com")
				_, errMarks := v.Landmarks(t.Context(), 7)
				_, _, errRow := v.Activity(t.Context(), "guid-000007")
				for _, err := range []error{errExtents, errRead, errLead, errEmail, errMarks, errRow} {
					if err != nil {
						return err
					}
				}
				return nil
			}()
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, plan := range plans {
			if d == sqldb.Postgres && strings.Contains(plan, "FROM leads") {
				continue // it is empty, and reading nothing is the fastest
			}
			if scans.MatchString(plan) {
				t.Errorf("it reads a table: %s", plan)
			}
			if strings.Contains(plan, "USE TEMP B-TREE FOR ORDER BY") {
				t.Errorf("it sorts all that it finds: %s", plan)
			}
			for _, rows := range looked.FindAllStringSubmatch(plan, -1) {
				if len(rows[1]) > 3 && !strings.Contains(plan, "type IN") && !strings.Contains(plan, "OFFSET") {
					t.Errorf("it looks at %s rows: %s", rows[1], plan)
				}
			}
		}
	})
}

// Pages in either order have each row once, and those of few types among many are found although a page looks at so many.
func TestHistories_pages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string, _ sqldb.Dialect) {
		s := openStore(t, target).(Copy)
		fill(t, s, 3000)
		read := func(q store.HistoryQuery, looked int) (keys []string, pages int) {
			t.Helper()
			for {
				var page store.HistoryPage
				err := sqldb.InRead(t.Context(), databaseOf(s), func(tx sqldb.Tx) (err error) {
					page, err = sqlcore.Snapshot{Tx: tx, Looked: looked}.History(t.Context(), q)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				for i := range page.Rows {
					keys = append(keys, page.Rows[i].Key)
					q.After = store.PlaceOf(&page.Rows[i])
				}
				if !page.From.IsZero() {
					q.From, q.After = page.From, store.Place{}
				}
				if pages++; page.More == 0 {
					return keys, pages
				}
			}
		}
		end := historyBegan.AddDate(0, 0, 1)
		all, _ := read(store.HistoryQuery{From: historyBegan, To: end, Limit: 37, Count: 5}, 100)
		newest, _ := read(store.HistoryQuery{From: historyBegan, To: end, Limit: 37, Newest: true}, 100)
		slices.Reverse(newest)
		if !slices.Equal(all, newest) || len(all) != 3000 || !unique(all) {
			t.Errorf("%d rows, newest first %d", len(all), len(newest))
		}
		for _, looked := range []int{3, 100, 10_000} { // fewer than there are in a second, too
			forms, pages := read(store.HistoryQuery{From: historyBegan, To: end, Limit: 7, Types: []string{"Fill Out Form"}}, looked)
			if len(forms) != 60 || !slices.IsSorted(forms) || !unique(forms) || looked == 100 && pages < 30 {
				t.Errorf("looking at %d: %d rows on %d pages", looked, len(forms), pages)
			}
		}
	})
}
