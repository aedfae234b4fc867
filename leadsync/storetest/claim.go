package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/store"
)

var claimTests = map[string]func(*testing.T, *bundle){
	"claim: a window from claim to done": func(t *testing.T, b *bundle) {
		run, made := b.planned(stream, hours(1)...)
		w := b.claimed(made[0].ID, "a")
		if w.State != store.Running || w.Epoch != 1 || w.Position != "" || !w.To.Equal(at(60)) {
			t.Errorf("the window is %+v", w)
		}
		position := positionAt("c1", &store.Tail{Second: 5, Equal: map[string]int{"d": 2}})
		read := store.Counts{Calls: 2, Pages: 1, Seen: 3, Missing: 4, Inserted: 99, Updated: 99, Late: 99} // the last are not asked for
		added, err := b.s.Commit(b.ctx, store.Commit{
			Claim: claimOf(&w, "a"), Position: position, Counts: read,
			Activities: []store.ActivityRow{activity(1, "g1", ""), activity(2, "g2", "")},
		})
		b.must(err)
		want := store.Counts{Calls: 2, Pages: 1, Seen: 3, Missing: 4, Inserted: 2}
		if added != want {
			t.Errorf("added is %+v; want %+v", added, want)
		}
		again := b.claimed(w.ID, "a") // by the same worker
		if again.Epoch != 2 || again.Counts != want || cmp.Diff(again.Position, position) != "" {
			t.Errorf("after a commit the window is %+v", again)
		}
		b.done(&again, "a")
		if _, err := b.s.Claim(b.ctx, w.ID, "a"); !errors.Is(err, store.ErrDone) {
			t.Errorf("claiming what is done gives %v", err)
		}
		got := b.status().Runs[0]
		if got.ID != run.ID || got.Finished.IsZero() || got.Done != 1 || got.Counts != want {
			t.Errorf("the run is %+v", got)
		}
	},
	"claim: what is not there": func(t *testing.T, b *bundle) {
		if _, err := b.s.Claim(b.ctx, 4711, "a"); err == nil {
			t.Error("a window that does not exist was claimed")
		}
	},
	"claim: a living worker keeps its window": func(t *testing.T, b *bundle) {
		w := b.open()
		if _, err := b.s.Claim(b.ctx, w.ID, "b"); !errors.Is(err, store.ErrClaimed) {
			t.Errorf("the error is %v", err)
		}
	},
	"claim: a dead worker's window is taken over": func(t *testing.T, b *bundle) {
		w := b.open()
		_, err := b.s.Commit(b.ctx, store.Commit{Claim: claimOf(&w, "a"), Position: positionAt("c1", nil)})
		b.must(err)
		b.dies("a")
		taken := b.claimed(w.ID, "b")
		if taken.Epoch != 2 || taken.Position != positionAt("c1", nil) {
			t.Errorf("the window is %+v", taken)
		}
		b.must(b.s.Retire(b.ctx, "b"))
		if third := b.claimed(w.ID, "c"); third.Epoch != 3 {
			t.Errorf("after the second one had retired the window is %+v", third)
		}
	},
	"claim: a lost claim writes nothing": func(t *testing.T, b *bundle) {
		w := b.open()
		b.dies("a")
		taken := b.claimed(w.ID, "b")
		for name, claim := range map[string]store.Claim{
			"old": claimOf(&w, "a"), "old epoch": {Window: w.ID, Epoch: w.Epoch, Worker: "b"},
			"other worker": claimOf(&taken, "a"), "no window": {Window: 4711, Epoch: 1, Worker: "a"},
		} {
			_, err := b.s.Commit(b.ctx, store.Commit{
				Claim: claim, Position: positionAt("bad", nil), Done: true, Counts: store.Counts{Calls: 1},
				Activities: []store.ActivityRow{activity(1, "g1", "")}, LeadsRead: []string{"IDNUM:1"},
			})
			if !errors.Is(err, store.ErrLost) {
				t.Errorf("%s: commit gives %v", name, err)
			}
			if err := b.s.Release(b.ctx, claim, errTest, true); !errors.Is(err, store.ErrLost) {
				t.Errorf("%s: release gives %v", name, err)
			}
		}
		if n := len(b.rows()); n > 0 {
			t.Errorf("%d rows were written", n)
		}
		b.done(&taken, "b")
	},
	"claim: release": func(t *testing.T, b *bundle) {
		w := b.open()
		for i, step := range []struct {
			problem  error
			final    bool
			state    store.State
			attempts int
		}{
			{nil, false, store.Pending, 0},
			{errTest, false, store.Pending, 1},
			{nil, true, store.Pending, 1},
			{errTest, true, store.Failed, 2},
		} {
			b.must(b.s.Release(b.ctx, claimOf(&w, "a"), step.problem, step.final))
			got := b.state(stream).Unfinished[0]
			if got.State != step.state || got.Attempts != step.attempts || step.problem != nil && got.Error != errTest.Error() {
				t.Errorf("%d: the window is %+v", i, got)
			}
			if _, err := b.s.Commit(b.ctx, store.Commit{Claim: claimOf(&w, "a")}); !errors.Is(err, store.ErrLost) {
				t.Errorf("%d: a commit after the release gives %v", i, err)
			}
			w = b.claimed(w.ID, "a")
		}
		b.done(&w, "a")
		if run := b.status().Runs[0]; run.Error != "" || run.Failed != 0 {
			t.Errorf("the run is %+v", run)
		}
	},
	"claim: each window goes to one": func(t *testing.T, b *bundle) {
		_, made := b.planned(stream, hours(5)...)
		var claims [5]atomic.Int64
		err := together(8, func(i int) error {
			worker := fmt.Sprint("w", i)
			if err := b.s.Heartbeat(b.ctx, worker, 1<<40); err != nil {
				return err
			}
			for n := range made {
				w, err := b.s.Claim(b.ctx, made[(i+n)%5].ID, worker)
				if err == nil {
					claims[(i+n)%5].Add(w.Epoch)
				} else if !errors.Is(err, store.ErrClaimed) {
					return err
				}
			}
			return nil
		})
		b.must(err)
		for i := range claims {
			if n := claims[i].Load(); n != 1 {
				t.Errorf("window %d: the sum of the epochs is %d; want 1", i, n)
			}
		}
	},
	"claim: the last windows end at once": func(t *testing.T, b *bundle) {
		_, made := b.planned(stream, hours(8)...)
		for i := range made {
			made[i] = b.claimed(made[i].ID, "a")
		}
		err := together(8, func(i int) error {
			_, err := b.s.Commit(b.ctx, store.Commit{Claim: claimOf(&made[i], "a"), Done: true})
			return err
		})
		b.must(err)
		if run := b.status().Runs[0]; run.Finished.IsZero() || run.Done != 8 {
			t.Errorf("the run is %+v", run)
		}
	},
	"claim: a copy goes on after it was closed": func(t *testing.T, b *bundle) {
		w := b.open()
		position := positionAt("c1", nil)
		_, err := b.s.Commit(b.ctx, store.Commit{
			Claim: claimOf(&w, "a"), Position: position, Counts: store.Counts{Calls: 1, Seen: 1},
			Activities: []store.ActivityRow{activity(1, "g1", "")},
		})
		b.must(err)
		b.dies("a")
		b.s = b.reopen()
		if len(b.rows()) != 1 {
			t.Error("the row is gone")
		}
		got := b.claimed(w.ID, "b")
		want := store.Counts{Calls: 1, Seen: 1, Inserted: 1}
		if got.Epoch != 2 || cmp.Diff(got.Position, position) != "" || got.Counts != want {
			t.Errorf("the window is %+v", got)
		}
		if _, err := b.s.Commit(b.ctx, store.Commit{Claim: claimOf(&w, "a")}); !errors.Is(err, store.ErrLost) {
			t.Errorf("the claim from before gives %v", err)
		}
	},
	"claim: a context that has ended": func(t *testing.T, b *bundle) {
		w := b.open()
		ctx, cancel := context.WithCancel(b.ctx)
		cancel()
		_, claim := b.s.Claim(ctx, w.ID, "a")
		_, commit := b.s.Commit(ctx, store.Commit{Claim: claimOf(&w, "a"), Done: true})
		_, status := b.s.Status(ctx)
		for name, err := range map[string]error{
			"Claim": claim, "Commit": commit, "Status": status, "Heartbeat": b.s.Heartbeat(ctx, "a", 1),
		} {
			if !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%s gives %v", name, err)
			}
		}
		b.done(&w, "a")
	},
}
