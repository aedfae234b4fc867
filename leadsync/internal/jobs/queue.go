// Package jobs is River: the queue of the jobs that copy windows.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/mktows/mktows-go/leadsync/internal/jobdriver"
	"github.com/mktows/mktows-go/leadsync/store"
)

const (
	queueName = "mktows"
	jobKind   = "mktows_window"
	// jobTimeout is longer than any window takes, so that River's rescuer leaves running
	// jobs alone: those of dead workers are looked after here.
	jobTimeout = 24 * time.Hour
	// LongestRetry bounds the wait between two attempts.
	LongestRetry = 5 * time.Minute
	// riverAttempts is more than a job ever needs: attempts count for the window, which a new
	// run begins to count anew.
	riverAttempts = 10_000
	// jobsPerPage is how many jobs are listed at once.
	jobsPerPage = 1000
)

// Args are the arguments of the job that copies a window.
type Args struct {
	Window int64            `json:"window"`
	Stream store.StreamName `json:"stream"`
}

// Kind is River's name for the job.
func (Args) Kind() string { return jobKind }

// Job is one attempt at a window.
type Job struct {
	ID     int64
	Window int64
}

// Config is what the queue of a worker is made of.
type Config struct {
	Worker      string // the name of the worker
	Concurrency int    // how many jobs are worked on at once
	FirstRetry  time.Duration
	Poll        time.Duration // between two looks for jobs
	Logger      *slog.Logger
	// Work is called for each job. What it returns tells River what to do with the job.
	Work func(context.Context, Job) error
}

// Queue is River on the database of a store. Its errors are classified as those of the store.
type Queue interface {
	Start(ctx context.Context) error
	// Stop waits for the jobs under way, Kill cancels them; both until ctx ends.
	Stop(ctx context.Context) error
	Kill(ctx context.Context) error
	// Running lists the jobs that a worker has fetched and not ended.
	Running(ctx context.Context) ([]*rivertype.JobRow, error)
	// Held returns the windows that have a job which is to run or which live says runs.
	Held(ctx context.Context, live func(*rivertype.JobRow) bool) (map[int64]bool, error)
	// Enqueue makes jobs for the windows that have none. One that waits for its next
	// attempt is made to run at once.
	Enqueue(ctx context.Context, windows []store.Window, live func(*rivertype.JobRow) bool) error
	// Discard removes the jobs that are of no use any more. One that runs is cancelled.
	Discard(ctx context.Context, useless func(Args) bool) error
	// Replace cancels running jobs whose worker is dead, and makes new ones instead.
	Replace(ctx context.Context, stale []*rivertype.JobRow) error
}

// New returns River on the database of a store.
func New(place jobdriver.Place, c Config) (Queue, error) {
	q := &riverQueue{work: c.Work, classify: place.Classify}
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, q); err != nil {
		return nil, fmt.Errorf("leadsync: River: %w", err)
	}
	client, err := river.NewClient(place.Driver, &river.Config{
		ID:                c.Worker,
		Queues:            map[string]river.QueueConfig{queueName: {MaxWorkers: c.Concurrency}},
		Workers:           workers,
		Logger:            c.Logger, // without one River writes to standard output
		JobTimeout:        jobTimeout,
		MaxAttempts:       riverAttempts,
		RetryPolicy:       Retry{c.FirstRetry},
		FetchCooldown:     min(c.Poll, 20*time.Millisecond),
		FetchPollInterval: c.Poll,
	})
	if err != nil {
		return nil, fmt.Errorf("leadsync: River: %w", err)
	}
	q.client = client
	return q, nil
}

// riverQueue implements Queue.
type riverQueue struct {
	river.WorkerDefaults[Args]

	client   *river.Client[any]
	work     func(context.Context, Job) error
	classify func(ctx context.Context, err error) error
}

// Work is called by River for each job.
func (q *riverQueue) Work(ctx context.Context, rj *river.Job[Args]) error {
	return q.work(ctx, Job{ID: rj.ID, Window: rj.Args.Window})
}

func (q *riverQueue) Start(ctx context.Context) error { return q.classify(ctx, q.client.Start(ctx)) }
func (q *riverQueue) Stop(ctx context.Context) error  { return q.client.Stop(ctx) }
func (q *riverQueue) Kill(ctx context.Context) error  { return q.client.StopAndCancel(ctx) }

func (q *riverQueue) Running(ctx context.Context) ([]*rivertype.JobRow, error) {
	return q.list(ctx, rivertype.JobStateRunning)
}

// unfinishedStates are those of a job that has run or will run. River's scheduled and retryable
// ones become available in time.
var unfinishedStates = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

func (q *riverQueue) Held(ctx context.Context, live func(*rivertype.JobRow) bool) (map[int64]bool, error) {
	rows, err := q.list(ctx, unfinishedStates...)
	rows = slices.DeleteFunc(rows, isFarAhead)
	held := map[int64]bool{}
	for window := range byWindow(rows, live) {
		held[window] = true
	}
	return held, err
}

func (q *riverQueue) Enqueue(ctx context.Context, windows []store.Window, live func(*rivertype.JobRow) bool) error {
	if len(windows) == 0 {
		return nil
	}
	rows, err := q.list(ctx, unfinishedStates...)
	if err != nil {
		return err
	}
	jobs := byWindow(rows, live)
	var missing []river.InsertManyParams
	for _, w := range windows {
		row := jobs[w.ID]
		switch {
		case row == nil:
			missing = append(missing, insertion(Args{w.ID, w.Stream}))
		case row.State == rivertype.JobStateScheduled || row.State == rivertype.JobStateRetryable || isFarAhead(row):
			if _, err := q.client.JobRetry(ctx, row.ID); err != nil && !errors.Is(err, river.ErrNotFound) {
				return q.failed(ctx, "hastening a job", err)
			}
		}
	}
	return q.insert(ctx, missing)
}

func (q *riverQueue) Discard(ctx context.Context, useless func(Args) bool) error {
	rows, err := q.list(ctx, unfinishedStates...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if !useless(ArgsOf(row)) {
			continue
		}
		end := q.client.JobDelete
		if row.State == rivertype.JobStateRunning { // River does not delete those
			end = q.client.JobCancel
		}
		if _, err := end(ctx, row.ID); err != nil && !errors.Is(err, river.ErrNotFound) {
			return q.failed(ctx, "removing a job", err)
		}
	}
	return nil
}

// Replace makes the new jobs first: a process that dies in between leaves a window two jobs, of which one ends at once,
// rather than none.
func (q *riverQueue) Replace(ctx context.Context, stale []*rivertype.JobRow) error {
	fresh := make([]river.InsertManyParams, len(stale))
	for i, row := range stale {
		fresh[i] = insertion(ArgsOf(row))
	}
	if err := q.insert(ctx, fresh); err != nil {
		return err
	}
	for _, row := range stale {
		if _, err := q.client.JobCancel(ctx, row.ID); err != nil && !errors.Is(err, river.ErrNotFound) {
			return q.failed(ctx, "cancelling a job", err)
		}
	}
	return nil
}

func (q *riverQueue) insert(ctx context.Context, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	if _, err := q.client.InsertMany(ctx, jobs); err != nil {
		return q.failed(ctx, "making jobs", err)
	}
	return nil
}

func insertion(args Args) river.InsertManyParams {
	return river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{Queue: queueName}}
}

// list lists all jobs of our kind in the given states.
func (q *riverQueue) list(ctx context.Context, states ...rivertype.JobState) ([]*rivertype.JobRow, error) {
	rows, err := listJobs(func(p *river.JobListParams) (*river.JobListResult, error) { return q.client.JobList(ctx, p) }, states...)
	return rows, q.failed(ctx, "listing jobs", err)
}

// failed is an error of the database, with what was done and what it means; nil if there is none.
func (q *riverQueue) failed(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, q.classify(ctx, err))
}

// listJobs lists all jobs of our kind in the given states.
func listJobs(list func(*river.JobListParams) (*river.JobListResult, error), states ...rivertype.JobState) ([]*rivertype.JobRow, error) {
	params := river.NewJobListParams().Kinds(jobKind).States(states...).First(jobsPerPage)
	var rows []*rivertype.JobRow
	for {
		page, err := list(params)
		if err != nil {
			return nil, err
		}
		rows = append(rows, page.Jobs...)
		if len(page.Jobs) < jobsPerPage {
			return rows, nil
		}
		params = params.After(page.LastCursor)
	}
}

// byWindow returns a job of each window, leaving out running ones that are not live.
func byWindow(rows []*rivertype.JobRow, live func(*rivertype.JobRow) bool) map[int64]*rivertype.JobRow {
	jobs := map[int64]*rivertype.JobRow{}
	for _, row := range rows {
		if row.State != rivertype.JobStateRunning || live(row) {
			jobs[ArgsOf(row).Window] = row
		}
	}
	return jobs
}

// isFarAhead reports whether a job waits longer than any job is made to: the clock was set back.
func isFarAhead(row *rivertype.JobRow) bool {
	return row.State != rivertype.JobStateRunning && time.Until(row.ScheduledAt) > 2*LongestRetry
}

// ArgsOf returns the arguments of a job, empty ones if they are not ours.
func ArgsOf(row *rivertype.JobRow) Args {
	var args Args
	_ = json.Unmarshal(row.EncodedArgs, &args) // such a job is of no window
	return args
}

// WorkerOf is who has fetched the job last.
func WorkerOf(row *rivertype.JobRow) string {
	if len(row.AttemptedBy) == 0 {
		return ""
	}
	return row.AttemptedBy[len(row.AttemptedBy)-1]
}

// CancelTried reports whether somebody has cancelled the job while it ran.
func CancelTried(row *rivertype.JobRow) bool {
	var metadata struct {
		At string `json:"cancel_attempted_at"`
	}
	return json.Unmarshal(row.Metadata, &metadata) == nil && metadata.At != ""
}

// Retry doubles the wait with each attempt, and spreads it so that windows that
// failed together do not come back together.
type Retry struct{ First time.Duration }

// NextRetry returns when River tries a job again.
func (p Retry) NextRetry(row *rivertype.JobRow) time.Time {
	return time.Now().Add(Spread(p.Wait(row.Attempt)))
}

// Wait is the mean wait after an attempt, which count from 1.
func (p Retry) Wait(attempt int) time.Duration {
	wait := p.First
	for ; attempt > 1 && wait < LongestRetry; attempt-- {
		wait *= 2
	}
	return min(wait, LongestRetry)
}

// Spread returns something between a half and three halves of d.
func Spread(d time.Duration) time.Duration { return d/2 + rand.N(d+1) }
