package leadsync_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/simulator"
)

// choosy is a service that refuses activities of the type Misspelt and lead keys of addresses, and counts calls.
type choosy struct {
	gen.Port
	calls atomic.Int64
	after func(calls int64) // may be nil
}

func (p *choosy) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	p.calls.Add(1)
	if slices.Contains(in.ActivityNameFilter.Value.StringItem, "Misspelt") {
		return nil, fault.New(fault.CodeActivityKeyBad, "Activity Key Bad: Misspelt")
	}
	return p.Port.GetLeadChanges(ctx, in)
}

func (p *choosy) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	p.calls.Add(1)
	if in.LeadKey.KeyType == gen.LeadKeyRefEMAIL {
		return nil, fault.New(fault.CodeLeadKeyBad, "Lead Key Bad")
	}
	return p.Port.GetLeadActivity(ctx, in)
}

func (p *choosy) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	if n := p.calls.Add(1); p.after != nil {
		defer p.after(n)
	}
	return p.Port.GetMultipleLeads(ctx, in)
}

func newChoosy(t *testing.T) *choosy {
	t.Helper()
	sim := simulator.New(simulator.WithClock(func() time.Time { return begin.Add(time.Hour) }))
	for lead := range int64(10) {
		l := simulator.Lead{ID: 101 + lead, Email: fmt.Sprintf("lead%d@example.com", lead), Fields: map[string]string{"Company": "Example", "Title": "Buyer"}}
		for i := lead; i < rows; i += 10 {
			l.Activities = append(l.Activities, simulator.Activity{Type: "VisitWebpage", Time: simulator.At(begin.Add(time.Duration(i) * 10 * time.Second))})
		}
		if _, err := sim.AddLead(l); err != nil {
			t.Fatal(err)
		}
	}
	return &choosy{Port: sim}
}

// choices are streams that the service refuses, with what is right.
var choices = map[string]struct {
	wrong, right leadsync.Stream
	field, value string
	calls        int64
}{
	"fields": {
		leadsync.Stream{Name: leadsync.Leads, Fields: []string{"Company", "billingStret"}},
		leadsync.Stream{Name: leadsync.Leads, Fields: []string{"Company", "Title"}}, "Fields", "billingStret", 1,
	},
	"types": {
		leadsync.Stream{Name: leadsync.Activities, Types: []string{"Misspelt"}},
		leadsync.Stream{Name: leadsync.Activities, Types: []string{"Visit Webpage"}}, "Types", "Misspelt", 1,
	},
	"lookback": {
		leadsync.Stream{Name: leadsync.Activities, LookbackByType: map[string]time.Duration{"Misspelt": 24 * time.Hour}},
		leadsync.Stream{Name: leadsync.Activities, LookbackByType: map[string]time.Duration{"Visit Webpage": 24 * time.Hour}}, "LookbackByType", "Misspelt", 1,
	},
	"lead keys": {
		leadsync.Stream{Name: leadsync.LeadActivity, LeadKeys: []string{"EMAIL:lead1@example.com"}},
		leadsync.Stream{Name: leadsync.LeadActivity, LeadKeys: []string{"IDNUM:102"}}, "LeadKeys", "EMAIL:lead1@example.com", 1,
	},
	"list": {
		leadsync.Stream{Name: leadsync.LeadActivity, List: "Nowhere"},
		leadsync.Stream{Name: leadsync.LeadActivity, LeadKeys: []string{"IDNUM:102"}}, "List", "Nowhere", 1,
	},
}

// TestRun_refusedChoiceIsNotStored: one call finds what the service does not take, and nothing is stored of it: the
// corrected choice is copied as if nothing had been.
func TestRun_refusedChoiceIsNotStored(t *testing.T) {
	t.Parallel()
	for name, tt := range choices {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, store := newChoosy(t), openStore(t)
			c := config(p, store, end)
			tt.wrong.Since, tt.right.Since = begin, begin
			c.Streams = []leadsync.Stream{tt.wrong}
			_, err := leadsync.RunQuick(t.Context(), c)
			var refused *leadsync.RefusedError
			if !errors.As(err, &refused) || refused.Field != tt.field || !slices.Contains(refused.Values, tt.value) || refused.Stored {
				t.Fatalf("error %v", err)
			}
			for _, want := range []string{string(tt.wrong.Name), tt.field, tt.value, "nothing was stored"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in %q", want, err)
				}
			}
			if n := p.calls.Load(); n > tt.calls {
				t.Errorf("%d calls, want %d", n, tt.calls)
			}
			if st := statusOf(t, store); len(st.Streams)+len(st.Runs) > 0 {
				t.Errorf("stored is %+v", st)
			}
			c.Streams = []leadsync.Stream{tt.right}
			finish(t, c)
			if st := statusOf(t, store); st.Streams[0].Complete.IsZero() || st.Activities+st.Leads == 0 {
				t.Errorf("the corrected choice is not copied: %+v", st)
			}
		})
	}
}

// TestEstimate_refusedChoice: the plan of a run finds it too, in one call.
func TestEstimate_refusedChoice(t *testing.T) {
	t.Parallel()
	for name, tt := range choices {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newChoosy(t)
			c := config(p, nil, end)
			c.Store = nil
			tt.wrong.Since = begin
			c.Streams = []leadsync.Stream{tt.wrong}
			_, err := leadsync.Estimate(t.Context(), c)
			var refused *leadsync.RefusedError
			if !errors.As(err, &refused) || refused.Field != tt.field {
				t.Errorf("error %v", err)
			}
			if n := p.calls.Load(); n > 2 { // the first of the lookback counts rows
				t.Errorf("%d calls", n)
			}
		})
	}
}

// TestRun_lookbackIsProvedBesideAGoodStream: a copy that has worked is not held for ever by a type that is
// misspelt in LookbackByType, and names that have worked cost no call again.
func TestRun_lookbackIsProvedBesideAGoodStream(t *testing.T) {
	t.Parallel()
	p, dest := newChoosy(t), openPostgres(t, pgtest.Database(t))
	c := config(p, dest, end)
	finish(t, c)
	c.Streams[0].LookbackByType = map[string]time.Duration{"Misspelt": 3 * time.Hour}
	before := p.calls.Load()
	_, err := leadsync.RunQuick(t.Context(), c)
	if !errors.Is(err, store.ErrRefused) || p.calls.Load() != before+1 {
		t.Fatalf("error %v after %d calls", err, p.calls.Load()-before)
	}
	c.Streams[0].LookbackByType = map[string]time.Duration{"Visit Webpage": 90 * time.Minute}
	c.Streams[0].Lookback = time.Minute
	calls := func() int64 {
		before := p.calls.Load()
		finish(t, c)
		return p.calls.Load() - before
	}
	if first, second := calls(), calls(); second != first-1 {
		t.Errorf("%d calls, then %d; want one less, since the name has worked", first, second)
	}
}

// TestRun_refusedWindowOfOtherTypes: windows of types and leads that nobody wants any more do not hold the stream.
func TestRun_refusedWindowOfOtherTypes(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]store.Window{
		"types": {Stream: leadsync.Activities, From: begin, To: end, Fresh: end, Names: []string{"Misspelt"}},
		"leads": {Stream: leadsync.LeadActivity, From: begin, To: end, Fresh: begin, Leads: []string{"EMAIL:lead1@example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, dest := newChoosy(t), openStore(t)
			c := config(p, dest, end)
			c.Streams[0] = leadsync.Stream{Name: w.Stream, Since: begin}
			if w.Stream == leadsync.LeadActivity {
				c.Streams[0].LeadKeys = []string{"IDNUM:102"}
			}
			finish(t, c)
			// As an earlier release has stored it, without a proof.
			_, _, err := dest.Plan(t.Context(), store.Stream{Name: w.Stream}, func(store.StreamState) (store.Planned, error) {
				return store.Planned{Upper: end, Windows: []store.Window{w}}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := leadsync.RunQuick(t.Context(), c); !errors.Is(err, store.ErrRefused) {
				t.Fatalf("error %v", err)
			}
			finish(t, c)
			if s := statusOf(t, dest).Streams[0]; s.Failed+s.Pending > 0 || !s.Complete.Equal(end) {
				t.Errorf("the stream is held: %+v", s)
			}
		})
	}
}

// TestRun_refusedWindowStopsTheStream: after a refusal no other window of the run is begun, by nobody, and the
// message says it once.
func TestRun_refusedWindowStopsTheStream(t *testing.T) {
	t.Parallel()
	for name, dest := range map[string]store.Store{"sqlite": openStore(t), "postgres": openPostgres(t, pgtest.Database(t))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPort(t)
			var refusing atomic.Bool
			p.before = func(_ context.Context, call int64, _ time.Time) error {
				if refusing.Load() && call > 4 {
					return fault.New(fault.CodeBadParameter, "no such thing")
				}
				return nil
			}
			refusing.Store(true)
			c := config(p, dest, end)
			c.Concurrency = 2
			report, err := leadsync.RunQuick(t.Context(), c)
			if !errors.Is(err, store.ErrRefused) || !errors.Is(err, fault.CodeBadParameter) || strings.Count(err.Error(), "no such thing") != 1 {
				t.Fatalf("error %v", err)
			}
			if n := p.calls.Load(); n > 4+2 {
				t.Errorf("%d calls; want those under way at most", n)
			}
			if r := report.Runs[0]; r.Failed == 0 || r.Failed > 2 || r.Done+r.Failed == windows {
				t.Errorf("the run is %+v", r)
			}
			refusing.Store(false)
			complete(t, c)
		})
	}
}

// TestRun_addFields: all leads are read again with one more field, and updated in place; interrupted, it goes on.
func TestRun_addFields(t *testing.T) {
	t.Parallel()
	p, dest := newChoosy(t), openStore(t)
	c := config(p, dest, begin.Add(2*time.Hour)) // the leads were updated after an hour
	c.BatchSize = 3
	c.Streams = []leadsync.Stream{{Name: leadsync.Leads, Since: begin, Fields: []string{"Company"}}}
	finish(t, c)
	c.Streams[0].Fields, c.Streams[0].AddFields = nil, []string{"billingStret"}
	if _, err := leadsync.RunQuick(t.Context(), c); !errors.Is(err, store.ErrRefused) || !strings.Contains(err.Error(), "AddFields (billingStret)") {
		t.Fatalf("error %v", err)
	}
	if s := statusOf(t, dest).Streams[0]; s.Query != (store.Stream{Fields: []string{"Company"}}).Query() || s.Complete.IsZero() {
		t.Errorf("a refused field is stored: %+v", s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c.Streams[0].AddFields = []string{"Title"}
	before := p.calls.Load()
	p.after = func(calls int64) {
		if calls == before+3 { // the proof and two of four pages
			cancel()
		}
	}
	if _, err := leadsync.RunQuick(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	p.after, c.Streams[0].AddFields = nil, nil
	finish(t, c)
	n := 0
	for row, err := range dest.Leads(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		company, _ := row.Attributes.Get("Company")
		title, _ := row.Attributes.Get("Title")
		if company != "Example" || title != "Buyer" {
			t.Errorf("lead %d has %v", row.ID, row.Attributes)
		}
		n++
	}
	if n != 10 {
		t.Errorf("%d leads, want 10", n)
	}
	c.Streams[0].AddFields = []string{"Title"} // is there
	report := runOnce(t, c)
	if report.Runs[0].Counts.Updated+report.Runs[0].Counts.Inserted != 0 || report.Runs[0].Windows != 1 {
		t.Errorf("what was added is added again: %+v", report.Runs[0])
	}
}

func runOnce(t *testing.T, c *leadsync.Config) *leadsync.Report {
	t.Helper()
	report, err := leadsync.RunQuick(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestRun_addFieldsNeedsSome: there is nothing to add to where there is no stream, or where all is copied.
func TestRun_addFieldsNeedsSome(t *testing.T) {
	t.Parallel()
	p, store := newChoosy(t), openStore(t)
	c := config(p, store, end)
	c.Streams = []leadsync.Stream{{Name: leadsync.Leads, Since: begin, AddFields: []string{"Title"}}}
	if _, err := leadsync.RunQuick(t.Context(), c); err == nil || !strings.Contains(err.Error(), "no such stream yet; use Fields") {
		t.Errorf("error %v", err)
	}
	c.Streams[0].AddFields = nil
	finish(t, c)
	c.Streams[0].AddFields = []string{"Title"}
	if _, err := leadsync.RunQuick(t.Context(), c); err == nil || !strings.Contains(err.Error(), "all fields already") {
		t.Errorf("error %v", err)
	}
	c.Streams[0].Fields = []string{"Company"}
	if _, err := leadsync.RunQuick(t.Context(), c); err == nil || !strings.Contains(err.Error(), "leave Fields out") {
		t.Errorf("error %v", err)
	}
}

// TestReset: a stream that has worked is begun anew, with another query, and its jobs go with it.
func TestReset(t *testing.T) {
	t.Parallel()
	for name, dest := range map[string]store.Store{"sqlite": openStore(t), "postgres": openPostgres(t, pgtest.Database(t))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPort(t)
			c := config(p, dest, end)
			ctx, cancel := context.WithCancel(t.Context())
			p.before = func(_ context.Context, call int64, _ time.Time) error {
				if call == 20 {
					cancel()
				}
				return nil
			}
			if _, err := leadsync.RunQuick(ctx, c); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			other := *c
			other.Streams = []leadsync.Stream{{Name: leadsync.Activities, Since: begin, Types: []string{"Click Link"}}}
			if _, err := leadsync.RunQuick(t.Context(), &other); !errors.Is(err, store.ErrOtherQuery) {
				t.Fatalf("error %v", err)
			}
			var told store.Removal
			if err := leadsync.Reset(t.Context(), dest, leadsync.Activities, func(r store.Removal) error { told = r; return nil }); err != nil {
				t.Fatal(err)
			}
			if told.Windows != windows || told.Rows == 0 {
				t.Errorf("told %+v", told)
			}
			// What is left of the jobs finds no windows and ends. A run does not wait for them, but the next one goes on.
			finish(t, &other)
			for range 100 {
				if unfinishedJobs(t, dest) > 0 {
					finish(t, &other)
				}
			}
			if n := unfinishedJobs(t, dest); n != 0 {
				t.Errorf("%d jobs are left", n)
			}
			if st := statusOf(t, dest); st.Activities != 0 || st.Streams[0].Query != (store.Stream{Types: other.Streams[0].Types}).Query() {
				t.Errorf("the status is %+v", st)
			}
			if err := leadsync.Reset(t.Context(), dest, "nonsense", nil); err == nil {
				t.Error("a stream that cannot be is reset")
			}
		})
	}
}

// unfinishedJobs counts River's jobs that have run or will run.
func unfinishedJobs(t *testing.T, store store.Store) (n int) {
	t.Helper()
	db := sqlcore.Database(store.(sqlcore.Holder))
	err := sqldb.InRead(t.Context(), db, func(tx sqldb.Tx) error {
		return sqldb.QueryRow(t.Context(), tx, []any{&n}, `SELECT count(*) FROM river_job WHERE finalized_at IS NULL`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
