package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// classifyPostgres says what an error of PostgreSQL, or of the way to it, means for the user. Other errors are
// returned as they are, and so is everything after the end of the context, unless the error comes from the database:
// then it is a consequence of that end.
func classifyPostgres(ctx context.Context, copied string, err error) error {
	if err == nil || sqlcore.IsTold(err) {
		return err
	}
	if ctx.Err() != nil {
		if end := sqlcore.Stopped(ctx, copied, err); end != nil && isPostgres(err) {
			return end
		}
		return err
	}
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return classifyCode(copied, e.Code, err)
	}
	if isConnection(err) {
		return sqlcore.Told(copied, store.ErrUnavailable, sqlcore.AdviceUnreachable, oneLine{err})
	}
	return err
}

// oneLine is an error of pgx in one line. Pgx reports each attempt to connect in a line of its own, with TLS and
// without, and they mostly say the same.
type oneLine struct{ error }

// Error joins the lines; equal ones appear once.
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
		return sqlcore.Told(copied, store.ErrFull, sqlcore.AdviceFull, err)
	case code == "25006": // read_only_sql_transaction
		return sqlcore.Told(copied, store.ErrReadOnly, sqlcore.AdviceNoRight, err)
	case code == "42501": // insufficient_privilege
		return sqlcore.Told(copied, store.ErrReadOnly, sqlcore.AdviceNoRight, err)
	case strings.HasPrefix(code, "08"), // connection exceptions
		strings.HasPrefix(code, "53"), // insufficient resources
		// Shut down, starting, serialization, deadlock, lock and transaction time-outs.
		slices.Contains([]string{"57P01", "57P02", "57P03", "57P05", "40001", "40P01", "55P03", "25P03", "25P04"}, code):
		return sqlcore.Told(copied, store.ErrUnavailable, sqlcore.AdviceUnreachable, err)
	case slices.Contains([]string{"XX001", "XX002"}, code), // data_corrupted, index_corrupted
		slices.Contains([]string{"42P01", "42703", "42883", "42704"}, code), // undefined table, column, function, object
		strings.HasPrefix(code, "58"):                                       // errors of the system, such as of reading a file
		return sqlcore.Told(copied, store.ErrDamaged, sqlcore.AdviceDamagedBase, err)
	case strings.HasPrefix(code, "28"): // invalid authorization
		return sqlcore.Told(copied, store.ErrUnusable, sqlcore.AdviceNoLogin, err)
	case slices.Contains([]string{"3D000", "3F000", "57P04"}, code): // no such database or schema, database dropped
		return sqlcore.Told(copied, store.ErrUnusable, sqlcore.AdviceNoDatabase, err)
	case code == "42P07": // duplicate_table
		return sqlcore.Told(copied, store.ErrNotCopy, "give it a database or a schema of its own", err)
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

// isPostgres reports whether an error came from the database, and not from what a transaction was to do.
func isPostgres(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) || isConnection(err) || errors.Is(err, pgx.ErrTxClosed) || errors.Is(err, pgx.ErrTxCommitRollback)
}
