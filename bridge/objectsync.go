package bridge

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/safety"
)

// SyncMObjects inserts or updates opportunities and roles, and updates programs: opportunities first,
// then roles, then programs.
//
// Lost: integer ids, so that statuses of opportunities and roles have none, and what is named by one
// fails; a role needs opportunity, lead and a role, which is part of its key ([WithDefaultRole]); the
// cost of a program can be added and not changed, in whole numbers; the channel of a program cannot be
// changed. Where the CRM owns opportunities all of them fail. It costs a call for each type and for each
// program.
func (b *Bridge) SyncMObjects(ctx context.Context, in *gen.ParamsSyncMObjects) (*gen.SuccessSyncMObjects, error) {
	return perform(ctx, b, "syncMObjects", in, (*work).syncMObjects)
}

func (w *work) syncMObjects(in *gen.ParamsSyncMObjects) (*gen.SuccessSyncMObjects, error) {
	given, err := givenObjects(in.MObjectList)
	if err != nil {
		return nil, err
	}
	if len(given) > maxObjects {
		return nil, bad("mObjectList has %d objects: at most %d are allowed", len(given), maxObjects)
	}
	if err := checkSyncOperation(in.Operation); err != nil {
		return nil, err
	}
	list := make([]gen.MObjStatus, len(given))
	for i := range given {
		list[i] = objectStatus(&given[i])
		if _, _, ok := kindOf(given[i].Type); !ok && given[i].Type != typeProgram {
			failObject(&list[i], bad("type %.100q is not one of %s, %s, %s", given[i].Type, typeOpportunity, typeRole, typeProgram))
		}
	}
	safe := safety.Of(w.operation, in)
	for _, name := range []string{typeOpportunity, typeRole} {
		err := w.writeKind(name, given, list, w.readObject, wordsOfSync, func(t *objectType, batch []rest.Object) (*rest.Answer[rest.Outcome], error) {
			return w.rest.SyncObjects(w, t.kind, syncActions[in.Operation], batch, safe)
		}, func(status *gen.MObjStatus, o *rest.Outcome) {
			status.Status = gen.MObjStatusEnum(strings.ToUpper(o.Status))
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range given {
		if given[i].Type != typeProgram {
			continue
		}
		if err := w.syncProgram(&given[i], in.Operation, safe); err != nil {
			failObject(&list[i], w.shown(err))
			continue
		}
		list[i].Status = gen.MObjStatusEnumUPDATED
	}
	return &gen.SuccessSyncMObjects{Result: &gen.ResultSyncMObjects{MObjStatusList: &gen.ArrayOfMObjStatus{MObjStatus: list}}}, nil
}

// givenObjects returns a list of objects, which must not be empty.
func givenObjects(list *gen.ArrayOfMObject) ([]gen.MObject, error) {
	if list == nil || len(list.MObject) == 0 {
		return nil, missing("mObjectList is missing or empty")
	}
	return list.MObject, nil
}

// objectStatus is the answer for one object of a request.
func objectStatus(o *gen.MObject) gen.MObjStatus {
	status := gen.MObjStatus{Id: gen.NilOf[int32]()}
	if key, ok := externalKey(o.ExternalKey); ok {
		status.ExternalKey = gen.Some(key)
	}
	if o.Id.State == gen.Present {
		status.Id = o.Id
	}
	return status
}

// failObject says that an object was not taken: it was skipped if an insert found it, or an update did
// not.
func failObject(status *gen.MObjStatus, err error) {
	status.Status = gen.MObjStatusEnumFAILED
	if said(err, 1013, 1017) {
		status.Status = gen.MObjStatusEnumSKIPPED
	}
	status.Error = gen.Some(clean(textOf(err)))
}

// shown returns an error of one object as its status shows it.
func (w *work) shown(err error) error {
	if faultOf(err) != nil {
		return err
	}
	return w.failed(err)
}

// writeKind writes the objects of one type that a request has.
func (w *work) writeKind(
	name string, given []gen.MObject, list []gen.MObjStatus, read func(*objectType, *gen.MObject) (rest.Object, error),
	words []string, call func(*objectType, []rest.Object) (*rest.Answer[rest.Outcome], error), done func(*gen.MObjStatus, *rest.Outcome),
) error {
	var places []int
	for i := range given {
		if _, known, ok := kindOf(given[i].Type); ok && known == name {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return nil
	}
	t, err := w.objectType(name)
	if err != nil {
		return err
	}
	var objects []objectWrite
	for _, i := range places {
		object, err := read(t, &given[i])
		if err != nil {
			failObject(&list[i], w.shown(err))
			continue
		}
		objects = append(objects, objectWrite{i, object})
	}
	err = w.writeObjects(objects, t.DedupeFields, words, func(batch []rest.Object) (*rest.Answer[rest.Outcome], error) { return call(t, batch) },
		func(place int, o *rest.Outcome, err error) {
			if err != nil {
				failObject(&list[place], err)
				return
			}
			done(&list[place], o)
		})
	if said(err, 1018) { // of the call as a whole: the CRM owns them
		for _, one := range objects {
			failObject(&list[one.place], w.meaning(err))
		}
		return nil
	}
	return err
}

// readObject returns an opportunity or a role to write.
func (w *work) readObject(t *objectType, o *gen.MObject) (rest.Object, error) {
	object, err := w.keyObject(t, o)
	if err != nil {
		return nil, err
	}
	for _, a := range o.AttribList.Value.Attrib {
		f := t.field(a.Name)
		if f == nil {
			return nil, bad("%s has no field %.100q", t.name, a.Name)
		}
		if object.Has(f.Name) {
			continue // it is part of the key
		}
		object = append(object, rest.Member{Name: f.Name, Value: w.restValue(a.Value, f.DataType)})
	}
	for _, a := range o.AssociationList.Value.MObjAssociation {
		if key, ok := externalKey(a.ExternalKey); ok && a.MObjType == typeCompany && t.name == typeOpportunity {
			object = append(object, rest.Member{Name: fieldCompanyID, Value: key.Value})
		}
	}
	return object, nil
}

// keyObject returns what makes an object what it is, for writing and for deleting.
func (w *work) keyObject(t *objectType, o *gen.MObject) (rest.Object, error) {
	if t.name == typeRole {
		return w.roleKey(o)
	}
	key, ok := externalKey(o.ExternalKey)
	switch {
	case ok && (key.Name == "" || key.Value == ""): // half a key may be that of another object
		return nil, missing("externalKey needs both name and value")
	case ok:
		return rest.Object{{Name: fieldOpportunityID, Value: key.Value}}, nil
	case o.Id.State == gen.Present:
		return nil, noIDs(typeOpportunity)
	}
	for _, a := range o.AttribList.Value.Attrib {
		if strings.EqualFold(a.Name, fieldOpportunityID) && a.Value != "" {
			return rest.Object{{Name: fieldOpportunityID, Value: a.Value}}, nil
		}
	}
	return nil, missing("the opportunity has no externalKey")
}

// roleKey returns the key of a role: opportunity, lead and role.
func (w *work) roleKey(o *gen.MObject) (rest.Object, error) {
	opportunity, lead, role := "", "", w.role
	if key, ok := externalKey(o.ExternalKey); ok {
		opportunity = key.Value
	}
	for _, a := range o.AttribList.Value.Attrib {
		switch {
		case strings.EqualFold(a.Name, fieldOpportunityID):
			opportunity = a.Value
		case a.Name == "OpportunityId" && opportunity == "":
			return nil, noIDs(typeOpportunity)
		case a.Name == "PersonId":
			lead = a.Value
		case a.Name == "Role" && a.Value != "":
			role = a.Value
		}
	}
	for _, a := range o.AssociationList.Value.MObjAssociation {
		key, hasKey := externalKey(a.ExternalKey)
		switch {
		case a.MObjType == typeOpportunity && !hasKey:
			return nil, noIDs(typeOpportunity)
		case a.MObjType == typeOpportunity && (key.Name == "" || key.Value == ""):
			return nil, missing("mObjAssociation/externalKey needs both name and value")
		case a.MObjType == typeOpportunity:
			opportunity = key.Value
		case a.MObjType == typeLead:
			found, err := w.associatedLeads(a)
			if err != nil {
				return nil, err
			}
			if len(found) == 0 {
				return nil, fault.Newf(fault.CodeLeadNotFound, "No lead found with %s = %.100s", key.Name, key.Value)
			}
			lead = found[len(found)-1]
		}
	}
	id, err := strconv.ParseInt(lead, 10, 64)
	switch {
	case opportunity == "":
		return nil, missing("the role names no opportunity: give the association Opportunity with an external key")
	case err != nil:
		return nil, missing("the role names no lead: give the association Lead, or PersonId")
	case role == "":
		return nil, missing("the role has no Role, which is part of its key in the REST API (WithDefaultRole)")
	}
	return rest.Object{{Name: fieldOpportunityID, Value: opportunity}, {Name: fieldLeadID, Value: id}, {Name: "role", Value: role}}, nil
}

// DeleteMObjects deletes opportunities and roles, roles first.
//
// Lost: they are named by their external key, a role by opportunity, lead and role; what is named by an
// integer id fails. It costs a call for each type.
func (b *Bridge) DeleteMObjects(ctx context.Context, in *gen.ParamsDeleteMObjects) (*gen.SuccessDeleteMObjects, error) {
	return perform(ctx, b, "deleteMObjects", in, (*work).deleteMObjects)
}

func (w *work) deleteMObjects(in *gen.ParamsDeleteMObjects) (*gen.SuccessDeleteMObjects, error) {
	given, err := givenObjects(in.MObjectList)
	if err != nil {
		return nil, err
	}
	list := make([]gen.MObjStatus, len(given))
	for i := range given {
		list[i] = objectStatus(&given[i])
		if _, _, ok := kindOf(given[i].Type); !ok {
			failObject(&list[i], bad("type %.100q cannot be deleted: only %s and %s can", given[i].Type, typeOpportunity, typeRole))
		}
	}
	for _, name := range []string{typeRole, typeOpportunity} {
		err := w.writeKind(name, given, list, w.keyObject, wordsOfDelete, func(t *objectType, batch []rest.Object) (*rest.Answer[rest.Outcome], error) {
			return w.rest.DeleteObjects(w, t.kind, false, batch, safety.Of(w.operation, in))
		}, func(status *gen.MObjStatus, _ *rest.Outcome) { status.Status = gen.MObjStatusEnumDELETED })
		if err != nil {
			return nil, err
		}
	}
	for i := range list {
		if list[i].Status == gen.MObjStatusEnumSKIPPED { // it was not there
			list[i].Status, list[i].Error = gen.MObjStatusEnumUNCHANGED, gen.Opt[string]{}
		}
	}
	return &gen.SuccessDeleteMObjects{Result: &gen.ResultDeleteMObjects{MObjStatusList: &gen.ArrayOfMObjStatus{MObjStatus: list}}}, nil
}

// syncProgram writes tags and costs of a program.
func (w *work) syncProgram(o *gen.MObject, op gen.SyncOperationEnum, safe fault.Safety) error {
	id, hasID := o.Id.Get()
	switch {
	case op != gen.SyncOperationEnumUPDATE:
		return bad("a Program can only be updated: use UPDATE")
	case !hasID:
		return missing("a Program has no external key: give its id")
	case len(o.AttribList.Value.Attrib) > 0 || len(o.AssociationList.Value.MObjAssociation) > 0:
		return bad("of a Program only typeAttribList can be written, with Tag and Cost")
	}
	changes, err := readProgramChanges(o.TypeAttribList.Value.TypeAttrib)
	if err != nil {
		return err
	}
	if len(changes.Tags) == 0 && len(changes.Costs) == 0 {
		return nil
	}
	err = w.rest.UpdateProgram(w, int64(id), changes, safe)
	if said(err, 702) {
		return bad("there is no Program %d", id)
	}
	return err
}

// readProgramChanges reads the details of a request.
func readProgramChanges(details []gen.TypeAttrib) (out rest.ProgramUpdate, err error) {
	for _, d := range details {
		parts := make(map[string]string)
		for _, a := range d.AttrList.Value.Attrib {
			parts[a.Name] = a.Value
		}
		switch {
		case d.AttrType == "Tag" && parts["Type"] == tagChannel:
			return out, bad("the REST API does not change the channel of a program")
		case d.AttrType == "Tag" && (parts["Type"] == "" || parts["Value"] == ""):
			return out, missing("a Tag needs Type and Value")
		case d.AttrType == "Tag":
			out.Tags = append(out.Tags, rest.ProgramTag{Type: parts["Type"], Value: parts["Value"]})
		case d.AttrType == "Cost":
			cost, err := readCost(parts)
			if err != nil {
				return out, err
			}
			out.Costs = append(out.Costs, cost)
		default:
			return out, bad("typeAttrib/attrType %.100q is not Tag or Cost", d.AttrType)
		}
	}
	return out, nil
}

// readCost reads a cost to add. One that is to be changed has an id, which the REST API does not have.
func readCost(parts map[string]string) (rest.Cost, error) {
	if parts["Id"] != "" {
		return rest.Cost{}, bad("a Cost with an Id cannot be changed: the REST API has no ids of costs; add one with the difference")
	}
	amount, err := strconv.ParseInt(parts["Amount"], 10, 64)
	if err != nil {
		return rest.Cost{}, bad("a Cost needs an Amount that is a whole number, not %.40q", parts["Amount"])
	}
	for _, form := range []string{"2006-01", time.DateOnly} {
		if month, err := time.Parse(form, parts["Month"]); err == nil {
			return rest.Cost{StartDate: fmt.Sprintf("%s-01", month.Format("2006-01")), Cost: amount, Note: parts["Note"]}, nil
		}
	}
	return rest.Cost{}, bad("a Cost needs a Month such as 2013-06, not %.40q", parts["Month"])
}
