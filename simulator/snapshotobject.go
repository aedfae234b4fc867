package simulator

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

func (s *Simulator) programStates() []ProgramState {
	var list []ProgramState
	for o := range s.objects.programs.all() {
		p := o.program
		st := ProgramState{
			ID: int64(o.id), Name: p.name, Type: p.kind, Workspace: p.workspace, WorkspaceID: p.workspaceID,
			TreePath: p.path, Archived: p.archived, Start: servicetime.Text(p.start), End: servicetime.Text(p.end),
			Created: servicetime.Text(o.created), Updated: servicetime.Text(o.updated),
			Tags: namedValues(p.tags), Tokens: namedValues(p.tokens),
		}
		for _, c := range p.costs {
			st.Costs = append(st.Costs, CostState{c.ID, c.Month.Format(costMonth), c.Amount, c.Note})
		}
		list = append(list, st)
	}
	return list
}

const costMonth = "2006-01"

func (s *Simulator) campaignStates() []CampaignState {
	var list []CampaignState
	for _, c := range s.campaigns.all {
		st := CampaignState{ID: int64(c.id), Name: c.name, Description: c.description, Batch: c.batch, Sources: orNone(slices.Clone(c.sources))}
		if c.program != nil {
			st.Program = c.program.program.name
		}
		list = append(list, st)
	}
	return list
}

func (s *Simulator) runStates() []CampaignRunState {
	var list []CampaignRunState
	for _, r := range s.campaigns.runs {
		list = append(list, CampaignRunState{r.CampaignID, r.Campaign, r.Source, servicetime.Text(r.Time), orNone(slices.Clone(r.Leads)), namedValues(r.Tokens)})
	}
	return list
}

func (s *Simulator) opportunityStates() []OpportunityState {
	var list []OpportunityState
	for _, o := range s.objects.opportunities.inKeyOrder() {
		st := OpportunityState{
			ID: int64(o.id), ExternalKey: keyState(o.external),
			Created: servicetime.Text(o.created), Updated: servicetime.Text(o.updated), Attributes: namedValues(o.attributes),
		}
		if o.company.MObjType != "" {
			st.Company = &CompanyState{ExternalKey: keyState(Attribute(o.company.ExternalKey.Or(gen.Attrib{})))}
			if id, ok := o.company.Id.Get(); ok {
				st.Company.ID = &id
			}
		}
		list = append(list, st)
	}
	return list
}

// inKeyOrder returns the objects by id, but those that share an external key in the
// order in which they got it, in the places that they have by id.
func (t *objectSet) inKeyOrder() []*object {
	list := slices.Collect(t.all())
	taken := make(map[Attribute]int)
	for i, o := range list {
		if same := t.byKey[o.external]; o.external != (Attribute{}) && len(same) > 1 {
			list[i] = same[taken[o.external]]
			taken[o.external]++
		}
	}
	return list
}

func keyState(key Attribute) *NamedValue {
	if key == (Attribute{}) {
		return nil
	}
	return &NamedValue{key.Name, key.Value}
}

func (s *Simulator) roleStates() []OpportunityRoleState {
	var list []OpportunityRoleState
	for o := range s.objects.roles.all() {
		list = append(list, OpportunityRoleState{
			ID: int64(o.id), OpportunityID: int64(o.opportunity), LeadID: s.leads.at(o.lead).id,
			Created: servicetime.Text(o.created), Updated: servicetime.Text(o.updated), Attributes: namedValues(o.attributes),
		})
	}
	return list
}

func (t customObjectTable) states() []CustomObjectState {
	var list []CustomObjectState
	for _, key := range slices.Sorted(maps.Keys(t)) {
		list = append(list, t[key].state())
	}
	return list
}

func (t *customType) state() CustomObjectState {
	st := CustomObjectState{Name: t.Name, LinkField: t.LinkField, Keys: fieldStates(t.Keys), Fields: fieldStates(t.Fields)}
	before := int64(0)
	for r := range t.all() {
		record := CustomRecordState{Keys: valuesOf(t.Keys, r.keys), Attributes: valuesOf(t.Fields, r.values)}
		if r.no != before+1 {
			record.Number = r.no
		}
		before = r.no
		st.Records = append(st.Records, record)
	}
	if t.lastNo != before {
		st.LastNumber = t.lastNo
	}
	return st
}

func fieldStates(fields []Field) []ObjectField {
	var list []ObjectField
	for _, f := range fields {
		list = append(list, ObjectField(f))
	}
	return list
}

// valuesOf returns the values that are not empty, by name; nil if there are none.
func valuesOf(fields []Field, values []string) map[string]string {
	var found map[string]string
	for i, value := range values {
		if value == "" {
			continue
		}
		if found == nil {
			found = make(map[string]string)
		}
		found[fields[i].Name] = value
	}
	return found
}

// importStates returns the imports that go on and the last one of each list, in the order
// they were asked for.
func (s *Simulator) importStates() []ImportState {
	jobs := slices.Clone(s.imports.jobs)
	for _, l := range s.lists.byID {
		if l.lastImport != nil && !slices.Contains(jobs, l.lastImport) {
			jobs = append(jobs, l.lastImport)
		}
	}
	slices.SortStableFunc(jobs, func(a, b *importJob) int {
		return cmp.Or(a.started.Truncate(time.Second).Compare(b.started.Truncate(time.Second)), cmp.Compare(a.list.id, b.list.id))
	})
	var list []ImportState
	for _, job := range jobs {
		list = append(list, job.state())
	}
	return list
}

func (job *importJob) state() ImportState {
	st := ImportState{
		ListID: job.list.id, Mode: job.mode, ClearList: job.clear, Campaign: job.campaign,
		Rows: orNone(slices.Clone(job.rows)), Started: servicetime.Text(job.started), Ended: servicetime.Text(job.ended), Done: job.done,
		Imported: job.imported, Failed: job.failed, Ignored: job.ignored,
	}
	for _, c := range job.columns {
		st.Columns = append(st.Columns, cmp.Or(c.token, c.field.Name))
	}
	return st
}

func (s *Simulator) importedTokenStates() []ImportedTokensState {
	var list []ImportedTokensState
	for _, campaign := range slices.Sorted(maps.Keys(s.imports.token)) {
		for _, t := range s.imports.token[campaign] {
			list = append(list, ImportedTokensState{campaign, t.LeadID, namedValues(t.Tokens)})
		}
	}
	return list
}
