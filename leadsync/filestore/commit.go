package filestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/store/identity"
)

// Commit writes the rows that are new or have changed into segments, and all the rest of the
// commit into state.db; see [store.Store].
//
// If the manifest cannot be written, there is an error though the rows are committed:
// readers do not see them yet. The next Commit or Open tries again.
func (s *Store) Commit(ctx context.Context, c store.Commit) (store.Counts, error) {
	if s.readOnly {
		return store.Counts{}, s.failed(store.ErrReadOnly)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(ctx); err != nil {
		return store.Counts{}, s.failed(err)
	}
	var t transfer
	counts, err := s.CommitWith(ctx, c, func(ctx context.Context, tx *sql.Tx, w store.Window, mixed bool) (store.Counts, error) {
		t = transfer{store: s, tx: tx, window: w, mixed: mixed}
		if err := t.write(ctx, c); err != nil {
			return store.Counts{}, s.failed(err)
		}
		s.step("before commit")
		return t.counts, nil
	})
	if err != nil {
		return store.Counts{}, errors.Join(err, s.discard(ctx, t.names))
	}
	s.step("committed")
	if len(t.segments) == 0 {
		return counts, nil
	}
	s.segments = append(s.segments, t.segments...)
	if err := s.writeManifest(); err != nil {
		s.stale = true
		return store.Counts{}, s.failed(fmt.Errorf("the rows are committed, but %s is not up to date: %w", manifestName, err))
	}
	s.step("manifest written")
	return counts, nil
}

// refresh repeats what an earlier Commit failed to do after its transaction: writing the manifest.
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

// discard removes the segments of a commit that has failed. The error of a commit does not always say whether it took
// place, so the database is asked; if it cannot be asked, the files stay, and the next Open decides.
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

// transfer is the writing of one commit's rows into segments. Nothing of it counts before the transaction is
// committed, so it may be abandoned at any point.
type transfer struct {
	store    *Store
	tx       *sql.Tx
	window   store.Window
	mixed    bool     // the copy has activities with GUIDs and without
	names    []string // of the files that may have been made
	segments []Segment
	counts   store.Counts
}

// write writes the rows of a commit. Leads whose rows are not trusted lose their digest first, so that they are
// written again even if their content is the same.
func (t *transfer) write(ctx context.Context, c store.Commit) error {
	err := writeRows(ctx, t, c.Activities, t.enterActivities, func(r *store.ActivityRow, kept stored) activityRecord {
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
	err = writeRows(ctx, t, c.Leads, t.enterLeads, func(r *store.LeadRow, _ stored) leadRecord {
		return newLeadRecord(r, t.window.Run)
	})
	if err != nil {
		return err
	}
	return t.writeGone(ctx, c)
}

// fresh is a row that has to be written because it is new or has changed.
type fresh[R any] struct {
	row  *R
	at   time.Time // of an activity
	kept stored
}

// writeRows writes those rows into a new segment that are new or have changed; enter finds out which they are.
// Without such rows there is no segment, so reading the same time again makes no files.
func writeRows[R any, T record](
	ctx context.Context, t *transfer, rows []R, enter func(context.Context, *keyIndex, []R) ([]fresh[R], error), recordOf func(*R, stored) T,
) error {
	if len(rows) == 0 {
		return nil
	}
	kind := kindOf[T]()
	number, err := nextNumber(ctx, t.tx, kind)
	if err != nil {
		return err
	}
	index, err := newKeyIndex(ctx, t.tx, kind, number)
	if err != nil {
		return err
	}
	changed, err := enter(ctx, index, rows)
	if err != nil || len(changed) == 0 {
		return err
	}
	t.names = append(t.names, segmentName(kind, number, t.store.format))
	w, err := createSegment[T](t.store.dir, t.store.format, number)
	if err != nil {
		return err
	}
	for _, f := range changed {
		record := recordOf(f.row, f.kept)
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

// enterLeads enters leads into the key index and returns those that have to be written. If an id occurs twice, the
// last one counts.
func (t *transfer) enterLeads(ctx context.Context, index *keyIndex, rows []store.LeadRow) ([]fresh[store.LeadRow], error) {
	last := make(map[int64]int, len(rows))
	for i := range rows {
		last[rows[i].ID] = i
	}
	var changed []fresh[store.LeadRow]
	for i := range rows {
		r := &rows[i]
		if last[r.ID] != i {
			continue
		}
		what, kept, err := index.put(ctx, &entry{key: leadKey(r.ID), digest: r.Digest, lead: r.ID, sure: true})
		if err != nil {
			return nil, err
		}
		if t.count(what, kept) {
			changed = append(changed, fresh[store.LeadRow]{row: r})
		}
	}
	return changed, nil
}

// enterActivities enters activities into the key index and returns those that have to be written. Activities with a
// key to themselves are dealt with at once. The others may be a row that the copy has under another key or lead, and
// are compared with the rows first.
func (t *transfer) enterActivities(
	ctx context.Context, index *keyIndex, rows []store.ActivityRow,
) (changed []fresh[store.ActivityRow], err error) {
	plain, shared := identity.Split(rows, t.mixed)
	var e entry
	for i := range plain {
		r := &plain[i]
		e = t.entryOf(r)
		what, kept, err := index.put(ctx, &e)
		if err != nil {
			return nil, err
		}
		if what == another {
			shared = append(shared, *r)
		}
		if t.count(what, kept) {
			changed = append(changed, fresh[store.ActivityRow]{r, r.Time, kept})
		}
	}
	resolved, err := t.resolve(ctx, index, shared)
	if err != nil {
		return nil, err
	}
	for i := range resolved {
		r := &resolved[i]
		e = t.entryOf(&r.ActivityRow)
		e.sure, e.was = true, r.Was
		what, kept, err := index.put(ctx, &e)
		if err != nil {
			return nil, err
		}
		if t.count(what, kept) {
			changed = append(changed, fresh[store.ActivityRow]{&r.ActivityRow, r.Time, kept})
		}
	}
	return changed, nil
}

// resolve finds out for each activity which row of the copy it is, if any; see package identity.
func (t *transfer) resolve(ctx context.Context, index *keyIndex, shared []store.ActivityRow) ([]identity.Resolved, error) {
	if len(shared) == 0 {
		return nil, nil
	}
	if t.mixed {
		if err := t.store.indexRecords(ctx, t.tx); err != nil {
			return nil, err
		}
	}
	resolver := identity.Resolver{Index: index, Mixed: t.mixed, Window: &t.window}
	return resolver.Resolve(ctx, shared)
}

// entryOf returns what the key index has to know about an activity. It is sure that a row of the same key is the same
// activity if the key is made from its GUID or from all of its content.
func (t *transfer) entryOf(r *store.ActivityRow) entry {
	e := entry{
		key: r.Key, digest: r.Digest, lead: r.LeadID, person: columns.Person(&r.Activity),
		late: r.Time.Before(t.window.Fresh), sure: r.GUID != "" || !r.HasID,
	}
	if t.mixed {
		e.record = identity.Record(&r.Activity)
	}
	return e
}

// count counts what putting a row has changed, and reports whether the row has to be written.
func (t *transfer) count(what change, kept stored) bool {
	switch what {
	case inserted:
		t.counts.Inserted++
		if kept.late {
			t.counts.Late++
		}
	case updated:
		t.counts.Updated++
	}
	return what == inserted || what == updated
}
