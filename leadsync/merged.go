package leadsync

import (
	"slices"
	"sync"

	"github.com/mktows/mktows-go/leadsync/store"
)

// merged are the leads that histories say were merged into others. The windows of a process share it, since
// what one has read of a lead may be stale before it is written: the lead is merged meanwhile, and another
// window, or a later page of the same, finds the records in the history of the winner. Written after those they would
// stay as rows of a lead that there is not any more.
type merged struct {
	mu   sync.Mutex
	into map[int64][]span // by loser
}

// span is the time from a second up to another one that a window with the winner's history reads.
type span struct{ from, to int64 }

// note takes down which leads were merged into the one whose history was read.
func (m *merged) note(w store.Window, rows []store.ActivityRow) {
	s := span{w.From.Unix(), w.To.Unix()}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range rows {
		for _, loser := range rows[i].Merged {
			if loser == rows[i].LeadID || slices.Contains(m.into[loser], s) {
				continue
			}
			if m.into == nil {
				m.into = map[int64][]span{}
			}
			m.into[loser] = append(m.into[loser], s)
		}
	}
}

// withoutStale drops what was read of leads before they were merged, as far as the winner's history has it.
func (m *merged) withoutStale(rows []store.ActivityRow) []store.ActivityRow {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.into) == 0 {
		return rows
	}
	return slices.DeleteFunc(rows, func(row store.ActivityRow) bool {
		at := row.Time.Unix()
		return slices.ContainsFunc(m.into[row.LeadID], func(s span) bool { return s.from <= at && at < s.to })
	})
}
