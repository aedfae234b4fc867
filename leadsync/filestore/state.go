package filestore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
)

// tables are those that state.db has besides sqlstore's. Segments are numbered in
// their kind, from 1.
const tables = `
CREATE TABLE IF NOT EXISTS file_format (
    version INTEGER NOT NULL,
    format  TEXT NOT NULL
);

-- The newest version of each row.
CREATE TABLE IF NOT EXISTS file_keys (
    kind    TEXT NOT NULL, -- activities, leads
    key     TEXT NOT NULL, -- key of activities, id of leads
    digest  BLOB NOT NULL,
    lead_id INTEGER NOT NULL,
    late    INTEGER NOT NULL, -- 1: its first version was late
    person  TEXT,             -- as the segments have it
    segment INTEGER NOT NULL, -- number of the one that has it
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;

-- The rows of segments that a later segment has again.
CREATE TABLE IF NOT EXISTS file_replaced (
    kind    TEXT NOT NULL,
    segment INTEGER NOT NULL,
    key     TEXT NOT NULL,
    by      INTEGER NOT NULL, -- number of the later segment
    PRIMARY KEY (kind, segment, key)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS file_segments (
    kind       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    name       TEXT NOT NULL UNIQUE,
    rows       INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    first_time TEXT, -- of activities, UTC
    last_time  TEXT,
    created_at TEXT NOT NULL,
    window     INTEGER NOT NULL, -- that it was committed with
    PRIMARY KEY (kind, number)
);

-- The last numbers of segments that were removed. Names are not used again: readers may know them.
CREATE TABLE IF NOT EXISTS file_removed (
    kind TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID;`

// prepare creates the tables, or finds them, and sees to it that the format is f; the
// empty format is any.
func prepare(ctx context.Context, tx *sql.Tx, f Format) error {
	if _, err := tx.ExecContext(ctx, tables); err != nil {
		return err
	}
	_, err := storedFormat(ctx, tx)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if f == "" {
		f = JSONLGzip
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO file_format (version, format) VALUES (?, ?)`, manifestVersion, string(f))
	return err
}

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// storedFormat is the format that the directory was begun with.
func storedFormat(ctx context.Context, db querier) (Format, error) {
	var version int
	var text string
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = 'file_format'`).Scan(&version)
	if err == nil && version == 0 {
		err = fmt.Errorf("%w: there are no files in it", sqlstore.ErrNotCopy)
	}
	if err != nil {
		return "", err
	}
	err = db.QueryRowContext(ctx, `SELECT version, format FROM file_format`).Scan(&version, &text)
	if err != nil {
		return "", err
	}
	if version > manifestVersion {
		return "", fmt.Errorf("%w: the files have version %d, this release knows %d",
			leadsync.ErrNewer, version, manifestVersion)
	}
	return ParseFormat(text)
}

// storedSegments are those that were committed, in the order of their commits.
func storedSegments(ctx context.Context, db querier) ([]Segment, error) {
	rows, err := db.QueryContext(ctx, `SELECT kind, number, name, rows, bytes, sha256, first_time, last_time
		FROM file_segments ORDER BY rowid`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	segments := []Segment{}
	for rows.Next() {
		var s Segment
		var first, last sql.NullString
		if err := rows.Scan(&s.Kind, &s.number, &s.Name, &s.Rows, &s.Bytes, &s.SHA256, &first, &last); err != nil {
			return nil, err
		}
		var errFirst, errLast error
		s.Earliest, errFirst = parseTime(first)
		s.Latest, errLast = parseTime(last)
		if err := errors.Join(errFirst, errLast); err != nil {
			return nil, fmt.Errorf("file_segments, %s: %w", s.Name, err)
		}
		segments = append(segments, s)
	}
	return segments, rows.Err()
}

func formatTime(t time.Time) sql.NullString {
	return sql.NullString{String: t.UTC().Format(time.RFC3339Nano), Valid: !t.IsZero()}
}

func parseTime(text sql.NullString) (time.Time, error) {
	if !text.Valid {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, text.String)
}

// nextNumber is that of the next segment of a kind.
func nextNumber(ctx context.Context, db querier, k Kind) (n int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) + 1 FROM
		(SELECT number FROM file_segments WHERE kind = ? UNION ALL SELECT last FROM file_removed WHERE kind = ?)`,
		string(k), string(k)).Scan(&n)
	return n, err
}

// removeRows forgets all rows of a kind.
func removeRows(ctx context.Context, tx *sql.Tx, k Kind) error {
	next, err := nextNumber(ctx, tx, k)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO file_removed (kind, last) VALUES (?, ?)`, string(k), next-1); err != nil {
		return err
	}
	for _, table := range []string{"file_keys", "file_replaced", "file_segments"} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE kind = ?`, string(k)); err != nil {
			return err
		}
	}
	return nil
}

func insertSegment(ctx context.Context, tx *sql.Tx, s *Segment, window int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO file_segments
		(kind, number, name, rows, bytes, sha256, first_time, last_time, created_at, window)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(s.Kind), s.number, s.Name, s.Rows, s.Bytes, s.SHA256,
		formatTime(s.Earliest), formatTime(s.Latest), formatTime(time.Now()), window)
	return err
}

// replacedKeys are the keys of rows in a segment that count no more, because a segment up
// to the number last has them again. Most segments have none.
func replacedKeys(ctx context.Context, db querier, s *Segment, last int64) (map[string]bool, error) {
	rows, err := db.QueryContext(ctx, `SELECT key FROM file_replaced WHERE kind = ? AND segment = ? AND by <= ?`,
		string(s.Kind), s.number, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	keys := map[string]bool{}
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		keys[key] = true
	}
	return keys, rows.Err()
}

// keyIndex is file_keys in a transaction that writes a segment of a kind.
type keyIndex struct {
	kind    Kind
	segment int64

	insert, find, update, replace *sql.Stmt
}

// change is what writing a row changes in the copy.
type change int

const (
	nothing change = iota
	inserted
	updated
)

func newKeyIndex(ctx context.Context, tx *sql.Tx, k Kind, segment int64) (*keyIndex, error) {
	x := &keyIndex{kind: k, segment: segment}
	for _, s := range []struct {
		to    **sql.Stmt
		query string
	}{
		{&x.insert, `INSERT INTO file_keys (kind, key, digest, lead_id, late, person, segment)
			VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`},
		{&x.find, `SELECT digest, late, person, segment FROM file_keys WHERE kind = ? AND key = ?`},
		{&x.update, `UPDATE file_keys SET digest = ?, lead_id = ?, person = ?, segment = ? WHERE kind = ? AND key = ?`},
		{&x.replace, `INSERT INTO file_replaced (kind, segment, key, by) VALUES (?, ?, ?, ?)`},
	} {
		var err error
		if *s.to, err = tx.PrepareContext(ctx, s.query); err != nil { //nolint:sqlclosecheck // they end with the transaction
			return nil, err
		}
	}
	return x, nil
}

// stored is what a row has from all of its versions.
type stored struct {
	late   bool            // the first one was
	person json.RawMessage // the last one that is known; only one of the two ways to read an activity tells it
}

// put enters a row and tells what that changes.
func (x *keyIndex) put(ctx context.Context, e *entry, late bool) (change, stored, error) {
	kind, person := string(x.kind), sql.NullString{String: string(e.person), Valid: e.person != nil}
	result, err := x.insert.ExecContext(ctx, kind, e.key, e.digest[:], e.lead, late, person, x.segment)
	if err != nil {
		return nothing, stored{}, err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return inserted, stored{late, e.person}, err
	}
	var digest []byte
	var old sql.NullString
	var segment int64
	if err := x.find.QueryRowContext(ctx, kind, e.key).Scan(&digest, &late, &old, &segment); err != nil {
		return nothing, stored{}, err
	}
	if bytes.Equal(digest, e.digest[:]) && (old.Valid || !person.Valid) {
		return nothing, stored{}, nil
	}
	if !person.Valid {
		person = old
	}
	if _, err := x.replace.ExecContext(ctx, kind, segment, e.key, x.segment); err != nil {
		return nothing, stored{}, err
	}
	kept := stored{late: late}
	if person.Valid {
		kept.person = json.RawMessage(person.String)
	}
	_, err = x.update.ExecContext(ctx, e.digest[:], e.lead, person, x.segment, kind, e.key)
	return updated, kept, err
}
