package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
)

func (s *Simulator) loadTags(st *State) error {
	for i, c := range st.Channels {
		made := Channel{Name: c.Name}
		for _, status := range c.Statuses {
			made.Statuses = append(made.Statuses, ProgressionStatus{status.Name, status.Step, status.Success, attributesOf(status.Details)})
		}
		if err := s.AddChannel(made); err != nil {
			return in(err, "channels[%d]", i)
		}
	}
	for i, tag := range st.Tags {
		if err := s.AddTag(tag.Type, tag.Values...); err != nil {
			return in(err, "tags[%d]", i)
		}
	}
	return nil
}

func (s *Simulator) loadPrograms(st *State) error {
	for i := range st.Programs {
		if err := s.loadProgram(&st.Programs[i]); err != nil {
			return in(err, "programs[%d]", i)
		}
	}
	return nil
}

func (s *Simulator) loadProgram(st *ProgramState) error {
	p := Program{
		ID: st.ID, Name: st.Name, Type: st.Type, Workspace: st.Workspace, WorkspaceID: st.WorkspaceID,
		TreePath: st.TreePath, Archived: st.Archived, Tokens: attributesOf(st.Tokens),
	}
	var err1, err2, err3 error
	p.Start, err1 = readTime("start", st.Start, time.Time{})
	p.End, err2 = readTime("end", st.End, time.Time{})
	p.Costs, err3 = readCosts(st.Costs)
	if err := cmp.Or(err1, err2, err3); err != nil {
		return err
	}
	// Channel and tags are in one list here: their order is that of answers.
	tags := attributesOf(st.Tags)
	for i, tag := range tags {
		switch {
		case tag.Name == "" || tag.Value == "":
			return wrong(fmt.Sprintf("tags[%d]", i), "a tag needs name and value")
		case tag.Name == tagChannel:
			s.programs.addChannel(Channel{Name: tag.Value})
		default:
			p.Tags = append(p.Tags, tag)
		}
	}
	if err := s.checkProgram(&p); err != nil {
		return in(err, programPart(s, &p))
	}
	o := s.objects.programs.find(int32(s.addProgram(&p))) //nolint:gosec // checked
	o.program.tags = tags
	return s.dateObject(o, st.Created, st.Updated)
}

// programPart returns what checkProgram complains of.
func programPart(s *Simulator, p *Program) string {
	switch {
	case s.objects.programs.check(typeProgram, p.ID) != nil:
		return "id"
	case p.Name == "" || s.programs.byName[p.Name] != nil:
		return "name"
	case slices.ContainsFunc(p.Tokens, func(a Attribute) bool { return a.Name == "" || a.Name == tagChannel }):
		return "tokens"
	}
	return "costs"
}

func readCosts(list []CostState) ([]Cost, error) {
	var costs []Cost
	for i, c := range list {
		month, err := time.Parse(costMonth, c.Month)
		if err != nil {
			return nil, wrong(fmt.Sprintf("costs[%d].month", i), "%q is not a month such as 2013-06", c.Month)
		}
		costs = append(costs, Cost{c.ID, month, c.Amount, c.Note})
	}
	return costs, nil
}

// dateObject sets the times of an object that was just added.
func (s *Simulator) dateObject(o *object, created, updated gen.DateTime) (err error) {
	if o.created, err = readTime("created", created, o.created); err != nil {
		return err
	}
	o.updated, err = readTime("updated", updated, o.created)
	return err
}

func (s *Simulator) loadCampaigns(st *State) error {
	for i, c := range st.Campaigns {
		campaign := Campaign(c)
		if _, err := s.AddCampaign(campaign); err != nil {
			return in(err, "campaigns[%d].%s", i, s.campaignPart(&campaign))
		}
	}
	for i, r := range st.CampaignRuns {
		at, err := readTime("time", r.Time, s.now().Truncate(time.Second))
		if err != nil {
			return in(err, "campaignRuns[%d]", i)
		}
		if r.Source != "" && !r.Source.Valid() {
			return wrong(fmt.Sprintf("campaignRuns[%d].source", i), "%q is not one of %v", string(r.Source), r.Source.Values())
		}
		s.campaigns.runs = append(s.campaigns.runs, CampaignRun{r.CampaignID, r.Campaign, r.Source, at, slices.Clone(r.Leads), attributesOf(r.Tokens)})
	}
	return nil
}

// campaignPart returns what checkNewCampaign complains of.
func (s *Simulator) campaignPart(c *Campaign) string {
	id := cmp.Or(c.ID, int64(s.campaigns.lastID)+1)
	switch {
	case c.Name == "":
		return "name"
	case id < 1 || id > math.MaxInt32 || s.campaigns.find(int32(id)) != nil:
		return "id"
	case c.Program != "" && !s.programExists(c.Program):
		return "program"
	case c.Program != "" && s.campaignExists(c.Program, c.Name):
		return "name"
	}
	return "sources"
}

func (s *Simulator) loadObjects(st *State) error {
	for i, f := range st.ObjectFields {
		if err := s.AddObjectField(f.Object, Field{f.Name, f.Type}); err != nil {
			return in(err, "objectFields[%d]", i)
		}
	}
	for i := range st.Opportunities {
		if err := s.loadOpportunity(&st.Opportunities[i]); err != nil {
			return in(err, "opportunities[%d]", i)
		}
	}
	for i := range st.OpportunityRoles {
		if err := s.loadRole(&st.OpportunityRoles[i]); err != nil {
			return in(err, "opportunityRoles[%d]", i)
		}
	}
	return nil
}

func (s *Simulator) loadOpportunity(st *OpportunityState) error {
	o := Opportunity{ID: st.ID, ExternalKey: keyOf(st.ExternalKey), Attributes: attributesOf(st.Attributes)}
	if st.ExternalKey != nil && (o.ExternalKey.Name == "" || o.ExternalKey.Value == "") {
		return wrong("externalKey", "it needs both name and value")
	}
	if err := s.objects.opportunities.check(typeOpportunity, o.ID); err != nil {
		return in(err, "id")
	}
	if err := s.checkOpportunity(&o); err != nil {
		return in(err, "attributes")
	}
	made := s.objects.opportunities.find(int32(s.addOpportunity(&o))) //nolint:gosec // checked
	if c := st.Company; c != nil {
		if (c.ID == nil) == (c.ExternalKey == nil) {
			return wrong("company", "it needs either id or externalKey")
		}
		company := gen.MObjAssociation{MObjType: typeCompany}
		if c.ID != nil {
			company.Id = gen.Some(*c.ID)
		} else {
			company.ExternalKey = gen.Some(gen.Attrib(*c.ExternalKey))
		}
		s.objects.opportunities.change(made, func() bool { made.company = company; return true })
	}
	return s.dateObject(made, st.Created, st.Updated)
}

func keyOf(key *NamedValue) Attribute {
	if key == nil {
		return Attribute{}
	}
	return Attribute(*key)
}

func (s *Simulator) loadRole(st *OpportunityRoleState) error {
	r := OpportunityRole{st.ID, st.OpportunityID, st.LeadID, attributesOf(st.Attributes)}
	id, err := s.AddOpportunityRole(r)
	if err != nil {
		return in(err, s.rolePart(&r))
	}
	return s.dateObject(s.objects.roles.find(int32(id)), st.Created, st.Updated) //nolint:gosec // just given
}

// rolePart returns what AddOpportunityRole complains of.
func (s *Simulator) rolePart(r *OpportunityRole) string {
	_, lead := s.leads.byID[r.LeadID]
	switch {
	case s.objects.roles.check(typeRole, r.ID) != nil:
		return "id"
	case r.OpportunityID < 1 || r.OpportunityID > math.MaxInt32 || s.objects.opportunities.find(int32(r.OpportunityID)) == nil:
		return "opportunityId"
	case !lead:
		return "leadId"
	}
	return "attributes"
}

func (s *Simulator) loadCustomObjects(st *State) error {
	for i := range st.CustomObjects {
		if err := s.loadCustomObject(&st.CustomObjects[i]); err != nil {
			return in(err, "customObjects[%d]", i)
		}
	}
	return nil
}

func (s *Simulator) loadCustomObject(st *CustomObjectState) error {
	kind := CustomObjectType{Name: st.Name, Keys: fieldsOf(st.Keys), Fields: fieldsOf(st.Fields), LinkField: st.LinkField}
	if err := s.AddCustomObjectType(kind); err != nil {
		return in(err, "name")
	}
	t := s.custom.find(st.Name)
	for i, r := range st.Records {
		if r.Number != 0 {
			if r.Number <= t.lastNo || r.Number == math.MaxInt64 {
				return wrong(fmt.Sprintf("records[%d].number", i), "%d is not more than that of the record before", r.Number)
			}
			t.lastNo = r.Number - 1
		}
		if err := s.AddCustomObject(st.Name, attributesIn(r.Keys), attributesIn(r.Attributes)); err != nil {
			return in(err, "records[%d]", i)
		}
	}
	if st.LastNumber != 0 && st.LastNumber < t.lastNo || st.LastNumber == math.MaxInt64 {
		return wrong("lastNumber", "%d is less than that of a record", st.LastNumber)
	}
	t.lastNo = max(t.lastNo, st.LastNumber)
	return nil
}

func fieldsOf(list []ObjectField) []Field {
	var fields []Field
	for _, f := range list {
		fields = append(fields, Field(f))
	}
	return fields
}

func attributesIn(values map[string]string) []Attribute {
	var list []Attribute
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, Attribute{name, values[name]})
	}
	return list
}

func (s *Simulator) loadImports(st *State) error {
	for i := range st.Imports {
		if err := s.loadImport(&st.Imports[i]); err != nil {
			return in(err, "imports[%d]", i)
		}
	}
	for i, t := range st.ImportedTokens {
		if t.Campaign == "" {
			return wrong(fmt.Sprintf("importedTokens[%d].campaign", i), "it is empty")
		}
		if s.imports.token == nil {
			s.imports.token = make(map[string][]ImportedTokens)
		}
		s.imports.token[t.Campaign] = append(s.imports.token[t.Campaign], ImportedTokens{t.LeadID, attributesOf(t.Tokens)})
	}
	return nil
}

func (s *Simulator) loadImport(st *ImportState) (err error) {
	l := s.lists.byID[st.ListID]
	switch {
	case l == nil:
		return wrong("listId", "there is no list %d", st.ListID)
	case !st.Mode.Valid():
		return wrong("mode", "%q is not one of %v", string(st.Mode), st.Mode.Values())
	case st.Imported < 0 || st.Failed < 0 || st.Ignored < 0:
		return wrong("imported", "numbers of rows cannot be negative")
	case st.Done && len(st.Rows) > 0:
		return wrong("rows", "an import that is done has no rows left")
	}
	job := &importJob{
		list: l, mode: st.Mode, clear: st.ClearList, campaign: st.Campaign, rows: slices.Clone(st.Rows),
		done: st.Done, imported: st.Imported, failed: st.Failed, ignored: st.Ignored,
	}
	if job.started, err = readTime("started", st.Started, s.now()); err != nil {
		return err
	}
	if job.ended, err = readTime("ended", st.Ended, job.started.Add(s.importFor)); err != nil {
		return err
	}
	for i, name := range st.Columns {
		column, err := s.importColumn(name)
		if err != nil {
			return in(err, "columns[%d]", i)
		}
		job.columns = append(job.columns, column)
	}
	if l.lastImport = job; !job.done {
		s.imports.jobs = append(s.imports.jobs, job)
	}
	return nil
}

// importColumn returns the column of a token or of a field by its name in the SOAP API.
func (s *Simulator) importColumn(name string) (importColumn, error) {
	if strings.HasPrefix(name, "{{") {
		return importColumn{token: name}, nil
	}
	field, ok := s.fields.byName[name]
	if !ok {
		return importColumn{}, errors.New("leads have no field " + name)
	}
	return importColumn{field: field}, nil
}
