package rest_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/simulator"
)

// eventful is an API whose state has some of all that the REST API alone writes.
func eventful(t *testing.T) *bundle {
	t.Helper()
	b := people(t)
	for _, f := range []simulator.Folder{{ID: 9, Name: "Root"}, {ID: 3, Name: "Child", Parent: 9, Archived: true, Tokens: []simulator.Attribute{{Name: "my.a", Value: "b"}}}} {
		if _, err := b.sim.AddFolder(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.sim.AddActivityType(simulator.ActivityType{Name: "Board Ship", Primary: &simulator.ActivityAttribute{Name: "Ship", DataType: "string"}}); err != nil {
		t.Fatal(err)
	}
	if err := b.sim.AddSalesPerson("s1", nil); err != nil {
		t.Fatal(err)
	}
	b.call("DELETE", "/rest/v1/leads.json?id=2", "").ok()
	b.post("/rest/v1/companies.json", `{"input":[{"externalCompanyId":"c1","company":"C"},{"externalCompanyId":"c2"}]}`).ok()
	b.clock.Advance(time.Hour - time.Minute)
	b.post("/rest/v1/companies.json", `{"input":[{"externalCompanyId":"c1","industry":"I"}]}`).ok()
	b.post("/rest/v1/leads/schema/fields/firstName.json", `{"input":[{"displayName":"Given Name","isSensitive":true}]}`).ok()
	b.enqueue(b.export("/bulk/v1/leads/export", `{"fields":["id"],"filter":{`+window+`}}`)).ok()
	b.upload("/bulk/v1/leads.json?format=csv", "email\n,\n").ok()
	b.get("/rest/v1/none.json").want("610")
	return b
}

// A state that goes through its JSON form is the same, and answers the same.
func TestState(t *testing.T) {
	t.Parallel()
	b := eventful(t)
	st := b.sim.Snapshot()
	text, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	var read simulator.State
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if err := b.sim.Load(read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(st, b.sim.Snapshot()); diff != "" {
		t.Error(diff)
	}
	for name, n := range map[string]int{
		"deleted": len(st.DeletedLeads), "companies": len(st.Companies), "sales persons": len(st.SalesPersons), "folders": len(st.Folders),
		"types": len(st.ActivityTypes), "exports": len(st.Exports), "imports": len(st.Imports), "usage": len(st.Usage),
	} {
		if n == 0 {
			t.Errorf("the state has no %s", name)
		}
	}
	if got := b.get("/rest/v1/leads/schema/fields/firstName.json").column("displayName"); got != "Given Name" {
		t.Errorf("the label is %q", got)
	}
	b.sim.Reset()
	if a := b.get("/rest/v1/companies.json?filterType=externalCompanyId&filterValues=c1"); a.column("id") != "" {
		t.Errorf("after a reset: %s", a.body)
	}
}

// What is wrong in a state is told with its place, and nothing changes.
func TestState_wrong(t *testing.T) {
	t.Parallel()
	for path, spoil := range map[string]func(*simulator.State){
		"deletedLeads[0].id":      func(st *simulator.State) { st.DeletedLeads[0].ID = 1 },
		"deletedLeads[0].time":    func(st *simulator.State) { st.DeletedLeads[0].Time = "x" },
		"companies.records[1]":    func(st *simulator.State) { st.Companies[1].Keys = st.Companies[0].Keys },
		"salesPersons.records[0]": func(st *simulator.State) { st.SalesPersons[0].Keys = nil },
		"folders[1].parent":       func(st *simulator.State) { st.Folders[1].Parent = 7 },
		"folders[0].name":         func(st *simulator.State) { st.Folders[0].Name = "" },
		"folders[1].id":           func(st *simulator.State) { st.Folders[1].ID = st.Folders[0].ID },
		"activityTypes[0].id":     func(st *simulator.State) { st.ActivityTypes[0].ID = 1 },
		"activityTypes[0].name":   func(st *simulator.State) { st.ActivityTypes[0].Name = "New Lead" },
		"exports[0].status":       func(st *simulator.State) { st.Exports[0].Status = "x" },
		"exports[0].id":           func(st *simulator.State) { st.Exports[0].ID = "" },
		"exports[0].blocks":       func(st *simulator.State) { st.Exports[0].Status, st.Exports[0].Blocks = "Completed", [][]byte{{7}} },
		"imports[0].batch":        func(st *simulator.State) { st.Imports[0].Lookup = "x" },
		"usage[0].date":           func(st *simulator.State) { st.Usage[0].Date = "x" },
		"fields[0]":               func(st *simulator.State) { st.Fields[0].Label = "" },
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			b := eventful(t)
			before, st := b.sim.Snapshot(), b.sim.Snapshot()
			spoil(&st)
			err := b.sim.Load(st)
			var wrong *simulator.StateError
			if !errors.As(err, &wrong) || wrong.Path != path {
				t.Errorf("%v, want one about %s", err, path)
			}
			if diff := cmp.Diff(before, b.sim.Snapshot()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
