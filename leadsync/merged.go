package leadsync

import (
	"slices"
	"sync"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// merged remembers which leads were merged into others while histories were read. All windows of a process share it.
//
// It guards against a race with the service. A window reads the history of a lead; then the lead is merged into
// another; then another window, or a later page of the same one, reads the winner's history, which now has the same
// records. If the first window commits last, the records end up as rows of a lead that no longer exists. So before a
// commit, rows are dropped that were asked for before such a merge became known and that the winner's history has as
// well.
type merged struct {
	mu    sync.Mutex
	into  map[int64][]span // by loser
	notes int              // how often something was added to into
}

// span is the time, from one second up to another, over which a window reads the history of a winner. Note is its
// number, in the order in which the merges became known.
type span struct {
	from, to int64
	note     int // its number
}

// noted returns the number of the merge that became known last. A reader asks for it before a call.
func (m *merged) noted() int {
	if m == nil {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.notes
}

// note records which leads were merged into the one whose history was read, back to from. The time that was read is
// recorded with them: only of rows within it is it known that the winner's history has them.
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

// add records a merge unless the same time is covered already. The caller holds m.mu.
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

// withoutStale returns the rows without those that were read of a lead before its merge became known, as far as the
// winner's history covers them. Asked has, for each row, the number of the last merge known before the row was asked
// for. Rows that were asked for later are right: records may stay with the loser for some time after a merge. The
// winner's own history is never stale, even where its rows still name the loser.
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
