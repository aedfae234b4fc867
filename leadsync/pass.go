package leadsync

import (
	"bytes"
	"encoding/base64"
	"fmt"

	"github.com/mktows/mktows-go/leadsync/store"
)

// pass is one reading of what has more than a page: of a range that cannot be split, or of the
// history of a lead. It goes page by page, so that what changes meanwhile can make it miss records;
// see timeRange.
//
// Its counts tell much of that: at each page, the records that have come and those that are said to
// follow have to be as many as the first page announced. But counts may be no counts, or be made from
// the position, and one record that leaves hides another that enters. So a pass is proven by the next one, which
// finds nothing new. Only of leads, which enter no range, the counts alone decide where another pass would
// take more than twice the calls of the window.
type pass struct {
	Number int  `json:"number,omitempty"` // from 1; 0: there is no pass
	Total  int  `json:"total,omitempty"`  // records that the first page announced, its own included
	Came   int  `json:"came,omitempty"`   // records so far, each once
	Inside int  `json:"inside,omitempty"` // of these, those that lie in the range
	Left   int  `json:"left,omitempty"`   // records that the last page said to follow
	Agreed bool `json:"agreed,omitempty"` // the counts did, at each page
	Merged bool `json:"merged,omitempty"` // the history of a lead tells of a merge that the window does
	Ended  bool `json:"ended,omitempty"`  // all pages are read, and it is to be decided whether that was enough
	// Before is how many rows the window had inserted and updated when the pass began.
	Before int64 `json:"before,omitempty"`
	// Page is the page before: what it ended with may come again at the beginning of the next. It is only
	// kept where records have no key of their own.
	Page  string `json:"page,omitempty"`
	GUIDs bool   `json:"guids,omitempty"` // records of that page had some
}

// maxPasses is how often one attempt reads the same before it fails.
const maxPasses = 5

// begun returns the pass after its first page. A service without exact counts may say that 1 record follows whenever
// there is more, so then 1 is not taken for a count.
func (p pass) begun(came, inside, remaining int, exact bool) pass {
	return pass{
		Number: max(p.Number, 1), Before: p.Before, Agreed: exact || remaining > 1,
		Total: came + remaining, Came: came, Inside: inside, Left: remaining,
	}
}

// continued returns the pass after another page, and checks that the counts still agree with the first page's.
func (p pass) continued(came, inside, remaining int) pass {
	p.Came += came
	p.Inside += inside
	p.Left = remaining
	p.Agreed = p.Agreed && p.Came+remaining == p.Total
	return p
}

// again returns the pass that follows; written is what the window has inserted and updated so far.
func (p pass) again(number int, written int64) pass { return pass{Number: number, Before: written} }

// proven reports whether the pass that has ended was enough: it has written nothing that was not there already. Exact
// says that the counts are a proof as well, which is used when another pass is not affordable.
func (p pass) proven(written int64, exact, affordable bool) bool {
	if p.Number > 1 && written == p.Before {
		return true
	}
	return exact && p.Agreed && (!affordable || p.Number >= maxPasses)
}

// unproven is the error of the last pass.
func (p pass) unproven(what string) error {
	return fmt.Errorf("%s: the source announced %d records and gave %d, and reading %d times has still brought others: "+
		"it changes faster than it can be read, try when it is quieter", what, p.Total, p.Came, p.Number)
}

// overlap returns with how many records a page begins that the page before ended with. If the counts have agreed so
// far, they say how many to look for: records is how many the page has, including those that cannot be read, and left
// how many it says will follow. Otherwise the longest match counts, unless it is the same record over and over, of
// which there may really be as many.
func (p pass) overlap(before, page []byte, records, left int) int {
	came := len(page) / store.MarkSize
	counted := records + left - p.Left
	if p.Agreed && counted == 0 {
		return 0
	}
	if p.Agreed && counted > 0 && counted <= records { // some of them may be unreadable
		for n := min(counted, came); n > 0; n-- {
			if matches(before, page, n) {
				return n
			}
		}
	}
	for n := min(came, len(before)/store.MarkSize); n > 0; n-- {
		if matches(before, page, n) && !repeats(page[:n*store.MarkSize]) {
			return n
		}
	}
	return 0
}

// matches reports whether the page before ends with the first n marks of this page.
func matches(before, page []byte, n int) bool {
	size := n * store.MarkSize
	return size <= len(before) && bytes.Equal(before[len(before)-size:], page[:size])
}

// repeats reports whether all marks are the same one.
func repeats(marks []byte) bool {
	return len(marks) == store.MarkSize || bytes.Equal(marks[store.MarkSize:], marks[:len(marks)-store.MarkSize])
}

// marks are short forms of the records of a page, to find the same ones on the next. Half of each is of what the record
// says, half of that and its key: two records that share only what they say are two. But an endpoint of another version,
// to which a pass may go on, gives the same records other keys.
type marks struct {
	of    []byte
	guids bool // some of the records have GUIDs
}

// add appends the mark of one record.
func (m *marks) add(d store.Digest, withKey [store.MarkSize]byte) {
	m.of = append(append(m.of, d[:store.MarkSize/2]...), withKey[:store.MarkSize/2]...)
}

// beside returns what of the marks can be compared with those of another page.
func (m marks) beside(other marks) []byte {
	if m.guids == other.guids {
		return m.of
	}
	says := bytes.Clone(m.of)
	for i := 0; i < len(says); i += store.MarkSize {
		clear(says[i+store.MarkSize/2 : i+store.MarkSize])
	}
	return says
}

// encodeMarks returns marks as text for a position.
func encodeMarks(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// decodeMarks returns the marks in a position. Damaged text gives no marks, so that nothing is taken for a
// repetition.
func decodeMarks(text string) []byte {
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return b[:len(b)/store.MarkSize*store.MarkSize]
}
