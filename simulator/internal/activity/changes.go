package activity

import (
	"iter"
	"slices"

	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
)

// Query is what changes are asked for.
type Query struct {
	Within      ordered.Span
	Filter      Filter
	ActiveSince *int64 // leads that were not updated since this Unix time do not count; nil: all do
}

// Updates tells when leads were last updated.
type Updates interface {
	// Updated returns the time of a lead's latest update.
	Updated(no LeadNo) int64
	// UpdatedSince returns the leads that were updated since a time; the ref is the number.
	UpdatedSince(at int64) ordered.Run
}

// Group is a group of leads that keeps their activities in the order of time.
type Group interface {
	Has(no LeadNo) bool
	Timelines() *Timelines
}

// Changes are the records that a query chooses: rows in the order of time, and which of
// them count.
type Changes struct {
	table *Table
	rows  []ordered.Run
	keep  func(*Record) bool // nil: all
}

// All yields the changes, oldest first. It uses them up.
func (c Changes) All() iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		rows, left := ordered.Merge(c.rows)
		for ; left > 0; left-- {
			if r := c.table.get(rows.Next().Ref); (c.keep == nil || c.keep(r)) && !yield(r) {
				return
			}
		}
	}
}

// Again returns the same changes, to be read from their beginning: a page uses them up.
func (c Changes) Again() Changes {
	c.rows = slices.Clone(c.rows)
	return c
}

// Where leaves only the changes that a function wants.
func (c Changes) Where(wants func(*Record) bool) Changes {
	if before := c.keep; before != nil {
		c.keep = func(r *Record) bool { return before(r) && wants(r) }
	} else {
		c.keep = wants
	}
	return c
}

// ofLeads turns a condition on leads into one on their records.
func ofLeads(wants func(LeadNo) bool) func(*Record) bool {
	return func(r *Record) bool { return wants(r.lead) }
}

// ChangePage is a page of changes.
type ChangePage struct {
	Records []*Record
	Reached *Record       // the last one that was looked at; nil: none was
	Left    int           // how many follow
	Place   ordered.Entry // that of Reached
}

// Page returns up to n of the oldest records, and how many follow. The number is exact unless leads have to be left
// out and there are more records than a page may look at; then it is the number of records left to look at. Nothing
// is looked at only to count it.
func (c Changes) Page(n int) ChangePage {
	if c.keep == nil {
		entries, total := ordered.Oldest(c.rows, n)
		page := ChangePage{Records: make([]*Record, len(entries)), Left: total - len(entries)}
		for i, e := range entries {
			page.Records[i] = c.table.get(e.Ref)
			page.Reached, page.Place = page.Records[i], e
		}
		return page
	}
	var page ChangePage
	rows, total := ordered.Merge(c.rows)
	countable := total <= work.MaxLooked
	for looks := min(total, work.MaxLooked); looks > 0 && (countable || len(page.Records) < n); looks-- {
		e := rows.Next()
		r := c.table.get(e.Ref)
		total--
		if page.take(r, n, c.keep(r), looks == 1) {
			page.Place = e
		}
	}
	page.Left += total
	return page
}

// Stored returns how many records were stored: the number of the next one.
func (t *Table) Stored() ordered.Ref { return ordered.Ref(t.n) }

// Late returns up to n records that lie in a span although they were stored from a number on, in the
// order in which they were stored; keep may be nil. next is the number to go on from, that of Stored
// where no others follow: it looks at a bounded number of records.
func (t *Table) Late(from ordered.Ref, within ordered.Span, f Filter, keep func(*Record) bool, n int) (page []*Record, next ordered.Ref) {
	wants := t.wanted(f)
	for next = from; next < t.Stored() && next-from < work.MaxLooked && len(page) < n; next++ {
		r := t.get(next)
		e, at := ordered.Entry{At: r.at, Ref: next}, t.byID[r.id]
		there := at == next // it was not deleted with its lead
		if there && wants(r.kind) && within.Has(e) && (keep == nil || keep(r)) {
			page = append(page, r)
		}
	}
	return page, min(next, t.Stored())
}

// take adds a record to a page of n or counts it as one that follows. Last says that no further record is looked at.
// It reports whether the page reaches up to this record, so that the next page begins behind it.
func (p *ChangePage) take(r *Record, n int, counts, last bool) bool {
	switch full := len(p.Records) == n; {
	case full && counts:
		p.Left++
	case full:
	case counts:
		p.Records = append(p.Records, r)
		p.Reached = r
		return true
	case last:
		p.Reached = r
		return true
	}
	return false
}

// ChangesIn returns the changes of a group of leads or, if that is nil, of all. If only few leads were active since
// the given moment, their own histories are merged, since there may be very many records of others; otherwise all
// records are gone through in order.
func (t *Table) ChangesIn(group Group, leads Updates, q Query) Changes {
	lines, wants := &t.all, t.wanted(q.Filter)
	if group != nil {
		lines = group.Timelines()
	}
	if q.ActiveSince == nil {
		return Changes{t, lines.rows(q.Within, wants), nil}
	}
	active := leads.UpdatedSince(*q.ActiveSince)
	if active.Left > work.MaxSingly {
		return Changes{t, lines.rows(q.Within, wants), ofLeads(updatedSince(leads, q.ActiveSince))}
	}
	few := Changes{table: t}
	for ; active.Left > 0; active.Next() {
		no := LeadNo(active.First().Ref)
		if group == nil || group.Has(no) {
			few.rows = t.history(no).appendRuns(few.rows, q.Within, wants)
		}
	}
	return few
}

// ChangesOf returns the changes of leads that are named, those of a lead that is named twice once. The key of an owner
// may name very many leads; then it is cheaper to go through all records in order than to merge as many histories.
func (t *Table) ChangesOf(named []LeadNo, leads Updates, q Query) Changes {
	updated, wants := updatedSince(leads, q.ActiveSince), t.wanted(q.Filter)
	named = slices.Compact(slices.Sorted(slices.Values(named)))
	if len(named) > work.MaxSingly {
		isNamed := func(no LeadNo) bool { _, is := slices.BinarySearch(named, no); return is }
		return Changes{t, t.all.rows(q.Within, wants), ofLeads(func(no LeadNo) bool { return isNamed(no) && updated(no) })}
	}
	few := Changes{table: t}
	for _, no := range named {
		if updated(no) {
			few.rows = t.history(no).appendRuns(few.rows, q.Within, wants)
		}
	}
	return few
}

// updatedSince returns the condition that a lead was updated since a moment; without a moment it always holds.
func updatedSince(leads Updates, since *int64) func(LeadNo) bool {
	return func(no LeadNo) bool { return since == nil || leads.Updated(no) >= *since }
}
