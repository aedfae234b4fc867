// Package sqlitewal leaves no files behind where a SQLite database in WAL mode is only read.
package sqlitewal

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// URI is the address of a file for SQLite, with parameters.
func URI(path string, query url.Values) (string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	full = filepath.ToSlash(full)
	if !strings.HasPrefix(full, "/") {
		full = "/" + full // a drive
	}
	return (&url.URL{Scheme: "file", Path: full, RawQuery: query.Encode()}).String(), nil
}

// Reading is to be called before a database is opened for reading, and done once it is closed. SQLite makes PATH-wal
// and PATH-shm for a reader, and a connection that may not write cannot remove them. One that may write does, if it
// is the last one of all processes that closes: done opens and closes one. What was there before, as of a process that
// has the database open or has crashed, stays as it is.
func Reading(path string) (done func()) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // beside which SQLite has its files
	}
	if exists(path + "-wal") {
		return func() {}
	}
	return func() {
		if exists(path + "-wal") {
			openAndClose(path)
		}
	}
}

// openAndClose opens the database for writing and closes it, which lets SQLite remove its files. Nothing in the
// database is changed. If the file cannot be written, PATH-wal stays.
func openAndClose(path string) {
	uri, err := URI(path, url.Values{"mode": {"rw"}})
	if err != nil {
		return
	}
	db, err := sql.Open("sqlite", uri)
	if err != nil {
		return
	}
	defer func() { _ = db.Close() }()
	var n int
	_ = db.QueryRow(`SELECT count(*) FROM sqlite_schema`).Scan(&n) // SQLite opens the files with the first query
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
