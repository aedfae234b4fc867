package simulator

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// A list has the activities of its members, and each lead knows its lists, whatever is
// added, merged, put on the list or taken off it.
func TestList_timelines(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 4))
		sim := New(WithClock(func() time.Time { return servicetime.Unix(1000 + r.Int64N(1000)) }))
		const n = 40
		for range n {
			sim.addLead(new(Lead))
		}
		lists := []*list{sim.lists.add(&List{Name: "A"}), sim.lists.add(&List{Name: "B"})}
		there := func() leadNo { // a lead that was not merged into another one
			for {
				if no, ok := sim.leads.byID[1+r.Int64N(n)]; ok {
					return no
				}
			}
		}
		for range 600 {
			no := there()
			switch r.IntN(12) {
			case 0, 1, 2, 3:
				sim.setMember(lists[r.IntN(2)], no, r.IntN(3) > 0)
			case 4:
				if other := there(); other != no && len(sim.leads.byID) > 10 {
					sim.absorb(no, other)
				}
			default:
				sim.addActivities(no, []Activity{{Type: []gen.ActivityType{"x", "y"}[r.IntN(2)], Time: servicetime.Unix(r.Int64N(3000))}, {Type: "z"}})
			}
		}
		for _, l := range lists {
			checkList(t, sim, l)
		}
	}
}

// checkList compares a list with its members.
func checkList(t *testing.T, sim *Simulator, l *list) {
	t.Helper()
	want, got := make(map[name]map[ordered.Entry]bool), make(map[name]map[ordered.Entry]bool)
	note := func(of map[name]map[ordered.Entry]bool, kind name, e ordered.Entry) {
		if of[kind] == nil {
			of[kind] = make(map[ordered.Entry]bool)
		}
		of[kind][e] = true
	}
	for no := range sim.leads.all {
		lead := sim.leads.all[no]
		is := l.members.Has(ordered.Entry{At: lead.id, Ref: ordered.Ref(no)})
		knows := false
		for _, other := range lead.lists {
			knows = knows || other == l
		}
		if is != knows {
			t.Errorf("lead %d: a member %t, but knows %t", lead.id, is, knows)
		}
		for _, line := range lead.history {
			for _, e := range line.entries {
				if is {
					note(want, line.kind, e)
				}
			}
		}
	}
	for kind, line := range l.timelines {
		for row := line.Run(ordered.Everything); row.Left > 0; row.Next() {
			note(got, kind, row.First())
		}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(ordered.Entry{})); diff != "" || len(got) == 0 {
		t.Errorf("list %s: %s", l.name, diff)
	}
}
