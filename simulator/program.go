package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// tagChannel is the type of the tag that names a program's channel. It is not among
// the types of getTags.
const tagChannel = "Channel"

// Program is a program as a test puts it into the simulator.
type Program struct {
	ID          int64  // 1 to 2147483647; 0: the next free one is given
	Name        string // needed, and not that of another program
	Type        string // such as Event; empty: Default
	Channel     string // added if there is none of that name
	Workspace   string // empty: Default
	WorkspaceID int64  // 0: 1
	TreePath    string // empty: Marketing Activities, the workspace and the name
	Archived    bool
	Start, End  time.Time   // of an event; zero: none
	Tags        []Attribute // type and value; those that do not exist are added
	Tokens      []Attribute // name, with or without braces, and value
	Costs       []Cost
}

// Cost is what a program costs in a month.
type Cost struct {
	ID     int64     // 0: the next free one is given
	Month  time.Time // the day does not count
	Amount int64
	Note   string
}

// program is what only a program has of an object.
type program struct {
	name, kind, workspace, path string
	workspaceID                 int64
	archived                    bool
	start, end                  time.Time
	tags, tokens                []Attribute // of the tags the channel is the first
	costs                       []Cost
}

// programTable holds what programs share. The zero value is empty.
type programTable struct {
	byName   map[string]*object
	channels []Channel // by name
	tags     []tagType
	lastCost int64
}

// AddProgram adds a program and returns its id. It adds nothing and returns an error if
// the name is missing or taken, the id is taken or outside its range, or a tag, a token
// or a cost is not complete.
func (s *Simulator) AddProgram(p Program) (id int64, err error) {
	defer s.change()()
	if err := s.checkProgram(&p); err != nil {
		return 0, err
	}
	return s.addProgram(&p), nil
}

func (s *Simulator) checkProgram(p *Program) error {
	if err := s.objects.programs.check(typeProgram, p.ID); err != nil {
		return err
	}
	if p.Name == "" {
		return errors.New("simulator: a program needs a name")
	}
	if s.programs.byName[p.Name] != nil {
		return fmt.Errorf("simulator: there is a program %q already", p.Name)
	}
	for _, a := range slices.Concat(p.Tags, p.Tokens) {
		if a.Name == "" || a.Name == tagChannel {
			return fmt.Errorf("simulator: program %q: a tag or token cannot have the name %q", p.Name, a.Name)
		}
	}
	for i, c := range p.Costs {
		if c.Month.IsZero() || c.ID < 0 || slices.ContainsFunc(p.Costs[:i], func(d Cost) bool { return c.ID != 0 && c.ID == d.ID }) {
			return fmt.Errorf("simulator: program %q: cost %d needs a month, and no id or one of its own", p.Name, i+1)
		}
	}
	return s.programs.checkCosts(p.Costs)
}

// checkCosts returns an error if there are no ids left for the costs that have none.
func (t *programTable) checkCosts(costs []Cost) error {
	last, without := t.lastCost, int64(0)
	for _, c := range costs {
		if last = max(last, c.ID); c.ID == 0 {
			without++
		}
	}
	if without > math.MaxInt64-last {
		return fmt.Errorf("simulator: no ids are left for %d costs: the highest is %d", without, last)
	}
	return nil
}

// addProgram adds a program that checkProgram has passed.
func (s *Simulator) addProgram(p *Program) int64 {
	made := &program{
		name: p.Name, kind: cmp.Or(p.Type, "Default"), workspace: cmp.Or(p.Workspace, "Default"),
		workspaceID: cmp.Or(p.WorkspaceID, 1), archived: p.Archived, start: p.Start, end: p.End,
		tokens: slices.Clone(p.Tokens),
	}
	made.path = cmp.Or(p.TreePath, "Marketing Activities:"+made.workspace+":"+p.Name)
	if p.Channel != "" {
		made.tags = append(made.tags, Attribute{tagChannel, p.Channel})
		s.programs.addChannel(Channel{Name: p.Channel})
	}
	for _, tag := range p.Tags {
		made.tags = append(made.tags, tag)
		s.programs.addTag(tag.Name, tag.Value)
	}
	for _, cost := range p.Costs {
		made.costs = append(made.costs, s.programs.numbered(cost))
	}
	o := s.newObject(p.ID)
	o.program = made
	if s.programs.byName == nil {
		s.programs.byName = make(map[string]*object)
	}
	s.programs.byName[p.Name] = o
	return int64(s.objects.programs.add(o).id)
}

// numbered gives a cost an id if it has none.
func (t *programTable) numbered(c Cost) Cost {
	if c.ID == 0 {
		c.ID = t.lastCost + 1
	}
	t.lastCost = max(t.lastCost, c.ID)
	return c
}

// programExists reports whether there is a program of that name. The lock is held.
func (s *Simulator) programExists(name string) bool { return s.programs.byName[name] != nil }

// attributes returns what answers tell of every program.
func (p *program) attributes() []Attribute {
	list := []Attribute{
		{"Name", p.name},
		{"Type", p.kind},
		{"Workspace Id", strconv.FormatInt(p.workspaceID, 10)},
		{"Workspace Name", p.workspace},
		{"Tree Path", p.path},
		{"Is Archived", strconv.FormatBool(p.archived)},
	}
	if !p.start.IsZero() {
		list = append(list, Attribute{"Start Date", servicetime.Shown(p.start).Format(time.DateTime)})
	}
	if !p.end.IsZero() {
		list = append(list, Attribute{"End Date", servicetime.Shown(p.end).Format(time.DateTime)})
	}
	return list
}

// The types of detail that a program can have.
const (
	detailTag   = "Tag"
	detailToken = "Token"
	detailCost  = "Cost"
)

// details returns tags, tokens and costs as answers show them, absent if there are none.
func (p *program) details() gen.Opt[gen.ArrayOfTypeAttrib] {
	var list []gen.TypeAttrib
	add := func(kind string, attributes ...Attribute) {
		list = append(list, gen.TypeAttrib{AttrType: kind, AttrList: attribs(attributes)})
	}
	for _, tag := range p.tags {
		add(detailTag, Attribute{"Type", tag.Name}, Attribute{"Value", tag.Value})
	}
	for _, token := range p.tokens {
		add(detailToken, Attribute{"Name", token.Name}, Attribute{"Value", token.Value})
	}
	for _, cost := range p.costs {
		add(detailCost, Attribute{"Id", strconv.FormatInt(cost.ID, 10)}, Attribute{"Month", cost.month()},
			Attribute{"Amount", strconv.FormatInt(cost.Amount, 10)}, Attribute{"Note", cost.Note})
	}
	if len(list) == 0 {
		return gen.Opt[gen.ArrayOfTypeAttrib]{}
	}
	return gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: list})
}

// month returns the first day of the month, the form of answers.
func (c Cost) month() string { return c.Month.Format("2006-01") + "-01" }

// syncProgram updates tags and costs. Either all of a record's changes are made or none.
func (s *Simulator) syncProgram(o *gen.MObject, op gen.SyncOperationEnum) (*object, gen.MObjStatusEnum, error) {
	if op != gen.SyncOperationEnumUPDATE {
		return nil, "", errors.New("a Program can only be updated: use UPDATE")
	}
	if o.Id.State != gen.Present {
		return nil, "", errors.New("a Program has no external key: give its id")
	}
	found, err := s.objects.programs.existing(o)
	if err != nil {
		return nil, "", err
	}
	if len(o.AttribList.Value.Attrib) > 0 || len(o.AssociationList.Value.MObjAssociation) > 0 {
		return found, "", errors.New("of a Program only typeAttribList can be written, with Tag and Cost")
	}
	next := *found.program
	next.tags, next.costs = slices.Clone(next.tags), slices.Clone(next.costs)
	for _, d := range o.TypeAttribList.Value.TypeAttrib {
		if err := s.programs.change(&next, d); err != nil {
			return found, "", err
		}
	}
	if err := s.programs.checkCosts(next.costs); err != nil {
		return found, "", reason(err)
	}
	changed := !slices.Equal(next.tags, found.program.tags) || !slices.Equal(next.costs, found.program.costs)
	for i := range next.costs {
		next.costs[i] = s.programs.numbered(next.costs[i])
	}
	*found.program = next
	return found, s.touched(found, changed), nil
}

// change makes one change of a program's details.
func (t *programTable) change(p *program, d gen.TypeAttrib) error {
	given := make(map[string]string)
	for _, a := range d.AttrList.Value.Attrib {
		given[a.Name] = strings.Clone(a.Value)
	}
	switch d.AttrType {
	case detailTag:
		return t.changeTag(p, given)
	case detailCost:
		return changeCost(p, given)
	}
	return fmt.Errorf("typeAttrib/attrType %q is not Tag or Cost", d.AttrType)
}

// changeTag puts a tag in the place of those of its type. It has to exist.
func (t *programTable) changeTag(p *program, given map[string]string) error {
	kind, value := given["Type"], given["Value"]
	if kind == "" || value == "" {
		return errors.New("a Tag needs Type and Value")
	}
	if !t.hasTag(kind, value) {
		return fmt.Errorf("there is no tag %q with the value %q", kind, value)
	}
	tag := Attribute{strings.Clone(kind), value}
	i := slices.IndexFunc(p.tags, func(a Attribute) bool { return a.Name == kind })
	if i < 0 {
		p.tags = append(p.tags, tag)
		return nil
	}
	rest := slices.DeleteFunc(p.tags[i+1:], func(a Attribute) bool { return a.Name == kind })
	p.tags = append(append(p.tags[:i:i], tag), rest...)
	return nil
}

// changeCost changes the cost of an id, or adds one without.
func changeCost(p *program, given map[string]string) error {
	month, err := readMonth(given["Month"])
	if err != nil {
		return err
	}
	amount, err := strconv.ParseInt(given["Amount"], 10, 64)
	if err != nil {
		return fmt.Errorf("a Cost needs an Amount that is a whole number, not %q", given["Amount"])
	}
	cost := Cost{Month: month, Amount: amount, Note: given["Note"]}
	if given["Id"] == "" {
		p.costs = append(p.costs, cost)
		return nil
	}
	id, err := strconv.ParseInt(given["Id"], 10, 64)
	i := slices.IndexFunc(p.costs, func(c Cost) bool { return c.ID == id })
	if err != nil || i < 0 || id > math.MaxInt64-1 {
		return fmt.Errorf("the program has no Cost with the Id %q", given["Id"])
	}
	if _, ok := given["Note"]; !ok {
		cost.Note = p.costs[i].Note
	}
	cost.ID = id
	if cost.month() == p.costs[i].month() {
		cost.Month = p.costs[i].Month
	}
	p.costs[i] = cost
	return nil
}

// readMonth reads 2013-06, the form of requests, and 2013-06-01, that of answers.
func readMonth(text string) (time.Time, error) {
	for _, layout := range []string{"2006-01", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("a Cost needs a Month such as 2013-06, not %q", text)
}
