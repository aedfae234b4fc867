package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// StateError says what is wrong in a [State].
type StateError struct {
	Path string // where, in terms of the JSON form: leads[3].activities[0].type
	Err  error
}

// Error begins with the path.
func (e *StateError) Error() string { return "simulator: state: " + e.Path + ": " + e.Problem() }

// Problem says what is wrong, without where.
func (e *StateError) Problem() string { return strings.TrimPrefix(e.Err.Error(), "simulator: ") }

// Unwrap returns what is wrong.
func (e *StateError) Unwrap() error { return e.Err }

// in puts an error in its place, which may lie in another one.
func in(err error, path string, args ...any) error {
	if err == nil {
		return nil
	}
	path = fmt.Sprintf(path, args...)
	var inner *StateError
	if !errors.As(err, &inner) {
		return &StateError{path, err}
	}
	if !strings.HasPrefix(inner.Path, "[") {
		path += "."
	}
	return &StateError{path + inner.Path, inner.Err}
}

func wrong(path, format string, args ...any) error {
	return &StateError{path, fmt.Errorf(format, args...)}
}

// Load replaces all that the simulator holds, at once: other calls see what was before or
// all of the new. With an error, a [*StateError], nothing changes. Ids are kept. What
// options have set stays, workspaces among it: one that the simulator has not got is an
// error.
func (s *Simulator) Load(st State) error {
	next := s.fresh()
	if err := next.load(&st); err != nil {
		return err
	}
	s.replace(next)
	return nil
}

// Reset takes away all that the simulator holds: it is as [New] made it. What is random
// begins anew, with the same seed.
func (s *Simulator) Reset() {
	s.replace(s.fresh())
	s.dice.mu.Lock()
	defer s.dice.mu.Unlock()
	s.dice.source = rand.New(rand.NewPCG(s.dice.seed, 0))
}

// fresh returns an empty simulator with the options that matter for loading.
func (s *Simulator) fresh() *Simulator {
	return &Simulator{now: s.now, workspaces: s.workspaces, importFor: s.importFor, pageLimit: s.pageLimit, fields: newLeadFields()}
}

// replace takes over what another simulator holds, which nobody else knows.
func (s *Simulator) replace(next *Simulator) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next.leads.version += s.leads.version + 1 // else what updatedIn keeps would count
	next.leads.gone += s.leads.gone + 1
	s.leads, s.fields, s.store, s.timelines = next.leads, next.fields, next.store, next.timelines
	s.lists, s.objects, s.programs = next.lists, next.objects, next.programs
	s.campaigns, s.custom = next.campaigns, next.custom
	s.imports.jobs, s.imports.token = next.imports.jobs, next.imports.token
	s.imports.plan()
}

// load fills an empty simulator. What is referred to comes before what refers to it.
func (s *Simulator) load(st *State) error {
	if err := s.reserve(st); err != nil {
		return err
	}
	for i, name := range st.Workspaces {
		if _, ok := s.workspace(name); !ok {
			return wrong(fmt.Sprintf("workspaces[%d]", i), "there is no workspace %q: the simulator has to be made with it (WithWorkspaces)", name)
		}
	}
	for i, f := range st.Fields {
		if err := s.AddField(LeadField(f)); err != nil {
			return in(err, "fields[%d]", i)
		}
	}
	for _, load := range []func(*State) error{
		s.loadLeads, s.loadActivities, s.loadLists,
		s.loadTags, s.loadPrograms, s.loadCampaigns,
		s.loadObjects, s.loadCustomObjects, s.loadImports,
	} {
		if err := load(st); err != nil {
			return err
		}
	}
	return nil
}

// reserve keeps the ids that are asked for from being given to what has none.
func (s *Simulator) reserve(st *State) error {
	for _, last := range []struct {
		name    string
		id, max int64
	}{
		{"lead", st.LastIDs.Lead, math.MaxInt32},
		{"activity", st.LastIDs.Activity, math.MaxInt64},
		{"list", st.LastIDs.List, math.MaxInt32},
		{"program", st.LastIDs.Program, math.MaxInt32},
		{"cost", st.LastIDs.Cost, math.MaxInt64},
		{"campaign", st.LastIDs.Campaign, math.MaxInt32},
		{"opportunity", st.LastIDs.Opportunity, math.MaxInt32},
		{"opportunityRole", st.LastIDs.OpportunityRole, math.MaxInt32},
	} {
		if last.id < 0 || last.id > last.max {
			return wrong("lastIds."+last.name, "%d is outside 0 to %d", last.id, last.max)
		}
	}
	s.leads.lastID = highestID(st.LastIDs.Lead, st.Leads, func(l LeadState) int64 { return l.ID })
	s.lists.lastID = highestID(st.LastIDs.List, st.Lists, func(l ListState) int64 { return l.ID })
	s.objects.programs.lastID = highestID32(st.LastIDs.Program, st.Programs, func(p ProgramState) int64 { return p.ID })
	s.objects.opportunities.lastID = highestID32(st.LastIDs.Opportunity, st.Opportunities, func(o OpportunityState) int64 { return o.ID })
	s.objects.roles.lastID = highestID32(st.LastIDs.OpportunityRole, st.OpportunityRoles, func(r OpportunityRoleState) int64 { return r.ID })
	s.campaigns.lastID = highestID32(st.LastIDs.Campaign, st.Campaigns, func(c CampaignState) int64 { return c.ID })
	s.store.lastID, s.programs.lastCost = st.LastIDs.Activity, st.LastIDs.Cost
	for i := range st.Leads {
		s.store.lastID = highest(s.store.lastID, st.Leads[i].Activities, func(a ActivityState) int64 { return a.ID })
	}
	for i := range st.Programs {
		s.programs.lastCost = highest(s.programs.lastCost, st.Programs[i].Costs, func(c CostState) int64 { return c.ID })
	}
	return nil
}

func highest[T any](least int64, list []T, id func(T) int64) int64 {
	for _, x := range list {
		least = max(least, id(x))
	}
	return least
}

// highestID leaves ids that are outside the range of the schema to the check of each.
func highestID[T any](least int64, list []T, id func(T) int64) int64 {
	return highest(least, list, func(x T) int64 {
		if n := id(x); n <= math.MaxInt32 {
			return n
		}
		return 0
	})
}

func highestID32[T any](least int64, list []T, id func(T) int64) int32 {
	return int32(highestID(least, list, id)) //nolint:gosec // bounded
}

// readTime reads a time of a state; an empty one is the default.
func readTime(field string, text gen.DateTime, empty time.Time) (time.Time, error) {
	if text == "" {
		return empty, nil
	}
	t, err := text.Time()
	if err != nil {
		return empty, wrong(field, "%q is not a time such as 2015-09-04T16:07:16-05:00", string(text))
	}
	return t, nil
}

func attributesOf(values []NamedValue) []Attribute {
	var list []Attribute
	for _, v := range values {
		list = append(list, Attribute(v))
	}
	return list
}

func (s *Simulator) loadLists(st *State) error {
	for i := range st.Lists {
		l := List{st.Lists[i].ID, st.Lists[i].Program, st.Lists[i].Name, st.Lists[i].Members}
		for j, id := range l.Members {
			if _, ok := s.leads.byID[id]; !ok {
				return wrong(fmt.Sprintf("lists[%d].members[%d]", i, j), "there is no lead %d", id)
			}
		}
		if _, taken := s.lists.byName[l.FullName()]; taken || l.Name == "" {
			return in(s.lists.check(&l), "lists[%d].name", i)
		}
		if _, err := s.AddList(l); err != nil {
			return in(err, "lists[%d].id", i)
		}
	}
	return nil
}

// loadActivities adds all activities in the order they were added before.
func (s *Simulator) loadActivities(st *State) error {
	type place struct {
		order, id int64
		lead, no  int
	}
	var all []place
	for i := range st.Leads {
		for j, a := range st.Leads[i].Activities {
			id := a.ID
			if id == 0 {
				id = math.MaxInt64
			}
			all = append(all, place{a.Order, id, i, j})
		}
	}
	slices.SortStableFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.id, b.id))
	})
	if uint64(len(all)) > maxRecords {
		return wrong("leads", "%d activities are more than %d", len(all), uint64(maxRecords))
	}
	for _, p := range all {
		if err := s.loadActivity(leadNo(p.lead), &st.Leads[p.lead].Activities[p.no]); err != nil { //nolint:gosec // as many as leads
			return in(err, "leads[%d].activities[%d]", p.lead, p.no)
		}
	}
	return nil
}

func (s *Simulator) loadActivity(no leadNo, st *ActivityState) error {
	at, err := readTime("time", st.Time, time.Time{})
	if err != nil {
		return err
	}
	a := Activity{ID: st.ID, Time: at, Type: st.Type, AssetName: st.AssetName, Attributes: attributesOf(st.Attributes), Campaign: st.Campaign}
	if a.Time.IsZero() {
		a.Time = s.now()
	}
	if a.Type == "" {
		return in(a.check(), "type")
	}
	if _, taken := s.store.byID[a.ID]; taken {
		return wrong("id", "the id %d is taken: give another, or none", a.ID)
	}
	if a.ID < 0 {
		return wrong("id", "the id %d is outside 1 to %d", a.ID, math.MaxInt64)
	}
	if err := a.check(); err != nil {
		return in(err, "attributes")
	}
	s.addActivities(no, []Activity{a})
	return nil
}
