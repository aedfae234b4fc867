package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/mktows/mktows-go/internal/sqlitewal"
	"github.com/mktows/mktows-go/leadsync"
)

// Sizes of the page caches of one connection, in KiB. The writer's holds the inner pages of
// the indexes of some million rows.
const (
	writeCache = 16 << 10
	readCache  = 2 << 10
)

// checkpointPages is after how many pages of 4 KiB PATH-wal goes into the file. Rows are in
// the order of time, but not of leads: a page of the index by lead changes again and again
// in between.
const checkpointPages = 4000

// readers is how many connections read at once.
const readers = 8

// SQLite is a copy in a SQLite file, which one process at a time may write. It is a
// [leadsync.Store]. Get it from [OpenSQLite].
type SQLite struct {
	store
	files *sqliteDB
	lock  *flock.Flock // nil if it is only read

	add, write, says *sql.Stmt // of activities
}

var _ leadsync.Store = (*SQLite)(nil)

// OpenSQLite opens a copy in a file, and creates the file, but not its folder, if it does
// not exist. The file PATH.lock beside it keeps other processes away until Close, or until this process
// ends; PATH-wal and PATH-shm belong to the copy while it is open and after a crash.
// Errors: those of [Open].
func OpenSQLite(ctx context.Context, path string, opts ...Option) (*SQLite, error) {
	o := newOptions(sqliteDialect, opts)
	there, err := checkPath(path)
	if err != nil {
		return nil, err
	}
	if o.readOnly {
		return openReader(ctx, path, there, &o)
	}
	lock, made, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	there, err = checkPath(path) // nobody else makes it now
	var s *SQLite
	if err == nil {
		s, err = openWriter(ctx, path, there, &o)
	}
	if err != nil {
		leaveNothing(path, made, there)
		_ = lock.Unlock()
		return nil, err
	}
	s.lock = lock
	return s, nil
}

// leaveNothing removes what an Open that has failed has made, while it still holds the lock.
func leaveNothing(path string, lockMade, there bool) {
	path = resolved(path)
	if info, err := os.Stat(path); !there && err == nil && info.Mode().IsRegular() {
		for _, ending := range []string{"", "-wal", "-shm", "-journal"} {
			_ = os.Remove(path + ending)
		}
	}
	if lockMade {
		_ = os.Remove(lockName(path))
	}
}

// Exists reports whether there is a copy at a target, and makes nothing. Errors: those of [Open].
func Exists(ctx context.Context, target string, opts ...Option) (bool, error) {
	if err := CheckTarget(target); err != nil {
		return false, err
	}
	if IsPostgres(target) {
		return existsPostgres(ctx, target, opts)
	}
	o := newOptions(sqliteDialect, opts)
	there, err := checkPath(target)
	if err != nil || !there {
		return false, err
	}
	there, err = checkOurs(ctx, target, &o)
	if needsFiles(err) { // it may be one that cannot be written
		return true, nil
	}
	return there, err
}

// checkPath reports whether the file exists and has something in it.
func checkPath(path string) (there bool, err error) {
	if path == "" {
		return false, errors.New("the path of the copy is empty; give that of a file")
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		folder := filepath.Dir(path)
		if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
			return false, fmt.Errorf("%s: the folder %s does not exist; make it first", path, folder)
		}
		return false, nil
	case err != nil:
		return false, classifyFile(path, err)
	case info.IsDir():
		return false, fmt.Errorf("%s: %w: it is a folder; give the path of a file", path, ErrNotCopy)
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("%s: %w: it is a device or a pipe; %s", path, ErrNotCopy, adviceNotCopy)
	}
	return info.Size() > 0, nil
}

// lockName is the file that is locked: one copy has one, by whatever name it is opened.
func lockName(path string) string { return resolved(path) + ".lock" }

// maxLinks is how many links that lead to links are followed, as most systems have it.
const maxLinks = 40

// resolved follows links, also one to a file that is still to be made.
func resolved(path string) string {
	for range maxLinks {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			return target
		}
		folder, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return path
		}
		path = filepath.Join(folder, filepath.Base(path))
		next, err := os.Readlink(path)
		if err != nil {
			return path
		}
		if path = next; !filepath.IsAbs(next) {
			path = filepath.Join(folder, next)
		}
	}
	return path
}

// lockFile does not wait: the other process may run for days. It opens the file for writing, which
// tells of a disk that is read-only. made tells that the file was not there before.
func lockFile(path string) (lock *flock.Flock, made bool, err error) {
	name := lockName(path)
	for {
		_, missing := os.Stat(name)
		lock = flock.New(name, flock.SetFlag(os.O_CREATE|os.O_RDWR))
		locked, err := lock.TryLock()
		if err != nil {
			return nil, false, classifyFile(path, err)
		}
		if !locked {
			return nil, false, fmt.Errorf("%s: %w; wait for that or stop it, or use PostgreSQL, where several may work", path, leadsync.ErrInUse)
		}
		held, errHeld := lock.Stat()
		named, errNamed := os.Stat(name)
		if errHeld == nil && errNamed == nil && !os.SameFile(held, named) || errors.Is(errNamed, os.ErrNotExist) {
			_ = lock.Unlock() // its maker has removed it meanwhile, so that it keeps nobody away
			continue
		}
		return lock, errors.Is(missing, os.ErrNotExist), nil
	}
}

func openReader(ctx context.Context, path string, there bool, o *options) (*SQLite, error) {
	if !there {
		return nil, fmt.Errorf("%s: %w: there is nothing in it", path, ErrNotCopy)
	}
	s, err := newSQLite(path, "ro", o)
	if err != nil {
		return nil, err
	}
	err = s.checkReadable(ctx, o)
	if err == nil {
		s.files.opened = true
		return s, nil
	}
	_ = s.files.close()
	if needsFiles(err) && !o.immutable {
		// Reading makes PATH-shm, which cannot be in a folder that is not writable. It is not
		// needed where nobody writes, which PATH-wal would tell.
		if _, stat := os.Stat(resolved(path) + "-wal"); errors.Is(stat, os.ErrNotExist) {
			still := *o
			still.immutable = true
			return openReader(ctx, path, there, &still)
		}
	}
	return nil, err
}

// needsFiles reports whether SQLite could not make its files beside a copy.
func needsFiles(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_CANTOPEN || e.Code()&0xff == sqlite3.SQLITE_READONLY)
}

func (s *SQLite) checkReadable(ctx context.Context, o *options) error {
	return inRead(ctx, s.db, func(tx transaction) error { return checkReadable(ctx, tx, s.name, len(o.steps)) })
}

func openWriter(ctx context.Context, path string, there bool, o *options) (*SQLite, error) {
	if there {
		if _, err := checkOurs(ctx, path, o); err != nil {
			return nil, err
		}
	}
	s, err := newSQLite(path, "rwc", o)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, o.steps); err != nil {
		_ = s.files.close()
		return nil, s.db.classify(ctx, err)
	}
	s.files.opened = true
	return s, nil
}

// checkOurs refuses a file that is something else, before anything in it is changed. ours is false for one without
// anything in it.
func checkOurs(ctx context.Context, path string, o *options) (ours bool, err error) {
	s, err := newSQLite(path, "ro", o)
	if err != nil {
		return false, err
	}
	defer func() { _ = s.files.close() }()
	err = inRead(ctx, s.db, func(tx transaction) error {
		version, err := schemaVersion(ctx, tx)
		if ours = version > 0; err != nil || ours {
			return err
		}
		var tables int
		err = queryRow(ctx, tx, []any{&tables}, `SELECT count(*) FROM sqlite_schema`)
		if err == nil && tables > 0 {
			err = fmt.Errorf("%s: %w: it has other tables; %s", path, ErrNotCopy, adviceNotCopy)
		}
		return err
	})
	return ours, err
}

// newSQLite opens the pools; nothing happens to the file yet.
func newSQLite(path, mode string, o *options) (*SQLite, error) {
	d := &sqliteDB{name: path, readOnly: mode == "ro", done: func() {}}
	if d.readOnly && !o.immutable {
		d.done = sqlitewal.Reading(path)
	}
	uri, err := dsn(path, "ro", o, "query_only(1)", fmt.Sprintf("cache_size(-%d)", readCache))
	if err != nil {
		return nil, classifyFile(path, err)
	}
	if d.read, err = sql.Open("sqlite", uri); err != nil {
		return nil, err
	}
	d.read.SetMaxOpenConns(readers)
	d.read.SetMaxIdleConns(1)
	d.write = d.read
	if !d.readOnly {
		synchronous := "synchronous(NORMAL)"
		if o.durable {
			synchronous = "synchronous(FULL)"
		}
		uri, err := dsn(path, mode, o, "foreign_keys(1)", "journal_mode(WAL)", synchronous,
			fmt.Sprintf("cache_size(-%d)", writeCache), fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages))
		if err != nil {
			return nil, classifyFile(path, err)
		}
		if d.write, err = sql.Open("sqlite", uri+"&_txlock=immediate&_time_format=sqlite"); err != nil {
			return nil, err
		}
		d.write.SetMaxOpenConns(1)
	}
	return &SQLite{store: store{db: d, name: path, drop: o.dropRows()}, files: d}, nil
}

func dsn(path, mode string, o *options, pragmas ...string) (string, error) {
	query := url.Values{
		"mode":    {mode},
		"_pragma": append(append([]string{fmt.Sprintf("busy_timeout(%d)", o.busyTimeout.Milliseconds())}, pragmas...), o.pragmas...),
	}
	if o.immutable {
		query.Set("immutable", "1")
	}
	return sqlitewal.URI(path, query)
}

// prepare brings the schemas up to date, and forgets what processes held that are gone: the
// lock of the file says that there is no other.
func (s *SQLite) prepare(ctx context.Context, steps []string) error {
	err := inTx(ctx, s.db, func(tx transaction) error {
		if err := migrate(ctx, tx, s.name, steps); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM sync_workers`); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `UPDATE sync_calls SET ended = ? WHERE ended IS NULL`, millis(time.Now()))
		return err
	})
	if err != nil {
		return err
	}
	migrator, err := rivermigrate.New(riversqlite.New(s.files.write), nil)
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	return s.prepareStatements(ctx)
}

func (s *SQLite) prepareStatements(ctx context.Context) error {
	for to, query := range map[**sql.Stmt]string{
		&s.add: addActivity, &s.write: writeActivity, &s.says: `SELECT digest = ? FROM activities WHERE key = ?`,
	} {
		var err error
		if *to, err = s.files.write.PrepareContext(ctx, query); err != nil { //nolint:sqlclosecheck // they end with the database
			return err
		}
	}
	return nil
}

// Queue returns the *sql.DB that writes.
func (s *SQLite) Queue() any { return s.files.write }

// Limiter keeps calls within limits; see [leadsync.Store].
func (s *SQLite) Limiter(instance, worker string, l leadsync.Limits) leadsync.Limiter {
	return newLimiter(s.db, instance, worker, l)
}

// Close closes the file and lets other processes have it.
func (s *SQLite) Close() error {
	err := s.files.close()
	if s.lock != nil {
		err = errors.Join(err, s.lock.Unlock())
	}
	if err != nil {
		return fmt.Errorf("%s: closing: %w", s.name, err)
	}
	return nil
}

// sqliteDB is the database of a file: one connection that writes, some that read.
type sqliteDB struct {
	name     string
	write    *sql.DB
	read     *sql.DB
	readOnly bool
	opened   bool   // it is a copy
	done     func() // after the last connection is closed
}

func (d *sqliteDB) begin(ctx context.Context) (transaction, error) {
	tx, err := d.write.BeginTx(ctx, nil)
	return &sqliteTx{tx}, err
}

func (d *sqliteDB) beginRead(ctx context.Context) (transaction, error) {
	tx, err := d.read.BeginTx(ctx, nil)
	return &sqliteTx{tx}, err
}

func (d *sqliteDB) classify(ctx context.Context, err error) error {
	if d.opened {
		return classifyOpened(ctx, d.name, err)
	}
	return classifySQLite(ctx, d.name, err)
}

// close closes the writer last: the last connection moves all of PATH-wal into the file, and
// one that only reads cannot.
func (d *sqliteDB) close() error {
	var err error
	if d.read != d.write {
		err = d.read.Close()
	}
	err = errors.Join(err, d.write.Close())
	d.done()
	return err
}

type sqliteTx struct{ tx *sql.Tx }

func (t *sqliteTx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := t.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *sqliteTx) query(ctx context.Context, query string, args ...any) (rows, error) {
	r, err := t.tx.QueryContext(ctx, query, args...) //nolint:rowserrcheck // queryRow and queryAll check them
	if err != nil {
		return nil, err
	}
	return sqliteRows{r}, nil
}

func (t *sqliteTx) commit(context.Context) error   { return t.tx.Commit() }
func (t *sqliteTx) rollback(context.Context) error { return t.tx.Rollback() }
func (t *sqliteTx) dialect() dialect               { return sqliteDialect }
func (t *sqliteTx) raw() any                       { return t.tx }

type sqliteRows struct{ *sql.Rows }

func (r sqliteRows) Close() { _ = r.Rows.Close() }
