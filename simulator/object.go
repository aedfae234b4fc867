package simulator

import (
	"errors"
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

// objectSet is the objects of one type. The zero value is empty.
type objectSet struct {
	all    []*object // by id
	byKey  map[Attribute][]*object
	lastID int32 // highest id ever given: that of a deleted object is not given again
}

// find returns the object of an id, or nil.
func (t *objectSet) find(id int32) *object {
	if i, ok := t.search(id); ok {
		return t.all[i]
	}
	return nil
}

func (t *objectSet) search(id int32) (int, bool) {
	return slices.BinarySearchFunc(t.all, id, func(o *object, id int32) int { return int(int64(o.id) - int64(id)) })
}

// findKey returns the object of an external key, or nil. The service does not keep
// such keys unique: the latest object counts.
func (t *objectSet) findKey(key gen.Attrib) *object {
	found := t.byKey[Attribute(key)]
	if len(found) == 0 {
		return nil
	}
	return found[len(found)-1]
}

// check returns an error if an object cannot get the id it asks for; 0 asks for any.
func (t *objectSet) check(kind string, id int64) error {
	if id == 0 {
		id = int64(t.lastID) + 1
	}
	if id < 1 || id > math.MaxInt32 {
		return fmt.Errorf("simulator: %s id %d is outside 1 to %d, the range of the schema", kind, id, math.MaxInt32)
	}
	if t.find(int32(id)) != nil {
		return fmt.Errorf("simulator: there is a %s %d already: give another id, or none", kind, id)
	}
	return nil
}

// reason is what an error says, for answers: whose error it is does not matter there.
func reason(err error) error { return errors.New(strings.TrimPrefix(err.Error(), "simulator: ")) }

// add enters an object whose id check has passed.
func (t *objectSet) add(o *object) *object {
	if o.id == 0 {
		o.id = t.lastID + 1
	}
	t.lastID = max(t.lastID, o.id)
	i, _ := t.search(o.id)
	t.all = slices.Insert(t.all, i, o)
	if o.external != (Attribute{}) {
		t.addKey(o)
	}
	return o
}

func (t *objectSet) addKey(o *object) {
	if t.byKey == nil {
		t.byKey = make(map[Attribute][]*object)
	}
	t.byKey[o.external] = append(t.byKey[o.external], o)
}

// rename gives an object another external key and reports whether it had not got it.
func (t *objectSet) rename(o *object, key Attribute) bool {
	if key == (Attribute{}) || key == o.external {
		return false
	}
	t.dropKey(o)
	o.external = key
	t.addKey(o)
	return true
}

func (t *objectSet) dropKey(o *object) {
	t.byKey[o.external] = slices.DeleteFunc(t.byKey[o.external], func(other *object) bool { return other == o })
}

// remove takes an object out.
func (t *objectSet) remove(o *object) {
	if i, ok := t.search(o.id); ok {
		t.all = slices.Delete(t.all, i, i+1)
	}
	if o.external != (Attribute{}) {
		t.dropKey(o)
	}
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
	for _, role := range t.roles.all {
		if role.lead == from {
			role.lead = to
		}
	}
}

// kept returns an attribute of a request for keeping: strings of a message share the
// memory of the whole document.
func kept(a gen.Attrib) Attribute {
	return Attribute{Name: strings.Clone(a.Name), Value: strings.Clone(a.Value)}
}
