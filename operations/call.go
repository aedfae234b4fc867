package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// call makes a call whose arguments have been checked, and returns the result that
// stands in the answer. What can be wrong with any answer is dealt with here.
func call[I, O, R any](ctx context.Context, op string, method func(context.Context, *I) (*O, error), in *I, result func(*O) *R) (*R, error) {
	out, err := method(ctx, in)
	switch {
	case err != nil:
		return nil, opError(op, 1, err)
	case out == nil || result(out) == nil:
		request, _ := any(in).(gen.Message)
		return nil, unclear(op, request, fmt.Errorf("it has no %s", resultElement(op)))
	}
	return result(out), nil
}

// resultElement names the element that an answer consists of.
func resultElement(op string) string {
	if op == opGetLeadActivity {
		return "leadActivityList" // the only one that is not in a result (WSDL: SuccessGetLeadActivity)
	}
	return "result"
}

// stream is a paged query with its arguments checked. It is not changed any more:
// iterators share it.
type stream[T any] struct {
	op          string
	fingerprint uint64
	mark        string // of the port
	start       Cursor
	// fetch makes one call. The message is one of its own, as a port may keep or change it.
	fetch func(ctx context.Context, at Cursor) (Page[T], error)
}

// page returns the page at a cursor, or the first one where that is zero.
func (s *stream[T]) page(ctx context.Context, at Cursor) (Page[T], error) {
	if err := s.check("at", at); err != nil {
		return Page[T]{}, opError(s.op, 0, err)
	}
	return s.get(ctx, cmp.Or(at, s.start))
}

// check refuses a cursor that is not one of this stream; field names the argument.
func (s *stream[T]) check(field string, c Cursor) error {
	return c.check(field, s.op, s.fingerprint, s.mark)
}

// get makes one call. At the cursor of a last page the end of the stream comes as an
// empty page, so that it can be asked again for what happened since. Anywhere else
// that answer (20123) contradicts the page before, which announced more records: they would be
// lost if it were taken for the end.
func (s *stream[T]) get(ctx context.Context, at Cursor) (Page[T], error) {
	p, err := s.fetch(ctx, at)
	if at.last && errors.Is(err, fault.ErrEndOfStream) {
		return Page[T]{Next: at}, nil
	}
	if err != nil {
		return Page[T]{}, opError(s.op, 1, err)
	}
	if !p.Next.IsZero() {
		p.Next.mark = s.mark
	}
	return p, nil
}

func (s *stream[T]) pages(ctx context.Context) iter.Seq2[Page[T], error] {
	return pages(ctx, s.op, s.start, s.get)
}

// simplePosition is the cursor at a position that is one string.
func simplePosition(op string, fingerprint uint64, position string) Cursor {
	return newCursor(op, fingerprint, &gen.StreamPosition{Offset: gen.Some(position)})
}

// streamPosition is what a request says of it: nothing in a first call.
func (c Cursor) streamPosition() gen.Opt[string] {
	if c.IsZero() {
		return gen.Opt[string]{}
	}
	return c.pos.Offset
}

func checkBatchSize(field string, n, most int) error {
	if n < 0 || n > most {
		return &ArgumentError{field, fmt.Errorf("is %d; a page has 1 to %d records, and 0 leaves it to the service", n, most)}
	}
	return nil
}

func batchSize(n int) gen.Opt[int32] {
	if n == 0 {
		return gen.Opt[int32]{}
	}
	return gen.Some(int32(n)) //nolint:gosec // checkBatchSize bounds it
}

// under says of an error in a part of the arguments which part that is: the first
// name of its field gives way to path.
func under(path string, err error) error {
	var argument *ArgumentError
	if !errors.As(err, &argument) {
		return err
	}
	_, rest, inside := strings.Cut(argument.Field, ".")
	if inside {
		path += "." + rest
	}
	return &ArgumentError{path, argument.Err}
}

func index(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// checkEach checks the parts of an argument one by one.
func checkEach[T any](field string, parts []T, check func(T) error) error {
	for i, part := range parts {
		if err := check(part); err != nil {
			return under(index(field, i), err)
		}
	}
	return nil
}

// checkCount wants at least one, and at most so many where the service has a maximum.
func checkCount(field string, n, most int, what string) error {
	switch {
	case n == 0:
		return &ArgumentError{field, fmt.Errorf("is empty; give at least one of the %s", what)}
	case most > 0 && n > most:
		return &ArgumentError{field, fmt.Errorf("has %d %s; a call takes at most %d", n, what, most)}
	}
	return nil
}

// checkText wants a text that is not blank.
func checkText(field, s string) error {
	if strings.TrimSpace(s) == "" {
		return &ArgumentError{field, errors.New("is empty, and the service needs it (20109)")}
	}
	return nil
}

func checkTexts(field string, texts []string) error {
	for i, s := range texts {
		if err := checkText(index(field, i), s); err != nil {
			return err
		}
	}
	return nil
}

// checkID wants an id that the schema has room for.
func checkID(field string, id int64) error {
	if id <= 0 || id > math.MaxInt32 {
		return &ArgumentError{field, fmt.Errorf("%d is not an id, which is a number from 1 to %d", id, math.MaxInt32)}
	}
	return nil
}

// checkOptionalID takes 0 as well, which is not an id.
func checkOptionalID(field string, id int64) error {
	if id == 0 {
		return nil
	}
	return checkID(field, id)
}

// optional is absent for the zero value.
func optional[T comparable](v T) gen.Opt[T] {
	var none T
	if v == none {
		return gen.Opt[T]{}
	}
	return gen.Some(v)
}

func optionalID(id int64) gen.Opt[int32] { return optional(int32(id)) } //nolint:gosec // checkID bounds it

// checkChoice wants one of the values that the schema lists.
func checkChoice[T ~string](field string, v T, choices []T) error {
	if slices.Contains(choices, v) {
		return nil
	}
	return &ArgumentError{field, fmt.Errorf("%q is not one of %q", v, choices)}
}

// stringList is absent when there are none.
func stringList(texts []string) gen.Opt[gen.ArrayOfString] {
	if len(texts) == 0 {
		return gen.Opt[gen.ArrayOfString]{}
	}
	return gen.Some(gen.ArrayOfString{StringItem: slices.Clone(texts)})
}
