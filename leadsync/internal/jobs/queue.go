// Package jobs is River: the queue of the jobs that copy windows. River says who works on which window, when it is tried
// again and how often, also after a worker has died.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/mktows/mktows-go/leadsync/internal/jobdriver"
	"github.com/mktows/mktows-go/leadsync/store"
)

const (
	queueName = "mktows"
	jobKind   = "mktows_window"
	// LongestRetry bounds the wait between two attempts.
	LongestRetry = 5 * time.Minute
	// riverAttempts is more than a job ever needs: the engine gives a window up, and attempts that
	// have ended with their process do not count for it.
	riverAttempts = 10_000
	// neverStuck is longer than any job takes: a long call is nothing to warn of.
	neverStuck = 24 * time.Hour
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

// Job is a step of work on a window.
type Job struct {
	Window   int64
	Failures int       // how often it has failed before
	Due      time.Time // when it could begin: its place among the others
}

// GoOn lets River take the job up again, before those that are due later.
func (j Job) GoOn() error { return &river.JobSnoozeError{Duration: time.Until(j.Due)} }

// Config is what the queue of a worker is made of.
type Config struct {
	Worker      string // the name of the worker
	Concurrency int    // how many jobs are worked on at once
	FirstRetry  time.Duration
	Poll        time.Duration // between two looks for jobs
	Silence     time.Duration // after which a job that was not touched is taken from its worker
	Logger      *slog.Logger
	// Work is called for each job. What it returns tells River what to do with the job.
	Work func(context.Context, Job) error
}

// Queue is River on the database of a store. Its errors are classified as those of the store.
type Queue struct {
	river.WorkerDefaults[Args]

	client   *river.Client[any]
	work     func(context.Context, Job) error
	classify func(ctx context.Context, err error) error
	exec     func(ctx context.Context, sql string, args ...any) error
	killed   context.Context //nolint:containedctx // of all work
	kill     context.CancelFunc

	mu      sync.Mutex
	running map[int64]int // how often each job runs here: River may have taken it from us and given it back
}

// New returns River on the database of a store.
func New(place jobdriver.Place, c Config) (*Queue, error) {
	q := &Queue{work: c.Work, classify: place.Classify, exec: place.Driver.GetExecutor().Exec, running: map[int64]int{}}
	q.killed, q.kill = context.WithCancel(context.Background())
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, q); err != nil {
		return nil, fmt.Errorf("River: %w", err)
	}
	client, err := river.NewClient(place.Driver, &river.Config{
		ID:                   c.Worker,
		Queues:               map[string]river.QueueConfig{queueName: {MaxWorkers: c.Concurrency}},
		Workers:              workers,
		Logger:               c.Logger,  // without one River writes to standard output
		JobTimeout:           c.Silence, // see Work
		JobStuckThreshold:    neverStuck,
		RescueStuckJobsAfter: c.Silence,
		MaxAttempts:          riverAttempts,
		RetryPolicy:          Retry{c.FirstRetry},
		FetchCooldown:        min(c.Poll, 20*time.Millisecond),
		FetchPollInterval:    c.Poll,
	})
	if err != nil {
		return nil, fmt.Errorf("River: %w", err)
	}
	q.client = client
	return q, nil
}

// Work is called by River for each job. River's timeout does not end it: one call of the service may take ten minutes. The timeout is
// what River takes a job by for stuck, which begins anew with each Touch.
func (q *Queue) Work(ctx context.Context, rj *river.Job[Args]) error {
	q.mark(rj.ID, 1)
	defer q.mark(rj.ID, -1)
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(q.killed, cancel)()
	defer context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) { // by somebody who cancels the job
			cancel()
		}
	})()
	return q.work(work, Job{Window: rj.Args.Window, Failures: failures(rj.JobRow), Due: rj.ScheduledAt})
}

func (q *Queue) mark(job int64, more int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running[job] += more; q.running[job] == 0 {
		delete(q.running, job)
	}
}

// Touch tells River that the jobs under way here have not been left by a worker that has died.
func (q *Queue) Touch(ctx context.Context) error {
	q.mu.Lock()
	ids := slices.Sorted(maps.Keys(q.running))
	q.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	list := strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ", "), "[]")
	err := q.exec(ctx, `UPDATE river_job SET attempted_at = CURRENT_TIMESTAMP WHERE state = 'running' AND id IN (`+list+`)`)
	return q.failed(ctx, "touching jobs", err)
}

// Start lets River look for jobs until ctx ends.
func (q *Queue) Start(ctx context.Context) error { return q.classify(ctx, q.client.Start(ctx)) }

// Stop waits for the jobs under way until ctx ends.
func (q *Queue) Stop(ctx context.Context) error { return q.client.Stop(ctx) }

// Kill cancels the jobs under way, and waits for them until ctx ends.
func (q *Queue) Kill(ctx context.Context) error {
	q.kill()
	return q.client.StopAndCancel(ctx)
}

// unfinishedStates are those of a job that runs or will run. River's scheduled and retryable
// ones become available in time.
var unfinishedStates = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

// Enqueue makes jobs for the windows that have none. With hasten, one that waits for its next
// attempt is made to run at once.
func (q *Queue) Enqueue(ctx context.Context, windows []store.Window, hasten bool) error {
	if len(windows) == 0 {
		return nil
	}
	rows, err := q.list(ctx)
	if err != nil {
		return q.failed(ctx, "listing jobs", err)
	}
	var missing []river.InsertManyParams
	for _, w := range windows {
		row := rows[w.ID]
		switch {
		case row == nil:
			missing = append(missing, insertion(Args{w.ID, w.Stream}))
		case hasten && waits(row) || isFarAhead(row):
			if _, err := q.client.JobRetry(ctx, row.ID); err != nil && !errors.Is(err, river.ErrNotFound) {
				return q.failed(ctx, "hastening a job", err)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = q.client.InsertMany(ctx, missing)
	return q.failed(ctx, "making jobs", err)
}

// insertion makes a job, unless another process has made one of the same window meanwhile.
func insertion(args Args) river.InsertManyParams {
	unique := river.UniqueOpts{ByArgs: true, ByQueue: true, ByState: unfinishedStates}
	return river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{Queue: queueName, UniqueOpts: unique}}
}

// list returns an unfinished job of each window.
func (q *Queue) list(ctx context.Context) (map[int64]*rivertype.JobRow, error) {
	rows, err := listJobs(func(p *river.JobListParams) (*river.JobListResult, error) { return q.client.JobList(ctx, p) })
	jobs := make(map[int64]*rivertype.JobRow, len(rows))
	for _, row := range rows {
		jobs[windowOf(row)] = row
	}
	return jobs, err
}

// failed is an error of the database, with what was done and what it means; nil if there is none.
func (q *Queue) failed(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, q.classify(ctx, err))
}

// listJobs lists all unfinished jobs of our kind.
func listJobs(list func(*river.JobListParams) (*river.JobListResult, error)) ([]*rivertype.JobRow, error) {
	params := river.NewJobListParams().Kinds(jobKind).States(unfinishedStates...).First(jobsPerPage)
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

// waits reports whether a job is not due yet.
func waits(row *rivertype.JobRow) bool {
	return row.State == rivertype.JobStateScheduled || row.State == rivertype.JobStateRetryable
}

// isFarAhead reports whether a job waits longer than any job is made to: the clock was set back.
func isFarAhead(row *rivertype.JobRow) bool {
	return row.State != rivertype.JobStateRunning && time.Until(row.ScheduledAt) > 2*LongestRetry
}

// windowOf returns the window of a job, 0 if the job is not ours.
func windowOf(row *rivertype.JobRow) int64 {
	var args Args
	_ = json.Unmarshal(row.EncodedArgs, &args) // such a job is of no window
	return args.Window
}

// failures is how often a job that runs has failed before. An attempt whose worker died counts for River, not here.
func failures(row *rivertype.JobRow) int {
	var metadata struct {
		Rescued int `json:"river:rescue_count"`
	}
	_ = json.Unmarshal(row.Metadata, &metadata) // without it nobody has died
	return max(row.Attempt-1-metadata.Rescued, 0)
}

// Retry doubles the wait with each attempt, and spreads it so that windows that
// failed together do not come back together.
type Retry struct{ First time.Duration }

// NextRetry returns when River tries a job again.
func (p Retry) NextRetry(row *rivertype.JobRow) time.Time {
	return time.Now().Add(Spread(p.Wait(failures(row) + 1)))
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
