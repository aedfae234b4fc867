package imports

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Load fills an empty table.
func (t *Table) Load(imports []record.Import, tokens []record.ImportedTokens) error {
	for i := range imports {
		job, err := t.load(&imports[i])
		if err != nil {
			return place.In(err, "imports[%d]", i)
		}
		t.enter(job)
	}
	for i, one := range tokens {
		if one.Campaign == "" {
			return place.In(place.Wrong("campaign", "it is empty"), "importedTokens[%d]", i)
		}
		one.Tokens = slices.Clone(one.Tokens)
		t.tokens[one.Campaign] = append(t.tokens[one.Campaign], one)
	}
	return nil
}

// load checks and returns one import of a state.
func (t *Table) load(in *record.Import) (job *Job, err error) {
	l := t.lists.Find(in.ListID)
	switch {
	case l == nil && (in.ListID != 0 || in.Batch == 0):
		return nil, place.Wrong("listId", "there is no list %d", in.ListID)
	case !in.Mode.Valid():
		return nil, place.Wrong("mode", "%q is not one of %v", string(in.Mode), in.Mode.Values())
	case in.Imported < 0 || in.Failed < 0 || in.Ignored < 0:
		return nil, place.Wrong("imported", "numbers of rows cannot be negative")
	case in.Done && len(in.Rows) > 0:
		return nil, place.Wrong("rows", "an import that is done has no rows left")
	}
	job = &Job{
		list: l, mode: in.Mode, clear: in.ClearList, campaign: in.Campaign, rows: slices.Clone(in.Rows),
		done: in.Done, imported: in.Imported, failed: in.Failed, ignored: in.Ignored,
	}
	if job.batch, err = t.loadBatch(in); err != nil {
		return nil, err
	}
	if job.started, err = servicetime.Parse("started", in.Started, t.now()); err != nil {
		return nil, err
	}
	if job.ended, err = servicetime.Parse("ended", in.Ended, job.started.Add(t.duration)); err != nil {
		return nil, err
	}
	for i, name := range in.Columns {
		c, err := t.column(name)
		if err != nil {
			return nil, place.In(err, "columns[%d]", i)
		}
		job.columns = append(job.columns, c)
	}
	return job, nil
}

// column returns the column of a token or of a field by its name in the SOAP API.
func (t *Table) column(name string) (column, error) {
	if strings.HasPrefix(name, "{{") {
		return column{token: name}, nil
	}
	field, ok := t.leads.Stored(name)
	if !ok {
		return column{}, errors.New("leads have no field " + name)
	}
	return column{field: field}, nil
}

// loadBatch returns what an import of the REST API has besides, nil for one of the SOAP API.
func (t *Table) loadBatch(in *record.Import) (*Batch, error) {
	if in.Batch == 0 {
		return nil, nil //nolint:nilnil // it is none, and nothing is wrong
	}
	lookup, ok := t.leads.Stored(in.Lookup)
	if !ok || int(in.Batch) != len(t.batches)+1 {
		return nil, place.Wrong("batch", "batch %d is not the next one, or leads have no field %q", in.Batch, in.Lookup)
	}
	b := &Batch{ID: in.Batch, Lookup: lookup, Workspace: in.Workspace}
	for _, f := range in.Failures {
		b.Failures = append(b.Failures, Failure{f.Name, f.Value})
	}
	return b, nil
}

// Snapshot returns the imports that go on and the latest one of each list, in the order they
// were asked for; nil for none.
func (t *Table) Snapshot() []record.Import {
	jobs := slices.Clone(t.going)
	for _, job := range t.latest {
		if !slices.Contains(jobs, job) {
			jobs = append(jobs, job)
		}
	}
	for _, job := range t.batches {
		if !slices.Contains(jobs, job) {
			jobs = append(jobs, job)
		}
	}
	slices.SortStableFunc(jobs, func(a, b *Job) int {
		return cmp.Or(a.started.Truncate(time.Second).Compare(b.started.Truncate(time.Second)), cmp.Compare(a.batchID(), b.batchID()), cmp.Compare(a.listID(), b.listID()))
	})
	var list []record.Import
	for _, job := range jobs {
		list = append(list, job.record())
	}
	return list
}

func (job *Job) listID() int64 {
	if job.list == nil {
		return 0
	}
	return job.list.ID()
}

func (job *Job) batchID() int32 {
	if job.batch == nil {
		return 0
	}
	return job.batch.ID
}

// record returns an import as a state has it. Rows that are not written yet are part of it.
func (job *Job) record() record.Import {
	out := record.Import{
		ListID: job.listID(), Mode: job.mode, ClearList: job.clear, Campaign: job.campaign,
		Started: servicetime.Text(job.started), Ended: servicetime.Text(job.ended), Done: job.done,
		Imported: job.imported, Failed: job.failed, Ignored: job.ignored,
	}
	if len(job.rows) > 0 {
		out.Rows = slices.Clone(job.rows)
	}
	if b := job.batch; b != nil {
		out.Batch, out.Lookup, out.Workspace = b.ID, b.Lookup.Name, b.Workspace
		for _, f := range b.Failures {
			out.Failures = append(out.Failures, record.Attribute{Name: f.Row, Value: f.Reason})
		}
	}
	for _, c := range job.columns {
		out.Columns = append(out.Columns, cmp.Or(c.token, c.field.Name))
	}
	return out
}

// Tokens returns the values that imports have brought for campaigns; nil for none.
func (t *Table) Tokens() []record.ImportedTokens {
	var list []record.ImportedTokens
	for _, campaign := range slices.Sorted(maps.Keys(t.tokens)) {
		for _, one := range t.tokens[campaign] {
			one.Tokens = slices.Clone(one.Tokens)
			list = append(list, one)
		}
	}
	return list
}
