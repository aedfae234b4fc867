package filestore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// tablesOf reads the rows of a query as text.
func tablesOf(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var texts []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

// The tables have the present rows: once each, with the newest content, without activities that are gone.
func TestTables(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{JSONL, CSVGzip, Parquet} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir, WithFormat(f))
			w := newWriter(t, s, store.Activities)
			renamed := plain(7, 2)
			w.commit([]store.ActivityRow{plain(7, 1), renamed, plain(8, 3)}, awkwardLeads()...)
			renamed.AssetName = "Prices"
			renamed = store.NewActivityRow(renamed.Activity, 0)
			w.commit([]store.ActivityRow{renamed})
			gone := store.Commit{Fence: w.claim, Removed: []string{plain(8, 3).Key}, Gone: []int64{1}}
			if _, err := s.Commit(t.Context(), gone); err != nil {
				t.Fatal(err)
			}
			reader, err := OpenReadOnly(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			db, err := reader.Tables(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			for query, want := range map[string][]string{
				`SELECT lead_id || ' ' || occurred_at || ' ' || occurred_local || ' ' || asset || ' ' || late FROM activities ORDER BY occurred_at`: {
					"7 2026-11-01T00:00:01Z 2026-11-01T00:00:01Z Home 0", "7 2026-11-01T00:00:02Z 2026-11-01T00:00:02Z Prices 0",
				},
				`SELECT id || ' ' || email || ' ' || (gone_at IS NOT NULL) FROM leads ORDER BY id`:           {"1  1", "318815 lead@example.com 0"},
				`SELECT stream || ' ' || state FROM sync_windows`:                                            {"activities pending"},
				`SELECT attributes ->> 'Company' FROM leads WHERE id = 318815`:                               {"A,\r\nB"},
				`SELECT max(version) FROM sync_schema`:                                                       {"4"},
				`SELECT typeof(person) || typeof(guid) || typeof(id) FROM activities WHERE asset = 'Prices'`: {"nullnullinteger"},
			} {
				if got := tablesOf(t, db, query); !slices.Equal(got, want) {
					t.Errorf("%s: %q, want %q", query, got, want)
				}
			}
		})
	}
}

// A segment that is damaged is an error, and not a table that lacks its rows.
func TestTables_damaged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, WithFormat(JSONL))
	newWriter(t, s, store.Activities).commit([]store.ActivityRow{plain(7, 1)})
	name := filepath.Join(dir, segmentName(Activities, 1, JSONL))
	text, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, bytes.Replace(text, []byte("Home"), []byte("Hame"), 1), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if db, err := s.Tables(t.Context()); !errors.Is(err, store.ErrDamaged) || db != nil {
		t.Errorf("%v, %v", db, err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if db, err := s.Tables(ended); !errors.Is(err, context.Canceled) || db != nil {
		t.Errorf("%v, %v", db, err)
	}
}

// What is held in memory does not grow with the rows.
func TestTables_memory(t *testing.T) { // not parallel: it measures the process
	s := open(t, t.TempDir(), WithFormat(JSONL))
	w := newWriter(t, s, store.Activities)
	attributes := operations.Attributes{{Name: "User Agent", Value: string(bytes.Repeat([]byte("x"), 8000))}}
	rows := make([]store.ActivityRow, 500)
	const commits = 4 // 16 MB
	for n := range int64(commits) {
		for i := range rows {
			id := n*500 + int64(i)
			rows[i] = store.NewActivityRow(operations.Activity{
				ID: id, HasID: true, LeadID: id % 7, Time: bound.Add(-time.Hour), Type: fmt.Sprint("Type ", i%3), Attributes: attributes,
			}, 0)
		}
		w.commit(rows)
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	db, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	held := int64(heap()) - int64(before) //nolint:gosec // both are small
	if d := cmp.Diff([]string{"2000"}, tablesOf(t, db, `SELECT count(*) FROM activities`)); d != "" || held > 8<<20 {
		t.Errorf("%d kB are held; rows: %s", held>>10, d)
	}
}
