// Package campaigns is the table of smart campaigns and of the runs that were asked for. A run does nothing beyond an
// activity for each lead: what a campaign would do is defined in Marketo and not known to any API.
package campaigns

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/programs"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/record"
)

// Programs is what the table needs of that of programs.
type Programs interface {
	Named(name string) *programs.Program
	CheckClone(p *programs.Program) error
	Clone(p *programs.Program, name string) *programs.Program
}

// Leads is what the table needs of that of leads.
type Leads interface {
	ID(no activity.LeadNo) int64
	AddActivities(no activity.LeadNo, activities []record.Activity) (ids []int64)
}

// Campaign is a smart campaign.
type Campaign struct {
	id          int32
	name        string
	program     *programs.Program // nil: none
	description string
	batch       bool
	sources     []gen.ReqCampSourceType
	inactive    bool

	created, updated time.Time
}

// ID returns the campaign's id.
func (c *Campaign) ID() int32 { return c.id }

// Name returns the campaign's name, without that of the program.
func (c *Campaign) Name() string { return c.name }

// Program returns the program that the campaign is in, nil for none.
func (c *Campaign) Program() *programs.Program { return c.program }

// Active reports whether the campaign runs.
func (c *Campaign) Active() bool { return !c.inactive }

// Times returns when the campaign was made and when it was changed last.
func (c *Campaign) Times() (created, updated time.Time) { return c.created, c.updated }

// FullName is the name that answers show: Program.Campaign for one of a program.
func (c *Campaign) FullName() string {
	if c.program == nil {
		return c.name
	}
	return c.program.Name() + "." + c.name
}

// Description returns the campaign's description.
func (c *Campaign) Description() string { return c.description }

// Batch reports whether the campaign can be scheduled.
func (c *Campaign) Batch() bool { return c.batch }

// TakesFrom reports whether the campaign can be requested by a source.
func (c *Campaign) TakesFrom(source gen.ReqCampSourceType) bool {
	return slices.Contains(c.sources, source)
}

// Table holds the smart campaigns. Make it with [New]. Whoever uses it holds the lock; those
// who only read may share it.
type Table struct {
	now      func() time.Time
	programs Programs
	leads    Leads

	all       []*Campaign // in the order they were added, as all lists here
	byID      map[int32]*Campaign
	byName    map[string][]*Campaign            // full names
	byProgram map[*programs.Program][]*Campaign // without those of no program
	lastID    int32
	runs      []record.CampaignRun
}

// New returns an empty table with a clock.
func New(now func() time.Time, p Programs, leads Leads) *Table {
	return &Table{
		now: now, programs: p, leads: leads,
		byID: make(map[int32]*Campaign), byName: make(map[string][]*Campaign), byProgram: make(map[*programs.Program][]*Campaign),
	}
}

// Check finds what would keep a campaign from being added, with its place.
func (t *Table) Check(c *record.Campaign) error {
	id := cmp.Or(c.ID, int64(t.lastID)+1)
	switch {
	case c.Name == "":
		return place.Wrong("name", "a campaign needs a name")
	case id < 1 || id > math.MaxInt32:
		return place.Wrong("id", "campaign id %d is outside 1 to %d, the range of the schema", id, math.MaxInt32)
	case t.byID[int32(id)] != nil: //nolint:gosec // just checked
		return place.Wrong("id", "there is a campaign %d already: give another id, or none", id)
	case c.Program != "" && t.programs.Named(c.Program) == nil:
		return place.Wrong("program", "there is no program %q: add it first", c.Program)
	case c.Program != "" && t.Named(c.Program, c.Name) != nil:
		return place.Wrong("name", "there is a campaign %q in %q already", c.Name, c.Program)
	case c.Batch && len(c.Sources) > 0:
		return place.Wrong("sources", "a batch campaign has no sources")
	}
	if _, err := servicetime.Parse("created", c.Created, time.Time{}); err != nil {
		return err
	}
	if _, err := servicetime.Parse("updated", c.Updated, time.Time{}); err != nil {
		return err
	}
	for _, source := range c.Sources {
		if !source.Valid() {
			return place.Wrong("sources", "%q is not a source", source)
		}
	}
	return nil
}

// Add adds a campaign that Check has passed and returns its id.
func (t *Table) Add(c *record.Campaign) int64 {
	made := &Campaign{
		id: int32(c.ID), name: c.Name, program: t.programs.Named(c.Program), //nolint:gosec // checked
		description: c.Description, batch: c.Batch, sources: slices.Clone(c.Sources), inactive: c.Inactive,
	}
	made.created, _ = servicetime.Parse("created", c.Created, t.now().Truncate(time.Second)) // Check has read them
	made.updated, _ = servicetime.Parse("updated", c.Updated, made.created)
	t.insert(made)
	return int64(made.id)
}

// insert enters a campaign, with the next id if it has none.
func (t *Table) insert(c *Campaign) {
	if c.id == 0 {
		c.id = t.lastID + 1
	}
	t.lastID = max(t.lastID, c.id)
	t.all = append(t.all, c)
	t.byID[c.id] = c
	t.byName[c.FullName()] = append(t.byName[c.FullName()], c)
	if c.program != nil {
		t.byProgram[c.program] = append(t.byProgram[c.program], c)
	}
}

// Find returns the campaign of an id, or nil.
func (t *Table) Find(id int32) *Campaign { return t.byID[id] }

// All returns all campaigns, in the order they were added. They are the table's.
func (t *Table) All() []*Campaign { return t.all }

// NoteClone notes that the program of the latest run was copied for it.
func (t *Table) NoteClone() { t.runs[len(t.runs)-1].Cloned = true }

// Clones returns for how many runs that begin in a span a program was copied.
func (t *Table) Clones(from, to time.Time) int {
	n := 0
	for _, run := range t.runs {
		if at, err := run.Time.Time(); err == nil && run.Cloned && !at.Before(from) && at.Before(to) {
			n++
		}
	}
	return n
}

// ByFullName returns the first campaign of a full name, or nil.
func (t *Table) ByFullName(name string) *Campaign {
	if found := t.byName[name]; len(found) > 0 {
		return found[0]
	}
	return nil
}

// Named returns the campaign of a program, or nil.
func (t *Table) Named(program, name string) *Campaign {
	for _, c := range t.byName[program+"."+name] {
		work.Looked(1)
		if c.program != nil && c.program.Name() == program {
			return c
		}
	}
	return nil
}

// ForSource returns the campaigns that a source can request, by name. With exact a name has
// to be equal to that of the campaign, letter case included; else it has to be contained in
// it, in any letter case. An empty name is none.
func (t *Table) ForSource(source gen.ReqCampSourceType, name string, exact bool) []*Campaign {
	candidates := t.all
	if exact && name != "" {
		candidates = t.byName[name]
	}
	var list []*Campaign
	for _, c := range candidates {
		work.Looked(1)
		if c.TakesFrom(source) && nameMatches(c.FullName(), name, exact) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b *Campaign) int { return cmp.Compare(a.FullName(), b.FullName()) })
	return list
}

// nameMatches compares a name with the one asked for, exactly or as a part in any letter case.
func nameMatches(name, asked string, exact bool) bool {
	if asked != "" && exact {
		return name == asked
	}
	return strings.Contains(strings.ToLower(name), strings.ToLower(asked))
}

// CheckClone returns an error if not all that a copy of a campaign's program consists of can
// get an id.
func (t *Table) CheckClone(c *Campaign) error {
	campaigns := int64(len(t.byProgram[c.program]))
	if last := int64(t.lastID); campaigns > math.MaxInt32-last {
		return fmt.Errorf("no ids are left for %d campaigns: the highest is %d", campaigns, last)
	}
	return t.programs.CheckClone(c.program)
}

// Clone copies the program of a campaign under another name, with all of its campaigns, and returns the campaign of
// the copy that corresponds to c. CheckClone must have passed.
func (t *Table) Clone(c *Campaign, name string) (copied *Campaign) {
	program := t.programs.Clone(c.program, name)
	for _, other := range t.byProgram[c.program] {
		made := *other
		made.id, made.program = 0, program
		t.insert(&made)
		if other == c {
			copied = &made
		}
	}
	return copied
}

// sourceNames are the sources as the activity shows them.
var sourceNames = map[gen.ReqCampSourceType]string{
	gen.ReqCampSourceTypeMKTOWS: "Web service API",
	gen.ReqCampSourceTypeSALES:  "Sales",
}

// Request runs leads through a campaign: each gets an activity Request Campaign, and the run is recorded with the
// tokens of the call.
func (t *Table) Request(c *Campaign, source gen.ReqCampSourceType, leads []activity.LeadNo, tokens []record.Attribute) {
	run := record.CampaignRun{Source: source, Time: servicetime.Text(t.now())}
	for _, no := range leads {
		t.leads.AddActivities(no, []record.Activity{{
			Type: gen.ActivityTypeRequestCampaign, AssetName: c.FullName(), Attributes: []record.Attribute{
				{Name: "Campaign ID", Value: strconv.Itoa(int(c.id))},
				{Name: "Source", Value: sourceNames[source]},
			},
		}})
		run.Leads = append(run.Leads, t.leads.ID(no))
	}
	t.addRun(c, run, tokens)
}

// Schedule notes a run of a batch campaign.
func (t *Table) Schedule(c *Campaign, at time.Time, tokens []record.Attribute) {
	t.addRun(c, record.CampaignRun{Time: servicetime.Text(at)}, tokens)
}

// addRun notes a run with the tokens of the call.
func (t *Table) addRun(c *Campaign, run record.CampaignRun, tokens []record.Attribute) {
	run.CampaignID, run.Campaign = int64(c.id), c.FullName()
	var own []record.Attribute
	if c.program != nil {
		own = c.program.Tokens()
	}
	run.Tokens = effectiveTokens(own, tokens)
	t.runs = append(t.runs, run)
}

// effectiveTokens returns a program's tokens with those of a call in their place.
func effectiveTokens(own, call []record.Attribute) []record.Attribute {
	var all []record.Attribute
	for _, token := range slices.Concat(own, call) {
		token.Name = TokenName(token.Name)
		if i := slices.IndexFunc(all, func(a record.Attribute) bool { return a.Name == token.Name }); i >= 0 {
			all[i] = token
		} else {
			all = append(all, token)
		}
	}
	return all
}

// TokenName returns a token's name without the braces: my.message of {{my.message}}.
func TokenName(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "{{"), "}}")
}

// Runs returns copies of the runs that were asked for, in their order; nil for none.
func (t *Table) Runs() []record.CampaignRun {
	var list []record.CampaignRun
	for _, run := range t.runs {
		run.Leads, run.Tokens = slices.Clone(run.Leads), slices.Clone(run.Tokens)
		list = append(list, run)
	}
	return list
}
