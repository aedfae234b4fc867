package campaigns

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/programs"
	"github.com/mktows/mktows-go/simulator/record"
)

var noon = time.Date(2015, 9, 4, 12, 0, 0, 0, time.FixedZone("", -5*3600))

// crowd notes who gets an activity.
type crowd struct{ got []int64 }

func (c *crowd) ID(no activity.LeadNo) int64 { return int64(no) + 100 }

func (c *crowd) AddActivities(no activity.LeadNo, _ []record.Activity) []int64 {
	c.got = append(c.got, c.ID(no))
	return nil
}

func setup(t *testing.T) (*Table, *programs.Table, *crowd) {
	t.Helper()
	clock := func() time.Time { return noon }
	p, c := programs.New(clock), new(crowd)
	p.Add(&record.Program{Name: "Fair", Tokens: []record.Attribute{{Name: "{{my.a}}", Value: "1"}, {Name: "my.b", Value: "2"}}})
	table := New(clock, p, c)
	err := table.Load([]record.Campaign{
		{Name: "Ask", Program: "Fair", Sources: []gen.ReqCampSourceType{"MKTOWS"}}, {Name: "Send", Program: "Fair", Batch: true}, {Name: "Ask"},
	}, nil, 10)
	if err != nil {
		t.Fatal(err)
	}
	return table, p, c
}

// A run has the program's tokens with those of the call in their place.
func TestTable_Request(t *testing.T) {
	t.Parallel()
	table, _, c := setup(t)
	table.Request(table.Named("Fair", "Ask"), "MKTOWS", []activity.LeadNo{3, 1}, []record.Attribute{{Name: "{{my.b}}", Value: "3"}})
	want := []record.CampaignRun{{
		CampaignID: 11, Campaign: "Fair.Ask", Source: "MKTOWS", Time: "2015-09-04T12:00:00-05:00", Leads: []int64{103, 101},
		Tokens: []record.Attribute{{Name: "my.a", Value: "1"}, {Name: "my.b", Value: "3"}},
	}}
	if diff := cmp.Diff(want, table.Runs()); diff != "" {
		t.Error(diff)
	}
	if !cmp.Equal(c.got, []int64{103, 101}) {
		t.Errorf("activities of %v", c.got)
	}
}

// A copy of a program has its campaigns, with ids of their own.
func TestTable_Clone(t *testing.T) {
	t.Parallel()
	table, p, _ := setup(t)
	send := table.Named("Fair", "Send")
	if err := table.CheckClone(send); err != nil {
		t.Fatal(err)
	}
	copied := table.Clone(send, "Fair 2")
	if copied.FullName() != "Fair 2.Send" || copied.ID() != 15 || table.Named("Fair 2", "Ask").ID() != 14 || p.Named("Fair 2") == nil {
		t.Errorf("%s %d", copied.FullName(), copied.ID())
	}
	if table.LastID() != 15 || len(table.Snapshot()) != 5 {
		t.Errorf("%+v", table.Snapshot())
	}
}
