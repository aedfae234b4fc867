package limit

import (
	"testing"
	"time"
)

func TestDays(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, time.October, 6, 12, 0, 0, 0, time.UTC)
	ends, next := noon.Add(12*time.Hour), noon.Add(36*time.Hour)
	key, other := Key{Instance: "a"}, Key{Instance: "b"}
	var d Days
	take := func(key Key, now, ends time.Time, most int, want bool) func() {
		t.Helper()
		giveBack, full := d.Take(key, now, ends, most)
		if (full == nil) != want || (full == nil) == (giveBack == nil) || full != nil && (full.Closed || !full.Until.Equal(ends)) {
			t.Errorf("%+v", full)
		}
		return giveBack
	}
	take(key, noon, ends, 2, true)
	giveBack := take(key, noon, ends, 2, true)
	take(key, noon, ends, 2, false)
	take(other, noon, ends, 2, true) // counted apart
	giveBack()
	take(key, noon, ends, 2, true)
	take(key, noon, ends, -1, true) // without a limit
	if n := d.Calls(key, ends); n != 3 {
		t.Errorf("%d calls", n)
	}
	take(key, noon, next, 2, true) // of the next day
	giveBack()                     // a call of the day before is not taken from this one
	if n := d.Calls(key, next); n != 1 {
		t.Errorf("%d calls of the next day", n)
	}
}

func TestDays_Close(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, time.October, 6, 12, 0, 0, 0, time.UTC)
	ends, until := noon.Add(12*time.Hour), noon.Add(12*time.Hour+5*time.Minute)
	var d Days
	d.Close(Key{}, ends, until)
	if _, full := d.Take(Key{}, noon, ends, -1); full == nil || !full.Closed || !full.Until.Equal(until) {
		t.Errorf("%+v", full)
	}
	// It holds on the next day as well, until then.
	if _, full := d.Take(Key{}, ends, ends.Add(24*time.Hour), -1); full == nil || !full.Until.Equal(until) {
		t.Errorf("%+v", full)
	}
	if _, full := d.Take(Key{}, until, ends.Add(24*time.Hour), -1); full != nil {
		t.Error("it stays closed")
	}
}
