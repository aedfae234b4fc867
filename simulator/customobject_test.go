package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// customSetup returns a simulator with the type Seat, of two keys, and n records.
func customSetup(t testing.TB, n int, opts ...simulator.Option) *simulator.Simulator {
	t.Helper()
	sim := setup(t, 0, opts...)
	err := sim.AddCustomObjectType(simulator.CustomObjectType{
		Name: "Seat", Keys: []simulator.Field{{Name: "Row"}, {Name: "Number", DataType: "integer"}},
		Fields: []simulator.Field{{Name: "LeadId", DataType: "integer"}, {Name: "Note"}}, LinkField: "leadid",
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		err := sim.AddCustomObject("seat", []simulator.Attribute{{Name: "Number", Value: fmt.Sprint(i + 1)}, {Name: "Row", Value: "A"}}, []simulator.Attribute{{Name: "LeadId", Value: fmt.Sprint(7 + i%2)}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return sim
}

func customs(t testing.TB, sim *simulator.Simulator, in *gen.ParamsGetCustomObjects) *gen.ResultGetCustomObjects {
	t.Helper()
	out, err := sim.GetCustomObjects(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	return out.Result
}

func seats(pairs ...string) *gen.ParamsGetCustomObjects {
	return &gen.ParamsGetCustomObjects{ObjTypeName: "SEAT", CustomObjKeyList: attributes(pairs...), IncludeAttributes: strs()}
}

// seatNames tells records as text: row and number.
func seatNames(r *gen.ResultGetCustomObjects) string {
	var list []string
	for _, o := range r.CustomObjList.Value.CustomObj {
		keys := o.CustomObjKeyList.Value.Attribute
		list = append(list, keys[0].AttrValue+keys[1].AttrValue)
	}
	return strings.Join(list, " ")
}

// A whole answer: names as defined, in the order of the definition, types nil, what has
// no value left out.
func TestGetCustomObjects_form(t *testing.T) {
	t.Parallel()
	in := seats("number", "1")
	got := customs(t, customSetup(t, 2), in)
	want := gen.CustomObj{
		CustomObjKeyList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
			{AttrName: "Row", AttrType: gen.NilOf[string](), AttrValue: "A"}, {AttrName: "Number", AttrType: gen.NilOf[string](), AttrValue: "1"},
		}}),
		CustomObjAttributeList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
			{AttrName: "LeadId", AttrType: gen.NilOf[string](), AttrValue: "7"},
		}}),
	}
	if diff := cmp.Diff([]gen.CustomObj{want}, got.CustomObjList.Value.CustomObj); diff != "" || got.ObjTypeName != "Seat" {
		t.Errorf("%s\n%s", got.ObjTypeName, diff)
	}
	in.IncludeAttributes = strs("note", "Row")
	want.CustomObjAttributeList = gen.NilOf[gen.ArrayOfAttribute]()
	if diff := cmp.Diff([]gen.CustomObj{want}, customs(t, customSetup(t, 2), in).CustomObjList.Value.CustomObj); diff != "" {
		t.Error(diff)
	}
	none := customs(t, customSetup(t, 2), seats("Row", "B"))
	if none.CustomObjList.State != gen.Nil || none.ReturnCount != 0 || none.RemainingCount != 0 {
		t.Errorf("empty answer %+v", none)
	}
}

// What is added or deleted between two calls neither shifts nor repeats a record.
func TestGetCustomObjects_stablePages(t *testing.T) {
	t.Parallel()
	sim := customSetup(t, 6)
	in := seats("Row", "A")
	in.BatchSize = gen.Some[int32](2)
	next := func(want string, remaining int32) {
		t.Helper()
		r := customs(t, sim, in)
		if got := seatNames(r); got != want || r.RemainingCount != remaining {
			t.Errorf("page %s, %d remaining; want %s and %d", got, r.RemainingCount, want, remaining)
		}
		in.StreamPosition = gen.Some(r.NewStreamPosition)
	}
	next("A1 A2", 4)
	if got := deleteSeats(t, sim, "A1", "A3", "A9"); got != "[DELETED DELETED FAILED!]" {
		t.Error(got)
	}
	next("A4 A5", 1)
	if err := sim.AddCustomObject("Seat", []simulator.Attribute{{Name: "Row", Value: "A"}, {Name: "Number", Value: "1"}}, nil); err != nil {
		t.Fatal(err)
	}
	next("A6 A1", 0)
	if _, err := sim.GetCustomObjects(t.Context(), in); codeOf(err) != fault.CodeStreamAtEnd {
		t.Errorf("beyond the end: %v", err)
	}
}

func TestGetCustomObjects_pageSize(t *testing.T) {
	t.Parallel()
	sim := customSetup(t, 120)
	for size, want := range map[int32]int32{-1: 100, 0: 100, 7: 7, 100: 100, 1000: 100} {
		in := seats("Row", "A")
		in.BatchSize = gen.Some(size)
		if r := customs(t, sim, in); r.ReturnCount != want || r.RemainingCount != 120-want {
			t.Errorf("batchSize %d: %d records, %d remaining", size, r.ReturnCount, r.RemainingCount)
		}
	}
	if r := customs(t, customSetup(t, 5, simulator.WithPageLimit(2)), seats("Row", "A")); r.ReturnCount != 2 {
		t.Errorf("%d records on a page of two", r.ReturnCount)
	}
}

func TestGetCustomObjects_faults(t *testing.T) {
	t.Parallel()
	sim := customSetup(t, 3, simulator.WithPageLimit(1))
	given := customs(t, sim, seats("Row", "A")).NewStreamPosition
	change := func(change func(*gen.ParamsGetCustomObjects)) *gen.ParamsGetCustomObjects {
		in := seats("Row", "A")
		change(in)
		return in
	}
	tests := []struct {
		name string
		in   *gen.ParamsGetCustomObjects
		code fault.Code
	}{
		{"no request", nil, fault.CodeParameterRequired},
		{"unknown type", change(func(in *gen.ParamsGetCustomObjects) { in.ObjTypeName = "Stool" }), fault.CodeBadParameter},
		{"no keys", seats(), fault.CodeParameterRequired},
		{"unknown key", seats("Colour", "red"), fault.CodeBadParameter},
		{"unknown field", change(func(in *gen.ParamsGetCustomObjects) { in.IncludeAttributes = strs("Colour") }), fault.CodeBadParameter},
		{"forged", change(func(in *gen.ParamsGetCustomObjects) { in.StreamPosition = gen.Some(given + "A") }), fault.CodeBadStreamPosition},
		{"of other keys", func() *gen.ParamsGetCustomObjects {
			in := seats("Number", "1")
			in.StreamPosition = gen.Some(given)
			return in
		}(), fault.CodeBadStreamPosition},
		{"as given", change(func(in *gen.ParamsGetCustomObjects) { in.StreamPosition = gen.Some(given) }), 0},
	}
	for _, test := range tests {
		if _, err := sim.GetCustomObjects(t.Context(), test.in); codeOf(err) != test.code {
			t.Errorf("%s: %v, want %d", test.name, err, test.code)
		}
	}
}

func customOutcome(list *gen.ArrayOfSyncCustomObjStatus) string {
	var text []string
	for _, s := range list.SyncCustomObjStatus {
		status := string(s.Status)
		if !s.Status.Valid() {
			status += "?"
		}
		if s.Error.State == gen.Present {
			status += "!"
		}
		text = append(text, status)
	}
	return fmt.Sprint(text)
}

func deleteSeats(t testing.TB, sim *simulator.Simulator, names ...string) string {
	t.Helper()
	in := &gen.ParamsDeleteCustomObjects{ObjTypeName: "Seat", CustomObjKeyLists: new(gen.ArrayOfKeyList)}
	for _, name := range names {
		in.CustomObjKeyLists.KeyList = append(in.CustomObjKeyLists.KeyList, attributes("Row", name[:1], "Number", name[1:]).Value)
	}
	out, err := sim.DeleteCustomObjects(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	return customOutcome(out.Result.DeleteCustomObjStatusList)
}

func seat(name string, pairs ...string) gen.CustomObj {
	return gen.CustomObj{CustomObjKeyList: attributes("row", name[:1], "Number", name[1:]), CustomObjAttributeList: attributes(pairs...)}
}

func TestSyncCustomObjects_outcomes(t *testing.T) {
	t.Parallel()
	noKey, extraKey, linkAsKey := seat("A1"), seat("A1"), seat("A1")
	noKey.CustomObjKeyList = attributes("Row", "A")
	extraKey.CustomObjKeyList = attributes("Row", "A", "Number", "1", "row", "A")
	linkAsKey.CustomObjKeyList = attributes("Row", "A", "Number", "1", "LeadId", "7")
	tests := []struct {
		name string
		op   gen.SyncOperationEnum
		list []gen.CustomObj
		want string
		then string // the seats of lead 7
	}{
		{"INSERT", "INSERT", []gen.CustomObj{seat("A1", "LeadId", "8"), seat("B1", "LeadId", "7"), seat("B1")}, "[FAILED! CREATED FAILED!]", "A1 B1"},
		{"UPDATE", "UPDATE", []gen.CustomObj{seat("A1", "LeadId", "8"), seat("B1")}, "[UPDATED FAILED!]", ""},
		{"UPSERT", "UPSERT", []gen.CustomObj{seat("A2", "leadid", "7"), seat("B1", "LeadId", "7"), seat("B1", "Note", "window")}, "[UPDATED CREATED UPDATED]", "A1 A2 B1"},
		{"unchanged", "UPSERT", []gen.CustomObj{seat("A1", "LeadId", "7"), seat("A1")}, "[UPDATED UPDATED]", "A1"},
		{"cleared", "UPSERT", []gen.CustomObj{seat("A1", "LeadId", "")}, "[UPDATED]", ""},
		{"bad", "UPSERT", []gen.CustomObj{
			noKey, extraKey, linkAsKey, {}, seat("A1", "Colour", "red"), seat("A1", "LeadId", "me"), seat("A1", "LeadId", "8", "leadid", "8"), seat("Ax"),
		}, "[FAILED! FAILED! FAILED! FAILED! FAILED! FAILED! FAILED! FAILED!]", "A1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim := customSetup(t, 2)
			out, err := sim.SyncCustomObjects(t.Context(), &gen.ParamsSyncCustomObjects{
				ObjTypeName: "seaT", CustomObjList: &gen.ArrayOfCustomObj{CustomObj: test.list}, Operation: gen.Some(test.op),
			})
			if err != nil {
				t.Fatal(err)
			}
			encode(t, out)
			list := out.Result.SyncCustomObjStatusList
			if got := customOutcome(list); got != test.want || list.SyncCustomObjStatus[0].ObjTypeName != "Seat" {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if got := seatNames(customs(t, sim, seats("LeadId", "7"))); got != test.then {
				t.Errorf("seats of the lead: %s, want %s", got, test.then)
			}
		})
	}
}

func TestCustomObjects_faults(t *testing.T) {
	t.Parallel()
	sim := customSetup(t, 1)
	list := func(n int) *gen.ArrayOfCustomObj {
		return &gen.ArrayOfCustomObj{CustomObj: slices.Repeat([]gen.CustomObj{seat("B1")}, n)}
	}
	upsert := gen.Some(gen.SyncOperationEnumUPSERT)
	for _, test := range []struct {
		in   *gen.ParamsSyncCustomObjects
		code fault.Code
	}{
		{nil, fault.CodeParameterRequired},
		{&gen.ParamsSyncCustomObjects{ObjTypeName: "Seat", Operation: upsert}, fault.CodeParameterRequired},
		{&gen.ParamsSyncCustomObjects{ObjTypeName: "Seat", CustomObjList: list(1)}, fault.CodeParameterRequired},
		{&gen.ParamsSyncCustomObjects{ObjTypeName: "Seat", CustomObjList: list(1), Operation: gen.Some(gen.SyncOperationEnum("MERGE"))}, fault.CodeBadParameter},
		{&gen.ParamsSyncCustomObjects{ObjTypeName: "Stool", CustomObjList: list(1), Operation: upsert}, fault.CodeBadParameter},
		{&gen.ParamsSyncCustomObjects{ObjTypeName: "Seat", CustomObjList: list(101), Operation: upsert}, fault.CodeBadParameter},
		{&gen.ParamsSyncCustomObjects{ObjTypeName: "Seat", CustomObjList: list(100), Operation: upsert}, 0},
	} {
		if _, err := sim.SyncCustomObjects(t.Context(), test.in); codeOf(err) != test.code {
			t.Errorf("%+v: %v, want %d", test.in, err, test.code)
		}
	}
	for _, test := range []struct {
		in   *gen.ParamsDeleteCustomObjects
		code fault.Code
	}{
		{nil, fault.CodeParameterRequired},
		{&gen.ParamsDeleteCustomObjects{ObjTypeName: "Seat"}, fault.CodeParameterRequired},
		{&gen.ParamsDeleteCustomObjects{ObjTypeName: "Stool"}, fault.CodeBadParameter},
		{&gen.ParamsDeleteCustomObjects{ObjTypeName: "Seat", CustomObjKeyLists: &gen.ArrayOfKeyList{KeyList: make([]gen.ArrayOfAttribute, 101)}}, 0},
	} {
		if _, err := sim.DeleteCustomObjects(t.Context(), test.in); codeOf(err) != test.code {
			t.Errorf("%+v: %v, want %d", test.in, err, test.code)
		}
	}
}

func TestAddCustomObjectType_errors(t *testing.T) {
	t.Parallel()
	sim := customSetup(t, 1)
	key := []simulator.Field{{Name: "Id"}}
	for _, bad := range []simulator.CustomObjectType{
		{}, {Name: "Stool"}, {Name: "SEAT", Keys: key}, {Name: "Stool", Keys: key, LinkField: "LeadId"},
		{Name: "Stool", Keys: key, Fields: []simulator.Field{{Name: "ID"}}},
		{Name: "Stool", Keys: key, Fields: make([]simulator.Field, 50)},
		{Name: "Stool", Keys: []simulator.Field{{Name: "Id", DataType: "Array"}}},
	} {
		if err := sim.AddCustomObjectType(bad); err == nil {
			t.Errorf("no error for %+v", bad)
		}
	}
	for _, keys := range [][]simulator.Attribute{nil, {{Name: "Row", Value: "A"}}, {{Name: "Row", Value: "A"}, {Name: "Number", Value: "1"}}, {{Name: "Row", Value: "A"}, {Name: "Number", Value: "x"}}} {
		if err := sim.AddCustomObject("Seat", keys, nil); err == nil {
			t.Errorf("no error for the keys %v", keys)
		}
	}
	if err := sim.AddCustomObject("Stool", nil, nil); err == nil {
		t.Error("no error for an unknown type")
	}
}

// A position belongs to what was asked for, however nil and absent parts of it are
// written.
func TestGetCustomObjects_nilIsAbsent(t *testing.T) {
	t.Parallel()
	sim := customSetup(t, 3)
	in := seats("Row", "A")
	in.BatchSize = gen.Some[int32](1)
	in.StreamPosition = gen.Some(customs(t, sim, in).NewStreamPosition)
	in.CustomObjKeyList.Value.Attribute[0].AttrType = gen.NilOf[string]()
	if got := seatNames(customs(t, sim, in)); got != "A2" {
		t.Errorf("got %s, want A2", got)
	}
}
