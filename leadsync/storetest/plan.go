package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/store"
)

var errTest = errors.New("an error of the test")

// planTests are about Plan: what it stores, what it refuses, and what it tells the next plan.
var planTests = map[string]func(*testing.T, *bundle){
	"plan: a new stream needs a beginning": func(t *testing.T, b *bundle) {
		_, _, err := b.s.Plan(b.ctx, stream, func(store.StreamState) (store.Planned, error) {
			return store.Planned{Upper: at(60), Windows: hours(1)}, nil
		})
		if err == nil {
			t.Error("it was taken without one")
		}
		if st := b.status(); len(st.Streams) > 0 || len(st.Runs) > 0 {
			t.Errorf("there is something after an error: %+v", st)
		}
	},
	"plan: windows get ids and are stored": func(t *testing.T, b *bundle) {
		windows := hours(2)
		windows[1].Fresh = at(30)
		windows[1].Names = []string{"Visit Webpage", `with "quotes", commas`}
		windows[1].Leads = []string{"IDNUM:7", "EMAIL:lead@example.com"}
		run, made := b.planned(stream, windows...)
		if run.ID == 0 || run.Stream != stream.Name || !run.Upper.Equal(at(120)) || run.Windows != 2 || run.Resumed || run.Started.IsZero() {
			t.Errorf("the run is %+v", run)
		}
		state := b.state(stream)
		if diff := cmp.Diff(made, state.Unfinished); diff != "" {
			t.Errorf("what came back and what is stored:\n%s", diff)
		}
		for i := range made {
			if made[i].ID == 0 || made[i].Run != run.ID || made[i].State != store.WindowPending || made[i].Stream != stream.Name {
				t.Errorf("window %d is %+v", i, made[i])
			}
		}
		if diff := cmp.Diff(windows[1].Names, state.Unfinished[1].Names); diff != "" {
			t.Error(diff)
		}
		if !state.Since.Equal(since) || len(state.Uppers) > 0 {
			t.Errorf("the state is %+v", state)
		}
	},
	"plan: an error of plan is returned": func(t *testing.T, b *bundle) {
		_, _, err := b.s.Plan(b.ctx, stream, func(store.StreamState) (store.Planned, error) {
			return store.Planned{Since: since}, errTest
		})
		if !errors.Is(err, errTest) || len(b.status().Streams) > 0 {
			t.Errorf("the error is %v", err)
		}
	},
	"plan: another query is refused": func(_ *testing.T, b *bundle) {
		b.worked(store.Stream{Name: store.Activities, Types: []string{"New Lead", "Visit Webpage"}})
		b.state(store.Stream{Name: store.Activities, Types: []string{"Visit Webpage", "New Lead"}}) // the same
		b.state(stream)                                                                             // not given: as it was begun
		b.refused(store.Stream{Name: store.Activities, Types: []string{"Visit Webpage"}}, store.ErrOtherQuery)
		b.refused(store.Stream{Name: store.Activities, Types: []string{"New Lead", "Visit Webpage", "Click Link"}}, store.ErrOtherQuery)
	},
	"plan: types are refused where all were asked for": func(_ *testing.T, b *bundle) {
		b.worked(stream)
		b.refused(store.Stream{Name: store.Activities, Types: []string{"New Lead"}}, store.ErrOtherQuery)
	},
	"plan: another instance is refused": func(_ *testing.T, b *bundle) {
		one, other := stream, stream
		one.Instance, other.Instance = "one.example.com", "other.example.com"
		b.planned(stream, hours(1)...) // not known yet
		b.state(one)
		b.state(stream)
		b.refused(other, store.ErrOtherInstance)
	},
	"plan: the beginning moves back only": func(t *testing.T, b *bundle) {
		b.planned(stream, hours(1)...)
		for _, step := range []struct{ to, want time.Time }{
			{time.Time{}, since}, {at(60), since}, {at(-60), at(-60)}, {since, at(-60)},
		} {
			_, _, err := b.s.Plan(b.ctx, stream, func(store.StreamState) (store.Planned, error) {
				return store.Planned{Since: step.to}, nil
			})
			b.must(err)
			if got := b.status().Streams[0].Since; !got.Equal(step.want) {
				t.Errorf("after %s it is %s; want %s", step.to, got, step.want)
			}
		}
	},
	"plan: nothing to do makes no run": func(t *testing.T, b *bundle) {
		b.planned(stream, hours(1)...)
		run, windows, err := b.s.Plan(b.ctx, stream, func(store.StreamState) (store.Planned, error) { return store.Planned{}, nil })
		b.must(err)
		if run.ID != 0 || len(windows) != 0 || len(b.status().Runs) != 1 {
			t.Errorf("the run is %+v", run)
		}
	},
	"plan: finished runs are told, greatest first": func(t *testing.T, b *bundle) {
		for _, hour := range []int{2, 5, 3} {
			windows := hours(hour)
			_, made := b.planned(stream, windows[hour-1])
			w := b.begun(made[0].ID)
			b.done(&w)
		}
		b.planned(stream, hours(9)...)
		want := []time.Time{at(300), at(180), at(120)}
		if got := b.state(stream).Uppers; !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Errorf("the upper bounds are %v; want %v", got, want)
		}
	},
	"plan: a bound far ahead is not believed": func(t *testing.T, b *bundle) {
		ahead := time.Now().AddDate(1, 0, 0).Truncate(time.Second)
		for _, w := range []store.Window{{From: since, To: at(60), Fresh: since}, {From: at(60), To: ahead, Fresh: at(60)}} {
			_, made := b.planned(stream, w)
			claimed := b.begun(made[0].ID)
			b.done(&claimed)
		}
		got := b.state(stream).Uppers
		if len(got) != 2 || got[0].After(time.Now().Add(time.Minute)) || !got[0].After(time.Now().Add(-time.Hour)) {
			t.Errorf("bounds %v; want the present first", got)
		}
	},
	"plan: a bound a little ahead is not believed either, nor shown": func(t *testing.T, b *bundle) {
		ahead := time.Now().Add(4 * time.Minute).Truncate(time.Second)
		histories := store.Stream{Name: store.LeadActivity}
		windows := []store.Window{{From: since, To: ahead, Fresh: since, Leads: []string{"IDNUM:1"}}, {From: ahead, To: ahead.Add(time.Minute), Fresh: ahead}}
		run, made := b.planned(histories, windows...)
		notAhead := func(what string, bound time.Time) {
			if t.Helper(); bound.After(time.Now().Add(time.Minute)) || bound.Before(time.Now().Add(-time.Hour)) {
				t.Errorf("%s is %s; want the present", what, bound)
			}
		}
		notAhead("the bound of a new run", run.Upper)
		for i := range made {
			claimed := b.begun(made[i].ID)
			_, err := b.s.Commit(b.ctx, store.Commit{Fence: claimed.Fence(), Done: true, LeadsRead: made[i].Leads})
			b.must(err)
			notAhead("what is complete", b.status().Streams[0].Complete)
		}
		state := b.state(histories)
		notAhead("the bound of the run", state.Uppers[0])
		notAhead("the bound of the lead", state.LeadUppers["IDNUM:1"])
		notAhead("the bound that is shown", b.status().Runs[0].Upper)
	},
	"plan: unfinished windows go on": resumeTest,
	"plan: what goes on is of the latest run": func(t *testing.T, b *bundle) {
		b.planned(stream, hours(3)[2])
		latest, _ := b.planned(stream, hours(1)...) // of an earlier time
		run, _, err := b.s.Plan(b.ctx, stream, func(s store.StreamState) (store.Planned, error) {
			return store.Planned{Resume: s.Unfinished}, nil
		})
		b.must(err)
		if run.ID != latest.ID {
			t.Errorf("the run is %d, want %d", run.ID, latest.ID)
		}
	},
	"plan: streams are apart": func(t *testing.T, b *bundle) {
		b.planned(stream, hours(2)...)
		b.planned(store.Stream{Name: store.Leads}, hours(1)...)
		if n := len(b.state(stream).Unfinished); n != 2 {
			t.Errorf("%d windows are of the stream", n)
		}
	},
	"plan: one at a time": func(t *testing.T, b *bundle) {
		err := together(8, func(int) error {
			_, _, err := b.s.Plan(b.ctx, stream, func(s store.StreamState) (store.Planned, error) {
				if len(s.Unfinished) > 0 {
					return store.Planned{Resume: s.Unfinished}, nil
				}
				return store.Planned{Since: since, Upper: at(60), Windows: hours(1)}, nil
			})
			return err
		})
		b.must(err)
		if n := len(b.status().Runs); n != 1 {
			t.Errorf("%d runs were made", n)
		}
	},
}

// resumeTest tests that the windows which are not done go on in the same run, the failed ones as pending.
func resumeTest(t *testing.T, b *bundle) {
	run, made := b.planned(stream, hours(4)...)
	done := b.begun(made[0].ID)
	b.done(&done)
	failed := b.begun(made[1].ID)
	b.must(b.s.Fail(b.ctx, failed.Fence(), errTest))
	b.begun(made[2].ID)

	got, resumed, err := b.s.Plan(b.ctx, stream, func(s store.StreamState) (store.Planned, error) {
		if s.Unfinished[0].State != store.WindowFailed || s.Unfinished[0].Error != errTest.Error() {
			t.Errorf("the failed window is %+v", s.Unfinished[0])
		}
		return store.Planned{Resume: s.Unfinished}, nil
	})
	b.must(err)
	if got.ID != run.ID || !got.Resumed || got.Windows != 4 || got.Done != 1 {
		t.Errorf("the run is %+v", got)
	}
	for i, w := range b.state(stream).Unfinished {
		if w.ID != made[i+1].ID || w.State != store.WindowPending {
			t.Errorf("window %d is %+v", i, w)
		}
		if resumed[i].ID != w.ID || resumed[i].State != w.State {
			t.Errorf("what came back is %+v", resumed[i])
		}
	}
}

// together runs f in n goroutines that start at the same moment, and joins their errors.
func together(n int, f func(i int) error) error {
	start, errs := make(chan struct{}), make(chan error, n)
	for i := range n {
		go func() {
			<-start
			errs <- f(i)
		}()
	}
	close(start)
	var all []error
	for range n {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}
