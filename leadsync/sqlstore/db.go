package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// dialect tells the two databases apart where a statement has to.
type dialect int

const (
	sqliteDialect dialect = iota
	postgresDialect
)

// String is the name of the folder of migrations.
func (d dialect) String() string {
	if d == postgresDialect {
		return "postgres"
	}
	return "sqlite"
}

// database is what the two databases have in common.
type database interface {
	// begin starts a transaction for writing.
	begin(ctx context.Context) (transaction, error)
	// beginRead starts one that reads a snapshot and holds nobody up.
	beginRead(ctx context.Context) (transaction, error)
	// classify says what an error of the database means and what to do; see errors.go.
	classify(ctx context.Context, err error) error
}

// transaction runs statements that are written once for both databases, with ? for
// their arguments.
type transaction interface {
	exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	query(ctx context.Context, query string, args ...any) (rows, error)
	commit(ctx context.Context) error
	rollback(ctx context.Context) error // harmless after commit
	dialect() dialect
	raw() any // *sql.Tx or pgx.Tx
}

// rows are the result of a query; Close may be called twice.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// undoTimeout is how long a server that does not answer is waited for; then the connection
// is given up, which undoes a transaction as well.
const undoTimeout = 3 * time.Second

// inTx runs f in a transaction, which is committed unless f fails.
func inTx(ctx context.Context, db database, f func(tx transaction) error) error {
	return finish(ctx, db, db.begin, f)
}

// inRead runs f in a transaction that only reads.
func inRead(ctx context.Context, db database, f func(tx transaction) error) error {
	return finish(ctx, db, db.beginRead, f)
}

func finish(ctx context.Context, db database, begin func(context.Context) (transaction, error), f func(tx transaction) error) error {
	tx, err := begin(ctx)
	if err != nil {
		return db.classify(ctx, err)
	}
	defer func() {
		// The context may have ended; what is undone has to be undone all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
		defer cancel()
		_ = tx.rollback(ctx)
	}()
	if err := f(tx); err != nil {
		return db.classify(ctx, err)
	}
	return db.classify(ctx, tx.commit(ctx))
}

// queryRow scans the first row of a result. Without one the error is sql.ErrNoRows.
func queryRow(ctx context.Context, tx transaction, dest []any, query string, args ...any) error {
	r, err := tx.query(ctx, query, args...)
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

// queryAll calls f for each row of a result.
func queryAll(ctx context.Context, tx transaction, f func(scan func(dest ...any) error) error, query string, args ...any) error {
	r, err := tx.query(ctx, query, args...)
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

// now is the time by the clock that all processes of the copy share.
func now(ctx context.Context, tx transaction) (time.Time, error) {
	if tx.dialect() == sqliteDialect {
		return time.Now().UTC(), nil
	}
	var t time.Time
	err := queryRow(ctx, tx, []any{&t}, `SELECT clock_timestamp()`)
	return t.UTC(), err
}

// numbered writes $1, $2, … for ?, as PostgreSQL wants it. No statement has a ? in a
// string.
func numbered(query string) string {
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
	toSecond      = "2006-01-02T15:04:05Z"
	toMillisecond = "2006-01-02T15:04:05.000Z"
)

// instant is a time on its way into a column or out of it; null is the zero time.
type instant struct {
	time   *time.Time
	layout string
}

// seconds is an argument for a column of whole seconds; the zero time is null.
func seconds(t time.Time) driver.Valuer { return instant{&t, toSecond} }

// millis is an argument for a column of milliseconds; the zero time is null.
func millis(t time.Time) driver.Valuer { return instant{&t, toMillisecond} }

// scanTime is a destination for a column of either kind. The time is UTC.
func scanTime(t *time.Time) sql.Scanner { return instant{time: t} }

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
