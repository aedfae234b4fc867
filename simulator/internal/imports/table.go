// Package imports is the table of imports into static lists. The service answers an import at once and works on it
// afterwards. Here the whole import is written at the moment when its time is over, which is found out by the next
// call that looks.
package imports

import (
	"slices"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/lists"
	"github.com/mktows/mktows-go/simulator/record"
)

// Leads is what the table needs of that of leads.
type Leads interface {
	No(id int64) (no activity.LeadNo, ok bool)
	ID(no activity.LeadNo) int64
	Field(name string) (record.LeadField, bool)
	Label(heading string) (record.LeadField, bool)
	Workspace(name string) (string, bool)
	Matching(kind gen.LeadKeyRef, value string) []activity.LeadNo
	Create(in *leads.Input, workspace string, by leads.Cause) (activity.LeadNo, *fault.Fault)
	Write(no activity.LeadNo, values []leads.Value, by leads.Cause)
	HavingValue(field, value string, n int) []activity.LeadNo
	ByREST(name string) (record.LeadField, bool)
	Stored(name string) (record.LeadField, bool)
}

// Lists is what the table needs of that of lists.
type Lists interface {
	Find(id int64) *lists.List
	Put(l *lists.List, no activity.LeadNo, member bool, source string, at time.Time)
}

// Job is an import. Its rows are written when it ends.
type Job struct {
	list           *lists.List
	mode           gen.ImportToListModeEnum
	clear          bool
	columns        []column
	rows           []string
	campaign       string
	started, ended time.Time
	done           bool

	imported, failed, ignored int32

	batch *Batch // of one that the REST API has asked for; nil: of the SOAP API
}

// Batch is what an import of the REST API has besides.
type Batch struct {
	ID        int32
	Lookup    record.LeadField // that leads are found by
	Workspace string           // of new leads
	Failures  []Failure
}

// Failure is a row that was not imported.
type Failure struct {
	Row    string // as CSV
	Reason string
}

// Batch returns what an import of the REST API has besides, nil for one of the SOAP API.
func (job *Job) Batch() *Batch { return job.batch }

// Columns returns the fields of the columns.
func (job *Job) Columns() []record.LeadField {
	list := make([]record.LeadField, len(job.columns))
	for i, c := range job.columns {
		list[i] = c.field
	}
	return list
}

// Done reports whether the import has ended.
func (job *Job) Done() bool { return job.done }

// Started returns when the import began.
func (job *Job) Started() time.Time { return job.started }

// Ended returns when the import has ended or will end.
func (job *Job) Ended() time.Time { return job.ended }

// Left returns how many rows are not written yet.
func (job *Job) Left() int { return len(job.rows) }

// Counts returns how many rows were imported, have failed and were ignored.
func (job *Job) Counts() (imported, failed, ignored int32) {
	return job.imported, job.failed, job.ignored
}

// Table holds the imports. Make it with [New]. Whoever uses it holds the lock; those who only
// read may share it.
type Table struct {
	now      func() time.Time
	duration time.Duration
	leads    Leads
	lists    Lists

	going   []*Job // in the order they were asked for
	latest  map[*lists.List]*Job
	tokens  map[string][]record.ImportedTokens // by campaign
	batches []*Job                             // of the REST API, by id, the first of which is 1
}

// New returns an empty table with a clock, whose imports take a duration.
func New(now func() time.Time, duration time.Duration, leads Leads, of Lists) *Table {
	return &Table{
		now: now, duration: duration, leads: leads, lists: of,
		latest: make(map[*lists.List]*Job), tokens: make(map[string][]record.ImportedTokens),
	}
}

// Request is an import that is asked for. What is kept of it must not share the memory of
// the request.
type Request struct {
	List     *lists.List
	Mode     gen.ImportToListModeEnum
	Clear    bool
	Header   string
	Rows     []string
	Campaign string
}

// Start starts an import whose header was read. If imports take no time it is written at
// once.
func (t *Table) Start(in Request, header Header) *Job {
	job := &Job{
		list: in.List, mode: in.Mode, clear: in.Clear, columns: header.columns, campaign: in.Campaign, rows: in.Rows,
		started: t.now(),
	}
	job.ended = job.started.Add(t.duration)
	t.enter(job)
	if t.duration <= 0 {
		t.Run(job.started)
	}
	return job
}

func (t *Table) enter(job *Job) {
	if job.list != nil {
		t.latest[job.list] = job
	}
	if job.batch != nil {
		t.batches = append(t.batches, job)
	}
	if !job.done {
		t.going = append(t.going, job)
	}
}

// Latest returns the latest import to a list, or nil.
func (t *Table) Latest(l *lists.List) *Job { return t.latest[l] }

// Due returns when the first of the imports ends that go on, in Unix nanoseconds; 0: none
// goes on.
func (t *Table) Due() int64 {
	next := int64(0)
	for _, job := range t.going {
		if end := job.ended.UnixNano(); next == 0 || end < next {
			next = end
		}
	}
	return next
}

// TakeTokens returns the values of the token columns that imports have brought for a
// campaign, in the order of the rows, and forgets them: they are for one run.
func (t *Table) TakeTokens(program, campaign string) []record.ImportedTokens {
	key := program + "." + campaign
	tokens := t.tokens[key]
	delete(t.tokens, key)
	return tokens
}

// Run writes the imports that have ended by then, in the order they ended.
func (t *Table) Run(now time.Time) {
	var over, left []*Job
	for _, job := range t.going {
		if job.ended.After(now) {
			left = append(left, job)
		} else {
			over = append(over, job)
		}
	}
	t.going = left
	slices.SortStableFunc(over, func(a, b *Job) int { return a.ended.Compare(b.ended) })
	for _, job := range over {
		t.run(job)
	}
}

// run writes one import. All that it does is dated to the moment when it ended.
func (t *Table) run(job *Job) {
	if job.clear {
		for _, id := range job.list.IDs() {
			no, _ := t.leads.No(id)
			t.lists.Put(job.list, no, false, lists.ByImport, job.ended)
		}
	}
	for _, row := range job.rows {
		switch t.importRow(job, row) {
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
