package simulator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// SyncMObjects inserts or updates objects and tells the outcome of each, in the order of
// the request (Marketo SOAP API, syncMObjects; WSDL: ParamsSyncMObjects). One call may
// mix types, and an object may refer to an earlier one by external key.
//
// An object exists if its id does, or else its external key; a role also if the
// opportunity, the lead and the text of Role are those of one. Id and external key
// together: the id decides and the key is written. INSERT leaves what exists SKIPPED,
// UPDATE what does not; an id that does not exist is FAILED with all three, because only
// the service gives ids. An update that changes nothing is UNCHANGED, an empty value
// clears its attribute. An opportunity keeps any number of equal external keys.
//
// A Program can only be updated, by its id: its tags, of which the new value takes the
// place of those of the same type, and its costs, of which one without Id is added.
// FAILED and SKIPPED come with an error text, id is nil where nothing exists.
//
// Faults: 20109 without objects or operation, 20110 for more than 100 objects and for an
// unknown operation.
func (s *Simulator) SyncMObjects(ctx context.Context, in *gen.ParamsSyncMObjects) (*gen.SuccessSyncMObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsSyncMObjects)
	}
	objects, err := readObjects(in.MObjectList)
	if err != nil {
		return nil, err
	}
	if len(objects) > maxObjects {
		return nil, fault.Newf(fault.CodeBadParameter, "mObjectList has %d objects: at most %d are allowed", len(objects), maxObjects)
	}
	if err := checkSyncOperation(in.Operation); err != nil {
		return nil, err
	}
	defer s.change()()
	list := make([]gen.MObjStatus, len(objects))
	for i := range objects {
		list[i] = s.syncObject(&objects[i], in.Operation)
	}
	return &gen.SuccessSyncMObjects{Result: &gen.ResultSyncMObjects{MObjStatusList: &gen.ArrayOfMObjStatus{MObjStatus: list}}}, nil
}

// readObjects returns a list of objects, which must not be empty.
func readObjects(list *gen.ArrayOfMObject) ([]gen.MObject, error) {
	if list == nil || len(list.MObject) == 0 {
		return nil, fault.New(fault.CodeParameterRequired, "mObjectList is missing or empty")
	}
	return list.MObject, nil
}

func checkSyncOperation(op gen.SyncOperationEnum) error {
	switch {
	case op == "":
		return fault.New(fault.CodeParameterRequired, "operation is missing")
	case !op.Valid():
		return fault.Newf(fault.CodeBadParameter, "operation %q is not INSERT, UPDATE or UPSERT", op)
	}
	return nil
}

// Outcomes other than success, for one object.
var (
	errExists   = errors.New("exists already: INSERT takes new objects only")
	errNoObject = errors.New("does not exist: UPDATE takes existing objects only")
)

// skipped returns the reason why an operation leaves an object alone, if it does.
func skipped(op gen.SyncOperationEnum, exists bool) error {
	switch {
	case op == gen.SyncOperationEnumINSERT && exists:
		return errExists
	case op == gen.SyncOperationEnumUPDATE && !exists:
		return errNoObject
	}
	return nil
}

// syncObject does what is asked for one object.
func (s *Simulator) syncObject(o *gen.MObject, op gen.SyncOperationEnum) gen.MObjStatus {
	var done *object
	var status gen.MObjStatusEnum
	var err error
	switch o.Type {
	case typeOpportunity:
		done, status, err = s.syncOpportunity(o, op)
	case typeRole:
		done, status, err = s.syncRole(o, op)
	case typeProgram:
		done, status, err = s.syncProgram(o, op)
	default:
		err = fmt.Errorf("type %q is not one of %s, %s, %s", o.Type, typeOpportunity, typeRole, typeProgram)
	}
	return objectStatus(o, done, status, err)
}

// objectStatus is the answer for one object of a request.
func objectStatus(o *gen.MObject, done *object, status gen.MObjStatusEnum, err error) gen.MObjStatus {
	answer := gen.MObjStatus{Id: gen.None[int32](), Status: status}
	if key, ok := externalKey(o.ExternalKey); ok {
		answer.ExternalKey = gen.Some(key)
	}
	switch {
	case done != nil:
		answer.Id = gen.Some(done.id)
	case o.Id.State == gen.Present:
		answer.Id = o.Id
	}
	switch {
	case errors.Is(err, errExists), errors.Is(err, errNoObject):
		answer.Status, answer.Error = gen.MObjStatusEnumSKIPPED, gen.Some(err.Error())
	case err != nil:
		answer.Status, answer.Error = gen.MObjStatusEnumFAILED, gen.Some(err.Error())
	}
	return answer
}

// existing returns the object that a record names by id or external key, nil for a new
// one. An id that does not exist is an error.
func (t *objectSet) existing(o *gen.MObject) (*object, error) {
	if id, ok := o.Id.Get(); ok {
		if found := t.find(id); found != nil {
			return found, nil
		}
		return nil, fmt.Errorf("there is no %s with the id %d", o.Type, id)
	}
	if key, ok := externalKey(o.ExternalKey); ok {
		return t.findKey(key), nil
	}
	return nil, nil //nolint:nilnil // no object, and nothing wrong
}

func (s *Simulator) syncOpportunity(o *gen.MObject, op gen.SyncOperationEnum) (*object, gen.MObjStatusEnum, error) {
	if key, ok := externalKey(o.ExternalKey); ok && (key.Name == "" || key.Value == "") {
		return nil, "", errors.New("externalKey needs both name and value")
	}
	found, err := s.objects.opportunities.existing(o)
	if err != nil {
		return nil, "", err
	}
	if err := skipped(op, found != nil); err != nil {
		return found, "", err
	}
	attributes, err := s.readAttribs(o)
	if err != nil {
		return found, "", err
	}
	company, err := readCompany(o)
	if err != nil {
		return found, "", err
	}
	if found == nil {
		if err := s.objects.opportunities.check(typeOpportunity, 0); err != nil {
			return nil, "", reason(err)
		}
		made := s.newObject(0)
		made.external, made.company = kept(o.ExternalKey.Value), company
		made.set(attributes)
		return s.objects.opportunities.add(made), gen.MObjStatusEnumCREATED, nil
	}
	renamed := s.objects.opportunities.rename(found, kept(o.ExternalKey.Value))
	changed := s.objects.opportunities.change(found, func() bool {
		moved := company.MObjType != "" && company != found.company
		if moved {
			found.company = company
		}
		return found.set(attributes) || moved
	})
	return found, s.touched(found, changed || renamed), nil
}

// touched notes the time of a change.
func (s *Simulator) touched(o *object, changed bool) gen.MObjStatusEnum {
	if !changed {
		return gen.MObjStatusEnumUNCHANGED
	}
	o.updated = s.now().Truncate(time.Second)
	return gen.MObjStatusEnumUPDATED
}

// readAttribs checks and keeps the attributes of a record.
func (s *Simulator) readAttribs(o *gen.MObject) ([]Attribute, error) {
	if len(o.TypeAttribList.Value.TypeAttrib) > 0 {
		return nil, fmt.Errorf("typeAttribList: only a Program has one, not %s", o.Type)
	}
	var list []Attribute
	for _, a := range o.AttribList.Value.Attrib {
		if o.Type == typeRole && (a.Name == attrOpportunityID || a.Name == attrPersonID) {
			continue // see rolePlace
		}
		list = append(list, kept(a))
	}
	return s.readAttributes(o.Type, list)
}

// readCompany returns the company of an opportunity's record, zero if it has none.
func readCompany(o *gen.MObject) (company gen.MObjAssociation, err error) {
	for _, a := range o.AssociationList.Value.MObjAssociation {
		if a.MObjType != typeCompany {
			return company, fmt.Errorf("associationList: an Opportunity is associated with a Company, not with %q", a.MObjType)
		}
		if err := checkAssociation(a); err != nil {
			return company, errors.New("associationList: Company needs an id or an externalKey")
		}
		company = plain(a)
		company.MObjType = typeCompany
		company.ExternalKey.Value = gen.Attrib(kept(company.ExternalKey.Value))
	}
	return company, nil
}

func (s *Simulator) syncRole(o *gen.MObject, op gen.SyncOperationEnum) (*object, gen.MObjStatusEnum, error) {
	if _, ok := externalKey(o.ExternalKey); ok {
		return nil, "", fmt.Errorf("%s has no external key of its own", typeRole)
	}
	found, err := s.objects.roles.existing(o)
	if err != nil {
		return nil, "", err
	}
	place, err := s.rolePlace(o, found)
	if err != nil {
		return found, "", err
	}
	attributes, err := s.readAttribs(o)
	if err != nil {
		return found, "", err
	}
	place.set(attributes)
	if found == nil {
		found = s.sameRole(place)
	}
	if err := skipped(op, found != nil); err != nil {
		return found, "", err
	}
	if found == nil {
		if err := s.objects.roles.check(typeRole, 0); err != nil {
			return nil, "", reason(err)
		}
		return s.objects.roles.add(place), gen.MObjStatusEnumCREATED, nil
	}
	changed := s.objects.roles.change(found, func() bool {
		moved := found.opportunity != place.opportunity || found.lead != place.lead
		found.opportunity, found.lead = place.opportunity, place.lead
		return found.set(attributes) || moved
	})
	return found, s.touched(found, changed), nil
}

// sameRole returns the role of the same lead, opportunity and text, or nil.
func (s *Simulator) sameRole(place *object) *object {
	roles := &s.objects.roles
	ofLead, ofOpportunity := link{kind: typeLead, number: int64(place.lead)}, link{kind: typeOpportunity, number: int64(place.opportunity)}
	fewer := ofLead
	if roles.linked[ofOpportunity].Len() < roles.linked[ofLead].Len() {
		fewer = ofOpportunity
	}
	for _, role := range roles.having(fewer) {
		if role.lead == place.lead && role.opportunity == place.opportunity && role.text("Role") == place.text("Role") {
			return role
		}
	}
	return nil
}

// rolePlace returns a new object with the opportunity and the lead of a role's record:
// those of its attributes or associations, which must not disagree, or else those that
// the role has already.
func (s *Simulator) rolePlace(o *gen.MObject, before *object) (*object, error) {
	place := s.newObject(0)
	var opportunities []int32
	var leads []leadNo
	for _, a := range roleAssociations(o) {
		switch a.MObjType {
		case typeOpportunity:
			id, ok := s.opportunityID(a)
			if !ok {
				return nil, errors.New("the opportunity does not exist: give the id or the external key of one that does")
			}
			opportunities = append(opportunities, id)
		case typeLead:
			no, err := s.associatedLead(a)
			if err != nil {
				return nil, fmt.Errorf("the lead does not exist: give the id, or a field and its value, of one that does (%w)", err)
			}
			leads = append(leads, no)
		default:
			return nil, fmt.Errorf("associationList: a role is associated with Opportunity and Lead, not with %q", a.MObjType)
		}
	}
	if before != nil {
		place.opportunity, place.lead = before.opportunity, before.lead
	}
	if err := agreed(&place.opportunity, opportunities, before == nil, attrOpportunityID); err != nil {
		return nil, err
	}
	return place, agreed(&place.lead, leads, before == nil, attrPersonID)
}

// roleAssociations returns the associations of a role's record, those that attributes
// make as well.
func roleAssociations(o *gen.MObject) []gen.MObjAssociation {
	list := slices.Clone(o.AssociationList.Value.MObjAssociation)
	for _, a := range o.AttribList.Value.Attrib {
		id, err := strconv.ParseInt(a.Value, 10, 32)
		if err != nil {
			id = 0 // which nothing has
		}
		switch a.Name {
		case attrOpportunityID:
			list = append(list, gen.MObjAssociation{MObjType: typeOpportunity, Id: gen.Some(int32(id))})
		case attrPersonID:
			list = append(list, gen.MObjAssociation{MObjType: typeLead, Id: gen.Some(int32(id))})
		}
	}
	return list
}

// agreed sets the one value that all given ones have.
func agreed[T comparable](value *T, given []T, needed bool, name string) error {
	switch {
	case len(given) == 0 && needed:
		return fmt.Errorf("%s is missing, and an association in its place", name)
	case len(given) == 0:
		return nil
	case slices.ContainsFunc(given, func(v T) bool { return v != given[0] }):
		return fmt.Errorf("%s and the association name different objects", name)
	}
	*value = given[0]
	return nil
}
