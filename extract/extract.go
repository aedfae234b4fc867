// Package extract is the port of Marketo's bulk activity extract: what a copy asks of a service that makes files of
// all activities of a range of time.
//
//	job, err := source.Create(ctx, extract.Query{From: from, To: to})
//	…
//	err = source.Enqueue(ctx, job.ID)
//	… // minutes later
//	job, err = source.Job(ctx, job.ID)
//	…
//	for records, err := range source.Records(ctx, job, 0) {
//
// Package bridge implements it over the REST API, package leadsync reads from it.
package extract

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// MaxRange is the longest range of time of one extract (Marketo REST API, Bulk Activity Extract).
const MaxRange = 31 * 24 * time.Hour

// PollInterval is how often the service renews the state of a job (Marketo REST API, Bulk Extract). Asking more often
// brings the same answer.
const PollInterval = time.Minute

// Query says which activities an extract has.
type Query struct {
	From, To time.Time // both inclusive, in whole seconds; at most MaxRange apart
	// Types are the names of the activities that are wanted, spelt with spaces as in answers, such as "Visit Webpage";
	// none: those that getLeadChanges returns without a filter.
	Types []string
}

// State is how far a job has come.
type State int

// The states of a job. A job that is Completed has a file; Failed and Canceled jobs never will.
const (
	Created State = iota
	Queued
	Processing
	Completed
	Failed
	Canceled
)

// Job is an extract.
type Job struct {
	ID      string
	State   State
	Rows    int64  // of a Completed one
	Bytes   int64  // of a Completed one
	Problem string // why it Failed; empty if the service does not tell
}

// Errors of a Source, to be found with errors.Is. A day's volume that is used up is a *fault.QuotaError, which tells
// when the day turns.
var (
	// ErrQueueFull is returned when as many jobs wait or run as the service takes, those of other programs included.
	ErrQueueFull = errors.New("the service's queue of bulk jobs is full")
	// ErrGone is returned for a job, or a file, that the service does not have any more, or that another API user made.
	ErrGone = errors.New("the service does not have this bulk job any more")
	// ErrDamaged is returned for a file that is not what the service says of it: it was changed on the way, or is wrong there.
	ErrDamaged = errors.New("the file of the bulk job is not what the service says of it")
)

// Source makes extracts. Its methods may be called by several goroutines.
type Source interface {
	// Create describes an extract to the service, which does nothing yet.
	Create(ctx context.Context, q Query) (Job, error)
	// Enqueue has a job done when its turn comes. For a job that was enqueued before, it does nothing.
	Enqueue(ctx context.Context, id string) error
	// Job returns how far a job has come.
	Job(ctx context.Context, id string) (Job, error)
	// Cancel gives up a job that has not ended, to make room for others.
	Cancel(ctx context.Context, id string) error
	// Records returns the records of the file of a Completed job, in the order of the file and in batches, from the row
	// with the number skip on, counted from 0. Checksum and number of rows of the whole file are compared with what the service
	// says before the first batch is handed out, and memory does not grow with the file. Each time the same job gives the same
	// records in the same order. A row that cannot be read, or converted, is handed out as it is, with what could be read of it:
	// it counts as a row, and whoever converts the record says what is wrong, as with a page of getLeadChanges.
	Records(ctx context.Context, job Job, skip int64) iter.Seq2[[]gen.LeadChangeRecord, error]
	// Volume returns how many bytes of files the service has made today, by Central time, for this API user, and how many a
	// day allows (0: not known).
	Volume(ctx context.Context) (used, limit int64, err error)
}
