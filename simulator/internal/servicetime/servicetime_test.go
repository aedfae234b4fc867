package servicetime

import (
	"testing"
	"time"
	_ "time/tzdata" // the zone to compare with
)

// The rule gives what the time zone database says, to the second, since 2007.
func TestCentral(t *testing.T) {
	t.Parallel()
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	check := func(at time.Time) {
		_, want := at.In(chicago).Zone()
		if _, got := at.In(Central(at)).Zone(); got != want {
			t.Errorf("%s: offset %d, want %d", at.In(chicago), got, want)
		}
	}
	for at := time.Date(2007, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2035; at = at.Add(time.Hour) {
		check(at)
		check(at.Add(-time.Second))
	}
}
