package simulator

import (
	"fmt"
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
)

// What objects can be associated with, apart from opportunities.
const (
	typeCompany = "Company"
	typeLead    = "Lead"
)

// associationList are the conditions that the associations of a query make.
type associationList []association

// association is one of them.
type association struct {
	holds func(*object) bool
	rows  *ordered.Set // the objects for which it can hold, by id; nil: any
}

// readAssociations reads the associations of a query.
func (s *Simulator) readAssociations(kind string, list []gen.MObjAssociation) (associationList, error) {
	var all associationList
	for _, a := range list {
		if kind == typeProgram {
			return nil, fault.New(fault.CodeBadParameter, "mObjAssociationList: a Program has no associations")
		}
		if err := checkAssociation(a); err != nil {
			return nil, err
		}
		all = append(all, s.associated(kind, plain(a)))
	}
	return all, nil
}

// hold reports whether all associations hold for an object.
func (all associationList) hold(o *object) bool {
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

// plain returns an association whose parts are either present or absent: a nil one
// names nothing.
func plain(a gen.MObjAssociation) gen.MObjAssociation {
	if a.Id.State != gen.Present {
		a.Id = gen.Opt[int32]{}
	}
	if _, ok := externalKey(a.ExternalKey); !ok {
		a.ExternalKey = gen.Opt[gen.Attrib]{}
	}
	return a
}

// externalKey returns the external key of an object or an association. One that has
// neither name nor value, as some programs write a missing one, is none.
func externalKey(key gen.Opt[gen.Attrib]) (gen.Attrib, bool) {
	return key.Value, key.State == gen.Present && key.Value != gen.Attrib{}
}

// checkAssociation gives the fault for an association that names nothing or two things.
func checkAssociation(a gen.MObjAssociation) error {
	hasID := a.Id.State == gen.Present
	_, hasKey := externalKey(a.ExternalKey)
	switch {
	case a.MObjType == "":
		return fault.New(fault.CodeParameterRequired, "mObjAssociation/mObjType is missing")
	case a.MObjType != typeCompany && a.MObjType != typeLead && a.MObjType != typeOpportunity:
		return fault.Newf(fault.CodeBadParameter, "mObjAssociation/mObjType %q is not Company, Lead or Opportunity", a.MObjType)
	case hasID && hasKey:
		return fault.New(fault.CodeBadParameter, "mObjAssociation: id and externalKey exclude each other")
	case !hasID && !hasKey:
		return fault.New(fault.CodeParameterRequired, "mObjAssociation has neither id nor externalKey")
	}
	return nil
}

// associated returns the condition that a checked association makes of objects of a
// type. One with something that does not exist holds for none.
func (s *Simulator) associated(kind string, a gen.MObjAssociation) association {
	switch a.MObjType {
	case typeLead:
		return s.withLead(kind, a)
	case typeOpportunity:
		return s.withOpportunity(kind, a)
	}
	opportunities := &s.objects.opportunities
	if kind == typeRole {
		return association{holds: func(o *object) bool {
			of := opportunities.find(o.opportunity)
			return of != nil && of.company == a
		}}
	}
	return association{
		holds: func(o *object) bool { return o.company == a },
		rows:  orEmpty(opportunities.linked[link{kind: typeCompany, company: a}]),
	}
}

// never is an association with something that does not exist.
var never = association{func(*object) bool { return false }, new(ordered.Set)}

func orEmpty(rows *ordered.Set) *ordered.Set {
	if rows == nil {
		return never.rows
	}
	return rows
}

func (s *Simulator) withOpportunity(kind string, a gen.MObjAssociation) association {
	id, ok := s.opportunityID(a)
	switch {
	case !ok:
		return never
	case kind == typeRole:
		return association{
			holds: func(o *object) bool { return o.opportunity == id },
			rows:  orEmpty(s.objects.roles.linked[link{kind: typeOpportunity, number: int64(id)}]),
		}
	}
	found := s.objects.opportunities.find(id)
	return association{func(o *object) bool { return o == found }, onlyObject(found)}
}

// withLead holds for the roles of a lead, and for the opportunities of these roles.
func (s *Simulator) withLead(kind string, a gen.MObjAssociation) association {
	no, err := s.associatedLead(a)
	if err != nil {
		return never
	}
	roles := link{kind: typeLead, number: int64(no)}
	if kind == typeRole {
		return association{func(o *object) bool { return o.lead == no }, orEmpty(s.objects.roles.linked[roles])}
	}
	opportunities := new(ordered.Set)
	for _, role := range s.objects.roles.having(roles) {
		if e := (ordered.Entry{At: int64(role.opportunity)}); !opportunities.Has(e) {
			opportunities.Insert(e)
		}
	}
	return association{func(o *object) bool { return opportunities.Has(ordered.Entry{At: int64(o.id)}) }, opportunities}
}

// associatedLead returns the lead of an association. Its external key is the name of a
// field of leads and the value that the lead has in it.
func (s *Simulator) associatedLead(a gen.MObjAssociation) (leadNo, error) {
	if id, ok := a.Id.Get(); ok {
		no, ok := s.leads.byID[int64(id)]
		if !ok {
			return 0, fmt.Errorf("there is no lead %d", id)
		}
		return no, nil
	}
	key := a.ExternalKey.Value
	if _, ok := s.fields.byName[key.Name]; !ok && !slices.Contains(recordElements, key.Name) {
		return 0, fmt.Errorf("leads have no field %q", key.Name)
	}
	if no, ok := s.leads.withValue(key.Name, key.Value); ok {
		return no, nil
	}
	return 0, fmt.Errorf("no lead has the value %q in its field %s", key.Value, key.Name)
}

// opportunityID returns the id of an association's opportunity, if that exists. Its
// external key is the one that the opportunity was given, or the name of another field of
// opportunities and the value that it has in it.
func (s *Simulator) opportunityID(a gen.MObjAssociation) (int32, bool) {
	opportunities := &s.objects.opportunities
	var found *object
	if id, ok := a.Id.Get(); ok {
		found = opportunities.find(id)
	} else if found = opportunities.findKey(a.ExternalKey.Value); found == nil {
		found = opportunities.withAttribute(a.ExternalKey.Value)
	}
	if found == nil {
		return 0, false
	}
	return found.id, true
}
