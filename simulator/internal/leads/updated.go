package leads

import (
	"slices"
	"sync"

	"github.com/mktows/mktows-go/simulator/internal/ordered"
)

// maxReadings is how many readings of updated leads are kept.
const maxReadings = 8

// Range is a range of time in Unix seconds, both ends included.
type Range struct{ From, To int64 }

// readings keeps the answers of UpdatedIn: the pages of a reading share one, whatever is
// written meanwhile. The lock is its own: readers share the simulator's.
type readings struct {
	mu     sync.Mutex
	latest []reading // the latest first
}

// reading are the leads that were updated in a range, when the reading began.
type reading struct {
	within        Range
	version, gone uint64 // of the leads, then
	ids           IDs
}

// Updated returns the time of a lead's latest update.
func (t *Table) Updated(no No) int64 { return t.Lead(no).updated }

// UpdatedSince returns the leads that were updated since a time; the ref is the number.
func (t *Table) UpdatedSince(at int64) ordered.Run {
	return t.updates.Run(ordered.Span{Since: ordered.Entry{At: at}, Before: ordered.Everything.Before})
}

// UpdatedIn returns the leads that were updated in a range. The pages of one reading share the answer of its first
// page, whatever is written meanwhile, since the service decides at the beginning of a reading which leads it has;
// with fresh, the answer is that of now. Only when a lead has gone does a reading begin again.
func (t *Table) UpdatedIn(r Range, fresh bool) IDs {
	kept := &t.readings
	kept.mu.Lock()
	defer kept.mu.Unlock()
	i := slices.IndexFunc(kept.latest, func(old reading) bool {
		return old.within == r && old.gone == t.gone && (!fresh || old.version == t.version)
	})
	if i >= 0 {
		return kept.latest[i].ids
	}
	found := reading{r, t.version, t.gone, t.searchUpdated(r)}
	others := slices.DeleteFunc(kept.latest, func(old reading) bool { return old.within == r })
	kept.latest = slices.Insert(others[:min(len(others), maxReadings-1)], 0, found)
	return found.ids
}

// searchUpdated finds the leads that were updated in a range. It goes either through the leads whose latest update is
// not before the range or through what happened in it, whichever are fewer.
func (t *Table) searchUpdated(r Range) IDs {
	within := ordered.Span{Since: ordered.Entry{At: r.From}, Before: ordered.Entry{At: r.To + 1}}
	later := t.UpdatedSince(r.From)
	n, active := t.activities.Within(within)
	alone := []ordered.Run{t.updates.Run(within), t.added.Run(within)}
	found := make(map[No]bool)
	if later.Left <= n+alone[0].Left+alone[1].Left {
		for ; later.Left > 0; later.Next() {
			no := No(later.First().Ref)
			found[no] = t.wasUpdated(no, r)
		}
		return t.ids(found)
	}
	for no := range active {
		found[no] = true
	}
	for _, row := range alone {
		for ; row.Left > 0; row.Next() {
			found[No(row.First().Ref)] = true
		}
	}
	return t.ids(found)
}

// ids returns the ids of leads.
func (t *Table) ids(of map[No]bool) IDs {
	ids := make(IDs, 0, len(of))
	for no, is := range of {
		if is {
			ids = append(ids, t.ID(no))
		}
	}
	slices.Sort(ids)
	return ids
}

// wasUpdated reports whether a lead was updated in a range that does not end before its
// latest update began.
func (t *Table) wasUpdated(no No, r Range) bool {
	l := t.Lead(no)
	if l.updated <= r.To || l.since >= r.From && l.since <= r.To && l.since != 0 {
		return l.updated >= r.From
	}
	return t.activities.HasWithin(no, r.From, r.To)
}
