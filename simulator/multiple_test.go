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
	"github.com/mktows/mktows-go/internal/testing/clocktest"
	"github.com/mktows/mktows-go/simulator"
)

func leadPage(t testing.TB, port gen.Port, in *gen.ParamsGetMultipleLeads) *gen.ResultGetMultipleLeads {
	t.Helper()
	out, err := port.GetMultipleLeads(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	list := out.Result.LeadRecordList
	if n := len(list.Value.LeadRecord); n != int(out.Result.ReturnCount) || (list.State == gen.Present) != (n > 0) {
		t.Fatalf("returnCount %d, %d records, state %d", out.Result.ReturnCount, n, list.State)
	}
	if (out.Result.NewStreamPosition == "") != (out.Result.RemainingCount == 0) {
		t.Fatalf("remaining %d, position %q", out.Result.RemainingCount, out.Result.NewStreamPosition)
	}
	return out.Result
}

// leads reads to the end and returns the ids.
func leads(t testing.TB, port gen.Port, in *gen.ParamsGetMultipleLeads) []int64 {
	t.Helper()
	request, list := *in, []int64{}
	seen := make(map[string]bool)
	for {
		p := leadPage(t, port, &request)
		for _, r := range p.LeadRecordList.Value.LeadRecord {
			list = append(list, int64(r.Id.Value))
		}
		if p.RemainingCount == 0 {
			return list
		}
		if seen[p.NewStreamPosition] || len(seen) > 100_000 {
			t.Fatalf("the reading does not end: %s again", p.NewStreamPosition)
		}
		seen[p.NewStreamPosition] = true
		request.StreamPosition = gen.Some(p.NewStreamPosition)
	}
}

func choosing(sel gen.LeadSelector, size int32) *gen.ParamsGetMultipleLeads {
	return &gen.ParamsGetMultipleLeads{LeadSelector: sel, BatchSize: gen.Some(size)}
}

func updatedIn(from, to int) *gen.LastUpdateAtSelector {
	return &gen.LastUpdateAtSelector{OldestUpdatedAt: gen.NewDateTime(minute(from)), LatestUpdatedAt: gen.Some(gen.NewDateTime(minute(to)))}
}

// crowd returns n leads: lead i has an activity i minutes after noon, and the even ones
// another a year later. The ids descend, so that order by id is no accident.
func crowd(t testing.TB, n int, opts ...simulator.Option) (*simulator.Simulator, *clocktest.Clock) {
	t.Helper()
	all := make([]simulator.Lead, 0, n)
	for i := n; i > 0; i-- {
		l := simulator.Lead{ID: int64(i), Email: fmt.Sprintf("lead%d@example.com", i), Keys: leadKeys("LEADOWNEREMAIL", "o@example.com"),
			Fields: map[string]string{"FirstName": "A", "City": "B"}}
		l.Activities = []simulator.Activity{{Type: "NewLead", Time: simulator.At(minute(i))}}
		if i%2 == 0 {
			l.Activities = append(l.Activities, simulator.Activity{Type: "OpenEmail", Time: simulator.At(minute(i).AddDate(1, 0, 0))})
		}
		all = append(all, l)
	}
	sim, c := at(t, all, opts...)
	if _, err := sim.AddList(simulator.List{ID: 77, Program: "P", Name: "L", Members: up(5, int64(n), nil)}); err != nil {
		t.Fatal(err)
	}
	return sim, c
}

func TestGetMultipleLeads_selections(t *testing.T) {
	t.Parallel()
	sim, c := crowd(t, 30)
	c.Advance(10 * time.Minute)
	if _, err := sim.AddLead(simulator.Lead{ID: 100}); err != nil { // counts as updated now
		t.Fatal(err)
	}
	keys := func(kind gen.LeadKeyRef, values ...string) gen.LeadSelector {
		return &gen.LeadKeySelector{KeyType: kind, KeyValues: strs(values...)}
	}
	tests := []struct {
		name string
		sel  gen.LeadSelector
		want []int64
	}{
		{"keys", keys("IDNUM", "9", "3", "99", "9", "27"), []int64{3, 9, 27}},
		{"addresses", keys("EMAIL", "LEAD7@example.com", "no@example.com"), []int64{7}},
		{"keys without a lead", keys("EMAIL", "no@example.com"), []int64{}},
		{"owner", keys("LEADOWNEREMAIL", "o@example.com"), up(1, 30, nil)},
		{"list", &gen.StaticListSelector{StaticListName: gen.Some("P.L")}, up(5, 30, nil)},
		{"list by id", &gen.StaticListSelector{StaticListId: gen.Some[int32](77)}, up(5, 30, nil)},
		{"updated", updatedIn(15, 20), up(15, 20, nil)},
		{"updated when the lead was added", updatedIn(10, 10), []int64{10, 100}},
		{"updated in seconds", &gen.LastUpdateAtSelector{OldestUpdatedAt: gen.NewDateTime(minute(15).Add(time.Millisecond)),
			LatestUpdatedAt: gen.Some(gen.NewDateTime(minute(17).Add(-time.Millisecond)))}, []int64{16}},
		{"updated later", updatedIn(366*24*60+15, 366*24*60+20), []int64{16, 18, 20}},
		{"updated until now", &gen.LastUpdateAtSelector{OldestUpdatedAt: gen.NewDateTime(minute(3))}, append(up(3, 10, nil), 100)},
		{"never updated", updatedIn(40, 50), []int64{}},
		{"reversed range", updatedIn(20, 15), []int64{}},
	}
	for _, test := range tests {
		for _, size := range []int32{0, 1, 7} {
			t.Run(fmt.Sprintf("%s, pages of %d", test.name, size), func(t *testing.T) {
				t.Parallel()
				if diff := cmp.Diff(test.want, leads(t, sim, choosing(test.sel, size))); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
	since := &gen.ParamsGetMultipleLeads{LastUpdatedAt: gen.Some(gen.NewDateTime(minute(5))), BatchSize: gen.Some[int32](3)}
	if diff := cmp.Diff(append(up(5, 10, nil), 100), leads(t, sim, since)); diff != "" {
		t.Errorf("lastUpdatedAt:\n%s", diff)
	}
	since.LeadSelector = keys("IDNUM", "1")
	if diff := cmp.Diff([]int64{1}, leads(t, sim, since)); diff != "" {
		t.Errorf("lastUpdatedAt beside a selector:\n%s", diff)
	}
}

func TestGetMultipleLeads_pageSizes(t *testing.T) {
	t.Parallel()
	sim, _ := crowd(t, 1300)
	values := make([]string, 150)
	for i := range values {
		values[i] = fmt.Sprint(i + 1)
	}
	tests := []struct {
		sel              gen.LeadSelector
		size             int32
		count, remaining int32
	}{
		{&gen.StaticListSelector{StaticListId: gen.Some[int32](77)}, 0, 1000, 296},
		{&gen.StaticListSelector{StaticListId: gen.Some[int32](77)}, 2000, 1000, 296},
		{&gen.StaticListSelector{StaticListId: gen.Some[int32](77)}, 200, 200, 1096},
		{&gen.LeadKeySelector{KeyType: "IDNUM", KeyValues: strs(values...)}, 0, 100, 0}, // keys after the 100th are ignored
		{&gen.LeadKeySelector{KeyType: "LEADOWNEREMAIL", KeyValues: strs("o@example.com")}, 500, 100, 1200},
	}
	for _, test := range tests {
		if p := leadPage(t, sim, choosing(test.sel, test.size)); p.ReturnCount != test.count || p.RemainingCount != test.remaining {
			t.Errorf("%+v: %d, remaining %d", test, p.ReturnCount, p.RemainingCount)
		}
	}
	limited, _ := crowd(t, 30, simulator.WithPageLimit(4))
	if p := leadPage(t, limited, choosing(tests[0].sel, 0)); p.ReturnCount != 4 || p.RemainingCount != 22 {
		t.Errorf("%+v", p)
	}
}

func TestGetMultipleLeads_position(t *testing.T) {
	t.Parallel()
	sim, _ := crowd(t, 30)
	p := leadPage(t, sim, choosing(updatedIn(1, 26), 2))
	if want := "id:2:to:1441386060:tl:1441387560:os:2:rc:24:"; !strings.HasPrefix(p.NewStreamPosition, want) {
		t.Errorf("position %q, want %s…", p.NewStreamPosition, want)
	}
}

func TestGetMultipleLeads_includeAttributes(t *testing.T) {
	t.Parallel()
	sim, _ := crowd(t, 1)
	names := func(include ...string) []string {
		t.Helper()
		in := choosing(&gen.LeadKeySelector{KeyType: "IDNUM", KeyValues: strs("1")}, 0)
		in.IncludeAttributes = gen.Some(*strs(include...))
		r := leadPage(t, sim, in).LeadRecordList.Value.LeadRecord[0]
		if r.Email.Value != "lead1@example.com" {
			t.Errorf("%+v", r)
		}
		var list []string
		for _, a := range r.LeadAttributeList.Value.Attribute {
			list = append(list, a.AttrName)
		}
		return list
	}
	for _, test := range []struct{ include, want []string }{
		{nil, []string{"City", "FirstName"}},
		{[]string{"FirstName", "Email", "LastName"}, []string{"FirstName"}},
		{[]string{"Email", "Id", "ForeignSysPersonId", "ForeignSysType"}, nil},
	} {
		if diff := cmp.Diff(test.want, names(test.include...)); diff != "" {
			t.Errorf("%v:\n%s", test.include, diff)
		}
	}
}

func TestGetMultipleLeads_faults(t *testing.T) {
	t.Parallel()
	sim, _ := crowd(t, 30)
	list := &gen.StaticListSelector{StaticListId: gen.Some[int32](77)}
	position := leadPage(t, sim, choosing(list, 7)).NewStreamPosition
	given := func(text string) *gen.ParamsGetMultipleLeads {
		in := choosing(list, 7)
		in.StreamPosition = gen.Some(text)
		return in
	}
	elsewhere := given(position)
	elsewhere.LeadSelector = updatedIn(1, 30)
	include := choosing(list, 7)
	include.IncludeAttributes = gen.Some(*strs("FirstName", "Shoe"))
	keys := func(kind gen.LeadKeyRef, values ...string) *gen.ParamsGetMultipleLeads {
		return choosing(&gen.LeadKeySelector{KeyType: kind, KeyValues: strs(values...)}, 0)
	}
	tests := []struct {
		name string
		in   *gen.ParamsGetMultipleLeads
		code fault.Code
		text string
	}{
		{"no request", nil, fault.CodeParameterRequired, "leadSelector"},
		{"no selector", &gen.ParamsGetMultipleLeads{}, fault.CodeParameterRequired, "leadSelector"},
		{"unreadable time", &gen.ParamsGetMultipleLeads{LastUpdatedAt: gen.Some(gen.DateTime("x"))}, fault.CodeBadParameter, "lastUpdatedAt"},
		{"no keys", keys("IDNUM"), fault.CodeLeadKeyRequired, "keyValues"},
		{"bad key", keys("ID", "1"), fault.CodeLeadKeyBad, "ID"},
		{"no such owner", keys("LEADOWNEREMAIL", "o@example.com", "x@example.com"), fault.CodeLeadOwnerNotFound, "x@example.com"},
		{"unknown list", choosing(&gen.StaticListSelector{StaticListName: gen.Some("L")}, 0), fault.CodeListNotFound, "L"},
		{"no list", choosing(&gen.StaticListSelector{}, 0), fault.CodeParameterRequired, "staticListName"},
		{"no range", choosing(&gen.LastUpdateAtSelector{}, 0), fault.CodeParameterRequired, "oldestUpdatedAt"},
		{"more than 30 days", choosing(updatedIn(0, 30*24*60+1), 0), fault.CodeTimeRangeExceeded, "30 days"},
		{"unknown field", include, fault.CodeBadParameter, "Shoe"},
		{"nonsense", given("x"), fault.CodeBadStreamPosition, `"x"`},
		{"another id", given(strings.Replace(position, "id:11:", "id:12:", 1)), fault.CodeBadStreamPosition, "id:12:"},
		{"another count", given(strings.Replace(position, "rc:19:", "rc:18:", 1)), fault.CodeBadStreamPosition, "rc:18:"},
		{"without a sum", given(strings.Split(position, ":ck:")[0]), fault.CodeBadStreamPosition, "id:11:"},
		{"longer", given(position + "0"), fault.CodeBadStreamPosition, "id:11:"},
		{"another selector", elsewhere, fault.CodeBadStreamPosition, "id:11:"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := sim.GetMultipleLeads(t.Context(), test.in)
			wantFault(t, err, test.code, test.text)
		})
	}
	if p := leadPage(t, sim, given(" "+position+" ")); p.ReturnCount != 7 {
		t.Errorf("%+v", p)
	}
}

// Keys after the 100th are not even looked at, be they empty or those of no owner.
func TestGetMultipleLeads_keysAfterTheLimit(t *testing.T) {
	t.Parallel()
	sim, _ := crowd(t, 30)
	for kind, value := range map[gen.LeadKeyRef]string{"IDNUM": "7", "LEADOWNEREMAIL": "o@example.com"} {
		for _, after := range []string{"", "8", "x@example.com"} {
			values := append(slices.Repeat([]string{value}, 100), after)
			want := len(leads(t, sim, choosing(&gen.LeadKeySelector{KeyType: kind, KeyValues: strs(value)}, 0)))
			if got := len(leads(t, sim, choosing(&gen.LeadKeySelector{KeyType: kind, KeyValues: strs(values...)}, 0))); got != want {
				t.Errorf("%s, %q: %d leads, want %d", kind, after, got, want)
			}
		}
	}
}

// A range without an end ends at the first call, in later ones too.
func TestGetMultipleLeads_rangeUntilNow(t *testing.T) {
	t.Parallel()
	sim, c := crowd(t, 30)
	c.Advance(10 * time.Minute)
	in := choosing(&gen.LastUpdateAtSelector{OldestUpdatedAt: gen.NewDateTime(minute(1))}, 4)
	in.StreamPosition = gen.Some(leadPage(t, sim, in).NewStreamPosition)
	c.Advance(31 * 24 * time.Hour)
	if diff := cmp.Diff(up(5, 10, nil), leads(t, sim, in)); diff != "" {
		t.Error(diff)
	}
}

// A reading that goes on while leads are written gives each that was chosen at the
// beginning once, also one that was updated again meanwhile.
func TestGetMultipleLeads_noRepeatNoLoss(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 4))
			sim, c := at(t, nil, simulator.WithSeed(seed), simulator.WithShortPages(0.3), simulator.WithEmptyPages(0.3))
			w := &writer{t: t, r: r, sim: sim}
			for range 1 + r.IntN(80) {
				w.write()
			}
			c.Advance(time.Minute)
			from := noon.Add(time.Duration(r.IntN(15)) * time.Second)
			in := choosing(&gen.LastUpdateAtSelector{
				OldestUpdatedAt: gen.NewDateTime(from), LatestUpdatedAt: gen.Some(gen.NewDateTime(from.Add(10 * time.Second))),
			}, int32(1+r.IntN(6)))
			before := leads(t, sim, in)
			if diff := cmp.Diff(w.updated(from, from.Add(10*time.Second)), before); diff != "" {
				t.Errorf("the plain reading of the rule (-want +got):\n%s", diff)
			}
			got := leads(t, writingPort{sim, w}, in)
			if after := leads(t, sim, in); !isSubsequence(before, got) || !isSubsequence(got, after) {
				t.Errorf("%v\nbefore %v\nafter %v", got, before, after)
			}
		})
	}
}

// updated is the plain reading of the rule, over all that the leads have done.
func (w *writer) updated(from, to time.Time) []int64 {
	list := []int64{}
	for _, id := range w.sim.LeadIDs() {
		l, _ := w.sim.Lead(id)
		times := []time.Time{noon} // when the writer adds leads
		for _, a := range l.Activities {
			times = append(times, timeOf(a.Time))
		}
		for _, at := range times {
			if !at.Before(from) && !at.After(to) {
				list = append(list, id)
				break
			}
		}
	}
	return list
}

// What is written between two calls counts in the second one.
func TestGetMultipleLeads_seesWrites(t *testing.T) {
	t.Parallel()
	sim, _ := crowd(t, 3)
	in := choosing(updatedIn(50, 50+30*24*60), 0) // exactly 30 days
	if diff := cmp.Diff([]int64{}, leads(t, sim, in)); diff != "" {
		t.Error(diff)
	}
	if _, err := sim.AddActivity(2, simulator.Activity{Type: "OpenEmail", Time: simulator.At(minute(60))}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{2}, leads(t, sim, in)); diff != "" {
		t.Error(diff)
	}
}
