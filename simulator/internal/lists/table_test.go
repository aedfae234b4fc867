package lists

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/record"
)

// crowd has the leads 100 to 109, whose numbers are 0 to 9, and notes what happens to them.
type crowd struct{ log []string }

func (c *crowd) No(id int64) (activity.LeadNo, bool) {
	return activity.LeadNo(id - 100), id >= 100 && id < 110
}

func (c *crowd) ID(no activity.LeadNo) int64 { return int64(no) + 100 }

func (c *crowd) AddActivities(no activity.LeadNo, activities []record.Activity) []int64 {
	for _, a := range activities {
		c.log = append(c.log, fmt.Sprintf("%d: %s %s", c.ID(no), a.Type, a.AssetName))
	}
	return make([]int64, len(activities))
}

func (c *crowd) Follow(no activity.LeadNo, _ *activity.Timelines) {
	c.log = append(c.log, fmt.Sprintf("%d follows", c.ID(no)))
}

func (c *crowd) Unfollow(no activity.LeadNo, _ *activity.Timelines) {
	c.log = append(c.log, fmt.Sprintf("%d leaves", c.ID(no)))
}

func setup(t *testing.T, lists ...record.List) (*Table, *crowd) {
	t.Helper()
	c := new(crowd)
	table := New(time.Now, c, c)
	if err := table.Load(lists, 0); err != nil {
		t.Fatal(err)
	}
	c.log = nil
	return table, c
}

// An activity tells of a change of membership, and of nothing else.
func TestTable_Put(t *testing.T) {
	t.Parallel()
	table, c := setup(t, record.List{Program: "P", Name: "L", Members: []int64{101}})
	l := table.OfProgram("P", "L")
	for _, member := range []bool{true, true, false, false} {
		table.Put(l, 2, member, ByService, time.Time{})
	}
	table.Put(l, 1, true, ByService, time.Time{})
	want := []string{
		"102 follows", "102: " + string(gen.ActivityTypeAddToList) + " P.L", "102 leaves", "102: " + string(gen.ActivityTypeRemoveFromList) + " P.L",
	}
	if diff := cmp.Diff(want, c.log); diff != "" {
		t.Error(diff)
	}
}

// Memberships move as they are: the winner is on each list once, the loser on none.
func TestTable_MoveLead(t *testing.T) {
	t.Parallel()
	table, _ := setup(t, record.List{Name: "A", Members: []int64{101, 102}}, record.List{Name: "B", Members: []int64{102}}, record.List{Name: "C"})
	table.MoveLead(2, 1)
	want := []record.List{
		{ID: 1001, Name: "A", Members: []int64{101}},
		{ID: 1002, Name: "B", Members: []int64{101}},
		{ID: 1003, Name: "C"},
	}
	if diff := cmp.Diff(want, table.Snapshot(), cmpopts.IgnoreFields(record.List{}, "Created", "Updated")); diff != "" {
		t.Error(diff)
	}
	table.MoveLead(1, 3)
	if page, left := table.Named("B").After(0, 5); left != 1 || page[0] != 103 {
		t.Errorf("%v, %d left", page, left)
	}
}

// Pages go by id, whatever the order of joining.
func TestList_After(t *testing.T) {
	t.Parallel()
	table, _ := setup(t, record.List{Name: "A", Members: []int64{107, 101, 104}})
	l := table.Find(1001)
	if page, left := l.After(101, 1); left != 2 || !cmp.Equal(page, []int64{104}) {
		t.Errorf("%v, %d left", page, left)
	}
	if !cmp.Equal(l.IDs(), []int64{101, 104, 107}) {
		t.Errorf("%v", l.IDs())
	}
}

// The highest id ever given counts, be its list there or not.
func TestTable_ids(t *testing.T) {
	t.Parallel()
	c := new(crowd)
	table := New(time.Now, c, c)
	if err := table.Load([]record.List{{ID: 2000, Name: "A"}}, 3000); err != nil {
		t.Fatal(err)
	}
	if id := table.Add(&record.List{Name: "B"}); id != 3001 || table.LastID() != 3001 {
		t.Errorf("id %d", id)
	}
}
