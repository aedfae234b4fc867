package simulator

import (
	"slices"
	"sync"

	"github.com/mktows/mktows-go/simulator/internal/ordered"
)

// maxReadings is how many readings of updated leads are kept.
const maxReadings = 8

// updatedLeads keeps the answers of updatedIn: the pages of a reading share one, whatever
// is written meanwhile. The lock is its own: readers share the simulator's.
type updatedLeads struct {
	mu       sync.Mutex
	readings []updateReading // the latest first
}

// updateReading are the leads that were updated in a range, when the reading began.
type updateReading struct {
	within        updateRange
	version, gone uint64 // of the leads, then
	ids           leadIDs
}

// updatedIn returns the ids of the leads that were updated in a range, in ascending order.
// With fresh they are those of now, else may be those of an earlier page of the reading:
// which leads a reading is about is settled when it begins, so only a lead that has gone
// makes it begin anew.
func (s *Simulator) updatedIn(r updateRange, fresh bool) leadIDs {
	kept := &s.updated
	kept.mu.Lock()
	defer kept.mu.Unlock()
	i := slices.IndexFunc(kept.readings, func(reading updateReading) bool {
		return reading.within == r && reading.gone == s.leads.gone && (!fresh || reading.version == s.leads.version)
	})
	if i >= 0 {
		return kept.readings[i].ids
	}
	reading := updateReading{r, s.leads.version, s.leads.gone, s.searchUpdated(r)}
	others := slices.DeleteFunc(kept.readings, func(old updateReading) bool { return old.within == r })
	kept.readings = slices.Insert(others[:min(len(others), maxReadings-1)], 0, reading)
	return reading.ids
}

// searchUpdated looks at the leads whose latest update is not before the range or, if
// these are fewer, at what happened in it.
func (s *Simulator) searchUpdated(r updateRange) leadIDs {
	within := ordered.Span{Since: ordered.Entry{At: r.from}, Before: ordered.Entry{At: r.to + 1}}
	later := s.leads.updates.Run(ordered.Span{Since: within.Since, Before: ordered.Everything.Before})
	activities, n := ordered.Merge(s.timelines.rows(within, allTypesWanted))
	alone := []ordered.Run{s.leads.updates.Run(within), s.leads.added.Run(within)}
	found := make(map[leadNo]bool)
	if later.Left <= n+alone[0].Left+alone[1].Left {
		for ; later.Left > 0; later.Next() {
			no := leadNo(later.First().Ref)
			found[no] = s.leads.at(no).wasUpdated(r)
		}
		return s.leads.ids(found)
	}
	for _, row := range activities {
		for ; row.Left > 0; row.Next() {
			found[s.store.get(row.First().Ref).lead] = true
		}
	}
	for _, row := range alone {
		for ; row.Left > 0; row.Next() {
			found[leadNo(row.First().Ref)] = true
		}
	}
	return s.leads.ids(found)
}

// ids returns the ids of leads, in ascending order.
func (t *leadTable) ids(of map[leadNo]bool) leadIDs {
	ids := make(leadIDs, 0, len(of))
	for no, is := range of {
		if is {
			ids = append(ids, t.at(no).id)
		}
	}
	slices.Sort(ids)
	return ids
}

// wasUpdated reports whether a lead was updated in a range that does not end before its
// latest update began.
func (l *lead) wasUpdated(r updateRange) bool {
	if l.updated <= r.to || l.since >= r.from && l.since <= r.to && l.since != 0 {
		return l.updated >= r.from
	}
	return slices.ContainsFunc(l.history, func(t timeline) bool {
		i := t.search(ordered.Entry{At: r.from}, t.sorted)
		return i < t.sorted && t.entries[i].At <= r.to
	})
}
