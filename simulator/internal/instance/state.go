package instance

import (
	"math"
	"slices"

	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/usage"
	"github.com/mktows/mktows-go/simulator/record"
)

// Load replaces all that the instance holds, at once: other calls see what was before or all
// of the new. With an error, which tells the place, nothing changes.
func (i *Instance) Load(st *record.State) error {
	next := i.newTables()
	if err := next.load(st, i.Workspaces); err != nil {
		return err
	}
	if err := usage.Check(st.Usage); err != nil {
		return err
	}
	i.replace(next)
	i.Usage.Replace(st.Usage)
	return nil
}

// load fills empty tables. What is referred to comes before what refers to it: leads before lists, programs before
// campaigns.
func (t *Tables) load(st *record.State, workspaces []string) error {
	if err := checkLastIDs(st.LastIDs); err != nil {
		return err
	}
	for i, name := range st.Workspaces {
		if _, ok := leads.Workspace(workspaces, name); !ok {
			return place.In(leads.NoWorkspace(name), "workspaces[%d]", i)
		}
	}
	for i, f := range st.Fields {
		if err := t.Leads.LoadField(f); err != nil {
			return place.In(err, "fields[%d]", i)
		}
	}
	for _, load := range []func() error{
		func() error { return t.Activities.LoadKinds(st.ActivityTypes) },
		func() error { return t.Leads.Load(st.Leads, st.LastIDs.Lead, st.LastIDs.Activity) },
		func() error { return t.Leads.LoadDeletions(st.DeletedLeads) },
		func() error { return t.Lists.Load(st.Lists, st.LastIDs.List) },
		func() error { return t.Programs.Load(st) },
		func() error { return t.Campaigns.Load(st.Campaigns, st.CampaignRuns, st.LastIDs.Campaign) },
		func() error { return t.Objects.Load(st) },
		func() error { return t.CustomObjects.Load(st.CustomObjects) },
		func() error {
			return place.In(t.Companies.Load(&record.CustomObjectType{Records: st.Companies}), "companies")
		},
		func() error {
			return place.In(t.SalesPersons.Load(&record.CustomObjectType{Records: st.SalesPersons}), "salesPersons")
		},
		func() error { return t.Folders.Load(st.Folders) },
		func() error { return t.Exports.Load(st.Exports) },
		func() error { return t.SmartLists.Load(st.SmartLists) },
		func() error { return t.Imports.Load(st.Imports, st.ImportedTokens) },
	} {
		if err := load(); err != nil {
			return err
		}
	}
	return nil
}

// checkLastIDs checks the highest ids that were ever given. They are part of a state, so that the id of something
// deleted is not given again.
func checkLastIDs(ids record.LastIDs) error {
	for _, last := range []struct {
		name    string
		id, max int64
	}{
		{"lead", ids.Lead, math.MaxInt32},
		{"activity", ids.Activity, math.MaxInt64},
		{"list", ids.List, math.MaxInt32},
		{"program", ids.Program, math.MaxInt32},
		{"cost", ids.Cost, math.MaxInt64},
		{"campaign", ids.Campaign, math.MaxInt32},
		{"opportunity", ids.Opportunity, math.MaxInt32},
		{"opportunityRole", ids.OpportunityRole, math.MaxInt32},
	} {
		if last.id < 0 || last.id > last.max {
			return place.Wrong("lastIds."+last.name, "%d is outside 0 to %d", last.id, last.max)
		}
	}
	return nil
}

// Snapshot returns all that the instance holds, as of now.
func (i *Instance) Snapshot() record.State {
	defer i.View()()
	st := record.State{
		Workspaces: slices.Clone(i.Workspaces), Fields: i.Leads.CustomFields(), Leads: i.Leads.Snapshot(), Lists: i.Lists.Snapshot(),
		Campaigns: i.Campaigns.Snapshot(), CampaignRuns: i.Campaigns.Runs(), CustomObjects: i.CustomObjects.Snapshot(),
		Imports: i.Imports.Snapshot(), ImportedTokens: i.Imports.Tokens(),
		Companies: i.Companies.Record().Records, SalesPersons: i.SalesPersons.Record().Records, Folders: i.Folders.Snapshot(), Exports: i.Exports.Snapshot(), SmartLists: i.SmartLists.Snapshot(),
		ActivityTypes: i.Activities.CustomKinds(), DeletedLeads: i.Leads.Deletions(), Usage: i.Usage.Snapshot(),
		LastIDs: record.LastIDs{
			Lead: i.Leads.LastID(), Activity: i.Activities.LastID(), List: i.Lists.LastID(), Campaign: i.Campaigns.LastID(),
		},
	}
	i.Programs.Snapshot(&st)
	i.Objects.Snapshot(&st)
	return st
}
