package fault_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the zone to compare with

	"github.com/mktows/mktows-go/fault"
)

func TestCentral(t *testing.T) {
	t.Parallel()
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	for at := time.Date(2007, 1, 1, 0, 30, 0, 0, time.UTC); at.Before(end); at = at.Add(time.Hour) {
		_, want := at.In(chicago).Zone()
		if _, got := at.In(fault.Central(at)).Zone(); got != want {
			t.Fatalf("at %v the offset is %d s, want %d s", at, got, want)
		}
	}
}
