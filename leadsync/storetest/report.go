package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// reportTests are about Status and the other methods that report on a copy.
var reportTests = map[string]func(*testing.T, *bundle){
	"report: an empty copy": func(t *testing.T, b *bundle) {
		st := b.status()
		if st.Copy != b.s.String() || st.Version < 1 {
			t.Errorf("copy %q, version %d", st.Copy, st.Version)
		}
		if len(st.Streams)+len(st.Runs)+len(st.Workers)+len(st.Quotas) > 0 || st.Activities+st.Leads > 0 {
			t.Errorf("there is something in it: %+v", st)
		}
		if n := len(b.rows()) + len(b.leads()); n > 0 {
			t.Errorf("it has %d rows", n)
		}
	},
	"report: numbers": numbersTest,
	"report: how far a stream is complete": func(t *testing.T, b *bundle) {
		complete := func(want time.Time, what string) {
			t.Helper()
			if got := b.status().Streams[0].Complete; !got.Equal(want) {
				t.Errorf("%s: complete until %s; want %s", what, got, want)
			}
		}
		_, made := b.planned(stream, hours(3)...)
		complete(time.Time{}, "nothing is done")
		third := b.begun(made[2].ID)
		b.done(&third)
		complete(time.Time{}, "the last one is done")
		first := b.begun(made[0].ID)
		b.done(&first)
		complete(at(60), "the second one is not")
		second := b.begun(made[1].ID)
		b.done(&second)
		complete(at(180), "all are done")

		_, again := b.planned(stream, store.Window{From: at(120), To: at(240), Fresh: at(180)})
		complete(at(180), "a lookback begins before")
		w := b.begun(again[0].ID)
		b.done(&w)
		complete(at(240), "all are done again")
	},
	"report: windows that are not done": func(t *testing.T, b *bundle) {
		_, made := b.planned(stream, hours(4)...)
		first := b.begun(made[0].ID)
		b.done(&first)
		b.begun(made[1].ID)
		failed := b.begun(made[2].ID)
		b.must(b.s.Fail(b.ctx, failed.Fence(), errTest))
		b.planned(store.Stream{Name: store.Leads}, hours(1)...)
		waiting, failures, err := b.s.Unfinished(b.ctx, stream.Name)
		b.must(err)
		if waiting != 2 || failures != 1 {
			t.Errorf("%d wait, %d failed; want 2 and 1", waiting, failures)
		}
	},
	"report: workers": func(t *testing.T, b *bundle) {
		workers := b.registry()
		b.must(workers.Heartbeat(b.ctx, "a", time.Hour))
		b.must(workers.Heartbeat(b.ctx, "b", -time.Second))
		b.must(workers.Heartbeat(b.ctx, "long dead", -2*time.Hour))
		b.must(workers.Heartbeat(b.ctx, "retired", time.Hour))
		b.must(workers.Retire(b.ctx, "retired"))
		b.must(workers.Retire(b.ctx, "never there"))
		got, err := workers.Workers(b.ctx)
		b.must(err)
		want := []quota.Worker{{Name: "a", Alive: true}, {Name: "b"}}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(quota.Worker{}, "Until")); diff != "" {
			t.Error(diff)
		}
		if n := len(b.status().Workers); n != len(want) {
			t.Errorf("the status has %d", n)
		}
		ctx, cancel := context.WithCancel(b.ctx)
		cancel()
		if err := workers.Heartbeat(ctx, "a", 1); !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("after the end of the context: %v", err)
		}
	},
	"report: up to when leads were read": func(t *testing.T, b *bundle) {
		st := store.Stream{Name: store.LeadActivity}
		_, made := b.planned(st, store.Window{From: since, To: at(120), Fresh: since, Leads: []string{"IDNUM:1", "IDNUM:2", "IDNUM:3"}},
			store.Window{From: since, To: at(60), Fresh: since, Leads: []string{"IDNUM:2", "IDNUM:4"}})
		for i, read := range [][]string{{"IDNUM:1", "IDNUM:2"}, {"IDNUM:2", "IDNUM:4"}} {
			w := b.begun(made[i].ID)
			_, err := b.s.Commit(b.ctx, store.Commit{Fence: w.Fence(), LeadsRead: read})
			b.must(err)
		}
		want := map[string]time.Time{"IDNUM:1": at(120), "IDNUM:2": at(120), "IDNUM:4": at(60)}
		if diff := cmp.Diff(want, b.state(st).LeadUppers); diff != "" {
			t.Error(diff)
		}
		if got := b.state(stream).LeadUppers; len(got) > 0 {
			t.Errorf("another stream is told %v", got)
		}
	},
	"report: the quota": func(t *testing.T, b *bundle) {
		keeper, ok := b.s.(quota.Keeper)
		if !ok {
			t.Skip("the store keeps no limits")
		}
		b.must(keeper.Heartbeat(b.ctx, "a", time.Hour))
		l := keeper.Limiter("https://example.com", "a", quota.Limits{Daily: 50})
		release, err := l.Acquire(b.ctx)
		b.must(err)
		release(true)
		release, err = l.Acquire(b.ctx)
		b.must(err)
		release(false) // counts for nothing
		q, err := l.Quota(b.ctx)
		b.must(err)
		if q.Used != 1 || q.Left() != 49 {
			t.Errorf("the quota is %+v", q)
		}
		quotas := b.status().Quotas
		if len(quotas) != 1 || quotas[0].Used != 1 || quotas[0].Instance != "https://example.com" || !quotas[0].ResetsAt.Equal(q.ResetsAt) {
			t.Errorf("the status has %+v", quotas)
		}
	},
}

// numbersTest tests the counts of a stream and of a run after a window that is done and one that failed halfway. What
// the failed one has committed counts too.
func numbersTest(t *testing.T, b *bundle) {
	windows := hours(3)
	windows[1].Fresh = at(90)
	run, made := b.planned(stream, windows...)
	first := b.begun(made[0].ID)
	_, err := b.s.Commit(b.ctx, store.Commit{
		Fence: first.Fence(), Done: true, Counts: store.Counts{Calls: 3, Pages: 2, Seen: 2, Missing: 1},
		Activities: []store.ActivityRow{activity(1, "g1", ""), activity(2, "g2", "")}, Leads: []store.LeadRow{lead(7, "")},
	})
	b.must(err)
	second := b.begun(made[1].ID)
	_, err = b.s.Commit(b.ctx, store.Commit{
		Fence: second.Fence(), Counts: store.Counts{Calls: 1, Pages: 1, Seen: 2},
		Activities: []store.ActivityRow{activity(61, "g3", ""), activity(1, "g1", "changed")},
	})
	b.must(err)
	b.must(b.s.Fail(b.ctx, second.Fence(), errTest))

	st := b.status()
	counts := store.Counts{Calls: 4, Pages: 3, Seen: 4, Inserted: 4, Updated: 1, Late: 1, Missing: 1}
	if st.Activities != 3 || st.Leads != 1 {
		t.Errorf("%d activities and %d leads; want 3 and 1", st.Activities, st.Leads)
	}
	wantStream := []store.StreamStatus{{
		Name: stream.Name, Query: stream.Query(), Since: since, Complete: at(90), Pending: 1, Failed: 1, Done: 1,
		Counts: counts, Problem: errTest.Error(),
	}}
	if diff := cmp.Diff(wantStream, st.Streams); diff != "" {
		t.Errorf("streams:\n%s", diff)
	}
	wantRun := []store.RunStatus{{
		ID: run.ID, Stream: stream.Name, Upper: at(180), Started: run.Started, Windows: 3, Done: 1, Failed: 1,
		Counts: counts, Error: errTest.Error(),
	}}
	if diff := cmp.Diff(wantRun, st.Runs); diff != "" {
		t.Errorf("runs:\n%s", diff)
	}
}
