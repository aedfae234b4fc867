package leadsync_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// version2 makes, of what testdata has, a database that the release wrote that knew version 2.
func version2(t *testing.T, driver, target, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "version2", name))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(driver, target)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
	return target
}

// TestVersion2_goesOn: the copies are of processes that died in the middle of copying what newPort has. Some windows are done,
// some ran and have tried twice, one has failed, some wait; so do their jobs.
func TestVersion2_goesOn(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) store.Store{
		"SQLite": func(t *testing.T) store.Store {
			return openAt(t, version2(t, "sqlite", filepath.Join(t.TempDir(), "copy.db"), "sqlite.sql"))
		},
		"PostgreSQL": func(t *testing.T) store.Store {
			return openPostgres(t, version2(t, "pgx", pgtest.Database(t), "postgres.sql"))
		},
		"files": func(t *testing.T) store.Store {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "version2", "files"))); err != nil {
				t.Fatal(err)
			}
			version2(t, "sqlite", filepath.Join(dir, "state.db"), filepath.Join("files", "state.sql"))
			s, err := filestore.Open(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dest := open(t)
			st := statusOf(t, dest)
			if s := st.Streams[0]; st.Version != 4 || s.Pending+s.Failed+s.Done != windows || s.Pending == 0 || st.Activities == 0 {
				t.Fatalf("the status is %+v", st)
			}
			complete(t, config(newPort(t), dest, end))
		})
	}
}
