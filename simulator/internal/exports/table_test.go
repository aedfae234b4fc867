package exports

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/simulator/record"
)

var noon = time.Date(2026, time.October, 6, 12, 0, 0, 0, time.UTC)

// Jobs start where others have ended, also where that is noticed late and their files are not made yet.
func TestTable_Advance(t *testing.T) {
	t.Parallel()
	now := noon
	table := New(func() time.Time { return now })
	var jobs []*Job
	for range 5 {
		job := table.Create(record.Export{})
		if err := table.Enqueue(job, 1); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, job)
	}
	for _, step := range []struct {
		after time.Duration
		ended int
	}{{0, 0}, {59 * time.Second, 0}, {150 * time.Second, 4}, {151 * time.Second, 4}, {190 * time.Second, 5}} {
		now = noon.Add(step.after)
		if ended := table.Advance(time.Minute); len(ended) != step.ended {
			t.Errorf("after %s %d have ended, want %d", step.after, len(ended), step.ended)
		}
	}
	for i, want := range []time.Duration{0, 0, time.Minute, time.Minute, 2 * time.Minute} {
		if got := jobs[i].StartedAt.Sub(noon); got != want {
			t.Errorf("job %d starts after %s, want %s", i, got, want)
		}
		if table.Cancel(jobs[i]) {
			t.Errorf("job %d has ended, and is cancelled", i)
		}
	}
}

// A file is made once, and without the lock of the table.
func TestMake(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	lock := func() func() { mu.Lock(); return mu.Unlock }
	job, made := &Job{Export: record.Export{Status: Processing}}, 0
	file := func(*Job) (*File, int) {
		made++
		if !mu.TryLock() {
			t.Error("the lock is held while a file is made")
			return new(File), 0
		}
		mu.Unlock()
		return new(File), 7
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { Make(job, lock, file) })
	}
	all.Wait()
	if made != 1 || job.Status != Completed || job.Records != 7 {
		t.Errorf("made %d times: %+v", made, job.Export)
	}
}

// A job whose file cannot be made has failed: no other call tries again.
func TestMake_panic(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	lock := func() func() { mu.Lock(); return mu.Unlock }
	job := &Job{Export: record.Export{Status: Processing}}
	for _, want := range []any{"no", nil} {
		func() {
			defer func() {
				if got := recover(); got != want || job.Status != Failed {
					t.Errorf("%v, want %v; the job is %s", got, want, job.Status)
				}
			}()
			Make(job, lock, func(*Job) (*File, int) { panic("no") })
		}()
	}
}

func TestTable_Load(t *testing.T) {
	t.Parallel()
	table := New(func() time.Time { return noon })
	for want, in := range map[string]record.Export{
		"kind":   {ID: "a", Status: Queued, Kind: "people", Format: "CSV"},
		"format": {ID: "a", Status: Queued, Kind: "leads", Format: "XML"},
		"filter": {ID: "a", Status: Queued, Kind: "activities", Format: "CSV"},
		"status": {ID: "a", Status: "Waiting", Kind: "leads", Format: "CSV"},
		"id":     {Status: Queued, Kind: "leads", Format: "CSV"},
	} {
		if err := table.Load([]record.Export{in}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", in, err, want)
		}
	}
}

func TestJob_StatusAt(t *testing.T) {
	t.Parallel()
	at := func(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }
	for _, test := range []struct {
		status string
		at     int
		want   string
	}{
		{Processing, 5, Queued}, {Processing, 10, Processing}, {Processing, 90, Processing}, {Completed, 5, Queued}, {Completed, 50, Processing},
		{Completed, 70, Completed}, {Cancelled, 5, Cancelled}, {Created, 5, Created}, {Queued, 50, Queued},
	} {
		job := &Job{Export: record.Export{Status: test.status}, QueuedAt: at(0), StartedAt: at(10), FinishedAt: at(70)}
		if got := job.StatusAt(at(test.at)); got != test.want {
			t.Errorf("%s after %d seconds: %s, want %s", test.status, test.at, got, test.want)
		}
	}
}
