package simulator_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

var noon = time.Date(2015, time.September, 4, 12, 0, 0, 0, time.FixedZone("", -5*3600))

// setup returns a simulator at a fixed time with lead 7, which has n visits, a minute
// apart, the ids 1 to n in order of time, and lead 8, which has one.
func setup(t testing.TB, n int, opts ...simulator.Option) *simulator.Simulator {
	t.Helper()
	sim := simulator.New(append([]simulator.Option{simulator.WithClock(func() time.Time { return noon })}, opts...)...)
	visits := make([]simulator.Activity, n)
	for i := range visits {
		visits[i] = simulator.Activity{Time: simulator.At(noon.Add(time.Duration(i-n) * time.Minute)), Type: gen.ActivityTypeVisitWebpage}
	}
	err := sim.AddLeads(
		simulator.Lead{ID: 7, Email: "a@example.com", Activities: visits},
		simulator.Lead{ID: 8, Email: "b@example.com", Activities: []simulator.Activity{{Type: "NewLead", Time: simulator.At(noon)}}},
	)
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

// down returns the numbers from high to low.
func down(high, low int64) []int64 {
	var list []int64
	for i := high; i >= low; i-- {
		list = append(list, i)
	}
	return list
}

func TestGetLeadActivity_pages(t *testing.T) {
	t.Parallel()
	sim := setup(t, 25)
	in := ask("IDNUM", "7", batch(10))

	first := page(t, sim, in)
	if diff := cmp.Diff(down(25, 16), ids(first.ActivityRecordList.Value.ActivityRecord)); diff != "" {
		t.Error(diff)
	}
	// The forms of the published samples: two hours after the call, and the last id.
	want := &gen.StreamPosition{
		LatestCreatedAt: gen.Some(gen.DateTime("2015-09-04T14:00:00-05:00")), OldestCreatedAt: gen.NilOf[gen.DateTime](),
		ActivityCreatedAt: gen.NilOf[gen.DateTime](), Offset: gen.Some("ID:16"),
	}
	if diff := cmp.Diff(want, first.NewStartPosition); diff != "" || first.RemainingCount != 15 {
		t.Errorf("%d remaining, position:\n%s", first.RemainingCount, diff)
	}

	in.StartPosition = gen.Some(*first.NewStartPosition)
	second := page(t, sim, in)
	if diff := cmp.Diff(down(15, 6), ids(second.ActivityRecordList.Value.ActivityRecord)); diff != "" || second.RemainingCount != 5 {
		t.Errorf("%d remaining\n%s", second.RemainingCount, diff)
	}

	// Nil times left out mean the same as nil times sent back.
	in.StartPosition = gen.Some(gen.StreamPosition{
		LatestCreatedAt: second.NewStartPosition.LatestCreatedAt, Offset: second.NewStartPosition.Offset,
	})
	third := page(t, sim, in)
	if diff := cmp.Diff(down(5, 1), ids(third.ActivityRecordList.Value.ActivityRecord)); diff != "" || third.RemainingCount != 0 {
		t.Errorf("%d remaining\n%s", third.RemainingCount, diff)
	}
	if got := third.NewStartPosition.Offset.Or(""); got != "5" {
		t.Errorf("offset %q at the end, want the number of records, 5", got)
	}

	in.StartPosition = gen.Some(*third.NewStartPosition)
	if _, err := sim.GetLeadActivity(t.Context(), in); !errors.Is(err, fault.CodeStreamAtEnd) {
		t.Errorf("beyond the end: %v, want 20123", err)
	}
}

func TestGetLeadActivity_batchSize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		batch gen.Opt[int32]
		limit int
		want  int32
	}{
		{"absent", gen.Opt[int32]{}, 100, 100},
		{"nil", gen.NilOf[int32](), 100, 100},
		{"zero", gen.Some[int32](0), 100, 100},
		{"negative", gen.Some[int32](-5), 100, 100},
		{"one", gen.Some[int32](1), 100, 1},
		{"the greatest", gen.Some[int32](100), 100, 100},
		{"above", gen.Some[int32](101), 100, 100},
		{"limit of the simulator", gen.Opt[int32]{}, 3, 3},
		{"below that limit", gen.Some[int32](2), 3, 2},
		{"limit above the service's", gen.Opt[int32]{}, 1000, 100},
		{"limit of none", gen.Opt[int32]{}, 0, 100},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			in := ask("IDNUM", "7")
			in.BatchSize = test.batch
			list := page(t, setup(t, 150, simulator.WithPageLimit(test.limit)), in)
			if list.ReturnCount != test.want || list.RemainingCount != 150-test.want {
				t.Errorf("%d records, %d remaining, want %d and the rest of 150", list.ReturnCount, list.RemainingCount, test.want)
			}
		})
	}
}

func TestGetLeadActivity_empty(t *testing.T) {
	t.Parallel()
	list := page(t, setup(t, 0), ask("IDNUM", "7"))
	want := &gen.LeadActivityList{
		NewStartPosition: &gen.StreamPosition{
			LatestCreatedAt: gen.NilOf[gen.DateTime](), OldestCreatedAt: gen.NilOf[gen.DateTime](),
			ActivityCreatedAt: gen.NilOf[gen.DateTime](), Offset: gen.Some("0"),
		},
		ActivityRecordList: gen.NilOf[gen.ArrayOfActivityRecord](),
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
}

// A first call may bound the records by time, both ends included.
func TestGetLeadActivity_bounds(t *testing.T) {
	t.Parallel()
	at := func(minutes int, offset time.Duration) gen.Opt[gen.DateTime] {
		return gen.Some(gen.NewDateTime(noon.Add(time.Duration(minutes)*time.Minute + offset)))
	}
	sim := setup(t, 25) // the last a minute before noon
	tests := []struct {
		name string
		p    gen.StreamPosition
		want []int64
	}{
		{"both ends are included", gen.StreamPosition{LatestCreatedAt: at(-5, 0), OldestCreatedAt: at(-10, 0)}, down(21, 16)},
		{"fractions", gen.StreamPosition{LatestCreatedAt: at(-5, -time.Millisecond), OldestCreatedAt: at(-10, time.Millisecond)}, down(20, 17)},
		{"only latest", gen.StreamPosition{LatestCreatedAt: at(-22, 0)}, down(4, 1)},
		{"only oldest", gen.StreamPosition{OldestCreatedAt: at(-2, 0)}, down(25, 24)},
		{"empty elements", gen.StreamPosition{Offset: gen.Some("")}, down(25, 1)},
		{"nothing between", gen.StreamPosition{LatestCreatedAt: at(-5, 0), OldestCreatedAt: at(-4, 0)}, nil},
	}
	for _, test := range tests {
		for _, size := range []int32{2, 100} {
			t.Run(fmt.Sprintf("%s, pages of %d", test.name, size), func(t *testing.T) {
				t.Parallel()
				got := readAll(t, sim, ask("IDNUM", "7", from(test.p), batch(size)))
				if diff := cmp.Diff(test.want, ids(got), cmpEmpty); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

var cmpEmpty = cmp.Transformer("empty", func(list []int64) []int64 { return append([]int64{}, list...) })

func TestGetLeadActivity_faults(t *testing.T) {
	t.Parallel()
	given := func(sim *simulator.Simulator, in *gen.ParamsGetLeadActivity) gen.StreamPosition {
		return *page(t, sim, in).NewStartPosition
	}
	sim := setup(t, 25)
	position := given(sim, ask("IDNUM", "7", batch(10)))
	changed := func(change func(p *gen.StreamPosition)) *gen.ParamsGetLeadActivity {
		p := position
		change(&p)
		return ask("IDNUM", "7", from(p))
	}
	offset := func(text string) *gen.ParamsGetLeadActivity {
		return changed(func(p *gen.StreamPosition) { p.Offset = gen.Some(text) })
	}
	both := ask("IDNUM", "7", including("NewLead"), excluding("NewLead"))
	tests := []struct {
		name string
		in   *gen.ParamsGetLeadActivity
		code fault.Code
		text string // in the message
	}{
		{"no request", nil, fault.CodeLeadKeyRequired, "leadKey"},
		{"no key", &gen.ParamsGetLeadActivity{}, fault.CodeLeadKeyRequired, "leadKey"},
		{"empty key", ask("EMAIL", ""), fault.CodeLeadKeyRequired, "keyValue"},
		{"unknown type of key", ask("PHONE", "1"), fault.CodeLeadKeyBad, "PHONE"},
		{"no type of key", ask("", "1"), fault.CodeLeadKeyBad, "keyType"},
		{"no such address", ask("EMAIL", "c@example.com"), fault.CodeLeadNotFound, "No lead found with EMAIL = c@example.com (20103)"},
		{"no such id", ask("IDNUM", "99"), fault.CodeLeadNotFound, "No lead found with IDNUM = 99 (20103)"},
		{"id that is no number", ask("IDNUM", "x"), fault.CodeLeadNotFound, "No lead found with IDNUM = x (20103)"},
		{"no such cookie", ask("COOKIE", "x"), fault.CodeLeadNotFound, "COOKIE"},
		{"no such owner", ask("LEADOWNEREMAIL", "o@example.com"), fault.CodeLeadOwnerNotFound, "No lead owner found with LEADOWNEREMAIL = o@example.com"},
		{"no such owner in sales", ask("SFDCLEADOWNERID", "005"), fault.CodeLeadOwnerNotFound, "SFDCLEADOWNERID"},
		{"unknown activity type", ask("IDNUM", "7", including("VisitWebpage", "Visit Webpage")), fault.CodeActivityKeyBad, `"Visit Webpage"`},
		{"unknown excluded type", ask("IDNUM", "7", excluding("visitwebpage")), fault.CodeActivityKeyBad, "visitwebpage"},
		{"both lists", both, fault.CodeBadParameter, "includeTypes"},

		{"offset of nonsense", offset("x"), fault.CodeBadStreamPosition, `"x"`},
		{"offset without id", offset("ID:"), fault.CodeBadStreamPosition, "ID:"},
		{"offset of an unknown record", offset("ID:9999"), fault.CodeBadStreamPosition, "ID:9999"},
		{"offset of another lead's record", offset("ID:26"), fault.CodeBadStreamPosition, "ID:26"},
		{"offset in another form", offset("ID:016"), fault.CodeBadStreamPosition, "ID:016"},
		{"offset in another case", offset("id:16"), fault.CodeBadStreamPosition, "id:16"},
		{"another lead", ask("IDNUM", "8", from(position)), fault.CodeBadStreamPosition, "ID:16"},
		{"another filter", ask("IDNUM", "7", from(position), including("NewLead")), fault.CodeBadStreamPosition, "ID:16"},
		{"time before its record", changed(func(p *gen.StreamPosition) { p.LatestCreatedAt.Value = "2015-09-04T11:00:00-05:00" }),
			fault.CodeBadStreamPosition, "times"},
		{"oldest time after its record", changed(func(p *gen.StreamPosition) { p.OldestCreatedAt = gen.Some(gen.DateTime("2015-09-04T12:00:00-05:00")) }),
			fault.CodeBadStreamPosition, "times"},
		{"unreadable latest time", changed(func(p *gen.StreamPosition) { p.LatestCreatedAt.Value = "yesterday" }), fault.CodeBadParameter, "latestCreatedAt"},
		{"unreadable oldest time", changed(func(p *gen.StreamPosition) { p.OldestCreatedAt = gen.Some(gen.DateTime("x")) }), fault.CodeBadParameter, "oldestCreatedAt"},
		{"the end", offset("15"), fault.CodeStreamAtEnd, "end"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, err := sim.GetLeadActivity(t.Context(), test.in)
			var f *fault.Fault
			if out != nil || !errors.As(err, &f) || f.Code != test.code || !strings.Contains(f.Message, test.text) {
				t.Errorf("answer %v, error %v; want fault %d with %q", out, err, test.code, test.text)
			}
		})
	}
	if page(t, sim, ask("IDNUM", "7", from(position))).ReturnCount != 15 {
		t.Error("the unchanged position was to give 15 records")
	}
	for _, time := range []gen.Opt[gen.DateTime]{{}, gen.NilOf[gen.DateTime]()} {
		withoutTime := changed(func(p *gen.StreamPosition) { p.LatestCreatedAt = time })
		if page(t, sim, withoutTime).ReturnCount != 15 {
			t.Error("a position without its time was to give 15 records: some clients cannot write it back")
		}
	}
}

func TestGetLeadActivity_cancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := contextWithCancel(t)
	cancel()
	if _, err := setup(t, 1).GetLeadActivity(ctx, ask("IDNUM", "7")); !errors.Is(err, ctx.Err()) {
		t.Error(err)
	}
}

// A reading that goes on while records are added, with short and empty pages, gives
// each record that was there at the beginning once, and in order.
func TestGetLeadActivity_noRepeatNoLoss(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			sim := simulator.New(simulator.WithSeed(seed), simulator.WithShortPages(0.3), simulator.WithEmptyPages(0.3))
			types := []gen.ActivityType{"NewLead", "VisitWebpage", "OpenEmail", "ClickEmail"}
			// Few different seconds, so that many records share one.
			random := func(from int) simulator.Activity {
				return simulator.Activity{
					ID:   r.Int64N(1 << 40),
					Time: simulator.At(noon.Add(time.Duration(from+r.IntN(30)) * time.Second)),
					Type: types[r.IntN(len(types))],
				}
			}
			var activities []simulator.Activity
			for range r.IntN(120) {
				activities = append(activities, random(0))
			}
			if _, err := sim.AddLead(simulator.Lead{ID: 7, Activities: activities}); err != nil {
				t.Fatal(err)
			}
			in, wanted := randomFilter(r, types)
			want := expected(activities, wanted)

			port := addingPort{sim, t, func() simulator.Activity { return random(30) }}
			got := ids(readAll(t, port, in))
			if diff := cmp.Diff(want, got, cmpEmpty); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

func randomFilter(r *rand.Rand, types []gen.ActivityType) (*gen.ParamsGetLeadActivity, func(gen.ActivityType) bool) {
	chosen := types[:r.IntN(len(types)+1)]
	in := ask("IDNUM", "7", batch(int32(1+r.IntN(20))))
	switch r.IntN(3) {
	case 1:
		if len(chosen) > 0 {
			including(chosen...)(in)
			return in, func(t gen.ActivityType) bool { return slices.Contains(chosen, t) }
		}
	case 2:
		excluding(chosen...)(in)
		return in, func(t gen.ActivityType) bool { return !slices.Contains(chosen, t) }
	}
	return in, func(gen.ActivityType) bool { return true }
}

// expected is the plain reading of the rule: by time, newest first, and of the same
// second the one added later first.
func expected(activities []simulator.Activity, wanted func(gen.ActivityType) bool) []int64 {
	list := slices.Clone(activities)
	slices.Reverse(list)
	slices.SortStableFunc(list, func(a, b simulator.Activity) int { return timeOf(b.Time).Compare(timeOf(a.Time)) })
	var want []int64
	for _, a := range list {
		if wanted(a.Type) {
			want = append(want, a.ID)
		}
	}
	return want
}

// addingPort adds a newer activity after each call.
type addingPort struct {
	*simulator.Simulator
	t    *testing.T
	next func() simulator.Activity
}

func (p addingPort) GetLeadActivity(ctx ctx, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	out, err := p.Simulator.GetLeadActivity(ctx, in)
	// The empty first page of a reading has not fixed where it begins.
	if err == nil && out.LeadActivityList.NewStartPosition.Offset.Or("") != "" {
		if _, err := p.AddActivity(7, p.next()); err != nil {
			p.t.Error(err)
		}
	}
	return out, err
}

// remainingCount is exact, or with rough counts only for one type.
func TestGetLeadActivity_remainingCount(t *testing.T) {
	t.Parallel()
	add := func(sim *simulator.Simulator) *simulator.Simulator {
		for i := range 9 {
			if _, err := sim.AddActivity(7, simulator.Activity{Type: "OpenEmail", Time: simulator.At(noon.Add(time.Duration(i) * time.Hour))}); err != nil {
				t.Fatal(err)
			}
		}
		return sim
	}
	exact, rough := add(setup(t, 20)), add(setup(t, 20, simulator.WithRoughCounts()))
	tests := []struct {
		name         string
		in           *gen.ParamsGetLeadActivity
		exact, rough int32
	}{
		{"all types", ask("IDNUM", "7", batch(5)), 24, 1},
		{"one type", ask("IDNUM", "7", batch(5), including("VisitWebpage")), 15, 15},
		{"one type twice", ask("IDNUM", "7", batch(5), including("VisitWebpage", "VisitWebpage")), 15, 15},
		{"several types", ask("IDNUM", "7", batch(5), including("VisitWebpage", "OpenEmail")), 24, 1},
		{"without one", ask("IDNUM", "7", batch(5), excluding("OpenEmail")), 15, 1},
		{"several types, the last page", ask("IDNUM", "7", batch(100)), 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := page(t, exact, test.in).RemainingCount; got != test.exact {
				t.Errorf("exact: %d, want %d", got, test.exact)
			}
			if got := page(t, rough, test.in).RemainingCount; got != test.rough {
				t.Errorf("rough: %d, want %d", got, test.rough)
			}
		})
	}
}

func TestWithEmptyPages_occurAndRepeatWithTheSeed(t *testing.T) {
	t.Parallel()
	sizes := func(seed uint64) (list []int32) {
		sim := setup(t, 60, simulator.WithSeed(seed), simulator.WithEmptyPages(0.4), simulator.WithShortPages(0.4))
		in := ask("IDNUM", "7", batch(10))
		for {
			p := page(t, sim, in)
			list = append(list, p.ReturnCount)
			if p.RemainingCount == 0 {
				return list
			}
			in.StartPosition = gen.Some(*p.NewStartPosition)
		}
	}
	got := sizes(3)
	if diff := cmp.Diff(got, sizes(3)); diff != "" {
		t.Errorf("another run with the same seed:\n%s", diff)
	}
	if !slices.Contains(got, 0) || !slices.ContainsFunc(got, func(n int32) bool { return n > 0 && n < 10 }) {
		t.Errorf("pages of %v, want empty and short ones among them", got)
	}
	if seed := simulator.New(simulator.WithSeed(3)).Seed(); seed != 3 {
		t.Errorf("Seed() is %d, want 3", seed)
	}
}

// Empty pages do not move the bound that a first call has set.
func TestWithEmptyPages_keepTheBound(t *testing.T) {
	t.Parallel()
	sim := setup(t, 0, simulator.WithEmptyPages(0.8), simulator.WithSeed(1))
	for i := range 20 {
		if _, err := sim.AddActivity(7, simulator.Activity{Type: "NewLead", Time: simulator.At(noon.Add(time.Duration(i) * time.Second))}); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		bound := gen.StreamPosition{LatestCreatedAt: gen.Some(gen.NewDateTime(noon.Add(9 * time.Second)))}
		if got := readAll(t, sim, ask("IDNUM", "7", from(bound), batch(3))); len(got) != 10 {
			t.Errorf("%d records until the bound, want 10", len(got))
		}
	}
}

// Records may lie after the simulator's clock, as in a test in virtual time.
func TestGetLeadActivity_recordsInTheFuture(t *testing.T) {
	t.Parallel()
	for _, opt := range []simulator.Option{simulator.WithEmptyPages(0), simulator.WithEmptyPages(0.5)} {
		sim := setup(t, 5, opt)
		for i := range 5 {
			if _, err := sim.AddActivity(7, simulator.Activity{Type: "NewLead", Time: simulator.At(noon.AddDate(i+1, 0, 0))}); err != nil {
				t.Fatal(err)
			}
		}
		if got := readAll(t, sim, ask("IDNUM", "7", batch(2))); len(got) != 10 {
			t.Errorf("%d records, want 10", len(got))
		}
	}
}

// A reading by address stays with its lead when another one gets the address, and is
// over when its lead has lost it.
func TestGetLeadActivity_duplicate(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{{ID: 7, Email: "a@example.com", Activities: visits(5)}})
	in := ask("EMAIL", "A@example.com", batch(2))
	in.StartPosition = gen.Some(*page(t, sim, in).NewStartPosition)
	if err := sim.AddLeads(simulator.Lead{ID: 8, Email: "a@example.com", Activities: visits(9)}); err != nil {
		t.Fatal(err)
	}
	rest := readAll(t, sim, in)
	if len(rest) != 3 || rest[0].MktPersonId != "7" {
		t.Errorf("%d records, want the 3 that are left of lead 7", len(rest))
	}
	if first := page(t, sim, ask("EMAIL", "a@example.com")); first.ReturnCount != 9 {
		t.Errorf("a new reading has %d records, want the 9 of the lead added last", first.ReturnCount)
	}
	moved := syncOne(record(id(7), func(r *gen.LeadRecord) { r.LeadAttributeList = attributes("Email", "b@example.com") }), "")
	if _, err := sim.SyncLead(t.Context(), moved); err != nil {
		t.Fatal(err)
	}
	_, err := sim.GetLeadActivity(t.Context(), in)
	wantFault(t, err, fault.CodeBadStreamPosition, "ID:")
}
