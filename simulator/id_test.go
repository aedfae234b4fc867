package simulator_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// Once the highest id of the schema is given, what has none is refused, never given a
// negative one: in Go with an error, by the operations with FAILED or a fault.
func TestIDs_highest(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{{ID: math.MaxInt32}})
	add := func(_ int64, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	add(sim.AddList(simulator.List{ID: math.MaxInt32, Name: "L"}))
	add(sim.AddProgram(simulator.Program{ID: math.MaxInt32, Name: "P", Costs: []simulator.Cost{{ID: math.MaxInt64, Month: "2015-09"}}}))
	add(sim.AddCampaign(simulator.Campaign{ID: math.MaxInt32, Program: "P", Name: "C", Batch: true}))
	add(sim.AddOpportunity(simulator.Opportunity{ID: math.MaxInt32}))
	add(sim.AddOpportunityRole(simulator.OpportunityRole{ID: math.MaxInt32, OpportunityID: math.MaxInt32, LeadID: math.MaxInt32}))
	before := sim.Snapshot()
	for name, err := range map[string]error{
		"lead":        second(sim.AddLead(simulator.Lead{})),
		"list":        second(sim.AddList(simulator.List{Name: "M"})),
		"program":     second(sim.AddProgram(simulator.Program{Name: "Q"})),
		"campaign":    second(sim.AddCampaign(simulator.Campaign{Program: "P", Name: "D"})),
		"opportunity": second(sim.AddOpportunity(simulator.Opportunity{})),
		"role":        second(sim.AddOpportunityRole(simulator.OpportunityRole{OpportunityID: math.MaxInt32, LeadID: math.MaxInt32})),
		"cost":        second(sim.AddProgram(simulator.Program{ID: 1, Name: "Q", Costs: []simulator.Cost{{Month: "2015-09"}}})),
	} {
		if err == nil {
			t.Errorf("a %s was added", name)
		}
	}
	_, err := sim.SyncLead(t.Context(), syncOne(record(email("new@example.com")), ""))
	wantFault(t, err, fault.CodeLeadSyncFailed, "range of the schema")
	for _, o := range []gen.MObject{
		{Type: "Opportunity"},
		{Type: "OpportunityPersonRole", AttribList: attribsOf("OpportunityId", fmt.Sprint(math.MaxInt32), "PersonId", fmt.Sprint(math.MaxInt32), "Role", "New")},
	} {
		if got := syncObjects(t, sim, "UPSERT", o); got != "[nil! FAILED]" {
			t.Errorf("%s: %s", o.Type, got)
		}
	}
	cost := gen.TypeAttrib{AttrType: "Cost", AttrList: attribsOf("Month", "2013-06", "Amount", "1")}
	program := gen.MObject{Type: "Program", Id: gen.Some[int32](math.MaxInt32), TypeAttribList: gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{cost}})}
	if got := syncObjects(t, sim, "UPDATE", program); got != "[2147483647! FAILED]" {
		t.Errorf("a cost: %s", got)
	}
	if diff := cmp.Diff(before, sim.Snapshot()); diff != "" {
		t.Errorf("what was refused has changed something:\n%s", diff)
	}
	reload(t, sim)
}

func second(_ int64, err error) error { return err }

// A copy of a program needs ids for the program, its campaigns and its costs; without
// them nothing is copied.
func TestScheduleCampaign_cloneWithoutIDs(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]struct {
		program  simulator.Program
		campaign int64
		code     fault.Code
	}{
		"program":   {simulator.Program{ID: math.MaxInt32}, 1, fault.CodeServiceInternal},
		"campaign":  {simulator.Program{ID: 1}, math.MaxInt32, fault.CodeServiceInternal},
		"campaigns": {simulator.Program{ID: 1}, math.MaxInt32 - 1, fault.CodeServiceInternal},
		"cost":      {simulator.Program{ID: 1, Costs: []simulator.Cost{{ID: math.MaxInt64, Month: "2015-09"}}}, 1, fault.CodeServiceInternal},
		"none":      {simulator.Program{ID: math.MaxInt32 - 1, Costs: []simulator.Cost{{ID: math.MaxInt64 - 1, Month: "2015-09"}}}, math.MaxInt32 - 2, 0},
	} {
		sim, _ := at(t, nil)
		p.program.Name = "P"
		if _, err := sim.AddProgram(p.program); err != nil {
			t.Fatal(err)
		}
		for i, campaign := range []simulator.Campaign{{ID: p.campaign, Name: "C"}, {ID: p.campaign - 1, Name: "D"}} {
			campaign.Program, campaign.Batch = "P", i == 0
			if _, err := sim.AddCampaign(campaign); err != nil {
				campaign.ID = 0
				if _, err := sim.AddCampaign(campaign); err != nil {
					t.Fatal(err)
				}
			}
		}
		before := sim.Snapshot()
		_, err := sim.ScheduleCampaign(t.Context(), &gen.ParamsScheduleCampaign{ProgramName: "P", CampaignName: "C", CloneToProgramName: gen.Some("Q")})
		if codeOf(err) != p.code {
			t.Errorf("%s: %v, want %d", name, err, p.code)
		}
		if diff := cmp.Diff(before, sim.Snapshot()); (diff == "") != (p.code != 0) {
			t.Errorf("%s: changed:\n%s", name, diff)
		}
	}
}

// Activities have no fault of their own, so once the highest id is given the lowest free
// ones are, which those of the same call that ask for ids keep.
func TestIDs_highestActivity(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{{ID: 7, Email: "a@example.com", Activities: []simulator.Activity{{ID: math.MaxInt64, Type: "NewLead"}, {ID: 2, Type: "NewLead"}}}})
	given, err := sim.AddActivities(7, simulator.Activity{Type: "NewLead"}, simulator.Activity{Type: "NewLead"}, simulator.Activity{ID: 3, Type: "NewLead"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{1, 4, 3}, given); diff != "" {
		t.Error(diff)
	}
	changed := record(email("a@example.com"), fields("City", "X"))
	if _, err := sim.SyncLead(t.Context(), syncOne(changed, "")); err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, r := range readAll(t, reload(t, sim), ask("IDNUM", "7", batch(1))) {
		got = append(got, r.Id.Value)
	}
	if diff := cmp.Diff([]int64{5, 3, 4, 1, 2, math.MaxInt64}, got); diff != "" {
		t.Error(diff)
	}
}
