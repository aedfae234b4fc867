package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/mktows/mktows-go/leadsync"
)

// ErrNotCopy says that the file or the database is none that this package has made.
var ErrNotCopy = errors.New("not a copy made by mktows sync")

// The advice that goes with each class of errors.
const (
	adviceFull        = "free some and run again, nothing that was committed is lost"
	adviceReadOnly    = "make the file, its folder and the disk writable for this user, or choose another place"
	adviceLocked      = "another program holds it locked; end that and try again"
	adviceNotCopy     = "give the path of a new file or of one that mktows sync has made"
	adviceUnreachable = "see that the server runs and can be reached, then try again"
	adviceNoRight     = "give the user the right to write, or connect to a server that is no standby"
	// What is damaged is never written to again: it may be all that there is.
	adviceDamagedFile = "the service is not at fault, and no call helps: copy the file away with its -wal, look at the disk, " +
		"then put a backup in its place, make a new file of it with sqlite3 FILE .recover, or begin another copy"
	adviceDamagedBase = "the service is not at fault, and no call helps: let whoever runs the database look at it, " +
		"then restore a backup, or begin another copy in a database or a schema of its own"
	adviceCannotOpen = "see that the file and its folder are still there and can be read by this user"
	adviceNoLogin    = "see to the user and the password, to PGPASSWORD and to ~/.pgpass"
	adviceNoDatabase = "create the database or the schema, or correct its name"
)

// told is an error of the database with its class and what to do.
func told(copied string, class error, advice string, err error) error {
	return fmt.Errorf("%s: %w: %s (%w)", copied, class, advice, err)
}

// isTold reports whether an error need not be classified again.
func isTold(err error) bool {
	for _, class := range []error{
		leadsync.ErrFull, leadsync.ErrReadOnly, leadsync.ErrUnavailable, leadsync.ErrInUse,
		leadsync.ErrNewer, leadsync.ErrOtherQuery, leadsync.ErrLost, leadsync.ErrClaimed, leadsync.ErrDone, ErrNotCopy,
		leadsync.ErrDamaged, leadsync.ErrUnusable, leadsync.ErrRefused, leadsync.ErrNoStream,
	} {
		if errors.Is(err, class) {
			return true
		}
	}
	return false
}

// stopped is the error of a context that ended while the database worked, nil if it did not.
func stopped(ctx context.Context, copied string, err error) error {
	if ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return nil
	}
	return fmt.Errorf("%s: %w (%w)", copied, ctx.Err(), err)
}

// classifyFile says what an error of the operating system means.
func classifyFile(copied string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return told(copied, leadsync.ErrFull, adviceFull, err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, os.ErrPermission):
		return told(copied, leadsync.ErrReadOnly, adviceReadOnly, err)
	}
	return fmt.Errorf("%s: %w", copied, err)
}

// classifySQLite says what an error of SQLite means. Others come back as they are.
func classifySQLite(ctx context.Context, copied string, err error) error {
	var e *sqlite.Error
	switch {
	case err == nil || isTold(err):
		return err
	case errors.Is(err, sql.ErrTxDone):
		if end := stopped(ctx, copied, err); end != nil {
			return end
		}
		return err
	case !errors.As(err, &e):
		return err
	}
	switch code := e.Code(); {
	case code == sqlite3.SQLITE_IOERR_SHMSIZE, code&0xff == sqlite3.SQLITE_FULL:
		return told(copied, leadsync.ErrFull, adviceFull, err)
	case code&0xff == sqlite3.SQLITE_READONLY, code&0xff == sqlite3.SQLITE_PERM:
		return told(copied, leadsync.ErrReadOnly, adviceReadOnly, err)
	case code&0xff == sqlite3.SQLITE_BUSY, code&0xff == sqlite3.SQLITE_LOCKED:
		return told(copied, leadsync.ErrUnavailable, adviceLocked, err)
	case code&0xff == sqlite3.SQLITE_NOTADB:
		return told(copied, ErrNotCopy, adviceNotCopy, err)
	case code&0xff == sqlite3.SQLITE_CORRUPT, code&0xff == sqlite3.SQLITE_IOERR, lacksSchema(e):
		return told(copied, leadsync.ErrDamaged, adviceDamagedFile, err)
	case code&0xff == sqlite3.SQLITE_CANTOPEN:
		return told(copied, leadsync.ErrUnusable, adviceCannotOpen, err)
	case code&0xff == sqlite3.SQLITE_INTERRUPT:
		if end := stopped(ctx, copied, err); end != nil {
			return end
		}
	}
	return fmt.Errorf("%s: %w", copied, err)
}

// lacksSchema reports whether a table or a column is missing. SQLite has no code of its own for that, only text.
func lacksSchema(e *sqlite.Error) bool {
	return e.Code() == sqlite3.SQLITE_ERROR && (strings.Contains(e.Error(), "no such table") ||
		strings.Contains(e.Error(), "no such column") || strings.Contains(e.Error(), "has no column named"))
}

// classifyOpened is classifySQLite for a copy that was one when it was opened.
func classifyOpened(ctx context.Context, copied string, err error) error {
	var e *sqlite.Error
	if !isTold(err) && errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_NOTADB {
		return told(copied, leadsync.ErrDamaged, adviceDamagedFile, err)
	}
	return classifySQLite(ctx, copied, err)
}

// classifyPostgres says what an error of PostgreSQL or of the way to it means. Others
// come back as they are.
func classifyPostgres(ctx context.Context, copied string, err error) error {
	if err == nil || isTold(err) {
		return err
	}
	if ctx.Err() != nil {
		if end := stopped(ctx, copied, err); end != nil && isPostgres(err) {
			return end
		}
		return err
	}
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return classifyCode(copied, e.Code, err)
	}
	if isConnection(err) {
		return told(copied, leadsync.ErrUnavailable, adviceUnreachable, oneLine{err})
	}
	return err
}

// oneLine is an error of pgx in one line: it tells each way of connecting in a line of its own, also where the
// ways with and without TLS have failed alike.
type oneLine struct{ error }

func (e oneLine) Error() string {
	var parts []string
	for line := range strings.Lines(e.error.Error()) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(parts, line) {
			parts = append(parts, line)
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return parts[0] + " " + strings.Join(parts[1:], "; ")
}

func (e oneLine) Unwrap() error { return e.error }

// classifyCode goes by the SQLSTATE (PostgreSQL's manual, appendix A).
func classifyCode(copied, code string, err error) error {
	switch {
	case code == "53100": // disk_full
		return told(copied, leadsync.ErrFull, adviceFull, err)
	case code == "25006": // read_only_sql_transaction
		return told(copied, leadsync.ErrReadOnly, adviceNoRight, err)
	case code == "42501": // insufficient_privilege
		return told(copied, leadsync.ErrReadOnly, adviceNoRight, err)
	case strings.HasPrefix(code, "08"), // connection exceptions
		strings.HasPrefix(code, "53"), // insufficient resources
		// Shut down, starting, serialization, deadlock, lock and transaction time-outs.
		slices.Contains([]string{"57P01", "57P02", "57P03", "57P05", "40001", "40P01", "55P03", "25P03", "25P04"}, code):
		return told(copied, leadsync.ErrUnavailable, adviceUnreachable, err)
	case slices.Contains([]string{"XX001", "XX002"}, code), // data_corrupted, index_corrupted
		slices.Contains([]string{"42P01", "42703", "42883", "42704"}, code), // undefined table, column, function, object
		strings.HasPrefix(code, "58"):                                       // errors of the system, such as of reading a file
		return told(copied, leadsync.ErrDamaged, adviceDamagedBase, err)
	case strings.HasPrefix(code, "28"): // invalid authorization
		return told(copied, leadsync.ErrUnusable, adviceNoLogin, err)
	case slices.Contains([]string{"3D000", "3F000", "57P04"}, code): // no such database or schema, database dropped
		return told(copied, leadsync.ErrUnusable, adviceNoDatabase, err)
	case code == "42P07": // duplicate_table
		return told(copied, ErrNotCopy, "give it a database or a schema of its own", err)
	}
	return fmt.Errorf("%s: %w", copied, err)
}

// isConnection reports whether the connection broke, could not be made, or was gone.
func isConnection(err error) bool {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return true
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false // of a context inside; a deadline is a net.Error too
	}
	var network net.Error
	return errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// isPostgres reports whether an error came from the database rather than from what a
// transaction was to do.
func isPostgres(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) || isConnection(err) || errors.Is(err, pgx.ErrTxClosed) || errors.Is(err, pgx.ErrTxCommitRollback)
}
