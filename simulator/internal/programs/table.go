// Package programs is the table of programs, with their channels, tags, tokens and costs.
package programs

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Program is a program.
type Program struct {
	id                          int32
	name, kind, workspace, path string
	workspaceID                 int64
	archived                    bool
	start, end                  time.Time
	tags, tokens                []record.Attribute
	costs                       []record.Cost

	description, status string
	folder              int64
	crmID, crmName      string
}

// ID returns the program's id.
func (p *Program) ID() int32 { return p.id }

// Dates returns when an event begins and ends, zero for none.
func (p *Program) Dates() (start, end time.Time) { return p.start, p.end }

// Path returns where the program lies, from the root on.
func (p *Program) Path() string { return p.path }

// Description returns the program's description.
func (p *Program) Description() string { return p.description }

// Status returns the status of an engagement or email program.
func (p *Program) Status() string { return p.status }

// Folder returns the id of the folder that the program lies in, 0 for none.
func (p *Program) Folder() int64 { return p.folder }

// CRM returns id and name of the campaign that the program is in a sales system.
func (p *Program) CRM() (id, name string) { return p.crmID, p.crmName }

// Name returns the program's name.
func (p *Program) Name() string { return p.name }

// Kind returns the program's type, such as Event.
func (p *Program) Kind() string { return p.kind }

// Workspace returns the name of the program's workspace.
func (p *Program) Workspace() string { return p.workspace }

// WorkspaceID returns the id of the program's workspace.
func (p *Program) WorkspaceID() int64 { return p.workspaceID }

// Archived reports whether the program is archived.
func (p *Program) Archived() bool { return p.archived }

// Tags returns the program's tags, that of the channel among them. They are the table's, as
// are tokens and costs.
func (p *Program) Tags() []record.Attribute { return p.tags }

// Tokens returns the program's tokens.
func (p *Program) Tokens() []record.Attribute { return p.tokens }

// Costs returns the program's costs.
func (p *Program) Costs() []record.Cost { return p.costs }

// Attributes returns what answers tell of every program.
func (p *Program) Attributes() []record.Attribute {
	list := []record.Attribute{
		{Name: "Name", Value: p.name},
		{Name: "Type", Value: p.kind},
		{Name: "Workspace Id", Value: strconv.FormatInt(p.workspaceID, 10)},
		{Name: "Workspace Name", Value: p.workspace},
		{Name: "Tree Path", Value: p.path},
		{Name: "Is Archived", Value: strconv.FormatBool(p.archived)},
	}
	if !p.start.IsZero() {
		list = append(list, record.Attribute{Name: "Start Date", Value: servicetime.Shown(p.start).Format(time.DateTime)})
	}
	if !p.end.IsZero() {
		list = append(list, record.Attribute{Name: "End Date", Value: servicetime.Shown(p.end).Format(time.DateTime)})
	}
	return list
}

// Table holds programs, channels and tags. Make it with [New]. Whoever uses it holds the
// lock; those who only read may share it.
type Table struct {
	now      func() time.Time
	objects  objects.Set
	byName   map[string]*Program
	channels []record.Channel // by name
	tags     []record.Tag     // in the order they were added, as their values
	lastCost int64
}

// New returns an empty table with a clock.
func New(now func() time.Time) *Table { return &Table{now: now, byName: make(map[string]*Program)} }

// Objects returns the programs as Marketo objects.
func (t *Table) Objects() *objects.Set { return &t.objects }

// Named returns the program of a name, or nil.
func (t *Table) Named(name string) *Program { return t.byName[name] }

// Object returns the program of a name as a Marketo object, or nil.
func (t *Table) Object(name string) *objects.Object {
	p := t.byName[name]
	if p == nil {
		return nil
	}
	return t.objects.Find(p.id)
}

// costMonth is the form of a cost's month.
const costMonth = "2006-01"

// Check finds what would keep a program from being added, with its place.
func (t *Table) Check(p *record.Program) error {
	if err := t.objects.Check(objects.TypeProgram, p.ID); err != nil {
		return place.In(err, "id")
	}
	if p.Name == "" {
		return place.Wrong("name", "a program needs a name")
	}
	if t.byName[p.Name] != nil {
		return place.Wrong("name", "there is a program %q already", p.Name)
	}
	for i, tag := range p.Tags {
		if tag.Name == "" || tag.Value == "" {
			return place.In(fmt.Errorf("a tag needs name and value"), "tags[%d]", i)
		}
	}
	for _, token := range p.Tokens {
		if token.Name == "" || token.Name == record.TagChannel {
			return place.Wrong("tokens", "a token cannot have the name %q", token.Name)
		}
	}
	if err := t.checkCosts(p.Costs); err != nil {
		return err
	}
	return checkTimes(p)
}

func checkTimes(p *record.Program) error {
	for _, one := range []struct {
		field string
		text  gen.DateTime
	}{{"start", p.Start}, {"end", p.End}, {"created", p.Created}, {"updated", p.Updated}} {
		if _, err := servicetime.Parse(one.field, one.text, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

// checkCosts checks the costs of a program in a state. Costs without an id get one, so there has to be room for
// those.
func (t *Table) checkCosts(costs []record.Cost) error {
	for i, c := range costs {
		if _, err := time.Parse(costMonth, c.Month); err != nil {
			return place.In(place.Wrong("month", "%q is not a month such as 2013-06", c.Month), "costs[%d]", i)
		}
		if c.ID < 0 || slices.ContainsFunc(costs[:i], func(d record.Cost) bool { return c.ID != 0 && c.ID == d.ID }) {
			return place.Wrong("costs", "cost %d needs no id or one of its own", i+1)
		}
	}
	return place.In(t.roomFor(costs), "costs")
}

// roomFor returns an error if no ids are left for the costs that have none. A state may have used up nearly all of
// them.
func (t *Table) roomFor(costs []record.Cost) error {
	last, without := t.lastCost, int64(0)
	for _, c := range costs {
		if last = max(last, c.ID); c.ID == 0 {
			without++
		}
	}
	if without > math.MaxInt64-last {
		return fmt.Errorf("no ids are left for %d costs: the highest is %d", without, last)
	}
	return nil
}

// Add adds a program that Check has passed and returns its id.
func (t *Table) Add(p *record.Program) int64 {
	made := &Program{
		name: p.Name, kind: cmp.Or(p.Type, "Default"), workspace: cmp.Or(p.Workspace, "Default"),
		workspaceID: cmp.Or(p.WorkspaceID, 1), archived: p.Archived,
		tags: slices.Clone(p.Tags), tokens: slices.Clone(p.Tokens), costs: t.numbered(slices.Clone(p.Costs)),
		description: p.Description, status: p.Status, folder: p.Folder, crmID: p.CRMID, crmName: p.CRMName,
	}
	made.path = cmp.Or(p.TreePath, "Marketing Activities:"+made.workspace+":"+p.Name)
	made.start, _ = servicetime.Parse("start", p.Start, time.Time{}) // Check has read them
	made.end, _ = servicetime.Parse("end", p.End, time.Time{})
	created, _ := servicetime.Parse("created", p.Created, t.now().Truncate(time.Second))
	updated, _ := servicetime.Parse("updated", p.Updated, created)
	for _, tag := range p.Tags {
		if tag.Name == record.TagChannel {
			t.addChannel(record.Channel{Name: tag.Value})
		} else {
			t.addTag(tag.Name, tag.Value)
		}
	}
	return t.insert(made, p.ID, created, updated)
}

// insert enters a program and its Marketo object, which share the id.
func (t *Table) insert(p *Program, id int64, created, updated time.Time) int64 {
	t.byName[p.name] = p
	p.id = t.objects.Add(objects.NewProgram(id, created, updated, p)).ID()
	return int64(p.id)
}

// numbered gives costs ids where they have none.
func (t *Table) numbered(costs []record.Cost) []record.Cost {
	for i := range costs {
		if costs[i].ID == 0 {
			costs[i].ID = t.lastCost + 1
		}
		t.lastCost = max(t.lastCost, costs[i].ID)
	}
	return costs
}

// CheckClone returns an error if not all that a copy of a program consists of can get an id.
func (t *Table) CheckClone(p *Program) error {
	if err := t.objects.Check(objects.TypeProgram, 0); err != nil {
		return err
	}
	return t.roomFor(withoutIDs(p.costs))
}

// withoutIDs returns costs without their ids, for a copy that gets new ones.
func withoutIDs(costs []record.Cost) []record.Cost {
	list := slices.Clone(costs)
	for i := range list {
		list[i].ID = 0
	}
	return list
}

// Clone copies a program, which CheckClone has passed, under another name, with its tags,
// tokens and costs.
func (t *Table) Clone(p *Program, name string) *Program {
	made := *p
	made.name, made.path = name, strings.TrimSuffix(p.path, p.name)+name
	made.tags, made.tokens, made.costs = slices.Clone(p.tags), slices.Clone(p.tokens), t.numbered(withoutIDs(p.costs))
	now := t.now().Truncate(time.Second)
	t.insert(&made, 0, now, now)
	return &made
}
