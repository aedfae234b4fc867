package operations_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

var (
	deal = operations.Object{
		Type: operations.ObjectOpportunity, ExternalKey: operations.ExternalKey{Name: "DealId", Value: "d1"},
		Attributes:   operations.Attributes{{Name: "Name", Value: "Deal"}, {Name: "Amount", Value: "1000.5"}},
		Associations: []operations.Association{{Type: operations.AssociationCompany, ExternalKey: operations.ExternalKey{Name: "CompanyId", Value: "c1"}}},
	}
	dealWire = gen.MObject{
		Type: "Opportunity", ExternalKey: gen.Some(gen.Attrib{Name: "DealId", Value: "d1"}),
		AttribList: attribs("Name", "Deal", "Amount", "1000.5"),
		AssociationList: gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{
			{MObjType: "Company", ExternalKey: gen.Some(gen.Attrib{Name: "CompanyId", Value: "c1"})},
		}}),
	}
	program = operations.Object{
		Type: operations.ObjectProgram, ID: 5,
		Groups: []operations.AttributeGroup{
			{Type: "Cost", Attributes: operations.Attributes{{Name: "Month", Value: "2013-06"}, {Name: "Amount", Value: "2000"}}},
			{Type: "Tag", Attributes: operations.Attributes{{Name: "Type", Value: "Region"}, {Name: "Value", Value: "North"}}},
		},
	}
	programWire = gen.MObject{
		Type: "Program", Id: gen.Some[int32](5),
		TypeAttribList: gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{
			{AttrType: "Cost", AttrList: attribs("Month", "2013-06", "Amount", "2000")},
			{AttrType: "Tag", AttrList: attribs("Type", "Region", "Value", "North")},
		}}),
	}
	role = operations.Object{
		Type:       operations.ObjectOpportunityPersonRole,
		Attributes: operations.Attributes{{Name: "OpportunityId", Value: "1"}, {Name: "PersonId", Value: "2"}},
	}
	roleByAssociation = operations.Object{
		Type: operations.ObjectOpportunityPersonRole,
		Associations: []operations.Association{
			{Type: operations.AssociationOpportunity, ExternalKey: operations.ExternalKey{Name: "DealId", Value: "d1"}},
			{Type: operations.AssociationLead, ID: 2},
		},
	}
)

func objectStatuses(s ...gen.MObjStatus) *gen.ArrayOfMObjStatus {
	return &gen.ArrayOfMObjStatus{MObjStatus: s}
}

func syncObjects(op operations.SyncOperation, objects ...operations.Object) func(context.Context, *operations.API) (any, error) {
	return func(ctx context.Context, api *operations.API) (any, error) { return api.Objects.Sync(ctx, op, objects) }
}

func objectCalls() []callCase {
	types := func(ctx context.Context, api *operations.API) (any, error) { return api.Objects.Types(ctx) }
	describe := func(ctx context.Context, api *operations.API) (any, error) {
		return api.Objects.Describe(ctx, "LeadRecord")
	}
	size := 255
	return []callCase{
		{
			name: "Objects.Types", call: types, request: &gen.ParamsListMObjects{},
			answer: &gen.SuccessListMObjects{Result: &gen.ResultListMObjects{Objects: []string{"ActivityRecord", "LeadRecord"}}},
			want:   []string{"ActivityRecord", "LeadRecord"},
		},
		{
			name: "Objects.Types without any", call: types, request: &gen.ParamsListMObjects{},
			answer: &gen.SuccessListMObjects{Result: &gen.ResultListMObjects{}}, want: []string{},
		},
		{
			name: "Objects.Describe", call: describe, request: &gen.ParamsDescribeMObject{ObjectName: "LeadRecord"},
			answer: &gen.SuccessDescribeMObject{Result: &gen.ResultDescribeMObject{Metadata: &gen.MObjectMetadata{
				Name: "LeadRecord", Description: gen.Some("a lead"), IsCustom: true, IsVirtual: true, UpdatedAt: "2013-07-09T16:44:28+00:00",
				FieldList: &gen.ArrayOfMObjFieldMetadata{Field: []gen.MObjFieldMetadata{
					{
						Name: "Email", Description: gen.Some("d"), DisplayName: gen.Some("E-mail"), SourceObject: gen.Some("Lead"),
						DataType: "string", Size: gen.Some[int32](255), IsReadonly: true, IsUpdateBlocked: true, IsName: gen.Some(true),
						IsPrimaryKey: true, IsCustom: true, IsDynamic: true, DynamicFieldRef: gen.Some("r"), UpdatedAt: "2013-07-09T16:44:29+00:00",
					},
					{Name: "Tags", DisplayName: gen.NilOf[string](), DataType: "Array", Size: gen.NilOf[int32](), UpdatedAt: "2013-07-09T16:44:28Z"},
				}},
			}}},
			want: operations.ObjectDescription{
				Name: "LeadRecord", Description: "a lead", IsCustom: true, IsVirtual: true, UpdatedAt: time.Date(2013, 7, 9, 16, 44, 28, 0, time.UTC),
				Fields: []operations.FieldDescription{
					{
						Name: "Email", Description: "d", DisplayName: "E-mail", SourceObject: "Lead", DataType: "string", Size: &size,
						IsReadOnly: true, IsUpdateBlocked: true, IsName: true, IsPrimaryKey: true, IsCustom: true, IsDynamic: true,
						DynamicFieldRef: "r", UpdatedAt: time.Date(2013, 7, 9, 16, 44, 29, 0, time.UTC),
					},
					{Name: "Tags", DataType: "Array", UpdatedAt: time.Date(2013, 7, 9, 16, 44, 28, 0, time.UTC)},
				},
			},
		},
		{
			name: "Objects.Describe without fields", call: describe, request: &gen.ParamsDescribeMObject{ObjectName: "LeadRecord"},
			answer: &gen.SuccessDescribeMObject{Result: &gen.ResultDescribeMObject{Metadata: &gen.MObjectMetadata{Name: "LeadRecord"}}},
			want:   operations.ObjectDescription{Name: "LeadRecord"},
		},
		{
			name: "Objects.Sync", call: syncObjects(operations.SyncUpsert, deal, role, roleByAssociation),
			request: &gen.ParamsSyncMObjects{
				Operation: gen.SyncOperationEnumUPSERT,
				MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{
					dealWire,
					{Type: "OpportunityPersonRole", AttribList: attribs("OpportunityId", "1", "PersonId", "2")},
					{Type: "OpportunityPersonRole", AssociationList: gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{
						{MObjType: "Opportunity", ExternalKey: gen.Some(gen.Attrib{Name: "DealId", Value: "d1"})},
						{MObjType: "Lead", Id: gen.Some[int32](2)},
					}})},
				}},
			},
			answer: &gen.SuccessSyncMObjects{Result: &gen.ResultSyncMObjects{MObjStatusList: objectStatuses(
				gen.MObjStatus{Id: gen.Some[int32](9), ExternalKey: gen.Some(gen.Attrib{Name: "DealId", Value: "d1"}), Status: gen.MObjStatusEnumCREATED},
				gen.MObjStatus{Id: gen.NilOf[int32](), Status: gen.MObjStatusEnumFAILED, Error: gen.Some("no such lead")},
				gen.MObjStatus{Id: gen.Some[int32](8), Status: gen.MObjStatusEnumSKIPPED},
			)}},
			want: []operations.ObjectStatus{
				{Index: 0, ID: 9, ExternalKey: deal.ExternalKey, Outcome: operations.OutcomeCreated},
				{Index: 1, Outcome: operations.OutcomeFailed, Err: &fault.SyncError{Index: 1, Reason: "no such lead"}},
				{Index: 2, ID: 8, Outcome: operations.OutcomeSkipped, Err: &fault.SyncError{Index: 2, Reason: "its status is SKIPPED"}},
			},
		},
		{
			name: "Objects.Sync of a program", call: syncObjects(operations.SyncUpdate, program),
			request: &gen.ParamsSyncMObjects{
				Operation: gen.SyncOperationEnumUPDATE, MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{programWire}},
			},
			answer: &gen.SuccessSyncMObjects{Result: &gen.ResultSyncMObjects{MObjStatusList: objectStatuses(
				gen.MObjStatus{Id: gen.Some[int32](5), Status: gen.MObjStatusEnumUNCHANGED})}},
			want: []operations.ObjectStatus{{ID: 5, Outcome: operations.OutcomeUnchanged}},
		},
		{
			name: "Objects.Delete",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Objects.Delete(ctx, []operations.ObjectRef{{Type: operations.ObjectOpportunity, ID: 9}, {Type: operations.ObjectOpportunityPersonRole, ID: 8}}, nil)
			},
			request: &gen.ParamsDeleteMObjects{MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{
				{Type: "Opportunity", Id: gen.Some[int32](9)}, {Type: "OpportunityPersonRole", Id: gen.Some[int32](8)},
			}}},
			answer: &gen.SuccessDeleteMObjects{Result: &gen.ResultDeleteMObjects{MObjStatusList: objectStatuses(
				gen.MObjStatus{Id: gen.Some[int32](9), Status: gen.MObjStatusEnumDELETED},
				gen.MObjStatus{Id: gen.Some[int32](8), Status: gen.MObjStatusEnumFAILED},
			)}},
			want: []operations.ObjectStatus{
				{Index: 0, ID: 9, Outcome: operations.OutcomeDeleted},
				{Index: 1, ID: 8, Outcome: operations.OutcomeFailed, Err: &fault.SyncError{Index: 1}},
			},
		},
	}
}

// An object of a page, with all that one can have.
func TestObjects_answer(t *testing.T) {
	t.Parallel()
	in := programWire
	in.ExternalKey = gen.Some(gen.Attrib{Name: "Code", Value: "p"})
	in.CreatedAt, in.UpdatedAt = gen.Some(gen.DateTime("2013-07-09T16:44:28-05:00")), gen.Some(gen.DateTime("2013-07-10T16:44:28-05:00"))
	in.AttribList, in.AssociationList = attribs("Name", "Webinar"), dealWire.AssociationList
	r := &recorder{answer: &gen.SuccessGetMObjects{Result: &gen.ResultGetMObjects{MObjectList: gen.Some(gen.ArrayOfMObject{MObject: []gen.MObject{in}})}}}
	page, err := r.api().Objects.Page(t.Context(), operations.ObjectProgram, operations.Cursor{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("", -5*3600)
	want := []operations.Object{{
		Type: operations.ObjectProgram, ID: 5, ExternalKey: operations.ExternalKey{Name: "Code", Value: "p"},
		CreatedAt: time.Date(2013, 7, 9, 16, 44, 28, 0, zone), UpdatedAt: time.Date(2013, 7, 10, 16, 44, 28, 0, zone),
		Attributes: operations.Attributes{{Name: "Name", Value: "Webinar"}}, Groups: program.Groups, Associations: deal.Associations,
	}}
	if diff := cmp.Diff(want, page.Items); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, offset := page.Items[0].CreatedAt.Zone(); offset != -5*3600 {
		t.Error("the time lost its offset")
	}
	if page.Items[0].ExternalKey.IsZero() {
		t.Error("the key is none")
	}
}

func TestObjects_unreadableTimes(t *testing.T) {
	t.Parallel()
	bad := gen.Some(gen.DateTime("2013-02-30T00:00:00Z"))
	for field, object := range map[string]gen.MObject{"createdAt": {CreatedAt: bad}, "updatedAt": {UpdatedAt: bad}} {
		r := &recorder{answer: &gen.SuccessGetMObjects{Result: &gen.ResultGetMObjects{
			MObjectList: gen.Some(gen.ArrayOfMObject{MObject: []gen.MObject{{}, object}}),
		}}}
		_, err := r.api().Objects.Page(t.Context(), operations.ObjectProgram, operations.Cursor{}, nil)
		wantDecodeError(t, err, "getMObjects")
		if want := `records[1] of the answer: ` + field + ` is "2013-02-30T00:00:00Z"`; !strings.Contains(err.Error(), want) {
			t.Errorf("error %q, want %q", err, want)
		}
	}
	for _, metadata := range []*gen.MObjectMetadata{
		{UpdatedAt: "soon"}, {FieldList: &gen.ArrayOfMObjFieldMetadata{Field: []gen.MObjFieldMetadata{{UpdatedAt: "soon"}}}},
	} {
		r := &recorder{answer: &gen.SuccessDescribeMObject{Result: &gen.ResultDescribeMObject{Metadata: metadata}}}
		_, err := r.api().Objects.Describe(t.Context(), "LeadRecord")
		wantDecodeError(t, err, "describeMObject")
	}
}

func TestObjects_statusesMissing(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: &gen.SuccessSyncMObjects{Result: &gen.ResultSyncMObjects{MObjStatusList: objectStatuses()}}}
	_, err := r.api().Objects.Sync(t.Context(), operations.SyncUpsert, []operations.Object{deal})
	wantDecodeError(t, err, "syncMObjects")
	r.answer = &gen.SuccessDeleteMObjects{Result: &gen.ResultDeleteMObjects{MObjStatusList: objectStatuses(gen.MObjStatus{}, gen.MObjStatus{})}}
	_, err = r.api().Objects.Delete(t.Context(), []operations.ObjectRef{{Type: operations.ObjectOpportunity, ID: 1}}, nil)
	wantDecodeError(t, err, "deleteMObjects")
}

func objectsRefused() []refusedCase {
	with := func(o operations.Object, change func(*operations.Object)) operations.Object {
		o.Attributes, o.Groups, o.Associations = slices.Clone(o.Attributes), slices.Clone(o.Groups), slices.Clone(o.Associations)
		change(&o)
		return o
	}
	page := func(t operations.ObjectType, o operations.ObjectOptions) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.Objects.Page(ctx, t, operations.Cursor{}, &o)
		}
	}
	remove := func(refs ...operations.ObjectRef) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) { return api.Objects.Delete(ctx, refs, nil) }
	}
	type (
		object    = operations.Object
		options   = operations.ObjectOptions
		criteria  = []operations.Criterion
		key       = operations.ExternalKey
		belongsTo = []operations.Association
	)
	describe := func(ctx context.Context, api *operations.API) (any, error) { return api.Objects.Describe(ctx, " ") }
	up, opp := operations.SyncUpsert, operations.ObjectOpportunity
	const sync, get = "syncMObjects", "getMObjects"
	return []refusedCase{
		{"no name", describe, "describeMObject", "name", "is empty"},
		{"no operation", syncObjects("", deal), sync, "operation", `"" is not one of ["UPSERT" "INSERT" "UPDATE"]`},
		{"no objects", syncObjects(up), sync, "objects", "is empty"},
		{"101 objects", syncObjects(up, slices.Repeat([]object{deal}, 101)...), sync, "objects", "has 101 objects; a call takes at most 100"},
		{"no type", syncObjects(up, deal, object{}), sync, "objects[1].Type", "is empty"},
		{"unknown type", syncObjects(up, object{Type: "Lead"}), sync, "objects[0].Type", `"Lead" is not one of`},
		{"bad id", syncObjects(up, with(deal, func(o *object) { o.ID = -1 })), sync, "objects[0].ID", "-1 is not an id"},
		{"key without a value", syncObjects(up, with(deal, func(o *object) { o.ExternalKey.Value = "" })), sync, "objects[0].ExternalKey.Value", "is empty"},
		{"key without a name", syncObjects(up, with(deal, func(o *object) { o.ExternalKey.Name = "" })), sync, "objects[0].ExternalKey.Name", "is empty"},
		{"attribute without a name", syncObjects(up, with(deal, func(o *object) { o.Attributes[1].Name = "" })), sync, "objects[0].Attributes[1].Name", "is empty"},
		{"association of no type", syncObjects(up, with(deal, func(o *object) { o.Associations[0].Type = "" })), sync, "objects[0].Associations[0].Type", "is not one of"},
		{"association of nothing", syncObjects(up, with(deal, func(o *object) { o.Associations[0].ExternalKey = key{} })), sync, "objects[0].Associations[0].ID", "give one of them"},
		{"association twice", syncObjects(up, with(deal, func(o *object) { o.Associations[0].ID = 1 })), sync, "objects[0].Associations[0].ExternalKey", "together with ID"},
		{"update of nothing", syncObjects(operations.SyncUpdate, with(deal, func(o *object) { o.ExternalKey = key{} })), sync, "objects[0].ID", "an update needs one of them"},
		{"program inserted", syncObjects(operations.SyncInsert, program), sync, "objects[0].Type", "is Program, which can be updated only, not INSERT"},
		{"program upserted", syncObjects(up, program), sync, "objects[0].Type", "not UPSERT"},
		{"program without a key", syncObjects(operations.SyncUpdate, with(program, func(o *object) { o.ID = 0 })), sync, "objects[0].ID", "an update needs one of them"},
		{"cost without a month", syncObjects(operations.SyncUpdate, with(program, func(o *object) {
			o.Groups[0].Attributes = operations.Attributes{{Name: "Amount", Value: "1"}}
		})), sync, "objects[0].Groups[0].Attributes", "have no Month, which a Cost needs"},
		{"cost without an amount", syncObjects(operations.SyncUpdate, with(program, func(o *object) {
			o.Groups[0].Attributes = operations.Attributes{{Name: "Month", Value: "2013-06"}}
		})), sync, "objects[0].Groups[0].Attributes", "have no Amount"},
		{"tag without a value", syncObjects(operations.SyncUpdate, with(program, func(o *object) {
			o.Groups[1].Attributes = operations.Attributes{{Name: "Type", Value: "Region"}}
		})), sync, "objects[0].Groups[1].Attributes", "have no Value, which a Tag needs"},
		{"token", syncObjects(operations.SyncUpdate, with(program, func(o *object) { o.Groups[0].Type = "Token" })), sync, "objects[0].Groups[0].Type", `is "Token"; of a program Tag and Cost`},
		{"group of no type", syncObjects(operations.SyncUpdate, with(program, func(o *object) { o.Groups[0].Type = "" })), sync, "objects[0].Groups[0].Type", "is empty"},
		{"role with a key", syncObjects(up, with(role, func(o *object) { o.ExternalKey = deal.ExternalKey })), sync, "objects[0].ExternalKey", "none of its own"},
		{"role of no opportunity", syncObjects(up, with(role, func(o *object) { o.Attributes = o.Attributes[1:] })), sync, "objects[0].Attributes", "have no OpportunityId"},
		{"role of no person", syncObjects(up, with(roleByAssociation, func(o *object) { o.Associations = o.Associations[:1] })), sync, "objects[0].Attributes", "have no PersonId"},
		{"new role with an id", syncObjects(operations.SyncInsert, object{Type: role.Type, ID: 1}), sync, "objects[0].Attributes", "have no OpportunityId"},
		{"none", remove(), "deleteMObjects", "objects", "is empty"},
		{"program", remove(operations.ObjectRef{Type: opp, ID: 1}, operations.ObjectRef{Type: operations.ObjectProgram, ID: 1}), "deleteMObjects", "objects[1].Type", "cannot be deleted"},
		{"no id", remove(operations.ObjectRef{Type: opp}), "deleteMObjects", "objects[0].ID", "0 is not an id"},
		{"no type", remove(operations.ObjectRef{ID: 1}), "deleteMObjects", "objects[0].Type", "is empty"},
		{"no type", page("", options{}), get, "ObjectType", "is empty"},
		{"unknown type", page("LeadRecord", options{}), get, "ObjectType", `"LeadRecord" is not one of`},
		{"two keys", page(opp, options{ID: 1, ExternalKey: key{"a", "b"}}), get, "ObjectOptions.ExternalKey", "at most one of them"},
		{"half a key", page(opp, options{ExternalKey: key{"a", ""}}), get, "ObjectOptions.ExternalKey.Value", "is empty"},
		{"bad id", page(opp, options{ID: -1}), get, "ObjectOptions.ID", "-1 is not an id"},
		{"details of an opportunity", page(opp, options{Details: true}), get, "ObjectOptions.Details", "only programs"},
		{"criterion on nothing", page(opp, options{Criteria: criteria{{Comparison: operations.CompareEqual}}}), get, "ObjectOptions.Criteria[0].Attribute", "is empty"},
		{"unknown comparison", page(opp, options{Criteria: criteria{{Attribute: "Name", Comparison: "="}}}), get, "ObjectOptions.Criteria[0].Comparison", `"=" is not one of`},
		{"two tag types", page(opp, options{Criteria: criteria{{"Tag Type", "EQ", "a"}, {"Tag Type", "EQ", "b"}}}), get, "ObjectOptions.Criteria[1].Attribute", "for the second time"},
		{"association of nothing", page(opp, options{Associations: belongsTo{{Type: "Lead"}}}), get, "ObjectOptions.Associations[0].ID", "give one of them"},
	}
}

// An update of a role that has an id needs nothing else.
func TestObjects_roleByID(t *testing.T) {
	t.Parallel()
	for _, op := range []operations.SyncOperation{operations.SyncUpdate, operations.SyncUpsert} {
		r := &recorder{answer: &gen.SuccessSyncMObjects{Result: &gen.ResultSyncMObjects{MObjStatusList: objectStatuses(gen.MObjStatus{Status: "UPDATED"})}}}
		if _, err := r.api().Objects.Sync(t.Context(), op, []operations.Object{{Type: role.Type, ID: 1}}); err != nil {
			t.Errorf("%s: %v", op, err)
		}
	}
}
