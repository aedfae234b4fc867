package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// classifySQLite says what an error of SQLite means for the user: the class of package store, and advice. Other
// errors are returned as they are. Extended codes have the basic one in their lowest byte.
func classifySQLite(ctx context.Context, copied string, err error) error {
	var e *sqlite.Error
	switch {
	case err == nil || sqlcore.IsTold(err):
		return err
	case errors.Is(err, sql.ErrTxDone):
		if end := sqlcore.Stopped(ctx, copied, err); end != nil {
			return end
		}
		return err
	case !errors.As(err, &e):
		return err
	}
	switch code := e.Code(); {
	case code == sqlite3.SQLITE_IOERR_SHMSIZE, code&0xff == sqlite3.SQLITE_FULL:
		return sqlcore.Told(copied, store.ErrFull, sqlcore.AdviceFull, err)
	case code&0xff == sqlite3.SQLITE_READONLY, code&0xff == sqlite3.SQLITE_PERM:
		return sqlcore.Told(copied, store.ErrReadOnly, sqlcore.AdviceReadOnly, err)
	case code&0xff == sqlite3.SQLITE_BUSY, code&0xff == sqlite3.SQLITE_LOCKED:
		return sqlcore.Told(copied, store.ErrUnavailable, sqlcore.AdviceLocked, err)
	case code&0xff == sqlite3.SQLITE_NOTADB:
		return sqlcore.Told(copied, store.ErrNotCopy, sqlcore.AdviceNotCopy, err)
	case code&0xff == sqlite3.SQLITE_CORRUPT, code&0xff == sqlite3.SQLITE_IOERR, lacksSchema(e):
		return sqlcore.Told(copied, store.ErrDamaged, sqlcore.AdviceDamagedFile, err)
	case code&0xff == sqlite3.SQLITE_CANTOPEN:
		return sqlcore.Told(copied, store.ErrUnusable, sqlcore.AdviceCannotOpen, err)
	case code&0xff == sqlite3.SQLITE_INTERRUPT:
		if end := sqlcore.Stopped(ctx, copied, err); end != nil {
			return end
		}
	}
	return fmt.Errorf("%s: %w", copied, err)
}

// lacksSchema reports whether a table or a column is missing, as in a file that somebody has tampered with. SQLite
// has no code for that, so this is the one place that looks at the text of an error.
func lacksSchema(e *sqlite.Error) bool {
	return e.Code() == sqlite3.SQLITE_ERROR && (strings.Contains(e.Error(), "no such table") ||
		strings.Contains(e.Error(), "no such column") || strings.Contains(e.Error(), "has no column named"))
}

// classifyOpened is classifySQLite for a file that was a copy when it was opened. If it is not a database any more, it
// was damaged since; it is not another program's file.
func classifyOpened(ctx context.Context, copied string, err error) error {
	var e *sqlite.Error
	if !sqlcore.IsTold(err) && errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_NOTADB {
		return sqlcore.Told(copied, store.ErrDamaged, sqlcore.AdviceDamagedFile, err)
	}
	return classifySQLite(ctx, copied, err)
}
