package leadsync

import (
	"fmt"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// ignore passes over a record that cannot be read, where a call is made for something else: the reading of the stream
// finds it again.
func ignore(*operations.RecordError) {}

// minUnreadablePage is from how many records on a page that has no readable one is not taken for
// a page of damaged records, but for an answer in a form that is not known.
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

// add takes a record. The place on the page is left out of the text: it is another one next time.
func (u *unreadable) add(e *operations.RecordError) {
	if len(u.problems) == 0 {
		u.first = e
	}
	u.problems = append(u.problems, store.NewProblem(u.stream, fmt.Sprintf("%s is %.80q: %s", e.Field, e.Value, e.Err), e.GUID, e.Record))
}

// take returns the problems of a page that has so many good records too.
func (u *unreadable) take(good int) ([]store.Problem, error) {
	problems := u.problems
	u.problems = nil
	if good == 0 && len(problems) >= minUnreadablePage {
		return nil, &fault.DecodeError{Offset: -1, Err: fmt.Errorf("none of the %d records of the page can be read: %w", len(problems), u.first)}
	}
	return problems, nil
}
