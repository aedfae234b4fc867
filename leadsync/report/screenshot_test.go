package report_test

import (
	"context"
	"flag"
	"path/filepath"
	"testing"
	"time"

	"github.com/mktows/mktows-go/internal/testing/browsertest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/report"
	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
	"github.com/mktows/mktows-go/simulator"
)

var readme = flag.String("readme", "", "write the picture of the README to this file (make screenshots)")

// lifelike is a copy of the simulator's audience, which is the same each time.
func lifelike(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "leads.db")
	now := time.Date(2026, 4, 30, 19, 0, 0, 0, time.UTC)
	sim := simulator.New(simulator.WithClock(func() time.Time { return now }))
	if err := sim.LoadAudience(simulator.Audience{}); err != nil {
		t.Fatal(err)
	}
	copied, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	const window = 28 * 24 * time.Hour
	since := now.Add(-4 * window)
	if _, err := leadsync.Run(t.Context(), &leadsync.Config{
		Port: sim, Store: copied, Now: func(context.Context) (time.Time, error) { return now, nil },
		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: since, Window: window}, {Name: leadsync.Leads, Since: since, Window: window}},
	}); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReadme draws the picture of the README: what is over the fold of a page about a copy.
func TestReadme(t *testing.T) {
	if *readme == "" {
		t.Skip("it writes a file; make screenshots calls it")
	}
	file := draw(t, lifelike(t), &report.Options{Title: "Lead activity", Now: made})
	p := browsertest.Start(t).ShowFile(file, browsertest.View{Width: 1120, Height: 1000, Scheme: "light", Scripts: true})
	var height int
	p.Eval(`document.querySelector("#types").getBoundingClientRect().top - 20 | 0`, &height)
	p.Screenshot(*readme, 1120, height)
}
