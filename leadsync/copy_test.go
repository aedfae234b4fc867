package leadsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/simulator"
)

// memory is as much of a Store as copyWindow needs.
type memory struct {
	store.Store
	rows     map[string]store.ActivityRow
	leads    map[int64]store.LeadRow
	read     []string
	commits  []store.Commit
	refuse   error
	pageRows int
	counts   store.Counts // of all commits
}

func newMemory() *memory {
	return &memory{rows: map[string]store.ActivityRow{}, leads: map[int64]store.LeadRow{}}
}

func (m *memory) CommitRows() int { return m.pageRows }

func (m *memory) Commit(ctx context.Context, c store.Commit) (store.Counts, error) {
	if m.refuse != nil {
		return store.Counts{}, m.refuse
	}
	for _, row := range c.Activities {
		old, ok := m.rows[row.Key]
		countRow(&c.Counts, ok, old.Digest == row.Digest)
		m.rows[row.Key] = row
	}
	for _, row := range c.Leads {
		old, ok := m.leads[row.ID]
		countRow(&c.Counts, ok, old.Digest == row.Digest)
		m.leads[row.ID] = row
	}
	m.counts.Add(c.Counts)
	m.read = append(m.read, c.LeadsRead...)
	m.commits = append(m.commits, c)
	return c.Counts, nil
}

// countRow counts a row as a store does.
func countRow(c *store.Counts, found, same bool) {
	if !found {
		c.Inserted++
	} else if !same {
		c.Updated++
	}
}

// source is a simulator with n activities, ten seconds apart, of ten leads.
func source(t *testing.T, n int, opts ...simulator.Option) (*simulator.Simulator, time.Time) {
	t.Helper()
	sim := simulator.New(opts...)
	start := at("2026-03-07T23:00:00-06:00")
	for lead := range int64(10) {
		l := simulator.Lead{ID: 101 + lead, Email: fmt.Sprintf("lead%d@example.com", lead)}
		for i := range n {
			if int64(i%10) == lead {
				kind := []gen.ActivityType{"VisitWebpage", "ClickLink"}[i/10%2]
				l.Activities = append(l.Activities, simulator.Activity{Type: kind, Time: simulator.At(start.Add(time.Duration(i) * 10 * time.Second)), AssetName: fmt.Sprint(i)})
			}
		}
		if _, err := sim.AddLead(l); err != nil {
			t.Fatal(err)
		}
	}
	return sim, start
}

func (m *memory) config(port gen.Port, batch int) *Config {
	return (&Config{Port: port, Store: m, BatchSize: batch, Worker: "w"}).withDefaults()
}

func copyAll(t *testing.T, c *Config, s Stream, w store.Window) {
	t.Helper()
	finished := 0
	err := c.copyWindow(t.Context(), s, w, nil, func(_ store.Counts, done bool) {
		if done {
			finished++
		}
	})
	if err != nil || finished != 1 {
		t.Fatalf("copying %s: error %v, finished %d times", w, err, finished)
	}
}

func (m *memory) assets() []string {
	var list []string
	for _, row := range m.rows {
		list = append(list, row.AssetName)
	}
	slices.SortFunc(list, compareKeys)
	return list
}

func numbers(from, to int) []string {
	var list []string
	for i := from; i < to; i++ {
		list = append(list, fmt.Sprint(i))
	}
	return list
}

// TestCopy_edges reads neighbouring windows: together they have everything, each once. What a service gives
// from before a window is kept, but not from before the copy begins.
func TestCopy_edges(t *testing.T) {
	t.Parallel()
	sim, start := source(t, 100)
	for _, s := range []Stream{{Name: Activities}, {Name: LeadActivity}} {
		for _, border := range []time.Duration{499 * time.Second, 500 * time.Second, 501 * time.Second} {
			first, second := newMemory(), newMemory()
			cut := start.Add(border)
			leads := []string{"IDNUM:101", "IDNUM:102", "IDNUM:103", "IDNUM:104", "IDNUM:105", "IDNUM:106", "IDNUM:107", "IDNUM:108", "IDNUM:109", "IDNUM:110"}
			s.Since = start
			copyAll(t, first.config(sim, 7), s, store.Window{From: start, To: cut, Leads: leads})
			n := 50
			if border > 500*time.Second {
				n = 51
			}
			if got := first.assets(); !slices.Equal(got, numbers(0, n)) {
				t.Errorf("%s before %s: %v", s.Name, border, got)
			}
			s.Since = cut
			copyAll(t, second.config(sim, 7), s, store.Window{From: cut, To: start.Add(time.Hour), Leads: leads})
			if got := second.assets(); !slices.Equal(got, numbers(n, 100)) {
				t.Errorf("%s from %s: %v", s.Name, border, got)
			}
		}
	}
}

// TestCopy_fromEveryPosition stops after each commit and goes on from its position.
func TestCopy_fromEveryPosition(t *testing.T) {
	t.Parallel()
	sim, start := source(t, 60, simulator.WithEmptyPages(0.3), simulator.WithShortPages(0.3), simulator.WithSeed(5))
	leads := []string{"IDNUM:101", "EMAIL:lead1@example.com", "IDNUM:999", "IDNUM:103"}
	want := map[StreamName][]string{Activities: numbers(0, 60), LeadActivity: nil}
	for i := range 60 {
		if d := i % 10; d == 0 || d == 1 || d == 2 {
			want[LeadActivity] = append(want[LeadActivity], fmt.Sprint(i))
		}
	}
	for name, assets := range want {
		s, w := Stream{Name: name}, store.Window{From: start, To: start.Add(time.Hour), Leads: leads}
		stop := make(chan struct{})
		close(stop)
		m := newMemory()
		c := m.config(sim, 4)
		for {
			err := c.copyWindow(t.Context(), s, w, stop, func(store.Counts, bool) {})
			last := m.commits[len(m.commits)-1]
			if err == nil && last.Done {
				break
			}
			if !errors.Is(err, errStopped) || last.Done {
				t.Fatalf("%s: error %v, done %t", name, err, last.Done)
			}
			w.Position = last.Position
		}
		if got := m.assets(); !slices.Equal(got, assets) {
			t.Errorf("%s: got %v, want %v", name, got, assets)
		}
		if len(m.commits) < 5 {
			t.Errorf("%s: %d commits only", name, len(m.commits))
		}
		if name == LeadActivity {
			slices.Sort(m.read)
			if want := []string{"EMAIL:lead1@example.com", "IDNUM:101", "IDNUM:103"}; !slices.Equal(m.read, want) {
				t.Errorf("leads read %v, want %v", m.read, want)
			}
		}
	}
}

func TestCopy_missingLeadIsCounted(t *testing.T) {
	t.Parallel()
	sim, start := source(t, 10)
	m := newMemory()
	var counts store.Counts
	w := store.Window{From: start, To: start.Add(time.Hour), Leads: []string{"IDNUM:999", "IDNUM:101", "IDNUM:998"}}
	err := m.config(sim, 0).copyWindow(t.Context(), Stream{Name: LeadActivity}, w, nil, func(c store.Counts, _ bool) { counts.Add(c) })
	if err != nil || counts.Missing != 2 || counts.Seen != 1 || counts.Calls != 3 {
		t.Errorf("counts %+v, error %v", counts, err)
	}
}

func TestCopy_types(t *testing.T) {
	t.Parallel()
	sim, start := source(t, 40)
	for _, s := range []Stream{
		{Name: Activities, Types: []string{"Click Link"}},
		{Name: LeadActivity, Types: []string{"Click Link"}},
		{Name: LeadActivity, Types: []string{"Click Link", "Share Content"}}, // cannot be asked for
	} {
		m := newMemory()
		copyAll(t, m.config(sim, 0), s, store.Window{From: start, To: start.Add(time.Hour), Leads: []string{"IDNUM:101"}})
		want := []string{"10", "30"}
		if s.Name == Activities {
			want = append(numbers(10, 20), numbers(30, 40)...)
		}
		if got := m.assets(); !slices.Equal(got, want) {
			t.Errorf("%s %v: got %v, want %v", s.Name, s.Types, got, want)
		}
	}
}

func TestCopy_leads(t *testing.T) {
	t.Parallel()
	sim, start := source(t, 10)
	m := newMemory()
	copyAll(t, m.config(sim, 3), Stream{Name: Leads}, store.Window{From: start, To: start.Add(time.Hour)})
	if len(m.leads) != 10 || len(m.commits) < 4 || len(m.commits) > 9 || m.leads[103].Email != "lead2@example.com" {
		t.Errorf("%d leads in %d commits: %+v", len(m.leads), len(m.commits), m.leads)
	}
}

// TestCopy_largerCommits gathers pages, and saves what it has before an error.
func TestCopy_largerCommits(t *testing.T) {
	t.Parallel()
	sim, start := source(t, 100)
	w := store.Window{From: start, To: start.Add(time.Hour)}
	m := newMemory()
	m.pageRows = 45
	copyAll(t, m.config(sim, 10), Stream{Name: Activities}, w)
	if got := m.assets(); !slices.Equal(got, numbers(0, 100)) || len(m.commits) < 2 || int64(len(m.commits)) > m.counts.Calls/3 {
		t.Errorf("%d commits of %v", len(m.commits), got)
	}
	m = newMemory()
	m.pageRows = 45
	broken := errors.New("broken")
	port := failing(sim, 4, broken)
	err := m.config(port, 10).copyWindow(t.Context(), Stream{Name: Activities}, w, nil, func(store.Counts, bool) {})
	if !errors.Is(err, broken) || len(m.commits) != 1 || m.commits[0].Counts.Calls != 3 || len(m.rows) < 9 || m.commits[0].Done {
		t.Errorf("error %v, %d commits, %d rows", err, len(m.commits), len(m.rows))
	}
}

// failing is a port whose n-th page, from 1, fails; each one for n = 0.
func failing(port gen.Port, n int, err error) gen.Port {
	return &failingPort{Port: port, n: n, err: err}
}

type failingPort struct {
	gen.Port
	n, calls int
	err      error
}

func (p *failingPort) fail() error {
	if p.calls++; p.n == 0 || p.calls == p.n {
		return p.err
	}
	return nil
}

func (p *failingPort) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	if err := p.fail(); err != nil {
		return nil, err
	}
	return p.Port.GetLeadChanges(ctx, in)
}

func (p *failingPort) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	if err := p.fail(); err != nil {
		return nil, err
	}
	return p.Port.GetLeadActivity(ctx, in)
}

func TestCopy_refusedPosition(t *testing.T) {
	t.Parallel()
	sim, start := source(t, 100)
	w := store.Window{From: start, To: start.Add(time.Hour), Leads: []string{"IDNUM:101", "IDNUM:102"}}
	for _, name := range []StreamName{Activities, LeadActivity} {
		m := newMemory()
		port := failing(sim, 2, fault.New(fault.CodeBadStreamPosition, ""))
		copyAll(t, m.config(port, 7), Stream{Name: name}, w)
		want := map[StreamName]int{Activities: 100, LeadActivity: 20}[name]
		if len(m.rows) != want {
			t.Errorf("%s: %d rows, want %d", name, len(m.rows), want)
		}
	}
	m := newMemory()
	w.Position = position{Cursor: "damaged"}.text()
	copyAll(t, m.config(sim, 0), Stream{Name: Activities}, w)
	always := failing(sim, 0, fault.New(fault.CodeBadStreamPosition, ""))
	err := m.config(always, 0).copyWindow(t.Context(), Stream{Name: Activities}, w, nil, func(store.Counts, bool) {})
	if !errors.Is(err, fault.CodeBadStreamPosition) {
		t.Errorf("error %v", err)
	}
}

func TestCopy_storeRefuses(t *testing.T) {
	t.Parallel()
	sim, start := source(t, 10)
	m := newMemory()
	m.refuse = store.ErrLost
	w := store.Window{From: start, To: start.Add(time.Hour)}
	err := m.config(sim, 0).copyWindow(t.Context(), Stream{Name: Activities}, w, nil, func(store.Counts, bool) { t.Error("told of a commit") })
	if !errors.Is(err, store.ErrLost) {
		t.Errorf("error %v", err)
	}
}

func TestChooseLeads(t *testing.T) {
	t.Parallel()
	sim, _ := source(t, 10)
	if _, err := sim.AddList(simulator.List{Name: "Some", Members: []int64{103, 101}}); err != nil {
		t.Fatal(err)
	}
	c := newMemory().config(sim, 0)
	keys, err := c.chooseLeads(t.Context(), Stream{Name: LeadActivity, List: "Some", LeadKeys: []string{"101", "a@example.com", " 20 "}})
	want := []string{"IDNUM:20", "IDNUM:101", "IDNUM:103", "EMAIL:a@example.com"}
	if err != nil || !slices.Equal(keys, want) {
		t.Errorf("keys %v, error %v; want %v", keys, err, want)
	}
	if _, err := c.chooseLeads(t.Context(), Stream{Name: LeadActivity, List: "None"}); !errors.Is(err, fault.ErrNotFound) || !strings.Contains(err.Error(), "None") {
		t.Errorf("unknown list: error %v", err)
	}
}
