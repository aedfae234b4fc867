package leadsync_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore/postgres"
	"github.com/mktows/mktows-go/leadsync/store"
)

func openPostgres(t *testing.T, url string) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// meeting waits for the first window that a worker has copied.
type meeting struct {
	observer
	once  sync.Once
	first chan struct{}
}

func (m *meeting) Committed(context.Context, leadsync.StreamName, store.Counts, time.Duration) {
	m.once.Do(func() { close(m.first) })
}

func TestWorkersShare(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	m := &meeting{first: make(chan struct{})}
	p := newPort(t)
	p.before = func(ctx context.Context, _ int64, _ time.Time) error { // the planner cannot do all by itself
		select {
		case <-m.first:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	c := config(p, openPostgres(t, url), end)
	c.Concurrency = 1
	worker := &leadsync.Config{Port: newPort(t), Store: openPostgres(t, url), Concurrency: 2, Observer: m}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- leadsync.Work(ctx, worker) }()
	_, err := leadsync.RunQuick(t.Context(), c)
	cancel()
	if err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if m.counts.Pages == 0 || p.calls.Load() == 0 {
		t.Errorf("the worker has read %d pages, the planner %d", m.counts.Pages, p.calls.Load())
	}
	checkComplete(t, c.Store)
}

// TestWorkAfterDeath takes over windows of a worker that dies while others live.
func TestWorkAfterDeath(t *testing.T) {
	t.Parallel()
	dest, p := openPostgres(t, pgtest.Database(t)), newPort(t)
	ctx, cancel := context.WithCancel(t.Context())
	p.before = func(context.Context, int64, time.Time) error { cancel(); return nil }
	c := config(p, dest, end)
	if _, err := leadsync.RunQuick(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	// The dead one holds what is left, since a minute.
	held, err := pool(dest).Exec(t.Context(), `UPDATE river_job
		SET state = 'running', attempt = attempt + 1, attempted_at = now() - interval '1 minute', attempted_by = '{dead}'
		WHERE state = 'available'`)
	if err != nil || held.RowsAffected() == 0 {
		t.Fatalf("%d jobs: %v", held.RowsAffected(), err)
	}
	p.before = nil
	ctx, cancel = context.WithCancel(t.Context())
	o := &stopper{store: dest, stop: cancel}
	if err := leadsync.WorkQuick(ctx, &leadsync.Config{Port: p, Store: dest, Observer: o, Lease: time.Second}); err != nil {
		t.Fatal(err)
	}
	checkComplete(t, dest)
}

// TestRunLosesConnections goes on after the server has thrown everybody out.
func TestRunLosesConnections(t *testing.T) {
	t.Parallel()
	dest, p := openPostgres(t, pgtest.Database(t)), newPort(t)
	p.before = func(ctx context.Context, call int64, _ time.Time) error {
		if call%7 != 0 {
			return nil
		}
		_, err := pool(dest).Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		return err
	}
	c := config(p, dest, end)
	c.Lease = 2 * time.Second
	complete(t, c)
}

// pool has the connections of a copy on PostgreSQL.
func pool(s store.Store) *pgxpool.Pool {
	return s.(interface{ Pool() *pgxpool.Pool }).Pool()
}
