package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"

	"github.com/mktows/mktows-go/leadsync/internal/jobdriver"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/store/memjobs"
)

// TestEnqueue: each window has one job; one that waits is hastened where that is asked for, or where it waits absurdly long.
func TestEnqueue(t *testing.T) {
	t.Parallel()
	memory, err := memjobs.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = memory.CloseJobs() })
	q, err := New(jobdriver.PlaceOf(memory), Config{
		Worker: "w", Concurrency: 1, FirstRetry: time.Second, Poll: time.Second, Silence: time.Minute,
		Logger: slog.New(slog.DiscardHandler), Work: func(context.Context, Job) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	windows := []store.Window{{ID: 1, Stream: store.Activities}, {ID: 2, Stream: store.Leads}}
	enqueue := func(hasten bool, all ...store.Window) map[int64]rivertype.JobState {
		t.Helper()
		if err := q.Enqueue(t.Context(), all, hasten); err != nil {
			t.Fatal(err)
		}
		rows, err := q.list(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		states := map[int64]rivertype.JobState{}
		for id, row := range rows {
			states[id] = row.State
		}
		return states
	}
	want := func(when string, got map[int64]rivertype.JobState, text string) {
		t.Helper()
		if fmt.Sprint(got) != text {
			t.Errorf("%s: the jobs are %v, want %s", when, got, text)
		}
	}
	wait := func(state, by string) {
		t.Helper()
		if err := q.exec(t.Context(), `UPDATE river_job SET state = '`+state+`', scheduled_at = datetime('now', '`+by+`') WHERE kind = 'mktows_window'`); err != nil {
			t.Fatal(err)
		}
	}
	want("without windows", enqueue(true), "map[]")
	want("new", enqueue(false, windows...), "map[1:available 2:available]")
	want("again", enqueue(false, windows...), "map[1:available 2:available]")
	wait("scheduled", "+60 seconds")
	want("one is not asked for", enqueue(false, windows[0]), "map[1:scheduled 2:scheduled]")
	want("hastened", enqueue(true, windows[0]), "map[1:available 2:scheduled]")
	wait("retryable", "+60 seconds")
	want("hastened after a failure", enqueue(true, windows...), "map[1:available 2:available]")
	wait("scheduled", "+2 days")
	want("the clock was set back", enqueue(false, windows...), "map[1:available 2:available]")
}

func TestRetry_Wait(t *testing.T) {
	t.Parallel()
	for attempt, want := range map[int]time.Duration{
		0: time.Second, 1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 9: 256 * time.Second, 10: LongestRetry, 1000: LongestRetry,
	} {
		if got := (Retry{time.Second}).Wait(attempt); got != want {
			t.Errorf("after attempt %d it waits %s, want %s", attempt, got, want)
		}
	}
	if got := (Retry{time.Hour}).Wait(1); got != LongestRetry {
		t.Errorf("a long first wait is %s", got)
	}
	row := &rivertype.JobRow{Attempt: 3}
	if next := time.Until((Retry{time.Minute}).NextRetry(row)); next < 119*time.Second || next > 6*time.Minute {
		t.Errorf("after two failures and this one it waits %s, want half of 4 minutes to half as much again", next)
	}
}
