package operations

import (
	"context"
	"fmt"
	"iter"

	"github.com/mktows/mktows-go/internal/paging"
)

// Page is one answer of a paged operation.
type Page[T any] struct {
	// Items are the records of the page. None is not the end: see More.
	Items []T
	// Next is where the next page begins, or, on the last page, where one can ask
	// again later; it may be zero there, and then there is nothing to come back to.
	Next Cursor
	// Remaining tells how many records the service says to follow. Only that it is
	// greater than 0 can be relied on: it need not be a count.
	Remaining int
	// More reports whether there is a next page.
	More bool
}

// whole refuses an answer that has fewer records than it says: what is missing would be lost.
func whole(said int32, has int) error {
	if int(said) <= has {
		return nil
	}
	return unreadable(fmt.Errorf("the answer says that it has %d records, and has %d", said, has))
}

// newPage makes a page of an operation that tells its end by remainingCount.
func newPage[T any](items []T, next Cursor, remaining int32) Page[T] {
	more := remaining > 0
	next.last = !more && !next.IsZero()
	return Page[T]{Items: items, Next: next, Remaining: int(max(remaining, 0)), More: more}
}

// pages is the iterator of a paged operation whose pages come from fetch.
func pages[T any](ctx context.Context, op string, start Cursor, fetch func(context.Context, Cursor) (Page[T], error)) iter.Seq2[Page[T], error] {
	return paging.Stream[Cursor, Page[T]]{
		Wrap:   func(err error) error { return opError(op, 0, err) },
		Start:  start,
		Fetch:  fetch,
		Next:   func(p *Page[T]) (Cursor, bool) { return p.Next, p.More },
		Counts: func(p *Page[T]) (int, int) { return len(p.Items), p.Remaining },
	}.Pages(ctx)
}

// items is the iterator over the records of those pages.
func items[T any](all iter.Seq2[Page[T], error]) iter.Seq2[T, error] {
	return paging.Items(all, func(p *Page[T]) []T { return p.Items })
}
