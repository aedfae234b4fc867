package leadsync_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// hostileRecords are rows of a file as none should be. Kept is how many rows a copy of the window has of them.
func hostileRecords() (all []gen.LeadChangeRecord, kept int) {
	at := func(second int) time.Time { return begin.Add(time.Duration(second) * time.Second) }
	add := func(n int, r ...gen.LeadChangeRecord) { all, kept = append(all, r...), kept+n }
	say := func(r gen.LeadChangeRecord, asset string) gen.LeadChangeRecord {
		r.MktgAssetName = gen.Some(asset)
		return r
	}
	// Rows outside of the window: only those that are older than the copy, or to come yet, are none of it.
	add(0, record(1, begin.Add(-time.Second), "early"), record(2, begin.Add(-48*time.Hour), ""), record(3, end, "end"), record(4, end.Add(time.Hour), "later"))
	// A GUID with other content, in other batches: that which came first is kept.
	add(1, say(record(5, at(10), "twice"), "first"))
	// Rows with an id that repeats, in the same second.
	add(3, say(record(6, at(11), ""), "a"), say(record(6, at(11), ""), "b"), say(record(6, at(11), ""), "c"), say(record(6, at(11), ""), "a"))
	// Rows without id and GUID that are alike, apart from each other and out of order.
	add(2, record(0, at(500), ""), record(0, at(20), ""))
	for i := range 10 {
		add(1, record(int64(100+i), at(600+i), fmt.Sprint("filler ", i)))
	}
	add(3, record(0, at(20), ""), record(0, at(500), ""), record(0, at(20), ""))
	bad := record(7, at(700), "bad")
	bad.MktPersonId = "nobody"
	add(0, bad)
	add(0, say(record(5, at(10), "twice"), "second"))
	for i := range 10 {
		add(1, record(int64(200+i), at(40-i), fmt.Sprint("falling ", i)))
	}
	add(1, record(0, at(500), ""))
	return all, kept
}

// TestBulk_hostileRows copies rows that are out of order, outside, alike, repeated and unreadable the same way wherever it is
// interrupted.
func TestBulk_hostileRows(t *testing.T) {
	t.Parallel()
	records, kept := hostileRecords()
	run := func(stopAt int) ([]string, store.StreamStatus) {
		s, dest := newExtracts(t, newPort(t)), openStore(t)
		s.batch = 1
		s.rows = func(extract.Query) []gen.LeadChangeRecord { return records }
		ctx, die := context.WithCancel(t.Context())
		defer die()
		k := &killed{Store: dest, die: die, at: stopAt}
		c := bulkConfig(nil, s, k, end)
		c.Port, c.BatchSize, c.Streams[0].Window = newPort(t), 1, 0
		_, err := leadsync.CopySteps(ctx, c)
		if stopAt > 0 && !k.dead.Load() {
			return nil, store.StreamStatus{}
		}
		if stopAt == 0 && err != nil {
			t.Fatal(err)
		}
		c = bulkConfig(c.Port, s, dest, end)
		c.Streams[0].Window, c.Streams[0].Lookback = 0, -1
		if _, err := leadsync.CopySteps(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		return saidBy(t, dest), statusOf(t, dest).Streams[0]
	}
	whole, status := run(0)
	if len(whole) != kept || status.Unreadable != 1 || status.Counts.Late != 0 {
		t.Errorf("%d rows, want %d: %+v", len(whole), kept, status)
	}
	steps := 0
	for stopAt := 1; ; stopAt++ {
		got, status := run(stopAt)
		if got == nil {
			break
		}
		steps++
		if !slices.Equal(whole, got) || status.Unreadable != 1 {
			t.Errorf("stopped at %d: %d rows, want %d: %+v", stopAt, len(got), len(whole), status)
		}
	}
	if steps < len(records) {
		t.Errorf("only %d steps", steps)
	}
}

// saidBy is what the rows of a copy say, but for the one of which the source says two things.
func saidBy(t *testing.T, s store.Store) (all []string) {
	t.Helper()
	for key, digest := range digestsOf(t, s) {
		if key == "twice" {
			digest = store.Digest{}
		}
		all = append(all, digest.String())
	}
	slices.Sort(all)
	return all
}

// TestBulk_copyEqualsSource: what pages find of a source that changes, by endpoints of several versions, a file has too.
// Runs by the one and the other may take turns.
func TestBulk_copyEqualsSource(t *testing.T) {
	t.Parallel()
	for kind, id := range map[string]func(int64) (int64, bool){"ids": unique, "ids that repeat": shared, "no ids": none} {
		for name, turns := range map[string]bool{"bulk": false, "in turn": true} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				runs := 0
				changeAndRun(t, openStore(t), leadsync.Stream{Name: leadsync.Activities, Window: 30 * time.Minute}, id, func(c *leadsync.Config) (store.Counts, error) {
					if runs++; turns && runs%2 == 0 {
						return leadsync.CopySteps(t.Context(), c)
					}
					s := newExtracts(t, &port{Port: c.Port})
					now, planned := c.Now, false
					c.Extracts, c.Streams[0].Source = s, leadsync.Bulk
					c.Now = func(ctx context.Context) (time.Time, error) {
						if !planned {
							planned = true
							return now(ctx)
						}
						return s.Now(ctx)
					}
					return leadsync.CopySteps(t.Context(), c)
				})
			})
		}
	}
}

// TestBulk_late finds what the service stored after the file of an earlier run was made.
func TestBulk_late(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	s, dest := newExtracts(t, p), openStore(t)
	all := s.rows
	stored := begin.Add(50 * time.Minute)
	s.rows = func(q extract.Query) []gen.LeadChangeRecord { // every fifth is stored with a delay of an hour
		i := 0
		return slices.DeleteFunc(all(q), func(r gen.LeadChangeRecord) bool {
			at, _ := r.ActivityDateTime.Time()
			i++
			return i%5 == 0 && at.Add(time.Hour).After(stored)
		})
	}
	c := bulkConfig(p, s, dest, stored)
	c.Streams[0].Window = 0
	report, err := leadsync.RunQuick(t.Context(), c)
	if err != nil || report.Runs[0].Counts.Inserted != 240 {
		t.Fatalf("%+v, %v", report, err)
	}
	stored = end.Add(time.Hour)
	c = bulkConfig(p, s, dest, end)
	c.Streams[0].Window = 0
	if r := complete(t, c).Runs[0]; r.Counts.Late != 60 || r.Counts.Inserted != 360 {
		t.Errorf("%+v", r)
	}
}

// TestBulk_switch continues a run by the other source. What was done stays, what is left is read by the new one alone, and a job
// that nobody needs is given up.
func TestBulk_switch(t *testing.T) {
	t.Parallel()
	t.Run("from pages", func(t *testing.T) {
		t.Parallel()
		p := newPort(t)
		s, dest := newExtracts(t, p), openStore(t)
		c := config(p, dest, end)
		p.before = func(_ context.Context, _ int64, oldest time.Time) error {
			if oldest.After(begin.Add(30*time.Minute - 2*time.Second)) {
				return errors.New("too slow")
			}
			return nil
		}
		c.MaxAttempts, c.Concurrency = 1, 1
		if _, err := leadsync.RunQuick(t.Context(), c); err == nil {
			t.Fatal("it did not fail")
		}
		calls := p.calls.Load()
		c = bulkConfig(p, s, dest, end)
		c.Streams[0].Window, c.Streams[0].Lookback = 0, -1
		copied := caughtUp(t, c).Copied[0]
		left, up := s.jobs["job-1"].query, s.jobs["job-2"].query
		if !left.From.Equal(begin.Add(30*time.Minute-time.Second)) || !left.To.Equal(end) || !up.From.Equal(end.Add(-time.Second)) || len(s.ids) != 2 {
			t.Errorf("asked for %v and %v, in %d jobs", left, up, len(s.ids))
		}
		if p.calls.Load() != calls || copied.Inserted != 70*6 || copied.Updated+copied.Late != 0 {
			t.Errorf("%d pages, %+v", p.calls.Load()-calls, copied)
		}
	})
	t.Run("from bulk", func(t *testing.T) {
		t.Parallel()
		p := newPort(t)
		s, dest := newExtracts(t, p), openStore(t)
		ctx, stop := context.WithCancel(t.Context())
		s.before = func(call string, n int) error {
			if call == "job" {
				stop()
			}
			return nil
		}
		s.takes = 24 * time.Hour
		if _, err := leadsync.RunQuick(ctx, bulkConfig(p, s, dest, end)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		c := config(p, dest, end)
		c.Extracts = s
		copied := complete(t, c).Copied[0]
		if s.count("cancel") != s.count("enqueue") || s.count("cancel") == 0 || copied.Inserted != rows {
			t.Errorf("%d of %d jobs were cancelled, %+v", s.count("cancel"), s.count("enqueue"), copied)
		}
	})
	t.Run("without a source", func(t *testing.T) { // as over SOAP, and for a worker that cannot read files
		t.Parallel()
		p := newPort(t)
		s, dest := newExtracts(t, p), openStore(t)
		ctx, stop := context.WithCancel(t.Context())
		s.before = func(string, int) error { stop(); return nil }
		if _, err := leadsync.RunQuick(ctx, bulkConfig(p, s, dest, end)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		ctx, stop = context.WithCancel(t.Context())
		calls := s.count("")
		worker := &leadsync.Config{Port: p, Store: dest, Observer: &waitingFor{stop: stop}}
		if err := leadsync.WorkQuick(ctx, worker); err != nil || s.count("") != calls || p.calls.Load() > 0 {
			t.Errorf("%d calls, %d pages, %v", s.count("")-calls, p.calls.Load(), err)
		}
		complete(t, config(p, dest, end))
	})
}

// waitingFor stops after some windows were begun and left again.
type waitingFor struct {
	observer
	stop  func()
	began int
}

func (w *waitingFor) Window(ctx context.Context, _ store.Window) (context.Context, func(store.Counts, error)) {
	return ctx, func(store.Counts, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.began++; w.began == windows {
			w.stop()
		}
	}
}

// TestBulk_stores copies into each kind of store.
func TestBulk_stores(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) store.Store{
		"PostgreSQL": func(t *testing.T) store.Store { return openPostgres(t, pgtest.Database(t)) },
		"files": func(t *testing.T) store.Store {
			dest, err := filestore.Open(t.Context(), t.TempDir(), filestore.WithCommitRows(70))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = dest.Close() })
			return dest
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPort(t)
			s, dest := newExtracts(t, p), open(t)
			c := bulkConfig(p, s, dest, end)
			c.Streams[0].Window = 50 * time.Minute
			complete(t, c)
		})
	}
}

// TestBulk_workersShare: two processes make no more than two jobs at once, and ask about each no more often than one does.
func TestBulk_workersShare(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	p := newPort(t)
	s := newExtracts(t, p)
	c := bulkConfig(p, s, openPostgres(t, url), end)
	o := &observer{}
	worker := &leadsync.Config{Port: p, Store: openPostgres(t, url), Extracts: s, Now: s.Now, Observer: o}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- leadsync.WorkQuick(ctx, worker) }()
	_, err := leadsync.RunQuick(t.Context(), c)
	cancel()
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	checkComplete(t, c.Store)
	if s.count("create") != windows || s.count("records") != windows {
		t.Errorf("%d jobs, %d files read", s.count("create"), s.count("records"))
	}
}

// TestBulk_plansVolume waits for the next day when a window is not likely to fit into what is left of this one.
func TestBulk_plansVolume(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	s, dest := newExtracts(t, p), openStore(t)
	s.at, s.tick = time.Date(2026, 3, 9, 4, 0, 0, 0, time.UTC), 3*time.Minute // an hour before midnight
	reset := time.Date(2026, 3, 9, 5, 0, 0, 0, time.UTC)
	s.limit = 2 * 60 * s.rowBytes * 3 / 2 // three windows fit, and three more on the next day, and so on
	perDay := map[time.Time]int{}
	s.before = func(call string, _ int) error {
		if call == "enqueue" {
			s.mu.Lock()
			defer s.mu.Unlock()
			perDay[fault24(s.at)]++
			if !s.at.Before(reset) {
				s.limit = 1 << 30
			}
		}
		return nil
	}
	c := bulkConfig(p, s, dest, end)
	var used, limit int64
	c.Progress = func(p leadsync.Progress) { used, limit = max(used, p.VolumeUsed), max(limit, p.VolumeLimit) }
	complete(t, c)
	if today := perDay[fault24(reset.Add(-time.Second))]; today < 2 || today > 4 {
		t.Errorf("%v jobs a day", perDay)
	}
	if used == 0 || limit == 0 {
		t.Error("no volume is told")
	}
}

// fault24 is the day by Central time.
func fault24(at time.Time) time.Time { return at.Add(-5 * time.Hour).Truncate(24 * time.Hour) }

// TestBulk_beyond keeps what comes after the rows of a file, such as deletions, and does not take it for rows.
func TestBulk_beyond(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	s, dest := newExtracts(t, p), openStore(t)
	s.beyond = []gen.LeadChangeRecord{record(0, begin.Add(time.Minute), "deleted-1"), record(0, end.Add(-time.Minute), "deleted-2")}
	c := bulkConfig(p, s, dest, end)
	if _, err := leadsync.CopySteps(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if status := statusOf(t, dest); status.Activities != rows+2 {
		t.Errorf("%d rows", status.Activities)
	}
}

// TestBulk_short does not take a file for whole that has fewer rows than the service says.
func TestBulk_short(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	s, dest := newExtracts(t, p), openStore(t)
	c := bulkConfig(p, s, dest, end)
	c.Extracts = short{s}
	if _, err := leadsync.CopySteps(t.Context(), c); err == nil || !strings.Contains(err.Error(), "rows, and the service says") {
		t.Error(err)
	}
	if status := statusOf(t, dest).Streams[0]; status.Done > 0 {
		t.Errorf("%+v", status)
	}
}

// TestBulk_memory reads a large file in memory that does not grow with it.
func TestBulk_memory(t *testing.T) {
	s := newExtracts(t, newPort(t))
	const many = 100_000
	v := &forgetful{Store: openStore(t), every: many / 4 / 1000}
	c := bulkConfig(newPort(t), s, v, end)
	c.BatchSize, c.Streams[0].Window = 0, 0
	c.Extracts = streamed{s, many}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := leadsync.CopySteps(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if grown := int64(v.live) - int64(before.HeapAlloc); v.rows != many || grown > 25<<20 {
		t.Errorf("%d rows, %d MB more", v.rows, grown>>20)
	}
}

// short says that files have a row more.
type short struct{ *extracts }

func (s short) Job(ctx context.Context, id string) (extract.Job, error) {
	job, err := s.extracts.Job(ctx, id)
	job.Rows++
	return job, err
}

func (s short) Records(ctx context.Context, job extract.Job, skip int64) iter.Seq2[[]gen.LeadChangeRecord, error] {
	job.Rows--
	return s.extracts.Records(ctx, job, skip)
}

// streamed makes its rows as they are read.
type streamed struct {
	*extracts
	n int
}

func (e streamed) Job(ctx context.Context, id string) (extract.Job, error) {
	job, err := e.extracts.Job(ctx, id)
	job.Rows = int64(e.n)
	return job, err
}

func (e streamed) Records(_ context.Context, _ extract.Job, skip int64) iter.Seq2[[]gen.LeadChangeRecord, error] {
	return func(yield func([]gen.LeadChangeRecord, error) bool) {
		for i := int(skip); i < e.n; i += 1000 {
			some := make([]gen.LeadChangeRecord, 1000)
			for j := range some {
				some[j] = record(int64(i+j), begin.Add(time.Duration((i+j)/100)*time.Second), "guid-"+strconv.Itoa(i+j))
				some[j].MktgAssetName = gen.Some(strings.Repeat("x", 200))
			}
			if !yield(some, nil) {
				return
			}
		}
	}
}

// forgetful is a store that forgets the rows of commits, and measures the heap now and then.
type forgetful struct {
	store.Store
	every, commits, rows int
	live                 uint64
}

func (f *forgetful) Unwrap() store.Store { return f.Store }

func (f *forgetful) Commit(ctx context.Context, c store.Commit) (store.Counts, error) {
	f.rows += len(c.Activities)
	if f.commits++; f.commits%f.every == 0 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		f.live = max(f.live, m.HeapAlloc)
	}
	c.Activities = nil
	return f.Store.Commit(ctx, c)
}

// TestBulk_failOnQuota ends the run in place of waiting for the volume, and says which it was. Others see what it waits for.
func TestBulk_failOnQuota(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	s, dest := newExtracts(t, p), openStore(t)
	s.limit, s.foreign = 1000, 1000
	c := bulkConfig(p, s, dest, end)
	c.FailOnQuota = true
	for range 2 { // a window that waits already fails as well
		var volume *leadsync.VolumeError
		var used *fault.QuotaError
		_, err := leadsync.RunQuick(t.Context(), c)
		if !errors.As(err, &volume) || !errors.As(err, &used) || !used.ResetsAt.Equal(fault.NextReset(end)) || !strings.Contains(err.Error(), "volume of bulk extracts is used up; it starts anew at 2026-03-09T05:00 UTC") {
			t.Fatal(err)
		}
	}
	all, err := leadsync.Extracts(t.Context(), dest)
	if err != nil || len(all) != windows || !strings.Contains(all[0].Waiting, "volume") || !all[0].WaitUntil.After(end) || all[0].Job != "" {
		t.Errorf("%+v, %v", all, err)
	}
}

// TestBulk_needsSource: without a source nothing is begun.
func TestBulk_needsSource(t *testing.T) {
	t.Parallel()
	c := config(newPort(t), openStore(t), end)
	c.Streams[0].Source = leadsync.Bulk
	if _, err := leadsync.RunQuick(t.Context(), c); err == nil || !strings.Contains(err.Error(), "Config.Extracts is nil") {
		t.Error(err)
	}
	c.Extracts, c.Streams[0].Name = newExtracts(t, newPort(t)), leadsync.Leads
	if _, err := leadsync.RunQuick(t.Context(), c); err == nil || !strings.Contains(err.Error(), "only the stream activities is read by bulk extract") {
		t.Error(err)
	}
}

// TestBulk_estimate tells calls and bytes, and makes nothing.
func TestBulk_estimate(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	s := newExtracts(t, p)
	s.limit, s.foreign = 200_000, 100_000
	c := bulkConfig(p, s, nil, end)
	c.Store, c.Now = nil, func(context.Context) (time.Time, error) { return end, nil }
	c.Calls = func() int64 { return 4 * p.calls.Load() } // each page is four
	f, err := leadsync.Estimate(t.Context(), c)
	if err != nil || f.Calls != 9*windows || f.VolumeUsed != 100_000 || f.VolumeLimit != 200_000 || f.Streams[0].Bytes != 250*rows {
		t.Errorf("%+v, %v", f, err)
	}
	if wait := f.End.Sub(fault.NextReset(end)); wait < 0 || wait > time.Hour || s.count("create") > 0 {
		t.Errorf("ends at %s, %d jobs", f.End, s.count("create"))
	}
	c.Streams[0].Source = leadsync.Pages
	if f, err = leadsync.Estimate(t.Context(), c); err != nil || f.Calls != 4*(windows+4*rows/(3*20)) {
		t.Errorf("%+v, %v", f, err)
	}
}
