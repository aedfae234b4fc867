// Package memorystore is an example of a store by somebody else: a copy in memory, which package leadsync fills like any
// other. It knows neither a database nor a queue. Of what a store needs package ledger has the windows, package memjobs
// the jobs, and package identity the rules that tell which row an activity is; what is left are the rows.
package memorystore

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/store/ledger"
	"github.com/mktows/mktows-go/leadsync/store/memjobs"
)

// Store is a copy in memory. It is for one process, and gone with it.
type Store struct {
	*ledger.Ledger
	*memjobs.Memory

	rows *rows
}

var _ store.Store = (*Store)(nil)

// New returns an empty copy.
func New(ctx context.Context) (*Store, error) {
	jobs, err := memjobs.New(ctx)
	if err != nil {
		return nil, err
	}
	r := &rows{activities: map[string]store.ActivityRow{}, of: map[string][]string{}, leads: map[int64]store.LeadRow{}}
	return &Store{Ledger: ledger.New(r), Memory: jobs, rows: r}, nil
}

// Close forgets the jobs.
func (s *Store) Close() error { return s.CloseJobs() }

// String names the copy.
func (s *Store) String() string { return "memory" }

// CommitRows says that every page may be committed.
func (s *Store) CommitRows() int { return 0 }

// Commit writes rows, position and counts; see [store.Store].
func (s *Store) Commit(ctx context.Context, c store.Commit) (store.Counts, error) {
	return s.CommitWith(ctx, c, func(w store.Window) (store.Counts, error) { return s.rows.write(ctx, &w, &c) })
}

// Status reports on everything; see [store.Store].
func (s *Store) Status(ctx context.Context) (st store.Status, err error) {
	err = s.Locked(ctx, func() error {
		st = s.Ledger.Status()
		st.Copy, st.Activities, st.Leads = s.String(), int64(len(s.rows.activities)), int64(len(s.rows.leads))
		for _, lead := range s.rows.leads {
			if !lead.GoneAt.IsZero() {
				st.Gone++
			}
		}
		return nil
	})
	return st, err
}

// Activities yields activities; see [store.Store].
func (s *Store) Activities(ctx context.Context, from, to time.Time) iter.Seq2[store.ActivityRow, error] {
	return snapshot(ctx, s, func(r *rows) (some []store.ActivityRow) {
		for _, row := range r.activities {
			if (from.IsZero() || !row.Time.Before(from)) && (to.IsZero() || row.Time.Before(to)) {
				some = append(some, row)
			}
		}
		return some
	})
}

// Leads yields the leads; see [store.Store].
func (s *Store) Leads(ctx context.Context) iter.Seq2[store.LeadRow, error] {
	return snapshot(ctx, s, func(r *rows) []store.LeadRow { return slices.Collect(maps.Values(r.leads)) })
}

// LeadIDs yields the ids of all leads; see [store.Store].
func (s *Store) LeadIDs(ctx context.Context) iter.Seq2[int64, error] {
	return snapshot(ctx, s, func(r *rows) []int64 {
		known := map[int64]bool{}
		for _, row := range r.activities {
			known[row.LeadID] = true
		}
		for id, lead := range r.leads {
			known[id] = lead.GoneAt.IsZero()
		}
		maps.DeleteFunc(known, func(_ int64, there bool) bool { return !there })
		return slices.Sorted(maps.Keys(known))
	})
}

// PresentLeads returns the leads that are there; see [store.Store].
func (s *Store) PresentLeads(ctx context.Context, ids []int64) (present []int64, err error) {
	err = s.Locked(ctx, func() error {
		for _, id := range ids {
			if lead, ok := s.rows.leads[id]; ok && lead.GoneAt.IsZero() {
				present = append(present, id)
			}
		}
		slices.Sort(present)
		return nil
	})
	return slices.Compact(present), err
}

// snapshot yields what there is at one moment, and keeps nobody from writing meanwhile.
func snapshot[T any](ctx context.Context, s *Store, take func(*rows) []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var all []T
		if err := s.Locked(ctx, func() error { all = take(s.rows); return nil }); err != nil {
			yield(*new(T), err)
			return
		}
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
	}
}
