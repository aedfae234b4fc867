package filestore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
	"github.com/mktows/mktows-go/leadsync/store"
)

// stateName is the database in the directory.
const stateName = "state.db"

// DefaultCommitRows is how many rows a segment has at least, unless a window ends.
const DefaultCommitRows = 20_000

// Option changes how a copy is kept in a directory.
type Option func(*options) error

// options are what the options set.
type options struct {
	format     Format // empty: that of the directory
	commitRows int
}

// WithFormat sets how rows are written, which is fixed when the directory is begun. Default: the
// format it was begun with, JSONLGzip for a new one; an empty one stands for that too.
func WithFormat(f Format) Option {
	return func(o *options) (err error) {
		if f != "" {
			_, err = ParseFormat(string(f))
		}
		o.format = f
		return err
	}
}

// WithCommitRows sets what Store.CommitRows returns. Default: DefaultCommitRows.
func WithCommitRows(n int) Option {
	return func(o *options) error {
		if n < 1 {
			return fmt.Errorf("filestore: WithCommitRows: %d is less than 1", n)
		}
		o.commitRows = n
		return nil
	}
}

// database is state.db.
type database = sqlite.Store

// Store is a copy in files. It is safe for concurrent use. One process at a time has it open for writing; any number
// may read. It embeds the store of state.db, which does everything except for the rows, and replaces the methods that
// deal with rows.
type Store struct {
	*database

	dir        string
	format     Format
	commitRows int
	readOnly   bool

	// step is called at the points of a commit, with their names. Tests die there.
	step func(point string)

	mu       sync.Mutex // held by those who write files
	segments []Segment  // what is committed
	stale    bool       // segments or the manifest may be behind state.db
	notice   string
}

var _ store.Store = (*Store)(nil)

// Open opens the copy in a directory. If the directory is empty or does not exist, Open begins a copy in it; the parent
// directory has to exist. Files that an earlier process has left half-written are removed.
//
// Errors: those of package store (ErrInUse, ErrNewer, ErrReadOnly, ErrFull); store.ErrNotCopy for a directory with other
// files; errors for a directory of another format, for a segment that is missing or has the wrong size, and for segments
// without the state.db that they belong to.
func Open(ctx context.Context, dir string, opts ...Option) (*Store, error) {
	var o options
	var mistakes []error
	for _, set := range opts {
		mistakes = append(mistakes, set(&o))
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	dir = filepath.Clean(dir)
	err := os.Mkdir(dir, 0o755) //nolint:gosec // less what the user's mask takes away
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fileError(err)
	}
	s, failed := openDir(ctx, dir, o)
	if failed != nil && err == nil {
		_ = os.Remove(dir) // it has just been made; if somebody else has put something there, it stays
	}
	return s, failed
}

// openDir opens the copy in a directory that is there.
func openDir(ctx context.Context, dir string, o options) (*Store, error) {
	if err := hasState(dir); err != nil {
		return nil, err
	}
	s := newStore(dir, o.commitRows)
	db, err := sqlite.Open(ctx, filepath.Join(dir, stateName), sqlite.WithDurableCommits(), sqlite.WithDropRows(s.dropRows))
	if err != nil {
		return nil, err
	}
	s.database = db
	if err := s.begin(ctx, o.format); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// OpenReadOnly opens the copy in a directory for reading, even while another process writes to it. It creates and removes
// nothing, and methods that write fail with store.ErrReadOnly. Errors: those of Open.
func OpenReadOnly(ctx context.Context, dir string) (*Store, error) {
	dir = filepath.Clean(dir)
	db, err := sqlite.OpenReadOnly(ctx, filepath.Join(dir, stateName))
	if err != nil {
		return nil, err
	}
	s := newStore(dir, 0)
	s.database, s.readOnly = db, true
	if err := s.loadReadOnly(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if _, err := s.listed(); err == nil && s.notice != "" {
		s.notice += "; a process that writes the copy, such as the next run, writes it again"
	}
	return s, nil
}

// loadReadOnly loads the state for reading. A reader may not write, so it cannot upgrade an older copy and has to
// refuse it.
func (s *Store) loadReadOnly(ctx context.Context) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	version, err := storedVersion(ctx, s.Reader())
	if err == nil && version < stateVersion {
		err = fmt.Errorf("its files have version %d, this release reads %d; run mktows sync once, which upgrades them", version, stateVersion)
	}
	return s.failed(err)
}

func newStore(dir string, commitRows int) *Store {
	if commitRows == 0 {
		commitRows = DefaultCommitRows
	}
	return &Store{dir: dir, commitRows: commitRows, step: func(string) {}}
}

// Exists reports whether a directory holds a copy, or the manifest of one, and makes nothing.
// Errors: store.ErrNotCopy for a directory of other files; those of reading the directory.
func Exists(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fileError(err)
	}
	other := ""
	for _, entry := range entries {
		switch name := entry.Name(); {
		case name == stateName, name == manifestName && isManifest(dir):
			return true, nil
		case !isLeftover(name):
			other = cmp.Or(other, name)
		}
	}
	if other != "" {
		return false, fmt.Errorf("%s: %w: there are other files in it, such as %s; choose an empty or a new directory", dir, store.ErrNotCopy, other)
	}
	return false, nil
}

// isManifest reports whether manifest.json is the manifest of a copy, which always has a version, or belongs to
// another program. One that cannot be read counts as ours: it may have been torn by a crash.
func isManifest(dir string) bool {
	m, err := ReadManifest(dir)
	return err != nil || m.Version > 0
}

// isLeftover reports whether a file may be in a directory that has no copy yet: a process that died while it began
// one has left it, or the file system has put it there.
func isLeftover(name string) bool {
	return strings.HasPrefix(name, stateName) || strings.HasPrefix(name, tempPrefix) || name == "lost+found"
}

// hasState refuses to begin a copy among other files, and in a directory that has segments but no state.db. A new
// state.db would know none of the segments and take them for the leftovers of a crash.
func hasState(dir string) error {
	if _, err := Exists(dir); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, stateName)); !errors.Is(err, fs.ErrNotExist) {
		return fileError(err)
	}
	m, err := ReadManifest(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(m.Segments) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w; and there is no %s to restore it from: bring that back, or choose a new directory", store.ErrDamaged, err, stateName)
	}
	return fmt.Errorf("%w: %s has %d segments but not the %s that they belong to: bring it back, or choose a new directory",
		store.ErrDamaged, dir, len(m.Segments), stateName)
}

// begin prepares state.db and brings the directory into agreement with it.
func (s *Store) begin(ctx context.Context, f Format) error {
	if err := s.inTx(ctx, func(tx *sql.Tx) error { return prepare(ctx, tx, f) }); err != nil {
		return s.failed(err)
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	if f != "" && f != s.format {
		return fmt.Errorf("%s was begun with the format %s, not %s: leave the format out, or choose a new directory",
			s.dir, s.format, f)
	}
	if err := s.upgrade(ctx); err != nil {
		return s.failed(err)
	}
	if err := s.removeDebris(); err != nil {
		return s.failed(err)
	}
	return s.failed(s.writeManifest())
}

// load reads which segments are committed, and checks that each exists and has its size. The checksums are verified
// when a segment is read.
func (s *Store) load(ctx context.Context) error {
	var err error
	if s.format, err = storedFormat(ctx, s.Reader()); err != nil {
		return s.failed(err)
	}
	if s.segments, err = storedSegments(ctx, s.Reader()); err != nil {
		return s.failed(err)
	}
	var errs []error
	for i := range s.segments {
		segment := &s.segments[i]
		info, err := os.Stat(s.path(segment))
		if err == nil && info.Size() != segment.Bytes {
			err = sizeError(segment, info.Size())
		}
		if err != nil {
			errs = append(errs, s.damaged(segment, err))
		}
	}
	return errors.Join(errs...)
}

// removeDebris removes what a process that died has left behind: temporary files, and a segment that was not
// committed. If a segment is in the manifest but not in state.db, nothing is removed and there is an error: somebody
// has brought back an old state.db, and the files are newer than it.
func (s *Store) removeDebris() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	committed := make(map[string]bool, len(s.segments))
	for i := range s.segments {
		committed[s.segments[i].Name] = true
	}
	listed, err := s.listed()
	if err != nil {
		return err
	}
	if s.notice != "" {
		s.notice += "; it was written anew from " + stateName
	}
	var debris []string
	for _, entry := range entries {
		name := entry.Name()
		base, temp := strings.CutPrefix(name, tempPrefix)
		ours := parseSegmentName(base, s.format) || temp && base == manifestName
		if !ours || !temp && committed[name] || !entry.Type().IsRegular() {
			continue
		}
		if !temp && (listed[name] || s.notice != "" && !s.isNext(name)) {
			return fmt.Errorf("%s is in %s but not in %s, which is older: bring back the newest %[3]s, or move the file away and run again",
				name, manifestName, stateName)
		}
		debris = append(debris, name)
	}
	for _, name := range debris {
		if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
			return fileError(err)
		}
	}
	return nil
}

// isNext reports whether a segment may belong to a commit that a crash has cut off, which is the one after the last.
// Without a manifest, nothing else tells it from the segments of a newer state.db.
func (s *Store) isNext(name string) bool {
	for _, kind := range []Kind{Activities, Leads} {
		last := int64(0)
		for i := range s.segments {
			if s.segments[i].Kind == kind {
				last = s.segments[i].number
			}
		}
		if name == segmentName(kind, last+1, s.format) {
			return true
		}
	}
	return false
}

// listed returns the names in the manifest. A manifest that is missing or torn is not an error, since state.db has
// everything that it says; it is reported in the notice.
func (s *Store) listed() (map[string]bool, error) {
	m, err := ReadManifest(s.dir)
	switch {
	case errors.Is(err, store.ErrNewer):
		return nil, err
	case errors.Is(err, fs.ErrNotExist):
		if len(s.segments) > 0 {
			s.notice = manifestName + " was missing in " + s.dir
		}
		return nil, nil
	case err != nil:
		s.notice = err.Error() + ": it cannot be read"
		return nil, nil
	}
	names := make(map[string]bool, len(m.Segments))
	for i := range m.Segments {
		names[m.Segments[i].Name] = true
	}
	return names, nil
}

// writeManifest writes the manifest for the committed segments, unless it says the same already: an unnecessary new
// file would make other programs believe that something has changed.
func (s *Store) writeManifest() error {
	text, err := newManifest(s.format, s.segments).encode()
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(filepath.Join(s.dir, manifestName)); err == nil && string(old) == string(text) {
		return nil
	}
	return writeManifest(s.dir, text)
}

// String is the directory.
func (s *Store) String() string { return s.dir }

// Notice says what was wrong with the directory when it was opened and did no harm, such as a manifest that was torn;
// empty if all was well.
func (s *Store) Notice() string { return s.notice }

// Format is the one that the directory was begun with.
func (s *Store) Format() Format { return s.format }

// CommitRows is how many rows a Commit should have at least, so that segments are not tiny.
func (s *Store) CommitRows() int { return s.commitRows }

// Close closes state.db. What is committed is on the disk before that.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.database.Close()
}

// Status reports on everything; see [store.Store]. Rows are counted once, however many
// versions there are of them.
func (s *Store) Status(ctx context.Context) (store.Status, error) {
	status, err := s.database.Status(ctx)
	if err != nil {
		return status, err
	}
	status.Copy = s.String()
	err = s.Reader().QueryRowContext(ctx, `SELECT count(CASE kind WHEN 'activities' THEN 1 END), count(CASE kind WHEN 'leads' THEN 1 END),
		count(CASE kind WHEN 'leads' THEN gone_at END) FROM file_keys`).Scan(&status.Activities, &status.Leads, &status.Gone)
	return status, s.failed(err)
}

// Segments are the committed segments, in the order in which they were written.
func (s *Store) Segments() []Segment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.segments)
}

func (s *Store) path(segment *Segment) string { return filepath.Join(s.dir, segment.Name) }

// damaged is the error of a segment that cannot be read as it was written.
func (s *Store) damaged(segment *Segment, err error) error {
	return fmt.Errorf("segment %s: %w: %w; the service is not at fault; bring it back from a backup, or start a copy in a new directory",
		s.path(segment), store.ErrDamaged, err)
}

// failed adds to an error which copy it is about.
func (s *Store) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", s.dir, err)
}

// inTx runs f in a transaction of state.db and commits it unless f fails.
func (s *Store) inTx(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.Writer().BeginTx(ctx, nil)
	if err != nil {
		return sqlcore.Database(s).Classify(ctx, err)
	}
	defer tx.Rollback() //nolint:errcheck // harmless after the commit
	err = f(tx)
	if err == nil {
		err = tx.Commit()
	}
	return sqlcore.Database(s).Classify(ctx, err)
}

// View says that files have no index by which histories are found; see [store.Histories].
func (s *Store) View(context.Context, func(store.Snapshot) error) error {
	return fmt.Errorf("%s: files have no index by which the histories of leads are found; copy into SQLite or PostgreSQL: %w", s.dir, errors.ErrUnsupported)
}
