package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/store"
)

// choiceTests are about what a stream asks for: how it is changed, refused and forgotten.
var choiceTests = map[string]func(*testing.T, *bundle){
	"choice: a query that never worked is replaced": replacedTest,
	"choice: rows of a query that never worked stay with another stream": func(t *testing.T, b *bundle) {
		b.worked(store.Stream{Name: store.LeadActivity}, activity(1, "shared", ""))
		old := store.Stream{Name: store.Activities, Types: []string{"Misspelt"}}
		_, made := b.planned(old, hours(1)...)
		w := b.begun(made[0].ID)
		b.commit(&w, activity(2, "g2", ""))
		b.replan(store.Stream{Name: store.Activities, Types: []string{"New Lead"}}, hours(1)...)
		if got := b.rows(); len(got) != 2 {
			t.Errorf("rows %v; want both", got)
		}
	},
	"choice: a query that has worked is extended and read again": extendedTest,
	"choice: the histories are read again with another query": func(t *testing.T, b *bundle) {
		st := store.Stream{Name: store.LeadActivity, Types: []string{"New Lead"}}
		_, made := b.planned(st, store.Window{From: since, To: at(60), Fresh: since, Leads: []string{"IDNUM:1"}})
		w := b.begun(made[0].ID)
		_, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), LeadsRead: []string{"IDNUM:1"}, Done: true})
		b.must(err)
		b.replan(store.Stream{Name: store.LeadActivity}, hours(1)...)
		if got := b.state(store.Stream{Name: store.LeadActivity}); len(got.LeadUppers)+len(got.Uppers) > 0 {
			t.Errorf("leads or runs count as read: %+v", got)
		}
	},
	"choice: windows are dropped": droppedTest,
	"choice: the names of the last finished run": func(t *testing.T, b *bundle) {
		windows := hours(3)
		windows[0].Names, windows[1].Names = []string{"Send Email", "Open Email"}, []string{"Send Email"}
		_, made := b.planned(stream, windows...)
		if got := b.state(stream).Names; len(got) > 0 {
			t.Errorf("names %v of a run that is not finished", got)
		}
		for _, m := range made {
			w := b.begun(m.ID)
			b.done(&w)
		}
		if got := b.state(stream).Names; !slices.Equal(got, []string{"Open Email", "Send Email"}) {
			t.Errorf("names %v", got)
		}
		b.worked(stream)
		if got := b.state(stream).Names; len(got) > 0 {
			t.Errorf("names %v of an earlier run", got)
		}
	},
	"choice: a beginning tells the query": func(t *testing.T, b *bundle) {
		st := store.Stream{Name: store.Leads, Fields: []string{"Company"}}
		_, made := b.planned(st, hours(1)...)
		if w := b.begun(made[0].ID); w.Query != st.Query() || !w.Since.Equal(since) {
			t.Errorf("the query is %q; want %q", w.Query, st.Query())
		}
	},
	"choice: a refused run is not worked on": refusedTest,
	"reset: a stream begins anew":            resetTest,
	"reset: rows that are shared stay":       sharedTest,
	"reset: only what is there": func(t *testing.T, b *bundle) {
		b.worked(stream)
		err := b.s.Reset(b.ctx, store.Leads, func(store.Removal) error {
			t.Error("it was agreed to")
			return nil
		})
		if !errors.Is(err, store.ErrNoStream) {
			t.Errorf("the error is %v", err)
		}
	},
	"reset: refused while a worker lives": func(t *testing.T, b *bundle) {
		b.worked(stream, activity(1, "g1", ""))
		b.must(b.registry().Heartbeat(b.ctx, "alive", time.Hour))
		err := b.s.Reset(b.ctx, stream.Name, func(store.Removal) error { return nil })
		if !errors.Is(err, store.ErrInUse) || len(b.rows()) != 1 {
			t.Errorf("the error is %v, there are %d rows", err, len(b.rows()))
		}
	},
	"reset: who does not agree changes nothing": func(t *testing.T, b *bundle) {
		b.worked(stream, activity(1, "g1", ""))
		before := b.status()
		err := b.s.Reset(b.ctx, stream.Name, func(store.Removal) error { return errTest })
		if diff := cmp.Diff(before, b.status()); !errors.Is(err, errTest) || diff != "" || len(b.rows()) != 1 {
			t.Errorf("the error is %v, there are %d rows\n%s", err, len(b.rows()), diff)
		}
	},
}

// worked plans and finishes a run of one hour that brings these rows.
func (b *bundle) worked(st store.Stream, rows ...store.ActivityRow) store.RunStatus {
	b.t.Helper()
	run, made := b.planned(st, hours(1)...)
	w := b.begun(made[0].ID)
	_, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Activities: rows, Done: true})
	b.must(err)
	return run
}

// replan gives a stream another query, drops the windows that are left of the old one, and plans new windows.
func (b *bundle) replan(st store.Stream, windows ...store.Window) []store.Window {
	b.t.Helper()
	var made []store.Window
	_, made, err := b.s.Plan(b.ctx, st, func(had store.StreamState) (store.Planned, error) {
		return store.Planned{Upper: windows[len(windows)-1].To, Windows: windows, Query: st.Query(), Drop: had.Unfinished}, nil
	})
	b.must(err)
	return made
}

// unfinished checks how many windows of the stream are pending and how many have failed.
func (b *bundle) unfinished(waiting, failed int) {
	b.t.Helper()
	gotWaiting, gotFailed, err := b.s.Unfinished(b.ctx, stream.Name)
	b.must(err)
	if gotWaiting != waiting || gotFailed != failed {
		b.t.Errorf("%d windows wait and %d have failed; want %d and %d", gotWaiting, gotFailed, waiting, failed)
	}
}

// replacedTest tests that a query which never finished a window can be replaced, as after a misspelt type: the runs
// and rows of the old query go, and a worker that still has one of its windows can write nothing any more.
func replacedTest(t *testing.T, b *bundle) {
	old := store.Stream{Name: store.Activities, Types: []string{"Misspelt"}}
	_, made := b.planned(old, hours(2)...)
	w := b.begun(made[0].ID)
	b.commit(&w, activity(1, "g1", "")) // a page of a window that is not done
	other := store.Stream{Name: store.Activities, Types: []string{"New Lead"}}
	if got := b.state(other); got.Query != old.Query() || len(got.Unfinished) != 2 {
		t.Errorf("the state is %+v", got)
	}
	again := b.replan(other, hours(1)...)
	if got := b.status(); got.Streams[0].Query != other.Query() || len(got.Runs) != 1 || got.Runs[0].ID != again[0].Run || got.Activities != 0 {
		t.Errorf("the status is %+v", got)
	}
	if got := b.state(other).Unfinished; len(got) != 1 || got[0].ID != again[0].ID {
		t.Errorf("unfinished are %+v", got)
	}
	if _, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Activities: []store.ActivityRow{activity(1, "g1", "")}}); !errors.Is(err, store.ErrLost) {
		t.Errorf("who works on a window that was dropped gets %v", err)
	}
	if _, err := b.s.Begin(b.ctx, w.ID); !errors.Is(err, store.ErrDone) {
		t.Errorf("claiming a window that was dropped gives %v", err)
	}
	if n := len(b.rows()); n != 0 {
		t.Errorf("%d rows are left of the old query", n)
	}
	fresh := b.begun(again[0].ID)
	b.commit(&fresh, activity(1, "g1", ""))
	if n := len(b.rows()); n != 1 {
		t.Errorf("%d rows; want the new one", n)
	}
}

// extendedTest tests that a query which has worked can be extended: the rows stay, but nothing counts as complete any
// longer, since what the old query left out has to be read.
func extendedTest(t *testing.T, b *bundle) {
	st := store.Stream{Name: store.Activities, Types: []string{"New Lead"}}
	b.worked(st, activity(1, "g1", ""))
	b.worked(st)
	_, made := b.planned(stream, hours(2)...) // interrupted
	bare := stream                            // says no more than that it is the one that is there
	st.Types = []string{"New Lead", "Visit Webpage"}
	var again []store.Window
	_, again, err := b.s.Plan(b.ctx, bare, func(had store.StreamState) (store.Planned, error) {
		return store.Planned{Upper: at(60), Windows: hours(1), Query: st.Query(), Drop: had.Unfinished}, nil
	})
	b.must(err)
	got := b.state(st)
	if got.Query != st.Query() || len(got.Uppers) > 0 || len(got.Unfinished) != 1 || got.Unfinished[0].ID != again[0].ID {
		t.Errorf("the state is %+v", got)
	}
	if st := b.status(); st.Activities != 1 || !st.Streams[0].Complete.IsZero() {
		t.Errorf("%d rows, complete up to %s; want the row, and nothing complete", st.Activities, st.Streams[0].Complete)
	}
	if _, err := b.s.Begin(b.ctx, made[0].ID); !errors.Is(err, store.ErrDone) {
		t.Errorf("claiming a window of the query before gives %v", err)
	}
	w := b.begun(again[0].ID)
	if w.Query != st.Query() {
		t.Errorf("the window is read with %s", w.Query)
	}
	b.done(&w)
	if got := b.state(stream).Uppers; len(got) != 1 || !got[0].Equal(at(60)) {
		t.Errorf("bounds %v; want that of the run with the new query", got)
	}
}

// droppedTest tests dropping windows. Windows that are done stay in the run's counts, a run that has lost its last
// open window is finished, and one that has lost all of its windows disappears.
func droppedTest(t *testing.T, b *bundle) {
	run, made := b.planned(stream, hours(3)...)
	done, failed := b.begun(made[0].ID), b.begun(made[1].ID)
	b.done(&done)
	b.must(b.s.Fail(b.ctx, failed.Fence(), errTest))
	drop := func(windows ...store.Window) {
		_, left, err := b.s.Plan(b.ctx, stream, func(store.StreamState) (store.Planned, error) {
			return store.Planned{Drop: windows}, nil
		})
		b.must(err)
		if len(left) > 0 {
			t.Errorf("%+v are to be worked on", left)
		}
	}
	drop(made[0], made[1])
	if got := b.state(stream).Unfinished; len(got) != 1 || got[0].ID != made[2].ID {
		t.Errorf("left are %+v", got)
	}
	if got := b.status().Runs[0]; got.ID != run.ID || got.Done != 1 || !got.Finished.IsZero() {
		t.Errorf("the run is %+v", got)
	}
	drop(made[2])
	if got := b.status().Runs[0]; got.Finished.IsZero() || got.Windows != 1 {
		t.Errorf("the run is %+v; want it finished", got)
	}
	_, made = b.planned(stream, hours(1)...)
	drop(made[0])
	if got := b.status().Runs; len(got) != 1 {
		t.Errorf("a run that has lost all its windows is left: %+v", got)
	}
}

// refusedTest tests a run whose query the service refuses. No other window of it may be begun, since each would be
// refused too; a window that is under way ends normally, and a plan that resumes the failed window lets all of them
// go on.
func refusedTest(t *testing.T, b *bundle) {
	_, made := b.planned(stream, hours(3)...)
	running, refused := b.begun(made[0].ID), b.begun(made[1].ID)
	problem := fmt.Errorf("no such field: %w", store.ErrRefused)
	b.must(b.s.Fail(b.ctx, refused.Fence(), problem))
	b.unfinished(0, 1)
	if _, err := b.s.Begin(b.ctx, made[2].ID); !errors.Is(err, store.ErrRefused) {
		t.Errorf("beginning a window gives %v", err)
	}
	b.done(&running) // what is under way ends
	b.unfinished(0, 1)
	resume := func(windows ...store.Window) {
		_, _, err := b.s.Plan(b.ctx, stream, func(store.StreamState) (store.Planned, error) {
			return store.Planned{Resume: windows}, nil
		})
		b.must(err)
	}
	resume(made[2]) // looks for windows without a job
	b.unfinished(0, 1)
	resume(made[1:]...)
	b.unfinished(2, 0)
	b.begun(made[2].ID)
}

// resetTest tests that a reset removes the stream's rows, runs and positions, reports beforehand what it removes,
// leaves other streams alone, and that the stream can start over with another query.
func resetTest(t *testing.T, b *bundle) {
	st := store.Stream{Name: store.Activities, Types: []string{"Visit Webpage"}}
	b.worked(st, activity(1, "g1", ""), activity(2, "g2", ""))
	leads := store.Stream{Name: store.Leads}
	_, made := b.planned(leads, hours(1)...)
	w := b.begun(made[0].ID)
	_, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), Leads: []store.LeadRow{lead(7, "")}, Done: true})
	b.must(err)

	var told store.Removal
	b.must(b.s.Reset(b.ctx, st.Name, func(r store.Removal) error {
		told = r
		return nil
	}))
	want := store.Removal{Stream: st.Name, Query: st.Query(), Since: since, Runs: 1, Windows: 1, Rows: 2}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	got := b.status()
	if len(got.Streams) != 1 || got.Streams[0].Name != store.Leads || len(got.Runs) != 1 || got.Activities != 0 || got.Leads != 1 {
		t.Errorf("the status is %+v", got)
	}
	if n := len(b.rows()); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	b.s = b.reopen()
	if n := len(b.rows()) + len(b.leads()); n != 1 {
		t.Errorf("%d rows after it was opened again; want the lead", n)
	}
	run := b.worked(stream, activity(1, "g1", ""), activity(3, "g3", "")) // with another query
	if run.ID == 0 || len(b.rows()) != 2 || b.status().Activities != 2 {
		t.Errorf("the run is %+v, there are %d rows", run, len(b.rows()))
	}
}

// sharedTest tests resets of the two streams that write the same table of activities. While both exist nobody can
// tell whose a row is, so the rows stay; the reset of the second one removes them.
func sharedTest(t *testing.T, b *bundle) {
	b.worked(stream, activity(1, "g1", ""), activity(2, "g2", ""))
	histories := store.Stream{Name: store.LeadActivity}
	_, made := b.planned(histories, store.Window{From: since, To: at(60), Fresh: since, Leads: []string{"IDNUM:1"}})
	w := b.begun(made[0].ID)
	_, err := b.s.Commit(b.ctx, store.Commit{
		Fence: w.Fence(), Activities: []store.ActivityRow{activity(3, "g3", "")}, LeadsRead: []string{"IDNUM:1"}, Done: true,
	})
	b.must(err)
	reset := func(name store.StreamName) (r store.Removal) {
		b.must(b.s.Reset(b.ctx, name, func(removed store.Removal) error {
			r = removed
			return nil
		}))
		return r
	}
	if r := reset(histories.Name); r.Shared != stream.Name || r.Rows != 3 {
		t.Errorf("removed is %+v", r)
	}
	if got := b.rows(); len(got) != 3 {
		t.Errorf("%d rows are left; want all, since nobody knows whose they are", len(got))
	}
	if got := b.state(histories).LeadUppers; len(got) > 0 {
		t.Errorf("leads count as read: %v", got)
	}
	b.must(b.s.Reset(b.ctx, histories.Name, func(store.Removal) error { return nil })) // state has made it anew
	if r := reset(stream.Name); r.Shared != "" || len(b.rows()) != 0 {
		t.Errorf("removed is %+v, %d rows are left", r, len(b.rows()))
	}
}
