package filestore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// leadKey returns the key of a lead in the key index, whose keys are texts for both kinds.
func leadKey(id int64) string { return strconv.FormatInt(id, 10) }

func (r *activityRecord) key() string { return r.Key }
func (r *leadRecord) key() string     { return leadKey(r.ID) }

func (r *activityRecord) setGone(at time.Time) time.Time {
	r.GoneAt = &at
	return r.OccurredAt
}

func (r *leadRecord) setGone(at time.Time) time.Time {
	r.GoneAt = &at
	return time.Time{}
}

// removed reports whether a record says that its row is no longer part of the copy. That holds for an activity with
// gone_at; a lead with gone_at stays in the copy and is only marked.
func removed[T record](row *T) bool {
	a, ok := any(row).(*activityRecord)
	return ok && a.GoneAt != nil
}

// goer is a record that can be written once more with the mark that its row is gone.
type goer interface {
	key() string
	setGone(at time.Time) time.Time // returns the time of an activity
}

// keyOf returns the key of a record in the key index.
func keyOf[T record](row *T) string {
	if r, ok := any(row).(goer); ok {
		return r.key()
	}
	return "" // there are no other records
}

// writeGone writes rows that the service no longer has once more, with gone_at set. Segments never change, so a row
// cannot be removed from one; it is superseded by a newer version that says so.
func (t *transfer) writeGone(ctx context.Context, c store.Commit) error {
	ids := make([]string, len(c.Gone))
	for i, id := range c.Gone {
		ids[i] = leadKey(id)
	}
	n, err := endRows[leadRecord](ctx, t, ids, func(key string, segment int64, at time.Time) error {
		_, err := t.tx.ExecContext(ctx, `UPDATE file_keys SET gone_at = ?, segment = ? WHERE kind = 'leads' AND key = ?`, formatTime(at), segment, key)
		return err
	})
	if err != nil {
		return err
	}
	t.counts.Gone += n
	_, err = endRows[activityRecord](ctx, t, c.Removed, func(key string, _ int64, _ time.Time) error {
		_, err := t.tx.ExecContext(ctx, `DELETE FROM file_keys WHERE kind = 'activities' AND key = ?`, key)
		return err
	})
	return err
}

// endRows writes the newest versions of rows once more, marked as gone, into a segment of their own, and returns how
// many. For each row it calls enter, which changes the key index.
func endRows[T record](
	ctx context.Context, t *transfer, keys []string, enter func(key string, segment int64, at time.Time) error,
) (n int64, err error) {
	kind := kindOf[T]()
	where, err := t.locate(ctx, kind, keys)
	if err != nil || len(where) == 0 {
		return 0, err
	}
	number, err := nextNumber(ctx, t.tx, kind)
	if err != nil {
		return 0, err
	}
	t.names = append(t.names, segmentName(kind, number, t.store.format))
	w, err := createSegment[T](t.store.dir, t.store.format, number)
	if err != nil {
		return 0, err
	}
	at := time.Now().UTC().Truncate(time.Second)
	for _, old := range slices.Sorted(maps.Keys(where)) {
		if err := copyGone(t, w, old, where[old], at); err != nil {
			return 0, errors.Join(err, w.abort())
		}
		for published, key := range where[old] {
			err := t.replace(ctx, kind, old, number, published)
			if err == nil {
				err = enter(key, number, at)
			}
			if err != nil {
				return 0, errors.Join(err, w.abort())
			}
			n++
		}
	}
	segment, err := w.finish(t.store.step)
	if err != nil {
		return 0, err
	}
	t.segments = append(t.segments, segment)
	return n, insertSegment(ctx, t.tx, &segment, t.window.ID)
}

// locate returns the keys that exist and are not gone, grouped by the segment with their newest version. In each
// group they are found by the key that they have in that segment, which may be an older one.
func (t *transfer) locate(ctx context.Context, k Kind, keys []string) (map[int64]map[string]string, error) {
	where := map[int64]map[string]string{}
	for some := range slices.Chunk(keys, 500) {
		args := []any{string(k)}
		for _, key := range some {
			args = append(args, key)
		}
		rows, err := t.tx.QueryContext(ctx, `SELECT key, coalesce(published, key), segment FROM file_keys WHERE kind = ? AND gone_at IS NULL
			AND key IN (`+strings.Repeat(`?, `, len(some)-1)+`?)`, args...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var key, published string
			var segment int64
			if err := rows.Scan(&key, &published, &segment); err != nil {
				return nil, errors.Join(err, rows.Close())
			}
			if where[segment] == nil {
				where[segment] = map[string]string{}
			}
			where[segment][published] = key
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	return where, nil
}

// copyGone copies rows out of the segment with a number, which may be one that this commit has written.
func copyGone[T record](t *transfer, w *segmentWriter[T], number int64, keys map[string]string, at time.Time) error {
	all := slices.Concat(t.store.segments, t.segments)
	i := slices.IndexFunc(all, func(s Segment) bool { return s.Kind == w.segment.Kind && s.number == number })
	if i < 0 {
		return fmt.Errorf("there is no segment %d of the kind %s", number, w.segment.Kind)
	}
	file, err := t.store.open(&all[i])
	if err != nil {
		return err
	}
	defer file.Close()
	for record, err := range decodeRows[T](t.store.format, file, all[i].Bytes) {
		if err != nil {
			return t.store.damaged(&all[i], err)
		}
		row, ok := any(record).(goer)
		if !ok || keys[row.key()] == "" {
			continue
		}
		occurred := row.setGone(at)
		if err := w.write(record, occurred); err != nil {
			return err
		}
	}
	return nil
}

// replace records that a row is in another segment now, so that readers of the old segment skip it.
func (t *transfer) replace(ctx context.Context, k Kind, old, number int64, key string) error {
	_, err := t.tx.ExecContext(ctx, `INSERT INTO file_replaced (kind, segment, key, by) VALUES (?, ?, ?, ?)`, string(k), old, key, number)
	return err
}
