// Package lists is the table of static lists and their members.
package lists

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Leads is what the table needs of that of leads.
type Leads interface {
	No(id int64) (no activity.LeadNo, ok bool)
	ID(no activity.LeadNo) int64
	AddActivities(no activity.LeadNo, activities []record.Activity) (ids []int64)
}

// Activities lets a list have the activities of its members.
type Activities interface {
	Follow(no activity.LeadNo, group *activity.Timelines)
	Unfollow(no activity.LeadNo, group *activity.Timelines)
}

// List is a static list. It keeps the activities of its members in the order of time, as
// the table of activities keeps those of all leads: their number is no price of a page of
// getLeadChanges.
type List struct {
	id               int64
	program, name    string
	fullName         string
	members          ordered.Set // at is the id of the lead, ref its number
	timelines        activity.Timelines
	description      string
	created, updated time.Time
}

// ID returns the list's id.
func (l *List) ID() int64 { return l.id }

// Name returns the list's name, without that of the program.
func (l *List) Name() string { return l.name }

// Description returns the list's description.
func (l *List) Description() string { return l.description }

// Times returns when the list was made and when it was changed last.
func (l *List) Times() (created, updated time.Time) { return l.created, l.updated }

// Len returns how many members the list has.
func (l *List) Len() int { return l.members.Len() }

// Program returns the name of the program that holds the list, empty if none does.
func (l *List) Program() string { return l.program }

// FullName is how selectors name the list: Program.Name for one inside a program.
func (l *List) FullName() string { return l.fullName }

// Timelines are the activities of the members.
func (l *List) Timelines() *activity.Timelines { return &l.timelines }

// IDs returns the ids of the members, in ascending order; nil for none.
func (l *List) IDs() []int64 {
	var ids []int64
	for row := l.members.Run(ordered.Everything); row.Left > 0; row.Next() {
		ids = append(ids, row.First().At)
	}
	return ids
}

// After returns the ids of up to n members that come after an id, in ascending order, and
// how many come after it in all.
func (l *List) After(id int64, n int) (page []int64, left int) {
	row := l.members.Run(ordered.Span{Since: ordered.Entry{At: id + 1}, Before: ordered.Everything.Before})
	left = row.Left
	page = make([]int64, min(n, left))
	for i := range page {
		page[i] = row.First().At
		row.Next()
	}
	return page, left
}

// Table holds the static lists. Make it with [New]. Whoever uses it holds the lock.
type Table struct {
	now        func() time.Time
	leads      Leads
	activities Activities

	byID   map[int64]*List
	byName map[string]*List // full names
	ofLead map[activity.LeadNo][]*List
	lastID int64
}

// New returns an empty table with a clock.
func New(now func() time.Time, leads Leads, activities Activities) *Table {
	return &Table{
		now: now, leads: leads, activities: activities,
		byID: make(map[int64]*List), byName: make(map[string]*List), ofLead: make(map[activity.LeadNo][]*List),
	}
}

// firstID keeps ids of lists from being taken for those of leads.
const firstID = 1001

// Check finds what would keep a list from being added, with its place.
func (t *Table) Check(l *record.List) error {
	if l.Name == "" {
		return place.Wrong("name", "a list has no name")
	}
	if _, taken := t.byName[l.FullName()]; taken {
		return place.Wrong("name", "there is a list %q already", l.FullName())
	}
	if _, err := servicetime.Parse("created", l.Created, time.Time{}); err != nil {
		return err
	}
	if _, err := servicetime.Parse("updated", l.Updated, time.Time{}); err != nil {
		return err
	}
	if id := t.idFor(l); id < 1 || id > math.MaxInt32 {
		return place.Wrong("id", "the id %d is outside 1 to %d, the range of the schema", id, math.MaxInt32)
	}
	if _, taken := t.byID[l.ID]; taken {
		return place.Wrong("id", "there is a list %d already: give another id, or none", l.ID)
	}
	return nil
}

// CheckMembers finds a member that is not a lead.
func (t *Table) CheckMembers(l *record.List) error {
	for i, member := range l.Members {
		if _, ok := t.leads.No(member); !ok {
			return place.In(fmt.Errorf("there is no lead %d", member), "members[%d]", i)
		}
	}
	return nil
}

// idFor returns the id that a list asks for, or the one it is to be given.
func (t *Table) idFor(l *record.List) int64 {
	return cmp.Or(l.ID, max(t.lastID+1, firstID))
}

// Add adds a list that Check and CheckMembers have passed and returns its id. Its members
// get no activity Add to List.
func (t *Table) Add(l *record.List) int64 {
	id := t.idFor(l)
	t.lastID = max(t.lastID, id)
	added := &List{id: id, program: l.Program, name: l.Name, fullName: l.FullName(), description: l.Description}
	added.created, _ = servicetime.Parse("created", l.Created, t.now().Truncate(time.Second)) // Check has read them
	added.updated, _ = servicetime.Parse("updated", l.Updated, added.created)
	t.byID[id], t.byName[added.fullName] = added, added
	for _, member := range l.Members {
		no, _ := t.leads.No(member)
		t.setMember(added, no, true)
	}
	return id
}

// Find returns the list of an id, or nil.
func (t *Table) Find(id int64) *List { return t.byID[id] }

// OfLead returns the lists that have a lead, by id.
func (t *Table) OfLead(no activity.LeadNo) []*List {
	all := slices.Clone(t.ofLead[no])
	slices.SortFunc(all, func(a, b *List) int { return cmp.Compare(a.id, b.id) })
	return all
}

// All returns all lists, by id.
func (t *Table) All() []*List {
	all := slices.Collect(maps.Values(t.byID))
	slices.SortFunc(all, func(a, b *List) int { return cmp.Compare(a.id, b.id) })
	return all
}

// Named returns the list of a full name, or nil.
func (t *Table) Named(fullName string) *List { return t.byName[fullName] }

// OfProgram returns a list that a program holds, or nil. Some callers repeat the program in
// the name.
func (t *Table) OfProgram(program, name string) *List {
	for _, full := range []string{program + "." + name, name} {
		if l := t.byName[full]; l != nil && l.program == program {
			return l
		}
	}
	return nil
}

// HasProgram reports whether there is a list that this program holds.
func (t *Table) HasProgram(program string) bool {
	for _, l := range t.byID {
		if l.program == program {
			return true
		}
	}
	return false
}

// member is a lead as an entry of a list.
func (t *Table) member(no activity.LeadNo) ordered.Entry {
	return ordered.Entry{At: t.leads.ID(no), Ref: ordered.Ref(no)}
}

// HasMember reports whether a lead is a member of a list.
func (t *Table) HasMember(l *List, no activity.LeadNo) bool { return l.members.Has(t.member(no)) }

// setMember puts a lead on a list or takes it off, and reports whether that changed anything. The list's timelines
// get or lose the lead's activities, so it costs as much as the lead has of those.
func (t *Table) setMember(l *List, no activity.LeadNo, member bool) bool {
	e := t.member(no)
	switch {
	case l.members.Has(e) == member:
		return false
	case member:
		l.members.Insert(e)
		t.ofLead[no] = append(t.ofLead[no], l)
		t.activities.Follow(no, &l.timelines)
		return true
	}
	l.members.Remove(e)
	left := slices.DeleteFunc(t.ofLead[no], func(other *List) bool { return other == l })
	if t.ofLead[no] = left; len(left) == 0 {
		delete(t.ofLead, no)
	}
	t.activities.Unfollow(no, &l.timelines)
	return true
}

// MoveLead puts a lead on the lists of another one, which is taken off them.
func (t *Table) MoveLead(from, to activity.LeadNo) {
	for _, l := range slices.Clone(t.ofLead[from]) {
		t.setMember(l, from, false)
		t.setMember(l, to, true)
	}
}

// DropLead takes a lead, which is deleted, off all lists.
func (t *Table) DropLead(no activity.LeadNo) {
	for _, l := range slices.Clone(t.ofLead[no]) {
		t.setMember(l, no, false)
	}
}

// Who puts leads on lists, as activities tell it.
const (
	ByService = "Web service API"
	ByImport  = "List import"
)

// Put puts a lead on a list, or takes it off. Where that changes anything an activity tells
// of it, at a time that is now if it is zero.
func (t *Table) Put(l *List, no activity.LeadNo, member bool, source string, at time.Time) {
	kind := gen.ActivityTypeRemoveFromList
	if member {
		kind = gen.ActivityTypeAddToList
	}
	if !t.setMember(l, no, member) {
		return
	}
	l.updated = t.now().Truncate(time.Second)
	t.leads.AddActivities(no, []record.Activity{{
		Time: servicetime.Text(at), Type: kind, AssetName: l.fullName,
		Attributes: []record.Attribute{{Name: "List ID", Value: fmt.Sprint(l.id)}, {Name: "Source", Value: source}},
	}})
}

// Load fills an empty table. No id up to last is given.
func (t *Table) Load(lists []record.List, last int64) error {
	t.lastID = last
	for i := range lists {
		if id := lists[i].ID; id <= math.MaxInt32 { // others are refused
			t.lastID = max(t.lastID, id)
		}
	}
	for i := range lists {
		if err := cmp.Or(t.CheckMembers(&lists[i]), t.Check(&lists[i])); err != nil {
			return place.In(err, "lists[%d]", i)
		}
		t.Add(&lists[i])
	}
	return nil
}

// LastID returns the highest id ever given.
func (t *Table) LastID() int64 { return t.lastID }

// Snapshot returns all lists, by id; nil for none.
func (t *Table) Snapshot() []record.List {
	var all []record.List
	for _, id := range slices.Sorted(maps.Keys(t.byID)) {
		l := t.byID[id]
		all = append(all, record.List{
			ID: l.id, Program: l.program, Name: l.name, Members: l.IDs(), Description: l.description,
			Created: servicetime.Text(l.created), Updated: servicetime.Text(l.updated),
		})
	}
	return all
}
