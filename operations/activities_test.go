package operations_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

var key = operations.LeadID(lead)

func TestActivities_all(t *testing.T) {
	t.Parallel()
	s := threePages()
	got, err := read(t, s.activities().All(t.Context(), key, nil))
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, got, 5, 4, 3, 2, 1)
	wantOffsets(t, s, "", "a", "b")
}

func TestActivities_pages(t *testing.T) {
	t.Parallel()
	pages, err := read(t, threePages().activities().Pages(t.Context(), key, nil))
	if err != nil || len(pages) != 3 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	wantIDs(t, pages[0].Items, 5, 4, 3)
	wantIDs(t, pages[1].Items)
	wantIDs(t, pages[2].Items, 2, 1)
	for i, want := range []bool{true, true, false} {
		if pages[i].More != want || (pages[i].Remaining > 0) != want || pages[i].Next.IsZero() {
			t.Errorf("page %d: more %t, remaining %d, next %q", i, pages[i].More, pages[i].Remaining, pages[i].Next)
		}
	}
}

// The three forms agree: pages fetched one by one are those of the iterator.
func TestActivities_pageByPage(t *testing.T) {
	t.Parallel()
	want, err := read(t, threePages().activities().Pages(t.Context(), key, nil))
	if err != nil {
		t.Fatal(err)
	}
	activities := threePages().activities()
	var got []operations.Page[operations.Activity]
	for at, more := (operations.Cursor{}), true; more; {
		page, err := activities.Page(t.Context(), key, at, nil)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page)
		at, more = page.Next, page.More
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-iterator +page by page:\n%s", diff)
	}
}

func TestActivities_resume(t *testing.T) {
	t.Parallel()
	s := threePages()
	activities := s.activities()
	var saved string
	for page, err := range activities.Pages(t.Context(), key, nil) {
		if err != nil {
			t.Fatal(err)
		}
		saved = page.Next.String()
		break
	}
	at, err := operations.ParseCursor(saved)
	if err != nil {
		t.Fatal(err)
	}
	// Another size of pages is the same query.
	o := &operations.ActivityOptions{Start: at, BatchSize: 2}
	rest, err := read(t, activities.All(t.Context(), key, o))
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, rest, 2, 1)
	page, err := activities.Page(t.Context(), key, operations.Cursor{}, o)
	if err != nil || len(page.Items) != 0 || !page.More {
		t.Errorf("the page at o.Start: %v, %v", page, err)
	}
	page, err = activities.Page(t.Context(), key, page.Next, o)
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, page.Items, 2, 1)
	wantOffsets(t, s, "", "a", "b", "a", "b")
}

func TestActivities_rangingTwice(t *testing.T) {
	t.Parallel()
	s := threePages()
	all := s.activities().All(t.Context(), key, nil)
	for range 2 {
		got, err := read(t, all)
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, got, 5, 4, 3, 2, 1)
	}
	wantOffsets(t, s, "", "a", "b", "", "a", "b")
}

func TestActivities_rangingAtTheSameTime(t *testing.T) {
	t.Parallel()
	all := threePages().activities().All(t.Context(), key, &operations.ActivityOptions{
		Include: []operations.ActivityType{operations.ActivityNewLead},
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := read(t, all)
			if err != nil || len(got) != 5 {
				t.Errorf("%d activities, %v", len(got), err)
			}
		})
	}
	wg.Wait()
}

func TestActivities_breakAndPull(t *testing.T) {
	t.Parallel()
	s := threePages()
	all := s.activities().All(t.Context(), key, nil)
	wantOffsets(t, s)
	for a := range all {
		if a.ID == 3 { // the last of the first page
			break
		}
	}
	wantOffsets(t, s, "")
	next, stop := iter.Pull2(all)
	a, err, ok := next()
	stop()
	if a.ID != 5 || err != nil || !ok {
		t.Errorf("pulled %v, %v, %t", a, err, ok)
	}
	wantOffsets(t, s, "", "")
}

func TestActivities_optionsAreCopied(t *testing.T) {
	t.Parallel()
	s := threePages()
	o := &operations.ActivityOptions{
		Include:   []operations.ActivityType{operations.ActivityNewLead},
		BatchSize: 7,
	}
	all := s.activities().All(t.Context(), key, o)
	o.Include[0] = "changed"
	*o = operations.ActivityOptions{BatchSize: -1}
	if _, err := read(t, all); err != nil {
		t.Fatal(err)
	}
	for i, q := range s.asked {
		types := q.ActivityFilter.Value.IncludeTypes.Value.ActivityType
		if len(types) != 1 || types[0] != gen.ActivityTypeNewLead || q.BatchSize != gen.Some[int32](7) {
			t.Errorf("call %d: types %v, batch size %v", i, types, q.BatchSize)
		}
		// A port may do with a request what it likes.
		types[0] = "spoilt"
	}
	if _, err := read(t, all); err != nil {
		t.Fatal(err)
	}
	if got := s.asked[3].ActivityFilter.Value.IncludeTypes.Value.ActivityType[0]; got != gen.ActivityTypeNewLead {
		t.Errorf("a later call asks for %q", got)
	}
}

func TestActivities_errorOfThePort(t *testing.T) {
	t.Parallel()
	s := threePages()
	s.answers["b"] = answer{err: fault.New(fault.CodeBadStreamPosition, "")}
	got, err := read(t, s.activities().All(t.Context(), key, nil))
	wantIDs(t, got, 5, 4, 3)
	var op *fault.OpError
	if !errors.As(err, &op) || op.Op != "getLeadActivity" || op.Attempts != 1 {
		t.Errorf("error %#v names no operation", err)
	}
	if !errors.Is(err, fault.CodeBadStreamPosition) || !fault.FromServer(err) {
		t.Errorf("error %v lost its code", err)
	}
	// One that has a name is the caller's as it is.
	named := &fault.OpError{Op: "getLeadActivity", Attempts: 3, Err: fault.New(fault.CodeServiceInternal, "")}
	s.answers[""] = answer{err: named}
	for a, err := range s.activities().All(t.Context(), key, nil) {
		if !errors.As(err, &op) || op != named || a.HasID {
			t.Errorf("got %v, %v", a, err)
		}
	}
	if page, err := s.activities().Page(t.Context(), key, operations.Cursor{}, nil); !errors.As(err, &op) || op != named || page.Items != nil {
		t.Errorf("got %v, %v", page, err)
	}
}

// 20123 is the end only where no more was announced: anywhere else records would be lost.
func TestActivities_endOfStream(t *testing.T) {
	t.Parallel()
	atEnd := answer{err: &fault.OpError{Op: "getLeadActivity", Err: fault.New(fault.CodeStreamAtEnd, "")}}
	s := threePages()
	pages, err := read(t, s.activities().Pages(t.Context(), key, nil))
	if err != nil {
		t.Fatal(err)
	}
	for i, page := range pages {
		s.answers[page.Next.Offset()] = atEnd
		last := i == len(pages)-1
		again, err := s.activities().Page(t.Context(), key, page.Next, nil)
		if last && (err != nil || again.More || again.Remaining != 0 || len(again.Items) != 0 || again.Next != page.Next) {
			t.Errorf("after the end: %+v, %v, want an empty page that keeps its place", again, err)
		}
		if !last && !errors.Is(err, fault.ErrEndOfStream) {
			t.Errorf("after page %d: %+v, %v, want an error", i, again, err)
		}
	}
	// Asked again, the same place tells what has come since.
	at := pages[len(pages)-1].Next
	s.answers[at.Offset()] = answer{ids: []int64{9}, next: "z"}
	got, err := read(t, s.activities().All(t.Context(), key, &operations.ActivityOptions{Start: at}))
	if err != nil {
		t.Fatal(err)
	}
	wantIDs(t, got, 9)
}

func TestActivities_stall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		at   string
		next string
	}{
		{"own position", "a", "a"},
		{"no position", "a", ""},
		{"no position on the first page", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := threePages()
			s.answers[tt.at] = answer{ids: []int64{8}, next: tt.next, remaining: 9}
			got, err := read(t, s.activities().All(t.Context(), key, nil))
			if !errors.Is(err, operations.ErrStalled) || !strings.HasPrefix(fmt.Sprint(err), "getLeadActivity: ") {
				t.Errorf("error %v", err)
			}
			if len(got) == 0 || got[len(got)-1].ID != 8 {
				t.Errorf("got the ids %v, want those of the last page too", ids(got))
			}
		})
	}
}

func TestActivities_cancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := threePages()
	var got []operations.Activity
	var last error
	for a, err := range s.activities().All(ctx, key, nil) {
		cancel()
		if last = err; err == nil {
			got = append(got, a)
		}
	}
	// The page at hand is yielded to its end.
	wantIDs(t, got, 5, 4, 3)
	var op *fault.OpError
	if !errors.Is(last, context.Canceled) || !errors.As(last, &op) {
		t.Errorf("error %v", last)
	}
	wantOffsets(t, s, "")
}

func TestActivities_contextReachesThePort(t *testing.T) {
	t.Parallel()
	type mark struct{}
	ctx := context.WithValue(t.Context(), mark{}, "here")
	port := gen.PortFunc(func(ctx context.Context, _ *gen.Operation, _, _ gen.Message) error {
		return fmt.Errorf("mark: %v", ctx.Value(mark{}))
	})
	for _, err := range operations.New(port).Activities.All(ctx, key, nil) {
		if want := "getLeadActivity: mark: here"; fmt.Sprint(err) != want {
			t.Errorf("error %q, want %q", err, want)
		}
	}
}
