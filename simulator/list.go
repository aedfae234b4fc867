package simulator

import (
	"fmt"
	"math"
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
)

// List is a static list.
type List struct {
	ID      int64  // 1 to 2147483647; 0: the next free one, from 1001 on
	Program string // the program that holds the list; empty: it is in the lead database
	Name    string // unique in its place; compared exactly
	Members []int64
}

// FullName is how selectors name the list: Program.Name for one inside a program
// (Marketo SOAP API, StaticListSelector).
func (l *List) FullName() string {
	if l.Program == "" {
		return l.Name
	}
	return l.Program + "." + l.Name
}

// list is a static list in the simulator. It keeps the activities of its members in the
// order of time, as the simulator keeps those of all leads: their number is no price of a
// page of getLeadChanges.
type list struct {
	id            int64
	program, name string
	fullName      string
	members       ordered.Set // at is the id of the lead, ref its number
	timelines     timelines
	lastImport    *importJob // nil: never imported to
}

// ids returns the ids of the members, in ascending order.
func (l *list) ids() []int64 {
	var ids []int64
	for row := l.members.Run(ordered.Everything); row.Left > 0; row.Next() {
		ids = append(ids, row.First().At)
	}
	return ids
}

// member is a lead as an entry of a list.
func (s *Simulator) member(no leadNo) ordered.Entry {
	return ordered.Entry{At: s.leads.at(no).id, Ref: ordered.Ref(no)}
}

// setMember makes a lead a member of a list, or none, and reports whether that changes
// anything. Its price is that of the lead's own activities.
func (s *Simulator) setMember(l *list, no leadNo, member bool) bool {
	e, lead := s.member(no), s.leads.at(no)
	change := l.timelines.remove
	switch {
	case l.members.Has(e) == member:
		return false
	case member:
		l.members.Insert(e)
		lead.lists = append(lead.lists, l)
		change = l.timelines.insert
	default:
		l.members.Remove(e)
		lead.lists = slices.DeleteFunc(lead.lists, func(other *list) bool { return other == l })
	}
	for _, t := range lead.history {
		for _, e := range t.entries {
			change(t.kind, e)
		}
	}
	return true
}

// listTable finds lists. The zero value is empty.
type listTable struct {
	byID   map[int64]*list
	byName map[string]*list // full names
	lastID int64
}

// firstListID keeps ids of lists from being taken for those of leads.
const firstListID = 1001

func (t *listTable) check(l *List) error {
	if l.Name == "" {
		return fmt.Errorf("simulator: a list has no name")
	}
	if id := t.idFor(l); id < 1 || id > math.MaxInt32 {
		return fmt.Errorf("simulator: list %q: the id %d is outside 1 to %d, the range of the schema", l.Name, id, math.MaxInt32)
	}
	if _, taken := t.byName[l.FullName()]; taken {
		return fmt.Errorf("simulator: there is a list %q already", l.FullName())
	}
	if _, taken := t.byID[l.ID]; taken {
		return fmt.Errorf("simulator: there is a list %d already: give another id, or none", l.ID)
	}
	return nil
}

// idFor returns the id that a list asks for, or the one it is to be given.
func (t *listTable) idFor(l *List) int64 {
	if l.ID != 0 {
		return l.ID
	}
	return max(t.lastID+1, firstListID)
}

// add enters a list that check has passed.
func (t *listTable) add(l *List) *list {
	if t.byID == nil {
		t.byID, t.byName = make(map[int64]*list), make(map[string]*list)
	}
	id := t.idFor(l)
	t.lastID = max(t.lastID, id)
	added := &list{id: id, program: l.Program, name: l.Name, fullName: l.FullName()}
	t.byID[id], t.byName[added.fullName] = added, added
	return added
}

// AddList adds a static list and returns its id. It adds nothing and returns an error
// if the name is missing or taken, the id is taken or outside its range, or there is
// no such lead. Members that are added so have no activity Add to List.
func (s *Simulator) AddList(l List) (id int64, err error) {
	defer s.change()()
	if err := s.lists.check(&l); err != nil {
		return 0, err
	}
	for _, member := range l.Members {
		if _, ok := s.leads.byID[member]; !ok {
			return 0, fmt.Errorf("simulator: list %q: there is no lead %d: add it first", l.FullName(), member)
		}
	}
	return s.addList(&l), nil
}

// addList adds a list that check has passed and whose members exist.
func (s *Simulator) addList(l *List) int64 {
	added := s.lists.add(l)
	for _, member := range l.Members {
		s.setMember(added, s.leads.byID[member], true)
	}
	return added.id
}

// Lists returns copies of all static lists, by id.
func (s *Simulator) Lists() []List {
	defer s.view()()
	all := make([]List, 0, len(s.lists.byID))
	for _, l := range s.lists.byID {
		all = append(all, List{ID: l.id, Program: l.program, Name: l.name, Members: l.ids()})
	}
	slices.SortFunc(all, func(a, b List) int { return int(a.ID - b.ID) })
	return all
}

func listNotFound(format string, args ...any) error {
	return fault.Newf(fault.CodeListNotFound, format, args...)
}

// Who puts leads on lists, as activities tell it.
const (
	listByService = "Web service API"
	listByImport  = "List import"
)

// listActivity tells of a change of membership.
func (l *list) listActivity(kind gen.ActivityType, source string) Activity {
	return Activity{Type: kind, AssetName: l.fullName, Attributes: []Attribute{
		{"List ID", fmt.Sprint(l.id)},
		{"Source", source},
	}}
}
