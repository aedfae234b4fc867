package leadsync

import (
	"testing"
	"time"

	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/leadsync/store"
)

// TestPlanRun_bulk: windows by bulk extract are longer, never longer than the service takes with the second before, and are
// known by their positions.
func TestPlanRun_bulk(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		days   int
		window time.Duration
		want   time.Duration // of the first one
	}{
		{3, 0, 3 * 24 * time.Hour},
		{30, 0, 7 * 24 * time.Hour},
		{10_000, 0, extract.MaxRange - time.Second},
		{100, extract.MaxRange, extract.MaxRange - time.Second},
		{100, time.Hour, time.Hour},
	} {
		upper := at("2026-03-08T00:00:00Z")
		since := upper.AddDate(0, 0, -test.days)
		p, err := planRun(Stream{Name: Activities, Source: Bulk, Since: since, Window: test.window}, store.StreamState{}, upper, nil)
		if err != nil {
			t.Fatal(err)
		}
		from := since
		for _, w := range p.Windows {
			if !w.From.Equal(from) || !readByBulk(&w) {
				t.Errorf("%+v: %s at %s", test, w, from)
			}
			from = w.To
		}
		if got := p.Windows[0].To.Sub(since); got != test.want || !from.Equal(upper) {
			t.Errorf("%+v: windows of %s up to %s", test, got, from)
		}
		b := &batch{window: p.Windows[0]}
		if q := b.query(); q.To.Sub(q.From) > extract.MaxRange {
			t.Errorf("%+v: asked for %s", test, q.To.Sub(q.From))
		}
	}
}

// TestPlanRun_switched: what another source has left undone is cut anew, where it is of one kind and without a gap.
func TestPlanRun_switched(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	window := func(from, to int, position store.Position, names ...string) store.Window {
		return store.Window{Stream: Activities, From: day(from), To: day(to), Fresh: day(1), Names: names, Position: position, State: store.WindowPending}
	}
	const begun = `{"cursor":"x","range":{"from":1,"to":2,"page":3}}` // as releases before have it too
	left := []store.Window{window(2, 3, begun), window(3, 4, ""), window(4, 5, ""), window(6, 7, ""), window(7, 8, "", "New Lead")}
	left[3].State = store.WindowFailed
	st := store.StreamState{Since: day(1), Query: "{}", Unfinished: left}
	p, err := planRun(Stream{Name: Activities, Source: Bulk, LookbackByType: map[string]time.Duration{"New Lead": time.Hour}}, st, day(20), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Window{window(2, 5, byBulk()), window(6, 7, byBulk()), window(7, 8, byBulk(), "New Lead")}
	if len(p.Windows) != len(want) || len(p.Drop) != len(left) || len(p.Resume) > 0 || !p.Upper.Equal(day(8)) || !p.Since.IsZero() {
		t.Fatalf("%+v", p)
	}
	for i, w := range p.Windows {
		if w.String() != want[i].String() || w.Position != want[i].Position || !w.Fresh.Equal(day(1)) || len(w.Names) != len(want[i].Names) {
			t.Errorf("%+v, want %+v", w, want[i])
		}
	}

	st.Unfinished = p.Windows
	if again, err := planRun(Stream{Name: Activities, Source: Bulk, LookbackByType: map[string]time.Duration{"New Lead": time.Hour}}, st, day(20), nil); err != nil || len(again.Resume) != 3 || len(again.Drop) > 0 {
		t.Errorf("the same source: %+v, %v", again, err)
	}
	back, err := planRun(Stream{Name: Activities, LookbackByType: map[string]time.Duration{"New Lead": time.Hour}}, st, day(20), nil)
	if err != nil || len(back.Windows) != 5 || len(back.Drop) != 3 || readByBulk(&back.Windows[0]) {
		t.Errorf("back: %+v, %v", back, err)
	}
}
