package leadsync

import (
	"fmt"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// take turns a page into what is handed to the caller, and moves the position on. Paging reports that the next page
// of the same reading follows by the cursor. This is the one place that decides, for all streams, whether a page was
// enough, its range has to be split, or a pass begins.
func (r *reader) take(a answer) (p piece, paging bool) {
	if r.at.Cursor != "" {
		r.dropOverlap(&a)
	}
	p = piece{calls: 1, leads: a.leads, problems: a.problems}
	inside := len(a.leads)
	for i := range a.activities {
		if r.add(&p, a.activities[i]) {
			inside++
		}
	}
	repeated := r.at.Pass.Number > 1
	asked, first := r.at.Range, r.at.Cursor == ""
	var split bool
	if r.stream.Name == LeadActivity {
		paging = r.moveInHistory(&p, &a, inside)
	} else {
		paging, split = r.moveInRange(&a, inside)
	}
	if first && r.stream.Name != Activities {
		r.said = said{} // of another lead, or of leads that may have changed since
	}
	if !split {
		r.said.keepSaid(&p, asked)
	}
	if paging {
		r.remember(&a)
	}
	p.again = split
	if !repeated && !split {
		p.seen = int64(inside)
	}
	p.next, p.more = r.at, !r.ended()
	return p, paging
}

// dropOverlap drops the records at the beginning of a page with which the page before ended. A service that counts
// positions in records repeats some when records are inserted before them. Most have keys and could come twice, but
// records without one would be counted as two.
func (r *reader) dropOverlap(a *answer) {
	page := a.marks()
	n := r.at.Pass.overlap(r.page.beside(page), page.beside(r.page), a.records(), a.remaining)
	r.page = page
	a.activities = a.activities[min(n, len(a.activities)):]
	a.leads = a.leads[min(n, len(a.leads)):]
}

// remember stores in the position what the next page needs to know about this one. The marks of a page take some
// kilobytes in every commit, so they are stored only if a record on it has no key of its own.
func (r *reader) remember(a *answer) {
	if r.at.Pass.Came == a.records() { // it is the first one
		r.page = a.marks()
	}
	r.at.Cursor, r.at.Tail = a.next.String(), r.twins.tail()
	keyless := slices.ContainsFunc(a.activities, func(a operations.Activity) bool { return !store.HasOwnKey(&a) })
	if r.at.Pass.Page, r.at.Pass.GUIDs = "", false; keyless {
		r.at.Pass.Page, r.at.Pass.GUIDs = encodeMarks(r.page.of), r.page.guids
	}
}

// moveInRange moves on after a page of a range of Activities or Leads. If the page was the whole range, it is done.
// If not, a shorter range is asked for instead (split), or the range is read page by page in a pass (paging).
func (r *reader) moveInRange(a *answer, inside int) (paging, split bool) {
	at := &r.at
	first, came := at.Cursor == "", a.records()
	at.Range = at.Range.called(came, a.remaining, r.window)
	switch {
	case first && r.scatters(a):
		at.Range = at.Range.whole(r.window)
		return false, true
	case first && !a.more: // the whole range, as it was in one moment
		r.rangeRead(came, inside)
		return false, false
	case first:
		other, ok := at.Range.other(came+a.remaining, a.full(at.Range), r.window)
		crowded := at.Range.Calls == 1 && a.oneSecond() // then passes through the whole take fewer calls
		if ok && !crowded && at.Pass.Number == 0 {
			at.Range = other
			return false, true
		}
		at.Pass = at.Pass.begun(came, inside, a.remaining, at.Range.Exact)
	default:
		at.Pass = at.Pass.continued(came, inside, a.remaining)
	}
	return r.goOnPaging(a.more), false
}

// scatters reports whether the source gives records in another order than by time, in a place where that matters.
// Records that have neither id nor GUID and are alike are numbered in the order in which they come. If they come in
// different ranges, each range would number them from the start and two records would become one row. So the whole
// window is read as one range then.
func (r *reader) scatters(a *answer) bool {
	g := r.at.Range
	if g.Whole || !slices.ContainsFunc(a.activities, func(x operations.Activity) bool { return !store.HasOwnKey(&x) }) {
		return false
	}
	asked := r.since().Add(-edge)
	early := slices.ContainsFunc(a.activities, func(x operations.Activity) bool { return x.Time.Before(asked) && !x.Time.Before(beginOf(&r.window)) })
	all := !a.more && g.From == r.window.From.Unix() && g.To == r.window.To.Unix()
	inOrder := slices.IsSortedFunc(a.activities, func(x, y operations.Activity) int { return x.Time.Compare(y.Time) })
	return early || !inOrder && !all
}

// rangeRead moves on behind a range that was read completely.
func (r *reader) rangeRead(came, inside int) {
	g := r.at.Range
	if r.stream.Name == Leads { // which lie inside nobody can tell: no more than there are
		inside = max(min(came, g.Total-g.Rows), 0)
	}
	r.at = position{Range: g.after(came, inside, r.window)}
	if r.ended() && r.stream.Name == Activities {
		r.pace.note(r.at.Range, r.window)
	}
}

// goOnPaging marks the end of a pass after its last page.
func (r *reader) goOnPaging(more bool) (paging bool) {
	if !more {
		r.at.Pass.Ended = true
		r.at.Cursor, r.at.Tail, r.at.Pass.Page, r.at.Pass.GUIDs = "", nil, "", false
	}
	return more
}

// full returns what a page shows about where the next one would begin, if it is full and in order of time.
func (a *answer) full(g timeRange) fullPage {
	n := len(a.activities)
	inOrder := slices.IsSortedFunc(a.activities, func(x, y operations.Activity) int { return x.Time.Compare(y.Time) })
	if n == 0 || n < g.Page || !inOrder {
		return fullPage{}
	}
	full := fullPage{last: a.activities[n-1].Time.Unix()}
	for i := range a.activities {
		if at := a.activities[i].Time.Unix(); at >= g.From && at < full.last-1 {
			full.fit++
		}
	}
	return full
}

// oneSecond reports whether all activities of the page are of the same second. No shorter range can help then.
func (a *answer) oneSecond() bool {
	n := len(a.activities)
	return n > 0 && a.activities[0].Time.Unix() == a.activities[n-1].Time.Unix()
}

// moveInHistory moves on after a page of a lead's history, which is read newest first and no further back than the
// window begins. After a merge it is read as far back as the copy goes: the records that came from the other lead may
// never have been read, if that lead was gone before a run got to it.
func (r *reader) moveInHistory(p *piece, a *answer, inside int) (paging bool) {
	first, n := r.at.Cursor == "", len(a.activities)
	lately := r.lately || r.at.Pass.Merged
	p.from, r.lately = r.window.From, false
	if lately {
		p.from = beginOf(&r.window)
	}
	more := a.more && (n == 0 || !a.activities[n-1].Time.Before(p.from))
	switch {
	case first && !more:
		p.read = r.nextLead()
		return false
	case first:
		r.at.Pass = r.at.Pass.begun(a.records(), inside, a.remaining, false)
	default:
		r.at.Pass = r.at.Pass.continued(a.records(), inside, a.remaining)
	}
	r.at.Pass.Merged = lately
	return r.goOnPaging(more)
}

// nextLead ends the reading of a lead, returns its key and moves on to the next one.
func (r *reader) nextLead() []string {
	key := r.window.Leads[r.at.Lead]
	r.at = position{Lead: r.at.Lead + 1}
	return []string{key}
}

// afterPass decides where to go after a pass whose rows have all been committed; written is how many rows the window
// has inserted and updated so far. Either the pass was enough, or shorter ranges are tried, or it is read again.
// After maxPasses there is an error, which comes with the position where the next attempt begins.
func (r *reader) afterPass(written int64) (p piece, err error) {
	g, last := r.at.Range, r.at.Pass
	switch shorter, ok := g.forced(); {
	case last.proven(written, g.Exact, g.affordsPass(last.Came, r.window)):
		p.read = r.passed()
	case ok && last.Number > 1: // it changes while it is read: shorter ranges do not
		r.at = position{Range: shorter}
	case last.Number >= maxPasses:
		err = last.unproven(r.what())
		r.at.Pass = last.again(2, written)
	default:
		r.at.Pass = last.again(last.Number+1, written)
	}
	p.next, p.more = r.at, !r.ended()
	return p, err
}

// passed moves on behind a pass that was enough.
func (r *reader) passed() (read []string) {
	if r.stream.Name == LeadActivity {
		return r.nextLead()
	}
	r.rangeRead(r.at.Pass.Came, r.at.Pass.Inside)
	return nil
}

// what describes what is being read in a pass, for errors.
func (r *reader) what() string {
	if r.stream.Name == LeadActivity {
		return "lead " + r.window.Leads[r.at.Lead]
	}
	return fmt.Sprintf("%s to %s", r.at.Range.from().Format(time.RFC3339), r.at.Range.to().Format(time.RFC3339))
}
