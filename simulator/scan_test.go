package simulator_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// bigCrowd returns a simulator with more leads and records than are looked at one by one: n
// leads of one owner, those with an even id updated last on the second day, the others on
// the first. Even ones are on the list. Activity i of a lead has the id lead*10+i.
func bigCrowd(t *testing.T, n int, opts ...simulator.Option) *simulator.Simulator {
	t.Helper()
	sim, _ := at(t, nil, opts...)
	list := simulator.List{Name: "Even"}
	for id := 1; id <= n; id++ {
		l := simulator.Lead{ID: int64(id), Keys: leadKeys("LEADOWNEREMAIL", "owner@example.com")}
		for i := range 5 {
			at := noon.Add(time.Duration(id)*time.Second + time.Duration(i)*time.Hour)
			if i == 4 && id%2 == 0 {
				at = at.Add(24 * time.Hour)
			}
			l.Activities = append(l.Activities, simulator.Activity{ID: int64(id*10 + i), Type: "Visit Webpage", Time: simulator.At(at)})
		}
		if _, err := sim.AddLead(l); err != nil {
			t.Fatal(err)
		}
		if id%2 == 0 {
			list.Members = append(list.Members, l.ID)
		}
	}
	if _, err := sim.AddList(list); err != nil {
		t.Fatal(err)
	}
	return sim
}

// However many records have to be looked at, a reading gives those that are asked for, each
// once, and ends.
func TestGetLeadChanges_crowd(t *testing.T) {
	t.Parallel()
	const n = 2400
	active := func(days int) changeOption {
		return func(in *gen.ParamsGetLeadChanges) {
			in.StartPosition.ActivityCreatedAt = gen.Some(gen.NewDateTime(noon.Add(time.Duration(days) * 24 * time.Hour)))
		}
	}
	owner := selecting(&gen.LeadKeySelector{KeyType: "LEADOWNEREMAIL", KeyValues: strs("owner@example.com")})
	even := selecting(&gen.StaticListSelector{StaticListName: gen.Some("Even")})
	isEven := func(lead int64) bool { return lead%2 == 0 }
	all := func(int64) bool { return true }
	for _, test := range []struct {
		name string
		in   *gen.ParamsGetLeadChanges
		want func(lead int64) bool
	}{
		{"active on the second day", everything(active(1)), isEven},
		{"active on the first", everything(active(0)), all},
		{"of an owner", everything(owner), all},
		{"of an owner, active", everything(owner, active(1)), isEven},
		{"of a list", everything(even), isEven},
		{"of a list, active", everything(even, active(1)), isEven},
		{"active later than any", everything(active(3)), func(int64) bool { return false }},
	} {
		for _, opts := range [][]simulator.Option{nil, {simulator.WithPageLimit(700), simulator.WithSeed(1), simulator.WithShortPages(0.3), simulator.WithEmptyPages(0.2)}} {
			sim := bigCrowd(t, n, opts...)
			var want []int64
			for lead := int64(1); lead <= n; lead++ {
				for i := range int64(5) {
					if test.want(lead) {
						want = append(want, lead*10+i)
					}
				}
			}
			got := changes(t, sim, test.in)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
				t.Errorf("%s: %d records, want %d", test.name, len(got), len(want))
			}
		}
	}
}

// Exactly as many as are looked at are counted; of more it is told what is left.
func TestGetLeadChanges_crowdCounts(t *testing.T) {
	t.Parallel()
	sim := bigCrowd(t, 2400) // 12,000 records
	in := everything(sized(10), func(in *gen.ParamsGetLeadChanges) {
		in.StartPosition.ActivityCreatedAt = gen.Some(gen.NewDateTime(noon.Add(24 * time.Hour)))
	})
	if p := changePage(t, sim, in); p.ReturnCount != 10 || p.RemainingCount != 12_000-20 {
		t.Errorf("%d records, %d left to look at", p.ReturnCount, p.RemainingCount)
	}
	in.StartPosition.OldestCreatedAt = gen.Some(gen.NewDateTime(noon.Add(3 * time.Hour))) // about 2 of 5
	if p := changePage(t, sim, in); p.ReturnCount != 10 || p.RemainingCount != 1200*2-10 {
		t.Errorf("%d records, %d remain", p.ReturnCount, p.RemainingCount)
	}
}

// Where a criterion holds for few of very many objects, pages are short, and the reading
// finds them all.
func TestGetMObjects_crowd(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]simulator.Option{nil, {simulator.WithSeed(2), simulator.WithEmptyPages(0.3), simulator.WithShortPages(0.3)}} {
		sim := setup(t, 0, opts...)
		var want []int32
		for i := int32(1); i <= 12_001; i++ {
			stage := "Open"
			if i%4000 == 1 || i > 11_700 {
				stage = "Won"
				want = append(want, i)
			}
			addOpportunity(t, sim, simulator.Opportunity{Attributes: []simulator.Attribute{{Name: "Stage", Value: stage}}})
		}
		in := &gen.ParamsGetMObjects{Type: "Opportunity", MObjCriteriaList: having("Stage", "EQ", "Won")}
		var got []int32
		for calls := 0; ; calls++ {
			r := mobjects(t, sim, in)
			got = append(got, mobjectIDs(r)...)
			if !r.HasMore || calls > 100 {
				break
			}
			in.StreamPosition = gen.Some(r.NewStreamPosition)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestGetCustomObjects_crowd(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]simulator.Option{nil, {simulator.WithSeed(3), simulator.WithEmptyPages(0.3), simulator.WithShortPages(0.3)}} {
		sim := customSetup(t, 0, opts...)
		var want, got []string
		for i := 1; i <= 12_001; i++ {
			note := ""
			if i%4000 == 1 || i > 11_700 {
				note = "x"
				want = append(want, fmt.Sprint("A", i))
			}
			lead := "7"
			err := sim.AddCustomObject("Seat", []simulator.Attribute{{Name: "Row", Value: "A"}, {Name: "Number", Value: fmt.Sprint(i)}}, []simulator.Attribute{{Name: "LeadId", Value: lead}, {Name: "Note", Value: note}})
			if err != nil {
				t.Fatal(err)
			}
		}
		in := seats("Row", "A", "Note", "") // no index leads to what has no value
		in.BatchSize = gen.Some[int32](100)
		marked := 0
		for calls := 0; calls < 1000; calls++ {
			r := customs(t, sim, in)
			marked += int(r.ReturnCount)
			if r.RemainingCount == 0 {
				break
			}
			in.StreamPosition = gen.Some(r.NewStreamPosition)
		}
		if marked != 12_001-len(want) {
			t.Errorf("%d records without a note, want %d", marked, 12_001-len(want))
		}
		in = seats("note", "x", "ROW", "A")
		for calls := 0; calls < 1000; calls++ {
			r := customs(t, sim, in)
			for _, o := range r.CustomObjList.Value.CustomObj {
				got = append(got, o.CustomObjKeyList.Value.Attribute[0].AttrValue+o.CustomObjKeyList.Value.Attribute[1].AttrValue)
			}
			if r.RemainingCount == 0 {
				break
			}
			in.StreamPosition = gen.Some(r.NewStreamPosition)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// The leads of a reading by update time are settled when it begins, and a new reading sees
// what was written meanwhile.
func TestGetMultipleLeads_settled(t *testing.T) {
	t.Parallel()
	sim := bigCrowd(t, 30)
	request := func() *gen.ParamsGetMultipleLeads {
		in := choosing(&gen.LastUpdateAtSelector{OldestUpdatedAt: gen.NewDateTime(noon), LatestUpdatedAt: gen.Some(gen.NewDateTime(noon.Add(time.Hour)))}, 10)
		return in
	}
	in := request()
	first := leadPage(t, sim, in)
	if _, err := sim.AddLead(simulator.Lead{ID: 99, Activities: []simulator.Activity{{Type: "New Lead", Time: simulator.At(noon.Add(time.Minute))}}}); err != nil {
		t.Fatal(err)
	}
	in.StreamPosition = gen.Some(first.NewStreamPosition)
	if p := leadPage(t, sim, in); p.RemainingCount != 10 {
		t.Errorf("%d remain of the reading, want 10", p.RemainingCount)
	}
	if got := leads(t, sim, request()); len(got) != 31 {
		t.Errorf("%d leads of a new reading, want 31", len(got))
	}
	winner, loser := attributes("IDNUM", "1").Value, attributes("IDNUM", "30").Value
	if _, err := sim.MergeLeads(t.Context(), &gen.ParamsMergeLeads{WinningLeadKeyList: &winner, LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{loser}}}); err != nil {
		t.Fatal(err)
	}
	if p := leadPage(t, sim, in); p.RemainingCount != 10 { // 11 to 20 now, then 21 to 29 and 99
		t.Errorf("%d remain after the merge, want 10", p.RemainingCount)
	}
	sim.Reset()
	if p := leadPage(t, sim, in); p.ReturnCount != 0 || p.RemainingCount != 0 {
		t.Errorf("%d leads of an empty simulator", p.ReturnCount)
	}
}
