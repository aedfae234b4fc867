// Package usage is the table of how many calls the REST API has had, and what has failed, day
// by day in US Central time.
package usage

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// keptDays is how many days are kept: today and seven before it.
const keptDays = 8

// Table counts calls. The zero value is empty. It has a lock of its own, since calls that only
// read are counted too.
type Table struct {
	mu   sync.Mutex
	days map[string]*day // by date
}

type day struct {
	users  map[string]int
	errors map[string]int
}

// date returns the day that a moment belongs to.
func date(at time.Time) string { return at.In(servicetime.Central(at)).Format(time.DateOnly) }

// Count counts a call of a user, and the code of an error that was its answer; empty: none.
func (t *Table) Count(at time.Time, user, code string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.day(date(at))
	if user != "" {
		d.users[user]++
	}
	if code != "" {
		d.errors[code]++
	}
}

// day returns the counts of a day, and begins them if there are none. Only keptDays days are kept; their dates sort
// as texts, so the first are the oldest.
func (t *Table) day(date string) *day {
	if t.days == nil {
		t.days = make(map[string]*day)
	}
	d := t.days[date]
	if d == nil {
		d = &day{make(map[string]int), make(map[string]int)}
		t.days[date] = d
		for dates := slices.Sorted(maps.Keys(t.days)); len(dates) > keptDays; dates = dates[1:] {
			delete(t.days, dates[0])
		}
	}
	return d
}

// Days returns the counts of so many days that end with that of a moment, the latest first.
// Days without calls are left out, but for the first.
func (t *Table) Days(now time.Time, n int) []record.UsageDay {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []record.UsageDay
	for i := range n {
		at := date(now.AddDate(0, 0, -i))
		if d := t.days[at]; d != nil {
			list = append(list, d.record(at))
		} else if i == 0 {
			list = append(list, record.UsageDay{Date: at})
		}
	}
	return list
}

func (d *day) record(date string) record.UsageDay {
	out := record.UsageDay{Date: date}
	if len(d.users) > 0 {
		out.Users = maps.Clone(d.users)
	}
	if len(d.errors) > 0 {
		out.Errors = maps.Clone(d.errors)
	}
	return out
}

// Check finds a day of a state that is none, with its place.
func Check(days []record.UsageDay) error {
	for i, in := range days {
		if _, err := time.Parse(time.DateOnly, in.Date); err != nil {
			return place.In(place.Wrong("date", "%q is not a date such as 2026-01-02", in.Date), "usage[%d]", i)
		}
	}
	return nil
}

// Replace replaces all counts by those of days that Check has passed.
func (t *Table) Replace(days []record.UsageDay) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.days = nil
	for _, in := range days {
		d := t.day(in.Date)
		maps.Copy(d.users, in.Users)
		maps.Copy(d.errors, in.Errors)
	}
}

// Snapshot returns all days that have calls, by date; nil for none.
func (t *Table) Snapshot() []record.UsageDay {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []record.UsageDay
	for _, date := range slices.Sorted(maps.Keys(t.days)) {
		list = append(list, t.days[date].record(date))
	}
	return list
}
