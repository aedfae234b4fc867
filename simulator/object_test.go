package simulator_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// objectSetup returns a simulator at noon with leads 7 and 8, the opportunities 1 to n,
// and a role of lead 7 in the first.
func objectSetup(t testing.TB, n int, opts ...simulator.Option) *simulator.Simulator {
	t.Helper()
	sim := setup(t, 0, opts...)
	for i := range n {
		addOpportunity(t, sim, simulator.Opportunity{
			ExternalKey: &simulator.Attribute{Name: "CrmId", Value: fmt.Sprint("c", i+1)}, Company: company(500 + int32(i%2)),
			Attributes: []simulator.Attribute{{Name: "Name", Value: fmt.Sprint("Deal ", i+1)}, {Name: "Stage", Value: "Open"}},
		})
	}
	_, err := sim.AddOpportunityRole(simulator.OpportunityRole{OpportunityID: 1, LeadID: 7, Attributes: []simulator.Attribute{{Name: "Role", Value: "Buyer"}}})
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

func addOpportunity(t testing.TB, sim *simulator.Simulator, o simulator.Opportunity) int64 {
	t.Helper()
	id, err := sim.AddOpportunity(o)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func mobjects(t testing.TB, sim *simulator.Simulator, in *gen.ParamsGetMObjects) *gen.ResultGetMObjects {
	t.Helper()
	out, err := sim.GetMObjects(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	return out.Result
}

// codeOf returns the code of an error that is a fault, else 0.
func codeOf(err error) fault.Code {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return 0
	}
	return f.Code
}

func mobjectIDs(r *gen.ResultGetMObjects) []int32 {
	list := []int32{}
	for _, o := range r.MObjectList.Value.MObject {
		list = append(list, o.Id.Value)
	}
	return list
}

// attribsOf makes attributes of pairs: name, value.
func attribsOf(pairs ...string) gen.Opt[gen.ArrayOfAttrib] {
	var list gen.ArrayOfAttrib
	for i := 0; i < len(pairs); i += 2 {
		list.Attrib = append(list.Attrib, gen.Attrib{Name: pairs[i], Value: pairs[i+1]})
	}
	return gen.Some(list)
}

// withAssociations makes associations of pairs: type, id.
func withAssociations(pairs ...any) gen.Opt[gen.ArrayOfMObjAssociation] {
	var list gen.ArrayOfMObjAssociation
	for i := 0; i < len(pairs); i += 2 {
		list.MObjAssociation = append(list.MObjAssociation, gen.MObjAssociation{
			MObjType: pairs[i].(string), Id: gen.Some(int32(pairs[i+1].(int))),
		})
	}
	return gen.Some(list)
}

func having(list ...string) gen.Opt[gen.ArrayOfMObjCriteria] {
	var all gen.ArrayOfMObjCriteria
	for i := 0; i < len(list); i += 3 {
		all.MObjCriteria = append(all.MObjCriteria, gen.MObjCriteria{AttrName: list[i], Comparison: gen.ComparisonEnum(list[i+1]), AttrValue: list[i+2]})
	}
	return gen.Some(all)
}

// A whole answer: what an object has not is absent, times are on the service's clock.
func TestGetMObjects_form(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 1)
	when := gen.Some(gen.DateTime("2015-09-04T12:00:00-05:00"))
	want := []gen.MObject{{
		Type: "Opportunity", Id: gen.Some[int32](1), ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "c1"}), CreatedAt: when, UpdatedAt: when,
		AttribList: attribsOf("Name", "Deal 1", "Stage", "Open"), AssociationList: withAssociations("Company", 500),
	}}
	got := mobjects(t, sim, &gen.ParamsGetMObjects{Type: "Opportunity"})
	if diff := cmp.Diff(want, got.MObjectList.Value.MObject); diff != "" {
		t.Error(diff)
	}
	want = []gen.MObject{{
		Type: "OpportunityPersonRole", Id: gen.Some[int32](1), CreatedAt: when, UpdatedAt: when,
		AttribList:      attribsOf("OpportunityId", "1", "PersonId", "7", "Role", "Buyer"),
		AssociationList: withAssociations("Opportunity", 1, "Lead", 7),
	}}
	got = mobjects(t, sim, &gen.ParamsGetMObjects{Type: "OpportunityPersonRole"})
	if diff := cmp.Diff(want, got.MObjectList.Value.MObject); diff != "" {
		t.Error(diff)
	}
	none := mobjects(t, sim, &gen.ParamsGetMObjects{Type: "Program"})
	if none.MObjectList.State != gen.Absent || none.ReturnCount != 0 || none.HasMore || none.NewStreamPosition == "" {
		t.Errorf("empty answer %+v", none)
	}
}

func TestGetMObjects_queries(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 4)
	byKey := func(kind, name, value string) gen.Opt[gen.ArrayOfMObjAssociation] {
		return gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{
			{MObjType: kind, ExternalKey: gen.Some(gen.Attrib{Name: name, Value: value})},
		}})
	}
	tests := []struct {
		name string
		in   gen.ParamsGetMObjects
		want []int32
	}{
		{"company", gen.ParamsGetMObjects{MObjAssociationList: withAssociations("Company", 501)}, []int32{2, 4}},
		{"company and lead", gen.ParamsGetMObjects{MObjAssociationList: withAssociations("Company", 500, "Lead", 7)}, []int32{1}},
		{"lead by address", gen.ParamsGetMObjects{MObjAssociationList: byKey("Lead", "Email", "a@example.com")}, []int32{1}},
		{"lead without roles", gen.ParamsGetMObjects{MObjAssociationList: withAssociations("Lead", 8)}, []int32{}},
		{"opportunity by key", gen.ParamsGetMObjects{MObjAssociationList: byKey("Opportunity", "CrmId", "c3")}, []int32{3}},
		{"unknown opportunity", gen.ParamsGetMObjects{MObjAssociationList: withAssociations("Opportunity", 9)}, []int32{}},
		{"CRM Id", gen.ParamsGetMObjects{MObjCriteriaList: having("CRM Id", "EQ", "C2")}, []int32{2}},
		{"names fold", gen.ParamsGetMObjects{MObjCriteriaList: having("name", "EQ", "DEAL 2")}, []int32{2}},
		{"texts in order", gen.ParamsGetMObjects{MObjCriteriaList: having("Name", "GE", "Deal 3")}, []int32{3, 4}},
		{"date", gen.ParamsGetMObjects{MObjCriteriaList: having("Created At", "GE", "2015-09-04", "Created At", "LT", "2015-09-05")}, []int32{1, 2, 3, 4}},
		{"time", gen.ParamsGetMObjects{MObjCriteriaList: having("Created At", "EQ", "2015-09-04 12:00:00")}, []int32{1, 2, 3, 4}},
		{"after", gen.ParamsGetMObjects{MObjCriteriaList: having("Updated At", "GT", "2015-09-04T17:00:00Z")}, []int32{}},
		{"empty position", gen.ParamsGetMObjects{Id: gen.Some[int32](3), StreamPosition: gen.Some("")}, []int32{3}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.in.Type = "Opportunity"
			if diff := cmp.Diff(test.want, mobjectIDs(mobjects(t, sim, &test.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
	// A role belongs to the company of its opportunity.
	for company, want := range map[int][]int32{500: {1}, 501: {}} {
		in := &gen.ParamsGetMObjects{Type: "OpportunityPersonRole", MObjAssociationList: withAssociations("Company", company)}
		if diff := cmp.Diff(want, mobjectIDs(mobjects(t, sim, in))); diff != "" {
			t.Error(diff)
		}
	}
}

func TestGetMObjects_faults(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 4, simulator.WithPageLimit(2))
	given := mobjects(t, sim, &gen.ParamsGetMObjects{Type: "Opportunity"}).NewStreamPosition
	key := gen.Some(gen.Attrib{Name: "CrmId", Value: "c1"})
	tests := []struct {
		name string
		in   *gen.ParamsGetMObjects
		code fault.Code
	}{
		{"no request", nil, fault.CodeParameterRequired},
		{"type", &gen.ParamsGetMObjects{Type: "opportunity"}, fault.CodeBadParameter},
		{"id and key", &gen.ParamsGetMObjects{Type: "Opportunity", Id: gen.Some[int32](1), ExternalKey: key}, fault.CodeBadParameter},
		{"no name", &gen.ParamsGetMObjects{Type: "Opportunity", MObjCriteriaList: having("", "EQ", "")}, fault.CodeParameterRequired},
		{"name of another type", &gen.ParamsGetMObjects{Type: "Opportunity", MObjCriteriaList: having("Role", "EQ", "")}, fault.CodeBadParameter},
		{"comparison", &gen.ParamsGetMObjects{Type: "Opportunity", MObjCriteriaList: having("Name", "", "x")}, fault.CodeBadParameter},
		{"archive", &gen.ParamsGetMObjects{Type: "Program", MObjCriteriaList: having("Include Archive", "EQ", "perhaps")}, fault.CodeBadParameter},
		{"not archive", &gen.ParamsGetMObjects{Type: "Program", MObjCriteriaList: having("Include Archive", "NE", "true")}, fault.CodeBadParameter},
		{"association of a program", &gen.ParamsGetMObjects{Type: "Program", MObjAssociationList: withAssociations("Lead", 7)}, fault.CodeBadParameter},
		{"association with nothing", &gen.ParamsGetMObjects{Type: "Opportunity", MObjAssociationList: gen.Some(gen.ArrayOfMObjAssociation{
			MObjAssociation: []gen.MObjAssociation{{MObjType: "Lead"}},
		})}, fault.CodeParameterRequired},
		{"position of another request", &gen.ParamsGetMObjects{Type: "OpportunityPersonRole", StreamPosition: gen.Some(given)}, fault.CodeBadStreamPosition},
		{"half a position", &gen.ParamsGetMObjects{Type: "Opportunity", StreamPosition: gen.Some(given[:len(given)/2])}, fault.CodeBadStreamPosition},
	}
	for i := range given {
		forged := []byte(given)
		if forged[i]++; forged[i] > 'z' {
			forged[i] = 'A'
		}
		tests = append(tests, struct {
			name string
			in   *gen.ParamsGetMObjects
			code fault.Code
		}{fmt.Sprint("letter ", i), &gen.ParamsGetMObjects{Type: "Opportunity", StreamPosition: gen.Some(string(forged))}, fault.CodeBadStreamPosition})
	}
	for _, test := range tests {
		_, err := sim.GetMObjects(t.Context(), test.in)
		if codeOf(err) != test.code {
			t.Errorf("%s: %v, want %d", test.name, err, test.code)
		}
	}
}

// What is added or deleted between two calls neither shifts nor repeats a record.
func TestGetMObjects_stablePages(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 6, simulator.WithPageLimit(2))
	in := &gen.ParamsGetMObjects{Type: "Opportunity"}
	next := func() []int32 {
		r := mobjects(t, sim, in)
		in.StreamPosition = gen.Some(r.NewStreamPosition)
		return mobjectIDs(r)
	}
	if got := next(); !slices.Equal(got, []int32{1, 2}) {
		t.Fatal(got)
	}
	deleteObjects(t, sim, "Opportunity", 1, 2, 3)
	addOpportunity(t, sim, simulator.Opportunity{ID: 1})
	if got := next(); !slices.Equal(got, []int32{4, 5}) {
		t.Errorf("second page %v, want 4 and 5", got)
	}
	addOpportunity(t, sim, simulator.Opportunity{})
	if got := next(); !slices.Equal(got, []int32{6, 7}) {
		t.Errorf("third page %v, want 6 and 7", got)
	}
	if _, err := sim.GetMObjects(t.Context(), in); codeOf(err) != fault.CodeStreamAtEnd {
		t.Errorf("beyond the end: %v", err)
	}
}

func deleteObjects(t testing.TB, sim *simulator.Simulator, kind string, ids ...int32) string {
	t.Helper()
	list := new(gen.ArrayOfMObject)
	for _, id := range ids {
		list.MObject = append(list.MObject, gen.MObject{Type: kind, Id: gen.Some(id)})
	}
	out, err := sim.DeleteMObjects(t.Context(), &gen.ParamsDeleteMObjects{MObjectList: list})
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	return objectOutcome(out.Result.MObjStatusList)
}

// objectOutcome tells statuses as text: the id, the status and whether there is an error.
func objectOutcome(list *gen.ArrayOfMObjStatus) string {
	var text []string
	for _, s := range list.MObjStatus {
		id := "nil"
		if s.Id.State == gen.Present {
			id = strconv.Itoa(int(s.Id.Value))
		}
		if s.Error.State == gen.Present {
			id += "!"
		}
		text = append(text, id+" "+string(s.Status))
	}
	return fmt.Sprint(text)
}

func syncObjects(t testing.TB, sim *simulator.Simulator, op gen.SyncOperationEnum, list ...gen.MObject) string {
	t.Helper()
	out, err := sim.SyncMObjects(t.Context(), &gen.ParamsSyncMObjects{MObjectList: &gen.ArrayOfMObject{MObject: list}, Operation: op})
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	return objectOutcome(out.Result.MObjStatusList)
}

func TestSyncMObjects_outcomes(t *testing.T) {
	t.Parallel()
	deal := func(id int32, key string, pairs ...string) gen.MObject {
		o := gen.MObject{Type: "Opportunity", AttribList: attribsOf(pairs...)}
		if id != 0 {
			o.Id = gen.Some(id)
		}
		if key != "" {
			o.ExternalKey = gen.Some(gen.Attrib{Name: "CrmId", Value: key})
		}
		return o
	}
	role := func(opportunity, lead, text string) gen.MObject {
		return gen.MObject{Type: "OpportunityPersonRole", AttribList: attribsOf("OpportunityId", opportunity, "PersonId", lead, "Role", text)}
	}
	roleByID := role("2", "8", "User")
	roleByID.Id = gen.Some[int32](1)
	keyedRole := role("1", "7", "User")
	keyedRole.ExternalKey = gen.Some(gen.Attrib{Name: "CrmId", Value: "r"})
	torn := role("1", "7", "User")
	torn.AssociationList = withAssociations("Opportunity", 2)
	moved := deal(1, "")
	moved.AssociationList = withAssociations("Company", 999)
	misplaced := deal(1, "")
	misplaced.AssociationList = withAssociations("Lead", 7)
	tagged := deal(1, "")
	tagged.TypeAttribList = gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{{AttrType: "Tag"}}})
	program := gen.MObject{Type: "Program", Id: gen.Some[int32](1)}
	tests := []struct {
		name string
		op   gen.SyncOperationEnum
		list []gen.MObject
		want string
	}{
		{"new ids and the latest key", "UPSERT", []gen.MObject{deal(0, "x"), deal(0, ""), deal(0, "x", "Name", "X")}, "[3 CREATED 4 CREATED 3 UPDATED]"},
		{"INSERT", "INSERT", []gen.MObject{deal(1, ""), deal(0, "c2"), deal(9, ""), deal(0, "new")}, "[1! SKIPPED 2! SKIPPED 9! FAILED 3 CREATED]"},
		{"UPDATE", "UPDATE", []gen.MObject{deal(1, "", "Stage", "Won"), deal(0, "new"), deal(9, ""), deal(0, "")}, "[1 UPDATED nil! SKIPPED 9! FAILED nil! SKIPPED]"},
		{"unchanged", "UPSERT", []gen.MObject{deal(1, "", "Stage", "Open"), deal(1, "", "NextStep", ""), deal(1, "", "Stage", "")}, "[1 UNCHANGED 1 UNCHANGED 1 UPDATED]"},
		{"the key is written", "UPDATE", []gen.MObject{deal(1, "other"), deal(0, "other"), deal(0, "c1")}, "[1 UPDATED 1 UNCHANGED nil! SKIPPED]"},
		{"company", "UPDATE", []gen.MObject{moved, moved, misplaced}, "[1 UPDATED 1 UNCHANGED 1! FAILED]"},
		{"bad values", "UPSERT", []gen.MObject{
			deal(1, "", "Amount", "much"), deal(1, "", "IsWon", "perhaps"), deal(1, "", "CloseDate", "soon"), deal(1, "", "Colour", "red"),
			deal(1, "", "Id", "5"), tagged, deal(0, "", "Amount", "Inf"),
		}, "[1! FAILED 1! FAILED 1! FAILED 1! FAILED 1! FAILED 1! FAILED nil! FAILED]"},
		{"good values", "UPDATE", []gen.MObject{deal(1, "", "Amount", "1.5", "IsWon", "1", "CloseDate", "2015-12-31", "LastActivityDate", "2015-12-31T00:00:00Z")}, "[1 UPDATED]"},
		{"roles", "UPSERT", []gen.MObject{role("1", "7", "Buyer"), role("1", "7", "User"), role("2", "8", "")}, "[1 UNCHANGED 2 CREATED 3 CREATED]"},
		{"role by id", "UPDATE", []gen.MObject{roleByID, roleByID, role("2", "8", "User")}, "[1 UPDATED 1 UNCHANGED 1 UNCHANGED]"},
		{"bad roles", "UPSERT", []gen.MObject{role("9", "7", ""), role("1", "9", ""), role("x", "7", ""), keyedRole, torn}, "[nil! FAILED nil! FAILED nil! FAILED nil! FAILED nil! FAILED]"},
		{"types", "UPSERT", []gen.MObject{{Type: "Lead"}, {}, program}, "[nil! FAILED nil! FAILED 1! FAILED]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := syncObjects(t, objectSetup(t, 2), test.op, test.list...); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestSyncMObjects_faults(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 1)
	some := func(n int) *gen.ArrayOfMObject { return &gen.ArrayOfMObject{MObject: make([]gen.MObject, n)} }
	for _, test := range []struct {
		in   *gen.ParamsSyncMObjects
		code fault.Code
	}{
		{nil, fault.CodeParameterRequired},
		{&gen.ParamsSyncMObjects{MObjectList: some(0), Operation: "UPSERT"}, fault.CodeParameterRequired},
		{&gen.ParamsSyncMObjects{MObjectList: some(1)}, fault.CodeParameterRequired},
		{&gen.ParamsSyncMObjects{MObjectList: some(1), Operation: "MERGE"}, fault.CodeBadParameter},
		{&gen.ParamsSyncMObjects{MObjectList: some(101), Operation: "UPSERT"}, fault.CodeBadParameter},
		{&gen.ParamsSyncMObjects{MObjectList: some(100), Operation: "UPSERT"}, 0},
	} {
		if _, err := sim.SyncMObjects(t.Context(), test.in); codeOf(err) != test.code {
			t.Errorf("%+v: %v, want %d", test.in, err, test.code)
		}
	}
}

func TestDeleteMObjects(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 3)
	if got, want := deleteObjects(t, sim, "Opportunity", 1, 1, 9), "[1 DELETED 1 UNCHANGED 9 UNCHANGED]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := mobjects(t, sim, &gen.ParamsGetMObjects{Type: "OpportunityPersonRole"}); got.ReturnCount != 0 {
		t.Error("the roles of a deleted opportunity are left")
	}
	if got := deleteObjects(t, sim, "Program", 1); got != "[1! FAILED]" {
		t.Errorf("a program: %s", got)
	}
	if got := syncObjects(t, sim, "UPSERT", gen.MObject{Type: "Opportunity", ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "c1"})}); got != "[4 CREATED]" {
		t.Errorf("the key of a deleted opportunity: %s, want a new one with a new id", got)
	}
	out, err := sim.DeleteMObjects(t.Context(), &gen.ParamsDeleteMObjects{MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{{Type: "Opportunity"}}}})
	if err != nil || objectOutcome(out.Result.MObjStatusList) != "[nil! FAILED]" {
		t.Errorf("without id: %v, %v", out, err)
	}
}

// Only syncMObjects has a maximum.
func TestDeleteMObjects_many(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 101)
	ids := make([]int32, 101)
	for i := range ids {
		ids[i] = int32(i + 1)
	}
	if got := deleteObjects(t, sim, "Opportunity", ids...); strings.Count(got, "DELETED") != 101 {
		t.Errorf("got %s", got)
	}
}

// A nil part of an association names nothing, and a position belongs to the request
// whether a part is nil or absent.
func TestGetMObjects_nilIsAbsent(t *testing.T) {
	t.Parallel()
	sim := setup(t, 0)
	company := func(id gen.Opt[int32]) gen.Opt[gen.ArrayOfMObjAssociation] {
		return gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{
			{MObjType: "Company", Id: id, ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "c"})},
		}})
	}
	null, absent := gen.NilOf[int32](), gen.Opt[int32]{}
	for i := range 101 {
		o := gen.MObject{Type: "Opportunity", AssociationList: company(null)}
		if i%2 == 0 {
			o.AssociationList = company(absent)
		}
		if got := syncObjects(t, sim, "UPSERT", o); !strings.Contains(got, "CREATED") {
			t.Fatal(got)
		}
	}
	for _, id := range []gen.Opt[int32]{null, absent} {
		in := &gen.ParamsGetMObjects{Type: "Opportunity", MObjAssociationList: company(id)}
		first := mobjects(t, sim, in)
		if first.ReturnCount != 100 || !first.HasMore {
			t.Errorf("%+v: %d objects, want 100 and more", id, first.ReturnCount)
		}
		other := absent
		if id == absent {
			other = null
		}
		in = &gen.ParamsGetMObjects{
			Type: "Opportunity", Id: gen.NilOf[int32](), ExternalKey: gen.NilOf[gen.Attrib](), MObjAssociationList: company(other),
			MObjCriteriaList: gen.NilOf[gen.ArrayOfMObjCriteria](), StreamPosition: gen.Some(first.NewStreamPosition),
		}
		if got := mobjectIDs(mobjects(t, sim, in)); !slices.Equal(got, []int32{101}) {
			t.Errorf("the second page has %v, want 101", got)
		}
	}
	same := gen.MObject{Type: "Opportunity", Id: gen.Some[int32](1), AssociationList: company(null)}
	if got := syncObjects(t, sim, "UPDATE", same); got != "[1 UNCHANGED]" {
		t.Errorf("got %s, want the company unchanged", got)
	}
}

// External keys are not unique: the latest object counts, and once it is gone the one
// before.
func TestSyncMObjects_latestKey(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 1)
	addOpportunity(t, sim, simulator.Opportunity{ExternalKey: &simulator.Attribute{Name: "CrmId", Value: "c1"}})
	in := &gen.ParamsGetMObjects{Type: "Opportunity", ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "c1"})}
	if got := mobjectIDs(mobjects(t, sim, in)); !slices.Equal(got, []int32{2}) {
		t.Errorf("the key finds %v, want 2", got)
	}
	deleteObjects(t, sim, "Opportunity", 2)
	if got := mobjectIDs(mobjects(t, sim, in)); !slices.Equal(got, []int32{1}) {
		t.Errorf("the key finds %v, want 1", got)
	}
}

func TestDescribeMObject_customField(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 1)
	for _, bad := range []struct {
		kind  string
		field simulator.Field
	}{
		{"Program", simulator.Field{Name: "Colour"}}, {"Opportunity", simulator.Field{Name: "Stage"}},
		{"Opportunity", simulator.Field{}}, {"Opportunity", simulator.Field{Name: "Colour", DataType: "Array"}},
	} {
		if err := sim.AddObjectField(bad.kind, bad.field); err == nil {
			t.Errorf("no error for %+v", bad)
		}
	}
	if err := sim.AddObjectField("Opportunity", simulator.Field{Name: "Seats", DataType: "integer"}); err != nil {
		t.Fatal(err)
	}
	out, err := sim.DescribeMObject(t.Context(), &gen.ParamsDescribeMObject{ObjectName: "Opportunity"})
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	fields := out.Result.Metadata.FieldList.Field
	last := fields[len(fields)-1]
	if last.Name != "Seats" || !last.IsCustom || last.DataType != "integer" || fields[1].IsCustom || !fields[0].IsPrimaryKey {
		t.Errorf("fields %+v", fields)
	}
	seats := func(text string) gen.MObject {
		return gen.MObject{Type: "Opportunity", Id: gen.Some[int32](1), AttribList: attribsOf("Seats", text)}
	}
	if got := syncObjects(t, sim, "UPDATE", seats("12"), seats("many")); got != "[1 UPDATED 1! FAILED]" {
		t.Error(got)
	}
}

func TestAddOpportunity_errors(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 1)
	for _, o := range []simulator.Opportunity{
		{ID: 1}, {ID: -1}, {ID: 1 << 31}, {Company: &simulator.Company{}}, {ExternalKey: &simulator.Attribute{Name: "CrmId"}},
		{Attributes: []simulator.Attribute{{Name: "Colour", Value: "red"}}}, {Attributes: []simulator.Attribute{{Name: "Amount", Value: "much"}}},
	} {
		if id, err := sim.AddOpportunity(o); err == nil {
			t.Errorf("%+v: no error, id %d", o, id)
		}
	}
	for _, r := range []simulator.OpportunityRole{
		{OpportunityID: 9, LeadID: 7}, {OpportunityID: 1, LeadID: 9}, {ID: 1, OpportunityID: 1, LeadID: 7},
		{OpportunityID: 1, LeadID: 7, Attributes: []simulator.Attribute{{Name: "PersonId", Value: "8"}}},
	} {
		if id, err := sim.AddOpportunityRole(r); err == nil {
			t.Errorf("%+v: no error, id %d", r, id)
		}
	}
}

// A role follows its lead into a merge.
func TestMergeLeads_roles(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 1)
	byID := func(id string) gen.ArrayOfAttribute {
		return gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "IDNUM", AttrValue: id}}}
	}
	winner := byID("8")
	_, err := sim.MergeLeads(t.Context(), &gen.ParamsMergeLeads{
		WinningLeadKeyList: &winner, LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{byID("7")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	in := &gen.ParamsGetMObjects{Type: "OpportunityPersonRole", MObjAssociationList: withAssociations("Lead", 8)}
	if got := mobjectIDs(mobjects(t, sim, in)); !slices.Equal(got, []int32{1}) {
		t.Errorf("roles of the winner %v", got)
	}
}

// Empty pages do not make a position stand still.
func TestGetMObjects_emptyPages(t *testing.T) {
	t.Parallel()
	sim := objectSetup(t, 5, simulator.WithPageLimit(1), simulator.WithEmptyPages(0.6), simulator.WithSeed(3))
	in := &gen.ParamsGetMObjects{Type: "Opportunity"}
	var got []int32
	for range 200 {
		r := mobjects(t, sim, in)
		got = append(got, mobjectIDs(r)...)
		if in.StreamPosition.Value == r.NewStreamPosition {
			t.Fatal("the position stands still")
		}
		if in.StreamPosition = gen.Some(r.NewStreamPosition); !r.HasMore {
			break
		}
	}
	if !slices.Equal(got, []int32{1, 2, 3, 4, 5}) {
		t.Errorf("ids %v", got)
	}
}

func TestSyncMObjects_times(t *testing.T) {
	t.Parallel()
	now := noon
	sim := objectSetup(t, 1, simulator.WithClock(func() time.Time { return now }))
	now = noon.Add(time.Hour)
	syncObjects(t, sim, "UPDATE", gen.MObject{Type: "Opportunity", Id: gen.Some[int32](1), AttribList: attribsOf("Stage", "Won")})
	o := mobjects(t, sim, &gen.ParamsGetMObjects{Type: "Opportunity"}).MObjectList.Value.MObject[0]
	if o.CreatedAt.Value != "2015-09-04T12:00:00-05:00" || o.UpdatedAt.Value != "2015-09-04T13:00:00-05:00" {
		t.Errorf("created %s, updated %s", o.CreatedAt.Value, o.UpdatedAt.Value)
	}
}
