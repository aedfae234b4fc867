package sqliteconn

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// open returns a database of one connection, and the path of its file.
func open(t *testing.T) (*sql.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.db")
	db, err := Open("file:" + filepath.ToSlash(path) + "?_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	exec(t, db, `CREATE TABLE t (a integer PRIMARY KEY, b text); INSERT INTO t VALUES (1, 'x'), (2, 'y')`)
	return db, path
}

func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatal(query, err)
	}
}

// kept returns what the connection keeps.
func kept(t *testing.T, db *sql.DB) (all map[string]statement) {
	t.Helper()
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.Raw(func(c any) error {
		all = c.(*conn).kept
		return nil
	})
	return all
}

func TestStatementIsPreparedOnce(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	const read, change = `SELECT b FROM t WHERE a = ?`, `UPDATE t SET b = ? WHERE a = ?`
	var first [2]statement
	for i := range 3 {
		want := fmt.Sprint("x", i)
		exec(t, db, change, want, 1)
		var b string
		if err := db.QueryRow(read, 1).Scan(&b); err != nil || b != want {
			t.Fatal(b, err)
		}
		if err := db.QueryRow(read, 3).Scan(&b); !errors.Is(err, sql.ErrNoRows) {
			t.Fatal(err)
		}
		all := kept(t, db)
		now := [2]statement{all[read], all[change]}
		if i == 0 {
			first = now
		}
		if now != first || now[0] == nil || now[1] == nil {
			t.Errorf("%d: other statements than before: %v, %v", i, first, now)
		}
	}
}

// TestQueryWithinItself executes a query for each of its rows, and leaves rows unread.
func TestQueryWithinItself(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	const query = `SELECT a FROM t ORDER BY a`
	outer, err := tx.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = outer.Close() }()
	var got []int
	for outer.Next() {
		var a, first int
		if err := errors.Join(outer.Scan(&a), tx.QueryRow(query).Scan(&first)); err != nil {
			t.Fatal(err)
		}
		got = append(got, a, first)
	}
	if outer.Err() != nil || !slices.Equal(got, []int{1, 1, 2, 1}) {
		t.Error(got, outer.Err())
	}
}

func TestTableThatChanges(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	columns := func() string {
		t.Helper()
		r, err := db.Query(`SELECT * FROM t`)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		names, err := r.Columns()
		if err := errors.Join(err, r.Err()); err != nil {
			t.Fatal(err)
		}
		return strings.Join(names, " ")
	}
	if got := columns(); got != "a b" {
		t.Error(got)
	}
	exec(t, db, `ALTER TABLE t ADD COLUMN c text`)
	if got := columns(); got != "a b c" {
		t.Error(got)
	}
	exec(t, db, `DROP TABLE t`)
	if _, err := db.Exec(`SELECT * FROM t`); err == nil || !strings.Contains(err.Error(), "no such table: t") {
		t.Error(err)
	}
}

// TestStatementThatFails: it works the next time.
func TestStatementThatFails(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	const insert, read = `INSERT INTO t VALUES (?, ?)`, `SELECT count(*) OVER () FROM t`
	if _, err := db.Exec(insert, 1, "again"); err == nil || !strings.Contains(err.Error(), "UNIQUE constraint failed") {
		t.Error(err)
	}
	exec(t, db, insert, 3, "z")
	var n int
	ctx, cancel := context.WithCancel(context.Background())
	r, err := db.QueryContext(ctx, read)
	if err != nil || !r.Next() {
		t.Fatal(err)
	}
	cancel()
	_ = r.Close()
	if err := db.QueryRow(read).Scan(&n); err != nil || n != 3 {
		t.Error(n, err)
	}
}

// TestFewAreKept: and none of them when the file is closed, which a statement that is left would keep open.
func TestFewAreKept(t *testing.T) {
	t.Parallel()
	db, path := open(t)
	for i := range 2 * maxKept {
		var n int
		if err := db.QueryRow(fmt.Sprint(`SELECT a FROM t WHERE a = 1 AND a < `, i+2)).Scan(&n); err != nil || n != 1 {
			t.Fatal(n, err)
		}
	}
	if n := len(kept(t, db)); n != maxKept {
		t.Errorf("%d statements, want %d", n, maxKept)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file is still open:", err)
	}
}
