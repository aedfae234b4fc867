package imports

import (
	"errors"
	"slices"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/lists"
	"github.com/mktows/mktows-go/simulator/record"
)

// Bounds of imports of the REST API (Marketo REST API, bulk lead import).
const (
	maxQueued  = 10 // those that run among them
	maxRunning = 2
)

// Reasons why an import is not taken.
var (
	ErrFull      = errors.New("too many imports")
	ErrImporting = errors.New("the list is being imported to already")
)

// BatchRequest is an import that the REST API asks for.
type BatchRequest struct {
	List      *lists.List // nil: none
	Lookup    record.LeadField
	Workspace string
	Columns   []record.LeadField
	Rows      []string // as CSV
}

// StartBatch starts an import of the REST API. Two run at a time, and others wait: their beginning is computed from
// the ends of those before them. The error is ErrFull or ErrImporting.
func (t *Table) StartBatch(in BatchRequest) (*Job, error) {
	var ends []time.Time
	for _, job := range t.going {
		if job.batch != nil {
			ends = append(ends, job.ended)
		}
	}
	switch latest := t.latest[in.List]; {
	case len(ends) >= maxQueued:
		return nil, ErrFull
	case in.List != nil && latest != nil && !latest.done:
		return nil, ErrImporting
	}
	job := &Job{
		list: in.List, mode: gen.ImportToListModeEnumUPSERTLEADS, rows: in.Rows, started: t.now(),
		batch: &Batch{ID: int32(len(t.batches)) + 1, Lookup: in.Lookup, Workspace: in.Workspace}, //nolint:gosec // there are fewer
	}
	slices.SortFunc(ends, time.Time.Compare)
	if n := len(ends); n >= maxRunning && ends[n-maxRunning].After(job.started) {
		job.started = ends[n-maxRunning]
	}
	job.ended = job.started.Add(t.duration)
	for _, f := range in.Columns {
		job.columns = append(job.columns, column{field: f})
	}
	t.enter(job)
	if t.duration <= 0 {
		t.Run(job.started)
	}
	return job, nil
}

// FindBatch returns the import of a batch, or nil.
func (t *Table) FindBatch(id int64) *Job {
	if id < 1 || id > int64(len(t.batches)) {
		return nil
	}
	return t.batches[id-1]
}

// importBatchRow writes one row of an import of the REST API, or notes why it has failed.
func (t *Table) importBatchRow(job *Job, row string, in *leads.Input, err error) rowOutcome {
	if err == nil {
		err = t.writeBatchRow(job, in)
	}
	if err != nil {
		job.batch.Failures = append(job.batch.Failures, Failure{row, err.Error()})
		return rowFailed
	}
	return rowImported
}

var (
	errNoLookup = errors.New("Value for lookup field is missing")   //nolint:staticcheck // as the service writes it
	errSeveral  = errors.New("Multiple lead match lookup criteria") //nolint:staticcheck // likewise
)

// writeBatchRow finds the lead of a row by the lookup field and writes it, or creates it. A row that matches several
// leads fails.
func (t *Table) writeBatchRow(job *Job, in *leads.Input) error {
	value := in.Email
	for _, v := range in.Values {
		if v.Name == job.batch.Lookup.Name {
			value = v.Value
		}
	}
	if value == "" {
		return errNoLookup
	}
	found := t.leads.Matching(gen.LeadKeyRefEMAIL, value)
	if job.batch.Lookup.Name != leads.FieldEmail {
		found = t.leads.HavingValue(job.batch.Lookup.Name, value, maxRunning)
	}
	if len(found) > 1 {
		return errSeveral
	}
	no, err := t.writeBatchLead(job, in, found)
	if err == nil && job.list != nil {
		t.lists.Put(job.list, no, true, lists.ByImport, job.ended)
	}
	return err
}

// writeBatchLead writes a row to the lead that was found, or to a new one.
func (t *Table) writeBatchLead(job *Job, in *leads.Input, found []activity.LeadNo) (activity.LeadNo, error) {
	by := leads.Cause{SourceType: lists.ByImport, SourceInfo: lists.ByImport, Reason: lists.ByImport, Source: lists.ByImport, At: job.ended}
	if len(found) == 0 {
		no, failed := t.leads.Create(in, job.batch.Workspace, by)
		if failed != nil {
			return 0, errors.New(failed.Message)
		}
		return no, nil
	}
	values := in.Values
	if in.Email != "" && job.batch.Lookup.Name != leads.FieldEmail {
		values = append([]leads.Value{{Name: leads.FieldEmail, Value: in.Email}}, values...)
	}
	t.leads.Write(found[0], values, by)
	return found[0], nil
}
