package crashtest

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/operations"
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
	limits limits.Limits
	spare  int // what the server's daily quota is above that of the synchronisation
	slow   time.Duration
}

func chosenForm() form {
	f := form{
		rows: 3000, page: 50, window: 16 * 24 * time.Hour, kills: 6, lines: 30, slow: 30 * time.Millisecond,
		limits: limits.Limits{Calls: 30, Per: 500 * time.Millisecond, Concurrent: 4, Daily: 2000}, spare: 10,
	}
	if *full {
		f = form{
			rows: 200_000, page: 500, window: 5 * 24 * time.Hour, kills: 50, lines: 28, slow: 500 * time.Millisecond,
			limits: limits.Limits{Calls: 100, Per: 20 * time.Second, Concurrent: 10, Daily: 10_000}, spare: 10,
		}
	}
	if *kills > 0 {
		f.kills = *kills
	}
	return f
}

func (f form) serverLimits() limits.Limits {
	l := f.limits
	l.Daily += f.spare
	return l
}

// restForm is how much is done over the REST API. A call brings fewer records there, and each range of time takes a
// call for each ten types of activity.
func restForm() form {
	f := chosenForm()
	f.rows, f.page, f.window, f.kills, f.lines = 800, 100, 60*24*time.Hour, min(f.kills, 4), 3
	f.limits.Calls, f.limits.Daily = 60, 4000
	if *full {
		f.rows, f.page, f.window, f.kills, f.lines, f.slow = 8000, 300, 10*24*time.Hour, chosenForm().kills, 3, 100*time.Millisecond
		f.limits.Calls, f.limits.Concurrent, f.limits.Daily = 100, 3, 20_000 // what is read and not committed yet is lost with each kill
	}
	return f
}

// bulkForm is how much is done by bulk extract. A window takes some seconds however many rows it has; more than a thousand are
// committed in parts.
func bulkForm() form {
	f := restForm()
	f.window, f.kills, f.lines = 30*24*time.Hour, chosenForm().kills, 4
	if *full {
		f.rows, f.window = 50_000, 10*24*time.Hour
	}
	return f
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
	all := []leadsync.StreamName{leadsync.Activities, leadsync.LeadActivity, leadsync.Leads}
	cases := []crash{
		{name: "SQLite", form: f, way: overSOAP, nature: nature{rough: true}, moves: true, streams: all, roles: []string{"run"}, lease: 5 * time.Second},
		{name: "PostgreSQL", form: f, way: overSOAP, nature: nature{offsets: true, overlaps: true}, streams: all, roles: []string{"run", "work", "work"}, lease: 3 * time.Second},
		{name: "files", form: f, way: overSOAP, nature: nature{offsets: true, overlaps: true}, moves: true, streams: all, roles: []string{"run"}, lease: 5 * time.Second},
		{name: "SQLite, REST", form: restForm(), way: overREST, nature: nature{rough: true, rest: true}, streams: all[:1], roles: []string{"run"}, lease: 3 * time.Second},
		{name: "SQLite, REST, bulk", form: bulkForm(), way: byBulk, nature: nature{rough: true, rest: true, bulk: true}, streams: all[:1], roles: []string{"run"}, lease: 3 * time.Second},
		{name: "SQLite, to REST", form: restForm(), way: overREST, nature: nature{rough: true, rest: true}, moves: true, streams: all[:1], roles: []string{"run"}, lease: 3 * time.Second},
	}
	if !*full { // "SQLite, to REST" has all that "SQLite, REST" has, and the move
		cases = slices.DeleteFunc(cases, func(c crash) bool { return c.name == "SQLite, REST" })
	}
	lines := make([]string, len(cases))
	t.Cleanup(func() { t.Logf("\n%s\n%s\n%s", header, strings.Map(dashes, header), strings.Join(lines, "\n")) })
	for i := range cases {
		t.Run(cases[i].name, func(t *testing.T) {
			besides(t)
			c := cases[i]
			c.TB, c.seed = t, s+uint64(i) //nolint:gosec // a few cases
			switch c.name {
			case "PostgreSQL":
				c.target = pgtest.Database(t)
			case "files":
				c.target = filepath.Join(t.TempDir(), "copy.files")
			default:
				c.target = filepath.Join(t.TempDir(), "copy.db")
			}
			lines[i] = c.test()
		})
	}
}

// besides lets other tests go on at the same time; in the long form nothing disturbs.
func besides(t *testing.T) {
	t.Helper()
	if !*full {
		t.Parallel()
	}
}

const header = "| database           | workers | rows   | late | kills | after start / page / commit | at answers   | runs | calls | in any window | at once | duration | equal |"

func dashes(r rune) rune {
	if r == '|' {
		return r
	}
	return '-'
}

// crash is the test of one kind of copy.
type crash struct {
	testing.TB
	form
	name    string
	way     string // to the service
	nature  nature
	moves   bool // from version 2_7, over SOAP, to the newest one or to the REST API, when half of the kills have happened
	streams []leadsync.StreamName
	seed    uint64
	target  string
	roles   []string
	lease   time.Duration
	source  *source
	killer  *killer
}

func (c *crash) test() string {
	c.source = newSource(c, c.nature, c.seed, c.rows, c.page, c.serverLimits(), c.slow)
	begin := time.Now()
	c.copy()
	took := time.Since(begin)
	calls, window, once := c.checkCalls()
	if c.nature.bulk {
		c.source.bulk.check(c)
		c.Logf("killed after: %v", c.killer.kills)
	}

	ctx := c.Context()
	store, err := open(ctx, c.target)
	if err != nil {
		c.Fatal(err)
	}
	defer store.Close()
	rows := c.compare(ctx, store)
	if slices.Contains(c.streams, leadsync.Leads) {
		c.compareLeads(ctx, store)
	}
	late := c.checkStatus(ctx, store, len(rows))
	c.checkAgain(ctx, store)
	c.checkAnew(ctx, rows)
	return fmt.Sprintf("| %-18s | %7d | %6d | %4d | %5d | %27s | %12s | %4d | %5d | %13s | %7s | %8s | %5s |",
		c.name, len(c.roles), len(rows), late, c.form.kills,
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
			Way: c.way, URL: c.source.url, Target: c.target, Streams: c.copied(),
			Limits: c.limits, Concurrency: c.limits.Concurrent, Lease: c.lease,
		},
	}
	if c.nature.bulk {
		c.killer.aims = []string{lineCommit, lineCreate, lineEnqueue, lineWait, lineFile, linePage}
	}
	if c.moves {
		c.killer.job.Way, c.killer.job.URL = overSOAP, c.source.old
		c.killer.halfway = func() { c.killer.move(c.way, c.source.url) }
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
func (c *crash) checkStatus(ctx context.Context, store store.Store, rows int) (late int64) {
	c.Helper()
	status, err := store.Status(ctx)
	if err != nil {
		c.Fatal(err)
	}
	var inserted int64
	for _, s := range status.Streams {
		if s.Pending+s.Failed > 0 || s.Problem != "" {
			c.Errorf("windows are left: %+v", s)
		}
		if s.Name != leadsync.Leads {
			inserted += s.Counts.Inserted
			late += s.Counts.Late
		}
	}
	if status.Activities != int64(rows) || inserted != int64(rows) {
		c.Errorf("status has %d rows and %d inserted, the copy %d", status.Activities, inserted, rows)
	}
	if _, born := c.source.age(); late > int64(born) {
		c.Errorf("%d rows were late, but only %d came later", late, born)
	}
	return late
}

// checkAgain runs once more: nothing may be written.
func (c *crash) checkAgain(ctx context.Context, store store.Store) {
	c.Helper()
	before := versions(ctx, c, store)
	report, err := leadsync.Run(ctx, &leadsync.Config{
		Port: c.source.port, Store: store, Streams: c.copied(), Extracts: c.source.bulk.source, ExtractInterval: time.Second,
	})
	if err != nil {
		c.Fatal(err)
	}
	for i, r := range report.Runs {
		if n := r.Counts; n.Inserted+n.Updated > 0 || n.Seen == 0 {
			c.Errorf("a second run of %s has counted %+v; want some seen and none written", report.Runs[i].Stream, n)
		}
	}
	if after := versions(ctx, c, store); after != before {
		c.Errorf("a second run has changed the table from %s to %s", before, after)
	}
}

// checkAnew copies everything again, by pages, into a new file.
func (c *crash) checkAnew(ctx context.Context, want []store.ActivityRow) {
	c.Helper()
	store, err := sqlstore.Open(ctx, filepath.Join(c.TempDir(), "again.db"))
	if err != nil {
		c.Fatal(err)
	}
	defer store.Close()
	stream := c.copied()[0]
	stream.Source = leadsync.Pages
	if _, err := leadsync.Run(ctx, &leadsync.Config{Port: c.source.port, Store: store, Streams: []leadsync.Stream{stream}}); err != nil {
		c.Fatal(err)
	}
	again, err := copied(ctx, store)
	if err != nil {
		c.Fatal(err)
	}
	if diff := difference(c.comparable(again), want); diff != "" {
		c.Error(diff)
	}
}

// copied are the streams of the copy. The histories are of leads that are not merged: what was read of a lead before it is merged
// and is committed after the other stream has seen the merge stays as a second row, until sync verify --repair removes it.
func (c *crash) copied() []leadsync.Stream {
	var keys []string
	for i := range 20 {
		keys = append(keys, operations.LeadID(int64(1+i)).String())
	}
	since, by := c.source.since, leadsync.Pages
	if c.nature.bulk {
		by = leadsync.Bulk
	}
	all := []leadsync.Stream{
		{Name: leadsync.Activities, Source: by, Since: since, Window: c.window},
		{Name: leadsync.LeadActivity, Since: since, LeadKeys: keys},
		{Name: leadsync.Leads, Since: since, Window: 29 * 24 * time.Hour}, // each has most of the leads
	}
	return slices.DeleteFunc(all, func(s leadsync.Stream) bool { return !slices.Contains(c.streams, s.Name) })
}

// compare fails the test unless the store has the activities of the source, and returns them.
func (c *crash) compare(ctx context.Context, store store.Store) []store.ActivityRow {
	c.Helper()
	want, err := c.source.truth(ctx)
	if err != nil {
		c.Fatal(err)
	}
	got, err := copied(ctx, store)
	if err != nil {
		c.Fatal(err)
	}
	if c.nature.rest {
		c.compareEssence(ctx, got)
	}
	got = c.comparable(got)
	if diff := difference(got, c.comparable(want)); diff != "" {
		c.Error(diff)
	}
	return got
}

// comparable takes away what a copy need not have: what only getLeadActivity tells; after a move from version 2_7 the GUIDs
// of what was not read again; the name of the lead, which the REST API shows in merges as it is now; and the ids, which files do not
// have beside GUIDs.
func (c *crash) comparable(rows []store.ActivityRow) []store.ActivityRow {
	if c.nature.rest && c.moves { // and the APIs show ids, assets and attributes in their own way
		return essence(rows)
	}
	for i := range rows {
		a := rows[i].Activity
		a.PersonName, a.ForeignSysID, a.OrgName, a.ForeignSysOrgID = "", "", "", ""
		if c.moves {
			a.GUID = ""
		}
		if a.Is(operations.ActivityMergeLeads) && c.nature.rest {
			a.AssetName = ""
		}
		if c.nature.bulk {
			a.ID, a.HasID = 0, false
		}
		rows[i] = store.NewActivityRow(a, 0)
	}
	return rows
}

// compareLeads fails the test unless the store has the leads of the source.
func (c *crash) compareLeads(ctx context.Context, store store.Store) {
	c.Helper()
	want, err := c.source.truthOfLeads(ctx)
	if err != nil {
		c.Fatal(err)
	}
	all := len(want)
	for row, err := range store.Leads(ctx) {
		if err != nil {
			c.Fatal(err)
		}
		switch digest, ok := want[row.ID]; {
		case !ok && !gone(&row):
			c.Errorf("the copy has the lead %d, which the source has not, and does not say that it is gone", row.ID)
		case ok && gone(&row):
			c.Errorf("the copy says that the lead %d is gone; the source has it", row.ID)
		case ok && digest != row.Digest:
			c.Errorf("lead %d says %+v, which is not what the source has", row.ID, row.Lead)
		}
		delete(want, row.ID)
	}
	if len(want) > 0 {
		c.Errorf("%d of %d leads are missing in the copy, such as %v", len(want), all, slices.Sorted(maps.Keys(want))[:min(shown, len(want))])
	}
}
