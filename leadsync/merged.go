package leadsync

import (
	"slices"
	"sync"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// merged are the leads that histories say were merged into others. The windows of a process share it, since
// what one has read of a lead may be stale before it is written: the lead is merged meanwhile, and another
// window, or a later page of the same, finds the records in the history of the winner. Written after those they would
// stay as rows of a lead that there is not any more.
type merged struct {
	mu    sync.Mutex
	into  map[int64][]span // by loser
	notes int              // how often something was added to into
}

// span is the time from a second up to another one that a window with the winner's history reads.
type span struct {
	from, to int64
	note     int // its number
}

// noted is the number of the last note.
func (m *merged) noted() int {
	if m == nil {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.notes
}

// note takes down which leads were merged into the one whose history was read, back to from.
func (m *merged) note(w store.Window, from time.Time, rows []store.ActivityRow) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range rows {
		for _, loser := range rows[i].Merged {
			if loser != rows[i].LeadID {
				m.add(loser, from.Unix(), w.To.Unix())
			}
		}
	}
}

func (m *merged) add(loser, from, to int64) {
	if slices.ContainsFunc(m.into[loser], func(s span) bool { return s.from <= from && to <= s.to }) {
		return
	}
	if m.into == nil {
		m.into = map[int64][]span{}
	}
	m.notes++
	m.into[loser] = append(m.into[loser], span{from, to, m.notes})
}

// withoutStale drops what was read of leads before they were merged, as far as the winner's history has it. What was asked
// for after that was known is there still, since records may move some time after the merge; asked are the numbers of the
// last notes before. What the winner's history itself has is not stale, also where it names the loser.
func (m *merged) withoutStale(rows []store.ActivityRow, asked []int) ([]store.ActivityRow, []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.into) == 0 {
		return rows, asked
	}
	kept, of := rows[:0], asked[:0]
	for i, row := range rows {
		at := row.Time.Unix()
		stale := func(s span) bool { return asked[i] < s.note && s.from <= at && at < s.to }
		if slices.Contains(row.Merged, row.LeadID) || !slices.ContainsFunc(m.into[row.LeadID], stale) {
			kept, of = append(kept, row), append(of, asked[i])
		}
	}
	return kept, of
}
