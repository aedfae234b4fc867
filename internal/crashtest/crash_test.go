package crashtest

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/internal/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/server"
)

var (
	full  = flag.Bool("crash.full", false, "the long form, with the limits of the service")
	seed  = flag.Uint64("crash.seed", 0, "seed of all that is random; 0: a new one")
	kills = flag.Int("crash.kills", 0, "how often to kill; 0: as the form has it")
)

// form is how much the crash test does.
type form struct {
	rows   int
	page   int
	window time.Duration
	kills  int
	lines  int // between two kills
	limits leadsync.Limits
	spare  int // what the server's daily quota is above that of the synchronisation
	slow   time.Duration
}

func chosenForm() form {
	f := form{
		rows: 3000, page: 50, window: 16 * 24 * time.Hour, kills: 6, lines: 30, slow: 30 * time.Millisecond,
		limits: leadsync.Limits{Calls: 30, Per: 500 * time.Millisecond, Concurrent: 4, Daily: 2000}, spare: 10,
	}
	if *full {
		f = form{
			rows: 200_000, page: 500, window: 5 * 24 * time.Hour, kills: 50, lines: 28, slow: 500 * time.Millisecond,
			limits: leadsync.Limits{Calls: 100, Per: 20 * time.Second, Concurrent: 10, Daily: 5000}, spare: 10,
		}
	}
	if *kills > 0 {
		f.kills = *kills
	}
	return f
}

func (f form) serverLimits() server.Limits {
	return server.Limits{Calls: f.limits.Calls, Per: f.limits.Per, Concurrent: f.limits.Concurrent, Daily: f.limits.Daily + f.spare}
}

// The copy is what the source is, however often the processes that make it are killed.
func TestCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	besides(t)
	s := *seed
	if s == 0 {
		s = rand.Uint64()
	}
	t.Logf("repeat with -crash.seed %d", s)
	f := chosenForm()
	lines := make([]string, 2)
	t.Cleanup(func() { t.Logf("\n%s\n%s\n%s", header, strings.Map(dashes, header), strings.Join(lines, "\n")) })
	t.Run("SQLite", func(t *testing.T) {
		besides(t)
		c := &crash{TB: t, form: f, seed: s, target: filepath.Join(t.TempDir(), "copy.db"), roles: []string{"run"}, lease: 15 * time.Second}
		lines[0] = c.test()
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		besides(t)
		c := &crash{TB: t, form: f, seed: s, target: pgtest.Database(t), roles: []string{"run", "work", "work"}, lease: 3 * time.Second}
		lines[1] = c.test()
	})
}

// besides lets other tests go on at the same time; in the long form nothing disturbs.
func besides(t *testing.T) {
	t.Helper()
	if !*full {
		t.Parallel()
	}
}

const header = "| database   | workers | rows   | late | kills | after start / page / commit | at answers   | runs | calls | in any window | at once | duration | equal |"

func dashes(r rune) rune {
	if r == '|' {
		return r
	}
	return '-'
}

// crash is the test of one database.
type crash struct {
	testing.TB
	form
	seed   uint64
	target string
	roles  []string
	lease  time.Duration
	source *source
	killer *killer
}

func (c *crash) test() string {
	c.source = newSource(c, c.seed, c.rows, c.page, c.serverLimits(), c.slow)
	begin := time.Now()
	c.copy()
	took := time.Since(begin)
	calls, window, once := c.checkCalls()

	ctx := c.Context()
	store, err := sqlstore.Open(ctx, c.target)
	if err != nil {
		c.Fatal(err)
	}
	defer store.Close()
	truth, err := c.source.truth(ctx)
	if err != nil {
		c.Fatal(err)
	}
	rows := compare(c, store, truth)
	late := c.checkStatus(ctx, store, len(rows))
	c.checkAgain(ctx, store)
	c.checkAnew(ctx, rows)
	return fmt.Sprintf("| %-10s | %7d | %6d | %4d | %5d | %27s | %12s | %4d | %5d | %13s | %7s | %8s | %5s |",
		strings.TrimPrefix(c.Name(), "TestCrash/"), len(c.roles), len(rows), late, c.form.kills,
		fmt.Sprintf("%d / %d / %d", c.killer.kills["start"], c.killer.kills[linePage], c.killer.kills[lineCommit]),
		fmt.Sprintf("%d to %d", c.killer.first, c.killer.last), c.killer.runs, calls,
		fmt.Sprintf("%d of %d", window, c.limits.Calls), fmt.Sprintf("%d of %d", once, c.limits.Concurrent),
		took.Round(100*time.Millisecond), map[bool]string{false: "yes", true: "NO"}[c.Failed()])
}

// copy makes the copy, with kills, while the source lives. When the kills are over and a run
// is done the source comes to rest, and a run that begins after that is the last.
func (c *crash) copy() {
	var rest time.Time
	c.killer = &killer{
		tb: c, rng: rand.New(rand.NewPCG(c.seed, 3)), roles: c.roles, want: c.form.kills, lines: c.lines,
		job: job{
			URL: c.source.url, Target: c.target, Since: c.source.since, Window: c.window,
			Limits: c.limits, Concurrency: c.limits.Concurrent, Lease: c.lease,
		},
	}
	c.killer.enough = func(upTo time.Time) bool {
		if rest.IsZero() {
			c.source.live(false)
			rest = time.Now()
		}
		return upTo.After(rest)
	}
	c.source.live(true)
	c.killer.run()
}

// checkCalls compares what came with the limits.
func (c *crash) checkCalls() (calls, window, once int) {
	c.Helper()
	calls, window, once = c.source.meter.maxima(c.limits.Per)
	if window > c.limits.Calls || once > c.limits.Concurrent || calls > c.limits.Daily {
		c.Errorf("%d calls, %d within %s, %d at once; the limits are %+v", calls, window, c.limits.Per, once, c.limits)
	}
	for _, e := range c.source.refusals() {
		c.Errorf("the service refused a call: %v (%v)", e.Fault, e.Err)
	}
	return calls, window, once
}

// checkStatus compares what the copy says of itself, and returns how many rows were late.
func (c *crash) checkStatus(ctx context.Context, store leadsync.Store, rows int) (late int64) {
	c.Helper()
	status, err := store.Status(ctx)
	if err != nil {
		c.Fatal(err)
	}
	s := status.Streams[0]
	if s.Pending+s.Running+s.Failed > 0 || s.Problem != "" {
		c.Errorf("windows are left: %+v", s)
	}
	if status.Activities != int64(rows) || s.Counts.Inserted != int64(rows) {
		c.Errorf("status has %d rows and %d inserted, the copy %d", status.Activities, s.Counts.Inserted, rows)
	}
	if _, born := c.source.age(); s.Counts.Late > int64(born) {
		c.Errorf("%d rows were late, but only %d came later", s.Counts.Late, born)
	}
	return s.Counts.Late
}

// checkAgain runs once more: nothing may be written.
func (c *crash) checkAgain(ctx context.Context, store leadsync.Store) {
	c.Helper()
	before := versions(ctx, c, store)
	report, err := leadsync.Run(ctx, c.plainConfig(store))
	if err != nil {
		c.Fatal(err)
	}
	if n := report.Runs[0].Counts; n.Inserted+n.Updated > 0 || n.Seen == 0 {
		c.Errorf("a second run has counted %+v; want some seen and none written", n)
	}
	if after := versions(ctx, c, store); after != before {
		c.Errorf("a second run has changed the table from %s to %s", before, after)
	}
}

// checkAnew copies everything again into a new file.
func (c *crash) checkAnew(ctx context.Context, want []leadsync.ActivityRow) {
	c.Helper()
	store, err := sqlstore.Open(ctx, filepath.Join(c.TempDir(), "again.db"))
	if err != nil {
		c.Fatal(err)
	}
	defer store.Close()
	if _, err := leadsync.Run(ctx, c.plainConfig(store)); err != nil {
		c.Fatal(err)
	}
	compare(c, store, want)
}

// plainConfig reads the source without HTTP and limits.
func (c *crash) plainConfig(store leadsync.Store) *leadsync.Config {
	return &leadsync.Config{
		Port: c.source.port, Store: store,
		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: c.source.since, Window: c.window}},
	}
}
