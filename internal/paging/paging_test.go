package paging_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/internal/paging"
)

// page is a page of numbers at a position; next 0 is no position.
type page struct {
	items []int
	next  int
	more  bool
	left  int // records that are said to follow; 0: 1, as of a service that does not count
}

// source is a stream that remembers at which positions it was asked.
type source struct {
	page  func(at int) (page, error)
	asked []int
}

func (s *source) stream(start int) paging.Stream[int, page] {
	return paging.Stream[int, page]{
		Wrap:  func(err error) error { return fmt.Errorf("wrapped: %w", err) },
		Start: start,
		Fetch: func(_ context.Context, at int) (page, error) {
			s.asked = append(s.asked, at)
			return s.page(at)
		},
		Next:   func(p *page) (int, bool) { return p.next, p.more },
		Counts: func(p *page) (int, int) { return len(p.items), max(p.left, 1) },
	}
}

// counting has n pages; the page at position i holds 10i and 10i+1.
func counting(n int) *source {
	return &source{page: func(at int) (page, error) {
		return page{items: []int{10 * at, 10*at + 1}, next: at + 1, more: at+1 < n}, nil
	}}
}

// listed has the given pages, at the positions 0, 1, 2 and so on.
func listed(pages ...page) *source {
	return &source{page: func(at int) (page, error) { return pages[at], nil }}
}

// read collects a sequence up to its error, and fails if anything follows that.
func read[T any](t *testing.T, seq iter.Seq2[T, error]) (all []T, failed error) {
	t.Helper()
	for v, err := range seq {
		if failed != nil {
			t.Errorf("after the error came %v, %v", v, err)
		}
		if failed = err; err == nil {
			all = append(all, v)
		}
	}
	return all, failed
}

func values(p *page) []int { return p.items }

func TestItems_allInOrder(t *testing.T) {
	t.Parallel()
	s := counting(3)
	got, err := read(t, paging.Items(s.stream(0).Pages(t.Context()), values))
	if want := []int{0, 1, 10, 11, 20, 21}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if want := []int{0, 1, 2}; !slices.Equal(s.asked, want) {
		t.Errorf("asked at %v, want %v", s.asked, want)
	}
}

func TestPages_startsAtStart(t *testing.T) {
	t.Parallel()
	s := counting(4)
	got, err := read(t, s.stream(2).Pages(t.Context()))
	if err != nil || len(got) != 2 || got[0].items[0] != 20 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestPages_emptyPageIsNotTheEnd(t *testing.T) {
	t.Parallel()
	s := listed(
		page{next: 1, more: true},
		page{items: []int{1}, next: 2, more: true},
		page{next: 3, more: true},
		page{items: []int{2}, next: 4},
	)
	got, err := read(t, paging.Items(s.stream(0).Pages(t.Context()), values))
	if want := []int{1, 2}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

// A last page may have a full load and any position: neither tells the end.
func TestPages_onlyMoreTellsTheEnd(t *testing.T) {
	t.Parallel()
	for _, next := range []int{0, 1, 7} {
		s := listed(page{items: []int{1, 2, 3}, next: next})
		got, err := read(t, s.stream(0).Pages(t.Context()))
		if err != nil || len(got) != 1 || got[0].next != next {
			t.Errorf("next %d: got %v, %v", next, got, err)
		}
	}
}

func TestPages_nothingIsFetchedBeforeThePull(t *testing.T) {
	t.Parallel()
	s := counting(3)
	pages := s.stream(0).Pages(t.Context())
	if len(s.asked) != 0 {
		t.Fatalf("asked at %v before the first pull", s.asked)
	}
	next, stop := iter.Pull2(pages)
	defer stop()
	for n := 1; n <= 3; n++ {
		next()
		if len(s.asked) != n {
			t.Errorf("after pull %d: asked at %v", n, s.asked)
		}
	}
	if _, _, ok := next(); ok || len(s.asked) != 3 {
		t.Errorf("after the last page: %t, asked at %v", ok, s.asked)
	}
}

func TestPages_breakFetchesNoFurther(t *testing.T) {
	t.Parallel()
	s := counting(3)
	for range s.stream(0).Pages(t.Context()) {
		break
	}
	for v := range paging.Items(s.stream(0).Pages(t.Context()), values) {
		if v == 11 { // the last record of the second page
			break
		}
	}
	if want := []int{0, 0, 1}; !slices.Equal(s.asked, want) {
		t.Errorf("asked at %v, want %v", s.asked, want)
	}
}

func TestPages_rangingTwiceStartsTwice(t *testing.T) {
	t.Parallel()
	s := counting(3)
	pages := s.stream(1).Pages(t.Context())
	first, err1 := read(t, pages)
	second, err2 := read(t, pages)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second, cmp.AllowUnexported(page{})); diff != "" || len(first) != 2 {
		t.Errorf("second range differs (-first +second):\n%s", diff)
	}
}

func TestPages_errorOfFetchEndsThem(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	s := counting(5)
	good := s.page
	s.page = func(at int) (page, error) {
		if at == 2 {
			return page{items: []int{-1}}, broken
		}
		return good(at)
	}
	got, err := read(t, paging.Items(s.stream(0).Pages(t.Context()), values))
	// Not wrapped: the error is the port's own.
	if want := []int{0, 1, 10, 11}; fmt.Sprint(err) != "broken" || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v, %v", got, err, want, broken)
	}
	for p, err := range s.stream(2).Pages(t.Context()) {
		if !errors.Is(err, broken) || p.items != nil {
			t.Errorf("got %v, %v, want a zero page", p, err)
		}
	}
}

func TestPages_stall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		start int
		next  func(at int) int
		pages int // yielded before the error
		text  string
	}{
		{"own position", 5, func(at int) int { return at }, 1, "page 1 announces more records but gives its own position as the next"},
		{"own position, later", 1, func(at int) int { return min(at+1, 6) }, 6, "page 6 announces more records but gives its own position"},
		{"no position", 5, func(int) int { return 0 }, 1, "page 1 announces more records but gives no position"},
		{"no position on the first page", 0, func(int) int { return 0 }, 1, "gives no position"},
		{"back to the start", 1, func(at int) int { return at%2 + 1 }, 3, "gives the position of an earlier page"},
		{"in, then to and fro", 1, func(at int) int { return []int{0, 2, 3, 2}[at] }, 3, "gives the position of an earlier page"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &source{page: func(at int) (page, error) {
				return page{items: []int{at}, next: tt.next(at), more: true}, nil
			}}
			got, err := read(t, s.stream(tt.start).Pages(t.Context()))
			if !errors.Is(err, paging.ErrStalled) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("error %v, want one that says %q", err, tt.text)
			}
			if !strings.HasPrefix(fmt.Sprint(err), "wrapped: ") {
				t.Errorf("error %v is not wrapped", err)
			}
			if len(got) != tt.pages || len(s.asked) != tt.pages {
				t.Errorf("%d pages of %d calls, want %d", len(got), len(s.asked), tt.pages)
			}
		})
	}
}

// Whatever the length of the way in and of the circle, few rounds are gone.
func TestPages_everyCycleIsFound(t *testing.T) {
	t.Parallel()
	for lead := range 20 {
		for length := 2; length < 20; length++ {
			s := &source{page: func(at int) (page, error) {
				next := at + 1
				if next > lead+length {
					next = lead + 1
				}
				return page{next: next, more: true}, nil
			}}
			_, err := read(t, s.stream(1).Pages(t.Context()))
			if !errors.Is(err, paging.ErrStalled) {
				t.Fatalf("%d and a circle of %d: error %v", lead, length, err)
			}
			if bound := 3 * (lead + length); len(s.asked) > bound {
				t.Errorf("%d and a circle of %d: %d calls, want at most %d", lead, length, len(s.asked), bound)
			}
		}
	}
}

func TestPages_longStreamIsNoCycle(t *testing.T) {
	t.Parallel()
	got, err := read(t, counting(5000).stream(0).Pages(t.Context()))
	if err != nil || len(got) != 5000 {
		t.Errorf("%d pages, error %v", len(got), err)
	}
}

// Empty pages are no end, until they are very many in a row and no fewer records are said to follow.
func TestPages_emptyPagesWithoutEnd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		page  func(at int) page
		pages int // 0: all
	}{
		{"nothing else", func(int) page { return page{} }, paging.MaxEmpty},
		{"after some records", func(at int) page { return page{items: make([]int, max(0, 3-at))} }, 3 + paging.MaxEmpty},
		{"more and more announced", func(at int) page { return page{left: 1 + at} }, paging.MaxEmpty},
		{"no fewer any more", func(at int) page { return page{left: max(1, 10-at)} }, 9 + paging.MaxEmpty},
		{"fewer and fewer announced", func(at int) page { return page{left: 4*paging.MaxEmpty - at} }, 0},
		{"fewer from time to time", func(at int) page { return page{left: 9 - at/(paging.MaxEmpty-1)} }, 0},
		{"a record from time to time", func(at int) page { return page{items: make([]int, max(0, at%paging.MaxEmpty-paging.MaxEmpty+2))} }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const all = 3 * paging.MaxEmpty
			s := &source{page: func(at int) (page, error) {
				p := tt.page(at)
				p.next, p.more = at+1, at+1 < all
				return p, nil
			}}
			got, err := read(t, s.stream(0).Pages(t.Context()))
			want := tt.pages
			if want == 0 {
				want = all
			}
			if endless := errors.Is(err, paging.ErrEndless) && errors.Is(err, paging.ErrStalled); endless != (tt.pages > 0) || len(got) != want {
				t.Errorf("%d pages, want %d; error %v", len(got), want, err)
			}
		})
	}
}

func TestPages_contextEndsThemBetweenPages(t *testing.T) {
	t.Parallel()
	shutdown := errors.New("shutting down")
	tests := []struct {
		name  string
		cause error
		text  string
	}{
		{"without a cause", nil, "wrapped: stopped between pages: context canceled"},
		{"with a cause", shutdown, "wrapped: stopped between pages: context canceled: shutting down"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			s := counting(9)
			var last error
			for p, err := range s.stream(0).Pages(ctx) {
				if p.next == 2 {
					cancel(tt.cause)
				}
				last = err
			}
			if !errors.Is(last, context.Canceled) || tt.cause != nil && !errors.Is(last, tt.cause) {
				t.Errorf("error %v", last)
			}
			if fmt.Sprint(last) != tt.text {
				t.Errorf("error %q, want %q", last, tt.text)
			}
			if want := []int{0, 1}; !slices.Equal(s.asked, want) {
				t.Errorf("asked at %v, want %v", s.asked, want)
			}
		})
	}
}

func TestPages_deadContextFetchesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := counting(2)
	if _, err := read(t, s.stream(0).Pages(ctx)); !errors.Is(err, context.Canceled) || len(s.asked) != 0 {
		t.Errorf("error %v, asked at %v", err, s.asked)
	}
}

// Items keeps the promise that an error is the last pair even of pages that do not.
func TestItems_endWithTheFirstError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	pages := func(yield func(page, error) bool) {
		_ = yield(page{items: []int{1}}, nil) && yield(page{}, broken) && yield(page{items: []int{2}}, nil)
	}
	got, err := read(t, paging.Items(pages, values))
	if want := []int{1}; !errors.Is(err, broken) || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v, %v", got, err, want, broken)
	}
}

func TestFail_yieldsOnce(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	n := 0
	for p, err := range paging.Fail[page](broken) {
		n++
		if !errors.Is(err, broken) || p.items != nil {
			t.Errorf("got %v, %v", p, err)
		}
	}
	got, err := read(t, paging.Items(paging.Fail[page](broken), values))
	if n != 1 || !errors.Is(err, broken) || len(got) != 0 {
		t.Errorf("%d pairs; items: %v, %v", n, got, err)
	}
	for range paging.Fail[page](broken) {
		break
	}
}
