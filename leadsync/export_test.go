package leadsync

import (
	"context"
	"time"
)

// quick is defaultTiming for tests.
var quick = timing{
	poll: 20 * time.Millisecond, fetch: 20 * time.Millisecond, pause: 20 * time.Millisecond, quota: 50 * time.Millisecond,
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
