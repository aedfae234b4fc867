package porttest

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

const (
	opportunity = "Opportunity"
	role        = "OpportunityPersonRole"
	program     = "Program"
)

// objectCases are about reading objects.
func objectCases() []testCase {
	return []testCase{
		{"listMObjects", positive, "the four types", listObjects},
		{"listMObjects", empty, "the same after a delete", listObjectsTwice},
		{"listMObjects", badInput, "what is not listed cannot be described", listObjectsOthers},
		{"describeMObject", positive, "every type that is listed", describeAll},
		{"describeMObject", empty, "no name", describeEmpty},
		{"describeMObject", badInput, "unknown names", describeBad},
		{"getMObjects", positive, "by id and by external key", objectsByKey},
		{"getMObjects", positive, "by criteria", objectsByCriteria},
		{"getMObjects", positive, "by association", objectsByAssociation},
		{"getMObjects", positive, "a program with its details", objectsProgram},
		{"getMObjects", empty, "nothing matches", objectsEmpty},
		{"getMObjects", paged, "130 in pages of 100", objectsPaged},
		{"getMObjects", badInput, "types, criteria and positions", objectsBad},
	}
}

// listedObjects returns the names that listMObjects gives.
func listedObjects(t testing.TB, f Fixture) []string {
	t.Helper()
	return must(f.Port.ListMObjects(t.Context(), new(gen.ParamsListMObjects)))(t).Result.Objects
}

// listObjects states which types are listed. Programs are not among them, although they can be read and written.
func listObjects(t testing.TB, f Fixture) {
	sameSet(t, "objects", listedObjects(t, f), []string{"ActivityRecord", "LeadRecord", opportunity, role})
}

// listObjectsTwice stands for the empty case. The operation has no input that could be empty; what can be stated is
// that the list does not depend on whether there are objects of a type.
func listObjectsTwice(t testing.TB, f Fixture) {
	first := listedObjects(t, f)
	must(f.Port.DeleteMObjects(t.Context(), deleteRequest(role, roleOne)))(t)
	sameList(t, "objects", listedObjects(t, f), first)
}

// listObjectsOthers stands for the bad input. The operation has no input that could be bad, but a name that is not
// listed is bad input for describeMObject.
func listObjectsOthers(t testing.TB, f Fixture) {
	for _, name := range []string{program, customType, "OpportunityLeadRole"} {
		if slices.Contains(listedObjects(t, f), name) {
			t.Errorf("%s is listed", name)
		}
		_, err := f.Port.DescribeMObject(t.Context(), &gen.ParamsDescribeMObject{ObjectName: name})
		refused(t, err, bad...)
	}
}

// describeAll states that every listed type can be described, and which fields of opportunities and roles there are
// at least.
func describeAll(t testing.TB, f Fixture) {
	for _, name := range listedObjects(t, f) {
		m := must(f.Port.DescribeMObject(t.Context(), &gen.ParamsDescribeMObject{ObjectName: name}))(t).Result.Metadata
		equal(t, "name", m.Name, name)
		equal(t, "isCustom", m.IsCustom, false)
		equal(t, "isVirtual of "+name, m.IsVirtual, name == "ActivityRecord" || name == "LeadRecord")
		var fields []string
		for _, field := range m.FieldList.Field {
			fields = append(fields, field.Name)
			if field.DataType == "" {
				t.Errorf("%s.%s has no data type", name, field.Name)
			}
		}
		for _, want := range map[string][]string{opportunity: {"Name", "Stage", "Amount"}, role: {"OpportunityId", "PersonId", "Role"}}[name] {
			if !slices.Contains(fields, want) {
				t.Errorf("%s has no field %s: %v", name, want, fields)
			}
		}
	}
}

func describeEmpty(t testing.TB, f Fixture) {
	_, err := f.Port.DescribeMObject(t.Context(), new(gen.ParamsDescribeMObject))
	refused(t, err, missing...)
}

func describeBad(t testing.TB, f Fixture) {
	_, err := f.Port.DescribeMObject(t.Context(), &gen.ParamsDescribeMObject{ObjectName: "NoSuchObject"})
	refused(t, err, bad...)
}

// objects returns what fits into one page of getMObjects, and checks the counts of the answer.
func objects(t testing.TB, f Fixture, in *gen.ParamsGetMObjects) []gen.MObject {
	t.Helper()
	r := must(f.Port.GetMObjects(t.Context(), in))(t).Result
	equal(t, "returnCount", int(r.ReturnCount), len(r.MObjectList.Value.MObject))
	equal(t, "hasMore", r.HasMore, false)
	for _, o := range r.MObjectList.Value.MObject {
		equal(t, "type", o.Type, in.Type)
	}
	return r.MObjectList.Value.MObject
}

func objectIDs(list []gen.MObject) []int64 {
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = int64(list[i].Id.Or(0))
	}
	return ids
}

// attribOf returns the value of an attribute, which has to be there exactly once.
func attribOf(t testing.TB, list []gen.Attrib, name string) string {
	t.Helper()
	var found []string
	for _, a := range list {
		if a.Name == name {
			found = append(found, a.Value)
		}
	}
	if len(found) != 1 {
		t.Errorf("attribute %s stands there %d times, want once: %v", name, len(found), list)
		return ""
	}
	return found[0]
}

// objectsByKey states that an object is found by its id and by its key in another system.
func objectsByKey(t testing.TB, f Fixture) {
	byID := objects(t, f, &gen.ParamsGetMObjects{Type: opportunity, Id: gen.Some[int32](opportunityOne + 6)})
	sameList(t, "by id", objectIDs(byID), []int64{opportunityOne + 6})
	if len(byID) == 1 {
		equal(t, "Name", attribOf(t, byID[0].AttribList.Value.Attrib, "Name"), "Deal 7")
		equal(t, "Amount", attribOf(t, byID[0].AttribList.Value.Attrib, "Amount"), "7000")
	}
	byKey := objects(t, f, &gen.ParamsGetMObjects{Type: opportunity, ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "006-7"})})
	sameList(t, "by external key", objectIDs(byKey), []int64{opportunityOne + 6})
	roles := objects(t, f, &gen.ParamsGetMObjects{Type: role, Id: gen.Some[int32](roleOne)})
	sameList(t, "role", objectIDs(roles), []int64{roleOne})
	if len(roles) == 1 {
		list := roles[0].AttribList.Value.Attrib
		equal(t, "OpportunityId", attribOf(t, list, "OpportunityId"), strconv.Itoa(opportunityOne))
		equal(t, "PersonId", attribOf(t, list, "PersonId"), strconv.Itoa(leadOne))
		equal(t, "Role", attribOf(t, list, "Role"), "Buyer")
	}
}

// criteriaOf returns criteria from triples of name, comparison and value.
func criteriaOf(list ...string) gen.Opt[gen.ArrayOfMObjCriteria] {
	var all gen.ArrayOfMObjCriteria
	for i := 0; i < len(list); i += 3 {
		all.MObjCriteria = append(all.MObjCriteria, gen.MObjCriteria{
			AttrName: list[i], Comparison: gen.ComparisonEnum(list[i+1]), AttrValue: list[i+2],
		})
	}
	return gen.Some(all)
}

// objectsByCriteria states what each comparison selects, for texts, numbers and times, and that several criteria must
// all hold.
func objectsByCriteria(t testing.TB, f Fixture) {
	first := func(offset ...int64) []int64 {
		for i := range offset {
			offset[i] += opportunityOne
		}
		return offset
	}
	id := func(n int) string { return strconv.Itoa(opportunityOne + n) }
	for _, test := range []struct {
		criteria gen.Opt[gen.ArrayOfMObjCriteria]
		want     []int64
	}{
		{criteriaOf("Name", "EQ", "Deal 3"), first(2)},
		{criteriaOf("Id", "LT", id(2)), first(0, 1)},
		{criteriaOf("Id", "LE", id(2)), first(0, 1, 2)},
		{criteriaOf("Id", "GT", id(127)), first(128, 129)},
		{criteriaOf("Id", "GE", id(127)), first(127, 128, 129)},
		{criteriaOf("Id", "LE", id(3), "Id", "NE", id(1)), first(0, 2, 3)},
		{criteriaOf("Id", "LE", id(3), "Stage", "EQ", "Won"), first(1, 3)},
	} {
		name := fmt.Sprint(test.criteria.Value.MObjCriteria)
		list := objects(t, f, &gen.ParamsGetMObjects{Type: opportunity, MObjCriteriaList: test.criteria})
		sameSet(t, name, objectIDs(list), test.want)
	}
	later := criteriaOf("Created At", "GT", string(gen.NewDateTime(now.Add(day))), "Id", "LE", id(3))
	if list := objects(t, f, &gen.ParamsGetMObjects{Type: opportunity, MObjCriteriaList: later}); len(list) != 0 {
		t.Errorf("%d objects were created tomorrow", len(list))
	}
	earlier := criteriaOf("Created At", "LT", string(gen.NewDateTime(now.Add(day))), "Id", "LE", id(3))
	equal(t, "objects created before tomorrow", len(objects(t, f, &gen.ParamsGetMObjects{Type: opportunity, MObjCriteriaList: earlier})), 4)
}

// associationWith selects the objects that belong to one other object.
func associationWith(kind string, id int32) gen.Opt[gen.ArrayOfMObjAssociation] {
	return gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{{MObjType: kind, Id: gen.Some(id)}}})
}

// objectsByAssociation states that roles are found by their lead and by their opportunity.
func objectsByAssociation(t testing.TB, f Fixture) {
	for _, a := range []gen.Opt[gen.ArrayOfMObjAssociation]{associationWith("Lead", leadOne), associationWith(opportunity, opportunityOne)} {
		list := objects(t, f, &gen.ParamsGetMObjects{Type: role, MObjAssociationList: a})
		sameList(t, "roles", objectIDs(list), []int64{roleOne})
	}
	if list := objects(t, f, &gen.ParamsGetMObjects{Type: role, MObjAssociationList: associationWith("Lead", leadTwo)}); len(list) != 0 {
		t.Errorf("%d roles of a lead without any", len(list))
	}
}

// detailsOf returns the groups of attributes of one kind, such as the tags of a program.
func detailsOf(o gen.MObject, kind string) [][]gen.Attrib {
	var found [][]gen.Attrib
	for _, d := range o.TypeAttribList.Value.TypeAttrib {
		if d.AttrType == kind {
			found = append(found, d.AttrList.Value.Attrib)
		}
	}
	return found
}

// theProgram returns the program of the standard data with its details.
func theProgram(t testing.TB, f Fixture) gen.MObject {
	t.Helper()
	list := objects(t, f, &gen.ParamsGetMObjects{Type: program, Id: gen.Some[int32](programID), IncludeDetails: gen.Some(true)})
	if len(list) != 1 {
		t.Fatalf("%d programs, want one", len(list))
	}
	return list[0]
}

// objectsProgram states which details of a program are returned, and that it is found by a tag.
func objectsProgram(t testing.TB, f Fixture) {
	p := theProgram(t, f)
	equal(t, "Name", attribOf(t, p.AttribList.Value.Attrib, "Name"), programAutumn)
	hasRegion := false
	for _, tag := range detailsOf(p, "Tag") {
		hasRegion = hasRegion || attribOf(t, tag, "Type") == "Region" && attribOf(t, tag, "Value") == "Europe"
	}
	equal(t, "the tag Region", hasRegion, true)
	if list := detailsOf(p, "Token"); len(list) != 1 || attribOf(t, list[0], "Value") != "Welcome" {
		t.Errorf("tokens %v", list)
	}
	if list := detailsOf(p, "Cost"); len(list) != 1 || attribOf(t, list[0], "Amount") != "1200" {
		t.Errorf("costs %v", list)
	}
	byTag := objects(t, f, &gen.ParamsGetMObjects{Type: program, MObjCriteriaList: criteriaOf("Tag Type", "EQ", "Region", "Tag Value", "EQ", "Europe")})
	sameList(t, "by tag", objectIDs(byTag), []int64{programID})
}

func objectsEmpty(t testing.TB, f Fixture) {
	for _, in := range []gen.ParamsGetMObjects{
		{Type: opportunity, Id: gen.Some[int32](1)},
		{Type: opportunity, ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "006-0"})},
		{Type: opportunity, MObjCriteriaList: criteriaOf("Name", "EQ", "No Such Deal")},
		{Type: program, MObjCriteriaList: criteriaOf("Tag Type", "EQ", "Region", "Tag Value", "EQ", "Asia")},
	} {
		if list := objects(t, f, &in); len(list) != 0 {
			t.Errorf("%d objects, want none: %+v", len(list), in)
		}
	}
}

// objectsPaged states that pages of 100 bring all objects, and that a position belongs to its query: the same
// position with other criteria is refused.
func objectsPaged(t testing.TB, f Fixture) {
	in := gen.ParamsGetMObjects{Type: opportunity}
	read := func(at string) (page[string], error) {
		request := in
		if at != "" {
			request.StreamPosition = gen.Some(at)
		}
		out, err := f.Port.GetMObjects(t.Context(), &request)
		if err != nil {
			return page[string]{}, err
		}
		if out.Result.ReturnCount > 100 {
			t.Errorf("%d objects on a page", out.Result.ReturnCount)
		}
		return page[string]{objectIDs(out.Result.MObjectList.Value.MObject), out.Result.NewStreamPosition, out.Result.HasMore}, nil
	}
	all := readAll(t, "", read)
	want := down(opportunityOne+opportunityCount-1, opportunityCount)
	sameSet(t, "ids", all.ids, want)
	all.again(t, f, read)
	_, err := read(all.positions[len(all.positions)-1])
	refused(t, err, fault.CodeStreamAtEnd)
	_, err = read(tampered(all.positions[0]))
	refused(t, err, fault.CodeBadStreamPosition)
	in.MObjCriteriaList = criteriaOf("Stage", "EQ", "Won")
	_, err = read(all.positions[0])
	refused(t, err, fault.CodeBadStreamPosition)
}

// objectsBad states what getMObjects refuses.
func objectsBad(t testing.TB, f Fixture) {
	_, err := f.Port.GetMObjects(t.Context(), &gen.ParamsGetMObjects{Type: opportunity, MObjCriteriaList: criteriaOf("Name", "LIKE", "Deal")})
	outside(t, err, "LIKE")
	crm := gen.Some(gen.Attrib{Name: "CrmId", Value: "006-1"})
	for _, test := range []struct {
		name string
		in   gen.ParamsGetMObjects
		want []fault.Code
	}{
		{"no type", gen.ParamsGetMObjects{}, missing},
		{"unknown type", gen.ParamsGetMObjects{Type: "NoSuchObject"}, bad},
		{"id and external key", gen.ParamsGetMObjects{Type: opportunity, Id: gen.Some[int32](opportunityOne), ExternalKey: crm}, bad},
		{"unknown attribute", gen.ParamsGetMObjects{Type: opportunity, MObjCriteriaList: criteriaOf("Colour", "EQ", "red")}, bad},
		{"no number", gen.ParamsGetMObjects{Type: opportunity, MObjCriteriaList: criteriaOf("Id", "GT", "many")}, bad},
		{"no date", gen.ParamsGetMObjects{Type: opportunity, MObjCriteriaList: criteriaOf("Created At", "GT", "yesterday")}, bad},
		{"two types of tag", gen.ParamsGetMObjects{Type: program, MObjCriteriaList: criteriaOf("Tag Type", "EQ", "Region", "Tag Type", "EQ", "Product")}, bad},
		{"unknown association", gen.ParamsGetMObjects{Type: role, MObjAssociationList: associationWith("Planet", 3)}, bad},
		{"made-up position", gen.ParamsGetMObjects{Type: opportunity, StreamPosition: gen.Some("made up")}, []fault.Code{fault.CodeBadStreamPosition}},
	} {
		t.Log(test.name)
		_, err := f.Port.GetMObjects(t.Context(), &test.in)
		refused(t, err, test.want...)
	}
}
