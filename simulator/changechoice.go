package simulator

import (
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/internal/work"
)

// changes are the records that a request of getLeadChanges chooses: rows in the order of
// time, and which of their leads count.
type changes struct {
	rows  []ordered.Run
	leads func(leadNo) bool // nil: all
}

// changesFound is what a page has found.
type changesFound struct {
	entries []ordered.Entry
	reached *ordered.Entry // the last one that was looked at; nil: none was
	left    int            // how many follow
}

// page returns up to n of the oldest records and how many follow: exactly, unless some
// leads do not count and there are more records than a page looks at. Then it is how many
// are left to look at, and nothing is looked at for the number alone.
func (c changes) page(st *store, n int) changesFound {
	if c.leads == nil {
		entries, total := ordered.Oldest(c.rows, n)
		return changesFound{entries, lastEntry(entries), total - len(entries)}
	}
	var found changesFound
	rows, total := ordered.Merge(c.rows)
	countable := total <= work.MaxLooked
	for looks := min(total, work.MaxLooked); looks > 0 && (countable || len(found.entries) < n); looks-- {
		e := rows.Next()
		total--
		counts := c.leads(st.get(e.Ref).lead)
		switch {
		case len(found.entries) == n && counts:
			found.left++
		case len(found.entries) == n:
		case counts:
			found.entries = append(found.entries, e)
			found.reached = lastEntry(found.entries)
		case looks == 1:
			found.reached = &e
		}
	}
	found.left += total
	return found
}

func lastEntry(page []ordered.Entry) *ordered.Entry {
	if len(page) == 0 {
		return nil
	}
	return &page[len(page)-1]
}

// chooseChanges returns the records in the span that the request chooses.
func (s *Simulator) chooseChanges(sel gen.LeadSelector, at changePosition, f changeFilter) (changes, error) {
	since, err := activeSince(at.start)
	if err != nil {
		return changes{}, err
	}
	switch sel := sel.(type) {
	case *gen.LeadKeySelector:
		ids, err := s.keyedChanges(sel)
		if err != nil {
			return changes{}, err
		}
		return s.ofLeads(s.leads.numbers(ids), since, at.within, f), nil
	case *gen.StaticListSelector:
		l, err := s.selectedList(sel)
		if err != nil {
			return changes{}, err
		}
		return s.inTime(l, since, at.within, f), nil
	case *gen.LastUpdateAtSelector:
		// Who has an activity in the range was updated in it: the bounds say all. A range
		// without an end ends when the reading began.
		r, err := readRange(sel, servicetime.Unix(at.began))
		if err != nil {
			return changes{}, err
		}
		at.within.Narrow(r.from, r.to)
	}
	return s.inTime(nil, since, at.within, f), nil
}

// keyedChanges returns the ids of the leads that a selector names.
func (s *Simulator) keyedChanges(sel *gen.LeadKeySelector) ([]int64, error) {
	values, err := readKeys(sel)
	if err != nil {
		return nil, err
	}
	if given := len(sel.KeyValues.StringItem); len(values) < given {
		return nil, fault.Newf(fault.CodeBadParameter, "leadSelector/keyValues has %d keys: %d are allowed", given, maxSelectorKeys)
	}
	return s.withKeys(sel.KeyType, values)
}

// activeSince reads activityCreatedAt: leads that were not updated since then do not
// count.
func activeSince(p gen.StreamPosition) (gen.Opt[int64], error) {
	text, ok := p.ActivityCreatedAt.Get()
	if !ok {
		return gen.Opt[int64]{}, nil
	}
	since, err := text.Time()
	if err != nil {
		return gen.Opt[int64]{}, badTime("activityCreatedAt", text)
	}
	return gen.Some(since.Unix()), nil
}

// inTime returns the records of a list's members or, without a list, of all leads. If only
// few leads have been active since a moment the records are searched for with these, for
// there may be many others.
func (s *Simulator) inTime(l *list, since gen.Opt[int64], within ordered.Span, f changeFilter) changes {
	lines := s.timelines
	if l != nil {
		lines = l.timelines
	}
	if since.State != gen.Present {
		return changes{rows: lines.rows(within, f.wants)}
	}
	active := s.leads.updates.Run(ordered.Span{Since: ordered.Entry{At: since.Value}, Before: ordered.Everything.Before})
	if active.Left > work.MaxSingly {
		return changes{lines.rows(within, f.wants), s.updatedSince(since)}
	}
	var few changes
	for ; active.Left > 0; active.Next() {
		no := leadNo(active.First().Ref)
		if l == nil || l.members.Has(s.member(no)) {
			few.rows = s.leads.at(no).history.appendRuns(few.rows, within, f.wants)
		}
	}
	return few
}

// updatedSince returns the question whether a lead was updated since a moment, if one is
// given.
func (s *Simulator) updatedSince(since gen.Opt[int64]) func(leadNo) bool {
	return func(no leadNo) bool { return since.State != gen.Present || s.leads.at(no).updated >= since.Value }
}

// ofLeads returns the records of leads that are named. An owner may have very many: their
// records are searched for in the order of time.
func (s *Simulator) ofLeads(named []leadNo, since gen.Opt[int64], within ordered.Span, f changeFilter) changes {
	updated := s.updatedSince(since)
	if len(named) > work.MaxSingly {
		slices.Sort(named)
		isNamed := func(no leadNo) bool { _, is := slices.BinarySearch(named, no); return is }
		return changes{s.timelines.rows(within, f.wants), func(no leadNo) bool { return isNamed(no) && updated(no) }}
	}
	var few changes
	for _, no := range named {
		if updated(no) {
			few.rows = s.leads.at(no).history.appendRuns(few.rows, within, f.wants)
		}
	}
	return few
}

// appendRuns appends a run for each timeline that is wanted.
func (h history) appendRuns(rows []ordered.Run, within ordered.Span, wanted func(kind name) bool) []ordered.Run {
	for part := range h.within(within, wanted) {
		rows = append(rows, ordered.RunOf(part))
	}
	return rows
}
