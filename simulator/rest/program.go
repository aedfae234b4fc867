package rest

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/simulator/internal/campaigns"
	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/internal/programs"
	"github.com/mktows/mktows-go/simulator/record"
)

// programOperations are those on programs.
var programOperations = []operation{
	{method: get, path: "/rest/asset/v1/programs.json", do: (*call).browsePrograms},
	{method: get, path: "/rest/asset/v1/program/byName.json", do: (*call).programByName},
	{method: get, path: "/rest/asset/v1/program/byTag.json", do: (*call).programsByTag},
	{method: get, path: "/rest/asset/v1/program/{id}.json", do: (*call).programByID},
	{method: post, path: "/rest/asset/v1/program/{id}.json", takes: takesForm, do: (*call).updateProgram},
	{method: post, path: "/rest/asset/v1/program/{id}/tag/{tagType}.json", do: (*call).setProgramTag},
	{method: post, path: "/rest/asset/v1/program/{id}/tag/{tagType}/delete.json", do: (*call).deleteProgramTag},
}

// shownProgram is a program as answers show it (Marketo REST API, programs).
type shownProgram struct {
	ID          int32       `json:"id"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	CreatedAt   string      `json:"createdAt"`
	UpdatedAt   string      `json:"updatedAt"`
	URL         string      `json:"url"`
	Type        string      `json:"type"`
	Channel     string      `json:"channel"`
	Folder      *folderRef  `json:"folder,omitempty"`
	Status      string      `json:"status"`
	Workspace   string      `json:"workspace"`
	StartDate   string      `json:"startDate,omitempty"`
	EndDate     string      `json:"endDate,omitempty"`
	SFDCID      string      `json:"sfdcId,omitempty"`
	SFDCName    string      `json:"sfdcName,omitempty"`
	Tags        []shownTag  `json:"tags,omitempty"`
	Costs       []shownCost `json:"costs,omitempty"`
}

type shownTag struct {
	Type  string `json:"tagType"`
	Value string `json:"tagValue"`
}

type shownCost struct {
	StartDate string `json:"startDate"`
	Cost      int64  `json:"cost"`
	Note      string `json:"note,omitempty"`
}

// shownProgram returns a program as lists show it: without tags and costs.
func (h *handler) shownProgram(o *objects.Object) shownProgram {
	p := h.Programs.Named(o.Program().Name())
	start, end := p.Dates()
	out := shownProgram{
		ID: o.ID(), Name: p.Name(), Description: p.Description(), Type: p.Kind(), Status: p.Status(), Workspace: p.Workspace(),
		CreatedAt: stamp(o.Created(), withBoth), UpdatedAt: stamp(o.Updated(), withBoth), URL: "https://simulator.example/#PG" + strconv.Itoa(int(o.ID())),
		StartDate: stamp(start, withBoth), EndDate: stamp(end, withBoth), Folder: h.folderOf(p),
	}
	out.SFDCID, out.SFDCName = p.CRM()
	for _, tag := range p.Tags() {
		if tag.Name == record.TagChannel {
			out.Channel = tag.Value
		}
	}
	return out
}

// folderOf returns the folder that a program lies in, nil for none.
func (h *handler) folderOf(p *programs.Program) *folderRef {
	f, found := h.Folders.Find(p.Folder())
	if !found {
		return nil
	}
	return &folderRef{"Folder", f.ID, f.Name}
}

// details adds tags and costs to a program. The channel is none of the tags.
func (h *handler) details(out shownProgram, tags, costs bool) shownProgram {
	p := h.Programs.Named(out.Name)
	if tags {
		for _, tag := range p.Tags() {
			if tag.Name != record.TagChannel {
				out.Tags = append(out.Tags, shownTag{tag.Name, tag.Value})
			}
		}
	}
	if costs {
		for _, cost := range p.Costs() {
			out.Costs = append(out.Costs, shownCost{cost.Month + "-01T00:00:00Z+0000", cost.Amount, cost.Note})
		}
	}
	return out
}

// programsWhere returns the programs that a question is true of, by id. The lock is held.
func (c *call) programsWhere(holds func(*objects.Object, *programs.Program) bool) []*objects.Object {
	var list []*objects.Object
	for o := range c.Programs.Objects().All() {
		if holds(o, c.Programs.Named(o.Program().Name())) {
			list = append(list, o)
		}
	}
	return list
}

// browsePrograms returns programs, by id, or those that were changed in a time (Marketo REST
// API, programs).
func (c *call) browsePrograms() (*envelope, error) {
	from, to := c.moment("earliestUpdatedAt", c.text("earliestUpdatedAt")), c.moment("latestUpdatedAt", c.text("latestUpdatedAt"))
	kind, values, status := c.text("filterType"), c.list("filterValues", maxBatch), c.text("status")
	defer c.View()()
	value := func(o *objects.Object, p *programs.Program) string {
		switch kind {
		case "folderId":
			return strconv.FormatInt(p.Folder(), 10)
		case "workspace":
			return p.Workspace()
		}
		return strconv.Itoa(int(o.ID()))
	}
	if kind != "" && !slices.Contains([]string{"id", "programId", "folderId", "workspace"}, kind) {
		return nil, refuse(codeInvalid, "Invalid filterType '%.100s'", kind)
	}
	all := c.programsWhere(func(o *objects.Object, p *programs.Program) bool {
		return between(o.Updated(), from, to) && (kind == "" || contains(values, value(o, p))) && (status == "" || p.Status() == status)
	})
	return browsed(c, all, c.shownProgram)
}

func (c *call) programByName() (*envelope, error) {
	tags, _ := c.flag("includeTags")
	costs, _ := c.flag("includeCosts")
	name := c.must("name")
	defer c.View()()
	o := c.Programs.Object(name)
	if o == nil {
		return noAssets()
	}
	return assets([]shownProgram{c.details(c.shownProgram(o), tags, costs)})
}

// programsByTag returns the programs that have a tag.
func (c *call) programsByTag() (*envelope, error) {
	tag := record.Attribute{Name: c.must("tagType"), Value: c.must("tagValue")}
	defer c.View()()
	all := c.programsWhere(func(_ *objects.Object, p *programs.Program) bool { return slices.Contains(p.Tags(), tag) })
	return browsed(c, all, func(o *objects.Object) shownProgram { return c.details(c.shownProgram(o), true, false) })
}

// programInPath returns the program that the path names, nil for none. The lock is held.
func (c *call) programInPath() *objects.Object {
	id := c.id("id")
	if o := c.Programs.Objects().Find(int32(id)); o != nil && int64(o.ID()) == id { //nolint:gosec // just compared
		return o
	}
	return nil
}

func (c *call) programByID() (*envelope, error) {
	defer c.View()()
	o := c.programInPath()
	if o == nil {
		return noAssets()
	}
	return assets([]shownProgram{c.details(c.shownProgram(o), true, true)})
}

// changeProgram changes the program that the path names, all of it or nothing, and answers with
// it.
func (c *call) changeProgram(change func(p *programs.Changes) *problem) (*envelope, error) {
	defer c.Change()()
	o := c.programInPath()
	if c.bad != nil {
		return nil, c.bad
	}
	if o == nil {
		return nil, refuse(codeNothingFound, "Program not found")
	}
	changes := c.Programs.Begin(o)
	if err := change(changes); err != nil {
		return nil, err
	}
	if err := changes.Commit(); err != nil {
		return nil, refuse(codeRule, "%v", err)
	}
	return assets([]shownProgram{c.details(c.shownProgram(o), true, true)})
}

// updateProgram changes name, description, dates, tags and costs of a program (Marketo REST
// API, programs). Costs are added, unless costsDestructiveUpdate says that they replace all.
func (c *call) updateProgram() (*envelope, error) {
	start, end := c.moment("startDate", c.text("startDate")), c.moment("endDate", c.text("endDate"))
	replace, _ := c.flag("costsDestructiveUpdate")
	var tags []shownTag
	var costs []shownCost
	c.part("tags", &tags)
	c.part("costs", &costs)
	if c.bad != nil {
		return nil, c.bad
	}
	return c.changeProgram(func(p *programs.Changes) *problem {
		if name := c.text("name"); name != "" && name != p.Name() && c.inUse(p.Name()) {
			return refuse(codeRule, "The program has lists or campaigns, which go by its name: it cannot be renamed here")
		}
		p.Describe(c.text("name"), c.params.Has("description"), c.text("description"), start, end)
		for _, tag := range tags {
			if err := p.SetTag(tag.Type, tag.Value); err != nil {
				return refuse(codeRule, "%v", err)
			}
		}
		if replace {
			p.DropCosts()
		}
		for _, cost := range costs {
			if err := p.AddCost(cost.StartDate, cost.Cost, cost.Note); err != nil {
				return refuse(codeInvalid, "%v", err)
			}
		}
		return nil
	})
}

// inUse reports whether a list or a campaign is in a program.
func (c *call) inUse(program string) bool {
	for _, l := range c.Lists.All() {
		if l.Program() == program {
			return true
		}
	}
	return slices.ContainsFunc(c.Campaigns.All(), func(one *campaigns.Campaign) bool {
		return one.Program() != nil && one.Program().Name() == program
	})
}

// part reads a parameter that is a JSON document.
func (c *call) part(name string, into any) {
	text := c.text(name)
	if text == "" {
		return
	}
	if checkJSON([]byte(text)) != nil || json.Unmarshal([]byte(text), into) != nil {
		c.wrong(refuse(codeInvalid, "%s is not a list such as the documentation has", name))
	}
}

// setProgramTag gives a program a tag.
func (c *call) setProgramTag() (*envelope, error) {
	value := c.must("tagValue")
	if c.bad != nil {
		return nil, c.bad
	}
	return c.changeProgram(func(p *programs.Changes) *problem {
		if err := p.SetTag(c.path["tagType"], value); err != nil {
			return refuse(codeRule, "%v", err)
		}
		return nil
	})
}

// deleteProgramTag takes a tag off a program.
func (c *call) deleteProgramTag() (*envelope, error) {
	return c.changeProgram(func(p *programs.Changes) *problem {
		if !p.DropTag(c.path["tagType"]) {
			return refuse(codeNothingFound, "The program has no tag '%.100s'", c.path["tagType"])
		}
		return nil
	})
}
