package objects

import (
	"fmt"
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
)

// associationList are the conditions that the associations of a query make.
type associationList []association

// association is one of them.
type association struct {
	holds func(*Object) bool
	rows  *ordered.Set // the objects for which it can hold, by id; nil: any
}

// readAssociations reads the associations of a query.
func (t *Table) readAssociations(kind string, list []Reference) (associationList, error) {
	var all associationList
	for _, a := range list {
		if kind == TypeProgram {
			return nil, fault.New(fault.CodeBadParameter, "mObjAssociationList: a Program has no associations")
		}
		if err := a.check(); err != nil {
			return nil, err
		}
		all = append(all, t.associated(kind, a))
	}
	return all, nil
}

// hold reports whether all associations hold for an object.
func (all associationList) hold(o *Object) bool {
	return !slices.ContainsFunc(all, func(a association) bool { return !a.holds(o) })
}

// fewest returns the shortest of the lists of objects for which the associations can hold;
// without such a list it is that of all objects.
func (all associationList) fewest(rows *ordered.Set) *ordered.Set {
	for _, a := range all {
		if a.rows != nil && a.rows.Len() < rows.Len() {
			rows = a.rows
		}
	}
	return rows
}

// associated returns the condition that an association makes for objects of a type. An association with something
// that does not exist holds for none; it is not a fault.
func (t *Table) associated(kind string, a Reference) association {
	switch a.Type {
	case TypeLead:
		return t.withLead(kind, a)
	case TypeOpportunity:
		return t.withOpportunity(kind, a)
	}
	opportunities := &t.opportunities
	if kind == TypeRole {
		return association{holds: func(o *Object) bool {
			of := opportunities.Find(o.opportunity)
			return of != nil && of.company == a
		}}
	}
	return association{
		holds: func(o *Object) bool { return o.company == a },
		rows:  orEmpty(opportunities.linked[link{kind: TypeCompany, company: a}]),
	}
}

// never is an association with something that does not exist.
var never = association{func(*Object) bool { return false }, new(ordered.Set)}

func orEmpty(rows *ordered.Set) *ordered.Set {
	if rows == nil {
		return never.rows
	}
	return rows
}

// withOpportunity holds for the roles in an opportunity, or for the opportunity itself.
func (t *Table) withOpportunity(kind string, a Reference) association {
	id, ok := t.opportunityID(a)
	switch {
	case !ok:
		return never
	case kind == TypeRole:
		return association{
			holds: func(o *Object) bool { return o.opportunity == id },
			rows:  orEmpty(t.roles.linked[link{kind: TypeOpportunity, number: int64(id)}]),
		}
	}
	found := t.opportunities.Find(id)
	return association{func(o *Object) bool { return o == found }, onlyObject(found)}
}

// withLead holds for the roles of a lead, or for the opportunities in which it has a role.
func (t *Table) withLead(kind string, a Reference) association {
	no, err := t.associatedLead(a)
	if err != nil {
		return never
	}
	roles := link{kind: TypeLead, number: int64(no)}
	if kind == TypeRole {
		return association{func(o *Object) bool { return o.lead == no }, orEmpty(t.roles.linked[roles])}
	}
	opportunities := new(ordered.Set)
	for _, role := range t.roles.having(roles) {
		if e := (ordered.Entry{At: int64(role.opportunity)}); !opportunities.Has(e) {
			opportunities.Insert(e)
		}
	}
	return association{func(o *Object) bool { return opportunities.Has(ordered.Entry{At: int64(o.id)}) }, opportunities}
}

// associatedLead returns the lead of an association. Its external key is the name of a
// field of leads and the value that the lead has in it.
func (t *Table) associatedLead(a Reference) (activity.LeadNo, error) {
	if a.HasID {
		no, ok := t.leads.No(int64(a.ID))
		if !ok {
			return 0, fmt.Errorf("there is no lead %d", a.ID)
		}
		return no, nil
	}
	if !t.leads.Names(a.Key.Name) {
		return 0, fmt.Errorf("leads have no field %q", a.Key.Name)
	}
	if no, ok := t.leads.WithValue(a.Key.Name, a.Key.Value); ok {
		return no, nil
	}
	return 0, fmt.Errorf("no lead has the value %q in its field %s", a.Key.Value, a.Key.Name)
}

// opportunityID returns the id of an association's opportunity, if that exists. Its
// external key is the one that the opportunity was given, or the name of another field of
// opportunities and the value that it has in it.
func (t *Table) opportunityID(a Reference) (int32, bool) {
	var found *Object
	if a.HasID {
		found = t.opportunities.Find(a.ID)
	} else if found = t.opportunities.findKey(a.Key); found == nil {
		found = t.opportunities.withAttribute(a.Key)
	}
	if found == nil {
		return 0, false
	}
	return found.id, true
}
