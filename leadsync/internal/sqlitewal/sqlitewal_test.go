package sqlitewal

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"
)

func open(t *testing.T, path, mode string) *sql.DB {
	t.Helper()
	uri, err := URI(path, url.Values{"mode": {mode}})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", uri)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func count(t *testing.T, db *sql.DB) {
	t.Helper()
	var n int
	if err := db.QueryRow(`SELECT count(*) FROM t`).Scan(&n); err != nil || n != 1 {
		t.Fatal(n, err)
	}
}

// TestReading: a reader leaves nothing behind, and takes nothing away from a process that writes.
func TestReading(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/a.db"
	files := func(want int) {
		t.Helper()
		if names, err := filepath.Glob(path + "*"); err != nil || len(names) != want {
			t.Errorf("%v, want %d files; error %v", names, want, err)
		}
	}
	read := func() {
		t.Helper()
		done := Reading(path)
		reader := open(t, path, "ro")
		count(t, reader)
		_ = reader.Close()
		done()
	}
	writer := open(t, path, "rwc")
	if _, err := writer.Exec(`PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	read()
	files(3)
	count(t, writer)
	_ = writer.Close()
	files(1)
	read()
	files(1)

	// a writer that comes while somebody reads keeps its files
	done := Reading(path)
	reader := open(t, path, "ro")
	count(t, reader)
	writer = open(t, path, "rw")
	count(t, writer)
	_ = reader.Close()
	done()
	files(3)
	if _, err := writer.Exec(`UPDATE t SET a = 2`); err != nil {
		t.Error(err)
	}
}
