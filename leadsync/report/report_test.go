package report_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/report"
	"github.com/mktows/mktows-go/leadsync/store"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// small fills a copy with a few rows of all kinds.
func small(t testing.TB, db *sql.DB) {
	t.Helper()
	stream(t, db, "activities", 3, 1, "getLeadChanges: 20011: internal error; the service has to be asked again")
	stream(t, db, "leads", 1, 0, "")
	execute(t, db, `INSERT INTO leads (id, email, foreign_sys_person_id, foreign_sys_type, attributes, run, digest) VALUES (7, 'lead@example.com', '', '', '{}', 1, 'd'), (8, 'other@example.com', '', '', '{}', 1, 'd')`)
	fillList(t, db,
		activity{lead: 7, local: "2026-02-27T23:30:00-06:00", typ: "New Lead"},
		activity{lead: 7, local: "2026-03-08T01:59:59-06:00", typ: "Visit Webpage", asset: "Home", attributes: `{"Webpage URL":"https://www.example.com/?a=1&b=2","Lead ID":"7"}`},
		activity{lead: 7, local: "2026-03-08T03:00:00-05:00", typ: "Visit Webpage", asset: "Pricing", campaign: "Nurture", attributes: `{"Step":["one","two"],"Score":"12"}`},
		activity{lead: 8, local: "2026-03-08T03:00:01-05:00", typ: "Open Email", asset: "Welcome", late: true, run: 2},
		activity{lead: 9, local: "2026-04-30T12:40:00-05:00", typ: "Visit Webpage", asset: "Home", late: true, run: 2},
		activity{lead: 7, local: "2026-04-30T12:59:59-05:00", typ: "Change Score"},
	)
}

func page(t testing.TB, src report.Source, o *report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(t.Context(), &b, src, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// text is what a page shows, without markup, style and script, in one line.
func text(page string) string {
	page = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(html.UnescapeString(page)), " ")
}

func wantText(t *testing.T, page string, want ...string) {
	t.Helper()
	shown := text(page)
	for _, w := range want {
		if !strings.Contains(shown, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
}

func TestWrite_golden(t *testing.T) {
	t.Parallel()
	db, path := newCopy(t)
	small(t, db)
	got := page(t, open(t, path), &report.Options{Title: "A small copy", Now: made})
	if again := page(t, open(t, path), &report.Options{Title: "A small copy", Now: made}); again != got {
		t.Error("drawn again, the page differs")
	}
	golden := filepath.Join("testdata", "small.html")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("-want +got (run with -update to accept):\n%s", diff)
	}
}

func TestWrite_postgreSQLGivesTheSamePage(t *testing.T) {
	t.Parallel()
	pg, url := newPostgresCopy(t)
	lite, path := newCopy(t)
	for _, db := range []*sql.DB{pg, lite} {
		small(t, db)
		fill(t, db, madeUp(1000, 40, 200))
	}
	for name, o := range map[string]*report.Options{
		"local": {Title: "Copy", Now: made},
		"zone":  {Title: "Copy", Now: made, Location: time.FixedZone("UTC+05:45", 5*3600+45*60), Lead: 8},
	} {
		fromPG, fromLite := open(t, url), open(t, path)
		want := strings.ReplaceAll(page(t, fromLite, o), fromLite.Name(), "NAME")
		got := strings.ReplaceAll(page(t, fromPG, o), fromPG.Name(), "NAME")
		// A jsonb object has its own order of names.
		details := regexp.MustCompile(`(?s)<dl><dt>.*?</dl>`)
		want, got = details.ReplaceAllString(want, ""), details.ReplaceAllString(got, "")
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s: -SQLite +PostgreSQL:\n%s", name, diff)
		}
	}
}

func TestWrite_zone(t *testing.T) {
	t.Parallel()
	db, path := newCopy(t)
	fillList(t, db,
		activity{lead: 7, local: "2026-03-07T23:50:00-06:00", typ: "Visit Webpage"},
		activity{lead: 7, local: "2026-03-07T23:10:00-06:00", typ: "Visit Webpage"})
	d := open(t, path)
	wantText(t, page(t, d, nil), "Most happened on Saturdays from 23:00 to 23:59: 2 activities", "Saturday 7 March 2026 UTC−06:00", "23:50:00")
	zone := time.FixedZone("Somewhere", 6*3600+30*60) // 12:20 and 11:40 there
	wantText(t, page(t, d, &report.Options{Location: zone}), "All times are those of Somewhere.",
		"Most happened on Sundays from 11:00 to 11:59: 1 activity", "Sunday 8 March 2026 UTC+06:30", "12:20:00")
}

func TestWrite_units(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, caption, bar string }{
		{"2026-04-30T00:00:00-05:00", "Activities per day", "Thu 30 Apr 2026: 2"},
		{"2026-01-01T00:00:00-06:00", "Activities per day", "Thu 1 Jan 2026: 1"},
		{"2025-01-01T00:00:00-06:00", "Activities per week", "30 Dec 2024 – 5 Jan 2025: 1"},
		{"2020-01-01T00:00:00-06:00", "Activities per month", "January 2020: 1"},
		{"1970-01-01T00:00:00Z", "Activities per year", "1970: 1"},
		{"0001-01-01T00:00:00Z", "Activities per century", "2000 – 2099: 1"},
	} {
		db, path := newCopy(t)
		fillList(t, db, activity{lead: 1, local: c.first, typ: "New Lead"}, activity{lead: 1, local: "2026-04-30T12:00:00-05:00", typ: "New Lead"})
		got := page(t, open(t, path), nil)
		wantText(t, got, c.caption, c.bar)
		if bars := strings.Count(got, `<rect class="s0" x=`); bars > 120+2 {
			t.Errorf("%s: %d bars", c.first, bars)
		}
	}
}

func TestWrite_empty(t *testing.T) {
	t.Parallel()
	db, path := newCopy(t)
	d := open(t, path)
	got := page(t, d, &report.Options{Now: made})
	d.Close() // who reads without a log keeps writers out
	wantText(t, got, "This copy holds no activities yet.", "How to begin", "mktows sync run", "Nothing has been copied yet.", "Complete up to nothing yet")
	if strings.Contains(got, "<script>") || strings.Contains(got, `id="timeline"`) {
		t.Error("an empty page has a timeline")
	}
	stream(t, db, "activities", 1, 1, "getLeadChanges: 20014: authentication failed")
	wantText(t, page(t, open(t, path), &report.Options{Now: made}),
		"This copy holds no activities yet.", "1 window has failed", "authentication failed")
}

func TestWrite_lead(t *testing.T) {
	t.Parallel()
	db, path := newCopy(t)
	small(t, db)
	d := open(t, path)
	first := regexp.MustCompile(`<article class="timeline" id="lead-(\d+)"`)
	if m := first.FindStringSubmatch(page(t, d, nil)); m == nil || m[1] != "7" {
		t.Errorf("the first timeline is %v, not that of the most active lead", m)
	}
	if m := first.FindStringSubmatch(page(t, d, &report.Options{Lead: 8})); m == nil || m[1] != "8" {
		t.Errorf("the first timeline is %v, not that of the chosen lead", m)
	}
	wantText(t, page(t, d, &report.Options{MaxTimeline: 2}), "The newest 2 of 4 activities")
	err := report.Write(t.Context(), io.Discard, d, &report.Options{Lead: 12345})
	if err == nil || !strings.Contains(err.Error(), "lead 12345 has no activities in leads.db") {
		t.Errorf("error %v", err)
	}
}

// TestWrite_hostile puts markup and more into every text of a copy.
func TestWrite_hostile(t *testing.T) {
	t.Parallel()
	const bad = `</script></style></title><script>alert(1)</script><img src=x onerror="alert(2)">'"` + "`{{.}}\x00\u202e\x1b[31m"
	db, path := newCopy(t)
	stream(t, db, "activities", 2, 1, bad)
	execute(t, db, `UPDATE sync_streams SET query = $1`, `{"types":["`+"</script><script>alert(3)</script>"+`"]}`)
	execute(t, db, `INSERT INTO leads (id, email, foreign_sys_person_id, foreign_sys_type, attributes, run, digest) VALUES (7, $1, '', '', '{}', 1, 'd')`, bad)
	links := []string{"javascript:alert(4)", "JaVaScRiPt:alert(5)", "data:text/html,<script>alert(6)</script>", " javascript:alert(7)",
		"vbscript:x", "//www.example.com", "https:javascript", "https://user:pass@www.example.com/", "https://www.example.com/\"onclick=\"x"}
	for i, link := range links {
		fillOne(t, db, i, activity{lead: 7, local: "2026-04-30T12:00:00-05:00", typ: bad, asset: bad, campaign: bad,
			attributes: mustJSON(t, map[string]any{bad: link, "many": []string{bad, link}})})
	}
	fillOne(t, db, 100, activity{lead: 7, local: "2026-04-30T12:00:00-05:00", typ: "x", attributes: `{"broken": </script>`})
	fillOne(t, db, 101, activity{lead: 7, local: "2026-04-30T12:00:00-05:00", typ: "x\xff\xfe", attributes: mustJSON(t, map[string]any{"long": strings.Repeat("é", 100_000)})})
	got := page(t, open(t, path), &report.Options{Title: bad, Now: made})

	if n := strings.Count(got, "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
	for _, tag := range []string{"<img", "</script></style>", "\x00", "\x1b", "{{."} {
		if strings.Contains(strings.ReplaceAll(got, "{{.}}", ""), tag) {
			t.Errorf("the page holds %q", tag)
		}
	}
	for _, m := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(got, -1) {
		if to := m[1]; !strings.HasPrefix(to, "#") && to != "data:," && !strings.HasPrefix(to, "https://www.example.com/") {
			t.Errorf("a link to %s", to)
		}
	}
	if !strings.Contains(got, "98,000 more characters") || len(got) > 400_000 {
		t.Errorf("a long text is not cut; the page has %d bytes", len(got))
	}
}

func TestWrite_noNetwork(t *testing.T) {
	t.Parallel()
	db, path := newCopy(t)
	small(t, db)
	got := page(t, open(t, path), nil)
	for _, loads := range []string{"@import", "url(", "src=", "fetch(", "XMLHttpRequest", "<iframe", "<link rel=\"stylesheet\""} {
		if strings.Contains(got, loads) {
			t.Errorf("the page holds %s", loads)
		}
	}
}

func TestWrite_brokenWriter(t *testing.T) {
	t.Parallel()
	db, path := newCopy(t)
	small(t, db)
	if err := report.Write(t.Context(), brokenWriter{}, open(t, path), nil); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d := open(t, path)
	cancel()
	if err := report.Write(ctx, io.Discard, d, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

var errBroken = errors.New("no space left")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

// TestWrite_memory draws 200,000 rows: what is held must not grow with them.
func TestWrite_memory(t *testing.T) { // not parallel: it measures the process
	if raceDetector {
		t.Skip("skipped: the race detector takes memory of its own")
	}
	if testing.Short() {
		t.Skip("it fills a copy with 200,000 rows")
	}
	db, path := newCopy(t)
	stream(t, db, "activities", 3, 0, "")
	fill(t, db, madeUp(200_000, 20_000, 700))
	src := &measured{Source: open(t, path), before: heap()}
	w := writerFunc(func(p []byte) (int, error) {
		if !src.written { // everything has been read, and nothing written
			src.measure()
		}
		src.written = true
		return len(p), nil
	})
	if err := report.Write(t.Context(), w, src, &report.Options{Now: made}); err != nil {
		t.Fatal(err)
	}
	if src.rows != 200_000 || src.most > 16<<20 {
		t.Errorf("%d kB are held with %d rows", src.most>>10, src.rows)
	}
	t.Logf("at most %d kB are held", src.most>>10)
}

// measured is a source that looks at the heap while it is read.
type measured struct {
	report.Source
	before, most uint64
	rows         int
	written      bool
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (m *measured) measure() {
	now := heap()
	m.most = max(m.most, now-min(now, m.before))
}

func (m *measured) Groups(ctx context.Context, quarters bool) iter.Seq2[report.Group, error] {
	return func(yield func(report.Group, error) bool) {
		for g, err := range m.Source.Groups(ctx, quarters) {
			if m.rows++; m.rows%20_000 == 0 {
				m.measure()
			}
			if !yield(g, err) {
				return
			}
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestOpen_errors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	notes, other := filepath.Join(dir, "notes.txt"), filepath.Join(dir, "other.db")
	if err := os.WriteFile(notes, []byte(strings.Repeat("these are notes, no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", other)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, db, `CREATE TABLE activities (x)`)
	db.Close()
	newer, newerPath := newCopy(t)
	execute(t, newer, `CREATE TABLE sync_schema (version integer)`)
	execute(t, newer, `INSERT INTO sync_schema VALUES (1), (99)`)
	for _, c := range []struct {
		target string
		is     error
		says   string
	}{
		{filepath.Join(dir, "none.db"), fs.ErrNotExist, "there is no copy"},
		{dir, nil, "is a folder"},
		{notes, nil, "not a database"},
		{other, store.ErrNotCopy, "other.db"},
		{newerPath, store.ErrNewer, "version 99"},
		{"postgres://example_user:hunter2@%zz", nil, "it has the form postgres://"},
		{"postgres://example_user:hunter2@127.0.0.1:1/leads?sslmode=disable", nil, "leads on 127.0.0.1"},
		{"postgres://127.0.0.1:1/leads?user=example_user&password=hunter2&sslmode=disable", nil, "leads on 127.0.0.1"},
	} {
		d, err := report.Open(t.Context(), c.target)
		if err == nil {
			d.Close()
			t.Errorf("%s was opened", c.target)
			continue
		}
		if c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.target, err)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); err == nil {
		t.Error("a file was made")
	}
}

// TestOpen_readOnly draws a copy while it is open elsewhere with a log, and from a folder that
// cannot be written, with a name that is special in a URL.
func TestOpen_readOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a?b#c%20 d.db")
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("?", "%3F", "#", "%23", "%", "%25", " ", "%20").Replace(path)+"?_pragma=journal_mode(wal)")
	if err != nil {
		t.Fatal(err)
	}
	migrate(t, db, "sqlite")
	small(t, db)
	d := open(t, path)
	fillOne(t, db, 200, activity{lead: 7, local: "2026-04-30T13:00:00-05:00", typ: "New Lead"})
	wantText(t, page(t, d, nil), "6 activities of 3 leads")
	d.Close()
	wantText(t, page(t, open(t, path), nil), "7 activities of 3 leads")
	db.Close()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	wantText(t, page(t, open(t, path), nil), "7 activities of 3 leads")
}

// unreadable inserts a record that could not be read.
func unreadable(t testing.TB, db *sql.DB, key, problem, record string) {
	t.Helper()
	execute(t, db, `INSERT INTO sync_problems (key, stream, run, window_id, found_at, problem, guid, record)
		VALUES ($1, 'activities', 1, 1, '2026-04-30T18:00:00Z', $2, '', $3)`, key, problem, record)
}

// TestWrite_goneAndUnreadable: the page tells of leads that are gone, and shows what could not be read.
func TestWrite_goneAndUnreadable(t *testing.T) {
	t.Parallel()
	pg, url := newPostgresCopy(t)
	lite, path := newCopy(t)
	for target, db := range map[string]*sql.DB{url: pg, path: lite} {
		stream(t, db, "activities", 2, 0, "")
		fillList(t, db, activity{lead: 7, local: "2026-02-27T23:30:00-06:00", typ: "New Lead"})
		d := open(t, target)
		wantText(t, page(t, d, nil), "All windows are copied.")
		d.Close() // who reads without a log keeps writers out
		execute(t, db, `INSERT INTO leads (id, email, foreign_sys_person_id, foreign_sys_type, attributes, run, digest, gone_at)
			VALUES (7, '', '', '', '{}', 1, 'd', NULL), (8, '', '', '', '{}', 1, 'd', '2026-04-30T18:00:00Z')`)
		execute(t, db, `UPDATE sync_windows SET gone = 1, problems = 30 WHERE run = 1`)
		for i := range 30 {
			unreadable(t, db, fmt.Sprintf("k%02d", i), `mktPersonId is "</script><b>"`, `{"n":"`+fmt.Sprint(i)+`","x":"`+strings.Repeat("<u>", 1000)+`"}`)
		}
		got := page(t, open(t, target), nil)
		wantText(t, got, "2 leads are stored, 1 of them gone from the service", "All windows are copied, but for 30 records that could not be read.",
			"Unreadable records 30 records of the service could not be read.", `mktPersonId is "</script><b>"`, "leads found gone 1", "unreadable now 30", "10 older ones are left out")
		if strings.Contains(got, "<u>") || len(got) > 400_000 || strings.Count(got, "mktPersonId") != 20 {
			t.Errorf("the page has %d bytes, %d records", len(got), strings.Count(got, "mktPersonId"))
		}
	}
}

// TestDatabase_brokenOff: who stops reading in the middle of a result can go on with another.
func TestDatabase_brokenOff(t *testing.T) {
	t.Parallel()
	pg, url := newPostgresCopy(t)
	lite, path := newCopy(t)
	for target, db := range map[string]*sql.DB{url: pg, path: lite} {
		small(t, db)
		d := open(t, target)
		for _, err := range d.Groups(t.Context(), false) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		if totals, err := d.Totals(t.Context()); err != nil || totals.Activities != 6 {
			t.Errorf("%s: %+v, %v", d.Name(), totals, err)
		}
	}
}

// TestWrite_version1: a copy of the older schema is shown, though it cannot be upgraded here.
func TestWrite_version1(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leads.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	migrateWith(t, db, filepath.Join("..", "internal", "sqlcore", "migrations", "sqlite", "0001.sql"))
	small(t, db)
	wantText(t, page(t, open(t, path), nil), "6 activities of 3 leads", "2 leads are stored", "1 window has failed")
}

func TestSchema_isTheNewest(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "internal", "sqlcore", "migrations", "sqlite", "*.sql"))
	if err != nil || len(files) != report.Schema {
		t.Errorf("there are %d migrations, the page reads version %d (%v)", len(files), report.Schema, err)
	}
}
