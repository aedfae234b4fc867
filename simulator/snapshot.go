package simulator

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// Snapshot returns all that the simulator holds, as of now: imports whose time is over
// are written. Equal contents give equal snapshots, and a simulator that loads one answers
// as this one does; positions that this one gave are good there too.
func (s *Simulator) Snapshot() State {
	defer s.view()()
	st := State{
		Workspaces: slices.Clone(s.workspaces),
		Leads:      s.leadStates(), Lists: s.listStates(),
		Programs: s.programStates(), Campaigns: s.campaignStates(), CampaignRuns: s.runStates(),
		Opportunities: s.opportunityStates(), OpportunityRoles: s.roleStates(),
		CustomObjects: s.custom.states(),
		Imports:       s.importStates(), ImportedTokens: s.importedTokenStates(),
		LastIDs: LastIDs{
			Lead: s.leads.lastID, Activity: s.store.lastID, List: s.lists.lastID,
			Program: int64(s.objects.programs.lastID), Cost: s.programs.lastCost, Campaign: int64(s.campaigns.lastID),
			Opportunity: int64(s.objects.opportunities.lastID), OpportunityRole: int64(s.objects.roles.lastID),
		},
	}
	st.Fields = s.fields.customStates()
	for _, c := range s.programs.channels {
		st.Channels = append(st.Channels, c.state())
	}
	for _, tag := range s.programs.tags {
		st.Tags = append(st.Tags, TagState{tag.name, slices.Clone(tag.values)})
	}
	for _, kind := range []string{typeOpportunity, typeRole} {
		for _, f := range s.objects.fields[kind] {
			st.ObjectFields = append(st.ObjectFields, ObjectFieldState{kind, f.Name, f.DataType})
		}
	}
	return st
}

func (t *leadFields) customStates() []FieldState {
	var list []FieldState
	for name, f := range t.byName {
		if !slices.ContainsFunc(defaultFields, func(d LeadField) bool { return d.Name == name }) {
			list = append(list, FieldState(f))
		}
	}
	slices.SortFunc(list, func(a, b FieldState) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// leadStates returns the leads that are there, in the order they were added.
func (s *Simulator) leadStates() []LeadState {
	list := make([]LeadState, 0, len(s.leads.byID))
	ordered := s.store.idsTellOrder()
	for no, l := range s.leads.all {
		if at, ok := s.leads.byID[l.id]; ok && at == leadNo(no) { //nolint:gosec // as many as there are
			list = append(list, s.leadState(l, ordered))
		}
	}
	return orNone(list)
}

// orNone makes an empty list nil, so that equal states are equal in Go too.
func orNone[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// idsTellOrder reports whether each activity has a higher id than those added before.
func (st *store) idsTellOrder() bool {
	before := int64(math.MinInt64)
	for r := range ordered.Ref(st.n) {
		id := st.get(r).id
		if id <= before {
			return false
		}
		before = id
	}
	return true
}

func (s *Simulator) leadState(l *lead, idsTell bool) LeadState {
	st := LeadState{ID: l.id, Email: l.email, Workspace: l.workspace}
	if l.workspace == s.workspaces[0] {
		st.Workspace = ""
	}
	for _, key := range l.keys {
		st.Keys = append(st.Keys, KeyState{key.kind, key.value})
	}
	for _, f := range l.foreign {
		st.ForeignIDs = append(st.ForeignIDs, ForeignIDState(f))
	}
	for _, v := range l.values {
		if st.Fields == nil {
			st.Fields = make(map[string]string)
		}
		st.Fields[v.name] = v.value
	}
	found := l.history.oldestFirst()
	st.Activities = s.activityStates(found, idsTell)
	latest := l.since
	if n := len(found); n > 0 && (latest == 0 || latest < found[n-1].At) {
		latest = found[n-1].At
	}
	if l.since != 0 {
		st.Added = servicetime.Text(servicetime.Unix(l.since))
	}
	if l.updated != latest {
		st.Updated = servicetime.Text(servicetime.Unix(l.updated))
	}
	return st
}

func (h history) oldestFirst() []ordered.Entry {
	found, _ := h.newest(math.MaxInt, ordered.Everything, allTypesWanted)
	slices.Reverse(found)
	return found
}

func (s *Simulator) activityStates(found []ordered.Entry, idsTell bool) []ActivityState {
	var list []ActivityState
	for _, e := range found {
		a := s.store.state(s.store.get(e.Ref))
		if !idsTell {
			a.Order = int64(e.Ref) + 1
		}
		list = append(list, a)
	}
	return list
}

func (st *store) state(r *record) ActivityState {
	a := ActivityState{
		ID: r.id, Time: gen.NewDateTime(time.Unix(r.at, 0).In(r.zone())), Type: gen.ActivityType(st.names.text(r.kind)),
		AssetName: st.names.text(r.asset), Campaign: st.names.text(r.campaign),
	}
	for packed := r.attributes; packed != ""; {
		number, value, rest := nextAttribute(packed)
		a.Attributes = append(a.Attributes, NamedValue{st.names.text(number), value})
		packed = rest
	}
	return a
}

func (s *Simulator) listStates() []ListState {
	var list []ListState
	for _, l := range s.lists.byID {
		list = append(list, ListState{l.id, l.program, l.name, orNone(l.ids())})
	}
	slices.SortFunc(list, func(a, b ListState) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

func (c *Channel) state() ChannelState {
	st := ChannelState{Name: c.Name}
	for _, status := range c.Statuses {
		st.Statuses = append(st.Statuses, StatusState{status.Name, status.Step, status.Success, namedValues(status.Details)})
	}
	return st
}

func namedValues(list []Attribute) []NamedValue {
	var values []NamedValue
	for _, a := range list {
		values = append(values, NamedValue(a))
	}
	return values
}
