// Package paging walks the pages of a stream that an operation hands out piece by
// piece, each page telling the position of the next. The paged operations differ
// only in how a page is fetched and where it keeps that position; everything that
// can go wrong in a loop over pages is dealt with here, once.
//
// It imports the standard library only and knows nothing of the wire.
package paging

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// ErrStalled says that a stream announced more records and yet led nowhere new: to
// no position at all, to the page it came from, or to an earlier one.
var ErrStalled = errors.New("the stream does not advance")

// ErrEndless is the ErrStalled of a stream that has new positions for ever, and no records: MaxEmpty pages in a
// row were empty, and no fewer records were said to follow.
var ErrEndless = fmt.Errorf("%w: it goes on and on", ErrStalled)

// MaxEmpty is how many empty pages in a row are no end, while no fewer records are said to follow. A service may
// look through some thousand records for each page, of which it need not find one; this many pages are a tenth
// of the calls of a day (Marketo SOAP API, limits).
const MaxEmpty = 1000

// Stream describes a stream of pages P at positions C. The zero C is the start of
// the stream and never a place further on.
type Stream[C comparable, P any] struct {
	// Wrap makes of an error that arises here the one that callers get.
	Wrap func(error) error
	// Start is the position of the first page.
	Start C
	// Fetch gets the page at a position. Its errors are passed on as they are.
	Fetch func(ctx context.Context, at C) (P, error)
	// Next reads from a page where the next one begins and whether there is one; how
	// many records the page has tells nothing.
	Next func(page *P) (at C, more bool)
	// Counts reads from a page how many records it has, and how many it says to follow. The latter need not
	// be a count.
	Counts func(page *P) (records, remaining int)
}

// Pages returns an iterator over the pages. It fetches nothing before the first
// pull and no page that is not asked for; each range over it begins at Start again.
//
// An error is the last pair and comes with a zero page: that of Fetch, the error and
// cause of ctx, which is looked at before every fetch, or ErrStalled, as which ErrEndless
// counts too. The page after which a stream stalls is yielded before that error.
func (s Stream[C, P]) Pages(ctx context.Context) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		var none P
		at, track, empty := s.Start, newTrack(s.Start), emptyPages{}
		for n := 1; ; n++ {
			page, err := s.fetch(ctx, at)
			if err != nil {
				yield(none, err)
				return
			}
			next, more := s.Next(&page)
			if !yield(page, nil) || !more {
				return
			}
			if why := track.step(at, next); why != "" {
				yield(none, s.Wrap(fmt.Errorf("%w: page %d announces more records but %s", ErrStalled, n, why)))
				return
			}
			if empty.step(s.Counts(&page)) {
				yield(none, s.Wrap(fmt.Errorf("%w: page %d is the last of %d empty ones that announce more records", ErrEndless, n, MaxEmpty)))
				return
			}
			at = next
		}
	}
}

func (s *Stream[C, P]) fetch(ctx context.Context, at C) (P, error) {
	if err := contextError(ctx); err != nil {
		var none P
		return none, s.Wrap(fmt.Errorf("stopped between pages: %w", err))
	}
	return s.Fetch(ctx, at)
}

// contextError keeps both: callers look for context.Canceled, and the cause tells why.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == nil || errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// track notices a stream that goes in circles. It compares each position with one
// marked earlier and moves the mark ahead at doubling distances (Brent's algorithm),
// so that a cycle of any length is found without keeping the positions, which may
// be thousands of characters long each.
type track[C comparable] struct {
	mark         C
	steps, limit int
}

func newTrack[C comparable](start C) *track[C] { return &track[C]{mark: start, limit: 1} }

// step tells what is wrong with going from at to next, or nothing.
func (t *track[C]) step(at, next C) string {
	var zero C
	switch next {
	case zero:
		return "gives no position for them"
	case at:
		return "gives its own position as the next"
	case t.mark:
		return "gives the position of an earlier page as the next"
	}
	if t.steps++; t.steps == t.limit {
		t.mark, t.steps, t.limit = next, 0, 2*t.limit
	}
	return ""
}

// emptyPages notices a stream of nothing but empty pages.
type emptyPages struct {
	inRow int
	least int // records that were said to follow
}

// step notes what a page has, and reports whether too many were empty.
func (e *emptyPages) step(records, remaining int) bool {
	if records > 0 || e.inRow == 0 || remaining < e.least {
		*e = emptyPages{least: remaining}
	}
	if records == 0 {
		e.inRow++
	}
	return e.inRow >= MaxEmpty
}

// Items returns an iterator over the records of the pages, in order. An error of
// pages is the last pair and comes with a zero record.
func Items[P, T any](pages iter.Seq2[P, error], items func(page *P) []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page, err := range pages {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items(&page) {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// Fail returns an iterator that yields err as its only pair: for a stream that
// cannot be asked for.
func Fail[P any](err error) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		var none P
		yield(none, err)
	}
}
