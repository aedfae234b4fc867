package limit

import (
	"sync"
	"time"
)

// Days counts the calls of each key from midnight to midnight. Where the day turns the caller
// says. The zero value is ready for use, and safe for concurrent use.
type Days struct {
	mu     sync.Mutex
	counts map[Key]*day
}

// ProcessDays are the days of the process: see [Process].
var ProcessDays = new(Days)

// day is what is known about one key.
type day struct {
	ends   time.Time
	calls  int
	closed time.Time // until then the service takes no calls; it may end a little after the day
}

// Full says that no call may be made before a moment.
type Full struct {
	Until  time.Time
	Closed bool // by the service, see [Days.Close]
}

// Take counts a call of the day that ends then, unless there were most already; less than 0 sets
// no limit. What it returns takes the call back, if it was not sent after all. It returns why where
// no call may be made.
func (d *Days) Take(key Key, now, ends time.Time, most int) (giveBack func(), full *Full) {
	d.mu.Lock()
	defer d.mu.Unlock()
	today := d.today(key, ends)
	switch {
	case now.Before(today.closed):
		return nil, &Full{today.closed, true}
	case most >= 0 && today.calls >= most:
		return nil, &Full{ends, false}
	}
	today.calls++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if today.ends.Equal(ends) && today.calls > 0 {
			today.calls--
		}
	}, nil
}

// Close says that the service takes no calls of the key before a moment.
func (d *Days) Close(key Key, ends, until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.today(key, ends).closed = until
}

// Calls returns how many calls were counted on the day that ends then.
func (d *Days) Calls(key Key, ends time.Time) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.today(key, ends).calls
}

// today returns the day of a key, which begins anew when another day ends. The lock is held.
func (d *Days) today(key Key, ends time.Time) *day {
	today := d.counts[key]
	if today == nil {
		if d.counts == nil {
			d.counts = make(map[Key]*day)
		}
		today = new(day)
		d.counts[key] = today
	}
	if !today.ends.Equal(ends) {
		today.ends, today.calls = ends, 0
	}
	return today
}
