package filestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/internal/columns"
)

// Commit writes the rows that are new or have changed into segments, and all the rest of the
// commit into state.db; see [leadsync.Store].
//
// If the manifest cannot be written, there is an error though the rows are committed:
// readers do not see them yet. The next Commit or Open tries again.
func (s *Store) Commit(ctx context.Context, c leadsync.Commit) (leadsync.Counts, error) {
	if s.readOnly {
		return leadsync.Counts{}, s.failed(leadsync.ErrReadOnly)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(ctx); err != nil {
		return leadsync.Counts{}, s.failed(err)
	}
	var t transfer
	counts, err := s.CommitWith(ctx, c, func(ctx context.Context, tx *sql.Tx, w leadsync.Window) (leadsync.Counts, error) {
		t = transfer{store: s, tx: tx, window: w}
		if err := t.write(ctx, c); err != nil {
			return leadsync.Counts{}, s.failed(err)
		}
		s.step("before commit")
		return t.counts, nil
	})
	if err != nil {
		return leadsync.Counts{}, errors.Join(err, s.discard(ctx, t.names))
	}
	s.step("committed")
	if len(t.segments) == 0 {
		return counts, nil
	}
	s.segments = append(s.segments, t.segments...)
	if err := s.writeManifest(); err != nil {
		s.stale = true
		return leadsync.Counts{}, s.failed(fmt.Errorf("the rows are committed, but %s is not up to date: %w", manifestName, err))
	}
	s.step("manifest written")
	return counts, nil
}

// refresh makes up for what an earlier Commit could not do.
func (s *Store) refresh(ctx context.Context) error {
	if !s.stale {
		return nil
	}
	segments, err := storedSegments(ctx, s.Reader())
	if err != nil {
		return err
	}
	s.segments = segments
	if err := s.writeManifest(); err != nil {
		return err
	}
	s.stale = false
	return nil
}

// discard removes the segments of a commit that has failed. Where it cannot tell whether
// it has, it leaves them: the next Open can.
func (s *Store) discard(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	s.stale = true
	segments, err := storedSegments(context.WithoutCancel(ctx), s.Reader())
	if err != nil {
		return s.failed(err)
	}
	var errs []error
	for _, name := range names {
		if slices.ContainsFunc(segments, func(sg Segment) bool { return sg.Name == name }) {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, name)); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// transfer is the writing of the rows of one commit.
type transfer struct {
	store    *Store
	tx       *sql.Tx
	window   leadsync.Window
	names    []string // of the files that may have been made
	segments []Segment
	counts   leadsync.Counts
}

func (t *transfer) write(ctx context.Context, c leadsync.Commit) error {
	err := writeRows(ctx, t, c.Activities, func(r *leadsync.ActivityRow) entry {
		return entry{r.Key, r.Digest, r.LeadID, r.Time, columns.Person(&r.Activity)}
	}, func(r *leadsync.ActivityRow, kept stored) activityRecord {
		return newActivityRecord(r, t.window.Run, kept)
	})
	if err != nil {
		return err
	}
	for _, id := range c.Rewrite {
		if _, err := t.tx.ExecContext(ctx, `UPDATE file_keys SET digest = x'' WHERE kind = 'leads' AND key = ?`, leadKey(id)); err != nil {
			return err
		}
	}
	err = writeRows(ctx, t, c.Leads, func(r *leadsync.LeadRow) entry {
		return entry{key: leadKey(r.ID), digest: r.Digest, lead: r.ID}
	}, func(r *leadsync.LeadRow, _ stored) leadRecord {
		return newLeadRecord(r, t.window.Run)
	})
	if err != nil {
		return err
	}
	return t.writeGone(ctx, c)
}

// entry is what the key index has to know of a row.
type entry struct {
	key    string
	digest leadsync.Digest
	lead   int64
	at     time.Time       // of activities
	person json.RawMessage // likewise
}

// fresh is a row that has to be written.
type fresh struct {
	row  int
	at   time.Time
	kept stored
}

// writeRows writes the rows that are new or have changed.
func writeRows[R any, T record](ctx context.Context, t *transfer, rows []R, entryOf func(*R) entry, recordOf func(*R, stored) T) error {
	if len(rows) == 0 {
		return nil
	}
	kind := kindOf[T]()
	number, err := nextNumber(ctx, t.tx, kind)
	if err != nil {
		return err
	}
	entries := make([]entry, len(rows))
	for i := range rows {
		entries[i] = entryOf(&rows[i])
	}
	changed, err := t.enter(ctx, kind, number, entries)
	if err != nil || len(changed) == 0 {
		return err
	}
	t.names = append(t.names, segmentName(kind, number, t.store.format))
	w, err := createSegment[T](t.store.dir, t.store.format, number)
	if err != nil {
		return err
	}
	for _, f := range changed {
		record := recordOf(&rows[f.row], f.kept)
		if err := w.write(&record, f.at); err != nil {
			return errors.Join(err, w.abort())
		}
	}
	segment, err := w.finish(t.store.step)
	if err != nil {
		return err
	}
	t.segments = append(t.segments, segment)
	return insertSegment(ctx, t.tx, &segment, t.window.ID)
}

// enter brings entries into the key index and returns those whose rows have to be
// written. Of equal keys the last counts.
func (t *transfer) enter(ctx context.Context, k Kind, segment int64, entries []entry) ([]fresh, error) {
	index, err := newKeyIndex(ctx, t.tx, k, segment)
	if err != nil {
		return nil, err
	}
	last := make(map[string]int, len(entries))
	for i := range entries {
		last[entries[i].key] = i
	}
	var changed []fresh
	for i := range entries {
		e := &entries[i]
		if last[e.key] != i {
			continue
		}
		what, kept, err := index.put(ctx, e, !e.at.IsZero() && e.at.Before(t.window.Fresh))
		if err != nil {
			return nil, err
		}
		switch what {
		case nothing:
			continue
		case inserted:
			t.counts.Inserted++
			if kept.late {
				t.counts.Late++
			}
		case updated:
			t.counts.Updated++
		}
		changed = append(changed, fresh{i, e.at, kept})
	}
	return changed, nil
}
