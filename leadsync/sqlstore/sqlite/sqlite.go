// Package sqlite keeps copies in SQLite files, each for one process at a time. It links no driver of PostgreSQL.
//
// A file is opened with one connection that writes and a few that read, in the mode WAL, so that reading the copy and
// writing it do not block each other. That only one process writes is ensured by a lock file and not by SQLite: its
// own locks are held for a transaction only, and two processes that plan the same copy by turns would undo each
// other's work.
package sqlite

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

	"github.com/mktows/mktows-go/leadsync/internal/jobdriver"
	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/internal/sqliteconn"
	"github.com/mktows/mktows-go/leadsync/internal/sqlitewal"
	"github.com/mktows/mktows-go/leadsync/internal/sqlquota"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
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

// Option changes how a copy is opened.
type Option func(*options)

type (
	options = sqlcore.Options
	core    = sqlcore.Store  // what both databases do alike
	slot    = jobdriver.Slot // where package leadsync keeps its jobs
)

// Store is a copy in a SQLite file, which one process at a time may write. It is a
// [store.Store] and a [quota.Keeper]. Get it from [Open].
type Store struct {
	core
	slot

	files *sqliteDB
	lock  *flock.Flock // nil if it is only read

	add, write, says *sql.Stmt // of activities
}

var (
	_ store.Store  = (*Store)(nil)
	_ quota.Keeper = (*Store)(nil)
	_ quota.Sole   = (*Store)(nil)
)

// Sole implements [quota.Sole]: a file is for one process at a time.
func (*Store) Sole() bool { return true }

// Open opens a copy in a file, and creates the file, but not its folder, if it does
// not exist. The file PATH.lock beside it keeps other processes away until Close, or until this process
// ends; PATH-wal and PATH-shm belong to the copy while it is open and after a crash.
// Errors: those of package store called ErrNewer, ErrInUse, ErrReadOnly, ErrFull and ErrUnavailable, and ErrNotCopy
// for a file that is something else.
func Open(ctx context.Context, path string, opts ...Option) (*Store, error) {
	o := sqlcore.NewOptions(sqldb.SQLite, opts)
	there, err := checkPath(path)
	if err != nil {
		return nil, err
	}
	if o.ReadOnly {
		return openReader(ctx, path, there, &o)
	}
	lock, made, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	there, err = checkPath(path) // nobody else makes it now
	var s *Store
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

// leaveNothing removes what a failed Open has created. It is called while the lock is still held, so that nobody else
// can have opened these files.
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

// OpenReadOnly opens a copy for reading, also while a process writes to it. What would
// write fails with store.ErrReadOnly. Errors: those of [Open]; it creates and upgrades nothing.
func OpenReadOnly(ctx context.Context, path string, opts ...Option) (*Store, error) {
	return Open(ctx, path, append(opts[:len(opts):len(opts)], sqlcore.ReadOnly)...)
}

// Exists reports whether there is a copy in a file, and makes nothing. Errors: those of [Open].
func Exists(ctx context.Context, path string, opts ...Option) (bool, error) {
	o := sqlcore.NewOptions(sqldb.SQLite, opts)
	there, err := checkPath(path)
	if err != nil || !there {
		return false, err
	}
	there, err = checkOurs(ctx, path, &o)
	if needsFiles(err) { // it may be one that cannot be written
		return true, nil
	}
	return there, err
}

// checkPath reports whether the file exists and is not empty, and refuses what can never be a copy.
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
		return false, sqlcore.ClassifyFile(path, err)
	case info.IsDir():
		return false, fmt.Errorf("%s: %w: it is a folder; give the path of a file", path, store.ErrNotCopy)
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("%s: %w: it is a device or a pipe; %s", path, store.ErrNotCopy, sqlcore.AdviceNotCopy)
	}
	return info.Size() > 0, nil
}

// lockName returns the name of the lock file. It is made from the resolved path, so that a copy has one lock by
// whatever name it is opened.
func lockName(path string) string { return resolved(path) + ".lock" }

// maxLinks is how many links that lead to links are followed, as most systems have it.
const maxLinks = 40

// resolved follows symbolic links, also to a file that does not exist yet, for which filepath.EvalSymlinks gives an
// error.
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

// lockFile locks the copy against other processes. It does not wait, since the other process may run for days. Made
// reports that the lock file was created here.
//
// After locking it checks that the locked file is still the one with that name: a process whose Open fails removes a
// lock file that it has created, and a lock on a removed file would keep nobody away.
func lockFile(path string) (lock *flock.Flock, made bool, err error) {
	name := lockName(path)
	for {
		_, missing := os.Stat(name)
		lock = flock.New(name, flock.SetFlag(os.O_CREATE|os.O_RDWR))
		locked, err := lock.TryLock()
		if err != nil {
			return nil, false, sqlcore.ClassifyFile(path, err)
		}
		if !locked {
			return nil, false, fmt.Errorf("%s: %w; wait for that or stop it, or use PostgreSQL, where several may work", path, store.ErrInUse)
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

// openReader opens a copy for reading. SQLite needs the file PATH-shm for that, even if nobody writes; in a folder
// that is not writable it cannot be made. Then the copy is opened as immutable, which is safe as long as no PATH-wal
// shows that somebody writes.
func openReader(ctx context.Context, path string, there bool, o *sqlcore.Options) (*Store, error) {
	if !there {
		return nil, fmt.Errorf("%s: %w: there is nothing in it", path, store.ErrNotCopy)
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
	if needsFiles(err) && !o.Immutable {
		// Reading makes PATH-shm, which cannot be in a folder that is not writable. It is not
		// needed where nobody writes, which PATH-wal would tell.
		if _, stat := os.Stat(resolved(path) + "-wal"); errors.Is(stat, os.ErrNotExist) {
			still := *o
			still.Immutable = true
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

// checkReadable checks that the file is a copy of a version that this release can read.
func (s *Store) checkReadable(ctx context.Context, o *sqlcore.Options) error {
	return sqldb.InRead(ctx, s.files, func(tx sqldb.Tx) error { return sqlcore.CheckReadable(ctx, tx, s.files.name, len(o.Steps)) })
}

// openWriter opens a copy for writing, after it was checked that the file is not something else.
func openWriter(ctx context.Context, path string, there bool, o *sqlcore.Options) (*Store, error) {
	if there {
		if _, err := checkOurs(ctx, path, o); err != nil {
			return nil, err
		}
	}
	s, err := newSQLite(path, "rwc", o)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, o); err != nil {
		_ = s.files.close()
		return nil, s.files.Classify(ctx, err)
	}
	s.files.opened = true
	return s, nil
}

// checkOurs refuses a file that is something else, before anything in it is changed. ours is false for one without
// anything in it.
func checkOurs(ctx context.Context, path string, o *sqlcore.Options) (ours bool, err error) {
	s, err := newSQLite(path, "ro", o)
	if err != nil {
		return false, err
	}
	defer func() { _ = s.files.close() }()
	err = sqldb.InRead(ctx, s.files, func(tx sqldb.Tx) error {
		version, err := o.Kind.Version(ctx, tx)
		if ours = version > 0; err != nil || ours {
			return err
		}
		var tables int
		err = sqldb.QueryRow(ctx, tx, []any{&tables}, `SELECT count(*) FROM sqlite_schema`)
		if err == nil && tables > 0 {
			err = fmt.Errorf("%s: %w: it has other tables; %s", path, store.ErrNotCopy, sqlcore.AdviceNotCopy)
		}
		return err
	})
	return ours, err
}

// newSQLite opens the connection pools. Nothing happens to the file before the first query. Writing has a single
// connection, because SQLite allows one writer at a time and a second one would only wait; transactions take the
// write lock at their beginning (immediate), since one that upgrades a read lock later can fail.
func newSQLite(path, mode string, o *sqlcore.Options) (*Store, error) {
	d := &sqliteDB{name: path, readOnly: mode == "ro", done: func() {}}
	if d.readOnly && !o.Immutable {
		d.done = sqlitewal.Reading(path)
	}
	uri, err := dsn(path, "ro", o, "query_only(1)", fmt.Sprintf("cache_size(-%d)", readCache))
	if err != nil {
		return nil, sqlcore.ClassifyFile(path, err)
	}
	if d.read, err = sqliteconn.Open(uri); err != nil {
		return nil, err
	}
	d.read.SetMaxOpenConns(readers)
	d.read.SetMaxIdleConns(1)
	d.write = d.read
	if !d.readOnly {
		synchronous := "synchronous(NORMAL)"
		if o.Durable {
			synchronous = "synchronous(FULL)"
		}
		uri, err := dsn(path, mode, o, "foreign_keys(1)", "journal_mode(WAL)", synchronous,
			fmt.Sprintf("cache_size(-%d)", writeCache), fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages))
		if err != nil {
			return nil, sqlcore.ClassifyFile(path, err)
		}
		if d.write, err = sqliteconn.Open(uri + "&_txlock=immediate&_time_format=sqlite"); err != nil {
			return nil, err
		}
		d.write.SetMaxOpenConns(1)
	}
	slot := jobdriver.NewSlot(func() jobdriver.Place {
		return jobdriver.Place{Driver: jobdriver.Erase(riversqlite.New(d.write)), Classify: d.Classify}
	})
	return &Store{core: sqlcore.New(d, path, dropRowsOf(o)), slot: slot, files: d}, nil
}

// dsn returns the data source name with the pragmas that each new connection executes.
func dsn(path, mode string, o *sqlcore.Options, pragmas ...string) (string, error) {
	query := url.Values{
		"mode":    {mode},
		"_pragma": append(append([]string{fmt.Sprintf("busy_timeout(%d)", o.BusyTimeout.Milliseconds())}, pragmas...), o.Pragmas...),
	}
	if o.Immutable {
		query.Set("immutable", "1")
	}
	return sqlitewal.URI(path, query)
}

// prepare brings the tables up to date and forgets what earlier processes held, such as places in the limits. The
// lock file says that there is no other process, so whatever is marked as held is held by nobody.
func (s *Store) prepare(ctx context.Context, o *sqlcore.Options) error {
	err := sqldb.InTx(ctx, s.files, func(tx sqldb.Tx) error {
		if err := sqlcore.Migrate(ctx, tx, s.files.name, o); err != nil {
			return err
		}
		return sqlquota.ForgetAll(ctx, tx, time.Now())
	})
	if err != nil || o.Kind != sqlcore.Copies {
		return err
	}
	migrator, err := rivermigrate.New(riversqlite.New(s.files.write), nil)
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	if err := s.freeJobs(ctx); err != nil {
		return err
	}
	return s.prepareStatements(ctx)
}

// freeJobs makes jobs available again that a process had when it was killed. The attempt is taken back: being killed
// is not a failure of the window.
func (s *Store) freeJobs(ctx context.Context) error {
	_, err := s.files.write.ExecContext(ctx, `UPDATE river_job SET state = 'available', attempt = max(attempt - 1, 0) WHERE state = 'running'`)
	return err
}

// prepareStatements prepares the statements that are executed for each activity.
func (s *Store) prepareStatements(ctx context.Context) error {
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

// Writer returns the connection that writes, which is one with that of all transactions.
func (s *Store) Writer() *sql.DB { return s.files.write }

// Close closes the file and lets other processes have it.
func (s *Store) Close() error {
	err := s.files.close()
	if s.lock != nil {
		err = errors.Join(err, s.lock.Unlock())
	}
	if err != nil {
		return fmt.Errorf("%s: closing: %w", s.files.name, err)
	}
	return nil
}

// sqliteDB is the database of one file: a connection that writes and some that read. It implements sqldb.DB.
type sqliteDB struct {
	name     string
	write    *sql.DB
	read     *sql.DB
	readOnly bool
	opened   bool   // it is a copy
	done     func() // after the last connection is closed
}

func (d *sqliteDB) Begin(ctx context.Context) (sqldb.Tx, error) {
	tx, err := d.write.BeginTx(ctx, nil)
	return &sqliteTx{tx}, err
}

func (d *sqliteDB) BeginRead(ctx context.Context) (sqldb.Tx, error) {
	tx, err := d.read.BeginTx(ctx, nil)
	return &sqliteTx{tx}, err
}

func (d *sqliteDB) Classify(ctx context.Context, err error) error {
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

func (t *sqliteTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := t.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *sqliteTx) Query(ctx context.Context, query string, args ...any) (sqldb.Rows, error) {
	r, err := t.tx.QueryContext(ctx, query, args...) //nolint:rowserrcheck // queryRow and queryAll check them
	if err != nil {
		return nil, err
	}
	return sqliteRows{r}, nil
}

func (t *sqliteTx) Commit(context.Context) error   { return t.tx.Commit() }
func (t *sqliteTx) Rollback(context.Context) error { return t.tx.Rollback() }
func (t *sqliteTx) Dialect() sqldb.Dialect         { return sqldb.SQLite }

type sqliteRows struct{ *sql.Rows }

func (r sqliteRows) Close() { _ = r.Rows.Close() }
