package simulator_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/simulator"
)

// Leads are found by a text in any of their fields, page by page, and a page looks at a bounded number of them.
func TestSimulator_FindLeads(t *testing.T) {
	t.Parallel()
	s := simulator.New()
	const many = 25_000
	for i := range many {
		lead := simulator.Lead{ID: int64(i + 1), Email: fmt.Sprintf("lead%d@example.com", i+1)}
		if i == many-1 {
			lead.Fields = map[string]string{"Company": "<b>Müller</b>\n"}
		}
		if _, err := s.AddLead(lead); err != nil {
			t.Fatal(err)
		}
	}
	page, next := s.FindLeads("", 0, 3)
	if len(page) != 3 || page[2].ID != 3 || next != 3 {
		t.Errorf("%d leads, next %d", len(page), next)
	}
	var nexts []int
	var found []int64
	for at, more := 0, true; more; {
		page, next := s.FindLeads("<B>mül", at, 10)
		for _, l := range page {
			found = append(found, l.ID)
		}
		nexts = append(nexts, next)
		at, more = next, next != 0
	}
	if diff := cmp.Diff([]int{10_000, 20_000, 0}, nexts); diff != "" || !cmp.Equal(found, []int64{many}) {
		t.Errorf("found %v, by pages that end at %v", found, nexts)
	}
	for _, from := range []int{-1, many, 1 << 40} {
		if page, next := s.FindLeads("", from, 1); len(page) > 1 || from > 0 && (len(page) != 0 || next != 0) {
			t.Errorf("from %d: %d leads, next %d", from, len(page), next)
		}
	}
}

func TestSimulator_Timeline(t *testing.T) {
	t.Parallel()
	s := simulator.New()
	if err := s.LoadDemo(); err != nil {
		t.Fatal(err)
	}
	whole, _ := s.Lead(318815)
	var paged []simulator.Activity
	for {
		page, total, ok := s.Timeline(318815, len(paged), 7)
		if !ok || total != len(whole.Activities) {
			t.Fatalf("%d in all, want %d", total, len(whole.Activities))
		}
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
	}
	for i, a := range paged {
		if diff := cmp.Diff(whole.Activities[len(whole.Activities)-1-i], a); diff != "" {
			t.Fatalf("at %d:\n%s", i, diff)
		}
	}
	if len(paged) != len(whole.Activities) {
		t.Errorf("%d of %d activities", len(paged), len(whole.Activities))
	}
	brief, ok := s.BriefLead(318815)
	if !ok || brief.Activities != nil || brief.Email != whole.Email {
		t.Errorf("%+v", brief)
	}
	if _, _, ok := s.Timeline(7, 0, 1); ok {
		t.Error("a lead that there is none of has a timeline")
	}
	if _, ok := s.BriefLead(7); ok {
		t.Error("there is no lead 7")
	}
}

// The parts together are the snapshot.
func TestSimulator_SnapshotOf(t *testing.T) {
	t.Parallel()
	s := simulator.New()
	if err := s.LoadDemo(); err != nil {
		t.Fatal(err)
	}
	all := s.Snapshot()
	if got := s.SnapshotOf(simulator.PartLists).Lists; !cmp.Equal(got, all.Lists) {
		t.Errorf("%+v", got)
	}
	campaigns := s.SnapshotOf(simulator.PartCampaigns)
	if !cmp.Equal(campaigns.Campaigns, all.Campaigns) || !cmp.Equal(campaigns.CampaignRuns, all.CampaignRuns) {
		t.Errorf("%+v", campaigns)
	}
	if got := s.SnapshotOf(simulator.PartPrograms); !cmp.Equal(got, simulator.State{Programs: all.Programs, Channels: all.Channels, Tags: all.Tags}) {
		t.Errorf("%+v", got)
	}
	objects := s.SnapshotOf(simulator.PartObjects)
	if !cmp.Equal(objects.Opportunities, all.Opportunities) || !cmp.Equal(objects.CustomObjects, all.CustomObjects) || !cmp.Equal(objects.Companies, all.Companies) {
		t.Errorf("%+v", objects)
	}
}
