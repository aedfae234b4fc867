package simulator_test

import (
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

type changeOption func(*gen.ParamsGetLeadChanges)

// everything is a request for all changes.
func everything(opts ...changeOption) *gen.ParamsGetLeadChanges {
	in := &gen.ParamsGetLeadChanges{StartPosition: new(gen.StreamPosition)}
	for _, opt := range opts {
		opt(in)
	}
	return in
}

func sinceTime(t time.Time) changeOption {
	return func(in *gen.ParamsGetLeadChanges) { in.StartPosition.OldestCreatedAt = gen.Some(gen.NewDateTime(t)) }
}

func named(names ...string) changeOption {
	return func(in *gen.ParamsGetLeadChanges) { in.ActivityNameFilter = gen.Some(*strs(names...)) }
}

func sized(n int32) changeOption {
	return func(in *gen.ParamsGetLeadChanges) { in.BatchSize = gen.Some(n) }
}

func selecting(sel gen.LeadSelector) changeOption {
	return func(in *gen.ParamsGetLeadChanges) { in.LeadSelector = sel }
}

func typed(f gen.ActivityTypeFilter) changeOption {
	return func(in *gen.ParamsGetLeadChanges) { in.ActivityFilter = gen.Some(f) }
}

func types(list ...gen.ActivityType) gen.Opt[gen.ArrayOfActivityType] {
	return gen.Some(gen.ArrayOfActivityType{ActivityType: list})
}

func changePage(t testing.TB, port gen.Port, in *gen.ParamsGetLeadChanges) *gen.ResultGetLeadChanges {
	t.Helper()
	out, err := port.GetLeadChanges(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	list := out.Result.LeadChangeRecordList
	if n := len(list.Value.LeadChangeRecord); n != int(out.Result.ReturnCount) || (list.State == gen.Present) != (n > 0) {
		t.Fatalf("returnCount %d, %d records, state %d", out.Result.ReturnCount, n, list.State)
	}
	return out.Result
}

// changes reads to the end and returns the ids.
func changes(t testing.TB, port gen.Port, in *gen.ParamsGetLeadChanges) []int64 {
	t.Helper()
	request, list := *in, []int64{}
	seen := make(map[string]bool)
	for {
		p := changePage(t, port, &request)
		for _, r := range p.LeadChangeRecordList.Value.LeadChangeRecord {
			list = append(list, r.Id.Value)
		}
		if p.RemainingCount == 0 {
			return list
		}
		if offset := p.NewStartPosition.Offset.Value; seen[offset] || len(seen) > 100_000 {
			t.Fatalf("the reading does not end: %s again", offset)
		} else {
			seen[offset] = true
		}
		request.StartPosition = p.NewStartPosition
	}
}

// mixed returns three leads whose activities alternate: the record n happened n minutes
// after noon, on lead n%3+1, with one of four types.
func mixed(t testing.TB, n int, opts ...simulator.Option) *simulator.Simulator {
	t.Helper()
	kinds := []gen.ActivityType{"VisitWebpage", "OpenEmail", "NewLead", "Add to Nurture"}
	leads := []simulator.Lead{{ID: 1, Email: "lead1@example.com"}, {ID: 2, Email: "lead2@example.com"}, {ID: 3, Keys: leadKeys("LEADOWNEREMAIL", "o@example.com")}}
	for i := 1; i <= n; i++ {
		l := &leads[i%3]
		l.Activities = append(l.Activities, simulator.Activity{ID: int64(i), Type: kinds[i%4], Time: simulator.At(noon.Add(time.Duration(i) * time.Minute))})
	}
	sim, _ := at(t, leads, opts...)
	if _, err := sim.AddList(simulator.List{ID: 77, Program: "P", Name: "L", Members: []int64{1, 3}}); err != nil {
		t.Fatal(err)
	}
	return sim
}

// up returns the numbers from low to high that fit.
func up(low, high int64, fits func(int64) bool) []int64 {
	list := []int64{}
	for i := low; i <= high; i++ {
		if fits == nil || fits(i) {
			list = append(list, i)
		}
	}
	return list
}

func minute(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

func TestGetLeadChanges_selections(t *testing.T) {
	t.Parallel()
	sim := mixed(t, 60)
	kind := func(kinds ...int64) func(int64) bool {
		return func(i int64) bool { return slices.Contains(kinds, i%4) }
	}
	lead := func(leads ...int64) func(int64) bool {
		return func(i int64) bool { return slices.Contains(leads, i%3+1) }
	}
	bounds := func(p gen.StreamPosition) changeOption {
		return func(in *gen.ParamsGetLeadChanges) { in.StartPosition = &p }
	}
	date := func(n int) gen.Opt[gen.DateTime] { return gen.Some(gen.NewDateTime(minute(n))) }
	tests := []struct {
		name string
		in   *gen.ParamsGetLeadChanges
		want []int64
	}{
		{"everything", everything(), up(1, 60, nil)},
		{"since", everything(sinceTime(minute(31))), up(31, 60, nil)},
		{"since, in another offset", everything(sinceTime(minute(31).UTC())), up(31, 60, nil)},
		{"after the last", everything(sinceTime(minute(61))), []int64{}},
		{"between", everything(bounds(gen.StreamPosition{OldestCreatedAt: date(10), LatestCreatedAt: date(20)})), up(10, 20, nil)},
		{"reversed bounds", everything(bounds(gen.StreamPosition{OldestCreatedAt: date(20), LatestCreatedAt: date(10)})), []int64{}},
		{"empty times", everything(bounds(gen.StreamPosition{OldestCreatedAt: gen.Some(gen.DateTime("")), LatestCreatedAt: gen.Some(gen.DateTime(""))})), up(1, 60, nil)},
		{"lead active since", everything(bounds(gen.StreamPosition{ActivityCreatedAt: date(60)})), up(1, 60, lead(1))},
		{"selected and active since", everything(bounds(gen.StreamPosition{ActivityCreatedAt: date(59)}), selecting(&gen.StaticListSelector{StaticListName: gen.Some("P.L")})),
			up(1, 60, lead(1, 3))},
		{"selected and not active since", everything(bounds(gen.StreamPosition{ActivityCreatedAt: date(60)}), selecting(&gen.LeadKeySelector{KeyType: "IDNUM", KeyValues: strs("2")})),
			[]int64{}},
		{"one name", everything(named("Visit Webpage")), up(1, 60, kind(0))},
		{"two names", everything(named("Visit Webpage", "Add to Nurture")), up(1, 60, kind(0, 3))},
		{"name that no record has", everything(named("Send Email")), []int64{}},
		{"name that only answers have", everything(named("Change Nurture Track")), []int64{}},
		{"included type", everything(typed(gen.ActivityTypeFilter{IncludeTypes: types("OpenEmail")})), up(1, 60, kind(1))},
		{"excluded type", everything(typed(gen.ActivityTypeFilter{ExcludeTypes: types("OpenEmail")})), up(1, 60, kind(0, 2, 3))},
		{"names and an excluded type", everything(named("Visit Webpage", "Open Email"), typed(gen.ActivityTypeFilter{ExcludeTypes: types("OpenEmail")})), up(1, 60, kind(0))},
		{"keys", everything(selecting(&gen.LeadKeySelector{KeyType: "EMAIL", KeyValues: strs("lead2@example.com", "lead1@example.com", "no@example.com", "LEAD1@example.com")})),
			up(1, 60, lead(1, 2))},
		{"keys without a lead", everything(selecting(&gen.LeadKeySelector{KeyType: "EMAIL", KeyValues: strs("no@example.com")})), []int64{}},
		{"owner", everything(selecting(&gen.LeadKeySelector{KeyType: "LEADOWNEREMAIL", KeyValues: strs("o@example.com")})), up(1, 60, lead(3))},
		{"list by name", everything(selecting(&gen.StaticListSelector{StaticListName: gen.Some("P.L")})), up(1, 60, lead(1, 3))},
		{"list by id", everything(selecting(&gen.StaticListSelector{StaticListId: gen.Some[int32](77)})), up(1, 60, lead(1, 3))},
		{"list by both", everything(selecting(&gen.StaticListSelector{StaticListId: gen.Some[int32](77), StaticListName: gen.Some("P.L")})), up(1, 60, lead(1, 3))},
		{"list and name and time", everything(selecting(&gen.StaticListSelector{StaticListName: gen.Some("P.L")}), named("Open Email"), sinceTime(minute(30))),
			up(30, 60, func(i int64) bool { return kind(1)(i) && lead(1, 3)(i) })},
		{"update range", everything(selecting(&gen.LastUpdateAtSelector{OldestUpdatedAt: date(10).Value, LatestUpdatedAt: date(20)})), up(10, 20, nil)},
		{"update range and since", everything(sinceTime(minute(15)), selecting(&gen.LastUpdateAtSelector{OldestUpdatedAt: date(10).Value, LatestUpdatedAt: date(20)})), up(15, 20, nil)},
		{"update range until now", everything(selecting(&gen.LastUpdateAtSelector{OldestUpdatedAt: date(-10).Value})), []int64{}},
	}
	for _, test := range tests {
		for _, size := range []int32{0, 1, 7} {
			t.Run(fmt.Sprintf("%s, pages of %d", test.name, size), func(t *testing.T) {
				t.Parallel()
				in := *test.in
				sized(size)(&in)
				if diff := cmp.Diff(test.want, changes(t, sim, &in)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// A record has the form of the published sample.
func TestGetLeadChanges_record(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{{ID: 84105, Activities: []simulator.Activity{
		{ID: 1037189, Time: simulator.At(noon), Type: "ChangeDataValue", AssetName: "Lead Score", Campaign: "Form.Campaign", Attributes: []simulator.Attribute{{Name: "Old Value", Value: ""}}},
		{ID: 1037190, Time: simulator.At(noon), Type: "NewLead"},
	}}})
	in := everything(sized(1))
	in.StartPosition.OldestCreatedAt = gen.Some(gen.DateTime("2015-09-04T00:13:13+00:00"))
	p := changePage(t, sim, in)
	offset := p.NewStartPosition.Offset.Value
	if !strings.HasPrefix(offset, "ID:1037189:") {
		t.Errorf("offset %q", offset)
	}
	attribute := func(name, value string) gen.Attribute {
		return gen.Attribute{AttrName: name, AttrType: gen.NilOf[string](), AttrValue: value}
	}
	want := &gen.ResultGetLeadChanges{
		ReturnCount: 1, RemainingCount: 1,
		NewStartPosition: &gen.StreamPosition{
			LatestCreatedAt: gen.NilOf[gen.DateTime](), OldestCreatedAt: in.StartPosition.OldestCreatedAt,
			ActivityCreatedAt: gen.NilOf[gen.DateTime](), Offset: gen.Some(offset),
		},
		LeadChangeRecordList: gen.Some(gen.ArrayOfLeadChangeRecord{LeadChangeRecord: []gen.LeadChangeRecord{{
			Id: gen.Some[int64](1037189), MarketoGUID: "1037189", ActivityDateTime: "2015-09-04T12:00:00-05:00", ActivityType: "Change Data Value",
			MktgAssetName: gen.Some("Lead Score"), Campaign: gen.Some("Form.Campaign"), MktPersonId: "84105",
			ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{attribute("Old Value", ""), attribute("Lead ID", "84105")}}),
		}}}),
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	in.StartPosition = p.NewStartPosition
	r := changePage(t, sim, in).LeadChangeRecordList.Value.LeadChangeRecord[0]
	if r.Campaign.State != gen.Absent || r.MktgAssetName != gen.Some("") {
		t.Errorf("%+v, want no campaign and an empty asset", r)
	}
}

func TestGetLeadChanges_pageSizes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		batch       int32
		limit, want int
	}{{0, 0, 1000}, {-1, 0, 1000}, {5000, 0, 1000}, {1000, 0, 1000}, {17, 0, 17}, {0, 200, 200}, {300, 200, 200}} {
		sim := mixed(t, 1200, simulator.WithPageLimit(test.limit))
		if p := changePage(t, sim, everything(sized(test.batch))); int(p.ReturnCount) != test.want || int(p.RemainingCount) != 1200-test.want {
			t.Errorf("%+v: %d, remaining %d", test, p.ReturnCount, p.RemainingCount)
		}
	}
	sim := mixed(t, 60, simulator.WithRoughCounts())
	if p := changePage(t, sim, everything(sized(1))); p.RemainingCount != 1 {
		t.Errorf("rough count %d, want 1", p.RemainingCount)
	}
	if p := changePage(t, sim, everything(sized(1), named("Open Email"))); p.RemainingCount != 14 {
		t.Errorf("count of one type %d, want 14", p.RemainingCount)
	}
}

func TestGetLeadChanges_faults(t *testing.T) {
	t.Parallel()
	sim := mixed(t, 60)
	position := *changePage(t, sim, everything(sized(7), sinceTime(noon))).NewStartPosition
	given := func(change func(p *gen.StreamPosition), opts ...changeOption) *gen.ParamsGetLeadChanges {
		p := position
		if change != nil {
			change(&p)
		}
		return everything(append(opts, func(in *gen.ParamsGetLeadChanges) { in.StartPosition = &p })...)
	}
	offset := func(text string) *gen.ParamsGetLeadChanges {
		return given(func(p *gen.StreamPosition) { p.Offset.Value = text })
	}
	keys := func(kind gen.LeadKeyRef, values ...string) *gen.ParamsGetLeadChanges {
		return everything(selecting(&gen.LeadKeySelector{KeyType: kind, KeyValues: strs(values...)}))
	}
	updated := func(from, to gen.DateTime) *gen.ParamsGetLeadChanges {
		return everything(selecting(&gen.LastUpdateAtSelector{OldestUpdatedAt: from, LatestUpdatedAt: gen.Some(to)}))
	}
	last := everything()
	last.StartPosition = changePage(t, sim, last).NewStartPosition
	other := setup(t, 25)
	foreignPosition := *page(t, other, ask("IDNUM", "7", batch(5))).NewStartPosition
	tests := []struct {
		name string
		in   *gen.ParamsGetLeadChanges
		code fault.Code
		text string
	}{
		{"no request", nil, fault.CodeParameterRequired, "startPosition"},
		{"no position", &gen.ParamsGetLeadChanges{}, fault.CodeParameterRequired, "startPosition"},
		{"unknown type", everything(typed(gen.ActivityTypeFilter{IncludeTypes: types("Visit")})), fault.CodeActivityKeyBad, "Visit"},
		{"both lists", everything(typed(gen.ActivityTypeFilter{IncludeTypes: types("NewLead"), ExcludeTypes: types("NewLead")})), fault.CodeBadParameter, "excludeTypes"},
		{"unreadable oldest", everything(func(in *gen.ParamsGetLeadChanges) { in.StartPosition.OldestCreatedAt = gen.Some(gen.DateTime("x")) }), fault.CodeBadParameter, "oldestCreatedAt"},
		{"unreadable activity time", everything(func(in *gen.ParamsGetLeadChanges) { in.StartPosition.ActivityCreatedAt = gen.Some(gen.DateTime("x")) }), fault.CodeBadParameter, "activityCreatedAt"},
		{"no keys", keys("EMAIL"), fault.CodeLeadKeyRequired, "keyValues"},
		{"no key list", everything(selecting(&gen.LeadKeySelector{KeyType: "EMAIL"})), fault.CodeLeadKeyRequired, "keyValues"},
		{"empty key", keys("EMAIL", "a@example.com", ""), fault.CodeLeadKeyRequired, "keyValue"},
		{"bad key", keys("MAIL", "a@example.com"), fault.CodeLeadKeyBad, "MAIL"},
		{"no such owner", keys("LEADOWNEREMAIL", "x@example.com"), fault.CodeLeadOwnerNotFound, "x@example.com"},
		{"too many keys", keys("IDNUM", strings.Split(strings.Repeat("1 ", 101), " ")[:101]...), fault.CodeBadParameter, "101"},
		{"no list", everything(selecting(&gen.StaticListSelector{})), fault.CodeParameterRequired, "staticListName"},
		{"unknown list", everything(selecting(&gen.StaticListSelector{StaticListName: gen.Some("L")})), fault.CodeListNotFound, "L"},
		{"unknown list id", everything(selecting(&gen.StaticListSelector{StaticListId: gen.Some[int32](1)})), fault.CodeListNotFound, "1"},
		{"two lists", everything(selecting(&gen.StaticListSelector{StaticListId: gen.Some[int32](77), StaticListName: gen.Some("L")})), fault.CodeBadParameter, "77"},
		{"range without beginning", updated("", "2015-09-04T00:00:00Z"), fault.CodeParameterRequired, "oldestUpdatedAt"},
		{"unreadable range", updated("x", "2015-09-04T00:00:00Z"), fault.CodeBadParameter, "oldestUpdatedAt"},
		{"unreadable end of range", updated("2015-09-04T00:00:00Z", "x"), fault.CodeBadParameter, "latestUpdatedAt"},
		{"more than 30 days", updated("2015-08-01T00:00:00Z", "2015-08-31T00:00:01Z"), fault.CodeTimeRangeExceeded, "30 days"},
		{"more than 30 days until now", everything(selecting(&gen.LastUpdateAtSelector{OldestUpdatedAt: "2015-08-01T00:00:00Z"})), fault.CodeTimeRangeExceeded, "30 days"},

		{"nonsense", offset("x"), fault.CodeBadStreamPosition, `"x"`},
		{"plain id", offset("ID:7"), fault.CodeBadStreamPosition, "ID:7"},
		{"another id", offset(strings.Replace(position.Offset.Value, "ID:7", "ID:8", 1)), fault.CodeBadStreamPosition, "ID:8"},
		{"another sum", offset(position.Offset.Value[:len(position.Offset.Value)-1] + "g"), fault.CodeBadStreamPosition, "ID:7"},
		{"cut", offset(position.Offset.Value[:len(position.Offset.Value)-1]), fault.CodeBadStreamPosition, "ID:7"},
		{"longer", offset(position.Offset.Value + "0"), fault.CodeBadStreamPosition, "ID:7"},
		{"in another case", offset(strings.ToLower(position.Offset.Value)), fault.CodeBadStreamPosition, "id:7"},
		{"another beginning", given(func(p *gen.StreamPosition) { p.OldestCreatedAt = gen.Some(gen.NewDateTime(minute(1))) }), fault.CodeBadStreamPosition, "ID:7"},
		{"with an end", given(func(p *gen.StreamPosition) { p.LatestCreatedAt = p.OldestCreatedAt }), fault.CodeBadStreamPosition, "ID:7"},
		{"another filter", given(nil, named("Open Email")), fault.CodeBadStreamPosition, "ID:7"},
		{"another selector", given(nil, selecting(&gen.StaticListSelector{StaticListId: gen.Some[int32](77)})), fault.CodeBadStreamPosition, "ID:7"},
		{"of getLeadActivity", given(func(p *gen.StreamPosition) { *p = foreignPosition }), fault.CodeBadStreamPosition, "ID:21"},
		{"the end", last, fault.CodeStreamAtEnd, "end"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, err := sim.GetLeadChanges(t.Context(), test.in)
			if out != nil {
				t.Errorf("answer %+v", out.Result)
			}
			wantFault(t, err, test.code, test.text)
		})
	}
	// The same moment in another form is unchanged, and so is a page of another size.
	same := given(func(p *gen.StreamPosition) {
		p.OldestCreatedAt = gen.Some(gen.DateTime("2015-09-04T17:00:00.000Z"))
		p.LatestCreatedAt = gen.Opt[gen.DateTime]{}
	}, sized(3))
	if r := changePage(t, sim, same); r.LeadChangeRecordList.Value.LeadChangeRecord[0].Id.Value != 8 || r.ReturnCount != 3 {
		t.Errorf("%+v", r)
	}
}

// Some clients cannot write back the dates they read, and send empty ones or none: those
// of the first call hold, after an empty page as well.
func TestGetLeadChanges_withoutTimes(t *testing.T) {
	t.Parallel()
	date := func(n int) gen.Opt[gen.DateTime] { return gen.Some(gen.NewDateTime(minute(n))) }
	start := gen.StreamPosition{OldestCreatedAt: date(10), LatestCreatedAt: date(58), ActivityCreatedAt: date(60)}
	want := up(10, 58, func(i int64) bool { return i%3 == 0 })
	for _, left := range []gen.Opt[gen.DateTime]{{}, gen.NilOf[gen.DateTime](), gen.Some(gen.DateTime(""))} {
		for _, opts := range [][]simulator.Option{nil, {simulator.WithEmptyPages(0.5)}} {
			port := datelessPort{mixed(t, 60, opts...), left}
			in := everything(sized(3))
			in.StartPosition = &start
			if diff := cmp.Diff(want, changes(t, port, in)); diff != "" {
				t.Errorf("times %+v:\n%s", left, diff)
			}
		}
	}
	in := everything(sized(3))
	in.StartPosition = &start
	sim := mixed(t, 60)
	p := *changePage(t, sim, in).NewStartPosition
	in.StartPosition = &gen.StreamPosition{Offset: p.Offset}
	next := changePage(t, sim, in).NewStartPosition
	p.Offset = next.Offset
	if diff := cmp.Diff(&p, next); diff != "" {
		t.Errorf("the times of the first call are not told again:\n%s", diff)
	}
}

// datelessPort is used by a client that leaves all times out of the positions it was given.
type datelessPort struct {
	*simulator.Simulator
	left gen.Opt[gen.DateTime]
}

func (p datelessPort) GetLeadChanges(ctx ctx, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	request := *in
	if offset := in.StartPosition.Offset; offset.State == gen.Present {
		request.StartPosition = &gen.StreamPosition{OldestCreatedAt: p.left, LatestCreatedAt: p.left, ActivityCreatedAt: p.left, Offset: offset}
	}
	return p.Simulator.GetLeadChanges(ctx, &request)
}

// A range without an end ends at the first call, in later ones too, and what is added
// after it is left out.
func TestGetLeadChanges_rangeUntilNow(t *testing.T) {
	t.Parallel()
	sim, c := crowd(t, 30)
	c.Advance(10 * time.Minute)
	in := everything(sized(4), selecting(&gen.LastUpdateAtSelector{OldestUpdatedAt: gen.NewDateTime(minute(1).AddDate(0, 0, -29))}))
	in.StartPosition = changePage(t, sim, in).NewStartPosition
	c.Advance(2 * 24 * time.Hour)
	if n := len(changes(t, sim, in)); n != 6 {
		t.Errorf("two days later %d records are left, want 6", n)
	}
}

// A reading that goes on while activities and leads are added, also late ones, and leads
// are merged, with short and empty pages, gives what was there at the beginning once and
// in order, and what is added behind it once.
func TestGetLeadChanges_noRepeatNoLoss(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 3))
			sim, _ := at(t, nil, simulator.WithSeed(seed), simulator.WithShortPages(0.3), simulator.WithEmptyPages(0.3))
			w := &writer{t: t, r: r, sim: sim}
			for range 1 + r.IntN(60) {
				w.write()
			}
			in := everything(sized(int32(1+r.IntN(9))), sinceTime(noon.Add(time.Duration(r.IntN(10))*time.Second)))
			if r.IntN(2) == 0 {
				named("Visit Webpage", "Open Email")(in)
			}
			before := changes(t, sim, in)
			got := changes(t, writingPort{sim, w}, in)
			after := changes(t, sim, in)
			if !isSubsequence(before, got) {
				t.Errorf("%v\nlacks some of\n%v", got, before)
			}
			if !isSubsequence(got, after) {
				t.Errorf("%v\nhas what is not, once and in order, in\n%v", got, after)
			}
		})
	}
}

func isSubsequence(part, whole []int64) bool {
	for _, n := range whole {
		if len(part) > 0 && part[0] == n {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// writer adds leads and activities in any order of time.
type writer struct {
	t     *testing.T
	r     *rand.Rand
	sim   *simulator.Simulator
	leads []int64
}

func (w *writer) write() {
	w.t.Helper()
	if len(w.leads) == 0 || w.r.IntN(5) == 0 {
		id, err := w.sim.AddLead(simulator.Lead{})
		if err != nil {
			w.t.Fatal(err)
		}
		w.leads = append(w.leads, id)
	}
	lead := w.leads[w.r.IntN(len(w.leads))]
	kind := []gen.ActivityType{"VisitWebpage", "OpenEmail", "NewLead"}[w.r.IntN(3)]
	a := simulator.Activity{Type: kind, Time: simulator.At(noon.Add(time.Duration(w.r.IntN(30)) * time.Second))}
	if _, err := w.sim.AddActivity(lead, a); err != nil {
		w.t.Fatal(err)
	}
}

// merge merges a lead into another one.
func (w *writer) merge() {
	if len(w.leads) < 2 {
		return
	}
	winner, loser := attributes("IDNUM", fmt.Sprint(w.leads[0])).Value, attributes("IDNUM", fmt.Sprint(w.leads[1])).Value
	w.leads = slices.Delete(w.leads, 1, 2)
	in := &gen.ParamsMergeLeads{WinningLeadKeyList: &winner, LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{loser}}}
	if _, err := w.sim.MergeLeads(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

// writingPort writes after each call.
type writingPort struct {
	*simulator.Simulator
	w *writer
}

func (p writingPort) GetLeadChanges(ctx ctx, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := p.Simulator.GetLeadChanges(ctx, in)
	p.w.writeOrMerge()
	return out, err
}

func (p writingPort) GetMultipleLeads(ctx ctx, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	out, err := p.Simulator.GetMultipleLeads(ctx, in)
	p.w.write()
	return out, err
}

func (w *writer) writeOrMerge() {
	if w.r.IntN(10) == 0 {
		w.merge()
	} else if w.r.IntN(3) > 0 {
		w.write()
	}
}
