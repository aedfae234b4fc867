package filestore

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"os"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// Activities yields activities; see [store.Store]. Each segment is checked, size and
// SHA-256, before its rows are yielded; an error names the segment.
func (s *Store) Activities(ctx context.Context, from, to time.Time) iter.Seq2[store.ActivityRow, error] {
	within := func(first, last time.Time) bool {
		return (from.IsZero() || !last.Before(from)) && (to.IsZero() || first.Before(to))
	}
	return func(yield func(store.ActivityRow, error) bool) {
		rows := readRows(ctx, s, s.Reader(), func(sg *Segment) bool { return within(sg.Earliest, sg.Latest) }, (*activityRecord).row)
		for row, err := range rows {
			if err == nil && !within(row.Time, row.Time) {
				continue
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// Leads yields the leads; see [store.Store]. Segments are checked as Activities does.
func (s *Store) Leads(ctx context.Context) iter.Seq2[store.LeadRow, error] {
	return readRows(ctx, s, s.Reader(), func(*Segment) bool { return true }, (*leadRecord).row)
}

// PresentLeads returns the leads that are there; see [store.Store].
func (s *Store) PresentLeads(ctx context.Context, ids []int64) ([]int64, error) {
	var present []int64
	for _, id := range ids {
		var n int
		err := s.Reader().QueryRowContext(ctx, `SELECT count(*) FROM file_keys WHERE kind = 'leads' AND key = ? AND gone_at IS NULL`,
			leadKey(id)).Scan(&n)
		if err != nil {
			return nil, s.failed(err)
		}
		if n > 0 {
			present = append(present, id)
		}
	}
	slices.Sort(present)
	return slices.Compact(present), nil
}

// LeadIDs yields the ids of all leads; see [store.Store].
func (s *Store) LeadIDs(ctx context.Context) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		rows, err := s.Reader().QueryContext(ctx, `SELECT lead_id FROM file_keys
			EXCEPT SELECT lead_id FROM file_keys WHERE kind = 'leads' AND gone_at IS NOT NULL ORDER BY 1`)
		if err != nil {
			yield(0, s.failed(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			err := rows.Scan(&id)
			if !yield(id, s.failed(err)) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(0, s.failed(err))
		}
	}
}

// Check reads all segments and compares their sizes and checksums with those that were
// written. It returns an error for each segment that differs, joined.
func (s *Store) Check(ctx context.Context) error {
	segments, err := storedSegments(ctx, s.Reader())
	if err != nil {
		return s.failed(err)
	}
	var errs []error
	for i := range segments {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		file, err := s.open(&segments[i])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		file.Close()
	}
	return errors.Join(errs...)
}

// open opens a segment after its size and checksum were checked. That reads the file twice, but rows of a damaged
// segment must not be handed out before the damage is noticed.
func (s *Store) open(segment *Segment) (*os.File, error) {
	file, err := os.Open(s.path(segment))
	if err != nil {
		return nil, s.damaged(segment, err)
	}
	if err := segment.verify(file); err != nil {
		return nil, errors.Join(s.damaged(segment, err), file.Close())
	}
	return file, nil
}

// readRows yields the newest version of each row that was committed, by db, when it began. Segments written later are left
// out, also where they replace rows, so that a reader sees one consistent state while a run goes on.
func readRows[T record, R any](
	ctx context.Context, s *Store, db querier, wanted func(*Segment) bool, rowOf func(*T) (R, error),
) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		segments, err := storedSegments(ctx, db)
		if err != nil {
			yield(none, s.failed(err))
			return
		}
		kind, last := kindOf[T](), int64(0)
		for i := range segments {
			if segments[i].Kind == kind {
				last = segments[i].number
			}
		}
		for i := range segments {
			if segments[i].Kind != kind || !wanted(&segments[i]) {
				continue
			}
			for record, err := range readSegment[T](ctx, s, db, &segments[i], last) {
				row := none
				if err == nil {
					if row, err = rowOf(record); err != nil {
						err = s.damaged(&segments[i], err)
					}
				}
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

// readSegment yields the rows of a segment that no later segment, up to the number last, has again. Activities get
// the key by which they are known today.
func readSegment[T record](ctx context.Context, s *Store, db querier, segment *Segment, last int64) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		replaced, err := replacedKeys(ctx, db, segment, last)
		if err != nil {
			yield(nil, s.failed(err))
			return
		}
		now, err := publishedKeys(ctx, db, segment)
		if err != nil {
			yield(nil, s.failed(err))
			return
		}
		file, err := s.open(segment)
		if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		for record, err := range decodeRows[T](s.format, file, segment.Bytes) {
			if err != nil {
				yield(nil, s.damaged(segment, err))
				return
			}
			if err := ctx.Err(); err != nil {
				yield(nil, s.failed(err))
				return
			}
			if replaced[keyOf(record)] || removed(record) {
				continue
			}
			if a, ok := any(record).(*activityRecord); ok {
				a.Key = cmp.Or(now[a.Key], a.Key)
			}
			if !yield(record, nil) {
				return
			}
		}
	}
}
