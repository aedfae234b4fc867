package instance

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/lists"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// A list has the activities of its members, whatever is added, merged, put on the list or
// taken off it.
func TestLists_timelines(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 4))
		i := New(Options{Now: func() time.Time { return servicetime.Unix(1000 + r.Int64N(1000)) }, Workspaces: []string{"Default"}})
		const n = 40
		for range n {
			i.Leads.Add(new(record.Lead))
		}
		all := []*lists.List{i.Lists.Find(i.Lists.Add(&record.List{Name: "A"})), i.Lists.Find(i.Lists.Add(&record.List{Name: "B"}))}
		there := func() leads.No { // a lead that was not merged into another one
			for {
				if no, ok := i.Leads.No(1 + r.Int64N(n)); ok {
					return no
				}
			}
		}
		for range 600 {
			no := there()
			switch r.IntN(12) {
			case 0, 1, 2, 3:
				i.Lists.Put(all[r.IntN(2)], no, r.IntN(3) > 0, lists.ByService, time.Time{})
			case 4:
				if other := there(); other != no && len(i.Leads.AllIDs()) > 10 {
					i.Leads.Merge(no, []leads.No{other}, false)
				}
			default:
				i.Leads.AddActivities(no, []record.Activity{
					{Type: []gen.ActivityType{"x", "y"}[r.IntN(2)], Time: servicetime.Text(servicetime.Unix(r.Int64N(3000)))}, {Type: "z"},
				})
			}
		}
		for _, l := range all {
			checkList(t, i, l)
		}
	}
}

// checkList compares the activities of a list with those of its members.
func checkList(t *testing.T, i *Instance, l *lists.List) {
	t.Helper()
	var want, got []int64
	for _, id := range i.Leads.AllIDs() {
		no, _ := i.Leads.No(id)
		if !i.Lists.HasMember(l, no) {
			continue
		}
		for _, a := range i.Activities.Of(no) {
			want = append(want, a.ID)
		}
	}
	for _, r := range i.Activities.ChangesIn(i.Lists.Group(l), i.Leads, activity.Query{Within: ordered.Everything}).Page(1 << 20).Records {
		got = append(got, r.ID())
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || len(got) == 0 {
		t.Errorf("list %s: %s", l.FullName(), diff)
	}
}
