package leadsync_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/simulator"
)

// The source has 600 activities in 100 minutes, which are ten windows.
var (
	begin = time.Date(2026, 3, 8, 5, 0, 0, 0, time.UTC)
	end   = begin.Add(100 * time.Minute)
)

const (
	rows    = 600
	windows = 10
)

// port is a simulator behind a test.
type port struct {
	gen.Port
	calls  atomic.Int64
	before func(ctx context.Context, call int64, oldest time.Time) error // may be nil
}

func newPort(t *testing.T) *port {
	t.Helper()
	sim := simulator.New(simulator.WithClock(func() time.Time { return begin.Add(time.Hour) }))
	for lead := range int64(10) {
		l := simulator.Lead{ID: 101 + lead, Email: fmt.Sprintf("lead%d@example.com", lead)}
		for i := lead; i < rows; i += 10 {
			l.Activities = append(l.Activities, simulator.Activity{Type: "VisitWebpage", Time: simulator.At(begin.Add(time.Duration(i) * 10 * time.Second))})
		}
		if _, err := sim.AddLead(l); err != nil {
			t.Fatal(err)
		}
	}
	return &port{Port: sim}
}

func (p *port) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	n := p.calls.Add(1)
	if p.before != nil {
		oldest, _ := in.StartPosition.OldestCreatedAt.Or("").Time() // the zero time but for the first page
		if err := p.before(ctx, n, oldest); err != nil {
			return nil, err
		}
	}
	return p.Port.GetLeadChanges(ctx, in)
}

// failing returns errors for the first n calls.
func failing(n int64, err error) func(context.Context, int64, time.Time) error {
	return func(_ context.Context, call int64, _ time.Time) error {
		if call <= n {
			return err
		}
		return nil
	}
}

func openStore(t *testing.T) *sqlite.Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "copy.db"))
}

// emptyCopy is the file of a copy that has nothing yet. To write it takes a tenth of the time that making one does, which the tests do
// some hundred times.
var emptyCopy = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "mktows-leadsync-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // in the system's folder of temporary files
	path := filepath.Join(folder, "empty.db")
	store, err := sqlite.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	if err := store.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func openAt(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		empty, err := emptyCopy()
		if err == nil {
			err = os.WriteFile(path, empty, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	store, err := sqlite.Open(t.Context(), path)
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

// writer is the connection of a copy on SQLite that writes.
func writer(s store.Store) *sql.DB { return s.(interface{ Writer() *sql.DB }).Writer() }

// config copies the activities up to upper, in windows of ten minutes and three pages.
func config(p gen.Port, store store.Store, upper time.Time) *leadsync.Config {
	return &leadsync.Config{
		Port: p, Store: store, BatchSize: 20, FirstRetry: time.Millisecond,
		Now:     func(context.Context) (time.Time, error) { return upper, nil },
		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: begin, Window: 10 * time.Minute}},
	}
}

func statusOf(t *testing.T, store store.Store) store.Status {
	t.Helper()
	status, err := store.Status(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// complete runs once more and checks that all is there.
func complete(t *testing.T, c *leadsync.Config) *leadsync.Report {
	t.Helper()
	report, err := leadsync.RunQuick(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	checkComplete(t, c.Store)
	return report
}

func checkComplete(t *testing.T, store store.Store) {
	t.Helper()
	status := statusOf(t, store)
	if status.Activities != rows {
		t.Errorf("%d rows, want %d", status.Activities, rows)
	}
	for _, s := range status.Streams {
		if s.Pending+s.Failed > 0 || !s.Complete.Equal(end) {
			t.Errorf("stream: %+v, want it complete up to %s", s, end)
		}
	}
	for _, w := range status.Workers {
		if w.Alive {
			t.Errorf("worker is left: %+v", w)
		}
	}
}

// jobs counts River's jobs in a state.
func jobs(t *testing.T, store store.Store, state string) int {
	t.Helper()
	n := 0
	db := writer(store)
	if err := db.QueryRowContext(context.WithoutCancel(t.Context()), `SELECT count(*) FROM river_job WHERE state = ?`, state).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRun(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	c := config(newPort(t), store, begin.Add(55*time.Minute))
	var told []leadsync.Progress
	c.Progress = func(p leadsync.Progress) { told = append(told, p) }
	report, err := leadsync.RunQuick(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	r := report.Runs[0]
	if report.Stopped || r.Windows != 6 || r.Done != 6 || r.Counts.Inserted != 330 || r.Finished.IsZero() || !r.Upper.Equal(begin.Add(55*time.Minute)) {
		t.Errorf("report: %+v", report)
	}
	last := told[len(told)-1]
	if !last.Finished || last.Done != 6 || last.CallsLeft != 0 || last.QuotaLeft != -1 || last.Counts != r.Counts {
		t.Errorf("last progress: %+v", last)
	}
	if n := jobs(t, store, "completed"); n != 6 {
		t.Errorf("%d completed jobs, want 6", n)
	}

	c = config(c.Port, store, end) // the second run goes on, and finds no row twice
	r = complete(t, c).Runs[0]
	if r.Counts.Inserted != rows-330 || r.Counts.Late != 0 || r.Resumed {
		t.Errorf("second run: %+v", r)
	}
	r = complete(t, c).Runs[0] // the third one finds nothing new
	if r.Counts.Inserted != 0 || r.Counts.Seen != rows {
		t.Errorf("third run: %+v", r)
	}
}

func TestRunStreams(t *testing.T) {
	t.Parallel()
	c := config(newPort(t), openStore(t), end)
	c.Streams = append(c.Streams,
		leadsync.Stream{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"101", "102"}},
		leadsync.Stream{Name: leadsync.Leads, Since: begin})
	report, err := leadsync.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range report.Runs {
		if r.Stream != c.Streams[i].Name || r.Done == 0 || r.Done != r.Windows {
			t.Errorf("run: %+v", r)
		}
	}
	if status := statusOf(t, c.Store); status.Leads != 10 || status.Activities < rows {
		t.Errorf("%d leads, %d activities", status.Leads, status.Activities)
	}
}

func TestRunRetries(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(context.Context, int64, time.Time) error{
		"faults": func(_ context.Context, call int64, _ time.Time) error {
			if call%3 == 0 {
				return fault.New(fault.CodeInternal, "")
			}
			return nil
		},
		"panic": func(_ context.Context, call int64, _ time.Time) error {
			if call == 2 {
				panic("a bug")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPort(t)
			p.before = before
			c := config(p, openStore(t), end)
			complete(t, c)
		})
	}
}

// TestRunOutage: while the service is away, the windows do not ask one after the other, and do
// not use up their attempts.
func TestRunOutage(t *testing.T) {
	t.Parallel()
	store, p := openStore(t), newPort(t)
	p.before = failing(1000, fault.New(fault.CodeInternal, "away"))
	c := config(p, store, end)
	c.FirstRetry = time.Hour // no second attempt
	var told atomic.Bool
	c.Progress = func(p leadsync.Progress) {
		if p.Waiting == "the service" && time.Until(p.WaitUntil) > 0 {
			told.Store(true)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var report *leadsync.Report
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		report, err = leadsync.RunQuick(ctx, c)
	}()
	for !told.Load() || jobs(t, store, "scheduled")+jobs(t, store, "retryable") < windows {
		select {
		case <-ended:
			t.Fatalf("the run has ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	cancel()
	<-ended
	if !errors.Is(err, context.Canceled) || !report.Stopped {
		t.Fatalf("error: %v, report: %+v", err, report)
	}
	calls := p.calls.Load()
	if calls == 0 || calls > 4 {
		t.Errorf("%d calls, want one for each window at once at most", calls)
	}
	if n := failures(t, store); n != calls {
		t.Errorf("%d failures are counted for %d calls", n, calls)
	}

	p.before = failing(calls+12, fault.New(fault.CodeInternal, "away"))
	c.FirstRetry, c.MaxAttempts = time.Millisecond, 20
	complete(t, c)
}

// failures counts the attempts of all windows that have failed.
func failures(t *testing.T, store store.Store) (n int64) {
	t.Helper()
	db := writer(store)
	if err := db.QueryRowContext(context.WithoutCancel(t.Context()), `SELECT coalesce(sum(json_array_length(errors)), 0) FROM river_job`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRunFailedWindow(t *testing.T) {
	t.Parallel()
	for name, cause := range map[string]error{
		"a fault":   fault.New(fault.CodeInternal, "broken"),
		"no answer": errors.New("connection reset"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, p := openStore(t), newPort(t)
			p.before = func(_ context.Context, _ int64, oldest time.Time) error {
				if oldest.Equal(begin.Add(20*time.Minute - time.Second)) {
					return cause
				}
				return nil
			}
			c := config(p, store, end)
			c.MaxAttempts = 3
			report, err := leadsync.RunQuick(t.Context(), c)
			if !errors.Is(err, cause) || !strings.Contains(err.Error(), "activities, 2026-03-08T05:20:00Z to 2026-03-08T05:30:00Z") {
				t.Fatalf("error: %v", err)
			}
			if r := report.Runs[0]; r.Done != windows-1 || r.Failed != 1 {
				t.Errorf("report: %+v", r)
			}
			if s := statusOf(t, store).Streams[0]; !s.Complete.Equal(begin.Add(20*time.Minute)) || s.Problem == "" {
				t.Errorf("the stream is not held back: %+v", s)
			}

			p.before = nil
			var upper atomic.Int64 // the next run reads the window first, and then what is new
			c.Now = func(context.Context) (time.Time, error) { upper.Add(1); return end, nil }
			complete(t, c)
			if upper.Load() != 2 {
				t.Errorf("planned %d times, want twice", upper.Load())
			}
		})
	}
}

func TestRunRefusedUser(t *testing.T) {
	t.Parallel()
	store, p := openStore(t), newPort(t)
	p.before = failing(1000, fault.Classify(fault.New(fault.CodeAuthenticationFailed, ""), fault.Known{UserID: "example_user"}))
	c := config(p, store, end)
	c.Every = time.Millisecond // a refused user is refused in the next round too
	report, err := leadsync.RunQuick(t.Context(), c)
	if !errors.Is(err, fault.ErrAuth) || report.Stopped {
		t.Fatalf("error: %v, report: %+v", err, report)
	}
	if n := p.calls.Load(); n > 4 {
		t.Errorf("%d calls, want one for each window at once at most", n)
	}
	p.before, c.Every = nil, 0
	complete(t, c)
}

// limiter lets all calls through.
type limiter struct{ exhausted atomic.Int64 }

func (l *limiter) Acquire(context.Context) (func(bool), error) { return func(bool) {}, nil }
func (l *limiter) Exhausted(context.Context) error             { l.exhausted.Add(1); return nil }
func (l *limiter) Quota(context.Context) (quota.Status, error) {
	return quota.Status{Daily: 100, Used: 58}, nil
}

func TestRunQuota(t *testing.T) {
	t.Parallel()
	used := fault.Classify(fault.New(fault.CodeRequestLimitExceeded, ""), fault.Known{Now: time.Now()})
	p, l := newPort(t), &limiter{}
	var waited atomic.Bool
	p.before = func(context.Context, int64, time.Time) error {
		if !waited.Load() {
			return used
		}
		return nil
	}
	c := config(p, openStore(t), end)
	c.Limiter, c.MaxAttempts = l, 1
	c.Progress = func(p leadsync.Progress) {
		if strings.Contains(p.Waiting, "quota") && !p.WaitUntil.IsZero() {
			waited.Store(true)
		}
		if p.QuotaLeft != 42 {
			t.Errorf("quota left: %d", p.QuotaLeft)
		}
	}
	complete(t, c)
	if l.exhausted.Load() == 0 {
		t.Error("the limiter was not told")
	}

	p = newPort(t)
	p.before = failing(1, used)
	c = config(p, openStore(t), end)
	c.FailOnQuota = true
	_, err := leadsync.RunQuick(t.Context(), c)
	var quota *fault.QuotaError
	if !errors.As(err, &quota) {
		t.Fatalf("error: %v", err)
	}
	complete(t, c)
}

func TestRunStops(t *testing.T) {
	t.Parallel()
	for _, hangs := range []bool{false, true} {
		t.Run(fmt.Sprintf("hangs=%t", hangs), func(t *testing.T) {
			t.Parallel()
			store, p := openStore(t), newPort(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			cause := errors.New("somebody pressed a key")
			p.before = func(ctx context.Context, call int64, _ time.Time) error {
				if call < 5 {
					return nil
				}
				cancel(cause)
				if hangs {
					<-ctx.Done()
					return ctx.Err()
				}
				return nil
			}
			c := config(p, store, end)
			c.StopTimeout = 30 * time.Second
			if hangs {
				c.StopTimeout = 10 * time.Millisecond
			}
			report, err := leadsync.RunQuick(ctx, c)
			if err != cause || !report.Stopped {
				t.Fatalf("error: %v, report: %+v", err, report)
			}
			s := statusOf(t, store).Streams[0]
			if s.Failed > 0 || s.Pending == 0 {
				t.Errorf("windows are not given back: %+v", s)
			}
			if n := jobs(t, store, "running"); n > 0 {
				t.Errorf("%d jobs are running", n)
			}
			p.before = nil
			committed, before := report.Runs[0].Counts.Pages, p.calls.Load()
			again := complete(t, c).Runs[0].Counts.Pages // of the second run, which reads all of it again
			if calls := p.calls.Load() - before; !hangs && (committed == 0 || calls+committed != 2*again) {
				t.Errorf("%d pages were committed before, %d calls followed, want %d together", committed, calls, 2*again)
			}
		})
	}
}

// TestRunAfterKill leaves behind what a killed process does: jobs that run, and a worker whose lease has not ended. The next
// process has them at once, and their death is no failure of theirs.
func TestRunAfterKill(t *testing.T) {
	t.Parallel()
	path, p := filepath.Join(t.TempDir(), "copy.db"), newPort(t)
	dest := openAt(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	p.before = func(context.Context, int64, time.Time) error { cancel(); return nil }
	c := config(p, dest, end)
	if _, err := leadsync.RunQuick(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := dest.Heartbeat(t.Context(), "dead", time.Hour); err != nil {
		t.Fatal(err)
	}
	_, err := writer(dest).ExecContext(t.Context(), `UPDATE river_job SET state = 'running', attempt = attempt + 1,
		attempted_at = datetime('now', 'subsec'), attempted_by = json_array('dead')
		WHERE id IN (SELECT id FROM river_job WHERE state = 'available' LIMIT 3)`)
	if err != nil {
		t.Fatal(err)
	}
	if n := jobs(t, dest, "running"); n != 3 {
		t.Fatalf("%d jobs are running, want 3", n)
	}
	if err := dest.Close(); err != nil {
		t.Fatal(err)
	}
	dest = openAt(t, path)
	if n := jobs(t, dest, "running"); n != 0 {
		t.Errorf("%d jobs still run", n)
	}
	p.before, c.Store, c.MaxAttempts = nil, dest, 1
	complete(t, c)
	if n := jobs(t, dest, "completed"); n < 2*windows { // those of the first run, and the lookback of the second
		t.Errorf("%d jobs are completed", n)
	}
}

// TestRun_touchesJobs: the job of a call that takes long is not left to others.
func TestRun_touchesJobs(t *testing.T) {
	t.Parallel()
	dest, p := openStore(t), newPort(t)
	var once sync.Once
	p.before = func(ctx context.Context, _ int64, _ time.Time) (err error) {
		once.Do(func() {
			_, err = writer(dest).ExecContext(ctx, `UPDATE river_job SET attempted_at = '2026-01-01 00:00:00' WHERE state = 'running'`)
			for n := 1; n > 0 && err == nil; {
				err = writer(dest).QueryRowContext(ctx, `SELECT count(*) FROM river_job WHERE state = 'running' AND attempted_at < '2026-01-02'`).Scan(&n)
				select {
				case <-ctx.Done():
					err = ctx.Err()
				case <-time.After(10 * time.Millisecond):
				}
			}
		})
		return err
	}
	c := config(p, dest, end)
	c.Lease, c.MaxAttempts = time.Second, 1
	complete(t, c)
}

func TestRunRenewsJobs(t *testing.T) {
	t.Parallel()
	store, p := openStore(t), newPort(t)
	var once sync.Once
	p.before = func(ctx context.Context, _ int64, _ time.Time) error {
		once.Do(func() {
			if _, err := writer(store).ExecContext(ctx, `DELETE FROM river_job WHERE state = 'available'`); err != nil {
				t.Error(err)
			}
		})
		return nil
	}
	c := config(p, store, end)
	c.Lease = time.Hour // jobs are looked at sooner
	complete(t, c)
}

// shaky is a store whose database is away at times.
type shaky struct {
	*sqlite.Store
	away atomic.Bool
}

// Unwrap tells where the jobs are.
func (s *shaky) Unwrap() store.Store { return s.Store }

func (s *shaky) err() error {
	if s.away.Load() {
		return fmt.Errorf("shaky: %w", store.ErrUnavailable)
	}
	return nil
}

func (s *shaky) Heartbeat(ctx context.Context, worker string, lease time.Duration) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.Store.Heartbeat(ctx, worker, lease)
}

func (s *shaky) Begin(ctx context.Context, window int64) (store.Window, error) {
	if err := s.err(); err != nil {
		return store.Window{}, err
	}
	return s.Store.Begin(ctx, window)
}

func (s *shaky) Commit(ctx context.Context, c store.Commit) (store.Counts, error) {
	if err := s.err(); err != nil {
		return store.Counts{}, err
	}
	return s.Store.Commit(ctx, c)
}

func (s *shaky) Fail(ctx context.Context, f store.Fence, problem error) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.Store.Fail(ctx, f, problem)
}

func (s *shaky) Unfinished(ctx context.Context, stream leadsync.StreamName) (int, int, error) {
	if err := s.err(); err != nil {
		return 0, 0, err
	}
	return s.Store.Unfinished(ctx, stream)
}

func TestRunWithoutDatabase(t *testing.T) {
	t.Parallel()
	store, p := &shaky{Store: openStore(t)}, newPort(t)
	p.before = func(ctx context.Context, call int64, _ time.Time) error {
		if call == 4 { // until the lease is lost, which ends the calls
			store.away.Store(true)
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	c := config(p, store, end)
	c.MaxAttempts, c.Lease = 1, time.Second
	waited := false
	c.Progress = func(p leadsync.Progress) {
		if p.Waiting == "the database" {
			waited = true
			store.away.Store(false)
		}
	}
	complete(t, c)
	if !waited {
		t.Error("progress did not tell")
	}
}

func TestRunGivesUp(t *testing.T) {
	t.Parallel()
	dest, p := &shaky{Store: openStore(t)}, newPort(t)
	p.before = func(_ context.Context, call int64, _ time.Time) error {
		dest.away.Store(true)
		return nil
	}
	c := config(p, dest, end)
	c.Lease = time.Second
	report, err := leadsync.RunImpatient(t.Context(), c)
	if !errors.Is(err, store.ErrUnavailable) || report.Stopped || !strings.Contains(err.Error(), "run again") {
		t.Fatalf("error: %v, report: %+v", err, report)
	}
	dest.away.Store(false)
	p.before = nil
	complete(t, c)
}

// losing is a store one of whose commits finds that the window was lost.
type losing struct {
	store.Store
	once sync.Once
}

// Unwrap tells where the jobs are.
func (s *losing) Unwrap() store.Store { return s.Store }

func (s *losing) Commit(ctx context.Context, c store.Commit) (counts store.Counts, err error) {
	s.once.Do(func() { err = fmt.Errorf("window %d: %w", c.Fence.Window, store.ErrLost) })
	if err != nil {
		return counts, err
	}
	return s.Store.Commit(ctx, c)
}

// TestRunLostWindow: a window that was lost has not failed, and gets another job if it has none.
func TestRunLostWindow(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	c := config(newPort(t), &losing{Store: store}, end)
	c.MaxAttempts, c.Lease = 1, time.Second // after which jobs are looked at
	complete(t, c)
	if n := failures(t, store); n != 0 {
		t.Errorf("%d attempts are counted as failed", n)
	}
}

// full is a store on a full disk.
type full struct{ store.Store }

// Unwrap tells where the jobs are.
func (s full) Unwrap() store.Store { return s.Store }

func (full) Commit(context.Context, store.Commit) (store.Counts, error) {
	return store.Counts{}, fmt.Errorf("copy.db: %w", store.ErrFull)
}

func (full) Fail(context.Context, store.Fence, error) error { return store.ErrFull }

func TestRunFullDisk(t *testing.T) {
	t.Parallel()
	dest := openStore(t)
	c := config(newPort(t), full{dest}, end)
	if _, err := leadsync.RunQuick(t.Context(), c); !errors.Is(err, store.ErrFull) || !strings.Contains(err.Error(), "window") {
		t.Fatalf("error: %v", err)
	}
	c.Store = dest
	complete(t, c)
}

func TestRunEvery(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	p.before = failing(1, fault.New(fault.CodeBadParameter, "")) // the first round fails
	c := config(p, openStore(t), end)
	c.Every = 10 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	rounds := 0
	c.Now = func(context.Context) (time.Time, error) {
		if rounds++; rounds == 5 {
			cancel()
		}
		return end, nil
	}
	if _, err := leadsync.RunQuick(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	checkComplete(t, c.Store)
}

func TestRunMistakes(t *testing.T) {
	t.Parallel()
	store, p := openStore(t), newPort(t)
	for name, change := range map[string]func(*leadsync.Config){
		"Config.Streams":    func(c *leadsync.Config) { c.Streams = nil },
		"Config.Port":       func(c *leadsync.Config) { c.Port = nil },
		"Since: is needed":  func(c *leadsync.Config) { c.Streams[0].Since = time.Time{} },
		"LeadKeys: choose":  func(c *leadsync.Config) { c.Streams[0] = leadsync.Stream{Name: leadsync.LeadActivity} },
		"River takes 100":   func(c *leadsync.Config) { c.Worker = strings.Repeat("w", 101) },
		"is not before the": func(c *leadsync.Config) { c.Streams[0].Since = end },
	} {
		t.Run(name, func(t *testing.T) {
			c := config(p, store, end)
			c.MaxAttempts = 2
			c.Every = time.Hour // mistakes end the first round
			change(c)
			if _, err := leadsync.RunQuick(t.Context(), c); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("error: %v, want one that tells %q", err, name)
			}
		})
	}
	if p.calls.Load() > 0 {
		t.Error("calls were made")
	}
}

// observer counts.
type observer struct {
	mu        sync.Mutex
	begun     int
	ended     int
	counts    store.Counts
	committed store.Counts
	lag       time.Duration
}

func (o *observer) Window(ctx context.Context, _ store.Window) (context.Context, func(store.Counts, error)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.begun++
	return ctx, func(c store.Counts, _ error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.ended++
		o.counts.Add(c)
	}
}

func (o *observer) Committed(_ context.Context, _ leadsync.StreamName, added store.Counts, lag time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.committed.Add(added)
	o.lag = max(o.lag, lag)
}

func (o *observer) Quota(context.Context, quota.Status) {}

func TestRunObserver(t *testing.T) {
	t.Parallel()
	o := &observer{}
	c := config(newPort(t), openStore(t), end)
	c.Observer = o
	r := complete(t, c).Runs[0]
	if o.begun != windows || o.ended != windows || o.counts != r.Counts || o.committed != r.Counts {
		t.Errorf("%d windows begun, %d ended, counts %+v and %+v, want %+v", o.begun, o.ended, o.counts, o.committed, r.Counts)
	}
	if oldest := 90 * time.Minute; o.lag < oldest || o.lag > oldest+time.Hour {
		t.Errorf("lag: %s, want about %s", o.lag, oldest)
	}
}

func TestWorkOnSQLite(t *testing.T) {
	t.Parallel()
	store, p := openStore(t), newPort(t)
	ctx, cancel := context.WithCancel(t.Context())
	p.before = func(_ context.Context, call int64, _ time.Time) error {
		if call > 1 { // the first one proves the types
			cancel()
		}
		return nil
	}
	c := config(p, store, end)
	c.Streams[0].Types = []string{"Visit Webpage"} // Work finds it in the copy
	if _, err := leadsync.RunQuick(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	p.before = nil
	o := &stopper{store: store, stop: cancel}
	if err := leadsync.WorkQuick(ctx, &leadsync.Config{Port: p, Store: store, Observer: o}); err != nil {
		t.Fatal(err)
	}
	checkComplete(t, store)
}

// stopper stops when nothing is left.
type stopper struct {
	observer
	store store.Store
	stop  func()
}

func (s *stopper) Committed(ctx context.Context, stream leadsync.StreamName, _ store.Counts, _ time.Duration) {
	if waiting, _, err := s.store.Unfinished(ctx, stream); err == nil && waiting == 0 {
		s.stop()
	}
}
