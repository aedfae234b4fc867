// Package storetest has the tests that every [store.Store] has to pass, the ones of this module and those of somebody
// else. A store is the part of leadsync where a mistake loses data without a message, so the tests are about what is
// hard: rows and position in one commit, fences against workers that were taken for dead, finding the row that a
// record already has, and all of it from several goroutines at once and after the copy was closed and opened again.
//
// A store of your own runs them with one line in a test: storetest.Exercise(t, open).
package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// Open returns an empty store, which it closes at the end of the test, and reopen, which
// closes the store and opens the same copy again.
type Open func(t *testing.T) (s store.Store, reopen func() store.Store)

// Exercise runs all tests against stores that open returns, each against a new one and in parallel. Tests about
// workers and limits are skipped if the store does not implement the interfaces of package quota, since a store for
// one process need not.
func Exercise(t *testing.T, open Open) {
	t.Helper()
	for _, group := range []map[string]func(*testing.T, *bundle){
		planTests, choiceTests, fenceTests, rowTests, identityGroup, reportTests, goneTests, problemTests,
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

// bundle is the store of one test, with helpers that do to it what the engine does.
type bundle struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // of the test
	s      store.Store
	reopen func() store.Store
}

// since is where the streams of the tests begin; their windows have an hour each.
var since = time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC)

// at returns the time after so many minutes of the stream.
func at(minutes int) time.Time { return since.Add(time.Duration(minutes) * time.Minute) }

var stream = store.Stream{Name: store.Activities}

// hours returns n windows of an hour each, one after the other, as they are planned for a first run. Fresh is the
// beginning of the stream: no row in them counts as late.
func hours(n int) []store.Window {
	windows := make([]store.Window, n)
	for i := range windows {
		windows[i] = store.Window{From: at(60 * i), To: at(60*i + 60), Fresh: since}
	}
	return windows
}

// planned makes a new run of the windows, up to the end of the last one.
func (b *bundle) planned(st store.Stream, windows ...store.Window) (store.RunStatus, []store.Window) {
	b.t.Helper()
	p := store.Planned{Since: since, Upper: windows[len(windows)-1].To, Windows: windows}
	run, made, err := b.s.Plan(b.ctx, st, func(store.StreamState) (store.Planned, error) { return p, nil })
	b.must(err)
	if len(made) != len(windows) {
		b.t.Fatalf("%d windows came back, of %d", len(made), len(windows))
	}
	return run, made
}

// refused checks that nothing can be planned for a stream, and that the error is the one wanted.
func (b *bundle) refused(st store.Stream, want error) {
	b.t.Helper()
	_, _, err := b.s.Plan(b.ctx, st, func(store.StreamState) (store.Planned, error) {
		b.t.Error("it is planned")
		return store.Planned{}, nil
	})
	if !errors.Is(err, want) {
		b.t.Errorf("the error is %v; want %v", err, want)
	}
}

// state returns what the store tells the next plan about a stream. Plan is the only way to ask.
func (b *bundle) state(st store.Stream) store.StreamState {
	b.t.Helper()
	var state store.StreamState
	_, _, err := b.s.Plan(b.ctx, st, func(s store.StreamState) (store.Planned, error) {
		state = s
		return store.Planned{Since: since}, nil
	})
	b.must(err)
	return state
}

// begun begins a window as a worker does, which raises its epoch.
func (b *bundle) begun(window int64) store.Window {
	b.t.Helper()
	w, err := b.s.Begin(b.ctx, window)
	b.must(err)
	return w
}

// registry returns what the store knows of workers, and skips the test if it knows nothing of them.
func (b *bundle) registry() quota.Registry {
	b.t.Helper()
	r, ok := b.s.(quota.Registry)
	if !ok {
		b.t.Skip("the store knows no workers")
	}
	return r
}

// commit writes rows in a window that stays open, and returns what was counted.
func (b *bundle) commit(w *store.Window, rows ...store.ActivityRow) store.Counts {
	b.t.Helper()
	counts, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Activities: rows})
	b.must(err)
	return counts
}

// open plans a run of one window and begins that window.
func (b *bundle) open() store.Window {
	b.t.Helper()
	_, windows := b.planned(stream, hours(1)...)
	return b.begun(windows[0].ID)
}

// done commits the end of a window.
func (b *bundle) done(w *store.Window) {
	b.t.Helper()
	_, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Done: true})
	b.must(err)
}

func (b *bundle) status() store.Status {
	b.t.Helper()
	st, err := b.s.Status(b.ctx)
	b.must(err)
	return st
}

// rows returns the activities of the copy by key. Two rows with one key fail the test.
func (b *bundle) rows() map[string]store.ActivityRow {
	b.t.Helper()
	all := map[string]store.ActivityRow{}
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

// activity returns a row in a minute of the stream. Rows with the same guid have the same key; other makes their
// content differ.
func activity(minute int, guid, other string) store.ActivityRow {
	return store.NewActivityRow(operations.Activity{
		ID: int64(minute), HasID: true, GUID: guid, LeadID: int64(1000 + minute), Time: at(minute), Type: "Visit Webpage",
		AssetName: "example.com/pricing", Attributes: operations.Attributes{{Name: "Other", Value: other}},
	}, 0)
}

// positionAt returns a position like those of the engine. For a store a position is text that it has to give back
// unchanged; only the engine reads it, except for the tail, from which stores recognise rows of the same pass.
func positionAt(cursor string, tail *store.Tail) store.Position {
	text, _ := json.Marshal(struct { // always encodes
		Cursor string      `json:"cursor"`
		Tail   *store.Tail `json:"tail,omitempty"`
	}{cursor, tail})
	return store.Position(text)
}
