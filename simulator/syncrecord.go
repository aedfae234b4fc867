package simulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// syncRules are what tells the operations apart that write leads.
type syncRules struct {
	name       string // of the operation
	matchEmail bool   // Email finds leads
	writeEmail bool   // Email is written beside other keys
	workspace  string // of new leads
	confined   bool   // leads found by other keys than Email have to be in the workspace
}

// syncInput is a leadRecord that was read. What is empty was not given.
type syncInput struct {
	id        int64
	hasID     bool
	email     string
	foreign   ForeignID
	cookie    string
	newEmail  string // among the attributes
	setsEmail bool
	values    []fieldValue
}

// readRecord checks a record, whatever leads there are.
func (s *Simulator) readRecord(r *gen.LeadRecord, cookie, operation string) (*syncInput, *fault.Fault) {
	in := &syncInput{
		email: r.Email.Or(""), cookie: cookie,
		foreign: ForeignID{r.ForeignSysType.Or(""), r.ForeignSysPersonId.Or("")},
	}
	if id, ok := r.Id.Get(); ok {
		in.id, in.hasID = int64(id), true
	}
	attributes := r.LeadAttributeList.Value.Attribute
	if err := in.readKeys(attributes); err != nil {
		return nil, err
	}
	switch {
	case in.foreign.ID == "":
		in.foreign = ForeignID{}
	case in.foreign.System == "" && in.hasID:
		// The service has taken it so. A system that nobody has named is one of the customer's.
		in.foreign.System = gen.ForeignSysTypeCUSTOM
	case in.foreign.System == "":
		return nil, fault.New(fault.CodeBadParameter, "leadRecord: ForeignSysPersonId needs ForeignSysType beside it")
	case !in.foreign.System.Valid():
		return nil, fault.Newf(fault.CodeBadParameter, "leadRecord/ForeignSysType: %q is not one of %v", in.foreign.System, in.foreign.System.Values())
	}
	if !in.hasID && in.email == "" && in.foreign.ID == "" && in.cookie == "" {
		return nil, fault.Newf(fault.CodeLeadSyncFailed, "%s operation failed: the record has none of Id, Email, ForeignSysPersonId", operation)
	}
	return in, s.readValues(in, attributes, operation)
}

// readKeys takes keys from the attributes of a record that lacks the element for them:
// some programs give all fields of a lead as attributes.
func (in *syncInput) readKeys(attributes []gen.Attribute) *fault.Fault {
	for _, a := range attributes {
		value := strings.TrimSpace(a.AttrValue)
		switch a.AttrName {
		case fieldID:
			if in.hasID || value == "" {
				continue
			}
			id, err := strconv.ParseInt(value, 10, 32)
			if err != nil {
				return fault.Newf(fault.CodeBadParameter, "leadRecord: value %q of the attribute %s is not the id of a lead", a.AttrValue, fieldID)
			}
			in.id, in.hasID = id, true
		case fieldEmail:
			in.email = cmp.Or(in.email, value)
		case fieldForeignID:
			in.foreign.ID = cmp.Or(in.foreign.ID, value)
		case fieldForeignType:
			in.foreign.System = cmp.Or(in.foreign.System, gen.ForeignSysType(value))
		}
	}
	return nil
}

// isOwnElement reports whether an attribute names an element of the record, apart from
// Email, which is a field that can be written as well.
func isOwnElement(a gen.Attribute) bool {
	return a.AttrName != fieldEmail && slices.Contains(recordElements, a.AttrName)
}

// checkNames wants fields that are known, and names those that are not.
func (s *Simulator) checkNames(attributes []gen.Attribute, operation string) *fault.Fault {
	var unknown []string
	named := make(map[string]bool)
	for _, a := range attributes {
		if _, ok := s.fields.byName[a.AttrName]; !ok && !named[a.AttrName] && !isOwnElement(a) {
			named[a.AttrName] = true
			unknown = append(unknown, a.AttrName)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fault.Newf(fault.CodeLeadAttributeBad, "%s operation failed: unknown fields for import: %s", operation, strings.Join(unknown, ", "))
}

// readValues reads the attributes of a record, apart from those that readKeys has read.
// Children count even of a list that says it is nil.
func (s *Simulator) readValues(in *syncInput, attributes []gen.Attribute, operation string) *fault.Fault {
	if err := s.checkNames(attributes, operation); err != nil {
		return err
	}
	for _, a := range slices.DeleteFunc(slices.Clone(attributes), isOwnElement) {
		if err := s.fields.byName[a.AttrName].accepts(a.AttrValue); err != nil {
			return fault.Newf(fault.CodeBadParameter, "leadRecord: %v", err)
		}
		if a.AttrName == fieldEmail {
			in.newEmail, in.setsEmail = a.AttrValue, true
			continue
		}
		in.values = append(in.values, fieldValue{a.AttrName, a.AttrValue})
	}
	return nil
}

// syncRecord writes one record and returns its lead. It writes all or nothing.
func (s *Simulator) syncRecord(r *gen.LeadRecord, cookie string, rules syncRules) (no leadNo, created bool, err *fault.Fault) {
	in, err := s.readRecord(r, cookie, rules.name)
	if err != nil {
		return 0, false, err
	}
	no, how, err := s.match(in, rules)
	if err != nil {
		return 0, false, err
	}
	if how == matchNone {
		no, err = s.create(in, rules.workspace, byService)
	} else {
		s.update(no, in, how, rules)
	}
	if err == nil && in.cookie != "" {
		s.giveCookie(no, in.cookie)
	}
	return no, how == matchNone, err
}

// matched is the key that has found a lead.
type matched int

const (
	matchNone matched = iota
	matchID
	matchForeign
	matchEmail
	matchCookie
)

// match finds the lead of a record, in the order of precedence.
func (s *Simulator) match(in *syncInput, rules syncRules) (no leadNo, how matched, err *fault.Fault) {
	no, how, err = s.lookUp(in, rules)
	if err != nil || how == matchNone || how == matchEmail || !rules.confined {
		return no, how, err
	}
	if l := s.leads.at(no); l.workspace != rules.workspace {
		return 0, how, fault.Newf(fault.CodeLeadSyncFailed, "%s operation failed: lead %d is not in the workspace %q of the header",
			rules.name, l.id, rules.workspace)
	}
	return no, how, nil
}

func (s *Simulator) lookUp(in *syncInput, rules syncRules) (leadNo, matched, *fault.Fault) {
	if in.hasID {
		if no, ok := s.leads.byID[in.id]; ok {
			return no, matchID, nil
		}
		return 0, matchNone, fault.Newf(fault.CodeLeadNotFound, "No lead found with %s = %d", gen.LeadKeyRefIDNUM, in.id)
	}
	if no, ok := s.leads.byForeign[in.foreign]; ok && in.foreign.ID != "" {
		return no, matchForeign, nil
	}
	if in.foreign.ID == "" && in.email != "" && rules.matchEmail {
		if found := s.leads.matching(gen.LeadKeyRefEMAIL, in.email); len(found) > 0 {
			return found[len(found)-1], matchEmail, nil
		}
	}
	if found := s.leads.matching(gen.LeadKeyRefCOOKIE, in.cookie); len(found) > 0 {
		return found[len(found)-1], matchCookie, nil
	}
	return 0, matchNone, nil
}

// giveCookie makes a cookie that of one lead. Leads that had it lose it; an anonymous
// one becomes part of the lead.
func (s *Simulator) giveCookie(no leadNo, cookie string) {
	for _, had := range slices.Clone(s.leads.matching(gen.LeadKeyRefCOOKIE, cookie)) {
		switch {
		case had == no:
		case s.leads.at(had).isKnown():
			s.leads.unlink(had, leadKey{gen.LeadKeyRefCOOKIE, cookie})
		default:
			s.absorb(no, had)
		}
	}
	s.leads.link(no, gen.LeadKeyRefCOOKIE, cookie)
}
