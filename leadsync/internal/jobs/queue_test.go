package jobs

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{0, 1, 2, time.Second} {
		for range 100 {
			if got := Spread(d); got < d/2 || got > d/2+d {
				t.Errorf("%s is spread to %s", d, got)
			}
		}
	}
}

// TestJobRows reads what River knows about a job.
func TestJobRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		row      rivertype.JobRow
		window   int64
		failures int
		farOff   bool
	}{
		{"empty", rivertype.JobRow{}, 0, 0, false},
		{"first attempt", rivertype.JobRow{EncodedArgs: []byte(`{"window":7,"stream":"leads"}`), Attempt: 1, Metadata: []byte(`{}`)}, 7, 0, false},
		{"somebody else's", rivertype.JobRow{EncodedArgs: []byte(`[1]`), Metadata: []byte(`[]`)}, 0, 0, false},
		{"has failed twice", rivertype.JobRow{Attempt: 3, Metadata: []byte(`{"snoozes":4}`)}, 0, 2, false},
		{"has failed twice, died once", rivertype.JobRow{Attempt: 4, Metadata: []byte(`{"river:rescue_count":1}`)}, 0, 2, false},
		{"waits as long as any", rivertype.JobRow{State: rivertype.JobStateRetryable, ScheduledAt: time.Now().Add(2 * LongestRetry)}, 0, 0, false},
		{"waits for longer", rivertype.JobRow{State: rivertype.JobStateRetryable, ScheduledAt: time.Now().Add(2*LongestRetry + time.Hour)}, 0, 0, true},
		{"runs already", rivertype.JobRow{State: rivertype.JobStateRunning, ScheduledAt: time.Now().Add(time.Hour)}, 0, 0, false},
	} {
		if windowOf(&c.row) != c.window || failures(&c.row) != c.failures || isFarAhead(&c.row) != c.farOff {
			t.Errorf("%s: window %d, %d failures, far ahead %t", c.name, windowOf(&c.row), failures(&c.row), isFarAhead(&c.row))
		}
	}
}

// TestGoOn: a job whose step has ended keeps its place before those that are due later.
func TestGoOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := Job{Due: time.Now()}
		time.Sleep(time.Minute)
		var snoozed *river.JobSnoozeError
		if err := j.GoOn(); !errors.As(err, &snoozed) || !time.Now().Add(snoozed.Duration).Equal(j.Due) {
			t.Errorf("River is told %v", err)
		}
	})
}

// TestListJobs asks until a page is not full.
func TestListJobs(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, c := range []struct {
		pages []int // -1: an error
		want  int
		err   error
	}{
		{[]int{0}, 0, nil},
		{[]int{jobsPerPage - 1}, jobsPerPage - 1, nil},
		{[]int{jobsPerPage, 0}, jobsPerPage, nil},
		{[]int{jobsPerPage, jobsPerPage, 1}, 2*jobsPerPage + 1, nil},
		{[]int{jobsPerPage, -1}, 0, broken},
	} {
		calls := 0
		rows, err := listJobs(func(*river.JobListParams) (*river.JobListResult, error) {
			n := c.pages[calls]
			if calls++; n < 0 {
				return nil, broken
			}
			return &river.JobListResult{Jobs: make([]*rivertype.JobRow, n), LastCursor: &river.JobListCursor{}}, nil
		})
		if len(rows) != c.want || !errors.Is(err, c.err) || calls != len(c.pages) {
			t.Errorf("pages %v: %d jobs in %d calls, %v", c.pages, len(rows), calls, err)
		}
	}
}

// TestWork: a long call is no reason to end a job; somebody who cancels it is, and so is the end of the process.
func TestWork(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  func(q *Queue, cancel func())
		want error
	}{
		"River's timeout": {func(*Queue, func()) {}, nil},
		"cancelled":       {func(_ *Queue, cancel func()) { cancel() }, context.Canceled},
		"killed":          {func(q *Queue, _ func()) { time.Sleep(30 * time.Minute); q.kill() }, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := &Queue{running: map[int64]int{}}
				q.killed, q.kill = context.WithCancel(t.Context())
				defer q.kill()
				ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
				defer cancel()
				q.work = func(ctx context.Context, _ Job) error {
					c.end(q, cancel)
					if q.running[7] == 0 {
						t.Error("it does not count as running")
					}
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-time.After(time.Hour):
						return nil
					}
				}
				if err := q.Work(ctx, &river.Job[Args]{JobRow: &rivertype.JobRow{ID: 7}}); !errors.Is(err, c.want) || len(q.running) > 0 {
					t.Errorf("error %v, running %v", err, q.running)
				}
			})
		})
	}
}
