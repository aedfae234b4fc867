package report

import (
	"slices"
	"time"
)

// maxBars is how many bars a chart has at most.
const maxBars = 120

// unit is a length of calendar time that a bar can stand for. Start and next are functions, because months and years
// have different lengths.
type unit struct {
	name  string
	start func(day time.Time) time.Time // of the unit that has the day
	next  func(start time.Time) time.Time
}

// day returns the calendar day of a time, as midnight UTC, whatever zone the time has: the page counts by local days.
func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func week(day time.Time) time.Time { return day.AddDate(0, 0, -(int(day.Weekday())+6)%7) } // Monday

func month(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
}

func years(n int) unit {
	return unit{
		start: func(day time.Time) time.Time { return time.Date(day.Year()-day.Year()%n, 1, 1, 0, 0, 0, 0, time.UTC) },
		next:  func(start time.Time) time.Time { return start.AddDate(n, 0, 0) },
	}
}

func named(name string, u unit) unit {
	u.name = name
	return u
}

// units are all units, shortest first.
var units = []unit{
	{"day", func(day time.Time) time.Time { return day }, func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	{"week", week, func(t time.Time) time.Time { return t.AddDate(0, 0, 7) }},
	{"month", month, func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
	named("year", years(1)),
	named("decade", years(10)),
	named("century", years(100)),
}

// buckets count activities by calendar time and type.
type buckets struct {
	unit
	starts []time.Time // without gaps
	counts []map[string]int64
}

// newBuckets chooses the shortest unit that makes no more than maxBars bars.
func newBuckets(first, last time.Time) *buckets {
	b := &buckets{}
	for _, b.unit = range units {
		b.starts = b.starts[:0]
		for t := b.start(day(first)); !t.After(day(last)) && len(b.starts) <= maxBars; t = b.next(t) {
			b.starts = append(b.starts, t)
		}
		if len(b.starts) <= maxBars {
			break
		}
	}
	b.counts = make([]map[string]int64, len(b.starts))
	for i := range b.counts {
		b.counts[i] = map[string]int64{}
	}
	return b
}

// add counts activities. A calendar day outside of the range, which the different offsets of two times can produce,
// counts for the nearest end.
func (b *buckets) add(t time.Time, name string, n int64) {
	if len(b.starts) == 0 {
		return
	}
	i, found := slices.BinarySearchFunc(b.starts, day(t), time.Time.Compare)
	if !found {
		i = max(i-1, 0)
	}
	b.counts[i][name] += n
}
