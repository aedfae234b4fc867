package leadsync

import (
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// timeRange is the part of a window of Activities or Leads that is asked for next.
//
// A page is the only thing that is read in one moment. While a stream is read page by page,
// records leave and enter it, and where the service counts its position in records those that
// follow move: some never come, and nothing tells. So a window is read in ranges of time that
// fit into a page each. Whether one does is what its page says of more to come, no count is needed for
// that; counts only help to guess how long ranges should be.
//
// That takes calls. The window stays within twice those of reading it page by page, as far
// as counts tell how many those are; where that leaves no room to try, or a second has more than a page, a
// range is read page by page: see pass.
type timeRange struct {
	From  int64 `json:"from"`            // Unix time; what lies before it is copied
	To    int64 `json:"to"`              // exclusive
	Calls int   `json:"calls,omitempty"` // of the window, so far
	Rows  int   `json:"rows,omitempty"`  // of the window, up to From
	Total int   `json:"total,omitempty"` // rows of the window, as its first page announced them
	Page  int   `json:"page,omitempty"`  // rows of the fullest page after which there was more
	// Exact: counts are a proof; see newRange.
	Exact bool `json:"exact,omitempty"`
	// Forced: ranges are split whatever it costs, since reading one page by page has failed.
	Forced bool `json:"forced,omitempty"`
	// Whole: it is read page by page and not split, so that records that are alike are numbered in one go; see
	// timeRange.whole.
	Whole bool `json:"whole,omitempty"`
}

// margin is how many seconds of rows beyond its ends a range may bring; see edge.
const margin = 2

// maxLost is how many calls ranges that are too long may cost beyond twice those of the pages, where there are
// many: ranges that fit bring them in again.
const maxLost = 3

// newRange returns the first range of a window: all of it, since most windows fit into a page. Exact is set for
// leads: their counts are documented as exact, and a lead that is updated meanwhile can only leave a range (Marketo
// SOAP API, getMultipleLeads), so a pass whose counts agree needs no second one. Activities may also be added late.
func newRange(name StreamName, w store.Window) timeRange {
	return timeRange{From: w.From.Unix(), To: w.To.Unix(), Exact: name == Leads}
}

func (g timeRange) from() time.Time { return time.Unix(g.From, 0).UTC() }
func (g timeRange) to() time.Time   { return time.Unix(g.To, 0).UTC() }

// contains reports whether a time lies in the range.
func (g timeRange) contains(t time.Time) bool { return t.Unix() >= g.From && t.Unix() < g.To }

// whole returns the whole window and the lookback before it as one range that is not split. Equal records without id
// and GUID are numbered as they come, and a source that orders by when it stored them may otherwise give one of them
// in each of several ranges or windows. Records stored further apart than the lookback are taken for one.
func (g timeRange) whole(w store.Window) timeRange {
	g.From, g.To, g.Whole = latest(beginOf(&w), w.From.Add(-DefaultLookback)).Unix(), w.To.Unix(), true
	return g
}

// called notes what an answer says: how many rows came and how many are announced. If the range is only a part of the
// window, the whole window is assumed to be like it.
func (g timeRange) called(came, remaining int, w store.Window) timeRange {
	if g.Calls++; g.Calls == 1 {
		g.Total = int(int64(came+remaining) * (w.To.Unix() - g.From) / max(g.To-g.From, 1))
	}
	if remaining > 0 {
		g.Page = max(g.Page, came)
	}
	return g
}

// after returns the range that follows this one, of which all rows have come, some of them inside of the window. Its
// length is guessed from the density so far; if little is left, or no call is left for a wrong guess, it is
// everything up to the end.
func (g timeRange) after(came, inside int, w store.Window) timeRange {
	length, end := g.sized(came), w.To.Unix()
	g.Rows += inside
	rest := g.Total - g.Rows
	if even := g.even(end-g.To, rest); even > length && 4*even <= 5*length {
		length = even
	}
	g.From, g.To = g.To, min(g.To+length, end)
	few := rest >= 0 && 4*rest <= 3*g.Page
	if few || !g.affordsTry() {
		g.To = end // without further trying
	}
	return g
}

// other returns what to ask for in place of a range that has more than a page; ok is false if there is nothing
// better, and the range has to be read in a pass.
func (g timeRange) other(rows int, full fullPage, w store.Window) (next timeRange, ok bool) {
	if shorter, ok := g.split(rows, full); ok {
		return shorter, true
	}
	end := w.To.Unix()
	if g.Exact && g.To < end && !g.affordsPass(rows, w) { // the rest may have as many again
		g.To = end
		return g, true
	}
	return g, false
}

// split returns a shorter range with the same beginning; ok is false if there is none or if no call is left to try
// it. Full is what the page shows that was just read: a page in order of time shows exactly up to which second the
// records fit.
func (g timeRange) split(rows int, full fullPage) (shorter timeRange, ok bool) {
	if g.Whole {
		return g, false
	}
	shorter, sure := g, g
	shorter.To = g.From + min(g.sized(rows), (g.To-g.From)/2)
	switch {
	case full.last > g.From+1:
		shorter.To = min(full.last-1, g.To-1) // up to there they fit; the last second may be cut off
		sure.Rows += full.fit
	case full.last > 0:
		shorter.To = full.last + 1 // it has more than a page, and is read alone
	}
	shorter.To = max(shorter.To, min(g.From+g.shortest(), g.To))
	return shorter, shorter.To < g.To && sure.affordsTry()
}

// fullPage is what a page tells that is full and in the order of time. The zero value tells nothing.
type fullPage struct {
	last int64 // Unix time of the last record
	fit  int   // records in the range before the second before that
}

// forced returns half of the range, if it can be split. From then on ranges are split whatever it costs, because
// reading page by page has failed.
func (g timeRange) forced() (shorter timeRange, ok bool) {
	g.Forced = true
	return g.split(0, fullPage{})
}

// sized guesses how many seconds hold three quarters of a page, given the rows of this range. A range is at most four
// times as long as the one before it, since activities come in bursts and a quiet minute says little about the next.
func (g timeRange) sized(rows int) int64 {
	length := g.To - g.From
	if rows == 0 || g.Page == 0 {
		return 4 * length
	}
	guess := (length+margin)*3*int64(g.Page)/(4*int64(rows)) - margin
	return max(min(guess, 4*length), g.shortest())
}

// even returns the length of equal parts, in seconds, if the rows lie evenly and each part may fill nine tenths of a
// page. That takes fewer calls than parts of three quarters with a short one at the end.
func (g timeRange) even(length int64, rows int) int64 {
	if g.Page == 0 || rows <= 0 {
		return length
	}
	parts := (10*int64(rows) + 9*int64(g.Page) - 1) / (9 * int64(g.Page))
	return max((length+parts-1)/parts, g.shortest())
}

// shortest is how long ranges are at least, in seconds. Those of an exact stream may have some more:
// a pass serves them well, and what lies on an edge may have to be read twice.
func (g timeRange) shortest() int64 {
	if g.Exact && !g.Forced {
		return 10
	}
	return 1
}

// affordsTry reports whether a range may be tried that perhaps does not fit: if it does not, the rest can still be
// read in passes. A lead may be in every range in which something happened to it, so for leads the rest may have all
// of them.
func (g timeRange) affordsTry() bool {
	if g.Exact {
		return g.affords(1, g.pages(g.Total))
	}
	return g.affords(1, 2*g.pages(g.Total-g.Rows))
}

// affordsPass reports whether enough calls are left for a pass through so many rows and for what follows the range.
func (g timeRange) affordsPass(rows int, w store.Window) bool {
	rest := 0
	if g.To < w.To.Unix() {
		rest = g.pages(g.Total)
	}
	return g.affords(g.pages(rows), rest)
}

// affords reports whether the window stays within twice the calls of its pages if so many more are made, and so many
// for the rest.
func (g timeRange) affords(calls, rest int) bool {
	all := g.pages(max(g.Total, g.Rows))
	most := 2 * all
	if !g.Exact {
		most += min(all/4, maxLost)
	}
	return g.Forced || g.Calls+calls+rest <= most
}

// pages returns how many pages so many rows take, at least one.
func (g timeRange) pages(rows int) int {
	if g.Page == 0 {
		return 1
	}
	return max((rows+g.Page-1)/g.Page, 1)
}
