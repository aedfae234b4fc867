package sync

import (
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

// TestRunTook: time and calls are of the same: of this process where what it has copied is told, else of the run.
func TestRunTook(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return day.Add(time.Duration(minutes) * time.Minute) }
	run := store.RunStatus{ID: 1, Started: at(0), Finished: at(60)}
	open, resumed := run, run
	open.Finished, resumed.Resumed = time.Time{}, true
	for _, tt := range []struct {
		name string
		kind targetKind
		run  store.RunStatus
		want time.Duration
	}{
		{"a file, goes on with the run of an earlier process", sqliteTarget, run, 10 * time.Minute},
		{"a file, interrupted", sqliteTarget, open, 25 * time.Minute},
		{"files", filesTarget, run, 10 * time.Minute},
		{"PostgreSQL, with others", postgresTarget, run, time.Hour},
		{"PostgreSQL, interrupted", postgresTarget, open, 75 * time.Minute},
		{"PostgreSQL, resumed", postgresTarget, resumed, 10 * time.Minute},
		{"nothing to do", sqliteTarget, store.RunStatus{}, 0},
	} {
		report := &leadsync.Report{Runs: []store.RunStatus{tt.run}, Copied: make([]store.Counts, 1)}
		if got := runTook(target{kind: tt.kind}, report, 0, at(50), at(75)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
