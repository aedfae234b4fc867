package sync

import (
	"flag"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

// film plays a sync with two streams: each step is some seconds later than the one before.
func film() []func(p progress) {
	day := time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC)
	activities := func(done, failed int, seen, calls int64, left int) leadsync.Progress {
		return leadsync.Progress{
			Stream: leadsync.Activities, Run: 1, Upper: day, Windows: 40, Done: done, Failed: failed,
			Counts: store.Counts{Seen: seen, Calls: calls, Inserted: seen}, CallsLeft: left, QuotaLeft: 9000,
		}
	}
	leads := leadsync.Progress{Stream: leadsync.Leads, Run: 2, Upper: day, Windows: 2, CallsLeft: -1, QuotaLeft: 9000}
	waiting := activities(21, 0, 130_000, 140, 130)
	waiting.Waiting, waiting.WaitUntil = "the reset of the day's quota", day.Add(30*time.Hour)
	ended := leads
	ended.Done, ended.Finished, ended.CallsLeft, ended.Counts = 2, true, 0, store.Counts{Seen: 1200, Inserted: 1199, Updated: 1, Late: 3, Calls: 14}
	again := ended
	again.Waiting, again.WaitUntil = "the next round", day.Add(15*time.Minute)
	return []func(progress){
		func(p progress) { p.update(activities(0, 0, 0, 0, -1)) },
		func(p progress) { p.update(activities(10, 0, 60_000, 70, 210)) },
		func(p progress) { p.update(leads) },
		func(p progress) { p.update(activities(20, 0, 120_000, 130, 140)) },
		func(progress) {},
		func(p progress) { p.update(waiting) },
		func(p progress) { p.update(ended) },
		func(p progress) { p.update(again) },
		func(p progress) { p.update(activities(39, 1, 240_000, 270, 0)) },
	}
}

// clockOf is a clock that a test moves.
type clockOf struct{ at time.Time }

func (c *clockOf) now() time.Time { return c.at }

func newClock() *clockOf { return &clockOf{time.Date(2026, 3, 8, 9, 0, 0, 0, time.UTC)} }

// TestBars compares what is drawn, escape by escape, with testdata/bars.golden.
func TestBars(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, width := range []int{100, 70, 24, 3} {
		var out strings.Builder
		clock := newClock()
		b := newBars(&out, func() int { return width }, clock.now)
		for i, step := range film() {
			clock.at = clock.at.Add(2 * time.Second)
			step(b)
			if i == 2 {
				if _, err := io.WriteString(b, "mktows: a message\n"); err != nil {
					t.Fatal(err)
				}
			}
			b.tick()
		}
		for line := range strings.Lines(out.String()) {
			if text := escapes.Replace(strings.TrimSuffix(line, "\n")); output.TextWidth(text) >= width && !strings.HasPrefix(text, "mktows:") {
				t.Errorf("%q has %d columns, and the terminal %d", text, output.TextWidth(text), width)
			}
		}
		all.WriteString("-- " + strings.Repeat("=", width) + "\n" + strings.ReplaceAll(out.String(), "\x1b", "ESC"))
	}
	compareGolden(t, "testdata/bars.golden", all.String())
}

var escapes = strings.NewReplacer("\x1b[1A", "", "\x1b[2A", "", "\r\x1b[J", "")

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not\n%s", file, got)
	}
}

// TestBars_narrower: a terminal that has become narrower has wrapped the lines, and all
// their rows are drawn over.
func TestBars_narrower(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	width := 80
	clock := newClock()
	b := newBars(&out, func() int { return width }, clock.now)
	film()[1](b)
	b.tick()
	drawn := b.drawn[0]
	out.Reset()
	width = drawn - 1
	b.tick()
	if !strings.HasPrefix(out.String(), "\x1b[2A\r\x1b[J") {
		t.Errorf("a line of %d columns on %d: %q", drawn, width, out.String())
	}
}

// TestLines: a line now and then, and one at once where something happens.
func TestLines(t *testing.T) {
	t.Parallel()
	var got []string
	clock := newClock()
	l := newLines(clock.now, func(s *streamProgress, now time.Time) {
		got = append(got, string(s.Stream)+": "+strings.Join(s.parts(now), ", "))
	})
	for _, step := range film() {
		clock.at = clock.at.Add(2 * time.Second)
		step(l)
	}
	l.tick()
	l.tick() // nothing has changed
	want := []string{
		"activities: waiting until 2026-03-09 06:00:00 UTC (20h59m) for the reset of the day's quota, 130,000 rows",
		"leads: complete up to 2026-03-08 00:00:00 UTC, 1,200 rows, 1,199 new, 1 changed, 3 late, 14 calls",
		"leads: the next round at 2026-03-08 00:15:00 UTC, 1,200 rows, 1,199 new, 1 changed, 3 late, 14 calls",
		"activities: 240,000 rows, 15,000 rows/s, 0 calls left, 1 window failed",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// TestSpeed: speeds are those of the last 20 seconds, and a new run begins anew.
func TestSpeed(t *testing.T) {
	t.Parallel()
	clock := newClock()
	l := newLines(clock.now, func(*streamProgress, time.Time) {})
	tell := func(run, seen, calls int64, left int) *streamProgress {
		l.update(leadsync.Progress{Stream: leadsync.Activities, Run: run, Windows: 9, CallsLeft: left, Counts: store.Counts{Seen: seen, Calls: calls}})
		clock.at = clock.at.Add(time.Second)
		return l.streams[0]
	}
	var s *streamProgress
	for i := range int64(60) { // fast at first, then slow
		s = tell(1, 100_000+i*10, 100+i, 40)
	}
	rows, left, ok := s.speed(clock.at)
	if !ok || rows < 9 || rows > 10 || left < 40*time.Second || left > 44*time.Second {
		t.Errorf("%.1f rows/s, %s left", rows, left)
	}
	s = tell(2, 0, 0, -1)
	if rows, _, _ := s.speed(clock.at); rows != 0 || len(s.samples) != 1 {
		t.Errorf("%.1f rows/s in a new run", rows)
	}
}

// TestRates_unknown: nothing is divided by zero where nothing is known yet.
func TestRates_unknown(t *testing.T) {
	t.Parallel()
	now := newClock().at
	for _, p := range []leadsync.Progress{{}, {Run: 1}, {Run: 1, CallsLeft: -1}, {Run: 1, Finished: true}} {
		s := &streamProgress{Progress: p}
		if _, _, ok := s.speed(now); ok || s.share() < 0 || s.share() > 1 || len(s.parts(now)) == 0 {
			t.Errorf("%+v", p)
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	tests := []struct{ got, want string }{
		{output.Grouped(0), "0"}, {output.Grouped(999), "999"}, {output.Grouped(1000), "1,000"}, {output.Grouped(int64(-1234567)), "-1,234,567"},
		{output.About(-time.Second), "0s"}, {output.About(400 * time.Millisecond), "0s"}, {output.About(59 * time.Second), "59s"},
		{output.About(61 * time.Second), "1m1s"}, {output.About(3*time.Hour + 5*time.Minute), "3h5m"}, {output.About(49 * time.Hour), "2d1h"},
		{output.Plural(1, "row"), "1 row"}, {output.Plural(0, "row"), "0 rows"}, {output.Plural(2, "activity", "activities"), "2 activities"},
		{output.Utc(time.Time{}), "-"}, {output.Utc(time.Date(2026, 3, 8, 1, 0, 0, 0, time.FixedZone("", -6*3600))), "2026-03-08 07:00:00"},
		{percent(0.999), "99%"}, {percent(1), "100%"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

// TestCommandLine: what is printed can be typed, and tells no password.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"sync", "run", "--to", "leads.db"}, "mktows sync run --to leads.db"},
		{[]string{"sync", "run", "--lookback-type", "Send Email=24h"}, "mktows sync run --lookback-type 'Send Email=24h'"},
		{[]string{"sync", "run", "--to", "it's here.db"}, `mktows sync run --to 'it'\''s here.db'`},
		{[]string{"--to", "postgres://example_user:hidden@db.example.com/leads"}, "mktows --to postgres://example_user@db.example.com/leads"},
		{[]string{"--to=postgres://example_user:hidden@h/leads?password=hidden&sslmode=require"}, "mktows '--to=postgres://example_user@h/leads?sslmode=require'"},
		{[]string{"--to", "postgres://example_user:hid%zzden@h/leads"}, "mktows --to 'postgres://…'"},
		{[]string{"--to", "postgres://example_user:hid@den@h/leads"}, "mktows --to postgres://example_user@h/leads"},
		{[]string{"--to", "PostgreSQL://example_user:hidden@h/leads"}, "mktows --to postgresql://example_user@h/leads"},
		{[]string{"--endpoint", "https://h/soap/mktows/2_7?b=1&a=2"}, "mktows --endpoint 'https://h/soap/mktows/2_7?b=1&a=2'"},
	}
	for _, test := range tests {
		if got := commandLine(test.args); got != test.want || strings.Contains(got, "hid") {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}
