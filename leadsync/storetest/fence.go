package storetest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/store"
)

// fenceTests are about who may write in a window: only the worker that began it last, which the epoch in its fence
// shows.
var fenceTests = map[string]func(*testing.T, *bundle){
	"fence: a window from its beginning to done": func(t *testing.T, b *bundle) {
		run, made := b.planned(stream, hours(1)...)
		w := b.begun(made[0].ID)
		if w.State != store.WindowPending || w.Epoch != 1 || w.Position != "" || !w.To.Equal(at(60)) {
			t.Errorf("the window is %+v", w)
		}
		position := positionAt("c1", &store.Tail{Second: 5, Equal: map[string]int{"d": 2}})
		read := store.Counts{Calls: 2, Pages: 1, Seen: 3, Missing: 4, Inserted: 99, Updated: 99, Late: 99} // the last are not asked for
		added, err := b.s.Commit(b.ctx, store.Commit{
			Fence: w.Fence(), Position: position, Counts: read,
			Activities: []store.ActivityRow{activity(1, "g1", ""), activity(2, "g2", "")},
		})
		b.must(err)
		want := store.Counts{Calls: 2, Pages: 1, Seen: 3, Missing: 4, Inserted: 2}
		if added != want {
			t.Errorf("added is %+v; want %+v", added, want)
		}
		again := b.begun(w.ID) // as with each step of the work
		if again.Epoch != 2 || again.Counts != want || cmp.Diff(again.Position, position) != "" {
			t.Errorf("after a commit the window is %+v", again)
		}
		b.done(&again)
		if _, err := b.s.Begin(b.ctx, w.ID); !errors.Is(err, store.ErrDone) {
			t.Errorf("beginning what is done gives %v", err)
		}
		got := b.status().Runs[0]
		if got.ID != run.ID || got.Finished.IsZero() || got.Done != 1 || got.Counts != want {
			t.Errorf("the run is %+v", got)
		}
	},
	"fence: what is not there": func(t *testing.T, b *bundle) {
		if _, err := b.s.Begin(b.ctx, 4711); !errors.Is(err, store.ErrDone) {
			t.Errorf("the error is %v", err)
		}
	},
	"fence: who has begun the window last can write": func(t *testing.T, b *bundle) {
		w := b.open()
		_, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Position: positionAt("c1", nil)})
		b.must(err)
		last := b.begun(w.ID)
		if last.Epoch != 2 || last.Position != positionAt("c1", nil) {
			t.Errorf("the window is %+v", last)
		}
		for name, fence := range map[string]store.Fence{
			"before": w.Fence(), "never": {Window: w.ID, Epoch: last.Epoch + 1}, "no window": {Window: 4711, Epoch: 1},
		} {
			b.lost(name, fence)
		}
		if n := len(b.rows()); n > 0 {
			t.Errorf("%d rows were written", n)
		}
		b.done(&last)
		b.lost("done", last.Fence())
	},
	"fence: a failed window": func(t *testing.T, b *bundle) {
		w := b.open()
		b.must(b.s.Fail(b.ctx, w.Fence(), errTest))
		failed := b.state(stream).Unfinished
		if failed[0].State != store.WindowFailed || failed[0].Error != errTest.Error() {
			t.Errorf("the window is %+v", failed[0])
		}
		b.lost("failed", w.Fence())
		if _, err := b.s.Begin(b.ctx, w.ID); !errors.Is(err, store.ErrDone) {
			t.Errorf("beginning it gives %v", err)
		}
		_, _, err := b.s.Plan(b.ctx, stream, func(store.StreamState) (store.Planned, error) {
			return store.Planned{Resume: failed}, nil
		})
		b.must(err)
		b.lost("resumed, and not begun again", store.Fence{Window: w.ID, Epoch: w.Epoch + 1})
		w = b.begun(w.ID)
		b.done(&w)
		if run := b.status().Runs[0]; run.Error != "" || run.Failed != 0 {
			t.Errorf("the run is %+v", run)
		}
	},
	"fence: of those who begin a window at once one is the last": func(t *testing.T, b *bundle) {
		_, made := b.planned(stream, hours(1)...)
		var last atomic.Int64
		err := together(8, func(int) error {
			w, err := b.s.Begin(b.ctx, made[0].ID)
			for {
				if known := last.Load(); w.Epoch <= known || last.CompareAndSwap(known, w.Epoch) {
					return err
				}
			}
		})
		b.must(err)
		if last.Load() != 8 {
			t.Errorf("the last epoch is %d; want 8", last.Load())
		}
		b.lost("the one before", store.Fence{Window: made[0].ID, Epoch: 7})
		b.done(&store.Window{ID: made[0].ID, Epoch: 8})
	},
	"fence: the last windows end at once": func(t *testing.T, b *bundle) {
		_, made := b.planned(stream, hours(8)...)
		for i := range made {
			made[i] = b.begun(made[i].ID)
		}
		err := together(8, func(i int) error {
			_, err := b.s.Commit(b.ctx, store.Commit{Fence: made[i].Fence(), Done: true})
			return err
		})
		b.must(err)
		if run := b.status().Runs[0]; run.Finished.IsZero() || run.Done != 8 {
			t.Errorf("the run is %+v", run)
		}
	},
	"fence: a copy goes on after it was closed": func(t *testing.T, b *bundle) {
		w := b.open()
		position := positionAt("c1", nil)
		_, err := b.s.Commit(b.ctx, store.Commit{
			Fence: w.Fence(), Position: position, Counts: store.Counts{Calls: 1, Seen: 1},
			Activities: []store.ActivityRow{activity(1, "g1", "")},
		})
		b.must(err)
		b.s = b.reopen()
		if len(b.rows()) != 1 {
			t.Error("the row is gone")
		}
		got := b.begun(w.ID)
		want := store.Counts{Calls: 1, Seen: 1, Inserted: 1}
		if got.Epoch != 2 || cmp.Diff(got.Position, position) != "" || got.Counts != want {
			t.Errorf("the window is %+v", got)
		}
		if _, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence()}); !errors.Is(err, store.ErrLost) {
			t.Errorf("the fence from before gives %v", err)
		}
	},
	"fence: a context that has ended": func(t *testing.T, b *bundle) {
		w := b.open()
		ctx, cancel := context.WithCancel(b.ctx)
		cancel()
		_, begin := b.s.Begin(ctx, w.ID)
		_, commit := b.s.Commit(ctx, store.Commit{Fence: w.Fence(), Done: true})
		_, status := b.s.Status(ctx)
		for name, err := range map[string]error{
			"Begin": begin, "Commit": commit, "Status": status, "Fail": b.s.Fail(ctx, w.Fence(), errTest),
		} {
			if !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%s gives %v", name, err)
			}
		}
		b.done(&w)
	},
}

// lost checks that neither a commit nor a failure gets through with a fence that is out of date.
func (b *bundle) lost(name string, f store.Fence) {
	b.t.Helper()
	_, err := b.s.Commit(b.ctx, store.Commit{
		Fence: f, Position: positionAt("bad", nil), Done: true, Counts: store.Counts{Calls: 1},
		Activities: []store.ActivityRow{activity(1, "lost", "")}, LeadsRead: []string{"IDNUM:1"},
	})
	if !errors.Is(err, store.ErrLost) {
		b.t.Errorf("%s: commit gives %v", name, err)
	}
	if err := b.s.Fail(b.ctx, f, errTest); !errors.Is(err, store.ErrLost) {
		b.t.Errorf("%s: fail gives %v", name, err)
	}
}
