package porttest

import (
	"slices"
	"strconv"
	"testing"

	"github.com/mktows/mktows-go/gen"
)

// objectSyncCases are about writing objects.
func objectSyncCases() []testCase {
	return []testCase{
		{"syncMObjects", positive, "insert, update and upsert", syncObjectsRules},
		{"syncMObjects", positive, "a role for an opportunity of the same call", syncObjectsRole},
		{"syncMObjects", positive, "a role of a lead that a field names", syncObjectsRoleByField},
		{"syncMObjects", positive, "costs and tags of a program", syncObjectsProgram},
		{"syncMObjects", empty, "no objects", syncObjectsEmpty},
		{"syncMObjects", badInput, "bad objects fail alone", syncObjectsFail},
		{"syncMObjects", badInput, "operation and number", syncObjectsBad},
		{"deleteMObjects", positive, "the object is gone", deletePositive},
		{"deleteMObjects", empty, "an id that does not exist", deleteEmpty},
		{"deleteMObjects", badInput, "a program", deleteBad},
	}
}

// deal returns an opportunity with a key of another system.
func deal(externalID string, list ...gen.Attrib) gen.MObject {
	return gen.MObject{Type: opportunity, ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: externalID}), AttribList: tokens(list...)}
}

// syncObjects syncs objects, checks that there is a status for each, and returns the statuses.
func syncObjects(t testing.TB, f Fixture, op gen.SyncOperationEnum, list ...gen.MObject) []gen.MObjStatus {
	t.Helper()
	statuses := must(f.Port.SyncMObjects(t.Context(), &gen.ParamsSyncMObjects{
		MObjectList: &gen.ArrayOfMObject{MObject: list}, Operation: op,
	}))(t).Result.MObjStatusList.MObjStatus
	if len(statuses) != len(list) {
		t.Fatalf("%d statuses for %d objects", len(statuses), len(list))
	}
	return statuses
}

// outcomes returns the statuses without what belongs to them.
func outcomes(list []gen.MObjStatus) []gen.MObjStatusEnum {
	all := make([]gen.MObjStatusEnum, len(list))
	for i := range list {
		all[i] = list[i].Status
	}
	return all
}

const (
	created   = gen.MObjStatusEnumCREATED
	updated   = gen.MObjStatusEnumUPDATED
	unchanged = gen.MObjStatusEnumUNCHANGED
	skipped   = gen.MObjStatusEnumSKIPPED
	failed    = gen.MObjStatusEnumFAILED
)

func stage(text string) gen.Attrib { return gen.Attrib{Name: "Stage", Value: text} }

// syncObjectsRules states what the three operations do with objects that are new and with those that exist.
func syncObjectsRules(t testing.TB, f Fixture) {
	inserted := syncObjects(t, f, gen.SyncOperationEnumINSERT, deal("new", stage("Öffnung")), deal("006-1", stage("Lost")))
	sameList(t, "INSERT", outcomes(inserted), []gen.MObjStatusEnum{created, skipped})
	equal(t, "external key of the status", inserted[0].ExternalKey.Value.Value, "new")
	changed := syncObjects(t, f, gen.SyncOperationEnumUPDATE, deal("newer", stage("Open")), deal("006-1", stage("Lost")))
	sameList(t, "UPDATE", outcomes(changed), []gen.MObjStatusEnum{skipped, updated})
	equal(t, "id", changed[1].Id.Or(0), opportunityOne)
	merged := syncObjects(t, f, gen.SyncOperationEnumUPSERT, deal("newest", stage("Open")), deal("new", stage("Won")))
	sameList(t, "UPSERT", outcomes(merged), []gen.MObjStatusEnum{created, updated})
	equal(t, "id of the first insert", merged[1].Id.Or(0), inserted[0].Id.Or(-1))
	again := syncObjects(t, f, gen.SyncOperationEnumUPSERT, deal("new", stage("Won")))
	if again[0].Status != unchanged && again[0].Status != updated {
		t.Errorf("status %s of an update that changes nothing", again[0].Status)
	}
	for id, want := range map[int32]string{opportunityOne: "Lost", inserted[0].Id.Value: "Won"} {
		for _, o := range objects(t, f, &gen.ParamsGetMObjects{Type: opportunity, Id: gen.Some(id)}) {
			equal(t, "Stage", attribOf(t, o.AttribList.Value.Attrib, "Stage"), want)
		}
	}
}

// syncObjectsRole states that an object can refer by external key to another one that the same call creates before
// it.
func syncObjectsRole(t testing.TB, f Fixture) {
	part := gen.MObject{Type: role, AttribList: tokens(gen.Attrib{Name: "Role", Value: "User"}), AssociationList: gen.Some(gen.ArrayOfMObjAssociation{
		MObjAssociation: []gen.MObjAssociation{
			{MObjType: opportunity, ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "both"})},
			{MObjType: "Lead", Id: gen.Some[int32](leadTwo)},
		},
	})}
	list := syncObjects(t, f, gen.SyncOperationEnumUPSERT, deal("both", stage("Open")), part)
	sameList(t, "statuses", outcomes(list), []gen.MObjStatusEnum{created, created})
	found := objects(t, f, &gen.ParamsGetMObjects{Type: role, MObjAssociationList: associationWith("Lead", leadTwo)})
	if len(found) != 1 || found[0].Id != list[1].Id {
		t.Fatalf("roles of the lead %v, want one of the id %d", objectIDs(found), list[1].Id.Value)
	}
	equal(t, "OpportunityId", attribOf(t, found[0].AttribList.Value.Attrib, "OpportunityId"), strconv.Itoa(int(list[0].Id.Value)))
	byAttribs := gen.MObject{Type: role, AttribList: tokens(
		gen.Attrib{Name: "OpportunityId", Value: strconv.Itoa(opportunityOne)}, gen.Attrib{Name: "PersonId", Value: strconv.Itoa(leadThree)},
	)}
	sameList(t, "by attributes", outcomes(syncObjects(t, f, gen.SyncOperationEnumINSERT, byAttribs)), []gen.MObjStatusEnum{created})
}

// syncObjectsRoleByField states that the external key of an association may be any field of the other object and its
// value.
func syncObjectsRoleByField(t testing.TB, f Fixture) {
	part := gen.MObject{Type: role, AssociationList: gen.Some(gen.ArrayOfMObjAssociation{
		MObjAssociation: []gen.MObjAssociation{
			{MObjType: opportunity, ExternalKey: gen.Some(gen.Attrib{Name: "Name", Value: "Deal 2"})},
			{MObjType: "Lead", ExternalKey: gen.Some(gen.Attrib{Name: "FirstName", Value: "Two"})},
		},
	})}
	sameList(t, "statuses", outcomes(syncObjects(t, f, gen.SyncOperationEnumINSERT, part)), []gen.MObjStatusEnum{created})
	found := objects(t, f, &gen.ParamsGetMObjects{Type: role, MObjAssociationList: associationWith("Lead", leadTwo)})
	if len(found) != 1 {
		t.Fatalf("%d roles of the lead", len(found))
	}
	equal(t, "OpportunityId", attribOf(t, found[0].AttribList.Value.Attrib, "OpportunityId"), strconv.Itoa(opportunityOne+1))
}

func detail(kind string, list ...gen.Attrib) gen.TypeAttrib {
	return gen.TypeAttrib{AttrType: kind, AttrList: tokens(list...)}
}

func programWith(details ...gen.TypeAttrib) gen.MObject {
	return gen.MObject{
		Type: program, Id: gen.Some[int32](programID), TypeAttribList: gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: details}),
	}
}

// syncObjectsProgram states that tags and costs of a program can be written. The month of a cost is stored as its
// first day, and a new cost does not replace the old one.
func syncObjectsProgram(t testing.TB, f Fixture) {
	list := syncObjects(t, f, gen.SyncOperationEnumUPDATE, programWith(
		detail("Tag", gen.Attrib{Name: "Type", Value: "Region"}, gen.Attrib{Name: "Value", Value: "Asia"}),
		detail("Cost", gen.Attrib{Name: "Month", Value: "2013-06"}, gen.Attrib{Name: "Amount", Value: "250"}),
	))
	sameList(t, "statuses", outcomes(list), []gen.MObjStatusEnum{updated})
	p := theProgram(t, f)
	amounts := []string{}
	for _, cost := range detailsOf(p, "Cost") {
		amounts = append(amounts, attribOf(t, cost, "Amount"))
		if attribOf(t, cost, "Amount") == "250" {
			equal(t, "Month", attribOf(t, cost, "Month"), "2013-06-01")
		}
	}
	sameSet(t, "amounts", amounts, []string{"1200", "250"})
	byTag := objects(t, f, &gen.ParamsGetMObjects{Type: program, MObjCriteriaList: criteriaOf("Tag Type", "EQ", "Region", "Tag Value", "EQ", "Asia")})
	sameList(t, "by the new tag", objectIDs(byTag), []int64{programID})
}

func syncObjectsEmpty(t testing.TB, f Fixture) {
	_, err := f.Port.SyncMObjects(t.Context(), &gen.ParamsSyncMObjects{
		MObjectList: new(gen.ArrayOfMObject), Operation: gen.SyncOperationEnumUPSERT,
	})
	refused(t, err, missing...)
}

// syncObjectsFail states that a bad object fails alone, with an error that says why.
func syncObjectsFail(t testing.TB, f Fixture) {
	noTag := programWith(detail("Tag", gen.Attrib{Name: "Type", Value: "Region"}, gen.Attrib{Name: "Value", Value: "Mars"}))
	noMonth := programWith(detail("Cost", gen.Attrib{Name: "Amount", Value: "1"}))
	noParts := gen.MObject{Type: role, AttribList: tokens(gen.Attrib{Name: "Role", Value: "User"})}
	noLeadThere := gen.MObject{Type: role, AttribList: tokens(
		gen.Attrib{Name: "OpportunityId", Value: strconv.Itoa(opportunityOne)}, gen.Attrib{Name: "PersonId", Value: strconv.Itoa(noLead)},
	)}
	list := syncObjects(t, f, gen.SyncOperationEnumUPDATE, noTag, noMonth, deal("006-1", stage("Fine")))
	list = append(list, syncObjects(t, f, gen.SyncOperationEnumINSERT, noParts, noLeadThere, deal("fine", stage("Fine")))...)
	sameList(t, "statuses", outcomes(list), []gen.MObjStatusEnum{failed, failed, updated, failed, failed, created})
	for i, status := range list {
		if (status.Status == failed) != (status.Error.Or("") != "") {
			t.Errorf("object %d is %s with the error %q", i, status.Status, status.Error.Value)
		}
	}
}

// syncObjectsBad states what is refused as a whole: an unknown operation and more than 100 objects.
func syncObjectsBad(t testing.TB, f Fixture) {
	_, err := f.Port.SyncMObjects(t.Context(), &gen.ParamsSyncMObjects{
		MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{deal("new")}}, Operation: "MERGE",
	})
	outside(t, err, "MERGE")
	_, err = f.Port.SyncMObjects(t.Context(), &gen.ParamsSyncMObjects{
		MObjectList: &gen.ArrayOfMObject{MObject: slices.Repeat([]gen.MObject{deal("new")}, 101)}, Operation: gen.SyncOperationEnumUPSERT,
	})
	refused(t, err, bad...)
}

func deleteRequest(kind string, ids ...int32) *gen.ParamsDeleteMObjects {
	list := new(gen.ArrayOfMObject)
	for _, id := range ids {
		list.MObject = append(list.MObject, gen.MObject{Type: kind, Id: gen.Some(id)})
	}
	return &gen.ParamsDeleteMObjects{MObjectList: list}
}

// deleteObjects deletes objects by id and returns what became of each, in the order of the request.
func deleteObjects(t testing.TB, f Fixture, kind string, ids ...int32) []gen.MObjStatusEnum {
	t.Helper()
	list := must(f.Port.DeleteMObjects(t.Context(), deleteRequest(kind, ids...)))(t).Result.MObjStatusList.MObjStatus
	for i, status := range list {
		equal(t, "id", status.Id.Or(0), ids[i])
	}
	return outcomes(list)
}

// deletePositive states that deleted objects are gone, a role by itself and opportunities.
func deletePositive(t testing.TB, f Fixture) {
	deleted := gen.MObjStatusEnumDELETED
	sameList(t, "role", deleteObjects(t, f, role, roleOne), []gen.MObjStatusEnum{deleted})
	sameList(t, "opportunities", deleteObjects(t, f, opportunity, opportunityOne, opportunityOne+1), []gen.MObjStatusEnum{deleted, deleted})
	left := objects(t, f, &gen.ParamsGetMObjects{Type: opportunity, MObjCriteriaList: criteriaOf("Id", "LE", strconv.Itoa(opportunityOne+2))})
	sameList(t, "what is left", objectIDs(left), []int64{opportunityOne + 2})
	if list := objects(t, f, &gen.ParamsGetMObjects{Type: role}); len(list) != 0 {
		t.Errorf("%d roles are left", len(list))
	}
}

// deleteEmpty states that deleting an id that does not exist is not a fault, and that an empty list is one.
func deleteEmpty(t testing.TB, f Fixture) {
	list := deleteObjects(t, f, opportunity, 1)
	if len(list) != 1 || list[0] != unchanged && list[0] != failed {
		t.Errorf("statuses %v, want UNCHANGED or FAILED", list)
	}
	_, err := f.Port.DeleteMObjects(t.Context(), deleteRequest(opportunity))
	refused(t, err, missing...)
}

// deleteBad states that a program cannot be deleted, whether by a fault or by a status.
func deleteBad(t testing.TB, f Fixture) {
	out, err := f.Port.DeleteMObjects(t.Context(), deleteRequest(program, programID))
	if err != nil {
		refused(t, err, bad...)
	} else {
		sameList(t, "statuses", outcomes(out.Result.MObjStatusList.MObjStatus), []gen.MObjStatusEnum{failed})
	}
	theProgram(t, f)
}
