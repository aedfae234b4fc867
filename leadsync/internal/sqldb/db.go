// Package sqldb is what SQLite and PostgreSQL have in common for statements that are written once for both:
// transactions, rows, placeholders and times. It knows no driver and nothing about what the tables contain. An object
// mapper would hide more, but each statement should be readable as what the database executes.
package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Dialect tells the two databases apart where a statement has to.
type Dialect int

// The dialects.
const (
	SQLite   Dialect = iota // a file
	Postgres                // a server
)

// String is the name of the folder of migrations.
func (d Dialect) String() string {
	if d == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// DB is what the two databases have in common.
type DB interface {
	// Begin starts a transaction for writing.
	Begin(ctx context.Context) (Tx, error)
	// BeginRead starts one that reads a snapshot and holds nobody up.
	BeginRead(ctx context.Context) (Tx, error)
	// Classify says what an error of the database means and what to do.
	Classify(ctx context.Context, err error) error
}

// Tx runs statements that are written once for both databases, with ? for
// their arguments.
type Tx interface {
	Exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	Query(ctx context.Context, query string, args ...any) (Rows, error)
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error // harmless after commit
	Dialect() Dialect
}

// Rows are the result of a query; Close may be called twice.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// UndoTimeout is how long a server that does not answer is waited for; then the connection
// is given up, which undoes a transaction as well.
const UndoTimeout = 3 * time.Second

// LockKey returns the key of one of PostgreSQL's advisory locks in SQL. Such locks are of the whole database; copies in
// several of its schemas are not to wait for each other. In the schema public it is the number as it is.
func LockKey(key int64) string {
	return fmt.Sprintf(`coalesce(hashtextextended(nullif(current_schema(), 'public'), %[1]d), %[1]d)`, key)
}

// InTx runs f in a transaction, which is committed unless f fails.
func InTx(ctx context.Context, db DB, f func(tx Tx) error) error {
	return finish(ctx, db, db.Begin, f)
}

// InRead runs f in a transaction that only reads.
func InRead(ctx context.Context, db DB, f func(tx Tx) error) error {
	return finish(ctx, db, db.BeginRead, f)
}

// finish runs f in a transaction. The rollback in the end has a context of its own, because an ended one would leave
// the transaction, and its locks, open.
func finish(ctx context.Context, db DB, begin func(context.Context) (Tx, error), f func(tx Tx) error) error {
	tx, err := begin(ctx)
	if err != nil {
		return db.Classify(ctx, err)
	}
	defer func() {
		// The context may have ended; what is undone has to be undone all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), UndoTimeout)
		defer cancel()
		_ = tx.Rollback(ctx)
	}()
	if err := f(tx); err != nil {
		return db.Classify(ctx, err)
	}
	return db.Classify(ctx, tx.Commit(ctx))
}

// QueryRow scans the first row of a result; sql.ErrNoRows if there is none.
func QueryRow(ctx context.Context, tx Tx, dest []any, query string, args ...any) error {
	r, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer r.Close()
	if !r.Next() {
		if err := r.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := r.Scan(dest...); err != nil {
		return err
	}
	r.Close()
	return r.Err()
}

// QueryAll calls f for each row of a result.
func QueryAll(ctx context.Context, tx Tx, f func(scan func(dest ...any) error) error, query string, args ...any) error {
	r, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		if err := f(r.Scan); err != nil {
			return err
		}
	}
	return r.Err()
}

// Now returns the time by the clock that all processes of the copy share: that of the server, or of this machine for
// a file. Leases and limits of different machines must not be compared by their own clocks.
func Now(ctx context.Context, tx Tx) (time.Time, error) {
	if tx.Dialect() == SQLite {
		return time.Now().UTC(), nil
	}
	var t time.Time
	err := QueryRow(ctx, tx, []any{&t}, `SELECT clock_timestamp()`)
	return t.UTC(), err
}

// Numbered replaces each ? by $1, $2 and so on, as PostgreSQL wants it. No statement of this module has a ? in a
// string.
func Numbered(query string) string {
	var b strings.Builder
	n := 0
	for {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
		query = after
	}
}

// Layouts of times in SQLite. Times of one column have one layout, so that they sort.
const (
	ToSecond      = "2006-01-02T15:04:05Z"
	toMillisecond = "2006-01-02T15:04:05.000Z"
)

// instant is a time on its way into a column or out of it. NULL is the zero time. SQLite has no type for times, so it
// gets text.
type instant struct {
	time   *time.Time
	layout string
}

// Seconds is an argument for a column of whole seconds; the zero time is null.
func Seconds(t time.Time) driver.Valuer { return instant{&t, ToSecond} }

// Millis is an argument for a column of milliseconds; the zero time is null.
func Millis(t time.Time) driver.Valuer { return instant{&t, toMillisecond} }

// ScanTime is a destination for a column of either kind. The time is UTC.
func ScanTime(t *time.Time) sql.Scanner { return instant{time: t} }

// Value returns text: PostgreSQL reads it too.
func (i instant) Value() (driver.Value, error) {
	if i.time.IsZero() {
		return nil, nil
	}
	return i.time.UTC().Format(i.layout), nil
}

// Scan takes text from SQLite and a time from PostgreSQL.
func (i instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i.time = time.Time{}
	case time.Time:
		*i.time = v.UTC()
	case string:
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return err
		}
		*i.time = t.UTC()
	default:
		return fmt.Errorf("a time is stored as %T; expected text or a timestamp", src)
	}
	return nil
}
