package leadsync

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
)

// copied is a memory that holds a finished copy, for Verify and Estimate.
type copied struct {
	*memory
	state  store.StreamState
	status store.StreamStatus
}

func (m *copied) String() string { return "memory" }

func (m *copied) Plan(ctx context.Context, s store.Stream, plan func(store.StreamState) (store.Planned, error)) (store.RunStatus, []store.Window, error) {
	_, err := plan(m.state)
	return store.RunStatus{}, nil, err
}

func (m *copied) Status(context.Context) (store.Status, error) {
	return store.Status{Streams: []store.StreamStatus{m.status}}, nil
}

func (m *copied) Activities(_ context.Context, from, to time.Time) iter.Seq2[store.ActivityRow, error] {
	return func(yield func(store.ActivityRow, error) bool) {
		for _, row := range m.rows {
			if !row.Time.Before(from) && row.Time.Before(to) && !yield(row, nil) {
				return
			}
		}
	}
}

func (m *copied) Leads(context.Context) iter.Seq2[store.LeadRow, error] {
	return func(yield func(store.LeadRow, error) bool) {
		for _, row := range m.leads {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// copyOf returns a copy of the first half hour of the source, and its Config.
func copyOf(t *testing.T, sim *simulator.Simulator, start time.Time, s Stream) (*copied, *Config) {
	t.Helper()
	m := newMemory()
	end := start.Add(30 * time.Minute)
	w := store.Window{From: start.UTC(), To: end.UTC(), Leads: []string{"IDNUM:101", "IDNUM:102"}}
	copyAll(t, m.config(sim, 0), s, w)
	full := &copied{memory: m, status: store.StreamStatus{Name: s.Name, Query: s.kept().Query(), Since: w.From, Complete: w.To},
		state: store.StreamState{Since: w.From, Uppers: []time.Time{w.To}}}
	c := m.config(sim, 0)
	c.Store, c.Streams = full, []Stream{s}
	c.Now = func(context.Context) (time.Time, error) { return end, nil }
	return full, c
}

func verifyStreams() []Stream {
	return []Stream{
		{Name: Activities},
		{Name: Activities, Types: []string{"Click Link"}},
		{Name: LeadActivity, LeadKeys: []string{"101", "102"}},
		{Name: Leads},
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	changes := []struct {
		name   string
		change func(m *copied)
		want   Difference // without sums
	}{
		{"equal", func(*copied) {}, Difference{}},
		{"missing", func(m *copied) { m.drop() }, Difference{Missing: 1}},
		{"other content", func(m *copied) { m.alter() }, Difference{}},
		{"one too many", func(m *copied) { m.double() }, Difference{Extra: 1}},
	}
	for _, s := range verifyStreams() {
		for _, tt := range changes {
			t.Run(string(s.Name)+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				sim, start := source(t, 100)
				m, c := copyOf(t, sim, start, s)
				tt.change(m)
				v, err := Verify(t.Context(), c, nil)
				if err != nil {
					t.Fatal(err)
				}
				part := v.Streams[0]
				if s.Name == Leads && tt.name == "one too many" {
					tt.want = Difference{Gone: 1}
				}
				if tt.name == "equal" {
					if !v.Equal || len(part.Differences) != 0 || part.Source == 0 || part.Source != part.Copy {
						t.Errorf("not equal: %+v", v)
					}
					return
				}
				if v.Equal || len(part.Differences) != 1 {
					t.Fatalf("want one difference: %+v", v)
				}
				d := part.Differences[0]
				if d.Missing != tt.want.Missing || d.Extra != tt.want.Extra || d.Gone != tt.want.Gone || d.SourceSum == d.CopySum {
					t.Errorf("difference %+v", d)
				}
			})
		}
	}
}

// drop, alter and double change one row, whichever.
func (m *copied) drop() {
	for key := range m.rows {
		delete(m.rows, key)
		return
	}
	for id := range m.leads {
		delete(m.leads, id)
		return
	}
}

func (m *copied) alter() {
	for key, row := range m.rows {
		a := row.Activity
		a.AssetName = "altered"
		m.rows[key] = store.NewActivityRow(a, 0)
		return
	}
	for id, row := range m.leads {
		m.leads[id] = store.NewLeadRow(operations.Lead{ID: id, Email: row.Email + "x"})
		return
	}
}

func (m *copied) double() {
	for _, row := range m.rows {
		m.rows["again"] = row
		return
	}
	m.leads[999] = store.NewLeadRow(operations.Lead{ID: 999})
}

func TestVerify_bounds(t *testing.T) {
	t.Parallel()
	sim, start := source(t, 100)
	m, c := copyOf(t, sim, start, Stream{Name: Activities})
	m.drop()
	read := int64(0)
	v, err := Verify(t.Context(), c, &VerifyOptions{
		Since: start.Add(time.Minute), Until: start.Add(2 * time.Minute), Progress: func(_ StreamName, n int64) { read = n },
	})
	if err != nil || v.Streams[0].Source != 6 || read != 6 {
		t.Errorf("%+v, error %v; want six rows of the source", v, err)
	}
	if _, err := Verify(t.Context(), c, &VerifyOptions{Since: start.Add(time.Hour)}); err == nil {
		t.Error("a range that is not copied is taken as equal")
	}
	c.Streams = []Stream{{Name: Leads}}
	if _, err := Verify(t.Context(), c, nil); err == nil || !strings.Contains(err.Error(), "no stream leads") {
		t.Errorf("error %v", err)
	}
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	sim, start := source(t, 100)
	for _, s := range verifyStreams() {
		_, c := copyOf(t, sim, start, s)
		c.Now = func(context.Context) (time.Time, error) { return start.Add(49 * time.Hour), nil }
		f, err := Estimate(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		p := f.Streams[0]
		calls, windows := 3, 3
		switch s.Name {
		case LeadActivity:
			windows, calls = 1, 2
		case Activities:
		}
		if p.Windows != windows || p.Calls != calls || !p.From.Equal(start) && s.Name != LeadActivity || p.RowsKnown != (s.Name != LeadActivity) {
			t.Errorf("%s: %+v, want %d calls for %d windows", s.Name, p, calls, windows)
		}
		if f.Calls != p.Calls || f.Duration < time.Duration(calls)*200*time.Millisecond || f.Resets != 0 {
			t.Errorf("%s: %+v", s.Name, f)
		}
	}
	c := (&Config{Port: sim, Streams: []Stream{{Name: Activities, Since: start.Add(-time.Hour)}}}).withDefaults()
	c.Now = func(context.Context) (time.Time, error) { return start.Add(time.Hour), nil }
	if f, err := Estimate(t.Context(), c); err != nil || f.Streams[0].Rows != 100 || f.Streams[0].Windows != 1 {
		t.Errorf("without a copy: %+v, error %v", f, err)
	}
}

func TestForecast_schedule(t *testing.T) {
	t.Parallel()
	now := at("2026-03-07T20:00:00-06:00") // midnight, and the next day is one hour short
	for _, tt := range []struct {
		calls, used int
		want        string
		resets      int
	}{
		{calls: 1000, used: 0, want: "2026-03-07T20:03:20-06:00"},
		{calls: 600, used: 9000, want: "2026-03-08T00:00:20-06:00", resets: 1},
		{calls: 10400, used: 8900, want: "2026-03-09T00:01:00-05:00", resets: 2},
	} {
		f := Forecast{Calls: tt.calls, Quota: quota.Status{Daily: 10000, Reserve: 500, Used: tt.used, PerCall: 200 * time.Millisecond}}
		f.schedule(now, 0)
		if !f.End.Equal(at(tt.want)) || f.Resets != tt.resets {
			t.Errorf("%d calls, %d used: end %s with %d resets, want %s with %d", tt.calls, tt.used, f.End, f.Resets, tt.want, tt.resets)
		}
	}
}

// TestLeadMatch: a lead that comes in two windows, which overlap, counts once, in the copy or not.
func TestLeadMatch(t *testing.T) {
	t.Parallel()
	row := func(id int64, email string) *store.LeadRow {
		r := store.NewLeadRow(operations.Lead{ID: id, Email: email})
		return &r
	}
	m := newMemory()
	m.leads[1], m.leads[2], m.leads[3] = *row(1, "a"), *row(2, "b"), *row(3, "c")
	marked := m.leads[3]
	marked.GoneAt = at("2026-03-08T00:00:00Z")
	m.leads[3] = marked
	c := &Config{Store: &copied{memory: m}}
	x, err := c.readLeadIndex(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	match := leadMatch{leadIndex: x}
	if got := x.unseen(); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("unseen are %v", got)
	}
	for range 2 {
		for _, r := range []*store.LeadRow{row(9, "new"), row(2, "changed"), row(1, "a"), row(3, "c"), row(8, "new")} {
			match.add(r)
		}
	}
	match.settle()
	if match.found.Missing != 2 || match.found.Changed != 2 || match.want.rows != 5 || match.have.rows != 3 || !slices.Equal(match.fetch, []int64{2, 3, 8, 9}) {
		t.Errorf("%+v", match)
	}
	if got := x.unseen(); len(got) > 0 {
		t.Errorf("unseen are %v", got)
	}
}

// TestVerify_otherTypes: rows that another stream has brought are none of this one.
func TestVerify_otherTypes(t *testing.T) {
	t.Parallel()
	sim, start := source(t, 100)
	m, c := copyOf(t, sim, start, Stream{Name: Activities, Types: []string{"Click Link"}})
	m.rows["other"] = store.NewActivityRow(operations.Activity{GUID: "other", Type: "New Lead", LeadID: 101, Time: start}, 0)
	if v, err := Verify(t.Context(), c, nil); err != nil || !v.Equal {
		t.Errorf("%+v, error %v", v, err)
	}
}
