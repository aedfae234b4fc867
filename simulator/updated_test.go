package simulator

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// Whichever way the leads that were updated in a range are searched for, they are those of
// a look at every lead.
func TestSearchUpdated(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 3))
		now := int64(0)
		sim := New(WithClock(func() time.Time { return servicetime.Unix(now) }))
		for range 300 {
			now = 1000 + r.Int64N(5000)
			l := Lead{}
			for range r.IntN(3) {
				l.Activities = append(l.Activities, Activity{Type: "x", Time: servicetime.Unix(1000 + r.Int64N(5000))})
			}
			if _, err := sim.AddLead(l); err != nil {
				t.Fatal(err)
			}
		}
		for range 150 {
			if _, err := sim.AddActivity(1+r.Int64N(300), Activity{Type: "y", Time: servicetime.Unix(6000 + r.Int64N(1000))}); err != nil {
				t.Fatal(err)
			}
		}
		for no := leadNo(0); no < 40; no += 2 {
			sim.absorb(no, no+1)
		}
		for range 300 {
			within := updateRange{from: 900 + r.Int64N(6200)}
			within.to = within.from + r.Int64N(1+r.Int64N(2000))
			var want leadIDs
			for no, l := range sim.leads.all {
				if at, ok := sim.leads.byID[l.id]; ok && at == leadNo(no) && l.wasUpdated(within) {
					want = append(want, l.id)
				}
			}
			if diff := cmp.Diff(want, sim.searchUpdated(within), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("seed %d, %+v: %s", seed, within, diff)
			}
		}
	}
}
