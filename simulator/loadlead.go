package simulator

import (
	"maps"
	"slices"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// loadLeads adds the leads without their activities.
func (s *Simulator) loadLeads(st *State) error {
	for i := range st.Leads {
		if err := s.loadLead(&st.Leads[i]); err != nil {
			return in(err, "leads[%d]", i)
		}
	}
	return nil
}

func (s *Simulator) loadLead(st *LeadState) error {
	if err := s.checkLeadState(st); err != nil {
		return err
	}
	added, err := readTime("added", st.Added, servicetime.Unix(0))
	if err != nil {
		return err
	}
	updated, err := readTime("updated", st.Updated, servicetime.Unix(0))
	if err != nil {
		return err
	}
	l := Lead{ID: st.ID, Email: st.Email, Fields: st.Fields}
	for _, f := range st.ForeignIDs {
		l.ForeignIDs = append(l.ForeignIDs, ForeignID(f))
	}
	no := s.leads.add(&l)
	made := s.leads.at(no)
	made.workspace, _ = s.workspace(st.Workspace)
	for _, key := range st.Keys {
		s.leads.link(no, key.Type, key.Value)
	}
	since := added.Unix()
	if since == 0 && len(st.Activities) == 0 && st.Updated == "" {
		since = s.now().Unix()
	}
	if since != 0 {
		s.leads.setSince(no, since)
	}
	if st.Updated != "" {
		s.leads.touch(no, updated.Unix())
	}
	return nil
}

func (s *Simulator) checkLeadState(st *LeadState) error {
	if err := s.leads.check(st.ID); err != nil {
		return in(err, "id")
	}
	if _, ok := s.workspace(st.Workspace); !ok {
		return wrong("workspace", "there is no workspace %q: the simulator has to be made with it (WithWorkspaces)", st.Workspace)
	}
	for _, name := range slices.Sorted(maps.Keys(st.Fields)) {
		if err := s.checkFields(map[string]string{name: st.Fields[name]}); err != nil {
			return &StateError{"fields." + name, err}
		}
	}
	for i, key := range st.Keys {
		if err := checkKeyState(key, st.Keys[:i]); err != nil {
			return in(err, "keys[%d]", i)
		}
	}
	for i, f := range st.ForeignIDs {
		if err := s.checkForeign(ForeignID(f), st.ForeignIDs[:i]); err != nil {
			return in(err, "foreignIds[%d]", i)
		}
	}
	return nil
}

// checkKeyState checks a key of a lead that has others.
func checkKeyState(key KeyState, others []KeyState) error {
	switch key.Type {
	case gen.LeadKeyRefIDNUM, gen.LeadKeyRefEMAIL:
		return wrong("type", "%s is not among the keys: give it as id or email of the lead", key.Type)
	case gen.LeadKeyRefCOOKIE, gen.LeadKeyRefSFDCOPPTYID:
		if slices.Contains(others, key) {
			return wrong("value", "the lead has the key already")
		}
	default:
		if slices.ContainsFunc(others, func(k KeyState) bool { return k.Type == key.Type }) {
			return wrong("type", "a lead can have only one key of the type %s", key.Type)
		}
	}
	if !key.Type.Valid() {
		return wrong("type", "%q is not one of %v", string(key.Type), key.Type.Values())
	}
	if key.Value == "" {
		return wrong("value", "it is empty")
	}
	return nil
}

func (s *Simulator) checkForeign(f ForeignID, others []ForeignIDState) error {
	if !f.System.Valid() {
		return wrong("system", "%q is not one of %v", string(f.System), f.System.Values())
	}
	if f.ID == "" {
		return wrong("id", "it is empty")
	}
	if _, taken := s.leads.byForeign[f]; taken || slices.Contains(others, ForeignIDState(f)) {
		return wrong("id", "the id %q of the system %s is given twice", f.ID, f.System)
	}
	return nil
}
