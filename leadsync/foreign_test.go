package leadsync_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/store/memjobs"
)

// foreign is a store that package leadsync knows nothing of, with its jobs in memory.
type foreign struct {
	store.Store
	*memjobs.Memory
}

func newForeign(t *testing.T, s store.Store) foreign {
	t.Helper()
	jobs, err := memjobs.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := jobs.CloseJobs(); err != nil {
			t.Error(err)
		}
	})
	return foreign{s, jobs}
}

// TestRun_storeOfSomebodyElse: a store needs no database of its own, and what was interrupted goes on although the jobs
// are forgotten.
func TestRun_storeOfSomebodyElse(t *testing.T) {
	t.Parallel()
	dest, p := openStore(t), newPort(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p.before = func(_ context.Context, call int64, _ time.Time) error {
		if call == 8 {
			cancel()
		}
		return nil
	}
	c := config(p, newForeign(t, dest), end)
	if _, err := leadsync.RunQuick(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if s := statusOf(t, dest).Streams[0]; s.Pending == 0 {
		t.Fatalf("nothing is left to do: %+v", s)
	}
	p.before, c.Store = nil, newForeign(t, dest)
	complete(t, c)
	if n := jobs(t, dest, "completed"); n != 0 {
		t.Errorf("%d jobs are in the copy", n)
	}
}

// TestRun_storeWithoutJobs: a store without a place for jobs is refused, before anything is done.
func TestRun_storeWithoutJobs(t *testing.T) {
	t.Parallel()
	hidden := struct{ store.Store }{openStore(t)}
	if _, err := leadsync.RunQuick(t.Context(), config(newPort(t), hidden, end)); err == nil || !strings.Contains(err.Error(), "memjobs") {
		t.Errorf("error %v", err)
	}
}
