package leadsync

import (
	"fmt"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// take makes a piece of a page and moves on. paging tells that the next page follows by the cursor.
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

// dropOverlap drops the records that the page before ended with: those without a key of their own
// would count twice.
func (r *reader) dropOverlap(a *answer) {
	page := a.marks()
	n := r.at.Pass.overlap(r.page.beside(page), page.beside(r.page), a.records(), a.remaining)
	r.page = page
	a.activities = a.activities[min(n, len(a.activities)):]
	a.leads = a.leads[min(n, len(a.leads)):]
}

// remember keeps what the next page needs to know of this one.
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

// moveInRange moves on after a page of a range. paging tells that its next page follows, split that another
// range is asked for instead.
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

// scatters reports whether records without id and GUID come in another order than that of time, so that those that are
// alike may be on another page, or are from before the range, so that they may be in another one.
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

// rangeRead goes on behind a range.
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

// goOnPaging ends the pass after its last page.
func (r *reader) goOnPaging(more bool) (paging bool) {
	if !more {
		r.at.Pass.Ended = true
		r.at.Cursor, r.at.Tail, r.at.Pass.Page, r.at.Pass.GUIDs = "", nil, "", false
	}
	return more
}

// full is what the page tells if it is a full one.
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

// oneSecond reports whether all records are of the same.
func (a *answer) oneSecond() bool {
	n := len(a.activities)
	return n > 0 && a.activities[0].Time.Unix() == a.activities[n-1].Time.Unix()
}

// moveInHistory moves on after a page of a history, which is read no further than the window begins; after a merge no
// further than the copy does, since what has moved to the lead may have been read nowhere: the other lead was gone by then.
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

// nextLead ends the reading of a lead, and returns its key.
func (r *reader) nextLead() []string {
	key := r.window.Leads[r.at.Lead]
	r.at = position{Lead: r.at.Lead + 1}
	return []string{key}
}

// afterPass decides where to go on from the end of a pass whose rows have all been committed; written is
// what the window has inserted and updated so far. Its error says that nothing helps, and comes with
// where the next attempt begins.
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

// passed goes on behind a proven pass.
func (r *reader) passed() (read []string) {
	if r.stream.Name == LeadActivity {
		return r.nextLead()
	}
	r.rangeRead(r.at.Pass.Came, r.at.Pass.Inside)
	return nil
}

// what is read in a pass, for errors.
func (r *reader) what() string {
	if r.stream.Name == LeadActivity {
		return "lead " + r.window.Leads[r.at.Lead]
	}
	return fmt.Sprintf("%s to %s", r.at.Range.from().Format(time.RFC3339), r.at.Range.to().Format(time.RFC3339))
}
