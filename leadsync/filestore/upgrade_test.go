package filestore

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/storetest"
	"github.com/mktows/mktows-go/operations"
)

// version1 makes the directory of storetest.Version1 as the release wrote it that knew version 1.
func version1(t *testing.T, f Format) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "version1", string(f)))); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "state.sql"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, stateName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestVersion1_isUpgraded(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{JSONL, Parquet} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			dir := version1(t, f)
			if _, err := OpenReadOnly(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "run mktows sync once, which upgrades it") {
				t.Errorf("reading gives %v", err)
			}
			storetest.ExerciseVersion1(t, func(t *testing.T) (store.Store, func() store.Store) { return opener(t, dir, "") })
		})
	}
}

// TestVersion1_interrupted: the database is upgraded, the files are not.
func TestVersion1_interrupted(t *testing.T) {
	t.Parallel()
	dir := version1(t, JSONL)
	segment := filepath.Join(dir, "activities-000002.jsonl")
	text, err := os.ReadFile(segment)
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range []bool{true, true, false} {
		content := slices.Clone(text)
		if damaged {
			content[10]++
		}
		if err := os.WriteFile(segment, content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), dir)
		if damaged != (err != nil) || damaged && !strings.Contains(err.Error(), "activities-000002") {
			t.Fatalf("opening gives %v", err)
		}
		if err == nil {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, err := OpenReadOnly(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "run mktows sync once") {
			t.Errorf("reading gives %v", err)
		}
	}
	if s, err := OpenReadOnly(t.Context(), dir); err != nil {
		t.Error(err)
	} else if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestGap: where a row of several that share id, time and type was deleted, the others are still found.
func TestGap(t *testing.T) {
	t.Parallel()
	for _, removed := range []string{"id:-5:1793491200:New Lead", "id:-5:1793491200#2:New Lead", "id:-5:1793491200#3:New Lead"} {
		s := open(t, t.TempDir())
		w := newWriter(t, s, store.Activities)
		var rows []store.ActivityRow
		for lead := range int64(3) {
			rows = append(rows, store.NewActivityRow(operations.Activity{
				ID: -5, HasID: true, LeadID: lead, Time: bound.AddDate(0, 0, -1), Type: "New Lead",
			}, 0))
		}
		w.commit(rows)
		result, err := s.Writer().ExecContext(t.Context(), `DELETE FROM file_keys WHERE key = ?`, removed)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			t.Fatalf("%d rows are deleted, %v", n, err)
		}
		var left []store.ActivityRow
		for row, err := range s.Activities(t.Context(), time.Time{}, time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			if row.Key != removed {
				left = append(left, row)
			}
		}
		for i := range left {
			if got := w.commit([]store.ActivityRow{store.NewActivityRow(left[i].Activity, 0)}); got != (store.Counts{}) {
				t.Errorf("%s: counts %+v", removed, got)
			}
		}
		if got := w.commit(rows); got != (store.Counts{Inserted: 1}) {
			t.Errorf("%s: counts %+v", removed, got)
		}
	}
}
