// Package storetest has the tests that every [store.Store] has to pass.
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

// Exercise tests all that package leadsync says of a Store.
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

// bundle is the store of one test with what the tests do to it.
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

// hours returns windows of an hour each, one after the other, as a run plans that reads them for
// the first time.
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

// refused checks that nothing can be planned for a stream.
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

// state is what the next plan is told.
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

// begun begins a window.
func (b *bundle) begun(window int64) store.Window {
	b.t.Helper()
	w, err := b.s.Begin(b.ctx, window)
	b.must(err)
	return w
}

// registry is what the store knows of workers; the test is skipped where it knows nothing.
func (b *bundle) registry() quota.Registry {
	b.t.Helper()
	r, ok := b.s.(quota.Registry)
	if !ok {
		b.t.Skip("the store knows no workers")
	}
	return r
}

// commit writes rows for the window.
func (b *bundle) commit(w *store.Window, rows ...store.ActivityRow) store.Counts {
	b.t.Helper()
	counts, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Activities: rows})
	b.must(err)
	return counts
}

// open has a run of one window, which is begun.
func (b *bundle) open() store.Window {
	b.t.Helper()
	_, windows := b.planned(stream, hours(1)...)
	return b.begun(windows[0].ID)
}

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

// rows returns the activities of the copy by key.
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

// activity returns a row of the minute; other is what tells it from others of that key.
func activity(minute int, guid, other string) store.ActivityRow {
	return store.NewActivityRow(operations.Activity{
		ID: int64(minute), HasID: true, GUID: guid, LeadID: int64(1000 + minute), Time: at(minute), Type: "Visit Webpage",
		AssetName: "example.com/pricing", Attributes: operations.Attributes{{Name: "Other", Value: other}},
	}, 0)
}

// positionAt is a position with a cursor, as text that a store gives back as it was.
func positionAt(cursor string, tail *store.Tail) store.Position {
	text, _ := json.Marshal(struct { // always encodes
		Cursor string      `json:"cursor"`
		Tail   *store.Tail `json:"tail,omitempty"`
	}{cursor, tail})
	return store.Position(text)
}
