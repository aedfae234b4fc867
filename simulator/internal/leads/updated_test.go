package leads

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Whichever way the leads that were updated in a range are searched for, they are those of
// a look at every lead.
func TestSearchUpdated(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 3))
		at := func(from, n int64) record.Activity {
			return record.Activity{Type: "x", Time: servicetime.Text(servicetime.Unix(from + r.Int64N(n)))}
		}
		clock := func() time.Time { return servicetime.Unix(1000 + r.Int64N(5000)) }
		table := New(clock, []string{"Default"}, activity.New(clock))
		for range 300 {
			l := record.Lead{}
			for range r.IntN(3) {
				l.Activities = append(l.Activities, at(1000, 5000))
			}
			table.Add(&l)
		}
		for range 150 {
			table.AddActivities(No(r.IntN(300)), []record.Activity{at(6000, 1000)})
		}
		for no := No(0); no < 40; no += 2 {
			table.absorb(no, no+1)
		}
		for range 300 {
			within := Range{From: 900 + r.Int64N(6200)}
			within.To = within.From + r.Int64N(1+r.Int64N(2000))
			var want IDs
			for no, l := range table.all {
				if at, ok := table.byID[l.id]; ok && at == No(no) && table.wasUpdated(at, within) {
					want = append(want, l.id)
				}
			}
			if diff := cmp.Diff(want, table.searchUpdated(within), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("seed %d, %+v: %s", seed, within, diff)
			}
		}
	}
}
