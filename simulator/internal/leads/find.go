package leads

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/record"
)

// Find returns at most n leads without activities that have a text, in the order they were added, from a number on. It looks at a
// bounded number of them, and returns the number to go on at, 0 if there are no more.
func (t *Table) Find(text string, from, n, bound int) (page []record.Lead, next int) {
	text = strings.ToLower(text)
	from = min(max(from, 0), len(t.all))
	for i, l := range t.all[from:] {
		if len(page) == n || i == bound {
			return page, from + i
		}
		work.Looked(1)
		no := No(from + i) //nolint:gosec // no more than there are leads
		if at, there := t.byID[l.id]; there && at == no && l.has(text) {
			out := t.record(l)
			t.date(&out, l, no)
			page = append(page, out)
		}
	}
	return page, 0
}

// Brief returns the lead of an id without its activities.
func (t *Table) Brief(id int64) (record.Lead, bool) {
	no, ok := t.byID[id]
	if !ok {
		return record.Lead{}, false
	}
	out := t.record(t.Lead(no))
	t.date(&out, t.Lead(no), no)
	return out, true
}

// has reports whether a lead has a text, which is in lower case.
func (l *Row) has(text string) bool {
	in := func(value string) bool { return strings.Contains(strings.ToLower(value), text) }
	return text == "" || in(l.email) || strings.Contains(strconv.FormatInt(l.id, 10), text) ||
		slices.ContainsFunc(l.values, func(v Value) bool { return in(v.Value) }) ||
		slices.ContainsFunc(l.keys, func(k record.LeadKey) bool { return in(k.Value) })
}
