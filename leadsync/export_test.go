package leadsync

import (
	"context"
	"errors"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// quick is defaultTiming for tests.
var quick = timing{
	poll: 20 * time.Millisecond, fetch: 20 * time.Millisecond, pause: 20 * time.Millisecond, quota: 50 * time.Millisecond, snooze: 20 * time.Millisecond,
	giveUp: time.Minute, grace: 10 * time.Second,
}

// RunQuick is Run with short waits.
func RunQuick(ctx context.Context, c *Config) (*Report, error) { return run(ctx, c, quick) }

// RunImpatient is RunQuick that gives up after a second without database.
func RunImpatient(ctx context.Context, c *Config) (*Report, error) {
	t := quick
	t.giveUp, t.grace = time.Second, 100*time.Millisecond
	return run(ctx, c, t)
}

// WorkQuick is Work with short waits.
func WorkQuick(ctx context.Context, c *Config) error { return work(ctx, c, quick) }

// CopySteps copies the first stream as Run does, but without River: each unfinished window takes a step in turn, until all
// are done. What a window waits for comes with the clock of the Config.
func CopySteps(ctx context.Context, config *Config) (copied store.Counts, err error) {
	c := config.withDefaults()
	s := c.Streams[0]
	upper, err := c.Now(ctx)
	if err != nil {
		return copied, err
	}
	for again := true; again; {
		_, windows, err := c.Store.Plan(ctx, s.kept(), func(st store.StreamState) (p store.Planned, err error) {
			again = len(st.Unfinished) > 0
			return planRun(s, st, upper, nil)
		})
		if err != nil {
			return copied, err
		}
		for len(windows) > 0 {
			w, err := c.Store.Begin(ctx, windows[0].ID)
			if err != nil {
				return copied, err
			}
			var idle *waiting
			err = c.copyWindow(ctx, s, w, nil, func(added store.Counts, _ bool) { copied.Add(added) })
			switch {
			case errors.As(err, &idle):
				windows = append(windows, windows[0])
			case err != nil:
				return copied, err
			}
			windows = windows[1:]
		}
	}
	return copied, nil
}
