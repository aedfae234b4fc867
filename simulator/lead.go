package simulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/mktows/mktows-go/gen"
)

// Lead is a lead as a test puts it into the simulator. Every field may be empty. A
// lead is found by any of its keys; where one lead is needed and several share a key,
// it means the lead that was added last. Addresses are compared without regard to
// letter case, other keys exactly.
type Lead struct {
	ID                int64 // key type IDNUM, 1 to 2147483647; 0: the next free one is given
	Email             string
	Cookies           []string // values of the Munchkin cookie, such as id:…&token:…
	OwnerEmail        string   // key type LEADOWNEREMAIL
	SFDCLeadID        string
	SFDCContactID     string
	SFDCAccountID     string
	SFDCLeadOwnerID   string
	SFDCOpportunityID []string // key type SFDCOPPTYID

	// ForeignIDs are ids in other systems. One belongs to one lead: that of another lead
	// is taken from it. Answers show the last.
	ForeignIDs []ForeignID
	// Fields are values by the SOAP API names of their fields, such as FirstName: see
	// [Simulator.Fields] and [Simulator.AddField]. Email is not among them.
	Fields map[string]string
	// Workspace is Default if empty; others need [WithWorkspaces].
	Workspace string

	// Activities are added with the lead, as by [Simulator.AddActivities].
	Activities []Activity
}

// ForeignID is the id of a person in another system (WSDL: ForeignSysPersonId).
type ForeignID struct {
	System gen.ForeignSysType
	ID     string
}

// keys calls yield with each key of the lead but its address.
func (l *Lead) keys(yield func(gen.LeadKeyRef, string)) {
	yield(gen.LeadKeyRefLEADOWNEREMAIL, l.OwnerEmail)
	yield(gen.LeadKeyRefSFDCLEADID, l.SFDCLeadID)
	yield(gen.LeadKeyRefSFDCCONTACTID, l.SFDCContactID)
	yield(gen.LeadKeyRefSFDCACCOUNTID, l.SFDCAccountID)
	yield(gen.LeadKeyRefSFDCLEADOWNERID, l.SFDCLeadOwnerID)
	for _, cookie := range l.Cookies {
		yield(gen.LeadKeyRefCOOKIE, cookie)
	}
	for _, id := range l.SFDCOpportunityID {
		yield(gen.LeadKeyRefSFDCOPPTYID, id)
	}
}

// AddLead adds a lead with its activities and returns its id. It adds all or, with an
// error, nothing: the id is taken or outside its range, a field, a value or an activity
// is not valid, or there is no such workspace.
//
// A lead counts as updated (LastUpdateAtSelector) when its activities happened, and one
// that is added without any when it is added.
func (s *Simulator) AddLead(l Lead) (id int64, err error) {
	defer s.change()()
	if err := s.checkLead(&l); err != nil {
		return 0, err
	}
	return s.addLead(&l), nil
}

func (s *Simulator) checkLead(l *Lead) error {
	if err := s.leads.check(l.ID); err != nil {
		return err
	}
	if err := s.checkFields(l.Fields); err != nil {
		return err
	}
	for _, f := range l.ForeignIDs {
		if f.ID == "" || !f.System.Valid() {
			return fmt.Errorf("simulator: foreign id %q of the system %q: give an id and one of %v", f.ID, f.System, f.System.Values())
		}
	}
	if _, ok := s.workspace(l.Workspace); !ok {
		return fmt.Errorf("simulator: there is no workspace %q: name it in WithWorkspaces", l.Workspace)
	}
	return s.store.check(l.Activities)
}

// checkFields finds the first field, by name, that a lead cannot have.
func (s *Simulator) checkFields(fields map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		f, ok := s.fields.byName[name]
		if !ok || name == fieldEmail {
			return fmt.Errorf("simulator: leads have no field %q: add it with AddField, and give addresses as Email of the Lead", name)
		}
		if err := f.accepts(fields[name]); err != nil {
			return fmt.Errorf("simulator: %w", err)
		}
	}
	return nil
}

// addLead adds a lead that checkLead has passed and returns its id.
func (s *Simulator) addLead(l *Lead) int64 {
	no := s.leads.add(l)
	added := s.leads.at(no)
	added.workspace, _ = s.workspace(l.Workspace)
	if len(l.Activities) == 0 {
		s.leads.setSince(no, s.now().Unix())
	}
	s.addActivities(no, l.Activities)
	return added.id
}

// AddLeads adds leads one after the other, each as by [Simulator.AddLead]. Its error
// joins those of the leads that were not added.
func (s *Simulator) AddLeads(leads ...Lead) error {
	var errs []error
	for _, l := range leads {
		_, err := s.AddLead(l)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Lead returns a copy of a lead, its activities oldest first; false if there is none of
// that id, or not any more.
func (s *Simulator) Lead(id int64) (Lead, bool) {
	defer s.view()()
	no, ok := s.leads.byID[id]
	if !ok {
		return Lead{}, false
	}
	in := s.leads.at(no)
	out := Lead{ID: in.id, Email: in.email, ForeignIDs: slices.Clone(in.foreign), Workspace: in.workspace}
	for _, key := range in.keys {
		out.setKey(key)
	}
	for _, v := range in.values {
		if out.Fields == nil {
			out.Fields = make(map[string]string)
		}
		out.Fields[v.name] = v.value
	}
	out.Activities = s.activitiesOf(in)
	return out, true
}

// setKey is the reverse of keys.
func (l *Lead) setKey(key leadKey) {
	switch key.kind {
	case gen.LeadKeyRefLEADOWNEREMAIL:
		l.OwnerEmail = key.value
	case gen.LeadKeyRefSFDCLEADID:
		l.SFDCLeadID = key.value
	case gen.LeadKeyRefSFDCCONTACTID:
		l.SFDCContactID = key.value
	case gen.LeadKeyRefSFDCACCOUNTID:
		l.SFDCAccountID = key.value
	case gen.LeadKeyRefSFDCLEADOWNERID:
		l.SFDCLeadOwnerID = key.value
	case gen.LeadKeyRefCOOKIE:
		l.Cookies = append(l.Cookies, key.value)
	case gen.LeadKeyRefSFDCOPPTYID:
		l.SFDCOpportunityID = append(l.SFDCOpportunityID, key.value)
	}
}

// LeadIDs returns the ids of all leads, in ascending order.
func (s *Simulator) LeadIDs() []int64 {
	defer s.view()()
	return slices.Sorted(maps.Keys(s.leads.byID))
}

// isKnown reports whether it is known who the lead is: an anonymous one has cookies and
// no other key.
func (l *lead) isKnown() bool {
	return l.email != "" || len(l.foreign) > 0 || len(l.keys) == 0 ||
		slices.ContainsFunc(l.keys, func(k leadKey) bool { return k.kind != gen.LeadKeyRefCOOKIE })
}
