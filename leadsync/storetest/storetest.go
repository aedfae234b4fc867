// Package storetest has the tests that every [leadsync.Store] has to pass.
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/operations"
)

// Open returns an empty store, which it closes at the end of the test, and reopen, which
// closes the store and opens the same copy again.
type Open func(t *testing.T) (s leadsync.Store, reopen func() leadsync.Store)

// Exercise tests all that package leadsync says of a Store.
func Exercise(t *testing.T, open Open) {
	t.Helper()
	for _, group := range []map[string]func(*testing.T, *bundle){
		planTests, choiceTests, claimTests, rowTests, identityGroup, reportTests, goneTests, problemTests,
	} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s, reopen := open(t)
				test(t, &bundle{t: t, ctx: t.Context(), s: s, reopen: reopen})
			})
		}
	}
}

// bundle is the store of one test with what the tests do to it.
type bundle struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // of the test
	s      leadsync.Store
	reopen func() leadsync.Store
}

// since is where the streams of the tests begin; their windows have an hour each.
var since = time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC)

// at returns the time after so many minutes of the stream.
func at(minutes int) time.Time { return since.Add(time.Duration(minutes) * time.Minute) }

var stream = leadsync.Stream{Name: leadsync.Activities}

// hours returns windows of an hour each, one after the other, as a run plans that reads them for
// the first time.
func hours(n int) []leadsync.Window {
	windows := make([]leadsync.Window, n)
	for i := range windows {
		windows[i] = leadsync.Window{From: at(60 * i), To: at(60*i + 60), Fresh: since}
	}
	return windows
}

func ignore(context.Context, any, []leadsync.Window) error { return nil }

// planned makes a new run of the windows, up to the end of the last one.
func (b *bundle) planned(st leadsync.Stream, windows ...leadsync.Window) (leadsync.RunStatus, []leadsync.Window) {
	b.t.Helper()
	var made []leadsync.Window
	p := leadsync.Planned{Since: since, Upper: windows[len(windows)-1].To, Windows: windows}
	run, err := b.s.Plan(b.ctx, st, func(leadsync.StreamState) (leadsync.Planned, error) { return p, nil },
		func(_ context.Context, _ any, w []leadsync.Window) error {
			made = w
			return nil
		})
	b.must(err)
	if len(made) != len(windows) {
		b.t.Fatalf("%d windows were to be enqueued, of %d", len(made), len(windows))
	}
	return run, made
}

// refused checks that nothing can be planned for a stream.
func (b *bundle) refused(st leadsync.Stream, want error) {
	b.t.Helper()
	_, err := b.s.Plan(b.ctx, st, func(leadsync.StreamState) (leadsync.Planned, error) {
		b.t.Error("it is planned")
		return leadsync.Planned{}, nil
	}, ignore)
	if !errors.Is(err, want) {
		b.t.Errorf("the error is %v; want %v", err, want)
	}
}

// state is what the next plan is told.
func (b *bundle) state(st leadsync.Stream) leadsync.StreamState {
	b.t.Helper()
	var state leadsync.StreamState
	_, err := b.s.Plan(b.ctx, st, func(s leadsync.StreamState) (leadsync.Planned, error) {
		state = s
		return leadsync.Planned{Since: since}, nil
	}, ignore)
	b.must(err)
	return state
}

// claimed lets a worker live and claim a window.
func (b *bundle) claimed(window int64, worker string) leadsync.Window {
	b.t.Helper()
	b.must(b.s.Heartbeat(b.ctx, worker, time.Hour))
	w, err := b.s.Claim(b.ctx, window, worker)
	b.must(err)
	return w
}

// dies ends a worker's lease.
func (b *bundle) dies(worker string) {
	b.t.Helper()
	b.must(b.s.Heartbeat(b.ctx, worker, -time.Second))
}

func claimOf(w *leadsync.Window, worker string) leadsync.Claim {
	return leadsync.Claim{Window: w.ID, Epoch: w.Epoch, Worker: worker}
}

// commit writes rows for the window as worker "a".
func (b *bundle) commit(w *leadsync.Window, rows ...leadsync.ActivityRow) leadsync.Counts {
	b.t.Helper()
	counts, err := b.s.Commit(b.ctx, leadsync.Commit{Claim: claimOf(w, "a"), Activities: rows})
	b.must(err)
	return counts
}

// open has a run of one window, claimed by worker "a".
func (b *bundle) open() leadsync.Window {
	b.t.Helper()
	_, windows := b.planned(stream, hours(1)...)
	return b.claimed(windows[0].ID, "a")
}

func (b *bundle) done(w *leadsync.Window, worker string) {
	b.t.Helper()
	_, err := b.s.Commit(b.ctx, leadsync.Commit{Claim: claimOf(w, worker), Done: true})
	b.must(err)
}

func (b *bundle) status() leadsync.Status {
	b.t.Helper()
	st, err := b.s.Status(b.ctx)
	b.must(err)
	return st
}

// rows returns the activities of the copy by key.
func (b *bundle) rows() map[string]leadsync.ActivityRow {
	b.t.Helper()
	all := map[string]leadsync.ActivityRow{}
	for row, err := range b.s.Activities(b.ctx, time.Time{}, time.Time{}) {
		b.must(err)
		if _, dup := all[row.Key]; dup {
			b.t.Errorf("there are two rows with the key %s", row.Key)
		}
		all[row.Key] = row
	}
	return all
}

func (b *bundle) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// activity returns a row of the minute; other is what tells it from others of that key.
func activity(minute int, guid, other string) leadsync.ActivityRow {
	return leadsync.NewActivityRow(operations.Activity{
		ID: int64(minute), HasID: true, GUID: guid, LeadID: int64(1000 + minute), Time: at(minute), Type: "Visit Webpage",
		AssetName: "example.com/pricing", Attributes: operations.Attributes{{Name: "Other", Value: other}},
	}, 0)
}
