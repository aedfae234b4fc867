package leadsync_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

// extracts is a service of bulk extracts with a clock of its own, which goes on whenever somebody looks at it. Jobs that
// were put into the queue end after some time, two at once.
type extracts struct {
	mu       sync.Mutex
	at       time.Time
	tick     time.Duration // that a look at the clock takes
	takes    time.Duration // that a job runs
	rows     func(extract.Query) []gen.LeadChangeRecord
	jobs     map[string]*extractJob
	ids      []string                       // in the order in which they were made
	calls    []string                       // the names of all calls
	before   func(call string, n int) error // it is called with what was made before each call; n counts from 1; may be nil
	others   int                            // jobs of other programs in the queue
	limit    int64                          // of the volume
	beyond   []gen.LeadChangeRecord         // records that come after those of each file
	foreign  int64                          // bytes that other programs have used
	rowBytes int64
	batch    int
	trouble  []string
}

type extractJob struct {
	extract.Job
	query extract.Query
	ends  time.Time // of one that runs
	asked time.Time // last
	files []gen.LeadChangeRecord
	sent  int // how often its file was asked for
}

// newExtracts returns a service with the activities of a port.
func newExtracts(t *testing.T, p *port) *extracts {
	t.Helper()
	s := &extracts{at: end, tick: 65 * time.Second, takes: time.Minute, jobs: map[string]*extractJob{}, rowBytes: 100, batch: 7}
	s.rows = func(q extract.Query) []gen.LeadChangeRecord { return recordsOf(t, p.Port, q) }
	t.Cleanup(func() {
		if len(s.trouble) > 0 {
			t.Error(s.trouble)
		}
	})
	return s
}

// recordsOf returns the activities that a port has between two times, both inclusive.
func recordsOf(t *testing.T, p gen.Port, q extract.Query) []gen.LeadChangeRecord {
	out, err := p.GetLeadChanges(context.Background(), &gen.ParamsGetLeadChanges{
		StartPosition: &gen.StreamPosition{OldestCreatedAt: gen.Some(gen.NewDateTime(q.From)), LatestCreatedAt: gen.Some(gen.NewDateTime(q.To))},
		BatchSize:     gen.Some[int32](1000),
	})
	if err != nil || out.Result.RemainingCount > 0 {
		t.Errorf("%+v, %v", out, err)
		return nil
	}
	return slices.DeleteFunc(out.Result.LeadChangeRecordList.Value.LeadChangeRecord, func(r gen.LeadChangeRecord) bool {
		at, _ := r.ActivityDateTime.Time()
		return at.Before(q.From) || at.After(q.To)
	})
}

// Now is the clock.
func (s *extracts) Now(context.Context) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(s.tick)
	return s.at, nil
}

// set sets the clock.
func (s *extracts) set(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = at
}

// count returns how many calls of a name were made; of all for "".
func (s *extracts) count(name string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if name == "" || c == name {
			n++
		}
	}
	return n
}

// call begins a call and lets time pass; the caller unlocks.
func (s *extracts) call(ctx context.Context, name string) (unlock func(), err error) {
	s.mu.Lock()
	s.calls = append(s.calls, name)
	n, before := len(s.calls), s.before
	s.advance()
	if before == nil {
		return s.mu.Unlock, ctx.Err()
	}
	s.mu.Unlock()
	err = before(name, n)
	s.mu.Lock()
	return s.mu.Unlock, err
}

// advance lets jobs begin and end that should have by now.
func (s *extracts) advance() {
	running, occupied := 0, 0
	for _, id := range s.ids {
		j := s.jobs[id]
		if j.State == extract.Processing && !j.ends.After(s.at) {
			j.State = extract.Completed
			j.files = s.rows(j.query)
			j.Rows, j.Bytes = int64(len(j.files)), s.rowBytes*int64(len(j.files))
		}
		if j.State == extract.Processing {
			running++
		}
		if j.State == extract.Processing || j.State == extract.Queued {
			occupied++
		}
	}
	if occupied > 2 {
		s.trouble = append(s.trouble, fmt.Sprint(occupied, " jobs in the queue at once"))
	}
	for _, id := range s.ids {
		if j := s.jobs[id]; j.State == extract.Queued && running < 2 {
			running++
			j.State, j.ends = extract.Processing, s.at.Add(s.takes)
		}
	}
}

func (s *extracts) Create(ctx context.Context, q extract.Query) (extract.Job, error) {
	unlock, err := s.call(ctx, "create")
	defer unlock()
	if err != nil {
		return extract.Job{}, err
	}
	if !q.From.Equal(q.From.Truncate(time.Second)) || !q.To.Equal(q.To.Truncate(time.Second)) || q.To.Sub(q.From) > extract.MaxRange {
		s.trouble = append(s.trouble, fmt.Sprint("asked for ", q))
	}
	j := &extractJob{Job: extract.Job{ID: fmt.Sprint("job-", len(s.ids)+1)}, query: q}
	s.jobs[j.ID], s.ids = j, append(s.ids, j.ID)
	return j.Job, nil
}

// usedUp is what the service says when the volume of the day is used up.
func usedUp(now time.Time) error {
	return fault.Classify(fault.New(fault.CodeRequestLimitExceeded, "Export daily quota 500MB exceeded."), fault.Known{Now: now})
}

func (s *extracts) used() (used int64) {
	used = s.foreign
	for _, j := range s.jobs {
		if day := fault.NextReset(s.at).Add(-24 * time.Hour); j.State == extract.Completed && !j.ends.Before(day) {
			used += j.Bytes
		}
	}
	return used
}

func (s *extracts) Enqueue(ctx context.Context, id string) error {
	unlock, err := s.call(ctx, "enqueue")
	defer unlock()
	if err != nil {
		return err
	}
	j := s.jobs[id]
	switch {
	case j == nil:
		return extract.ErrGone
	case j.State != extract.Created:
		return nil
	case s.others >= 10:
		return extract.ErrQueueFull
	case s.limit > 0 && s.used() >= s.limit:
		return usedUp(s.at)
	}
	j.State = extract.Queued
	s.advance()
	return nil
}

func (s *extracts) Job(ctx context.Context, id string) (extract.Job, error) {
	unlock, err := s.call(ctx, "job")
	defer unlock()
	if err != nil {
		return extract.Job{}, err
	}
	j := s.jobs[id]
	if j == nil {
		return extract.Job{}, extract.ErrGone
	}
	if waited := s.at.Sub(j.asked); waited < extract.PollInterval {
		s.trouble = append(s.trouble, fmt.Sprint(id, " was asked about again after ", waited))
	}
	j.asked = s.at
	return j.Job, nil
}

func (s *extracts) Cancel(ctx context.Context, id string) error {
	unlock, err := s.call(ctx, "cancel")
	defer unlock()
	if j := s.jobs[id]; err == nil && j != nil && j.State != extract.Completed {
		j.State = extract.Canceled
	}
	return err
}

func (s *extracts) Records(ctx context.Context, job extract.Job, skip int64) iter.Seq2[[]gen.LeadChangeRecord, error] {
	return func(yield func([]gen.LeadChangeRecord, error) bool) {
		unlock, err := s.call(ctx, "records")
		j := s.jobs[job.ID]
		if err == nil && (j == nil || j.State != extract.Completed) {
			err = extract.ErrGone
		}
		if err == nil && (job.Rows != j.Rows || job.Bytes != j.Bytes) {
			err = fmt.Errorf("%+v is not %+v", job, j.Job)
		}
		if err != nil {
			unlock()
			yield(nil, err)
			return
		}
		j.sent++
		files := slices.Concat(j.files[min(skip, j.Rows):], s.beyond)
		unlock()
		for some := range slices.Chunk(files, s.batch) {
			if !yield(some, nil) {
				return
			}
		}
	}
}

func (s *extracts) Volume(ctx context.Context) (used, limit int64, err error) {
	unlock, err := s.call(ctx, "volume")
	defer unlock()
	return s.used(), s.limit, err
}

// bulkConfig is config with its stream read by bulk extract, by the clock of the service.
func bulkConfig(p gen.Port, s *extracts, dest store.Store, upper time.Time) *leadsync.Config {
	c := config(p, dest, upper)
	c.Extracts, c.Streams[0].Source = s, leadsync.Bulk
	var asked atomic.Int64
	c.Now = func(ctx context.Context) (time.Time, error) {
		if int(asked.Add(1)) <= len(c.Streams) { // to plan
			return upper, nil
		}
		return s.Now(ctx)
	}
	return c
}

// digestsOf returns the rows of a copy by their keys.
func digestsOf(t *testing.T, s store.Store) map[string]store.Digest {
	t.Helper()
	all := map[string]store.Digest{}
	for row, err := range s.Activities(t.Context(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		all[row.Key] = row.Digest
	}
	return all
}

// TestBulk copies as pages do, and neither source finds anything to write after the other.
func TestBulk(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	byPages := openStore(t)
	complete(t, config(p, byPages, end))
	s, dest := newExtracts(t, p), openStore(t)
	pages := p.calls.Load()
	r := complete(t, bulkConfig(p, s, dest, end)).Runs[0]
	if p.calls.Load() != pages {
		t.Errorf("%d pages were read", p.calls.Load()-pages)
	}
	if r.Windows != windows || r.Counts.Inserted != rows || r.Counts.Seen != rows || r.Counts.Updated+r.Counts.Late+r.Counts.Problems != 0 {
		t.Errorf("run: %+v", r)
	}
	if !maps.Equal(digestsOf(t, byPages), digestsOf(t, dest)) {
		t.Error("the rows differ from those by pages")
	}
	if s.count("create") != windows || s.count("enqueue") != windows || s.count("records") != windows || r.Counts.Calls != int64(s.count("")) || r.Counts.Pages != windows {
		t.Errorf("counted %+v for %d calls", r.Counts, s.count(""))
	}
	for name, c := range map[string]*leadsync.Config{"pages": config(p, dest, end), "bulk": bulkConfig(p, s, dest, end)} {
		c.Streams[0].Lookback = time.Hour
		if r := complete(t, c).Runs[0]; r.Counts.Inserted+r.Counts.Updated != 0 || r.Counts.Seen == 0 {
			t.Errorf("again by %s: %+v", name, r)
		}
	}
}

// messages remembers messages.
type messages struct {
	slog.Handler // of nothing but these

	mu    sync.Mutex
	texts []string
}

func (l *messages) Enabled(context.Context, slog.Level) bool { return true }
func (l *messages) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *messages) WithGroup(string) slog.Handler            { return l }
func (l *messages) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.texts = append(l.texts, r.Message)
	return nil
}

// has reports whether a message has a text.
func (l *messages) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.texts, func(s string) bool { return strings.Contains(s, text) })
}

// caughtUp runs and checks that all rows are there, whenever the last run was planned.
func caughtUp(t *testing.T, c *leadsync.Config) *leadsync.Report {
	t.Helper()
	report, err := leadsync.RunQuick(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if status := statusOf(t, c.Store); status.Activities != rows || status.Streams[0].Pending+status.Streams[0].Failed > 0 {
		t.Errorf("%d rows, %+v", status.Activities, status.Streams[0])
	}
	return report
}

// killed is a store, and what stands before a service, of a process that dies at a moment: after it nothing is done.
type killed struct {
	store.Store

	die   context.CancelFunc
	at    int  // the step at which it dies
	after bool // only what follows the step is not done
	steps atomic.Int64
	dead  atomic.Bool
}

func (k *killed) Unwrap() store.Store { return k.Store }

var errKilled = errors.New("killed")

// step is called before anything is done, and with after for when it is done.
func (k *killed) step() error {
	if k.dead.Load() {
		return errKilled
	}
	if int(k.steps.Add(1)) != k.at {
		return nil
	}
	k.dead.Store(true)
	k.die()
	if k.after {
		return nil
	}
	return errKilled
}

func (k *killed) Commit(ctx context.Context, c store.Commit) (store.Counts, error) {
	if err := k.step(); err != nil {
		return store.Counts{}, err
	}
	counts, err := k.Store.Commit(ctx, c)
	if k.dead.Load() {
		return store.Counts{}, errKilled
	}
	return counts, err
}

func (k *killed) Fail(ctx context.Context, f store.Fence, problem error) error {
	if k.dead.Load() {
		return errKilled
	}
	return k.Store.Fail(ctx, f, problem)
}

// TestBulk_killed dies before and after each commit and each call, and goes on with the same jobs. No row is written
// twice, and no job but the one that nobody could know of is made in vain.
func TestBulk_killed(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	for _, after := range []bool{false, true} {
		for step, ended := 1, false; !ended; step++ {
			dest, s := openStore(t), newExtracts(t, p)
			ctx, die := context.WithCancel(t.Context())
			k := &killed{Store: dest, die: die, at: step, after: after}
			s.before = func(string, int) error { return k.step() }
			c := bulkConfig(p, s, k, end)
			c.Streams[0].Window = 50 * time.Minute
			_, err := leadsync.CopySteps(ctx, c)
			die()
			if ended = err == nil; !ended && !k.dead.Load() {
				t.Fatalf("step %d: %v", step, err)
			}
			s.before = nil
			made := s.count("create")
			c = bulkConfig(p, s, dest, end)
			c.Streams[0].Window, c.Streams[0].Lookback = 50*time.Minute, -1
			if _, err := leadsync.CopySteps(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			checkComplete(t, dest)
			if made = s.count("create") - made; len(s.ids) > 3 {
				t.Errorf("step %d: %d jobs were made, of them %d after the death", step, len(s.ids), made)
			}
			status := statusOf(t, dest).Streams[0]
			if status.Counts.Inserted != rows || status.Counts.Updated != 0 || status.Counts.Seen != rows {
				t.Errorf("step %d: %+v", step, status.Counts)
			}
			if ended && step < 19 {
				t.Errorf("only %d steps", step)
			}
		}
	}
}

// TestBulk_commits writes a large file in pieces, and reads it once.
func TestBulk_commits(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	s, dest := newExtracts(t, p), openStore(t)
	const many = 6_000
	s.rows = func(extract.Query) []gen.LeadChangeRecord { return manyRecords(many) }
	w := &pieces{Store: dest}
	c := bulkConfig(p, s, w, end)
	c.Streams[0].Window = 0
	report, err := leadsync.RunQuick(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	counts := report.Runs[0].Counts
	if counts.Inserted != many || counts.Seen != many || s.count("records") != 1 || w.most > many/3 {
		t.Errorf("%+v, %d rows in one commit, file read %d times", counts, w.most, s.count("records"))
	}
}

// pieces is a store that notes how many activities the largest commit has.
type pieces struct {
	store.Store

	most int
}

func (p *pieces) Unwrap() store.Store { return p.Store }

func (p *pieces) Commit(ctx context.Context, c store.Commit) (store.Counts, error) {
	p.most = max(p.most, len(c.Activities))
	return p.Store.Commit(ctx, c)
}

// manyRecords returns records of different ids within the time of the source.
func manyRecords(n int) []gen.LeadChangeRecord {
	all := make([]gen.LeadChangeRecord, n)
	for i := range all {
		all[i] = record(int64(i+1), begin.Add(time.Duration(int64(i)*int64(end.Sub(begin))/int64(n))).Truncate(time.Second), "")
	}
	return all
}

// record returns a record; id 0 stands for none.
func record(id int64, at time.Time, guid string) gen.LeadChangeRecord {
	r := gen.LeadChangeRecord{ActivityDateTime: gen.NewDateTime(at), ActivityType: "Visit Webpage", MktPersonId: "101", MarketoGUID: guid}
	if id != 0 {
		r.Id = gen.Some(id)
	}
	return r
}

// TestBulk_interval: the service is asked about a job as often as the configuration says, by default not before it has renewed
// the state.
func TestBulk_interval(t *testing.T) {
	t.Parallel()
	for interval, want := range map[time.Duration]int{0: 4, 5 * time.Minute: 1} {
		p := newPort(t)
		s := newExtracts(t, p)
		s.takes = 4 * time.Minute
		c := bulkConfig(p, s, openStore(t), end)
		c.ExtractInterval, c.Streams[0].Window = interval, 24*time.Hour
		if _, err := leadsync.CopySteps(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if jobs, asked := s.count("create"), s.count("job"); asked > jobs*want || interval == 0 && asked <= jobs {
			t.Errorf("every %s: asked %d times about %d jobs, each of four minutes", interval, asked, jobs)
		}
	}
	c := &leadsync.Config{ExtractInterval: time.Millisecond}
	if _, err := leadsync.Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "ExtractInterval is 1ms; it goes from 1s to 30m0s") {
		t.Errorf("%v", err)
	}
}

// TestBulk_jobsFail makes a few new jobs in place of those that fail, and then gives the window up with a message. The next
// run tries again.
func TestBulk_jobsFail(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(*extractJob) bool // false: it is gone
		want  string
	}{
		"failed":    {func(j *extractJob) bool { j.State, j.Problem = extract.Failed, "no disk"; return true }, "no disk"},
		"silent":    {func(j *extractJob) bool { j.State = extract.Failed; return true }, "the service does not say why"},
		"cancelled": {func(j *extractJob) bool { j.State = extract.Canceled; return true }, "somebody has cancelled it"},
		"gone":      {func(*extractJob) bool { return false }, "does not have this bulk job any more"},
	} {
		for spoilt, fails := range map[int]bool{2: false, 3: true} {
			t.Run(fmt.Sprint(name, " ", spoilt), func(t *testing.T) {
				t.Parallel()
				p := newPort(t)
				s, dest := newExtracts(t, p), openStore(t)
				left := spoilt
				s.before = func(call string, _ int) error {
					s.mu.Lock()
					defer s.mu.Unlock()
					for id, j := range s.jobs {
						if left > 0 && (j.State == extract.Processing || j.State == extract.Completed) && call == "job" {
							if left--; !test.spoil(j) {
								delete(s.jobs, id)
								s.ids = slices.DeleteFunc(s.ids, func(x string) bool { return x == id })
							}
						}
					}
					return nil
				}
				c := bulkConfig(p, s, dest, end)
				c.Streams[0].Window = 0
				_, err := leadsync.RunQuick(t.Context(), c)
				if fails != (err != nil) {
					t.Fatal(err)
				}
				if !fails {
					checkComplete(t, dest)
					return
				}
				for _, want := range []string{"no bulk extract of the window has succeeded, in 3 attempts", test.want, "by pages", "activities, 2026-03-08T05:00:00Z"} {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("error %v, want %q", err, want)
					}
				}
				if errors.Is(err, store.ErrRefused) {
					t.Error("nothing was refused")
				}
				caughtUp(t, bulkConfig(p, s, dest, end))
			})
		}
	}
}

// TestBulk_fileGone makes another job for a file that is not there any more, even after a part of it was read.
func TestBulk_fileGone(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	s, dest := newExtracts(t, p), openStore(t)
	gone := 0
	s.before = func(call string, _ int) error {
		if call != "records" || gone == 2 {
			return nil
		}
		gone++
		return fmt.Errorf("file: %w", extract.ErrGone)
	}
	c := bulkConfig(p, s, dest, end)
	c.Streams[0].Window = 0
	complete(t, c)
	if s.count("create") != 3 {
		t.Errorf("%d jobs", s.count("create"))
	}
}

// TestBulk_queueFull waits for an hour until other programs leave room, and counts no attempt.
func TestBulk_queueFull(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	s, dest := newExtracts(t, p), openStore(t)
	s.others, s.tick = 10, 5*time.Minute
	free := s.at.Add(time.Hour)
	s.before = func(string, int) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.at.After(free) {
			s.others = 0
		}
		return nil
	}
	c := bulkConfig(p, s, dest, end)
	c.MaxAttempts, c.Streams[0].Window = 1, 50*time.Minute
	said := &messages{}
	c.Logger = slog.New(said)
	complete(t, c)
	if n := s.count("enqueue"); n > 2+2*13 || n < 10 || !said.has("queue of bulk jobs") || failures(t, dest) != 0 {
		t.Errorf("%d calls to enqueue, told %t, %d failures", n, said.has("queue"), failures(t, dest))
	}
	if s.count("create") != 2 {
		t.Errorf("%d jobs", s.count("create"))
	}
}

// TestBulk_volume waits for midnight by Central time, on the days when the clocks change too, while another stream goes on.
func TestBulk_volume(t *testing.T) {
	t.Parallel()
	for name, now := range map[string]time.Time{
		"spring": time.Date(2026, 3, 9, 4, 59, 0, 0, time.UTC),  // 23:59 on 8 March, CDT
		"autumn": time.Date(2026, 11, 2, 5, 59, 0, 0, time.UTC), // 23:59 on 1 November, CST
		"before": time.Date(2026, 11, 1, 4, 59, 0, 0, time.UTC), // 23:59 on 31 October, CDT
		"day":    time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC),
	} {
		for _, refused := range []bool{false, true} { // by Volume, or only when the job is put into the queue
			t.Run(fmt.Sprint(name, " ", refused), func(t *testing.T) {
				t.Parallel()
				p := newPort(t)
				s, dest := newExtracts(t, p), openStore(t)
				reset := fault.NextReset(now)
				s.at, s.takes, s.tick = now, 0, max(10*time.Second, reset.Sub(now)/15)
				var early atomic.Int64
				s.before = func(call string, _ int) error {
					s.mu.Lock()
					defer s.mu.Unlock()
					full := s.at.Before(reset)
					if s.limit, s.foreign = 1000_000, 0; full && !refused {
						s.foreign = s.limit
					}
					if full && call == "enqueue" {
						early.Add(1)
						return usedUp(s.at)
					}
					return nil
				}
				c, l := bulkConfig(p, s, dest, end), &limiter{}
				c.MaxAttempts, c.Streams[0].Window = 1, 50*time.Minute
				c.Streams = append(c.Streams, leadsync.Stream{Name: leadsync.Leads, Since: begin})
				c.Limiter = l
				said := &messages{}
				c.Logger = slog.New(said)
				complete(t, c)
				if asked := s.count("volume"); !said.has("volume of bulk extracts") || asked > 2+2*26 || !refused && early.Load() > 0 || early.Load() > 2*26 || l.exhausted.Load() > 0 {
					t.Errorf("told %t, asked %d times, refused %d times", said.has("volume"), asked, early.Load())
				}
			})
		}
	}
}

// TestBulk_fileWrong makes another job for a file that is never what its job says, after it was tried anew, and keeps to one that
// was damaged on the way once.
func TestBulk_fileWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wrong      func(s *extracts, reading int) bool
		jobs, runs int
	}{
		"once":   {func(_ *extracts, reading int) bool { return reading == 1 }, 1, 1},
		"always": {func(s *extracts, _ int) bool { return s.count("create") == 1 }, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPort(t)
			s, dest := newExtracts(t, p), openStore(t)
			readings := 0
			s.before = func(call string, _ int) error {
				if call != "records" {
					return nil
				}
				readings++
				if !test.wrong(s, readings) {
					return nil
				}
				return extract.ErrDamaged
			}
			run := func() error {
				c := bulkConfig(p, s, dest, end)
				c.Streams[0].Window, c.MaxAttempts = 0, 2
				_, err := leadsync.RunQuick(t.Context(), c)
				return err
			}
			runs := 1
			for run() != nil && runs < 5 {
				runs++
			}
			checkComplete(t, dest)
			if s.count("create") != test.jobs || runs != test.runs {
				t.Errorf("%d jobs, %d runs", s.count("create"), runs)
			}
		})
	}
}
