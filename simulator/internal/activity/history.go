package activity

import (
	"iter"
	"slices"
	"sort"

	"github.com/mktows/mktows-go/simulator/internal/ordered"
)

// history is a lead's activities, a timeline for each type. A page is merged from the
// timelines of the types asked for, so that neither it nor the count of what remains
// ever looks at a record of another type or of another page.
type history []timeline

// timeline is the activities of one lead and one type.
type timeline struct {
	kind    name
	sorted  int             // so many entries, from the front, are in order
	entries []ordered.Entry // oldest first
}

// add appends an entry. It may come out of order, so sort has to follow.
func (h *history) add(kind name, e ordered.Entry) {
	i := slices.IndexFunc(*h, func(t timeline) bool { return t.kind == kind })
	if i < 0 {
		i = len(*h)
		*h = append(*h, timeline{kind: kind})
	}
	t := &(*h)[i]
	if n := len(t.entries); t.sorted == n && (n == 0 || t.entries[n-1].Compare(e) < 0) {
		t.sorted++ // the usual case: activities happen one after the other
	}
	t.entries = append(t.entries, e)
}

// sort puts the entries in order that add has appended.
func (h history) sort() {
	for i := range h {
		h[i].sort()
	}
}

// sort inserts a few new entries where they belong; if there are many, it sorts all entries.
func (t *timeline) sort() {
	const few = 16
	added := t.entries[t.sorted:]
	if len(added) > few {
		slices.SortFunc(t.entries, ordered.Entry.Compare)
		t.sorted = len(t.entries)
		return
	}
	for _, e := range slices.Clone(added) {
		i := t.search(e, t.sorted)
		copy(t.entries[i+1:t.sorted+1], t.entries[i:t.sorted])
		t.entries[i] = e
		t.sorted++
	}
}

// search returns the place among the first n entries of the first one that is not
// before e.
func (t *timeline) search(e ordered.Entry, n int) int {
	return sort.Search(n, func(i int) bool { return t.entries[i].Compare(e) >= 0 })
}

// within yields what each wanted timeline has in the span, where it has anything.
func (h history) within(s ordered.Span, wanted func(kind name) bool) iter.Seq[[]ordered.Entry] {
	return func(yield func([]ordered.Entry) bool) {
		for i := range h {
			t := &h[i]
			if !wanted(t.kind) {
				continue
			}
			from, to := t.search(s.Since, t.sorted), t.search(s.Before, t.sorted)
			if from < to && !yield(t.entries[from:to]) {
				return
			}
		}
	}
}

// newest returns up to n entries of the span, newest first, and how many there are. Only timelines of wanted types
// count.
func (h history) newest(n int, s ordered.Span, wanted func(kind name) bool) (page []ordered.Entry, total int) {
	var rest [][]ordered.Entry
	for part := range h.within(s, wanted) {
		rest = append(rest, part)
		total += len(part)
	}
	page = make([]ordered.Entry, 0, min(n, total))
	for len(page) < cap(page) {
		page = append(page, takeNewest(&rest))
	}
	return page, total
}

// takeNewest takes the newest entry off the lists, none of which is empty. There are some tens of types, so comparing
// all last entries is faster than keeping a heap.
func takeNewest(lists *[][]ordered.Entry) ordered.Entry {
	all, best := *lists, 0
	for i := 1; i < len(all); i++ {
		if ordered.Last(all[best]).Compare(ordered.Last(all[i])) < 0 {
			best = i
		}
	}
	newest := ordered.Last(all[best])
	if all[best] = all[best][:len(all[best])-1]; len(all[best]) == 0 {
		all[best] = all[len(all)-1]
		*lists = all[:len(all)-1]
	}
	return newest
}

// appendRuns appends one run for each wanted timeline, for merging with others.
func (h history) appendRuns(rows []ordered.Run, within ordered.Span, wanted func(kind name) bool) []ordered.Run {
	for part := range h.within(within, wanted) {
		rows = append(rows, ordered.RunOf(part))
	}
	return rows
}

// each calls f with all entries.
func (h history) each(f func(kind name, e ordered.Entry)) {
	for _, line := range h {
		for _, e := range line.entries {
			f(line.kind, e)
		}
	}
}
