// Package activity is the table of what leads have done.
//
// Two things make it larger than a list. A page has to cost the same wherever it lies, or a client that reads a long
// history page by page would take quadratic time; so activities are kept in order for each lead and type, for all
// leads, and for each static list. And a simulator may be filled with millions of activities, so a record is small
// and shares what repeats.
package activity

import (
	"errors"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Table holds all activities. Make it with [New]. Whoever uses it holds the lock.
type Table struct {
	store

	now   func() time.Time
	all   Timelines // of all leads
	leads []ofLead  // by the number of the lead
	kinds kinds
}

// ofLead is what the table keeps for a lead.
type ofLead struct {
	history history
	groups  []*Timelines // of the groups that the lead belongs to
}

// New returns an empty table with a clock.
func New(now func() time.Time) *Table { return &Table{now: now, kinds: newKinds()} }

// of returns what is kept for a lead, and makes room for it.
func (t *Table) of(no LeadNo) *ofLead {
	if missing := int(no) + 1 - len(t.leads); missing > 0 {
		t.leads = append(t.leads, make([]ofLead, missing)...)
	}
	return &t.leads[no]
}

// history returns the activities of a lead. It changes nothing: readers share the lock.
func (t *Table) history(no LeadNo) history {
	if int(no) >= len(t.leads) {
		return nil
	}
	return t.leads[no].history
}

// Check finds what would keep activities from being added: an id that is taken, a type that
// is missing, a time that cannot be read. The error tells the place.
func (t *Table) Check(activities []record.Activity) error {
	given := make(map[int64]bool)
	for i := range activities {
		a := &activities[i]
		if err := t.check(a); err != nil {
			return place.In(err, "[%d]", i)
		}
		if a.ID == 0 {
			continue
		}
		if given[a.ID] {
			return place.In(idTaken(a.ID), "[%d]", i)
		}
		given[a.ID] = true
	}
	if uint64(t.n)+uint64(len(activities)) > maxRecords {
		return errors.New("no room for more activities")
	}
	return nil
}

// check checks one activity by itself.
func (t *Table) check(a *record.Activity) error {
	if _, err := servicetime.Parse("time", a.Time, time.Time{}); err != nil {
		return err
	}
	switch _, taken := t.byID[a.ID]; {
	case a.Type == "":
		return place.Wrong("type", "the type is missing")
	case a.ID < 0:
		return place.Wrong("id", "the id %d is outside 1 to %d", a.ID, math.MaxInt64)
	case taken && a.ID != 0:
		return idTaken(a.ID)
	case len(a.Attributes) > math.MaxUint16:
		return place.Wrong("attributes", "%d attributes are more than %d", len(a.Attributes), math.MaxUint16)
	}
	return nil
}

func idTaken(id int64) error {
	return place.Wrong("id", "the id %d is taken: give another, or none", id)
}

// Add adds activities that Check has passed to a lead. It returns their ids and the time of
// the latest of them, as Unix time.
func (t *Table) Add(no LeadNo, activities []record.Activity) (ids []int64, latest int64) {
	t.reserve(activities)
	ids = make([]int64, len(activities))
	lead := t.of(no)
	latest = math.MinInt64
	for i := range activities {
		a := &activities[i]
		at, err := servicetime.Parse("time", a.Time, time.Time{})
		if err != nil || a.Time == "" { // there is no error: Check has read it
			at = t.now()
		}
		t.kinds.learn(typeName(a.Type))
		number, r := t.add(a, servicetime.Shown(at), no)
		e := ordered.Entry{At: r.at, Ref: number}
		lead.history.add(r.kind, e)
		t.all.insert(r.kind, e)
		for _, group := range lead.groups {
			group.insert(r.kind, e)
		}
		latest = max(latest, r.at)
		ids[i] = r.id
	}
	lead.history.sort()
	return ids, latest
}

// Move gives the activities of a lead to another one, as a merge does. Their entries in the timelines of all leads
// stay where they are: those are ordered by time and do not contain the lead.
func (t *Table) Move(from, to LeadNo) {
	t.of(max(from, to))
	winner, loser := t.of(to), t.of(from)
	for _, line := range loser.history {
		for _, e := range line.entries {
			t.get(e.Ref).lead = to
			winner.history.add(line.kind, e)
			for _, group := range winner.groups {
				group.insert(line.kind, e)
			}
		}
	}
	winner.history.sort()
	loser.history = nil
}

// Drop takes the activities of a lead away, which is deleted.
func (t *Table) Drop(no LeadNo) {
	lead := t.of(no)
	lead.history.each(func(kind name, e ordered.Entry) {
		t.all.remove(kind, e)
		for _, group := range lead.groups {
			group.remove(kind, e)
		}
		delete(t.byID, t.get(e.Ref).id)
	})
	lead.history = nil
}

// Earliest returns the time of a lead's oldest activity, if it has any.
func (t *Table) Earliest(no LeadNo) (at int64, ok bool) {
	for _, line := range t.history(no) {
		if line.sorted > 0 && (!ok || line.entries[0].At < at) {
			at, ok = line.entries[0].At, true
		}
	}
	return at, ok
}

// Follow makes a lead one of a group, whose timelines get its activities, those of before
// and those to come. Its price is that of the lead's own activities.
func (t *Table) Follow(no LeadNo, group *Timelines) {
	lead := t.of(no)
	lead.groups = append(lead.groups, group)
	lead.history.each(group.insert)
}

// Unfollow is the reverse of Follow.
func (t *Table) Unfollow(no LeadNo, group *Timelines) {
	lead := t.of(no)
	lead.groups = slices.DeleteFunc(lead.groups, func(other *Timelines) bool { return other == group })
	lead.history.each(group.remove)
}

// ByID returns the record of an id and its number.
func (t *Table) ByID(id int64) (*Record, ordered.Ref, bool) {
	number, ok := t.byID[id]
	if !ok {
		return nil, 0, false
	}
	return t.get(number), number, true
}

// Wants reports whether a filter lets a record through.
func (t *Table) Wants(f Filter, r *Record) bool { return t.wanted(f)(r.kind) }

// Newest returns up to n of a lead's activities in a span, newest first, and how many there
// are in all.
func (t *Table) Newest(no LeadNo, n int, within ordered.Span, f Filter) (page []*Record, total int) {
	found, total := t.history(no).newest(n, within, t.wanted(f))
	page = make([]*Record, len(found))
	for i := range found {
		page[i] = t.get(found[i].Ref)
	}
	return page, total
}

// HasWithin reports whether a lead has an activity in a range of Unix time, both ends
// included.
func (t *Table) HasWithin(no LeadNo, from, to int64) bool {
	return slices.ContainsFunc(t.history(no), func(line timeline) bool {
		i := line.search(ordered.Entry{At: from}, line.sorted)
		return i < line.sorted && line.entries[i].At <= to
	})
}

// Latest returns the time of a lead's newest activity, if it has any.
func (t *Table) Latest(no LeadNo) (at int64, ok bool) {
	found, _ := t.history(no).newest(1, ordered.Everything, all)
	if len(found) == 0 {
		return 0, false
	}
	return found[0].At, true
}

// Within returns how many activities lie in a span, and an iterator over the lead of each. The number is known
// without looking at them, so that a caller can choose the cheaper of two ways.
func (t *Table) Within(within ordered.Span) (n int, leads iter.Seq[LeadNo]) {
	rows := t.all.rows(within, all)
	for _, row := range rows {
		n += row.Left
	}
	return n, func(yield func(LeadNo) bool) {
		for _, row := range rows {
			for ; row.Left > 0; row.Next() {
				if !yield(t.get(row.First().Ref).lead) {
					return
				}
			}
		}
	}
}
