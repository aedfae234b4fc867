package leadsync

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{0, 1, 2, time.Second} {
		for range 100 {
			if got := spread(d); got < d/2 || got > d/2+d {
				t.Errorf("%s is spread to %s", d, got)
			}
		}
	}
}

// TestJobRows reads what River knows about a job.
func TestJobRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name              string
		row               rivertype.JobRow
		window            int64
		worker            string
		cancelled, farOff bool
	}{
		{"empty", rivertype.JobRow{}, 0, "", false, false},
		{"fetched twice", rivertype.JobRow{EncodedArgs: []byte(`{"window":7,"stream":"leads"}`), AttemptedBy: []string{"a", "b"}, Metadata: []byte(`{}`)}, 7, "b", false, false},
		{"somebody else's", rivertype.JobRow{EncodedArgs: []byte(`[1]`), AttemptedBy: []string{"a"}, Metadata: []byte(`[]`)}, 0, "a", false, false},
		{"cancelled", rivertype.JobRow{Metadata: []byte(`{"cancel_attempted_at":"2026-01-02T03:04:05Z"}`)}, 0, "", true, false},
		{"waits as long as any", rivertype.JobRow{State: rivertype.JobStateRetryable, ScheduledAt: time.Now().Add(2 * longestRetry)}, 0, "", false, false},
		{"waits for longer", rivertype.JobRow{State: rivertype.JobStateRetryable, ScheduledAt: time.Now().Add(2*longestRetry + time.Hour)}, 0, "", false, true},
		{"runs already", rivertype.JobRow{State: rivertype.JobStateRunning, ScheduledAt: time.Now().Add(time.Hour)}, 0, "", false, false},
	} {
		if argsOf(&c.row).Window != c.window || workerOf(&c.row) != c.worker || cancelTried(&c.row) != c.cancelled || isFarAhead(&c.row) != c.farOff {
			t.Errorf("%s: window %d, worker %q, cancelled %t, far ahead %t", c.name, argsOf(&c.row).Window, workerOf(&c.row), cancelTried(&c.row), isFarAhead(&c.row))
		}
	}
}

// TestByWindow leaves out the jobs of dead workers, and no others.
func TestByWindow(t *testing.T) {
	t.Parallel()
	row := func(id int64, state rivertype.JobState, args string) *rivertype.JobRow {
		return &rivertype.JobRow{ID: id, State: state, EncodedArgs: []byte(args)}
	}
	rows := []*rivertype.JobRow{
		row(1, rivertype.JobStateRunning, `{"window":1}`), row(2, rivertype.JobStateRunning, `{"window":2}`),
		row(3, rivertype.JobStateAvailable, `{"window":3}`), row(4, rivertype.JobStateRetryable, `{"window":2}`),
	}
	got := map[int64]int64{}
	for window, job := range byWindow(rows, func(row *rivertype.JobRow) bool { return row.ID == 1 }) {
		got[window] = job.ID
	}
	if diff := cmp.Diff(map[int64]int64{1: 1, 2: 4, 3: 3}, got); diff != "" {
		t.Error(diff)
	}
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
		}, rivertype.JobStateRunning)
		if len(rows) != c.want || !errors.Is(err, c.err) || calls != len(c.pages) {
			t.Errorf("pages %v: %d jobs in %d calls, %v", c.pages, len(rows), calls, err)
		}
	}
}

func TestAs(t *testing.T) {
	t.Parallel()
	if n, err := as[int](7); n != 7 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := as[int]("7"); err == nil {
		t.Error("a text is taken for a number")
	}
}

// TestWork_complete: a job that somebody has deleted needs no completing; any other error undoes the commit.
func TestWork_complete(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, c := range []struct {
		tx     any
		fails  error
		want   error
		refuse bool
	}{
		{7, nil, nil, false},
		{7, fmt.Errorf("job: %w", river.ErrNotFound), nil, false},
		{7, broken, broken, false},
		{"seven", nil, nil, true}, // the transaction of another store
	} {
		q := &riverQueue[int]{
			complete: func(context.Context, int, *river.Job[windowArgs]) (*river.Job[windowArgs], error) {
				return nil, c.fails
			},
			work: func(ctx context.Context, j job) error {
				if j.id != 3 || j.window != 5 {
					t.Errorf("job %d of window %d", j.id, j.window)
				}
				return j.complete(ctx, c.tx)
			},
		}
		err := q.Work(t.Context(), &river.Job[windowArgs]{JobRow: &rivertype.JobRow{ID: 3}, Args: windowArgs{Window: 5}})
		if c.refuse && err == nil || !c.refuse && !errors.Is(err, c.want) {
			t.Errorf("%v, %v: error %v", c.tx, c.fails, err)
		}
	}
}
