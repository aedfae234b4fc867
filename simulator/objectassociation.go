package simulator

import (
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// What objects can be associated with, apart from opportunities.
const (
	typeCompany = "Company"
	typeLead    = "Lead"
)

// readAssociations returns the condition that all associations of a query make.
func (s *Simulator) readAssociations(kind string, list []gen.MObjAssociation) (func(*object) bool, error) {
	var all []func(*object) bool
	for _, a := range list {
		if kind == typeProgram {
			return nil, fault.New(fault.CodeBadParameter, "mObjAssociationList: a Program has no associations")
		}
		if err := checkAssociation(a); err != nil {
			return nil, err
		}
		all = append(all, s.associated(kind, a))
	}
	return func(o *object) bool {
		for _, holds := range all {
			if !holds(o) {
				return false
			}
		}
		return true
	}, nil
}

// plain returns an association whose parts are either present or absent: a nil one
// names nothing.
func plain(a gen.MObjAssociation) gen.MObjAssociation {
	if a.Id.State != gen.Present {
		a.Id = gen.Opt[int32]{}
	}
	if a.ExternalKey.State != gen.Present {
		a.ExternalKey = gen.Opt[gen.Attrib]{}
	}
	return a
}

// checkAssociation gives the fault for an association that names nothing or two things.
func checkAssociation(a gen.MObjAssociation) error {
	hasID, hasKey := a.Id.State == gen.Present, a.ExternalKey.State == gen.Present
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
func (s *Simulator) associated(kind string, a gen.MObjAssociation) func(*object) bool {
	a = plain(a)
	switch a.MObjType {
	case typeLead:
		return s.withLead(kind, a)
	case typeOpportunity:
		id, ok := s.opportunityID(a)
		return func(o *object) bool {
			return ok && (kind == typeRole && o.opportunity == id || kind == typeOpportunity && o.id == id)
		}
	}
	return func(o *object) bool {
		if kind == typeRole {
			o = s.objects.opportunities.find(o.opportunity)
		}
		return o != nil && o.company == a
	}
}

// withLead holds for the roles of a lead, and for the opportunities of these roles.
func (s *Simulator) withLead(kind string, a gen.MObjAssociation) func(*object) bool {
	no, err := s.associatedLead(a)
	if err != nil {
		return func(*object) bool { return false }
	}
	if kind == typeRole {
		return func(o *object) bool { return o.lead == no }
	}
	has := make(map[int32]bool)
	for _, role := range s.objects.roles.all {
		if role.lead == no {
			has[role.opportunity] = true
		}
	}
	return func(o *object) bool { return has[o.id] }
}

// associatedLead returns the lead of an association. Its external key is a type of lead
// key, in any letter case, with its value.
func (s *Simulator) associatedLead(a gen.MObjAssociation) (leadNo, error) {
	if id, ok := a.Id.Get(); ok {
		return s.leads.find(leadID(int64(id)))
	}
	key := a.ExternalKey.Value
	return s.leads.find(&gen.LeadKey{KeyType: gen.LeadKeyRef(strings.ToUpper(key.Name)), KeyValue: key.Value})
}

// opportunityID returns the id of an association's opportunity, if that exists.
func (s *Simulator) opportunityID(a gen.MObjAssociation) (int32, bool) {
	var found *object
	if id, ok := a.Id.Get(); ok {
		found = s.objects.opportunities.find(id)
	} else {
		found = s.objects.opportunities.findKey(a.ExternalKey.Value)
	}
	if found == nil {
		return 0, false
	}
	return found.id, true
}
