package programs

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/record"
)

var noon = time.Date(2015, 9, 4, 12, 0, 0, 0, time.FixedZone("", -5*3600))

func setup(t *testing.T) *Table {
	t.Helper()
	table := New(func() time.Time { return noon })
	err := table.Load(&record.State{
		Tags: []record.Tag{{Type: "Region", Values: []string{"Asia", "Europe"}}},
		Programs: []record.Program{{
			Name: "Fair", Tags: []record.Attribute{{Name: record.TagChannel, Value: "Road Show"}, {Name: "Region", Value: "Asia"}, {Name: "Region", Value: "Europe"}},
			Costs: []record.Cost{{Month: "2015-09", Amount: 12, Note: "Tent"}},
		}},
		LastIDs: record.LastIDs{Cost: 7},
	})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// A snapshot that is loaded gives the same snapshot.
func TestTable_snapshot(t *testing.T) {
	t.Parallel()
	var st, again record.State
	setup(t).Snapshot(&st)
	other := New(time.Now)
	if err := other.Load(&st); err != nil {
		t.Fatal(err)
	}
	other.Snapshot(&again)
	if diff := cmp.Diff(st, again); diff != "" {
		t.Error(diff)
	}
	if p := st.Programs[0]; p.Costs[0].ID != 8 || p.TreePath != "Marketing Activities:Default:Fair" || len(st.Channels) != 1 {
		t.Errorf("%+v", p)
	}
}

// A tag takes the place of those of its type, a cost that of its id; one mistake leaves all
// as it was.
func TestTable_Sync(t *testing.T) {
	t.Parallel()
	detail := func(kind string, pairs ...string) objects.Detail {
		d := objects.Detail{Type: kind, Parts: make(map[string]string)}
		for i := 0; i < len(pairs); i += 2 {
			d.Parts[pairs[i]] = pairs[i+1]
		}
		return d
	}
	table := setup(t)
	in := &objects.Input{Type: objects.TypeProgram, ID: 1, HasID: true, Details: []objects.Detail{
		detail(DetailTag, "Type", "Region", "Value", "Europe"), detail(DetailCost, "Id", "8", "Month", "2015-10-01", "Amount", "3"),
	}}
	if _, status, err := table.Sync(in, "UPDATE"); err != nil || status != "UPDATED" {
		t.Fatalf("%s, %v", status, err)
	}
	if _, status, err := table.Sync(in, "UPDATE"); err != nil || status != "UNCHANGED" {
		t.Errorf("%s, %v the second time", status, err)
	}
	in.Details = append(in.Details, detail(DetailTag, "Type", "Region", "Value", "Mars"))
	in.Details[0].Parts["Value"] = "Asia"
	if _, _, err := table.Sync(in, "UPDATE"); err == nil {
		t.Error("no error for a value that is none")
	}
	p := table.Named("Fair")
	if diff := cmp.Diff([]record.Attribute{{Name: record.TagChannel, Value: "Road Show"}, {Name: "Region", Value: "Europe"}}, p.Tags()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]record.Cost{{ID: 8, Month: "2015-10", Amount: 3, Note: "Tent"}}, p.Costs()); diff != "" {
		t.Error(diff)
	}
}

// An error tells the part of the program.
func TestTable_Check(t *testing.T) {
	t.Parallel()
	table := setup(t)
	for path, p := range map[string]record.Program{
		"id":             {ID: 1, Name: "New"},
		"name":           {Name: "Fair"},
		"tags[1]":        {Name: "New", Tags: []record.Attribute{{Name: "a", Value: "b"}, {Name: "a"}}},
		"tokens":         {Name: "New", Tokens: []record.Attribute{{Name: record.TagChannel, Value: "x"}}},
		"costs[0].month": {Name: "New", Costs: []record.Cost{{Month: "May"}}},
		"costs":          {Name: "New", Costs: []record.Cost{{Month: "2015-09", ID: -1}}},
		"end":            {Name: "New", End: "soon"},
	} {
		var placed *place.Error
		if err := table.Check(&p); !errors.As(err, &placed) || placed.Path != path {
			t.Errorf("%v, want an error at %s", err, path)
		}
	}
}
