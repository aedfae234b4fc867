package leadsync_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

// waits collects what a run says it waits for.
type waits struct {
	what    atomic.Pointer[string]
	problem atomic.Pointer[string]
}

func (w *waits) progress(p leadsync.Progress) {
	if p.Waiting != "" && p.Problem != "" {
		w.what.CompareAndSwap(nil, &p.Waiting)
		w.problem.CompareAndSwap(nil, &p.Problem)
	}
}

func (w *waits) check(t *testing.T, what, problem string) {
	t.Helper()
	if got := w.what.Load(); got == nil || *got != what || !strings.Contains(*w.problem.Load(), problem) {
		t.Errorf("it did not say that it waits for %s because of %q", what, problem)
	}
}

// TestRun_startsWhenTheServiceIsBack: a first run waits for a service that answers with a page of a proxy, says so, and
// copies when it is back; so it does once and with Every.
func TestRun_startsWhenTheServiceIsBack(t *testing.T) {
	t.Parallel()
	for name, every := range map[string]time.Duration{"once": 0, "every": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := openStore(t)
			c := config(newPort(t), store, end)
			var w waits
			var asked atomic.Int64
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c.Every, c.FirstRetry = every, 50*time.Millisecond
			c.Now = func(context.Context) (time.Time, error) {
				if asked.Add(1) < 3 || w.what.Load() == nil && asked.Load() < 11 {
					return time.Time{}, fault.NewStatusError(502, "text/html", 0, []byte("<html>"))
				}
				return end, nil
			}
			c.Progress = func(p leadsync.Progress) {
				w.progress(p)
				if p.Finished {
					cancel()
				}
			}
			if _, err := leadsync.RunQuick(ctx, c); err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			w.check(t, "the service", "502")
			checkComplete(t, store)
		})
	}
}

// TestRun_startsWhenTheDatabaseIsBack: a run that begins while PostgreSQL is away waits for it, with Every longer than
// it would give up otherwise.
func TestRun_startsWhenTheDatabaseIsBack(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for a server that stops and starts")
	}
	t.Parallel()
	server := pgtest.Start(t)
	dest := openPostgres(t, server.Database())
	server.Stop(pgtest.Fast)
	c := config(newPort(t), dest, end)
	if _, err := leadsync.RunImpatient(t.Context(), c); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without Every the error is %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var w waits
	begun := time.Now()
	var once atomic.Bool
	c.Every = time.Hour
	c.Progress = func(p leadsync.Progress) {
		w.progress(p)
		if p.Finished {
			cancel()
		}
		if p.Waiting != "" && time.Since(begun) > 1500*time.Millisecond && once.CompareAndSwap(false, true) { // RunImpatient gives up after a second
			server.Start()
		}
	}
	if _, err := leadsync.RunImpatient(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	w.check(t, "the database", "not available")
	checkComplete(t, dest)
}
