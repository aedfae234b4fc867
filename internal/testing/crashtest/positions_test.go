package crashtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/limits"
)

// cut is a store that is out of reach after so many commits, as for a process that dies then.
type cut struct {
	sqlstore.Copy
	left atomic.Int64 // commits
	die  func()
}

// Unwrap tells where the jobs are.
func (c *cut) Unwrap() store.Store { return c.Copy }

var errCut = fmt.Errorf("cut off by the test: %w", store.ErrUnavailable)

func (c *cut) CommitRows() int { return 0 } // every page is a position

func (c *cut) Commit(ctx context.Context, commit store.Commit) (store.Counts, error) {
	left := c.left.Add(-1)
	if left < 0 {
		return store.Counts{}, errCut
	}
	n, err := c.Copy.Commit(ctx, commit)
	if left == 0 {
		c.die()
	}
	return n, err
}

func (c *cut) Plan(ctx context.Context, s store.Stream, plan func(store.StreamState) (store.Planned, error)) (store.RunStatus, []store.Window, error) {
	if c.left.Load() <= 0 {
		return store.RunStatus{}, nil, errCut
	}
	return c.Copy.Plan(ctx, s, plan)
}

func (c *cut) Begin(ctx context.Context, window int64) (store.Window, error) {
	if c.left.Load() <= 0 {
		return store.Window{}, errCut
	}
	return c.Copy.Begin(ctx, window)
}

func (c *cut) Fail(ctx context.Context, f store.Fence, problem error) error {
	if c.left.Load() <= 0 {
		return errCut
	}
	return c.Copy.Fail(ctx, f, problem)
}

func (c *cut) Retire(ctx context.Context, worker string) error {
	if c.left.Load() <= 0 {
		return errCut
	}
	return c.Copy.Retire(ctx, worker)
}

// A copy that is made in two parts is the same wherever the first one has ended.
func TestEveryPosition(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes a while")
	}
	for _, c := range []struct {
		name   string
		step   int64
		target func(*testing.T) string
	}{
		{"SQLite", 1, emptyCopy},
		{"PostgreSQL", 3, func(t *testing.T) string { return pgtest.Database(t) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := &positions{source: newSource(t, nature{rough: true}, 7, 250, 20, limits.Unlimited(), time.Millisecond), step: c.step}
			if *full {
				p.step = 1
			}
			var err error
			if p.truth, err = p.source.truth(t.Context()); err != nil {
				t.Fatal(err)
			}
			met := p.test(t, c.target)
			if t.Logf("%d positions", met); met < 15/c.step {
				t.Error("too few")
			}
		})
	}
}

// emptyCopy returns a file with an empty copy. Making the tables takes much longer than
// copying them.
func emptyCopy(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	content, err := emptyContent()
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var emptyContent = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "crashtest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "copy.db")
	store, err := sqlstore.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	if err := store.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// positions is the source of copies and what they have to hold.
type positions struct {
	source *source
	truth  []store.ActivityRow
	step   int64 // 3: every third position
}

// test restarts after more and more commits, several at a time since most of the time is spent
// waiting, until there are no more. It returns how many positions it met.
func (p *positions) test(t *testing.T, target func(*testing.T) string) (met int64) {
	t.Helper()
	const atOnce = 5
	for after := int64(1); ; {
		var wg sync.WaitGroup
		var cuts atomic.Int64
		for range atOnce {
			to, now := target(t), after
			wg.Go(func() {
				wasCut, err := p.restart(t.Context(), to, now)
				if err != nil {
					t.Errorf("after %d commits: %v", now, err)
				}
				if wasCut {
					cuts.Add(1)
				}
			})
			after += p.step
		}
		wg.Wait()
		if met += cuts.Load(); cuts.Load() < atOnce {
			return met
		}
	}
}

func (p *positions) config(store store.Store) *leadsync.Config {
	return &leadsync.Config{
		Port: p.source.port, Store: store, Concurrency: 1, Lease: 3 * time.Second, StopTimeout: time.Millisecond,
		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: p.source.since, Window: 100 * 24 * time.Hour}},
	}
}

// restart makes a copy in two parts and compares it. It reports whether the first part was
// cut off, or the copy has fewer commits.
func (p *positions) restart(ctx context.Context, target string, after int64) (wasCut bool, err error) {
	if wasCut, err = p.begin(ctx, target, after); err != nil {
		return wasCut, err
	}
	store, err := sqlstore.Open(ctx, target)
	if err != nil {
		return wasCut, err
	}
	defer store.Close()
	if _, err := leadsync.Run(ctx, p.config(store)); err != nil {
		return wasCut, err
	}
	rows, err := copied(ctx, store)
	if diff := difference(rows, p.truth); err == nil && diff != "" {
		err = errors.New(diff)
	}
	return wasCut, err
}

// begin makes the first part.
func (p *positions) begin(ctx context.Context, target string, after int64) (wasCut bool, err error) {
	store, err := sqlstore.Open(ctx, target)
	if err != nil {
		return false, err
	}
	defer store.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c := &cut{Copy: store, die: func() { cancel(errCut) }}
	c.left.Store(after)
	_, err = leadsync.Run(ctx, p.config(c))
	if errors.Is(err, errCut) {
		return true, nil
	}
	return false, err
}
