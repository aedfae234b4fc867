package simulator

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// The types of Marketo object that getMObjects takes (Marketo SOAP API, getMObjects).
const (
	typeOpportunity = "Opportunity"
	typeRole        = "OpportunityPersonRole"
	typeProgram     = "Program"
)

// Attributes of a role that name what it ties together.
const (
	attrOpportunityID = "OpportunityId"
	attrPersonID      = "PersonId"
)

// Opportunity is an opportunity as a test puts it into the simulator.
type Opportunity struct {
	ID          int64     // 1 to 2147483647; 0: the next free one is given
	ExternalKey Attribute // name and value of the field that holds a foreign id; zero: none
	CompanyID   int64     // the company it is associated with; 0: none
	// Attributes are those of the schema, such as Name, Stage and Amount, and those
	// that [Simulator.AddObjectField] has added.
	Attributes []Attribute
}

// OpportunityRole ties a lead to an opportunity: an OpportunityPersonRole.
type OpportunityRole struct {
	ID            int64 // 1 to 2147483647; 0: the next free one is given
	OpportunityID int64 // needed
	LeadID        int64 // needed
	// Attributes are Role, IsPrimary and ExternalCreatedDate, and those that
	// [Simulator.AddObjectField] has added.
	Attributes []Attribute
}

// object is a Marketo object in the simulator, of any type.
type object struct {
	id               int32
	external         Attribute // zero: none
	created, updated time.Time
	attributes       []Attribute // in the order they were first set, none empty

	company     gen.MObjAssociation // of an opportunity; MObjType is empty if there is none
	opportunity int32               // of a role
	lead        leadNo              // of a role
	program     *program            // of a program
}

// attribute returns the value of an attribute, empty if the object has none.
func (o *object) attribute(name string) string {
	for _, a := range o.attributes {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// set writes attributes and reports whether that changes anything. An empty value
// takes the attribute away.
func (o *object) set(attributes []Attribute) bool {
	before := slices.Clone(o.attributes)
	for _, a := range attributes {
		i := slices.IndexFunc(o.attributes, func(b Attribute) bool { return b.Name == a.Name })
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

// objectTable holds the Marketo objects. The zero value is empty.
type objectTable struct {
	opportunities objectSet
	roles         objectSet
	programs      objectSet
	fields        map[string][]Field // those that were added, by type
}

// set returns the objects of a type, nil for a type that is none.
func (t *objectTable) set(kind string) *objectSet {
	switch kind {
	case typeOpportunity:
		return &t.opportunities
	case typeRole:
		return &t.roles
	case typeProgram:
		return &t.programs
	}
	return nil
}

// AddOpportunity adds an opportunity and returns its id. It adds nothing and returns an
// error if the id is taken or outside its range, if an attribute is unknown, or if a
// value does not fit its type.
func (s *Simulator) AddOpportunity(o Opportunity) (id int64, err error) {
	defer s.change()()
	if err := s.checkOpportunity(&o); err != nil {
		return 0, err
	}
	return s.addOpportunity(&o), nil
}

func (s *Simulator) checkOpportunity(o *Opportunity) error {
	if err := s.objects.opportunities.check(typeOpportunity, o.ID); err != nil {
		return err
	}
	if (o.ExternalKey.Name == "") != (o.ExternalKey.Value == "") {
		return fmt.Errorf("simulator: opportunity: the external key %q needs both name and value", o.ExternalKey)
	}
	if o.CompanyID < 0 || o.CompanyID > math.MaxInt32 {
		return fmt.Errorf("simulator: opportunity: company id %d is outside the range of the schema", o.CompanyID)
	}
	if _, err := s.readAttributes(typeOpportunity, o.Attributes); err != nil {
		return fmt.Errorf("simulator: opportunity: %w", err)
	}
	return nil
}

func (s *Simulator) addOpportunity(o *Opportunity) int64 {
	made := s.newObject(o.ID)
	made.external = o.ExternalKey
	if o.CompanyID != 0 {
		made.company = gen.MObjAssociation{MObjType: typeCompany, Id: gen.Some(int32(o.CompanyID))} //nolint:gosec // checked
	}
	if attributes, err := s.readAttributes(typeOpportunity, o.Attributes); err == nil { // checked
		made.set(attributes)
	}
	return int64(s.objects.opportunities.add(made).id)
}

// AddOpportunityRole adds a role and returns its id. It adds nothing and returns an
// error if there is no such opportunity or lead, or for a reason of
// [Simulator.AddOpportunity].
func (s *Simulator) AddOpportunityRole(r OpportunityRole) (id int64, err error) {
	defer s.change()()
	if err := s.objects.roles.check(typeRole, r.ID); err != nil {
		return 0, err
	}
	if r.OpportunityID < 1 || r.OpportunityID > math.MaxInt32 || s.objects.opportunities.find(int32(r.OpportunityID)) == nil {
		return 0, fmt.Errorf("simulator: role: there is no opportunity %d: add it first", r.OpportunityID)
	}
	if _, ok := s.leads.byID[r.LeadID]; !ok {
		return 0, fmt.Errorf("simulator: role: there is no lead %d: add it first", r.LeadID)
	}
	if _, err := s.readAttributes(typeRole, r.Attributes); err != nil {
		return 0, fmt.Errorf("simulator: role: %w", err)
	}
	return s.addRole(&r), nil
}

// addRole adds a role whose lead and opportunity exist.
func (s *Simulator) addRole(r *OpportunityRole) int64 {
	made := s.newObject(r.ID)
	made.opportunity, made.lead = int32(r.OpportunityID), s.leads.byID[r.LeadID] //nolint:gosec // exists
	if attributes, err := s.readAttributes(typeRole, r.Attributes); err == nil { // checked
		made.set(attributes)
	}
	return int64(s.objects.roles.add(made).id)
}

// newObject returns an object that is made now. Id 0: the set gives the next free one.
func (s *Simulator) newObject(id int64) *object {
	now := s.now().Truncate(time.Second)
	return &object{id: int32(id), created: now, updated: now} //nolint:gosec // checked, or 0
}

// moveRoles gives the roles of a lead to another one, as a merge does it.
func (t *objectTable) moveRoles(from, to leadNo) {
	for _, role := range t.roles.having(link{kind: typeLead, number: int64(from)}) {
		t.roles.change(role, func() bool { role.lead = to; return true })
	}
}

// kept returns an attribute of a request for keeping: strings of a message share the
// memory of the whole document.
func kept(a gen.Attrib) Attribute {
	return Attribute{Name: strings.Clone(a.Name), Value: strings.Clone(a.Value)}
}
