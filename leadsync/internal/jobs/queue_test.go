package jobs

import (
	"errors"
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
		{"waits as long as any", rivertype.JobRow{State: rivertype.JobStateRetryable, ScheduledAt: time.Now().Add(2 * LongestRetry)}, 0, "", false, false},
		{"waits for longer", rivertype.JobRow{State: rivertype.JobStateRetryable, ScheduledAt: time.Now().Add(2*LongestRetry + time.Hour)}, 0, "", false, true},
		{"runs already", rivertype.JobRow{State: rivertype.JobStateRunning, ScheduledAt: time.Now().Add(time.Hour)}, 0, "", false, false},
	} {
		if ArgsOf(&c.row).Window != c.window || WorkerOf(&c.row) != c.worker || CancelTried(&c.row) != c.cancelled || isFarAhead(&c.row) != c.farOff {
			t.Errorf("%s: window %d, worker %q, cancelled %t, far ahead %t", c.name, ArgsOf(&c.row).Window, WorkerOf(&c.row), CancelTried(&c.row), isFarAhead(&c.row))
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
