package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/mktows/mktows-go/gen"
)

const (
	opSyncMObjects   = "syncMObjects"
	opDeleteMObjects = "deleteMObjects"
)

// MaxObjects is the greatest number of objects in a call of Sync (Marketo SOAP API,
// syncMObjects).
const MaxObjects = 100

// ObjectRef names an object to be deleted.
type ObjectRef struct {
	Type ObjectType // not ObjectProgram
	ID   int64      // Marketo id
}

// ObjectStatus is what became of one of the objects of Sync or Delete.
type ObjectStatus struct {
	Index       int   // place of the object in the request, from 0
	ID          int64 // Marketo id; 0 if the answer gives none
	ExternalKey ExternalKey
	Outcome     Outcome
	Err         error // has a *fault.SyncError with the reason and its code; nil if the record is as it was asked for
}

// Sync creates or updates up to MaxObjects objects. They may be of several types, and a later
// one may name an earlier one by external key. An object is found by ID or
// ExternalKey.
//
// A program can be updated only: Groups of the type Tag need Type and Value, which must
// exist, those of the type Cost need Month and Amount. A role has no external key of
// its own; a new one names its opportunity and person, by the attributes OpportunityId
// and PersonId or by Associations.
//
// The answer has one status for each object, in their order. An object that the
// service did not take, or skipped because of the operation, has Err set; the others
// are done nevertheless.
//
// Errors of the call: an *ArgumentError that names the object, as in
// objects[3].ExternalKey, before anything is sent; those of package fault.
//
// Wire: syncMObjects. Not idempotent, unless it is an update, or an upsert with an ID in each object, and no cost is without an Id.
func (o *Objects) Sync(ctx context.Context, operation SyncOperation, objects []Object) ([]ObjectStatus, error) {
	err := cmp.Or(checkPort(o.port), operation.check("operation"), checkCount("objects", len(objects), MaxObjects, "objects"),
		checkEach("objects", objects, func(o Object) error { return o.checkSync(operation) }))
	if err != nil {
		return nil, opError(opSyncMObjects, 0, err)
	}
	list := make([]gen.MObject, len(objects))
	for i := range objects {
		list[i] = objects[i].wire()
	}
	in := &gen.ParamsSyncMObjects{MObjectList: &gen.ArrayOfMObject{MObject: list}, Operation: gen.SyncOperationEnum(operation)}
	statuses, err := call(ctx, opSyncMObjects, o.port.SyncMObjects, in, func(out *gen.SuccessSyncMObjects) *gen.ArrayOfMObjStatus {
		if out.Result == nil {
			return nil
		}
		return out.Result.MObjStatusList
	})
	if err != nil {
		return nil, err
	}
	differs := func(i int) error { return objects[i].differs(operation, &statuses.MObjStatus[i]) }
	if err := matchEach(opSyncMObjects, in, len(statuses.MObjStatus), len(objects), differs); err != nil {
		return nil, err
	}
	return newObjectStatuses(opSyncMObjects, operation, statuses.MObjStatus), nil
}

// checkSync checks an object before it is sent. What an object needs depends on its type and on the operation.
func (o Object) checkSync(operation SyncOperation) error {
	err := cmp.Or(o.Type.check("Object.Type"), checkOptionalID("Object.ID", o.ID), o.ExternalKey.check("Object.ExternalKey"),
		o.Attributes.check("Object.Attributes"), checkEach("Object.Associations", o.Associations, Association.check),
		checkEach("Object.Groups", o.Groups, AttributeGroup.check))
	if err != nil {
		return err
	}
	switch o.Type {
	case ObjectProgram:
		return o.checkProgram(operation)
	case ObjectOpportunityPersonRole:
		return o.checkRole(operation)
	}
	return o.checkUpdate(operation)
}

// checkUpdate: what is only to be updated must be found.
func (o Object) checkUpdate(operation SyncOperation) error {
	if operation == SyncUpdate && o.ID == 0 && o.ExternalKey.IsZero() {
		return &ArgumentError{"Object.ID", errors.New("is missing, and so is ExternalKey; an update needs one of them")}
	}
	return nil
}

// checkProgram checks a program. The service cannot create programs here, and of their details it updates tags and costs
// only.
func (o Object) checkProgram(operation SyncOperation) error {
	if operation != SyncUpdate {
		return &ArgumentError{"Object.Type", fmt.Errorf("is Program, which can be updated only, not %s", operation)}
	}
	for i, g := range o.Groups {
		if g.Type != "Tag" && g.Type != "Cost" {
			return &ArgumentError{index("Object.Groups", i) + ".Type", fmt.Errorf("is %q; of a program Tag and Cost can be updated", g.Type)}
		}
	}
	return o.checkUpdate(operation)
}

// checkRole checks a role. To find or create one the service needs the opportunity and the lead, unless the id of an
// existing role is given.
func (o Object) checkRole(operation SyncOperation) error {
	if !o.ExternalKey.IsZero() {
		return &ArgumentError{"Object.ExternalKey", errors.New("is given for a role, which has none of its own")}
	}
	if o.ID != 0 && operation != SyncInsert {
		return nil
	}
	if !o.names("OpportunityId", AssociationOpportunity) {
		return &ArgumentError{"Object.Attributes", errors.New("have no OpportunityId; a role needs it, or an association to an opportunity")}
	}
	if !o.names("PersonId", AssociationLead) {
		return &ArgumentError{"Object.Attributes", errors.New("have no PersonId; a role needs it, or an association to a lead")}
	}
	return nil
}

// names reports whether a role says what it belongs to, in one of the two ways.
func (o Object) names(attribute string, t AssociationType) bool {
	for _, a := range o.Associations {
		if a.Type == t {
			return true
		}
	}
	value, _ := o.Attributes.Get(attribute)
	return value != ""
}

// check wants what the two groups that can be written need.
func (g AttributeGroup) check() error {
	needed := map[string][]string{"Tag": {"Type", "Value"}, "Cost": {"Month", "Amount"}}
	for _, name := range needed[g.Type] {
		if value, _ := g.Attributes.Get(name); value == "" {
			return &ArgumentError{"AttributeGroup.Attributes", fmt.Errorf("have no %s, which a %s needs", name, g.Type)}
		}
	}
	return cmp.Or(checkText("AttributeGroup.Type", g.Type), g.Attributes.check("AttributeGroup.Attributes"))
}

// DeleteOptions has no fields yet, so nil is fine. It is there so that options can be added without breaking programs.
type DeleteOptions struct{}

// Delete deletes opportunities and roles by id. At most RecommendedBatch are
// advised. The answer has one status for each, in their order: OutcomeDeleted, or
// OutcomeUnchanged or OutcomeFailed, as for an id that does not exist; Err is set for the last.
//
// Errors of the call: an *ArgumentError that names the object, as in objects[3].ID,
// before anything is sent; those of package fault. Repeated, it may report as failed what is
// gone already: which status that has is not documented.
//
// Wire: deleteMObjects. Not idempotent.
func (o *Objects) Delete(ctx context.Context, objects []ObjectRef, _ *DeleteOptions) ([]ObjectStatus, error) {
	err := cmp.Or(checkPort(o.port), checkCount("objects", len(objects), 0, "objects"), checkEach("objects", objects, ObjectRef.check))
	if err != nil {
		return nil, opError(opDeleteMObjects, 0, err)
	}
	list := make([]gen.MObject, len(objects))
	for i, ref := range objects {
		list[i] = gen.MObject{Type: string(ref.Type), Id: optionalID(ref.ID)}
	}
	in := &gen.ParamsDeleteMObjects{MObjectList: &gen.ArrayOfMObject{MObject: list}}
	statuses, err := call(ctx, opDeleteMObjects, o.port.DeleteMObjects, in, func(out *gen.SuccessDeleteMObjects) *gen.ArrayOfMObjStatus {
		if out.Result == nil {
			return nil
		}
		return out.Result.MObjStatusList
	})
	if err != nil {
		return nil, err
	}
	differs := func(i int) error {
		return differentID("object", int64(statuses.MObjStatus[i].Id.Or(0)), objects[i].ID)
	}
	if err := matchEach(opDeleteMObjects, in, len(statuses.MObjStatus), len(objects), differs); err != nil {
		return nil, err
	}
	return newObjectStatuses(opDeleteMObjects, "", statuses.MObjStatus), nil
}

func (r ObjectRef) check() error {
	if r.Type == ObjectProgram {
		return &ArgumentError{"ObjectRef.Type", errors.New("is Program, which cannot be deleted")}
	}
	return cmp.Or(r.Type.check("ObjectRef.Type"), checkID("ObjectRef.ID", r.ID))
}

// newObjectStatuses converts the statuses of an answer, each with an error of its own if its outcome is not what was
// asked for.
func newObjectStatuses(op string, how SyncOperation, list []gen.MObjStatus) []ObjectStatus {
	statuses := make([]ObjectStatus, len(list))
	for i, s := range list {
		outcome := Outcome(s.Status)
		statuses[i] = ObjectStatus{
			Index:       i,
			ID:          int64(s.Id.Or(0)),
			ExternalKey: ExternalKey(s.ExternalKey.Or(gen.Attrib{})),
			Outcome:     outcome,
			Err:         told{i, 0, outcome, s.Error.Or("")}.failure(op, done(op, how)),
		}
	}
	return statuses
}
