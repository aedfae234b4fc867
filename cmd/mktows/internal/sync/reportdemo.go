package sync

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
	"github.com/mktows/mktows-go/simulator"
)

// demoSpan is as long as the activities of the simulator's audience. It is copied in few windows, which takes few calls.
const (
	demoSpan   = 4 * demoWindow
	demoWindow = 28 * 24 * time.Hour
)

// drawDemo copies the made-up leads of the simulator, in this process and without HTTP, into a file that is removed again,
// and draws that.
func drawDemo(ctx context.Context, a *console.Console, f *reportFlags) error {
	dir, err := os.MkdirTemp("", "mktows-report-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // there is nothing of value in it
	path := filepath.Join(dir, "demo.db")
	if err := copyDemo(ctx, path, time.Now()); err != nil {
		return fmt.Errorf("demonstration data: %w", err)
	}
	f.options.Title = cmp.Or(f.options.Title, "Lead activity of the demonstration")
	return target{kind: sqliteTarget, place: path}.writePage(ctx, a, f)
}

// copyDemo makes a copy of the audience as it is at a time.
func copyDemo(ctx context.Context, path string, now time.Time) error {
	sim := simulator.New(simulator.WithClock(func() time.Time { return now }))
	if err := sim.LoadAudience(simulator.Audience{}); err != nil {
		return err
	}
	copied, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	defer copied.Close() //nolint:errcheck // all is committed
	_, err = leadsync.Run(ctx, &leadsync.Config{
		Port: sim, Store: copied, Now: func(context.Context) (time.Time, error) { return now, nil },
		Streams: []leadsync.Stream{
			{Name: leadsync.Activities, Since: now.Add(-demoSpan), Window: demoWindow},
			{Name: leadsync.Leads, Since: now.Add(-demoSpan), Window: demoWindow},
		},
	})
	return err
}
