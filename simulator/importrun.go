package simulator

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mktows/mktows-go/gen"
)

var errSeveralLines = errors.New("it has more than one line")

// ImportedTokens are the values that an import has brought a lead for a campaign.
type ImportedTokens struct {
	LeadID int64
	Tokens []Attribute // names such as {{my.message}}
}

// ImportedTokens returns the values of the token columns that imports have brought for
// a campaign, in the order of the rows, and forgets them: they are for one run.
func (s *Simulator) ImportedTokens(program, campaign string) []ImportedTokens {
	defer s.change()()
	key := program + "." + campaign
	tokens := s.imports.token[key]
	delete(s.imports.token, key)
	return tokens
}

// start enters a job.
func (t *importTable) start(job *importJob) {
	t.jobs = append(t.jobs, job)
	job.list.lastImport = job
	t.plan()
}

// plan notes when the next job ends.
func (t *importTable) plan() {
	next := int64(0)
	for _, job := range t.jobs {
		if end := job.ended.UnixNano(); next == 0 || end < next {
			next = end
		}
	}
	t.due.Store(next)
}

// view locks the simulator for reading, as of now: imports whose time is over are
// written. It returns what unlocks it.
func (s *Simulator) view() (unlock func()) {
	if s.importsDue() {
		s.change()()
	}
	s.mu.RLock()
	return s.mu.RUnlock
}

// change locks the simulator for writing, as of now.
func (s *Simulator) change() (unlock func()) {
	s.mu.Lock()
	if s.importsDue() {
		s.runImports(s.now())
	}
	return s.mu.Unlock
}

func (s *Simulator) importsDue() bool {
	due := s.imports.due.Load()
	return due != 0 && due <= s.now().UnixNano()
}

// runImports writes the imports that have ended by then, in the order they ended.
func (s *Simulator) runImports(now time.Time) {
	var over, left []*importJob
	for _, job := range s.imports.jobs {
		if job.ended.After(now) {
			left = append(left, job)
		} else {
			over = append(over, job)
		}
	}
	s.imports.jobs = left
	s.imports.plan()
	slices.SortStableFunc(over, func(a, b *importJob) int { return a.ended.Compare(b.ended) })
	for _, job := range over {
		s.runImport(job)
	}
}

// runImport writes one import. All that it does happens when it ends.
func (s *Simulator) runImport(job *importJob) {
	if job.clear {
		for _, id := range job.list.ids() {
			s.importMember(job, s.leads.byID[id], false)
		}
	}
	for _, row := range job.rows {
		switch s.importRow(job, row) {
		case rowImported:
			job.imported++
		case rowIgnored:
			job.ignored++
		default:
			job.failed++
		}
	}
	job.done, job.rows = true, nil
}

type rowOutcome int

const (
	rowFailed rowOutcome = iota
	rowImported
	rowIgnored
)

// importRow writes one row.
func (s *Simulator) importRow(job *importJob, row string) rowOutcome {
	in, tokens, err := job.readRow(row)
	if err != nil {
		return rowFailed
	}
	found := s.leads.matching(gen.LeadKeyRefEMAIL, in.email)
	if len(found) == 0 && job.mode == gen.ImportToListModeEnumLISTONLY {
		return rowIgnored
	}
	no, ok := s.importLead(job, in, found)
	if !ok {
		return rowFailed
	}
	s.importMember(job, no, true)
	if len(tokens) > 0 {
		s.imports.keep(job, s.leads.at(no).id, tokens)
	}
	return rowImported
}

// importLead writes the lead of a row.
func (s *Simulator) importLead(job *importJob, in *syncInput, found []leadNo) (no leadNo, ok bool) {
	by := cause{
		sourceType: listByImport, sourceInfo: job.list.fullName, reason: listByImport + ": " + job.list.fullName,
		source: listByImport, at: job.ended,
	}
	if len(found) == 0 {
		no, err := s.create(in, s.workspaces[0], by)
		return no, err == nil
	}
	no = found[len(found)-1]
	if job.mode != gen.ImportToListModeEnumLISTONLY {
		s.addActivities(no, s.importValues(no, in.values, by))
	}
	return no, true
}

// importValues writes fields. An empty value of a number field is told of even where
// nothing changes (Marketo SOAP API, importToList).
func (s *Simulator) importValues(no leadNo, values []fieldValue, by cause) []Activity {
	var changes []Activity
	for _, v := range values {
		before := s.setField(no, v)
		if before != v.value || v.value == "" && s.fields.byName[v.name].isNumber() {
			changes = append(changes, s.changeActivity(v, before, by))
		}
	}
	return changes
}

// readRow reads a row as the header says.
func (job *importJob) readRow(row string) (*syncInput, []Attribute, error) {
	values, err := readRow(row)
	if err != nil {
		return nil, nil, err
	}
	if len(values) != len(job.columns) {
		return nil, nil, fmt.Errorf("%d values for %d columns", len(values), len(job.columns))
	}
	in, tokens := new(syncInput), []Attribute(nil)
	for i, column := range job.columns {
		switch {
		case column.token != "":
			tokens = append(tokens, Attribute{column.token, values[i]})
		case column.field.Name == fieldEmail:
			in.email = values[i]
		default:
			err = errors.Join(err, column.field.accepts(values[i]))
			in.values = append(in.values, fieldValue{column.field.Name, values[i]})
		}
	}
	if in.email == "" {
		err = errors.New("no address")
	}
	return in, tokens, err
}

// keep keeps the tokens of a row for the campaign's next run.
func (t *importTable) keep(job *importJob, lead int64, tokens []Attribute) {
	if t.token == nil {
		t.token = make(map[string][]ImportedTokens)
	}
	key := job.list.program + "." + job.campaign
	t.token[key] = append(t.token[key], ImportedTokens{lead, tokens})
}

// importMember puts a lead on the job's list, or takes it off.
func (s *Simulator) importMember(job *importJob, no leadNo, member bool) {
	kind := gen.ActivityTypeRemoveFromList
	if member {
		kind = gen.ActivityTypeAddToList
	}
	if s.setMember(job.list, no, member) {
		a := job.list.listActivity(kind, listByImport)
		a.Time = job.ended
		s.addActivities(no, []Activity{a})
	}
}
