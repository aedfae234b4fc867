package leadsync_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
	"github.com/mktows/mktows-go/leadsync/store"
)

// inFile runs statements in a SQLite file beside the process that has it, and moves all into the file.
func inFile(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range append(statements, `PRAGMA wal_checkpoint(TRUNCATE)`) {
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// overwrite writes over a file, but for its first bytes.
func overwrite(t *testing.T, path string, from int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		_, err = io.Copy(io.NewOffsetWriter(f, from), strings.NewReader(strings.Repeat("damaged ", int(info.Size()-from)/8)))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// damageAfter is the call during which the copy is damaged: its page has rows, so that the commit
// that follows has to write all tables.
const damageAfter = 6

// checkDamaged runs into the damage that breaks does, and checks that no call follows it.
func checkDamaged(t *testing.T, dest store.Store, breaks func()) {
	t.Helper()
	p := newPort(t)
	var after atomic.Int64
	p.before = func(_ context.Context, call int64, _ time.Time) error {
		if call == damageAfter {
			breaks()
		}
		if call > damageAfter {
			after.Add(1)
		}
		return nil
	}
	c := config(p, dest, end)
	c.Concurrency, c.Lease, c.Every = 1, 3*time.Second, time.Millisecond // the next round would not help
	report, err := leadsync.RunQuick(t.Context(), c)
	if !errors.Is(err, store.ErrDamaged) || report.Stopped {
		t.Errorf("error %v", err)
	}
	if err != nil && (!strings.Contains(err.Error(), "the service is not at fault") || strings.Contains(err.Error(), "tries again")) {
		t.Errorf("the advice is wrong: %v", err)
	}
	if n := after.Load(); n != 0 {
		t.Errorf("%d calls after the damage, want none", n)
	}
}

// endsLate leaves a test out, with -short, after which River cannot write that a job has ended: it tries for seven seconds
// or more, which the run waits for.
func endsLate(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("River waits for a database that is lost")
	}
}

func TestRun_damagedSQLite(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(t *testing.T, path string){
		"pages":  func(t *testing.T, path string) { inFile(t, path, `DELETE FROM sync_quotas`); overwrite(t, path, 4096) },
		"header": func(t *testing.T, path string) { inFile(t, path, `DELETE FROM sync_quotas`); overwrite(t, path, 0) },
		"rows":   func(t *testing.T, path string) { inFile(t, path, `DROP TABLE activities`) },
		"state":  func(t *testing.T, path string) { inFile(t, path, `DROP TABLE sync_windows`) },
		"column": func(t *testing.T, path string) {
			inFile(t, path, `ALTER TABLE sync_windows RENAME COLUMN epoch TO other`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "pages" || name == "header" {
				endsLate(t)
			}
			t.Parallel()
			path := filepath.Join(t.TempDir(), "copy.db")
			store, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			checkDamaged(t, store, func() { breaks(t, path) })
		})
	}
}

func TestRun_damagedFiles(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(t *testing.T, path string){
		"pages": func(t *testing.T, path string) { inFile(t, path, `DELETE FROM sync_quotas`); overwrite(t, path, 4096) },
		"keys":  func(t *testing.T, path string) { inFile(t, path, `DROP TABLE file_keys`) },
	} {
		t.Run(name, func(t *testing.T) {
			if name == "pages" {
				endsLate(t)
			}
			t.Parallel()
			dir := t.TempDir()
			store, err := filestore.Open(t.Context(), dir, filestore.WithCommitRows(1))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			checkDamaged(t, store, func() { breaks(t, filepath.Join(dir, "state.db")) })
		})
	}
}

func TestRun_damagedPostgres(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"rows":   `DROP TABLE activities`,
		"state":  `DROP TABLE sync_windows CASCADE`,
		"column": `ALTER TABLE sync_windows RENAME COLUMN epoch TO other`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Database(t)
			checkDamaged(t, openPostgres(t, url), func() { inPostgres(t, url, statement, nil) })
		})
	}
	t.Run("pages", func(t *testing.T) {
		t.Parallel()
		server := pgtest.Start(t)
		url := server.Database()
		store := openPostgres(t, url)
		checkDamaged(t, store, func() {
			var folder, file string
			inPostgres(t, url, `SHOW data_directory`, &folder)
			inPostgres(t, url, `SELECT pg_relation_filepath('activities')`, &file)
			server.Stop(pgtest.Fast)
			overwrite(t, filepath.Join(folder, file), 0)
			server.Start()
		})
	})
}

func inPostgres(t *testing.T, url, statement string, answer *string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close(ctx) //nolint:errcheck // of a test
	if answer == nil {
		_, err = conn.Exec(ctx, statement)
	} else {
		err = conn.QueryRow(ctx, statement).Scan(answer)
	}
	if err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}

// TestRun_databaseIsGone: a database that was dropped does not come back by waiting.
func TestRun_databaseIsGone(t *testing.T) {
	endsLate(t)
	t.Parallel()
	server := pgtest.Start(t)
	url := server.Database()
	dest, p := openPostgres(t, url), newPort(t)
	p.before = func(_ context.Context, call int64, _ time.Time) error {
		if call == 1 {
			config, err := pgx.ParseConfig(url)
			if err != nil {
				return err
			}
			inPostgres(t, server.URL("postgres"), `DROP DATABASE `+config.Database+` WITH (FORCE)`, nil)
		}
		return nil
	}
	c := config(p, dest, end)
	c.Concurrency = 1
	if _, err := leadsync.RunQuick(t.Context(), c); !errors.Is(err, store.ErrUnusable) || !strings.Contains(err.Error(), "create the database") {
		t.Errorf("error %v", err)
	}
	// The first page has more to follow, so that it is read again in parts and not written: the second call is for the first of
	// these, and its commit finds that the database is gone.
	if n := p.calls.Load(); n > 2 {
		t.Errorf("%d calls, want two at most", n)
	}
}
