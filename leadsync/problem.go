package leadsync

import (
	"fmt"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// ignore is the hook for unreadable records in calls that are made for another purpose. Whatever record it is, the
// reading of its stream will meet it again and store it.
func ignore(*operations.RecordError) {}

// minUnreadablePage is from how many records on a page without any readable one is taken for an answer in an unknown
// form, and not for a page of damaged records. Storing all of them as problems and going on would make a copy without
// rows and without an error.
const minUnreadablePage = 20

// unreadable collects the records of a page that cannot be read.
type unreadable struct {
	stream   StreamName
	strict   bool // they are errors
	problems []store.Problem
	first    *operations.RecordError
}

// hook is the OnUnreadable of the options of operations.
func (u *unreadable) hook() func(*operations.RecordError) {
	if u.strict {
		return nil
	}
	return u.add
}

// add stores a record. Its place on the page is left out of the text, since it is another one each time and would
// make the same problem look new.
func (u *unreadable) add(e *operations.RecordError) {
	if len(u.problems) == 0 {
		u.first = e
	}
	u.problems = append(u.problems, store.NewProblem(u.stream, fmt.Sprintf("%s is %.80q: %s", e.Field, e.Value, e.Err), e.GUID, e.Record))
}

// take returns the problems that were found so far, of a page that has good readable records as well, and forgets them.
func (u *unreadable) take(good int) ([]store.Problem, error) {
	problems := u.problems
	u.problems = nil
	if good == 0 && len(problems) >= minUnreadablePage {
		return nil, &fault.DecodeError{Offset: -1, Err: fmt.Errorf("none of the %d records of the page can be read: %w", len(problems), u.first)}
	}
	return problems, nil
}
