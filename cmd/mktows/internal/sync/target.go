package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// VarSyncTo is the environment variable for the place of the copy. It exists because a URL may hold a password, and
// other users of the machine can see the arguments of a process.
const VarSyncTo = "MKTOWS_SYNC_TO"

// VarSyncSchema is the environment variable for the schema of the copy.
const VarSyncSchema = "MKTOWS_SYNC_SCHEMA"

// targetFlags say where the copy is and, for files, in which format.
type targetFlags struct{ to, schema, format string }

func (f *targetFlags) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.to, "to", "", "`PLACE` of the copy (default: $"+VarSyncTo+")")
	settings.FileValue(fs, "to")
	f.bindSchema(fs)
}

func (f *targetFlags) bindSchema(fs *pflag.FlagSet) {
	settings.BindProfile(fs)
	fs.StringVar(&f.schema, "schema", "", "`SCHEMA` of the PostgreSQL database that the copy is in (default: $"+VarSyncSchema+", or the search path)")
}

func (f *targetFlags) bindFormat(fs *pflag.FlagSet) {
	fs.StringVar(&f.format, "format", "", "`FORM` of files: "+formatList()+" (default jsonl.gz)")
	settings.Values(fs, "format", settings.Words(filestore.Formats())...)
}

// formatList names the formats of files, for a sentence.
func formatList() string {
	var names []string
	for _, f := range filestore.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// passwordHint returns the advice for a command line that is printed without the password which --to had; "" if it
// had none.
func (f *targetFlags) passwordHint(t target) string {
	if f.to == "" || settings.WithoutPassword(f.to) == f.to {
		return ""
	}
	return "the password is left out there: give it again, in PGPASSWORD for example"
}

type targetKind int

const (
	sqliteTarget targetKind = iota
	postgresTarget
	filesTarget
)

// target is the place of a copy, with what kind of store it is. String never shows a password.
type target struct {
	kind   targetKind
	place  string // path or URL, which may hold a password
	format filestore.Format
}

// newTarget finds out what kind of store a place names: a URL is PostgreSQL; a folder, a path that ends in a slash or
// any path with --format is a folder of files; every other path is a SQLite file. Every error is a mistake in the
// command line.
func newTarget(a *console.Console, f *targetFlags) (target, error) {
	t := target{place: f.to}
	if t.place == "" {
		t.place = a.Getenv(VarSyncTo)
	}
	if t.place == "" {
		return t, exit.Usagef("--to is missing: give a path such as leads.db, or set %s", VarSyncTo)
	}
	if strings.TrimSpace(t.place) != t.place {
		return t, exit.Usagef("%s: %q starts or ends with white space: remove it", settings.SourceOfFlag(a, f.to, "--to", VarSyncTo), t.String())
	}
	if err := sqlstore.CheckTarget(t.place); err != nil {
		return t, exit.Usagef("--to: %w", err)
	}
	if f.format != "" {
		format, err := filestore.ParseFormat(f.format)
		if err != nil {
			return t, exit.Usagef("--format: %q is none of %s", f.format, formatList())
		}
		t.format = format
	}
	if err := f.useSchema(a, &t); err != nil {
		return t, err
	}
	info, err := os.Stat(t.place)
	isFolder := err == nil && info.IsDir()
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return t, underFile(t.place)
	case sqlstore.IsPostgres(t.place):
		t.kind = postgresTarget
		if f.format != "" {
			return t, exit.Usagef("--format is for files, and --to is PostgreSQL: leave one of them out")
		}
	case strings.Contains(t.place, "://"):
		return t, exit.Usagef("--to: %s is neither a path nor a URL of PostgreSQL, such as postgres://host/name", settings.WithoutPassword(t.place))
	case err == nil && !isFolder && f.format != "":
		return t, exit.Usagef("--format is for files in a folder, and %s is a file: leave --format out if it is a copy in SQLite", t.place)
	case isFolder, f.format != "", strings.HasSuffix(t.place, "/"), strings.HasSuffix(t.place, string(os.PathSeparator)):
		t.kind = filesTarget
	}
	return t, nil
}

// useSchema puts the schema into the URL of a target. MKTOWS_SYNC_SCHEMA belongs to MKTOWS_SYNC_TO: it is not for what --to names.
func (f *targetFlags) useSchema(a *console.Console, t *target) (err error) {
	name, postgres := f.schema, sqlstore.IsPostgres(t.place)
	if name == "" && f.to == "" && postgres {
		name = a.Getenv(VarSyncSchema)
	}
	if name == "" {
		return nil
	}
	source := settings.SourceOfFlag(a, f.schema, "--schema", VarSyncSchema)
	if !postgres {
		return exit.Usagef("%s is for a copy in PostgreSQL: leave it out, or give the URL of a database", source)
	}
	if t.place, err = sqlstore.InSchema(t.place, name); err != nil {
		return exit.Usagef("%s: %w", source, err)
	}
	return nil
}

// underFile returns the error for a path that continues after the name of a file, such as leads.db/.
func underFile(place string) error {
	path := filepath.Clean(place)
	if _, err := os.Stat(path); err == nil {
		return exit.Usagef("%s is a file, and the / after it stands for a folder: leave the / out, or name a folder", path)
	}
	return exit.Usagef("%s: part of this path is a file, not a folder: name another place", place)
}

// String names the place without a password.
func (t target) String() string { return settings.WithoutPassword(t.place) }

// open opens a copy for writing and creates it if it does not exist.
func (t target) open(ctx context.Context) (store.Store, error) {
	if t.kind == filesTarget {
		if m, err := filestore.ReadManifest(t.place); err == nil && t.format != "" && t.format != m.Format {
			return nil, exit.Usagef("--format: %s was begun with the format %s, not %s: leave it out, or choose a new folder", t, m.Format, t.format)
		}
		s, err := filestore.Open(ctx, t.place, filestore.WithFormat(t.format))
		if err != nil {
			return nil, unreadable(ctx, err) // s is a nil pointer, and would not be a nil Store
		}
		return s, nil
	}
	if t.kind == sqliteTarget && !exists(filepath.Dir(t.place)) {
		return nil, t.noFolder()
	}
	if t.kind == postgresTarget {
		if _, err := t.reach(ctx, reachTimeout); err != nil {
			return nil, err
		}
	}
	s, err := sqlstore.Open(ctx, t.place)
	return s, t.loginError(err)
}

// openReadOnly opens a copy that another process may be writing. It fails if there is none.
func (t target) openReadOnly(ctx context.Context) (store.Store, error) {
	if err := t.mustHold(ctx); err != nil {
		return nil, err
	}
	if t.kind == filesTarget {
		s, err := filestore.OpenReadOnly(ctx, t.place)
		if err != nil {
			return nil, unreadable(ctx, err) // s is a nil pointer, and would not be a nil Store
		}
		return s, nil
	}
	s, err := sqlstore.OpenReadOnly(ctx, t.place)
	return s, t.loginError(err)
}

// loginError shortens what a PostgreSQL server says about a wrong user or password. The driver tries every address of
// the host, with and without TLS, and joins all errors; they say the same thing. Other errors are returned as they
// are.
func (t target) loginError(err error) error {
	last := lastRefusal(err)
	if last == nil {
		return err
	}
	return exit.AsSettings(fmt.Errorf("%s: PostgreSQL refuses the login: %s (%s): see to the user in the URL, and to PGPASSWORD or ~/.pgpass", t, last.Message, last.Code))
}

// lastRefusal returns the last error of SQLSTATE class 28 (invalid authorization) in the tree of err, or nil.
func lastRefusal(err error) (last *pgconn.PgError) {
	switch e := err.(type) { //nolint:errorlint // it walks the tree itself
	case *pgconn.PgError:
		if strings.HasPrefix(e.Code, "28") {
			last = e
		}
	case interface{ Unwrap() error }:
		last = lastRefusal(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			last = cmp.Or(lastRefusal(part), last)
		}
	}
	return last
}

// holdsCopy reports whether there is a copy at the place. It creates nothing. A place where a copy can never be, such
// as one in a folder that does not exist, is an error.
func (t target) holdsCopy(ctx context.Context) (bool, error) {
	if t.kind == filesTarget {
		if !exists(t.place) && !exists(filepath.Dir(filepath.Clean(t.place))) {
			return false, t.noFolder()
		}
		return filestore.Exists(t.place)
	}
	if t.kind == sqliteTarget && !exists(filepath.Dir(t.place)) {
		return false, t.noFolder()
	}
	if t.kind == postgresTarget {
		return t.reach(ctx, reachTimeout)
	}
	return sqlstore.Exists(ctx, t.place)
}

// mustHold fails if there is no copy at the place, for commands that make none.
func (t target) mustHold(ctx context.Context) error {
	if !t.exists() {
		return exit.NoCopy(t.String())
	}
	there, err := t.holdsCopy(ctx)
	switch {
	case err != nil && t.kind == filesTarget:
		return unreadable(ctx, err)
	case err != nil:
		return err
	case !there:
		return exit.NoCopy(t.String())
	}
	return nil
}

// reachTimeout is how long a PostgreSQL server may take to answer the first question. A host may have several
// addresses, and each may be tried with and without TLS.
const reachTimeout = 15 * time.Second

// reach asks a PostgreSQL server whether it has a copy. It limits the wait, because a firewall that drops packets
// would otherwise let the command hang for minutes without a word.
func (t target) reach(ctx context.Context, patience time.Duration) (bool, error) {
	bound, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	there, err := sqlstore.Exists(bound, t.place)
	if err != nil && bound.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%s: %w: no answer within %s: see that host and port are right, that the server runs, and that no firewall is in between",
			t, store.ErrUnavailable, patience)
	}
	return there, t.loginError(err)
}

// noFolder returns the error for a place in a folder that does not exist. It is not created: it is most likely
// misspelt.
func (t target) noFolder() error {
	return exit.Usagef("--to: there is no folder %s: make it first, or name another place", filepath.Dir(filepath.Clean(t.place)))
}

// exists reports whether there is something at the place. For PostgreSQL that is not known without a connection, so
// the answer is yes.
func (t target) exists() bool { return t.kind == postgresTarget || exists(t.place) }

// exists reports whether there is something at path. Errors other than "not found" count as yes, so that opening it
// reports them.
func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// unreadableError says that a copy cannot be read, for example because a file of it is damaged.
type unreadableError struct{ error }

func (e unreadableError) Unwrap() error { return e.error }

func (unreadableError) ExitCode() int { return exit.CopyBroken }

// unreadable marks err as an unreadableError, unless it is nil or the command was interrupted.
func unreadable(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	return unreadableError{err}
}
