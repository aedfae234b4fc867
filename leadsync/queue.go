package leadsync

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/mktows/mktows-go/leadsync/store"
)

const (
	queueName = "mktows"
	jobKind   = "mktows_window"
	// jobTimeout is longer than any window takes, so that River's rescuer leaves running
	// jobs alone: those of dead workers are looked after here.
	jobTimeout = 24 * time.Hour
	// longestRetry bounds the wait between two attempts.
	longestRetry = 5 * time.Minute
	// riverAttempts is more than a job ever needs: attempts count for the window, which a new
	// run begins to count anew.
	riverAttempts = 10_000
	// jobsPerPage is how many jobs are listed at once.
	jobsPerPage = 1000
)

// windowArgs are the arguments of the job that copies a window.
type windowArgs struct {
	Window int64      `json:"window"`
	Stream StreamName `json:"stream"`
}

// Kind is River's name for the job.
func (windowArgs) Kind() string { return jobKind }

// job is one attempt at a window.
type job struct {
	id     int64
	window int64
	// complete marks the job as completed in a transaction.
	complete func(ctx context.Context, tx any) error
}

// queue is River on either of the databases. Transactions are those of the store.
type queue interface {
	start(ctx context.Context) error
	// stop waits for the jobs under way, kill cancels them; both until ctx ends.
	stop(ctx context.Context) error
	kill(ctx context.Context) error
	// running lists the jobs that a worker has fetched and not ended.
	running(ctx context.Context) ([]*rivertype.JobRow, error)
	// held returns the windows that have a job which is to run or which live says runs.
	held(ctx context.Context, live func(*rivertype.JobRow) bool) (map[int64]bool, error)
	// enqueue makes jobs for the windows that have none. One that waits for its next
	// attempt is made to run at once.
	enqueue(ctx context.Context, tx any, windows []store.Window, live func(*rivertype.JobRow) bool) error
	// discard removes the jobs that are of no use any more. One that runs is cancelled.
	discard(ctx context.Context, tx any, useless func(windowArgs) bool) error
	// replace cancels running jobs whose worker is dead, and makes new ones instead.
	replace(ctx context.Context, tx any, stale []*rivertype.JobRow) error
}

// newQueue returns River on db, which is what Store.Queue returns.
func newQueue(db any, c *Config, poll time.Duration, work func(context.Context, job) error) (queue, error) {
	switch db := db.(type) {
	case *sql.DB:
		return newRiver(riversqlite.New(db), c, poll, work, river.JobCompleteTx[*riversqlite.Driver, *sql.Tx, windowArgs])
	case *pgxpool.Pool:
		return newRiver(riverpgxv5.New(db), c, poll, work, river.JobCompleteTx[*riverpgxv5.Driver, pgx.Tx, windowArgs])
	}
	return nil, fmt.Errorf("leadsync: Config.Store: Queue returns a %T; expected a *sql.DB or a *pgxpool.Pool", db)
}

// completer is river.JobCompleteTx for one driver.
type completer[TTx any] func(context.Context, TTx, *river.Job[windowArgs]) (*river.Job[windowArgs], error)

// riverQueue is a queue whose transactions are of the type TTx.
type riverQueue[TTx any] struct {
	river.WorkerDefaults[windowArgs]
	client   *river.Client[TTx]
	work     func(context.Context, job) error
	complete completer[TTx]
}

func newRiver[TTx any](driver riverdriver.Driver[TTx], c *Config, poll time.Duration,
	work func(context.Context, job) error, complete completer[TTx]) (queue, error) {
	q := &riverQueue[TTx]{work: work, complete: complete}
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, q); err != nil {
		return nil, fmt.Errorf("leadsync: River: %w", err)
	}
	client, err := river.NewClient(driver, &river.Config{
		ID:                c.Worker,
		Queues:            map[string]river.QueueConfig{queueName: {MaxWorkers: c.Concurrency}},
		Workers:           workers,
		Logger:            c.Logger, // without one River writes to standard output
		JobTimeout:        jobTimeout,
		MaxAttempts:       riverAttempts,
		RetryPolicy:       retryPolicy{c.FirstRetry},
		FetchCooldown:     min(poll, 20*time.Millisecond),
		FetchPollInterval: poll,
	})
	if err != nil {
		return nil, fmt.Errorf("leadsync: River: %w", err)
	}
	q.client = client
	return q, nil
}

// Work is called by River for each job.
func (q *riverQueue[TTx]) Work(ctx context.Context, rj *river.Job[windowArgs]) error {
	return q.work(ctx, job{
		id: rj.ID, window: rj.Args.Window,
		complete: func(_ context.Context, tx any) error {
			t, err := as[TTx](tx)
			if err != nil {
				return err
			}
			// The context of the work, which holds River's client. Somebody may have deleted the job.
			if _, err = q.complete(ctx, t, rj); errors.Is(err, river.ErrNotFound) {
				return nil
			}
			return err
		},
	})
}

func (q *riverQueue[TTx]) start(ctx context.Context) error { return q.client.Start(ctx) }
func (q *riverQueue[TTx]) stop(ctx context.Context) error  { return q.client.Stop(ctx) }
func (q *riverQueue[TTx]) kill(ctx context.Context) error  { return q.client.StopAndCancel(ctx) }

func (q *riverQueue[TTx]) running(ctx context.Context) ([]*rivertype.JobRow, error) {
	return listJobs(func(p *river.JobListParams) (*river.JobListResult, error) { return q.client.JobList(ctx, p) },
		rivertype.JobStateRunning)
}

// unfinishedStates are those of a job that has run or will run. River's scheduled and retryable
// ones become available in time.
var unfinishedStates = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

func (q *riverQueue[TTx]) held(ctx context.Context, live func(*rivertype.JobRow) bool) (map[int64]bool, error) {
	rows, err := listJobs(func(p *river.JobListParams) (*river.JobListResult, error) { return q.client.JobList(ctx, p) },
		unfinishedStates...)
	rows = slices.DeleteFunc(rows, isFarAhead)
	held := map[int64]bool{}
	for window := range byWindow(rows, live) {
		held[window] = true
	}
	return held, err
}

func (q *riverQueue[TTx]) enqueue(ctx context.Context, tx any, windows []store.Window, live func(*rivertype.JobRow) bool) error {
	t, err := as[TTx](tx)
	if err != nil || len(windows) == 0 {
		return err
	}
	rows, err := listJobs(func(p *river.JobListParams) (*river.JobListResult, error) { return q.client.JobListTx(ctx, t, p) },
		unfinishedStates...)
	if err != nil {
		return fmt.Errorf("listing jobs: %w", err)
	}
	jobs := byWindow(rows, live)
	var missing []river.InsertManyParams
	for _, w := range windows {
		row := jobs[w.ID]
		switch {
		case row == nil:
			missing = append(missing, insertion(windowArgs{w.ID, w.Stream}))
		case row.State == rivertype.JobStateScheduled || row.State == rivertype.JobStateRetryable || isFarAhead(row):
			if _, err := q.client.JobRetryTx(ctx, t, row.ID); err != nil {
				return fmt.Errorf("hastening job %d: %w", row.ID, err)
			}
		}
	}
	return q.insert(ctx, t, missing)
}

func (q *riverQueue[TTx]) discard(ctx context.Context, tx any, useless func(windowArgs) bool) error {
	t, err := as[TTx](tx)
	if err != nil {
		return err
	}
	rows, err := listJobs(func(p *river.JobListParams) (*river.JobListResult, error) { return q.client.JobListTx(ctx, t, p) },
		unfinishedStates...)
	if err != nil {
		return fmt.Errorf("listing jobs: %w", err)
	}
	for _, row := range rows {
		if !useless(argsOf(row)) {
			continue
		}
		end := q.client.JobDeleteTx
		if row.State == rivertype.JobStateRunning { // River does not delete those
			end = q.client.JobCancelTx
		}
		if _, err := end(ctx, t, row.ID); err != nil && !errors.Is(err, river.ErrNotFound) {
			return fmt.Errorf("removing job %d: %w", row.ID, err)
		}
	}
	return nil
}

func (q *riverQueue[TTx]) replace(ctx context.Context, tx any, stale []*rivertype.JobRow) error {
	t, err := as[TTx](tx)
	if err != nil {
		return err
	}
	var fresh []river.InsertManyParams
	for _, row := range stale {
		now, err := q.client.JobCancelTx(ctx, t, row.ID)
		if err != nil {
			return fmt.Errorf("cancelling job %d: %w", row.ID, err)
		}
		if now.State == rivertype.JobStateRunning { // else it has ended meanwhile
			fresh = append(fresh, insertion(argsOf(row)))
		}
	}
	return q.insert(ctx, t, fresh)
}

func (q *riverQueue[TTx]) insert(ctx context.Context, tx TTx, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	if _, err := q.client.InsertManyTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("making %d jobs: %w", len(jobs), err)
	}
	return nil
}

func insertion(args windowArgs) river.InsertManyParams {
	return river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{Queue: queueName}}
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
			jobs[argsOf(row).Window] = row
		}
	}
	return jobs
}

// isFarAhead reports whether a job waits longer than any job is made to: the clock was set back.
func isFarAhead(row *rivertype.JobRow) bool {
	return row.State != rivertype.JobStateRunning && time.Until(row.ScheduledAt) > 2*longestRetry
}

// argsOf returns the arguments of a job, empty ones if they are not ours.
func argsOf(row *rivertype.JobRow) windowArgs {
	var args windowArgs
	_ = json.Unmarshal(row.EncodedArgs, &args) // such a job is of no window
	return args
}

// workerOf is who has fetched the job last.
func workerOf(row *rivertype.JobRow) string {
	if len(row.AttemptedBy) == 0 {
		return ""
	}
	return row.AttemptedBy[len(row.AttemptedBy)-1]
}

// cancelTried reports whether somebody has cancelled the job while it ran.
func cancelTried(row *rivertype.JobRow) bool {
	var metadata struct {
		At string `json:"cancel_attempted_at"`
	}
	return json.Unmarshal(row.Metadata, &metadata) == nil && metadata.At != ""
}

func as[TTx any](tx any) (TTx, error) {
	t, ok := tx.(TTx)
	if !ok {
		return t, fmt.Errorf("the store's transaction is a %T; expected a %T", tx, t)
	}
	return t, nil
}

// retryPolicy doubles the wait with each attempt, and spreads it so that windows that
// failed together do not come back together.
type retryPolicy struct{ first time.Duration }

// NextRetry returns when River tries a job again.
func (p retryPolicy) NextRetry(row *rivertype.JobRow) time.Time {
	return time.Now().Add(spread(p.wait(row.Attempt)))
}

// wait is the mean wait after an attempt, which count from 1.
func (p retryPolicy) wait(attempt int) time.Duration {
	wait := p.first
	for ; attempt > 1 && wait < longestRetry; attempt-- {
		wait *= 2
	}
	return min(wait, longestRetry)
}

// spread returns something between a half and three halves of d.
func spread(d time.Duration) time.Duration { return d/2 + rand.N(d+1) }
