package copied_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/copied"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/simulator"
)

// onBoth runs a test with the target of a new copy on each database.
func onBoth(t *testing.T, test func(t *testing.T, target string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, filepath.Join(t.TempDir(), "leads.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, pgtest.Database(t))
	})
}

// counting counts the calls of a port.
type counting struct {
	gen.Port
	calls []string
}

func (c *counting) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	c.calls = append(c.calls, "getLeadActivity")
	return c.Port.GetLeadActivity(ctx, in)
}

func (c *counting) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	c.calls = append(c.calls, "getLeadChanges")
	return c.Port.GetLeadChanges(ctx, in)
}

func (c *counting) GetLead(ctx context.Context, in *gen.ParamsGetLead) (*gen.SuccessGetLead, error) {
	c.calls = append(c.calls, "getLead")
	return c.Port.GetLead(ctx, in)
}

// world is a service, a copy of it and the port over both.
type world struct {
	sim    *simulator.Simulator
	now    time.Time
	copied sqlstore.Copy
	port   *counting
	answer copied.Answer // the last one
}

var (
	began = time.Date(2016, 1, 10, 6, 0, 0, 0, time.UTC)
	keys  = copied.WithPositionKeys(auth.NewSecret("example-position-key"))
)

// newWorld makes three leads with 40 activities each, one an hour.
func newWorld(t *testing.T, target string) *world {
	t.Helper()
	w := &world{now: began.Add(72 * time.Hour)}
	w.sim = simulator.New(simulator.WithClock(func() time.Time { return w.now }))
	types := []gen.ActivityType{gen.ActivityTypeVisitWebpage, gen.ActivityTypeSendEmail, gen.ActivityTypeChangeScore, gen.ActivityTypeFillOutForm}
	for i := range 3 {
		l := simulator.Lead{ID: int64(101 + i), Email: fmt.Sprintf("lead%d@example.com", i), Activities: []simulator.Activity{
			{Type: gen.ActivityTypeNewLead, Time: simulator.At(began.Add(25 * time.Hour))},
		}}
		for k := range 40 {
			l.Activities = append(l.Activities, simulator.Activity{
				Type: types[k%4], AssetName: fmt.Sprintf("Asset %d", k), Campaign: []string{"", "Scoring.Visited"}[k%2], Time: simulator.At(began.Add(time.Duration(26+k) * time.Hour)),
				Attributes: []simulator.Attribute{{Name: "Webpage URL", Value: "/a?b=1&c=<2>"}, {Name: "Client IP Address", Value: ""}},
			})
		}
		if _, err := w.sim.AddLead(l); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.sim.AddLead(simulator.Lead{ID: 104, Email: "early@example.com", Activities: []simulator.Activity{
		{Type: gen.ActivityTypeNewLead, Time: simulator.At(began.Add(23 * time.Hour))},
	}}); err != nil {
		t.Fatal(err)
	}
	c, err := sqlstore.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	w.copied, w.port = c, &counting{Port: w.sim}
	return w
}

// sync runs streams up to now.
func (w *world) sync(t *testing.T, port gen.Port, streams ...leadsync.Stream) {
	t.Helper()
	_, err := leadsync.Run(t.Context(), &leadsync.Config{
		Port: port, Store: w.copied, Streams: streams, MaxAttempts: 1, Now: func(context.Context) (time.Time, error) { return w.now, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
}

func activities() leadsync.Stream {
	return leadsync.Stream{Name: leadsync.Activities, Since: began, Instance: "000-aaa-000.mktorest.com"}
}

func (w *world) with(t *testing.T, opts ...copied.Option) *copied.Port {
	t.Helper()
	p, err := copied.New(t.Context(), w.port, w.copied, append([]copied.Option{
		keys, copied.WithClock(func() time.Time { return w.now }), copied.WithObserver(func(_ context.Context, a copied.Answer) { w.answer = a }),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func key(kind gen.LeadKeyRef, value string) *gen.LeadKey {
	return &gen.LeadKey{KeyType: kind, KeyValue: value}
}

func at(oldest, latest time.Time) gen.StreamPosition {
	var p gen.StreamPosition
	if !oldest.IsZero() {
		p.OldestCreatedAt = gen.Some(gen.NewDateTime(oldest))
	}
	if !latest.IsZero() {
		p.LatestCreatedAt = gen.Some(gen.NewDateTime(latest))
	}
	return p
}

func historyOf(id string) gen.ParamsGetLeadActivity {
	return gen.ParamsGetLeadActivity{LeadKey: key(gen.LeadKeyRefIDNUM, id)}
}

// whole reads a history to its end, each page by the next one of the ports, and does something between pages.
func whole(t *testing.T, in gen.ParamsGetLeadActivity, between func(), ports ...gen.Port) (all []gen.ActivityRecord) {
	t.Helper()
	for i := 0; ; i++ {
		out, err := ports[i%len(ports)].GetLeadActivity(t.Context(), &in)
		if err != nil {
			t.Fatalf("page %d: %v", i+1, err)
		}
		list := out.LeadActivityList
		all = append(all, list.ActivityRecordList.Value.ActivityRecord...)
		in.StartPosition = gen.Some(*list.NewStartPosition)
		if list.RemainingCount == 0 {
			return all
		}
		between()
	}
}

func wholeChanges(t *testing.T, port gen.Port, in gen.ParamsGetLeadChanges, between func()) (all []gen.LeadChangeRecord, next *gen.StreamPosition) {
	t.Helper()
	for {
		out, err := port.GetLeadChanges(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, out.Result.LeadChangeRecordList.Value.LeadChangeRecord...)
		if in.StartPosition = out.Result.NewStartPosition; out.Result.RemainingCount == 0 {
			return all, in.StartPosition
		}
		between()
	}
}

func nothing() {}

var anyOrder = cmpopts.SortSlices(func(a, b gen.Attribute) bool { return a.AttrName+a.AttrValue < b.AttrName+b.AttrValue })

// Histories and changes of the demonstration data, which has all types, are those of the port, record by record and attribute by attribute.
func TestPort_sameRecords(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string) {
		w := newWorld(t, target)
		if err := w.sim.LoadDemo(); err != nil {
			t.Fatal(err)
		}
		w.sync(t, w.sim, leadsync.Stream{Name: leadsync.Activities, Since: time.Date(2005, 1, 1, 0, 0, 0, 0, time.UTC)})
		p := w.with(t, copied.WithMaxAge(time.Hour), copied.WithRetention(5*365*24*time.Hour))
		records := 0
		for _, id := range []string{"318815", "318816", "318817", "318818", "318819", "318820", "101"} {
			for name, filter := range map[string]gen.ActivityTypeFilter{
				"all": {}, "two": {IncludeTypes: gen.Some(gen.ArrayOfActivityType{ActivityType: []gen.ActivityType{gen.ActivityTypeVisitWebpage, gen.ActivityTypeNewLead}})},
				"but one": {ExcludeTypes: gen.Some(gen.ArrayOfActivityType{ActivityType: []gen.ActivityType{gen.ActivityTypeVisitWebpage}})},
			} {
				in := historyOf(id)
				in.ActivityFilter = gen.Some(filter)
				want := whole(t, in, nothing, w.sim)
				got := whole(t, in, nothing, p, w.with(t, copied.WithMaxAge(time.Hour)))
				if diff := cmp.Diff(want, got, anyOrder); diff != "" {
					t.Errorf("lead %s, %s: %.3000s", id, name, diff)
				}
				records += len(got)
			}
		}
		changes := gen.ParamsGetLeadChanges{StartPosition: new(at(time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC), w.now.Add(-3*time.Hour)))}
		want, _ := wholeChanges(t, w.sim, changes, nothing)
		got, _ := wholeChanges(t, p, changes, nothing)
		if diff := cmp.Diff(want, got, anyOrder); diff != "" {
			t.Errorf("changes: %.3000s", diff)
		}
		if len(w.port.calls) > 0 || records < 5000 || len(got) < 2000 {
			t.Errorf("%d calls, %d records, %d changes", len(w.port.calls), records, len(got))
		}
	})
}

// What the copy does not cover goes to the port, and the observer is told why.
func TestPort_covers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string) {
		w := newWorld(t, target)
		w.sync(t, w.sim, activities())
		settled := w.now.Add(-2 * time.Hour)
		exact := func(change func(in *gen.ParamsGetLeadActivity)) gen.ParamsGetLeadActivity {
			in := historyOf("101")
			in.StartPosition = gen.Some(at(began.Add(30*time.Hour), settled.Add(-time.Second)))
			if change != nil {
				change(&in)
			}
			return in
		}
		types := func(of ...gen.ActivityType) gen.Opt[gen.ActivityTypeFilter] {
			return gen.Some(gen.ActivityTypeFilter{IncludeTypes: gen.Some(gen.ArrayOfActivityType{ActivityType: of})})
		}
		for name, test := range map[string]struct {
			in     gen.ParamsGetLeadActivity
			opts   []copied.Option
			reason string // empty: the copy answers
		}{
			"within":             {in: exact(nil)},
			"the last second":    {in: exact(func(in *gen.ParamsGetLeadActivity) { in.StartPosition = gen.Some(at(began, settled.Add(-time.Second))) })},
			"a second beyond":    {in: exact(func(in *gen.ParamsGetLeadActivity) { in.StartPosition = gen.Some(at(began, settled)) }), reason: "the copy is settled until"},
			"up to now":          {in: historyOf("101"), reason: "the copy is settled until"},
			"up to now, not old": {in: historyOf("101"), opts: []copied.Option{copied.WithMaxAge(0), copied.WithMaxAge(time.Minute)}},
			"before its beginning": {in: exact(func(in *gen.ParamsGetLeadActivity) {
				in.StartPosition = gen.Some(at(began.Add(-time.Second), settled.Add(-time.Minute)))
			}), reason: "the copy begins at"},
			"without a beginning": {in: exact(func(in *gen.ParamsGetLeadActivity) {
				in.StartPosition = gen.Some(at(time.Time{}, settled.Add(-time.Minute)))
			})},
			"a lead that may have records of before": {in: exact(func(in *gen.ParamsGetLeadActivity) {
				in.LeadKey.KeyValue, in.StartPosition = "104", gen.Some(at(time.Time{}, settled.Add(-time.Minute)))
			}), reason: "the lead may be older"},
			"a type":              {in: exact(func(in *gen.ParamsGetLeadActivity) { in.ActivityFilter = types(gen.ActivityTypeVisitWebpage) })},
			"a type without name": {in: exact(func(in *gen.ParamsGetLeadActivity) { in.ActivityFilter = types(gen.ActivityTypeSmartCampaignTest) }), reason: "has no name"},
			"a lead it has not":   {in: exact(func(in *gen.ParamsGetLeadActivity) { in.LeadKey.KeyValue = "999" }), reason: "does not know the lead"},
			"a date that is none": {in: exact(func(in *gen.ParamsGetLeadActivity) {
				in.StartPosition.Value.OldestCreatedAt = gen.Some[gen.DateTime]("x")
			}), reason: "cannot be read"},
			"activityCreatedAt": {in: exact(func(in *gen.ParamsGetLeadActivity) {
				in.StartPosition.Value.ActivityCreatedAt = gen.Some(gen.NewDateTime(began))
			}), reason: "activityCreatedAt"},
			"no lead":            {in: exact(func(in *gen.ParamsGetLeadActivity) { in.LeadKey = nil }), reason: "no lead"},
			"a foreign position": {in: exact(func(in *gen.ParamsGetLeadActivity) { in.StartPosition.Value.Offset = gen.Some("MB1.x.y") }), reason: "not one of the copy"},
		} {
			p := w.with(t, test.opts...)
			w.port.calls, w.answer = nil, copied.Answer{}
			got, err := p.GetLeadActivity(t.Context(), &test.in)
			fromCopy := w.answer.Reason == "" && w.answer.Stream == leadsync.Activities
			if fromCopy != (test.reason == "") || fromCopy != (len(w.port.calls) == 0) || !strings.Contains(w.answer.Reason, test.reason) {
				t.Errorf("%s: %+v, calls %v, %v", name, w.answer, w.port.calls, err)
			}
			want, errWant := w.sim.GetLeadActivity(t.Context(), &test.in)
			if (err == nil) != (errWant == nil) {
				t.Errorf("%s: %v, the port: %v", name, err, errWant)
			} else if err == nil {
				if diff := cmp.Diff(want.LeadActivityList.ActivityRecordList, got.LeadActivityList.ActivityRecordList, anyOrder); diff != "" {
					t.Errorf("%s: %.2000s", name, diff)
				}
			}
		}
		w.now = w.now.Add(time.Hour)
		old := historyOf("101")
		if _, err := w.with(t, copied.WithMaxAge(59*time.Minute)).GetLeadActivity(t.Context(), &old); err != nil || !strings.Contains(w.answer.Reason, "longer ago") {
			t.Errorf("%+v, %v", w.answer, err)
		}
		if _, err := copied.New(t.Context(), w.port, w.copied, copied.WithInstance("000-bbb-000.mktorest.com")); !errors.Is(err, store.ErrOtherInstance) {
			t.Errorf("another instance: %v", err)
		}
		cover, err := w.with(t, copied.WithInstance("000-aaa-000.mktorest.com")).Coverage(t.Context())
		want := []copied.Coverage{{Stream: leadsync.Activities, Instance: "000-aaa-000.mktorest.com", Since: began, Until: began.Add(72 * time.Hour), Settled: settled}}
		if diff := cmp.Diff(want, cover); diff != "" || err != nil {
			t.Error(diff, err)
		}
	})
}

// A stream that becomes one of another instance after the port was made is not read.
func TestPort_otherInstanceLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, filepath.Join(t.TempDir(), "leads.db"))
	p := w.with(t, copied.WithInstance("000-bbb-000.mktorest.com"), copied.WithMaxAge(time.Hour))
	w.sync(t, w.sim, activities())
	in := historyOf("101")
	if _, err := p.GetLeadActivity(t.Context(), &in); err != nil || !strings.Contains(w.answer.Reason, "another instance") {
		t.Errorf("%+v, %v", w.answer, err)
	}
}

// failing fails for changes whose end lies behind a time.
type failing struct {
	gen.Port
	from time.Time
}

func (f failing) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	if latest, err := in.StartPosition.LatestCreatedAt.Or("").Time(); err == nil && latest.After(f.from) && latest.Before(f.from.Add(30*time.Hour)) {
		return nil, fault.New(fault.CodeInternal, "broken")
	}
	return f.Port.GetLeadChanges(ctx, in)
}

// A window that has failed ends what the copy covers, although later ones are done.
func TestPort_failedWindow(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string) {
		w := newWorld(t, target)
		w.sync(t, w.sim, leadsync.Stream{Name: leadsync.Activities, Since: began.Add(-10 * 24 * time.Hour)})
		before := w.now
		w.now = w.now.Add(4 * 24 * time.Hour)
		for i := range 50 {
			if _, err := w.sim.AddActivity(101, simulator.Activity{Type: gen.ActivityTypeVisitWebpage, AssetName: "More", Time: simulator.At(before.Add(time.Duration(i+1) * time.Hour))}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := leadsync.Run(t.Context(), &leadsync.Config{
			Port: failing{w.sim, before.Add(10 * time.Hour)}, Store: w.copied, Streams: []leadsync.Stream{{Name: leadsync.Activities}}, MaxAttempts: 1, FirstRetry: time.Millisecond,
			Now: func(context.Context) (time.Time, error) { return w.now, nil },
		})
		t.Logf("the run: %v", err)
		cover, err := w.with(t).Coverage(t.Context())
		if err != nil || len(cover) != 1 || !cover[0].Until.Before(before.Add(41*time.Hour)) || cover[0].Until.Before(before) {
			t.Fatalf("%+v, %v", cover, err)
		}
		for latest, want := range map[time.Time]bool{cover[0].Settled.Add(-time.Second): true, cover[0].Settled: false, w.now.Add(-time.Hour): false} {
			in := historyOf("101")
			in.StartPosition = gen.Some(at(began, latest))
			w.port.calls = nil
			if _, err := w.with(t).GetLeadActivity(t.Context(), &in); err != nil || (len(w.port.calls) == 0) != want {
				t.Errorf("up to %s: %v, %+v", latest, err, w.answer)
			}
		}
	})
}
