package leadsync

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestPlanRun(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	tests := []struct {
		name   string
		stream Stream
		state  store.StreamState
		upper  time.Time
		want   string // windows as from-to/fresh, days of March with hours
	}{
		{
			name:   "first run",
			stream: Stream{Name: Activities, Since: day(1)},
			upper:  day(3).Add(6 * time.Hour),
			want:   "01T00-02T00/01T00 02T00-03T00/01T00 03T00-03T06/01T00",
		},
		{
			name:   "goes on, with the lookback",
			stream: Stream{Name: Activities},
			state:  store.StreamState{Since: day(1), Uppers: []time.Time{day(3)}},
			upper:  day(3).Add(6 * time.Hour),
			want:   "02T22-03T06/03T00",
		},
		{
			name:   "no lookback",
			stream: Stream{Name: Activities, Lookback: -1},
			state:  store.StreamState{Since: day(1), Uppers: []time.Time{day(3)}},
			upper:  day(3).Add(6 * time.Hour),
			want:   "03T00-03T06/03T00",
		},
		{
			name:   "lookback not before the beginning",
			stream: Stream{Name: Activities, Lookback: 100 * time.Hour},
			state:  store.StreamState{Since: day(2), Uppers: []time.Time{day(3)}},
			upper:  day(3).Add(time.Hour),
			want:   "02T00-03T00/03T00 03T00-03T01/03T00",
		},
		{
			name: "types with more lookback",
			stream: Stream{Name: Activities, LookbackByType: map[string]time.Duration{
				"Send Email": 24 * time.Hour, "New Lead": 10 * time.Hour, "Open Email": time.Hour,
			}},
			state: store.StreamState{Since: day(1), Uppers: []time.Time{day(3)}},
			upper: day(3).Add(time.Hour),
			want:  "02T14-02T22/02T22[New Lead,Send Email] 02T00-02T14/02T14[Send Email] 02T22-03T01/03T00",
		},
		{
			name:   "an earlier beginning",
			stream: Stream{Name: Activities, Since: day(1)},
			state:  store.StreamState{Since: day(2), Uppers: []time.Time{day(3)}},
			upper:  day(3).Add(time.Hour),
			want:   "01T00-02T00/01T00 02T22-03T01/03T00",
		},
		{
			name:   "a later beginning is ignored",
			stream: Stream{Name: Activities, Since: day(9)},
			state:  store.StreamState{Since: day(2), Uppers: []time.Time{day(3)}},
			upper:  day(3).Add(time.Hour),
			want:   "02T22-03T01/03T00",
		},
		{
			name:   "at once again",
			stream: Stream{Name: Activities},
			state:  store.StreamState{Since: day(1), Uppers: []time.Time{day(3)}},
			upper:  day(3).Add(-2 * time.Second),
			want:   "02T22-03T00/03T00",
		},
		{
			name:   "the clock was two minutes ahead",
			stream: Stream{Name: Activities},
			state:  store.StreamState{Since: day(1), Uppers: []time.Time{day(3), day(2)}},
			upper:  day(3).Add(-2 * time.Minute),
			want:   "01T22-02T22/02T00 02T22-02T23/02T00",
		},
		{
			name:   "the clock was ahead by more than the lookback",
			stream: Stream{Name: Activities, Lookback: time.Second},
			state:  store.StreamState{Since: day(1), Uppers: []time.Time{day(3), day(2)}},
			upper:  day(3).Add(-2 * time.Second),
			want:   "01T23-02T23/02T00",
		},
		{
			name:   "the clock was a month ahead",
			stream: Stream{Name: Activities},
			state:  store.StreamState{Since: day(1), Uppers: []time.Time{day(30), day(29), day(2)}},
			upper:  day(3),
			want:   "01T22-02T22/02T00 02T22-03T00/02T00",
		},
		{
			name:   "the clock was ahead from the first run on",
			stream: Stream{Name: Activities},
			state:  store.StreamState{Since: day(1), Uppers: []time.Time{day(30)}},
			upper:  day(2),
			want:   "01T00-02T00/01T00",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := planRun(tt.stream, tt.state, tt.upper, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := brief(p.Windows); got != tt.want {
				t.Errorf("windows\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func brief(windows []store.Window) string {
	var texts []string
	for _, w := range windows {
		text := fmt.Sprintf("%s-%s/%s", w.From.Format("02T15"), w.To.Format("02T15"), w.Fresh.Format("02T15"))
		if len(w.Names) > 0 {
			text += "[" + strings.Join(w.Names, ",") + "]"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

func TestPlanRun_refuses(t *testing.T) {
	t.Parallel()
	now := at("2026-03-01T00:00:00Z")
	for name, s := range map[string]Stream{
		"needed":             {Name: Activities},
		"not before the pre": {Name: Activities, Since: now},
	} {
		if _, err := planRun(s, store.StreamState{}, now, nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("since %v: error %v, want one with %q", s.Since, err, name)
		}
	}
}

func TestPlanRun_unfinishedComesFirst(t *testing.T) {
	t.Parallel()
	st := store.StreamState{Since: at("2026-01-01T00:00:00Z"), Unfinished: []store.Window{{ID: 7, State: store.WindowFailed}}}
	p, err := planRun(Stream{Name: Activities}, st, at("2026-03-01T00:00:00Z"), nil)
	if err != nil || len(p.Windows) != 0 || len(p.Resume) != 1 || p.Resume[0].ID != 7 {
		t.Errorf("planned %+v, error %v; want window 7 resumed and nothing new", p, err)
	}
}

// TestPlanRun_leavesNothingOut plays runs with random ends, lengths and lookbacks: every
// second from the beginning to the last end is read as new exactly once, and what lies
// within the lookback of an earlier end is read again.
func TestPlanRun_leavesNothingOut(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		since := at("2026-03-07T00:00:00Z")
		s := Stream{
			Name: []StreamName{Activities, Leads}[r.IntN(2)], Since: since,
			Lookback: time.Duration(1+r.IntN(5000)) * time.Second, Window: time.Duration(1+r.IntN(9000)) * time.Second,
		}
		st := store.StreamState{}
		now := since
		for range 1 + r.IntN(5) {
			now = now.Add(time.Duration(1+r.IntN(20000)) * time.Second)
			p, err := planRun(s, st, now, nil)
			if err != nil {
				t.Fatal(err)
			}
			checkRun(t, s, st, p, now)
			st.Since = since
			st.Uppers = append([]time.Time{p.Upper}, st.Uppers...)
		}
	}
}

func checkRun(t *testing.T, s Stream, st store.StreamState, p store.Planned, now time.Time) {
	t.Helper()
	want := s.Since
	if len(st.Uppers) > 0 {
		want = latest(s.Since, st.Uppers[0].Add(-s.Lookback))
	}
	slices.SortFunc(p.Windows, func(a, b store.Window) int { return a.From.Compare(b.From) })
	for _, w := range p.Windows {
		if !w.From.Equal(want) || !w.From.Before(w.To) || w.To.Sub(w.From) > s.Window {
			t.Fatalf("%s begins at %s, want %s", w, w.From, want)
		}
		want = w.To
	}
	if !want.Equal(now) || !p.Upper.Equal(now) {
		t.Fatalf("windows end at %s, upper bound %s, want %s", want, p.Upper, now)
	}
}

func TestPlanRun_manyYears(t *testing.T) {
	t.Parallel()
	upper := at("2026-03-01T00:00:00Z")
	for name, want := range map[StreamName]int{Activities: 100, Leads: 197} { // of 30 days without two seconds
		p, err := planRun(Stream{Name: name, Since: at("2010-01-01T00:00:00Z")}, store.StreamState{}, upper, nil)
		if err != nil || len(p.Windows) != want {
			t.Errorf("%s: %d windows, error %v; want %d", name, len(p.Windows), err, want)
		}
	}
}

func TestPlanRun_leads(t *testing.T) {
	t.Parallel()
	since, before, upper := at("2026-03-01T00:00:00Z"), at("2026-03-05T00:00:00Z"), at("2026-03-06T00:00:00Z")
	var leads []string
	read := map[string]time.Time{}
	for i := range 130 {
		leads = append(leads, fmt.Sprintf("IDNUM:%d", i+1))
		if i < 70 {
			read[leads[i]] = before
		}
	}
	st := store.StreamState{Since: since, Uppers: []time.Time{before}, LeadUppers: read}
	p, err := planRun(Stream{Name: LeadActivity, StoredLeads: true}, st, upper, leads)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, w := range p.Windows {
		seen = append(seen, w.Leads...)
		known := !read[w.Leads[0]].IsZero()
		wantFrom, wantFresh := since, since
		if known {
			wantFrom, wantFresh = before.Add(-DefaultLookback), before
		}
		if !w.From.Equal(wantFrom) || !w.Fresh.Equal(wantFresh) || !w.To.Equal(upper) || len(w.Leads) > leadsPerWindow {
			t.Errorf("%s: fresh from %s; want from %s, fresh from %s", w, w.Fresh, wantFrom, wantFresh)
		}
	}
	slices.SortFunc(seen, compareKeys)
	if !slices.Equal(seen, leads) {
		t.Errorf("windows have %d leads, want all 130 once", len(seen))
	}
}
