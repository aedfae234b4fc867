package leadsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/store"
)

// shifting is a service whose positions are offsets: what leaves the records moves those that follow, so
// that some never come, and what enters makes some come twice.
type shifting struct {
	*testing.T
	rng     *rand.Rand
	records []*shiftingRecord
	counts  string // live; position: what the position has less what came; flags: 1 where more follows
	page    int    // records on a page at most
	repeat  int    // records of the page before that a page begins with
	stored  bool   // it chooses and orders by when records were stored, not by their time
	keyless bool   // records have neither GUID nor id
	refuse  fault.Code
	change  func() // before each call
	calls   int
	ranges  [][2]time.Time // that were asked for
	next    int64
}

type shiftingRecord struct {
	id     int64
	at     time.Time
	stored time.Time
	say    int // what it says
}

func newShifting(t *testing.T, seed uint64) *shifting {
	return &shifting{T: t, rng: rand.New(rand.NewPCG(seed, 3)), counts: "live", page: 20, change: func() {}}
}

// add adds a record of a time.
func (s *shifting) add(at time.Time) *shiftingRecord {
	s.next++
	r := &shiftingRecord{id: s.next, at: at, stored: at, say: int(s.next)}
	s.records = append(s.records, r)
	return r
}

// any is a random record.
func (s *shifting) any() *shiftingRecord { return s.records[s.rng.IntN(len(s.records))] }

func (s *shifting) remove(r *shiftingRecord) {
	s.records = slices.DeleteFunc(s.records, func(x *shiftingRecord) bool { return x == r })
}

func (s *shifting) port() gen.Port { return gen.PortFunc(s.call) }

func (s *shifting) call(_ context.Context, _ *gen.Operation, in, out gen.Message) error {
	s.change()
	s.calls++
	switch in := in.(type) {
	case *gen.ParamsGetMultipleLeads:
		return s.getMultipleLeads(in, out.(*gen.SuccessGetMultipleLeads))
	case *gen.ParamsGetLeadChanges:
		return s.getLeadChanges(in, out.(*gen.SuccessGetLeadChanges))
	case *gen.ParamsGetLeadActivity:
		return s.getLeadActivity(in, out.(*gen.SuccessGetLeadActivity))
	}
	return fmt.Errorf("unexpected call %T", in)
}

// window returns the records between two moments, both included, and notes that they were asked for.
func (s *shifting) window(from, to time.Time, order func(a, b *shiftingRecord) int) []*shiftingRecord {
	s.ranges = append(s.ranges, [2]time.Time{from, to})
	var list []*shiftingRecord
	for _, r := range s.records {
		at := r.at
		if s.stored {
			at = r.stored
		}
		if !at.Before(from) && !at.After(to) {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, order)
	return list
}

// cut cuts a page out of a list at a position, and returns the next position.
func (s *shifting) cut(list []*shiftingRecord, position string, batch int) (page []*shiftingRecord, remaining int, next string, err error) {
	offset, left := 0, len(list)
	if position != "" {
		if _, err := fmt.Sscanf(position, "os:%d:rc:%d", &offset, &left); err != nil {
			s.Errorf("position %q", position)
		}
		if s.refuse != 0 {
			return nil, 0, "", fault.New(s.refuse, "")
		}
	}
	size := min(s.page, batch)
	begin := min(max(offset-s.repeat, 0), len(list))
	end := min(begin+size, len(list))
	page = list[begin:end]
	remaining = len(list) - end
	switch {
	case s.counts == "position" && remaining > 0:
		remaining = max(left-(end-offset), 1)
	case s.counts == "flags":
		remaining = min(remaining, 1)
	}
	return page, remaining, fmt.Sprintf("os:%d:rc:%d", end, remaining), nil
}

func (s *shifting) getMultipleLeads(in *gen.ParamsGetMultipleLeads, out *gen.SuccessGetMultipleLeads) error {
	sel := in.LeadSelector.(*gen.LastUpdateAtSelector)
	from, _ := sel.OldestUpdatedAt.Time()
	to, _ := sel.LatestUpdatedAt.Value.Time()
	list := s.window(from, to, func(a, b *shiftingRecord) int { return cmp.Compare(a.id, b.id) })
	page, remaining, next, err := s.cut(list, in.StreamPosition.Or(""), int(in.BatchSize.Or(1000)))
	if err != nil {
		return err
	}
	result := &gen.ResultGetMultipleLeads{ReturnCount: int32(len(page)), RemainingCount: int32(remaining), NewStreamPosition: next}
	for _, r := range page {
		result.LeadRecordList.State = gen.Present
		result.LeadRecordList.Value.LeadRecord = append(result.LeadRecordList.Value.LeadRecord,
			gen.LeadRecord{Id: gen.Some(int32(r.id)), Email: gen.Some(r.text())})
	}
	out.Result = result
	return nil
}

func (r *shiftingRecord) text() string { return fmt.Sprintf("says-%d@example.com", r.say) }

func (s *shifting) getLeadChanges(in *gen.ParamsGetLeadChanges, out *gen.SuccessGetLeadChanges) error {
	p := in.StartPosition
	from, _ := p.OldestCreatedAt.Value.Time()
	to, _ := p.LatestCreatedAt.Value.Time()
	list := s.window(from, to, func(a, b *shiftingRecord) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id))
	})
	page, remaining, next, err := s.cut(list, p.Offset.Or(""), int(in.BatchSize.Or(1000)))
	if err != nil {
		return err
	}
	position := *p
	position.Offset = gen.Some(next)
	result := &gen.ResultGetLeadChanges{ReturnCount: int32(len(page)), RemainingCount: int32(remaining), NewStartPosition: &position}
	for _, r := range page {
		result.LeadChangeRecordList.State = gen.Present
		c := gen.LeadChangeRecord{
			ActivityDateTime: gen.NewDateTime(r.at), ActivityType: "Visit Webpage", MktPersonId: "1", MktgAssetName: gen.Some(r.text()),
		}
		if !s.keyless {
			c.Id, c.MarketoGUID = gen.Some(r.id), fmt.Sprint("guid-", r.id)
		}
		result.LeadChangeRecordList.Value.LeadChangeRecord = append(result.LeadChangeRecordList.Value.LeadChangeRecord, c)
	}
	out.Result = result
	return nil
}

func (s *shifting) getLeadActivity(in *gen.ParamsGetLeadActivity, out *gen.SuccessGetLeadActivity) error {
	list := s.window(time.Time{}, time.Now().AddDate(1, 0, 0), func(a, b *shiftingRecord) int {
		return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.id, a.id))
	})
	page, remaining, next, err := s.cut(list, in.StartPosition.Value.Offset.Or(""), int(in.BatchSize.Or(100)))
	if err != nil {
		return err
	}
	result := &gen.LeadActivityList{
		ReturnCount: int32(len(page)), RemainingCount: int32(remaining), NewStartPosition: &gen.StreamPosition{Offset: gen.Some(next)},
	}
	for _, r := range page {
		result.ActivityRecordList.State = gen.Present
		result.ActivityRecordList.Value.ActivityRecord = append(result.ActivityRecordList.Value.ActivityRecord, gen.ActivityRecord{
			Id: gen.Some(r.id), MarketoGUID: fmt.Sprint("guid-", r.id),
			ActivityDateTime: gen.NewDateTime(r.at), ActivityType: "Visit Webpage", MktPersonId: "1", MktgAssetName: gen.Some(r.text()),
		})
	}
	out.LeadActivityList = result
	return nil
}

// says is what the copy says, by id.
func (m *memory) says(stream StreamName) map[int64]string {
	all := map[int64]string{}
	for _, l := range m.leads {
		all[l.ID] = l.Email
	}
	for _, a := range m.rows {
		all[a.ID] = a.AssetName
	}
	return all
}

// shiftingWindow is an hour with the records of a test.
var shiftingWindow = store.Window{From: at("2026-03-07T00:00:00Z"), To: at("2026-03-07T01:00:00Z"), Leads: []string{"IDNUM:1"}}

// spreads are ways how records lie in the window.
var spreads = map[string]func(s *shifting, i int) time.Time{
	"uniform": func(_ *shifting, i int) time.Time {
		return shiftingWindow.From.Add(time.Duration(i) * 3599 * time.Second / 1000)
	},
	"one second": func(*shifting, int) time.Time { return shiftingWindow.From.Add(1234 * time.Second) },
	"bursts": func(_ *shifting, i int) time.Time {
		return shiftingWindow.From.Add(time.Duration(i/90*300+i%4) * time.Second)
	},
	"random": func(s *shifting, _ int) time.Time {
		return shiftingWindow.From.Add(time.Duration(s.rng.IntN(3600)) * time.Second)
	},
}

// TestCopy_whileRecordsComeAndGo: what was there all the time while a window was read, and did not change, is in the
// copy, or the attempt says that it could not be read; once the source is quiet, it is.
func TestCopy_whileRecordsComeAndGo(t *testing.T) {
	t.Parallel()
	for _, counts := range []string{"live", "position", "flags"} {
		for spread, place := range spreads {
			for _, stream := range []StreamName{Activities, Leads, LeadActivity} {
				t.Run(strings.Join([]string{string(stream), counts, spread}, " "), func(t *testing.T) {
					t.Parallel()
					for seed := range uint64(4) {
						comeAndGo(t, stream, counts, place, seed)
					}
				})
			}
		}
	}
}

func comeAndGo(t *testing.T, stream StreamName, counts string, place func(*shifting, int) time.Time, seed uint64) {
	t.Helper()
	s := newShifting(t, seed)
	s.counts = counts
	for i := range 500 {
		s.add(place(s, 2*i))
	}
	everyNth := 1 + int(seed%4)
	s.change = func() {
		if s.calls%everyNth != 0 {
			return
		}
		s.leave(stream)
		if stream != Leads && seed%2 == 0 { // as many as leave, so that counts do not tell
			s.add(s.any().at)
		}
	}
	there := slices.Clone(s.records)
	m := newMemory()
	err := m.attempt(t, s, stream)
	if err != nil {
		if !strings.Contains(err.Error(), "changes faster") {
			t.Fatalf("seed %d: %v", seed, err)
		}
		s.change = func() {}
		if err = m.attempt(t, s, stream); err != nil {
			t.Fatalf("seed %d: when the source is quiet: %v", seed, err)
		}
	}
	there = slices.DeleteFunc(there, func(r *shiftingRecord) bool { return !slices.Contains(s.records, r) || !r.at.Before(shiftingWindow.To) })
	says, lost := m.says(stream), 0
	for _, r := range there {
		if says[r.id] != r.text() {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("seed %d: %d of %d records are not in the copy", seed, lost, len(there))
	}
}

// leave makes a record leave the window: a lead by being updated later, an activity by being deleted.
func (s *shifting) leave(stream StreamName) {
	r := s.any()
	if stream != Leads {
		s.remove(r)
		return
	}
	r.at, r.say = shiftingWindow.To.Add(time.Hour), r.say+10000
}

// attempt goes on with a window where the last commit has left it.
func (m *memory) attempt(t *testing.T, s *shifting, stream StreamName) error {
	t.Helper()
	w := shiftingWindow
	if n := len(m.commits); n > 0 {
		w.Position = m.commits[n-1].Position
	}
	w.Counts = m.counts
	return m.config(s.port(), 0).copyWindow(t.Context(), Stream{Name: stream, Since: w.From}, w, nil, func(store.Counts, bool) {})
}

// TestCopy_callsOfAQuietSource: a window takes at most twice the calls of reading it page by page.
func TestCopy_callsOfAQuietSource(t *testing.T) {
	t.Parallel()
	for _, stream := range []StreamName{Activities, Leads, LeadActivity} {
		for _, counts := range []string{"live", "position", "flags"} {
			for spread, place := range spreads {
				for _, n := range []int{0, 1, 20, 21, 40, 41, 60, 100, 200, 500} {
					s := newShifting(t, 1)
					s.counts = counts
					for i := range n {
						s.add(place(s, i*1000/n))
					}
					m := newMemory()
					if err := m.attempt(t, s, stream); err != nil {
						t.Fatal(err)
					}
					if len(m.says(stream)) != n {
						t.Errorf("%s, %s, %s: %d records of %d", stream, counts, spread, len(m.says(stream)), n)
					}
					if seen := m.counts.Seen; stream != Leads && seen != int64(n) {
						t.Errorf("%s, %s, %s: %d records are said to have been seen, of %d", stream, counts, spread, seen, n)
					}
					before := max((n+s.page-1)/s.page, 1)
					most := 2 * before
					if before >= 8 || counts == "flags" { // a few calls may be lost on ranges that are too long
						most += 5
					}
					if s.calls > most {
						t.Errorf("%s, counts %s, %s, %d records: %d calls, page by page %d", stream, counts, spread, n, s.calls, before)
					}
				}
			}
		}
	}
}

// TestCopy_positionsThatLeadNowhere: a service that takes none of its positions. Where ranges fit into pages,
// none is needed; where they do not, the attempt fails.
func TestCopy_positionsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	for _, code := range []fault.Code{fault.CodeStreamAtEnd, fault.CodeBadStreamPosition} {
		for _, stream := range []StreamName{Activities, Leads, LeadActivity} {
			for spread, place := range spreads {
				s := newShifting(t, 1)
				s.refuse = code
				for i := range 1000 {
					s.add(place(s, i))
				}
				m := newMemory()
				err := m.attempt(t, s, stream)
				possible := stream != LeadActivity && (spread == "uniform" || spread == "random")
				if possible && (err != nil || len(m.says(stream)) != 1000) {
					t.Errorf("%s, %s, %s: %d records, error %v", code, stream, spread, len(m.says(stream)), err)
				}
				if !possible && (!errors.Is(err, code) || !strings.Contains(err.Error(), "refused 3 of its own positions")) {
					t.Errorf("%s, %s, %s: error %v, want one that tells of the positions", code, stream, spread, err)
				}
				s.refuse = 0
				if err := m.attempt(t, s, stream); err != nil || len(m.says(stream)) != 1000 {
					t.Errorf("%s, %s, %s, when positions work: %d records, error %v", code, stream, spread, len(m.says(stream)), err)
				}
			}
		}
	}
}

// everyAttempt stops after each commit and goes on from its position as text, until the window is done.
func (m *memory) everyAttempt(t *testing.T, s *shifting, stream StreamName) {
	t.Helper()
	stop := make(chan struct{})
	close(stop)
	w := shiftingWindow
	for range 500 {
		w.Counts = m.counts
		err := m.config(s.port(), 0).copyWindow(t.Context(), Stream{Name: stream, Since: w.From}, w, stop, func(store.Counts, bool) {})
		if err == nil {
			return
		}
		if !errors.Is(err, errStopped) {
			t.Fatal(err)
		}
		w.Position = m.commits[len(m.commits)-1].Position
	}
	t.Fatal("it does not end")
}

// TestCopy_passesFromEveryPosition: what is read page by page is whole wherever it was interrupted, records that
// are alike and those that two pages have in common included.
func TestCopy_passesFromEveryPosition(t *testing.T) {
	t.Parallel()
	for _, counts := range []string{"live", "position", "flags"} {
		for spread, place := range spreads {
			for _, stream := range []StreamName{Activities, Leads, LeadActivity} {
				for _, repeat := range []int{0, 3} {
					s := newShifting(t, 1)
					s.counts, s.repeat, s.keyless = counts, repeat, stream == Activities
					for i := range 150 {
						s.add(place(s, i*6))
					}
					m := newMemory()
					m.everyAttempt(t, s, stream)
					if n := len(m.rows) + len(m.leads); n != 150 {
						t.Errorf("%s, counts %s, %s, %d repeated: %d records of 150", stream, counts, spread, repeat, n)
					}
				}
			}
		}
	}
}

// TestCopy_alikeOnPages: as many records that are alike come as there are, also where pages have some in common
// and counts tell how many.
func TestCopy_alikeOnPages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		counts          string
		repeat, records int
	}{{"live", 0, 70}, {"live", 3, 70}, {"position", 0, 70}, {"flags", 0, 70}, {"flags", 0, 30}, {"live", 0, 30}, {"live", 0, 21}} {
		for _, stopping := range []bool{false, true} {
			s := newShifting(t, 1)
			s.counts, s.repeat, s.keyless = tt.counts, tt.repeat, true
			for range tt.records {
				s.add(shiftingWindow.From.Add(time.Minute)).say = 7
			}
			m := newMemory()
			if stopping {
				m.everyAttempt(t, s, Activities)
			} else if err := m.attempt(t, s, Activities); err != nil {
				t.Fatal(err)
			}
			if len(m.rows) != tt.records {
				t.Errorf("%+v, stopping %t: %d rows", tt, stopping, len(m.rows))
			}
		}
	}
}

// TestCopy_serviceThatChoosesByStoring: activities that were stored after an inner edge and happened before it are
// in the copy, and those from before the copy begins are not.
func TestCopy_serviceThatChoosesByStoring(t *testing.T) {
	t.Parallel()
	for _, stream := range []StreamName{Activities, LeadActivity} {
		s := newShifting(t, 1)
		s.stored = stream == Activities
		for i := range 400 {
			r := s.add(shiftingWindow.From.Add(time.Duration(i*9) * time.Second))
			r.stored = r.at.Add(time.Duration(s.rng.IntN(300)) * time.Second)
		}
		old := s.add(shiftingWindow.From.Add(-time.Second))
		old.stored = shiftingWindow.From.Add(time.Minute)
		m := newMemory()
		half := shiftingWindow.From.Add(30 * time.Minute)
		for _, w := range []store.Window{
			{From: shiftingWindow.From, To: half, Leads: shiftingWindow.Leads},
			{From: half, To: shiftingWindow.To.Add(time.Hour), Leads: shiftingWindow.Leads},
		} {
			w.Since = shiftingWindow.From
			copyAll(t, m.config(s.port(), 0), Stream{Name: stream}, w)
		}
		if says := m.says(stream); len(says) != 400 || says[old.id] != "" {
			t.Errorf("%s: %d records of 400, one that is too old: %q", stream, len(says), says[old.id])
		}
		// A beginning that another process has moved back since is that of the window.
		m = newMemory()
		copyAll(t, m.config(s.port(), 0), Stream{Name: stream}, store.Window{
			From: shiftingWindow.From, To: half, Since: half, Leads: shiftingWindow.Leads,
		})
		if len(m.rows) < 150 {
			t.Errorf("%s: %d rows", stream, len(m.rows))
		}
	}
}

// TestCopy_boundsThatAreAskedFor: nobody knows whether a service takes bounds as inside, and whether it heeds
// milliseconds: each second of the window is asked for strictly between bounds in whole seconds. Leads
// are asked for a second beyond the end too: an update just before it may be noted in the next second.
func TestCopy_boundsThatAreAskedFor(t *testing.T) {
	t.Parallel()
	for _, stream := range []StreamName{Activities, Leads} {
		s := newShifting(t, 1)
		for i := range 500 {
			s.add(spreads["random"](s, i))
		}
		m := newMemory()
		if err := m.attempt(t, s, stream); err != nil {
			t.Fatal(err)
		}
		for at := shiftingWindow.From; at.Before(shiftingWindow.To); at = at.Add(time.Second) {
			if !slices.ContainsFunc(s.ranges, func(r [2]time.Time) bool {
				return r[0].Truncate(time.Second).Before(at) && r[0].Round(time.Second).Before(at) && r[1].Truncate(time.Second).After(at)
			}) {
				t.Fatalf("%s: nothing that was asked for has %s: %v", stream, at, s.ranges)
			}
		}
		last := slices.MaxFunc(s.ranges, func(a, b [2]time.Time) int { return a[1].Compare(b[1]) })[1]
		want := map[StreamName]time.Time{Activities: shiftingWindow.To, Leads: shiftingWindow.To.Add(time.Second)}[stream]
		if !last.Equal(want) {
			t.Errorf("%s: asked for up to %s, want %s", stream, last, want)
		}
	}
}

// TestCopy_positionsOfThePast: those of the first release lead to reading anew, lead by lead.
func TestCopy_positionsOfThePast(t *testing.T) {
	t.Parallel()
	const cursor = "c1.D2dldExlYWRBY3Rpdml0eQAAAAAAAAAqAhkyMDEzLTA3LTMxVDIxOjMzOjU5LTA1OjAwAQECCklEOjEwMjQ4MTThcUIP"
	for text, want := range map[string]map[StreamName]int{
		`{"cursor":"` + cursor + `","tail":{"second":1772841600,"equal":{"ab":2}}}`: {Activities: 100, Leads: 100, LeadActivity: 100},
		`{"cursor":"` + cursor + `","lead":0}`:                                      {LeadActivity: 100},
		`{"lead":1}`:                                                                {LeadActivity: 0},
	} {
		for stream, n := range want {
			s := newShifting(t, 1)
			for i := range 100 {
				s.add(spreads["one second"](s, i))
			}
			m := newMemory()
			m.commits = []store.Commit{{Position: store.Position(text)}}
			if err := m.attempt(t, s, stream); err != nil || len(m.says(stream)) != n {
				t.Errorf("%s from %s: %d records, error %v; want %d", stream, text, len(m.says(stream)), err, n)
			}
		}
	}
}

// TestCopy_sourceThatNeverRests holds the window with a message, and goes on when the source rests.
func TestCopy_sourceThatNeverRests(t *testing.T) {
	t.Parallel()
	for _, stream := range []StreamName{Activities, Leads, LeadActivity} {
		s := newShifting(t, 1)
		for i := range 100 {
			s.add(spreads["one second"](s, i))
		}
		s.change = func() {
			s.remove(s.records[0])
			s.add(spreads["one second"](s, 0))
		}
		m := newMemory()
		err := m.attempt(t, s, stream)
		if stream == Leads && err == nil {
			t.Log("counts of leads decide")
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "announced 100 records and gave") || permanent(err) {
			t.Errorf("%s: error %v, want one that says that the source changes", stream, err)
		}
		s.change = func() {}
		s.calls = 0
		if err := m.attempt(t, s, stream); err != nil {
			t.Error(err)
		}
		for _, r := range s.records {
			if m.says(stream)[r.id] == "" {
				t.Errorf("%s: %d is not in the copy", stream, r.id)
			}
		}
	}
}

// TestEveryRow has each row of the window once, however it was read, and none from outside.
func TestEveryRow(t *testing.T) {
	t.Parallel()
	for _, counts := range []string{"live", "position", "flags"} {
		for spread, place := range spreads {
			for _, stream := range []StreamName{Activities, Leads, LeadActivity} {
				s := newShifting(t, 1)
				s.counts, s.repeat, s.keyless = counts, 2, stream == Activities
				for i := range 150 {
					s.add(place(s, i*6))
				}
				s.add(shiftingWindow.From.Add(-time.Second))
				if s.add(shiftingWindow.To); stream == Leads {
					s.records = s.records[:150]
				}
				n := 0
				for p, err := range newMemory().config(s.port(), 0).everyRow(t.Context(), Stream{Name: stream}, shiftingWindow) {
					if err != nil {
						t.Fatal(err)
					}
					n += len(p.activities) + len(p.leads)
				}
				if n != 150 {
					t.Errorf("%s, counts %s, %s: %d rows, want each of 150 once", stream, counts, spread, n)
				}
			}
		}
	}
}
