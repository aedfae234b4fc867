package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// wantAll compares what f makes of each input.
func wantAll[In comparable](t *testing.T, f func(In) string, cases map[In]string) {
	t.Helper()
	for in, want := range cases {
		if got := f(in); got != want {
			t.Errorf("%v: %q, want %q", in, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	wantAll(t, number[int64], map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 999_999: "999,999", 1_234_567: "1,234,567", -1: "−1", -999: "−999", -1000: "−1,000",
	})
	wantAll(t, func(n int) string { return counted(n, "lead", "leads") }, map[int]string{
		0: "0 leads", 1: "1 lead", 2: "2 leads", 1234: "1,234 leads",
	})
}

func TestPercent(t *testing.T) {
	t.Parallel()
	type share struct{ part, whole int64 }
	wantAll(t, func(s share) string { return percent(s.part, s.whole) }, map[share]string{
		{0, 0}: "–", {0, 5}: "0.0 %", {5, 5}: "100.0 %", {1, 2}: "50.0 %", {2, 3}: "66.7 %",
		{1, 1001}: "< 0.1 %", {1, 1000}: "0.1 %", {998, 1000}: "99.8 %", {1000, 1001}: "> 99.9 %",
	})
}

func TestShare(t *testing.T) {
	t.Parallel()
	wantAll(t, func(parts [2]float64) string { return share(parts[0], parts[1]) }, map[[2]float64]string{
		{1, 0}: "0", {0, 7}: "0", {1, 3}: "33.33", {1, 8}: "12.5", {7, 7}: "100", {1, 100_000}: "0",
	})
}

func TestZoneText(t *testing.T) {
	t.Parallel()
	wantAll(t, zoneText, map[int]string{
		0: "UTC", 3600: "UTC+01:00", -21600: "UTC−06:00", 20700: "UTC+05:45", -12600: "UTC−03:30", 1800: "UTC+00:30", -1800: "UTC−00:30",
	})
}

func TestTimeText(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 7, 4, 5, 6, 0, time.FixedZone("", -6*3600))
	wantAll(t, dateText, map[time.Time]string{{}: "–", at: "7 Mar 2026"})
	wantAll(t, timeText, map[time.Time]string{{}: "–", at: "7 Mar 2026, 04:05"})
}

func TestDurationText(t *testing.T) {
	t.Parallel()
	wantAll(t, durationText, map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 40 * time.Millisecond: "0 s", 50 * time.Millisecond: "0.1 s",
		1240 * time.Millisecond: "1.2 s", 3 * time.Second: "3 s", 9999 * time.Millisecond: "10 s",
		10_400 * time.Millisecond: "10 s", 59 * time.Second: "59 s", 59_600 * time.Millisecond: "1 min",
		time.Minute: "1 min", 61 * time.Second: "1 min 1 s", 119 * time.Second: "1 min 59 s",
		time.Hour: "1 h", time.Hour + 59*time.Second: "1 h", time.Hour + time.Minute: "1 h 1 min",
		24 * time.Hour: "1 d", 24*time.Hour + 59*time.Minute: "1 d", 25 * time.Hour: "1 d 1 h", 49 * time.Hour: "2 d 1 h",
	})
}

func TestClean(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", maxText)
	wantAll(t, clean, map[string]string{
		"": "", "a\tb\nc": "a\tb\nc", "a\x00\x1b\u0085b": "a\uFFFD\uFFFD\uFFFDb", "a\xff\xfeb": "a\uFFFDb",
		long: long, long + "x": long + " … (1 more characters)", long + strings.Repeat("x", 1234): long + " … (1,234 more characters)",
	})
	record := strings.Repeat("é", maxRecord)
	wantAll(t, shorten, map[string]string{record: record, record + "x": record + "…"})
}

func TestLink(t *testing.T) {
	t.Parallel()
	longest := "https://www.example.com/" + strings.Repeat("x", maxText-len("https://www.example.com/"))
	wantAll(t, link, map[string]string{
		"http://www.example.com/a?b=c#d": "http://www.example.com/a?b=c#d", "HTTPS://www.example.com": "https://www.example.com",
		longest: longest, longest + "x": "",
		"": "", "www.example.com": "", "/a": "", "//www.example.com/": "", "https:///a": "", "ftp://www.example.com/": "",
		"javascript:alert(1)": "", "https://user@www.example.com/": "", "https://www.example.com/%zz": "",
	})
}

func TestTicks(t *testing.T) {
	t.Parallel()
	wantAll(t, func(n int64) string { return fmt.Sprint(ticks(n)) }, map[int64]string{
		0: "[0 1]", 1: "[0 1]", 6: "[0 1 2 3 4 5 6]", 7: "[0 2 4 6 8]", 12: "[0 2 4 6 8 10 12]", 13: "[0 5 10 15]", 31: "[0 10 20 30 40]", 61: "[0 20 40 60 80]",
	})
	for n := int64(1); n < 3000; n++ {
		axis := ticks(n)
		top := axis[len(axis)-1]
		if axis[0] != 0 || len(axis) > 7 || top < n || top-axis[1] >= n {
			t.Errorf("%d: %v", n, axis)
		}
	}
}

func TestLabelled(t *testing.T) {
	t.Parallel()
	wantAll(t, func(n int) string { return fmt.Sprint(labelled(n)) }, map[int]string{
		0: "[]", 1: "[0]", 2: "[0 1]", 5: "[0 1 2 3 4]", 6: "[0 2 4]", 7: "[0 2 4 6]", 50: "[0 10 20 30 40]", 120: "[0 24 48 72 96]",
	})
}

// TestBuckets_unit takes the shortest unit that makes few enough bars.
func TestBuckets_unit(t *testing.T) {
	t.Parallel()
	first := time.Date(2024, 1, 1, 23, 0, 0, 0, time.UTC) // a Monday
	for _, c := range []struct {
		last  time.Time
		unit  string
		bars  int
		first string
	}{
		{first, "day", 1, "Mon 1 Jan 2024"},
		{first.AddDate(0, 0, 119), "day", 120, "Mon 1 Jan 2024"},
		{first.AddDate(0, 0, 120), "week", 18, "1 Jan 2024 – 7 Jan 2024"},
		{first.AddDate(0, 0, 120*7-1), "week", 120, "1 Jan 2024 – 7 Jan 2024"},
		{first.AddDate(0, 0, 120*7), "month", 28, "January 2024"},
		{time.Date(2033, 12, 31, 0, 0, 0, 0, time.UTC), "month", 120, "January 2024"},
		{time.Date(2034, 1, 1, 0, 0, 0, 0, time.UTC), "year", 11, "2024"},
		{time.Date(2143, 12, 31, 0, 0, 0, 0, time.UTC), "year", 120, "2024"},
		{time.Date(2144, 1, 1, 0, 0, 0, 0, time.UTC), "decade", 13, "2020 – 2029"},
		{time.Date(3219, 1, 1, 0, 0, 0, 0, time.UTC), "decade", 120, "2020 – 2029"},
		{time.Date(3220, 1, 1, 0, 0, 0, 0, time.UTC), "century", 13, "2000 – 2099"},
	} {
		b := newBuckets(first, c.last)
		if b.name != c.unit || len(b.starts) != c.bars || b.text(0) != c.first {
			t.Errorf("up to %s: %d bars, one a %s, from %s; want %d, a %s, from %s", c.last, len(b.starts), b.name, b.text(0), c.bars, c.unit, c.first)
		}
	}
}

// TestBuckets_add counts what lies outside for the ends, and each day for its unit.
func TestBuckets_add(t *testing.T) {
	t.Parallel()
	b := newBuckets(time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC), time.Date(2024, 5, 5, 0, 0, 0, 0, time.UTC))
	for date, week := range map[string]int{
		"2023-12-01": 0, "2024-01-01": 0, "2024-01-07": 0, "2024-01-08": 1, "2024-01-14": 1, "2024-04-29": 17, "2024-05-05": 17, "2024-06-01": 17,
	} {
		at, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		before := b.counts[week]["t"]
		if b.add(at, "t", 2); b.counts[week]["t"] != before+2 {
			t.Errorf("%s does not count for week %d: %v", date, week, b.counts)
		}
	}
	new(buckets).add(time.Time{}, "t", 1) // nowhere to count it
}

func TestBuckets_labels(t *testing.T) {
	t.Parallel()
	for want, b := range map[string]*buckets{
		"30 Dec 2023|31 Dec |1 Jan 2024|2 Jan ":    newBuckets(time.Date(2023, 12, 30, 0, 0, 0, 0, time.UTC), time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)),
		"Nov 2020|Jul 2021|Mar 2022|Nov |Jul 2023": newBuckets(time.Date(2020, 11, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)),
		"2000 |2010 |2020 |2030 |2040 ":            newBuckets(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC)),
	} {
		var got []string
		for _, l := range b.labels() {
			got = append(got, l.Text+" "+l.Year)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q, want %q", strings.Join(got, "|"), want)
		}
	}
}

func TestHeatMap_levels(t *testing.T) {
	t.Parallel()
	c := &contents{}
	c.hours[6] = [24]int64{80, 79, 71, 61, 11, 10, 1, 0}
	c.hours[0][23] = 80
	h := c.heatMap()
	sunday := h.Days[6]
	var levels []int
	for _, cell := range sunday.Cells[:8] {
		levels = append(levels, cell.Level)
	}
	if want := []int{8, 8, 8, 7, 3, 3, 1, 0}; !slices.Equal(levels, want) {
		t.Errorf("levels %v, want %v", levels, want)
	}
	if sunday.Name != "Sunday" || sunday.Sum != "313" || h.Days[0].Name != "Monday" || h.Hours[0] != "80" || h.Hours[23] != "80" || h.Most != "80" || len(h.Steps) != 9 {
		t.Errorf("%+v", h)
	}
	if want := "Most happened on Mondays from 23:00 to 23:59: 80 activities."; h.Desc != want {
		t.Errorf("%s, want the first of equals: %s", h.Desc, want)
	}
}

func TestRunChart(t *testing.T) {
	t.Parallel()
	chart := newRunChart("id", "title", []runValue{{"a", 0, "none", true}, {"b", 10, "ten", false}, {"c", 5, "five", false}, {"d", 10, "ten again", false}, {"e", 0.001, "little", false}})
	var got []string
	for _, b := range chart.Bars {
		got = append(got, b.Title+" "+b.Rects[0].Class+" "+b.Rects[0].Y+" "+b.Rects[0].Height+" "+b.Rects[0].X)
	}
	want := []string{"a: none run open 54 2 0.75", "b: ten run 0 56 9.08", "c: five run 28 28 17.42", "d: ten again run 0 56 25.75", "e: little run 54 2 34.08"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if chart.Most != "ten" || chart.Desc != "Bars, one for each of 5 runs, oldest first. The highest is ten: b." {
		t.Errorf("%s: %s", chart.Most, chart.Desc)
	}
	if none := newRunChart("id", "title", nil); none.Desc != "" || none.Bars != nil {
		t.Errorf("without runs: %+v", none)
	}
}

func TestSlot(t *testing.T) {
	t.Parallel()
	for s, want := range map[slot][2]string{
		{0, 60}: {"0.15", "1.37"}, {59, 60}: {"98.48", "1.37"}, {0, 61}: {"0.08", "1.48"}, {1, 2}: {"54.5", "41"},
	} {
		if x, width := s.span(); x != want[0] || width != want[1] {
			t.Errorf("%+v: %s, %s; want %v", s, x, width, want)
		}
	}
}

// TestComplete tells up to when a stream is copied.
func TestComplete(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct{ since, unfinished, upper, want time.Time }{
		{day(1), time.Time{}, day(9), day(9)},
		{day(1), day(5), day(9), day(5)},
		{day(1), day(1), day(9), time.Time{}},
		{day(1), day(2), time.Time{}, day(2)},
		{day(1), time.Time{}, time.Time{}, time.Time{}},
	} {
		if got := complete(c.since, c.unfinished, c.upper); !got.Equal(c.want) {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestDelaysByClass(t *testing.T) {
	t.Parallel()
	c := &contents{delays: map[time.Duration]int64{
		0: 1, 15 * time.Minute: 2, 15*time.Minute + 1: 4, time.Hour: 8, 2 * time.Hour: 16, 6 * time.Hour: 32, 24 * time.Hour: 64, 25 * time.Hour: 128, 1000 * time.Hour: 256,
	}}
	if got, want := c.delaysByClass(), []int64{3, 12, 16, 32, 64, 128, 256}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestMainTypes(t *testing.T) {
	t.Parallel()
	types := []Group{{Type: "a", Count: 1000}, {Type: "b", Count: 3}, {Type: "c", Count: 2}, {Type: "d", Count: 1}, {Type: "e", Count: 1}}
	for n, want := range map[int]string{0: "", 1: "a 1,000", 3: "a 1,000, b 3, c 2", 4: "a 1,000, b 3, c 2, 1 other", 5: "a 1,000, b 3, c 2, 2 others"} {
		if got := mainTypes(types[:n]); got != want {
			t.Errorf("%d types: %q, want %q", n, got, want)
		}
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]*contents{
		"All times are UTC.":                {Options: &Options{}},
		"All times are those of Somewhere.": {Options: &Options{Location: time.FixedZone("Somewhere", 3600)}, offsets: []int{0}},
		"Activities bear the local time that the service gave them (UTC). All other times are at UTC.": {Options: &Options{}, offsets: []int{0}},
		"Activities bear the local time that the service gave them (UTC−01:00 and UTC and UTC+01:00 and UTC+02:00). All other times are at UTC.": {
			Options: &Options{}, offsets: []int{-3600, 0, 3600, 7200}},
		"Activities bear the local time that the service gave them (UTC−01:00 to UTC+03:00). All other times are at UTC.": {
			Options: &Options{}, offsets: []int{-3600, 0, 3600, 7200, 10800}},
	} {
		if got := c.zones(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 12, 14, 5, 0, 0, time.FixedZone("", -6*3600))
	for want, value := range map[string]any{
		"0001-01-01T00:00:00Z": nil, "2026-03-12T20:05:00Z": at, "2026-03-12T14:05:00-06:00": "2026-03-12T14:05:00-06:00", "2026-03-12T14:05:00-07:00": []byte("2026-03-12T14:05:00-07:00"),
	} {
		var got time.Time
		if err := (moment{&got}).Scan(value); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%v: %s, %v", value, got, err)
		}
	}
	for want, value := range map[string]any{"is a float64": 1.5, `"today" is not a time`: "today"} {
		if err := (moment{new(time.Time)}).Scan(value); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", value, err)
		}
	}
}

func TestTypeRows_more(t *testing.T) {
	t.Parallel()
	for n, more := range map[int]int{1: 0, maxTypes: 0, maxTypes + 3: 3} {
		c := &contents{Options: &Options{}, types: make([]typeCount, n)}
		if rows, got := c.typeRows(); len(rows) != n-more || got != more {
			t.Errorf("%d types: %d rows and %d more, want %d more", n, len(rows), got, more)
		}
	}
}

func TestLateView(t *testing.T) {
	t.Parallel()
	c := &contents{Options: &Options{}, types: []typeCount{{Group: Group{Type: "punctual", Count: 9}}}}
	if v := c.lateView(); v.Total != "" || v.Types != nil || v.Delay != nil {
		t.Errorf("nothing is late, and the page shows %+v", v)
	}
	for range maxTypes + 2 {
		c.types = append(c.types, typeCount{Group: Group{Type: "late", Count: 4, Late: 1}})
	}
	v := c.lateView()
	if v.Total != "202 rows came" || len(v.Types) != maxTypes || v.Types[0] != (figure{"late", "1", "25.0 %"}) || len(v.Delay) != len(delayClasses) {
		t.Errorf("%s, %d types, first %+v", v.Total, len(v.Types), v.Types[0])
	}
}
