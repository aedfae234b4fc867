package operations

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/paging"
	"github.com/mktows/mktows-go/internal/safety"
)

// ErrStalled ends an iterator whose stream announces more records and does not get
// anywhere: a page gave no position, its own or an earlier one as the next. What was
// yielded before is good, but may have been yielded twice. It is a failure of the
// service.
var ErrStalled = paging.ErrStalled

// ErrEndless is the [ErrStalled] of a stream whose positions are new ones for ever: MaxEmptyPages pages in a row
// were empty, and the service did not say of any that fewer records follow than of one before.
var ErrEndless = paging.ErrEndless

// MaxEmptyPages is after how many empty pages in a row an iterator ends with [ErrEndless]. Fewer are
// nothing strange.
const MaxEmptyPages = paging.MaxEmpty

// ErrCursor says that a [Cursor] cannot be used: its text is damaged, or it was given
// by another operation or for another query. Starting over with the zero Cursor helps.
var ErrCursor = errors.New("unusable cursor")

// ArgumentError says that a call was refused before anything was sent, because the
// service would refuse it or would do something else than was asked for. It matches
// [fault.ErrInvalid].
type ArgumentError struct {
	Field string // what is wrong, such as "LeadKey.Value" or "ActivityOptions.Include[2]"
	Err   error  // why: the value and the rule
}

// Step is a part of the path to a field.
type Step struct {
	Name  string // of an argument or a field
	Index int    // of an element in it, from 0; -1: the name stands for the whole
}

// String returns the step as it stands in a field's name, such as "Header[3]".
func (s Step) String() string {
	if s.Index < 0 {
		return s.Name
	}
	return index(s.Name, s.Index)
}

// Path returns Field as steps from the argument on, for programs that have names of their own for fields:
// "Import.Header[3]" is the step Import, and element 3 of the step Header.
func (e *ArgumentError) Path() []Step {
	var path []Step
	for part := range strings.SplitSeq(e.Field, ".") {
		step := Step{Name: part, Index: -1}
		if name, rest, ok := strings.Cut(part, "["); ok {
			if i, err := strconv.Atoi(strings.TrimSuffix(rest, "]")); err == nil {
				step = Step{name, i}
			}
		}
		path = append(path, step)
	}
	return path
}

// Error names the field, the value and the rule.
func (e *ArgumentError) Error() string { return e.Field + ": " + e.Err.Error() }

// Is reports whether target is [fault.ErrInvalid].
func (e *ArgumentError) Is(target error) bool { return target == fault.ErrInvalid }

// Unwrap returns why the field is wrong.
func (e *ArgumentError) Unwrap() error { return e.Err }

// RecordError says that an answer holds a record that cannot be converted. It comes
// inside a [fault.DecodeError], and then the other records of the page are not returned
// either; or it is handed to OnUnreadable of the options, and they are.
type RecordError struct {
	Index int    // place of the record on the page, from 0
	Field string // name of the element, such as "activityDateTime"
	Value string // its text
	Err   error  // what was expected

	// Record is the whole record as JSON, with the names of the WSDL. Texts that are very long
	// are cut, and so is a very long list of attributes.
	Record string
	GUID   string // the record's marketoGUID; empty if it has none
}

// Error names the record, the field, its text and what was expected.
func (e *RecordError) Error() string {
	return fmt.Sprintf("records[%d] of the answer: %s is %.80q: %s", e.Index, e.Field, e.Value, e.Err)
}

// Unwrap returns what was expected.
func (e *RecordError) Unwrap() error { return e.Err }

// unreadable makes what is wrong with the content of an answer the same kind of error
// as what is wrong with its form.
func unreadable(err error) error { return fault.NewContentError(err) }

// unclear is an answer to in that does not tell what it should. After a write nobody knows then
// what the service has done.
func unclear(op string, in gen.Message, err error) error {
	err = unreadable(err)
	if safety.Of(op, in) != fault.ReadOnly {
		err = &fault.UnknownOutcomeError{Op: op, Err: err}
	}
	return opError(op, 1, err)
}

// opError names the operation in an error that does not name one: the client's do,
// those of other ports need not.
func opError(op string, attempts int, err error) error {
	var named *fault.OpError
	if err == nil || errors.As(err, &named) {
		return err
	}
	return &fault.OpError{Op: op, Attempts: attempts, Err: err}
}
