package jobs

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// TestQueue_oneJobTwice: a job that River took from us while we slept, and gave to us again: when the first of the two ends, the second still has to be touched.
func TestQueue_oneJobTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &Queue{running: map[int64]int{}}
		q.killed, q.kill = context.WithCancel(t.Context())
		defer q.kill()
		long := time.Second
		q.work = func(context.Context, Job) error { d := long; long *= 100; time.Sleep(d); return nil }
		row := &river.Job[Args]{JobRow: &rivertype.JobRow{ID: 7}}
		done := make(chan struct{}, 2)
		for range 2 {
			go func() { _ = q.Work(t.Context(), row); done <- struct{}{} }()
			synctest.Wait()
		}
		<-done
		touched := false
		q.exec = func(context.Context, string, ...any) error { touched = true; return nil }
		q.classify = func(_ context.Context, err error) error { return err }
		if err := q.Touch(t.Context()); err != nil || !touched {
			t.Errorf("the job that runs still is not touched (%v)", err)
		}
		<-done
	})
}
