// Package jobs runs River, the queue of the jobs that copy windows. River decides which worker works on which window,
// when a failed job is tried again, and when the jobs of a dead worker go to others. The engine decides everything
// else; it never looks at a job that it was not given.
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

// Args are the arguments of a job, as River stores them.
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

// GoOn returns the error that makes River take up the job again at once, in its old place among the others: a snooze
// up to the time when it was due. A job that only ends a step must not go behind those that came later.
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

// New returns the queue of a worker. Nothing is started.
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

// Work is called by River for each job. River's timeout must not end a job, since a single call of the service may
// take ten minutes, so the work gets a context of its own. The timeout is needed all the same: it is how long River
// waits before it takes a job for stuck, and that time begins again with each Touch. Work ends when it is done, when
// the queue is killed, or when somebody cancels the job.
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

// mark counts how often a job runs in this process. It can be twice for a moment: River may have taken the job away
// and given it back.
func (q *Queue) mark(job int64, more int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running[job] += more; q.running[job] == 0 {
		delete(q.running, job)
	}
}

// Touch tells River that the jobs under way here are still worked on. River has no call for that, so its table is
// written directly.
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

// Enqueue makes jobs for the windows that have none. With hasten, jobs that wait for their next attempt are made
// available at once, as a user who starts a new run does not want to wait for the end of a pause.
func (q *Queue) Enqueue(ctx context.Context, windows []store.Window, hasten bool) error {
	if len(windows) == 0 {
		return nil
	}
	rows, err := q.list(ctx)
	if err != nil {
		return q.failed(ctx, "listing jobs", err)
	}
	return q.enqueue(ctx, windows, rows, hasten)
}

// Renew makes jobs for the pending windows that have none. It looks for the jobs before it asks which windows are
// pending: a job that ends in between has ended its window, too, and must not be made again.
func (q *Queue) Renew(ctx context.Context, pending func() ([]store.Window, error)) error {
	rows, err := q.list(ctx)
	if err != nil {
		return q.failed(ctx, "listing jobs", err)
	}
	windows, err := pending()
	if err != nil {
		return err
	}
	return q.enqueue(ctx, windows, rows, false)
}

// enqueue makes jobs for the windows that have none among the rows.
func (q *Queue) enqueue(ctx context.Context, windows []store.Window, rows map[int64]*rivertype.JobRow, hasten bool) error {
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
	_, err := q.client.InsertMany(ctx, missing)
	return q.failed(ctx, "making jobs", err)
}

// insertion returns a new job. It is unique, so that two processes that plan at the same time do not make two jobs of
// one window.
func insertion(args Args) river.InsertManyParams {
	unique := river.UniqueOpts{ByArgs: true, ByQueue: true, ByState: unfinishedStates}
	return river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{Queue: queueName, UniqueOpts: unique}}
}

// list returns the unfinished job of each window.
func (q *Queue) list(ctx context.Context) (map[int64]*rivertype.JobRow, error) {
	rows, err := listJobs(func(p *river.JobListParams) (*river.JobListResult, error) { return q.client.JobList(ctx, p) })
	jobs := make(map[int64]*rivertype.JobRow, len(rows))
	for _, row := range rows {
		jobs[windowOf(row)] = row
	}
	return jobs, err
}

// failed adds to an error of the database what was being done, and classifies it; nil stays nil.
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

// failures returns how often a running job has failed before. River also counts attempts whose worker died; those are
// taken off, because a death says nothing about the window.
func failures(row *rivertype.JobRow) int {
	var metadata struct {
		Rescued int `json:"river:rescue_count"`
	}
	_ = json.Unmarshal(row.Metadata, &metadata) // without it nobody has died
	return max(row.Attempt-1-metadata.Rescued, 0)
}

// Retry is the policy for failed jobs: the wait doubles with each attempt up to LongestRetry, and is spread at
// random, so that windows which failed together do not come back together.
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

// Spread returns a random duration between half of d and one and a half of it.
func Spread(d time.Duration) time.Duration { return d/2 + rand.N(d+1) }
