package objects

import (
	"slices"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// The types of Marketo object that getMObjects takes (Marketo SOAP API, getMObjects).
const (
	TypeOpportunity = "Opportunity"
	TypeRole        = "OpportunityPersonRole"
	TypeProgram     = "Program"
)

// What objects can be associated with, apart from opportunities.
const (
	TypeCompany = "Company"
	TypeLead    = "Lead"
)

// Attributes of a role that name what it ties together.
const (
	AttrOpportunityID = "OpportunityId"
	AttrPersonID      = "PersonId"
)

// Program is what a query asks of a program.
type Program interface {
	Name() string
	Kind() string
	Workspace() string
	WorkspaceID() int64
	Archived() bool
	Tags() []record.Attribute // type and value
}

// Object is a Marketo object of any type.
type Object struct {
	id               int32
	external         record.Attribute // zero: none
	created, updated time.Time
	attributes       []record.Attribute // in the order they were first set, none empty

	company     Reference       // of an opportunity; zero: none
	opportunity int32           // of a role
	lead        activity.LeadNo // of a role
	program     Program         // of a program
}

// NewProgram returns the object of a program. Id 0: the set gives the next free one.
func NewProgram(id int64, created, updated time.Time, p Program) *Object {
	return &Object{id: int32(id), created: created, updated: updated, program: p} //nolint:gosec // checked, or 0
}

// ID returns the object's id.
func (o *Object) ID() int32 { return o.id }

// ExternalKey returns the object's external key, zero if it has none.
func (o *Object) ExternalKey() record.Attribute { return o.external }

// Created returns when the object was made.
func (o *Object) Created() time.Time { return o.created }

// Updated returns when the object was changed last.
func (o *Object) Updated() time.Time { return o.updated }

// Attributes returns the object's attributes, which are the table's.
func (o *Object) Attributes() []record.Attribute { return o.attributes }

// Company returns the company of an opportunity, zero if it has none.
func (o *Object) Company() Reference { return o.company }

// Opportunity returns the id of the opportunity of a role.
func (o *Object) Opportunity() int32 { return o.opportunity }

// Lead returns the lead of a role.
func (o *Object) Lead() activity.LeadNo { return o.lead }

// Program returns the program that the object is, nil if it is none.
func (o *Object) Program() Program { return o.program }

// Touch notes that the object was changed.
func (o *Object) Touch(at time.Time) { o.updated = at }

// attribute returns the value of an attribute, empty if the object has none.
func (o *Object) attribute(name string) string {
	for _, a := range o.attributes {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// set writes attributes and reports whether that changes anything. An empty value
// takes the attribute away.
func (o *Object) set(attributes []record.Attribute) bool {
	before := slices.Clone(o.attributes)
	for _, a := range attributes {
		i := slices.IndexFunc(o.attributes, func(b record.Attribute) bool { return b.Name == a.Name })
		switch {
		case i < 0 && a.Value != "":
			o.attributes = append(o.attributes, a)
		case i >= 0 && a.Value == "":
			o.attributes = slices.Delete(o.attributes, i, i+1)
		case i >= 0:
			o.attributes[i] = a
		}
	}
	return !slices.Equal(before, o.attributes)
}

// Reference names an object of a type by its id or by the name and the value of a field.
type Reference struct {
	Type  string
	ID    int32
	HasID bool
	Key   record.Attribute // zero: none
}

// check gives the fault for a reference that names nothing or two things.
func (r Reference) check() error {
	hasKey := r.Key != (record.Attribute{})
	switch {
	case r.Type == "":
		return fault.New(fault.CodeParameterRequired, "mObjAssociation/mObjType is missing")
	case r.Type != TypeCompany && r.Type != TypeLead && r.Type != TypeOpportunity:
		return fault.Newf(fault.CodeBadParameter, "mObjAssociation/mObjType %q is not Company, Lead or Opportunity", r.Type)
	case r.HasID && hasKey:
		return fault.New(fault.CodeBadParameter, "mObjAssociation: id and externalKey exclude each other")
	case !r.HasID && !hasKey:
		return fault.New(fault.CodeParameterRequired, "mObjAssociation has neither id nor externalKey")
	}
	return nil
}

// checkDates finds a time of a record that cannot be read.
func checkDates(created, updated gen.DateTime) error {
	_, err := servicetime.Parse("created", created, time.Time{})
	if err != nil {
		return err
	}
	_, err = servicetime.Parse("updated", updated, time.Time{})
	return err
}

// date sets the times of a new object, which checkDates has passed.
func (o *Object) date(created, updated gen.DateTime) {
	o.created, _ = servicetime.Parse("created", created, o.created)
	o.updated, _ = servicetime.Parse("updated", updated, o.created)
}
