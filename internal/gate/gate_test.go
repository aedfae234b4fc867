package gate

import (
	"testing"
	"time"

	"github.com/mktows/mktows-go/limits"
)

func TestGates_forget(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	g := Gates{Limits: limits.Limits{Calls: 2, Per: time.Second, Concurrent: 5, Daily: 3}}
	for range 5 {
		pass, refused := g.Enter("", now)
		if refused != nil {
			t.Fatalf("a call that was forgotten counts: %+v", refused)
		}
		pass.Forget()
		pass.Leave()
	}
	var passes []*Pass
	for _, want := range []Limit{0, 0, Rate} {
		pass, refused := g.Enter("", now)
		if (refused == nil) != (want == 0) || refused != nil && refused.Limit != want {
			t.Errorf("refused %+v, want %d", refused, want)
		}
		passes = append(passes, pass)
	}
	tomorrow := now.Add(24 * time.Hour)
	if _, refused := g.Enter("", tomorrow); refused != nil {
		t.Errorf("the next day: %+v", refused)
	}
	passes[0].Forget() // of the day before
	for _, want := range []Limit{0, Rate} {
		if _, refused := g.Enter("", tomorrow); (refused == nil) != (want == 0) {
			t.Errorf("refused %+v, want %d", refused, want)
		}
	}
}
