// Package objects is the table of Marketo objects: opportunities and the roles that leads have in them, their fields,
// and how objects of all types are asked for. Programs are Marketo objects too, but have a table of their own.
package objects

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/datatype"
	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Leads is what the table needs of that of leads.
type Leads interface {
	No(id int64) (no activity.LeadNo, ok bool)
	ID(no activity.LeadNo) int64
	// Names reports whether a text names a field of leads.
	Names(text string) bool
	// WithValue returns the lead that has a value in a field, of several the one added last.
	WithValue(field, value string) (no activity.LeadNo, ok bool)
}

// Table holds opportunities and roles. Make it with [New]. Whoever uses it holds the lock;
// those who only read may share it.
type Table struct {
	now           func() time.Time
	leads         Leads
	programs      *Set // which another table owns
	opportunities Set
	roles         Set
	fields        map[string][]record.Field // those that were added, by type
}

// New returns an empty table with a clock and the objects that are programs.
func New(now func() time.Time, leads Leads, programs *Set) *Table {
	return &Table{now: now, leads: leads, programs: programs, fields: make(map[string][]record.Field)}
}

// set returns the objects of a type, nil for a type that is none.
func (t *Table) set(kind string) *Set {
	switch kind {
	case TypeOpportunity:
		return &t.opportunities
	case TypeRole:
		return &t.roles
	case TypeProgram:
		return t.programs
	}
	return nil
}

// Opportunities returns the opportunities.
func (t *Table) Opportunities() *Set { return &t.opportunities }

// Roles returns the roles.
func (t *Table) Roles() *Set { return &t.roles }

// AddField adds a custom field to Opportunity or OpportunityPersonRole. The error says that
// there is no such type, that it has the field already, or that the data type is unknown.
func (t *Table) AddField(added record.ObjectField) error {
	if added.Object != TypeOpportunity && added.Object != TypeRole {
		return fmt.Errorf("%q cannot have custom fields: only %s and %s can", added.Object, TypeOpportunity, TypeRole)
	}
	f, err := datatype.Check(record.Field{Name: added.Name, DataType: added.DataType})
	if err != nil {
		return err
	}
	if _, ok := t.field(added.Object, f.Name); ok {
		return fmt.Errorf("%s has a field %q already", added.Object, f.Name)
	}
	t.fields[added.Object] = append(t.fields[added.Object], f)
	return nil
}

// CustomFields returns the fields that were added to a type. They are the table's.
func (t *Table) CustomFields(kind string) []record.Field { return t.fields[kind] }

// FieldsOf returns all fields of a type of object.
func (t *Table) FieldsOf(kind string) []record.Field {
	i := slices.IndexFunc(Types, func(one Type) bool { return one.Name == kind })
	return slices.Concat(Types[i].Fields, t.fields[kind])
}

// field returns the field of a type of object.
func (t *Table) field(kind, name string) (record.Field, bool) {
	is := func(f record.Field) bool { return f.Name == name }
	for i := range Types {
		if one := &Types[i]; one.Name == kind {
			if j := slices.IndexFunc(one.Fields, is); j >= 0 {
				return one.Fields[j], true
			}
		}
	}
	if j := slices.IndexFunc(t.fields[kind], is); j >= 0 {
		return t.fields[kind][j], true
	}
	return record.Field{}, false
}

// checkAttributes checks attributes against the fields of their type.
func (t *Table) checkAttributes(kind string, list []record.Attribute) error {
	for _, a := range list {
		f, ok := t.field(kind, a.Name)
		if !ok || f.Name == "Id" || f.Name == AttrOpportunityID || f.Name == AttrPersonID {
			return fmt.Errorf("%s has no field %q that can be written", kind, a.Name)
		}
		if err := datatype.Accepts(f, a.Value); err != nil {
			return err
		}
	}
	return nil
}

// CheckOpportunity finds what would keep an opportunity from being added, with its place.
func (t *Table) CheckOpportunity(o *record.Opportunity) error {
	if key := o.ExternalKey; key != nil && (key.Name == "" || key.Value == "") {
		return place.Wrong("externalKey", "the external key %q needs both name and value", *key)
	}
	if err := t.opportunities.Check(TypeOpportunity, o.ID); err != nil {
		return place.In(err, "id")
	}
	if err := t.checkAttributes(TypeOpportunity, o.Attributes); err != nil {
		return place.In(err, "attributes")
	}
	if c := o.Company; c != nil && (c.ID == nil) == (c.ExternalKey == nil) {
		return place.Wrong("company", "it needs either id or externalKey")
	}
	return checkDates(o.Created, o.Updated)
}

// AddOpportunity adds an opportunity that CheckOpportunity has passed and returns its id.
func (t *Table) AddOpportunity(o *record.Opportunity) int64 {
	made := t.newObject(o.ID)
	made.date(o.Created, o.Updated)
	if o.ExternalKey != nil {
		made.external = *o.ExternalKey
	}
	if c := o.Company; c != nil {
		made.company.Type = TypeCompany
		if c.ID != nil {
			made.company.ID, made.company.HasID = *c.ID, true
		} else {
			made.company.Key = *c.ExternalKey
		}
	}
	made.set(o.Attributes)
	return int64(t.opportunities.Add(made).id)
}

// CheckRole finds what would keep a role from being added, with its place.
func (t *Table) CheckRole(r *record.OpportunityRole) error {
	if err := t.roles.Check(TypeRole, r.ID); err != nil {
		return place.In(err, "id")
	}
	if r.OpportunityID < 1 || r.OpportunityID > math.MaxInt32 || t.opportunities.Find(int32(r.OpportunityID)) == nil {
		return place.Wrong("opportunityId", "there is no opportunity %d: add it first", r.OpportunityID)
	}
	if _, ok := t.leads.No(r.LeadID); !ok {
		return place.Wrong("leadId", "there is no lead %d: add it first", r.LeadID)
	}
	if err := t.checkAttributes(TypeRole, r.Attributes); err != nil {
		return place.In(err, "attributes")
	}
	return checkDates(r.Created, r.Updated)
}

// AddRole adds a role that CheckRole has passed and returns its id.
func (t *Table) AddRole(r *record.OpportunityRole) int64 {
	made := t.newObject(r.ID)
	made.date(r.Created, r.Updated)
	made.opportunity = int32(r.OpportunityID) //nolint:gosec // exists
	made.lead, _ = t.leads.No(r.LeadID)
	made.set(r.Attributes)
	return int64(t.roles.Add(made).id)
}

// newObject returns an object that is made now. Id 0: the set gives the next free one.
func (t *Table) newObject(id int64) *Object {
	now := t.now().Truncate(time.Second)
	return &Object{id: int32(id), created: now, updated: now} //nolint:gosec // checked, or 0
}

// MoveLead gives the roles of a lead to another one.
func (t *Table) MoveLead(from, to activity.LeadNo) {
	for _, role := range t.roles.having(link{kind: TypeLead, number: int64(from)}) {
		t.roles.change(role, func() bool { role.lead = to; return true })
	}
}

// DropLead deletes the roles of a lead, which is deleted.
func (t *Table) DropLead(no activity.LeadNo) {
	for _, role := range t.roles.having(link{kind: TypeLead, number: int64(no)}) {
		t.roles.remove(role)
	}
}

// Load fills an empty table. No id up to the last ones is given.
func (t *Table) Load(st *record.State) error {
	t.opportunities.Reserve(st.LastIDs.Opportunity, func(yield func(int64) bool) {
		for i := range st.Opportunities {
			yield(st.Opportunities[i].ID)
		}
	})
	t.roles.Reserve(st.LastIDs.OpportunityRole, func(yield func(int64) bool) {
		for i := range st.OpportunityRoles {
			yield(st.OpportunityRoles[i].ID)
		}
	})
	for i, f := range st.ObjectFields {
		if err := t.AddField(f); err != nil {
			return place.In(err, "objectFields[%d]", i)
		}
	}
	for i := range st.Opportunities {
		if err := t.CheckOpportunity(&st.Opportunities[i]); err != nil {
			return place.In(err, "opportunities[%d]", i)
		}
		t.AddOpportunity(&st.Opportunities[i])
	}
	for i := range st.OpportunityRoles {
		if err := t.CheckRole(&st.OpportunityRoles[i]); err != nil {
			return place.In(err, "opportunityRoles[%d]", i)
		}
		t.AddRole(&st.OpportunityRoles[i])
	}
	return nil
}

// Snapshot writes what the table holds into a state.
func (t *Table) Snapshot(st *record.State) {
	st.LastIDs.Opportunity, st.LastIDs.OpportunityRole = t.opportunities.LastID(), t.roles.LastID()
	for _, kind := range []string{TypeOpportunity, TypeRole} {
		for _, f := range t.fields[kind] {
			st.ObjectFields = append(st.ObjectFields, record.ObjectField{Object: kind, Name: f.Name, DataType: f.DataType})
		}
	}
	for _, o := range t.opportunities.inKeyOrder() {
		st.Opportunities = append(st.Opportunities, o.opportunityRecord())
	}
	for o := range t.roles.All() {
		st.OpportunityRoles = append(st.OpportunityRoles, record.OpportunityRole{
			ID: int64(o.id), OpportunityID: int64(o.opportunity), LeadID: t.leads.ID(o.lead),
			Created: servicetime.Text(o.created), Updated: servicetime.Text(o.updated), Attributes: clone(o.attributes),
		})
	}
}

// opportunityRecord returns an opportunity as a state has it.
func (o *Object) opportunityRecord() record.Opportunity {
	out := record.Opportunity{
		ID: int64(o.id), ExternalKey: keyOrNil(o.external),
		Created: servicetime.Text(o.created), Updated: servicetime.Text(o.updated), Attributes: clone(o.attributes),
	}
	if c := o.company; c != (Reference{}) {
		out.Company = &record.Company{ExternalKey: keyOrNil(c.Key)}
		if c.HasID {
			out.Company.ID = &c.ID
		}
	}
	return out
}

func keyOrNil(key record.Attribute) *record.Attribute {
	if key == (record.Attribute{}) {
		return nil
	}
	return &key
}

// clone copies attributes; none become nil, so that equal records are equal in Go too.
func clone(list []record.Attribute) []record.Attribute {
	if len(list) == 0 {
		return nil
	}
	return slices.Clone(list)
}
