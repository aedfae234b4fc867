package objects

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/record"
)

// Outcomes other than success, for one object.
var (
	ErrExists   = errors.New("exists already: INSERT takes new objects only")
	ErrNoObject = errors.New("does not exist: UPDATE takes existing objects only")
)

// Skipped returns the reason why an operation leaves an object alone, if it does.
func Skipped(op gen.SyncOperationEnum, exists bool) error {
	switch {
	case op == gen.SyncOperationEnumINSERT && exists:
		return ErrExists
	case op == gen.SyncOperationEnumUPDATE && !exists:
		return ErrNoObject
	}
	return nil
}

// Input is an object as a request writes it. What is kept of it must not share the memory
// of the request.
type Input struct {
	Type         string
	ID           int32
	HasID        bool
	ExternalKey  record.Attribute // zero: none
	Attributes   []record.Attribute
	Associations []Reference
	Details      []Detail // of a program
}

// Detail is a tag or a cost of a program, with its parts by name.
type Detail struct {
	Type  string
	Parts map[string]string
}

// Sync inserts or updates an opportunity or a role and tells what was done. The object may
// be known where there is an error.
func (t *Table) Sync(in *Input, op gen.SyncOperationEnum) (*Object, gen.MObjStatusEnum, error) {
	if in.Type == TypeRole {
		return t.syncRole(in, op)
	}
	return t.syncOpportunity(in, op)
}

// Existing returns the object that an input names by id or external key, nil for a new one.
// An id that does not exist is an error.
func (t *Set) Existing(in *Input) (*Object, error) {
	if in.HasID {
		if found := t.Find(in.ID); found != nil {
			return found, nil
		}
		return nil, fmt.Errorf("there is no %s with the id %d", in.Type, in.ID)
	}
	if in.ExternalKey != (record.Attribute{}) {
		return t.findKey(in.ExternalKey), nil
	}
	return nil, nil //nolint:nilnil // no object, and nothing wrong
}

// syncOpportunity inserts or updates an opportunity. Everything is checked before anything is written, so a failed
// object changes nothing.
func (t *Table) syncOpportunity(in *Input, op gen.SyncOperationEnum) (*Object, gen.MObjStatusEnum, error) {
	if key := in.ExternalKey; key != (record.Attribute{}) && (key.Name == "" || key.Value == "") {
		return nil, "", errors.New("externalKey needs both name and value")
	}
	found, err := t.opportunities.Existing(in)
	if err != nil {
		return nil, "", err
	}
	if err := Skipped(op, found != nil); err != nil {
		return found, "", err
	}
	attributes, err := t.readAttributes(in)
	if err != nil {
		return found, "", err
	}
	company, err := readCompany(in)
	if err != nil {
		return found, "", err
	}
	if found == nil {
		return t.insertOpportunity(in, company, attributes)
	}
	renamed := t.opportunities.rename(found, in.ExternalKey)
	changed := t.opportunities.change(found, func() bool {
		moved := company != (Reference{}) && company != found.company
		if moved {
			found.company = company
		}
		return found.set(attributes) || moved
	})
	return found, t.touched(found, changed || renamed), nil
}

// insertOpportunity adds a new opportunity.
func (t *Table) insertOpportunity(in *Input, company Reference, attributes []record.Attribute) (*Object, gen.MObjStatusEnum, error) {
	if err := t.opportunities.Check(TypeOpportunity, 0); err != nil {
		return nil, "", err
	}
	made := t.newObject(0)
	made.external, made.company = in.ExternalKey, company
	made.set(attributes)
	return t.opportunities.Add(made), gen.MObjStatusEnumCREATED, nil
}

// touched notes the time of a change.
func (t *Table) touched(o *Object, changed bool) gen.MObjStatusEnum {
	if !changed {
		return gen.MObjStatusEnumUNCHANGED
	}
	o.Touch(t.now().Truncate(time.Second))
	return gen.MObjStatusEnumUPDATED
}

// readAttributes checks the attributes of an input.
func (t *Table) readAttributes(in *Input) ([]record.Attribute, error) {
	if len(in.Details) > 0 {
		return nil, fmt.Errorf("typeAttribList: only a Program has one, not %s", in.Type)
	}
	var list []record.Attribute
	for _, a := range in.Attributes {
		if in.Type == TypeRole && (a.Name == AttrOpportunityID || a.Name == AttrPersonID) {
			continue // see rolePlace
		}
		list = append(list, a)
	}
	return list, t.checkAttributes(in.Type, list)
}

// readCompany returns the company of an opportunity's input, zero if it has none.
func readCompany(in *Input) (company Reference, err error) {
	for _, a := range in.Associations {
		if a.Type != TypeCompany {
			return company, fmt.Errorf("associationList: an Opportunity is associated with a Company, not with %q", a.Type)
		}
		if err := a.check(); err != nil {
			return company, errors.New("associationList: Company needs an id or an externalKey")
		}
		company = a
	}
	return company, nil
}

// syncRole inserts or updates a role. A role has no external key; it is found by its id or by what it ties together.
func (t *Table) syncRole(in *Input, op gen.SyncOperationEnum) (*Object, gen.MObjStatusEnum, error) {
	if in.ExternalKey != (record.Attribute{}) {
		return nil, "", fmt.Errorf("%s has no external key of its own", TypeRole)
	}
	found, err := t.roles.Existing(in)
	if err != nil {
		return nil, "", err
	}
	wanted, err := t.rolePlace(in, found)
	if err != nil {
		return found, "", err
	}
	attributes, err := t.readAttributes(in)
	if err != nil {
		return found, "", err
	}
	wanted.set(attributes)
	if found == nil {
		found = t.sameRole(wanted)
	}
	if err := Skipped(op, found != nil); err != nil {
		return found, "", err
	}
	if found == nil {
		if err := t.roles.Check(TypeRole, 0); err != nil {
			return nil, "", err
		}
		return t.roles.Add(wanted), gen.MObjStatusEnumCREATED, nil
	}
	changed := t.roles.change(found, func() bool {
		moved := found.opportunity != wanted.opportunity || found.lead != wanted.lead
		found.opportunity, found.lead = wanted.opportunity, wanted.lead
		return found.set(attributes) || moved
	})
	return found, t.touched(found, changed), nil
}

// sameRole returns the role of the same lead, opportunity and text, or nil.
func (t *Table) sameRole(wanted *Object) *Object {
	ofLead := link{kind: TypeLead, number: int64(wanted.lead)}
	ofOpportunity := link{kind: TypeOpportunity, number: int64(wanted.opportunity)}
	fewer := ofLead
	if t.roles.linked[ofOpportunity].Len() < t.roles.linked[ofLead].Len() {
		fewer = ofOpportunity
	}
	for _, role := range t.roles.having(fewer) {
		if role.lead == wanted.lead && role.opportunity == wanted.opportunity && role.text("Role") == wanted.text("Role") {
			return role
		}
	}
	return nil
}

// rolePlace returns a new object with the opportunity and the lead of a role's input. Both can be given by attributes
// and by associations, which must not disagree. What is not given stays as it is in before.
func (t *Table) rolePlace(in *Input, before *Object) (*Object, error) {
	wanted := t.newObject(0)
	var opportunities []int32
	var leads []activity.LeadNo
	for _, a := range roleAssociations(in) {
		switch a.Type {
		case TypeOpportunity:
			id, ok := t.opportunityID(a)
			if !ok {
				return nil, errors.New("the opportunity does not exist: give the id or the external key of one that does")
			}
			opportunities = append(opportunities, id)
		case TypeLead:
			no, err := t.associatedLead(a)
			if err != nil {
				return nil, fmt.Errorf("the lead does not exist: give the id, or a field and its value, of one that does (%w)", err)
			}
			leads = append(leads, no)
		default:
			return nil, fmt.Errorf("associationList: a role is associated with Opportunity and Lead, not with %q", a.Type)
		}
	}
	if before != nil {
		wanted.opportunity, wanted.lead = before.opportunity, before.lead
	}
	if err := agreed(&wanted.opportunity, opportunities, before == nil, AttrOpportunityID); err != nil {
		return nil, err
	}
	return wanted, agreed(&wanted.lead, leads, before == nil, AttrPersonID)
}

// roleAssociations returns the associations of a role's input, those that attributes make
// as well.
func roleAssociations(in *Input) []Reference {
	list := slices.Clone(in.Associations)
	for _, a := range in.Attributes {
		id, err := strconv.ParseInt(a.Value, 10, 32)
		if err != nil {
			id = 0 // which nothing has
		}
		switch a.Name {
		case AttrOpportunityID:
			list = append(list, Reference{Type: TypeOpportunity, ID: int32(id), HasID: true})
		case AttrPersonID:
			list = append(list, Reference{Type: TypeLead, ID: int32(id), HasID: true})
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

// Delete deletes an opportunity, with its roles, or a role, and reports whether there was
// one.
func (t *Table) Delete(kind string, id int32) bool {
	set := t.set(kind)
	found := set.Find(id)
	if found == nil {
		return false
	}
	set.remove(found)
	if kind == TypeOpportunity {
		for _, role := range t.roles.having(link{kind: TypeOpportunity, number: int64(id)}) {
			t.roles.remove(role)
		}
	}
	return true
}
