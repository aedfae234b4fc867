package crashtest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/limits"
)

// moment is a port that stops in the middle, once, until the test lets it go on.
type moment struct {
	gen.Port
	mu    sync.Mutex
	left  int // calls until then
	come  chan struct{}
	goOn  chan struct{}
	calls int
}

func newMoment(port gen.Port, calls int) *moment {
	return &moment{Port: port, left: calls, come: make(chan struct{}), goOn: make(chan struct{})}
}

func (m *moment) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	m.mu.Lock()
	m.calls++
	m.left--
	now := m.left == 0
	m.mu.Unlock()
	if now {
		close(m.come)
		<-m.goOn
	}
	return m.Port.GetLeadChanges(ctx, in)
}

// failing is a copy in the middle of which something happens.
type failing struct {
	*testing.T
	source *source
	truth  []store.ActivityRow
	config leadsync.Config
}

func newFailing(t *testing.T) *failing {
	t.Helper()
	f := &failing{T: t, source: newSource(t, nature{rough: true}, 11, 2000, 50, limits.Unlimited(), time.Millisecond)}
	var err error
	if f.truth, err = f.source.truth(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.config = leadsync.Config{
		Port: f.source.port, StopTimeout: time.Second, FirstRetry: 50 * time.Millisecond,
		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: f.source.since, Window: 20 * 24 * time.Hour}},
	}
	return f
}

func (f *failing) open(target string, opts ...sqlstore.Option) sqlstore.Copy {
	f.Helper()
	store, err := sqlstore.Open(f.Context(), target, opts...)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = store.Close() })
	return store
}

// during runs the copy. In the middle trouble begins, then the copy goes on, and the function
// that trouble has returned waits and ends it.
func (f *failing) during(store store.Store, trouble func() (end func())) error {
	f.Helper()
	m := newMoment(f.source.port, 20)
	config := f.config
	config.Port, config.Store = m, store
	ended := make(chan error, 1)
	go func() {
		_, err := leadsync.Run(f.Context(), &config)
		ended <- err
	}()
	select {
	case <-m.come:
	case err := <-ended:
		f.Fatalf("the copy ended before its middle: %v", err)
	}
	end := trouble()
	close(m.goOn)
	end()
	return <-ended
}

// whole makes the copy complete and compares it.
func (f *failing) whole(store store.Store) {
	f.Helper()
	config := f.config
	config.Store = store
	if _, err := leadsync.Run(f.Context(), &config); err != nil {
		f.Fatal(err)
	}
	compare(f, store, f.truth)
}

func outage() time.Duration {
	if *full {
		return 10 * time.Second
	}
	return 2 * time.Second
}

// The copy waits for a database that is away for a while, longer than the lease, and goes on.
func TestPostgresAway(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes a while")
	}
	for name, away := range map[string]func(*pgtest.Server) (back func()){
		"stopped": func(s *pgtest.Server) func() { s.Stop(pgtest.Fast); return s.Start },
		"crashed": func(s *pgtest.Server) func() { s.Stop(pgtest.Immediate); return s.Start },
		"hanging": func(s *pgtest.Server) func() { s.Pause(); return s.Resume },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pgtest.Start(t)
			f := newFailing(t)
			f.config.Lease = time.Second
			store := f.open(s.Database())
			err := f.during(store, func() func() {
				back := away(s)
				return func() {
					time.Sleep(outage())
					back()
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			compare(t, store, f.truth)
			f.whole(store)
		})
	}
}

// The copy waits for a program that holds the file locked.
func TestSQLiteLocked(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes a while")
	}
	f := newFailing(t)
	path := filepath.Join(t.TempDir(), "copy.db")
	store := f.open(path, sqlstore.WithBusyTimeout(50*time.Millisecond))
	err := f.during(store, func() func() {
		end, err := lock(t.Context(), path)
		if err != nil {
			t.Error(err)
		}
		return func() {
			time.Sleep(outage())
			end()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, store, f.truth)
}

// lock keeps others from writing to a SQLite file.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		return func() {}, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return func() {}, errors.Join(err, db.Close())
	}
	return func() {
		_ = tx.Rollback() // it has written nothing
		_ = db.Close()
	}, nil
}

// A copy that was closed is one file: it can be moved without those beside it.
func TestOneFile(t *testing.T) {
	t.Parallel()
	f := newFailing(t)
	path := filepath.Join(t.TempDir(), "copy.db")
	store := f.open(path)
	f.whole(store)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(t.TempDir(), "moved.db")
	if err := os.Rename(path, moved); err != nil {
		t.Fatal(err)
	}
	compare(t, f.open(moved), f.truth)
}

// A second process is told so, and does no harm to the first.
func TestSecondProcess(t *testing.T) {
	t.Parallel()
	f := newFailing(t)
	path := filepath.Join(t.TempDir(), "copy.db")
	dest := f.open(path)
	err := f.during(dest, func() func() {
		text, err := json.Marshal(job{Role: "run", URL: f.source.url, Target: path, Streams: f.config.Streams})
		if err != nil {
			t.Error(err)
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), jobVariable+"="+string(text))
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || !strings.Contains(string(out), store.ErrInUse.Error()) {
			t.Errorf("the second process ended with %v: %s", err, out)
		}
		return func() {}
	})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, dest, f.truth)
}

// A server's clock that is wrong for a time makes a copy neither lose nor repeat anything.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	f := newFailing(t)
	store := f.open(filepath.Join(t.TempDir(), "copy.db"))
	for _, ahead := range []time.Duration{0, -time.Hour, 0, 365 * 24 * time.Hour, 0, -time.Hour, 365 * 24 * time.Hour, 0} {
		f.source.bear()
		config := f.config
		config.Store = store
		config.Now = func(context.Context) (time.Time, error) { return time.Now().Add(ahead + time.Second), nil }
		if _, err := leadsync.Run(t.Context(), &config); err != nil {
			t.Fatalf("with a clock %s ahead: %v", ahead, err)
		}
		if ahead != 0 {
			continue
		}
		truth, err := f.source.truth(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		compare(t, store, truth)
	}
}

// A copy that needs more calls than a day has stops before the quota is passed, and goes
// on the next day.
func TestQuotaOfSeveralDays(t *testing.T) {
	t.Parallel()
	const perDay = 30
	f := newFailing(t)
	store := f.open(filepath.Join(t.TempDir(), "copy.db"))
	m := newMoment(f.source.port, 0)
	for day := 1; ; day++ {
		config := f.config
		config.Store, config.FailOnQuota, config.Worker = store, true, leadsync.NewWorkerName()
		// The day turns by the database's clock; more calls for the same day are the same to the copy.
		config.Limiter = store.Limiter("example", config.Worker, limits.Limits{Calls: 1e6, Daily: day * perDay})
		config.Port = quota.Limited(m, config.Limiter)
		_, err := leadsync.Run(t.Context(), &config)
		if m.calls > day*perDay {
			t.Fatalf("%d calls by day %d, %d are allowed", m.calls, day, day*perDay)
		}
		if err == nil {
			if day < 3 {
				t.Errorf("done on day %d; the test is about more days", day)
			}
			break
		}
		if !errors.Is(err, fault.ErrQuota) || m.calls < day*perDay {
			t.Fatalf("on day %d, after %d calls: %v", day, m.calls, err)
		}
	}
	compare(t, store, f.truth)
}
