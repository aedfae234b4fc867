package filestore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/store/identity"
	"github.com/mktows/mktows-go/operations"
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
    kind      TEXT NOT NULL, -- activities, leads
    key       TEXT NOT NULL, -- what activities are known by now, id of leads
    digest    BLOB NOT NULL,
    lead_id   INTEGER NOT NULL,
    late      INTEGER NOT NULL, -- 1: its first version was late
    person    TEXT,             -- as the segments have it
    segment   INTEGER NOT NULL, -- number of the one that has it
    published TEXT,             -- the column key that the segments have, if it is another one
    record    TEXT,             -- in copies of activities with GUIDs and without: id, time and type
    gone_at   TEXT,             -- of leads: when it was found that the service has it no longer
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

// indexes are what version 1 did not have.
const indexes = `
CREATE INDEX IF NOT EXISTS file_keys_by_published ON file_keys (segment, published) WHERE published IS NOT NULL;

-- As for the table activities: a free number among the keys id:<id>:<Unix time>#<number>:<type> is noted.
CREATE TRIGGER IF NOT EXISTS file_keys_gap AFTER DELETE ON file_keys WHEN old.kind = 'activities' AND old.key GLOB 'id:*'
BEGIN
    INSERT INTO sync_schemes (scheme) SELECT 'gap' WHERE old.key GLOB 'id:*#*' OR EXISTS (SELECT 1 FROM file_keys
        WHERE kind = old.kind AND key GLOB 'id:' || CAST(substr(old.key, 4) AS INTEGER) || ':' ||
            CAST(substr(old.key, 4 + instr(substr(old.key, 4), ':')) AS INTEGER) || '#*')
    ON CONFLICT DO NOTHING;
END`

// stateVersion is that of the tables.
const stateVersion = 2

// prepare creates the tables in state.db, or adds to older ones what they lack, and records the format if the
// directory is new; the empty format stands for the default. What has to be computed from the rows is for upgrade.
func prepare(ctx context.Context, tx *sql.Tx, f Format) error {
	if _, err := tx.ExecContext(ctx, tables); err != nil {
		return err
	}
	if err := addColumns(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, indexes); err != nil {
		return err
	}
	_, err := storedFormat(ctx, tx)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if f == "" {
		f = JSONLGzip
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO file_format (version, format) VALUES (?, ?)`, stateVersion, string(f))
	return err
}

// addColumns adds the columns of file_keys that older releases did not have.
func addColumns(ctx context.Context, tx *sql.Tx) error {
	for _, name := range []string{"published", "record", "gone_at"} {
		var there int
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM pragma_table_info('file_keys') WHERE name = ?`, name).Scan(&there)
		if err == nil && there == 0 {
			_, err = tx.ExecContext(ctx, `ALTER TABLE file_keys ADD COLUMN `+name+` TEXT`)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// storedFormat returns the format that the directory was begun with.
func storedFormat(ctx context.Context, db querier) (Format, error) {
	var version int
	var text string
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = 'file_format'`).Scan(&version)
	if err == nil && version == 0 {
		err = fmt.Errorf("%w: there are no files in it", store.ErrNotCopy)
	}
	if err != nil {
		return "", err
	}
	err = db.QueryRowContext(ctx, `SELECT version, format FROM file_format`).Scan(&version, &text)
	if err != nil {
		return "", err
	}
	if version > stateVersion {
		return "", fmt.Errorf("%w: the files have version %d, this release knows %d",
			store.ErrNewer, version, stateVersion)
	}
	return ParseFormat(text)
}

// storedVersion is the version of the tables.
func storedVersion(ctx context.Context, db querier) (version int, err error) {
	err = db.QueryRowContext(ctx, `SELECT version FROM file_format`).Scan(&version)
	return version, err
}

// storedSegments returns the committed segments, in the order of their commits.
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

// nextNumber returns the number for the next segment of a kind. Numbers of removed segments are not used again: a
// reader with an old manifest would take the new file for the old one.
func nextNumber(ctx context.Context, db querier, k Kind) (n int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) + 1 FROM
		(SELECT number FROM file_segments WHERE kind = ? UNION ALL SELECT last FROM file_removed WHERE kind = ?)`,
		string(k), string(k)).Scan(&n)
	return n, err
}

// removeRows forgets all rows and segments of a kind.
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

// replacedKeys returns the keys of rows in a segment that no longer count, because a segment up to the number last
// has them again. Most segments have none.
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

// keyIndex is the table file_keys within a transaction that writes a segment. It answers the question that files
// cannot answer: does the copy have this row, and with this content?
type keyIndex struct {
	tx      *sql.Tx
	kind    Kind
	segment int64

	insert, find, update, replace *sql.Stmt
}

// entry is what the key index has to know of a row.
type entry struct {
	key    string
	was    string // the key that it had before; empty: the same, or it is new
	record any    // in a mixed copy, else nil
	digest store.Digest
	lead   int64
	late   bool
	person json.RawMessage // of activities
	sure   bool            // a row of the key is this one, whatever it says
}

// change is what writing a row changes in the copy.
type change int

const (
	nothing change = iota
	inserted
	updated
	another // the key is taken, perhaps by another row
)

// newKeyIndex prepares the statements that are executed for each row.
func newKeyIndex(ctx context.Context, tx *sql.Tx, k Kind, segment int64) (*keyIndex, error) {
	x := &keyIndex{tx: tx, kind: k, segment: segment}
	for _, s := range []struct {
		to    **sql.Stmt
		query string
	}{
		{&x.insert, `INSERT INTO file_keys (kind, key, digest, lead_id, late, person, segment, record)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`},
		{&x.find, `SELECT digest, late, person, segment, coalesce(published, key), gone_at IS NOT NULL FROM file_keys WHERE kind = ? AND key = ?`},
		{&x.update, `UPDATE file_keys SET digest = ?, lead_id = ?, person = ?, segment = ?, record = coalesce(?, record), gone_at = NULL
			WHERE kind = ? AND key = ?`},
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
	key    string          // in the segments
	guid   string          // an earlier one may have it
	late   bool            // the first one was
	person json.RawMessage // the last one that is known; only one of the two ways to read an activity tells it
}

// put enters a row and reports what that changes. It tries to insert first, because in a first run nearly all rows
// are new, and that saves a query for each.
func (x *keyIndex) put(ctx context.Context, e *entry) (change, stored, error) {
	if e.was != "" {
		if err := x.rename(ctx, e); err != nil {
			return nothing, stored{}, err
		}
	}
	kind, person := string(x.kind), sql.NullString{String: string(e.person), Valid: e.person != nil}
	result, err := x.insert.ExecContext(ctx, kind, e.key, e.digest[:], e.lead, e.late, person, x.segment, e.record)
	if err != nil {
		return nothing, stored{}, err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return inserted, stored{key: e.key, late: e.late, person: e.person}, err
	}
	return x.putAgain(ctx, e, person)
}

// putAgain is put for a key that exists. The row is written again if its content has changed, if the person has
// become known, if it gets another key, or if it was gone and is back.
func (x *keyIndex) putAgain(ctx context.Context, e *entry, person sql.NullString) (change, stored, error) {
	var digest []byte
	var old sql.NullString
	var segment int64
	kept, gone := stored{}, false
	kept.guid, _ = identity.IsGUID(e.key)
	if err := x.find.QueryRowContext(ctx, string(x.kind), e.key).Scan(&digest, &kept.late, &old, &segment, &kept.key, &gone); err != nil {
		return nothing, kept, err
	}
	same := bytes.Equal(digest, e.digest[:])
	if !same && !e.sure {
		return another, kept, nil
	}
	if same && (old.Valid || !person.Valid) && e.was == "" && !gone {
		return nothing, kept, nil
	}
	if !person.Valid {
		person = old
	}
	if person.Valid {
		kept.person = json.RawMessage(person.String)
	}
	if _, err := x.replace.ExecContext(ctx, string(x.kind), segment, kept.key, x.segment); err != nil {
		return nothing, kept, err
	}
	_, err := x.update.ExecContext(ctx, e.digest[:], e.lead, person, x.segment, e.record, string(x.kind), e.key)
	return updated, kept, err
}

// rename gives a row another key. The segments keep the key that they have, since they never change; column published
// has it, so that readers of the files and the index find each other.
func (x *keyIndex) rename(ctx context.Context, e *entry) error {
	_, err := x.tx.ExecContext(ctx, `UPDATE file_keys SET key = ?, published = coalesce(published, key) WHERE kind = ? AND key = ?`,
		e.key, string(x.kind), e.was)
	return err
}

// ByKey finds activities; see [identity.Index].
func (x *keyIndex) ByKey(ctx context.Context, keys []string) ([]identity.Known, error) {
	values := make([]any, len(keys))
	for i, key := range keys {
		values[i] = key
	}
	return x.known(ctx, `key`, values)
}

// ByRecord finds activities; see [identity.Index].
func (x *keyIndex) ByRecord(ctx context.Context, activities []*operations.Activity) ([]identity.Known, error) {
	records := make([]any, len(activities))
	for i, a := range activities {
		records[i] = identity.Record(a)
	}
	return x.known(ctx, `record`, records)
}

// ByMoment finds activities; see [identity.Index].
func (x *keyIndex) ByMoment(ctx context.Context, activities []*operations.Activity) ([]identity.Known, error) {
	asked, leads := map[string]bool{}, map[int64]bool{}
	for _, a := range activities {
		asked[identity.Moment(a)], leads[a.LeadID] = true, true
	}
	var ids []any
	for id := range leads {
		ids = append(ids, id)
	}
	known, err := x.known(ctx, `record IS NOT NULL AND lead_id`, ids)
	found := known[:0]
	for _, k := range known {
		k.Record = identity.MomentOf(k.Lead, k.Record)
		if !k.HasGUID && asked[k.Record] {
			found = append(found, k)
		}
	}
	return found, err
}

// known returns the activities that have one of the values in a column.
func (x *keyIndex) known(ctx context.Context, column string, values []any) ([]identity.Known, error) {
	var known []identity.Known
	for some := range slices.Chunk(values, 1000) { // SQLite bounds the number of arguments
		args := append([]any{string(x.kind)}, some...)
		//nolint:gosec // what is concatenated are a name and question marks
		rows, err := x.tx.QueryContext(ctx, `SELECT key, coalesce(published, ''), coalesce(record, ''), lead_id, digest FROM file_keys WHERE kind = ? AND `+
			column+` IN (?`+strings.Repeat(`, ?`, len(some)-1)+`) ORDER BY key`, args...)
		if err != nil {
			return nil, err
		}
		if known, err = appendKnown(known, rows); err != nil {
			return nil, err
		}
	}
	return known, nil
}

func appendKnown(known []identity.Known, rows *sql.Rows) ([]identity.Known, error) {
	defer rows.Close()
	for rows.Next() {
		var k identity.Known
		var digest []byte
		if err := rows.Scan(&k.Key, &k.Taken, &k.Record, &k.Lead, &digest); err != nil {
			return nil, err
		}
		_, k.HasGUID = identity.IsGUID(k.Key)
		copy(k.Digest[:], digest)
		known = append(known, k)
	}
	return known, rows.Err()
}

// publishedKeys returns, for the rows of a segment that have got another key since, the present key by the one in the
// segment.
func publishedKeys(ctx context.Context, db querier, s *Segment) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, `SELECT published, key FROM file_keys WHERE published IS NOT NULL AND segment = ? AND kind = ?`,
		s.number, string(s.Kind))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	keys := map[string]string{}
	for rows.Next() {
		var published, key string
		if err := rows.Scan(&published, &key); err != nil {
			return nil, err
		}
		keys[published] = key
	}
	return keys, rows.Err()
}
