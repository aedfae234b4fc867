package operations_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// idPage is a page of any operation, with the ids of its records.
type idPage struct {
	ids  []int64
	next operations.Cursor
	more bool
}

// pagedCase is a paged operation in its three forms. The variant is one of several queries
// whose cursors must not be mixed up.
type pagedCase struct {
	op       string
	variants int
	answer   func(ids []int64, next string, more bool) gen.Message
	position func(gen.Message) string
	all      func(ctx context.Context, api *operations.API, variant int, start operations.Cursor) iter.Seq2[int64, error]
	pages    func(ctx context.Context, api *operations.API, variant int, start operations.Cursor) iter.Seq2[idPage, error]
	page     func(ctx context.Context, api *operations.API, variant int, at, start operations.Cursor) (idPage, error)
}

func pagedCases() []pagedCase {
	return []pagedCase{pagedLeads(), pagedChanges(), pagedObjects(), pagedCustomObjects()}
}

func pageIDs[T any](p operations.Page[T], id func(T) int64) idPage {
	out := idPage{next: p.Next, more: p.More}
	for _, item := range p.Items {
		out.ids = append(out.ids, id(item))
	}
	if p.More != (p.Remaining > 0) {
		panic("More and Remaining disagree")
	}
	return out
}

func mapSeq[T, U any](seq iter.Seq2[T, error], f func(T) U) iter.Seq2[U, error] {
	return func(yield func(U, error) bool) {
		for v, err := range seq {
			if !yield(f(v), err) {
				return
			}
		}
	}
}

func remaining(more bool) int32 {
	if more {
		return 7
	}
	return 0
}

func pagedLeads() pagedCase {
	id := func(l operations.Lead) int64 { return l.ID }
	query := func(variant int, start operations.Cursor) (operations.Selector, *operations.LeadOptions) {
		at := time.Date(2015, 9, 4, 0, 0, 0, 0, time.UTC)
		selectors := []operations.Selector{
			operations.InListID(1), operations.InListID(2), operations.InList("1"), operations.ByKey(operations.KeyID, "1"),
			operations.ByKey(operations.KeyEmail, "1"), operations.ByKey(operations.KeyID, "1", "2"), operations.UpdatedBetween(at, at.Add(time.Hour)),
			operations.UpdatedBetween(at, at.Add(2*time.Hour)), operations.UpdatedBetween(at.Add(time.Second), at.Add(time.Hour)),
		}
		o := &operations.LeadOptions{Start: start, BatchSize: 1 + variant}
		if variant >= len(selectors) {
			o.Fields = []string{"b", "a", "b"}
		}
		return selectors[variant%len(selectors)], o
	}
	return pagedCase{
		op: "getMultipleLeads", variants: 10,
		answer: func(ids []int64, next string, more bool) gen.Message {
			list := gen.NilOf[gen.ArrayOfLeadRecord]()
			for _, id := range ids {
				list.State = gen.Present
				list.Value.LeadRecord = append(list.Value.LeadRecord, gen.LeadRecord{Id: gen.Some(int32(id))})
			}
			return &gen.SuccessGetMultipleLeads{Result: &gen.ResultGetMultipleLeads{NewStreamPosition: next, RemainingCount: remaining(more), LeadRecordList: list}}
		},
		position: func(m gen.Message) string { return m.(*gen.ParamsGetMultipleLeads).StreamPosition.Or("") },
		all: func(ctx context.Context, api *operations.API, v int, start operations.Cursor) iter.Seq2[int64, error] {
			s, o := query(v, start)
			return mapSeq(api.Leads.All(ctx, s, o), id)
		},
		pages: func(ctx context.Context, api *operations.API, v int, start operations.Cursor) iter.Seq2[idPage, error] {
			s, o := query(v, start)
			return mapSeq(api.Leads.Pages(ctx, s, o), func(p operations.Page[operations.Lead]) idPage { return pageIDs(p, id) })
		},
		page: func(ctx context.Context, api *operations.API, v int, at, start operations.Cursor) (idPage, error) {
			s, o := query(v, start)
			p, err := api.Leads.Page(ctx, s, at, o)
			return pageIDs(p, id), err
		},
	}
}

func pagedChanges() pagedCase {
	id := func(c operations.Change) int64 { return c.ID }
	query := func(variant int, start operations.Cursor) (time.Time, *operations.ChangeOptions) {
		options := []operations.ChangeOptions{
			{}, {Names: []string{"Wait"}}, {Include: []operations.ActivityType{"Wait"}}, {Exclude: []operations.ActivityType{"Wait"}},
			{Leads: operations.InList("x")}, {Until: since.Add(time.Hour)}, {ActiveSince: since.Add(time.Hour)}, {},
		}
		o := options[variant]
		o.Start, o.BatchSize = start, 1+variant
		if variant == len(options)-1 {
			return since.Add(time.Second), &o
		}
		return since, &o
	}
	return pagedCase{
		op: "getLeadChanges", variants: 8,
		answer: func(ids []int64, next string, more bool) gen.Message {
			list := gen.NilOf[gen.ArrayOfLeadChangeRecord]()
			for _, id := range ids {
				list.State = gen.Present
				list.Value.LeadChangeRecord = append(list.Value.LeadChangeRecord, gen.LeadChangeRecord{
					Id: gen.Some(id), ActivityDateTime: "2015-09-04T16:07:16-05:00", MktPersonId: "1",
				})
			}
			return &gen.SuccessGetLeadChanges{Result: &gen.ResultGetLeadChanges{
				NewStartPosition: &gen.StreamPosition{Offset: gen.Some(next)}, RemainingCount: remaining(more), LeadChangeRecordList: list,
			}}
		},
		position: func(m gen.Message) string { return m.(*gen.ParamsGetLeadChanges).StartPosition.Offset.Or("") },
		all: func(ctx context.Context, api *operations.API, v int, start operations.Cursor) iter.Seq2[int64, error] {
			since, o := query(v, start)
			return mapSeq(api.Changes.All(ctx, since, o), id)
		},
		pages: func(ctx context.Context, api *operations.API, v int, start operations.Cursor) iter.Seq2[idPage, error] {
			since, o := query(v, start)
			return mapSeq(api.Changes.Pages(ctx, since, o), func(p operations.Page[operations.Change]) idPage { return pageIDs(p, id) })
		},
		page: func(ctx context.Context, api *operations.API, v int, at, start operations.Cursor) (idPage, error) {
			since, o := query(v, start)
			p, err := api.Changes.Page(ctx, since, at, o)
			return pageIDs(p, id), err
		},
	}
}

func pagedObjects() pagedCase {
	id := func(o operations.Object) int64 { return o.ID }
	query := func(variant int, start operations.Cursor) (operations.ObjectType, *operations.ObjectOptions) {
		type options = operations.ObjectOptions
		all := []options{
			{}, {ID: 1}, {ExternalKey: operations.ExternalKey{Name: "a", Value: "b"}}, {Details: true},
			{Criteria: []operations.Criterion{{Attribute: "Name", Comparison: operations.CompareEqual, Value: "x"}}},
			{Criteria: []operations.Criterion{{Attribute: "Name", Comparison: operations.CompareNotEqual, Value: "x"}}},
			{Associations: []operations.Association{{Type: operations.AssociationLead, ID: 1}}}, {},
		}
		o := all[variant]
		o.Start = start
		if variant == len(all)-1 {
			return operations.ObjectOpportunity, &o
		}
		return operations.ObjectProgram, &o
	}
	return pagedCase{
		op: "getMObjects", variants: 8,
		answer: func(ids []int64, next string, more bool) gen.Message {
			list := gen.Opt[gen.ArrayOfMObject]{}
			for _, id := range ids {
				list.State = gen.Present
				list.Value.MObject = append(list.Value.MObject, gen.MObject{Type: "Program", Id: gen.Some(int32(id))})
			}
			return &gen.SuccessGetMObjects{Result: &gen.ResultGetMObjects{NewStreamPosition: next, HasMore: more, MObjectList: list}}
		},
		position: func(m gen.Message) string { return m.(*gen.ParamsGetMObjects).StreamPosition.Or("") },
		all: func(ctx context.Context, api *operations.API, v int, start operations.Cursor) iter.Seq2[int64, error] {
			objectType, o := query(v, start)
			return mapSeq(api.Objects.All(ctx, objectType, o), id)
		},
		pages: func(ctx context.Context, api *operations.API, v int, start operations.Cursor) iter.Seq2[idPage, error] {
			objectType, o := query(v, start)
			return mapSeq(api.Objects.Pages(ctx, objectType, o), func(p operations.Page[operations.Object]) idPage { return pageIDs(p, id) })
		},
		page: func(ctx context.Context, api *operations.API, v int, at, start operations.Cursor) (idPage, error) {
			objectType, o := query(v, start)
			p, err := api.Objects.Page(ctx, objectType, at, o)
			return pageIDs(p, id), err
		},
	}
}

func pagedCustomObjects() pagedCase {
	id := func(o operations.CustomObject) int64 { n, _ := o.Attributes.Int("id"); return n }
	query := func(variant int, start operations.Cursor) (string, operations.Attributes, *operations.CustomObjectOptions) {
		o := &operations.CustomObjectOptions{Start: start, BatchSize: 1 + variant}
		switch variant {
		case 1:
			return "bike", carKey, o
		case 2:
			return "car", operations.Attributes{{Name: "vin", Value: "v2"}}, o
		case 3:
			o.Fields = []string{"vin"}
		}
		return "car", carKey, o
	}
	return pagedCase{
		op: "getCustomObjects", variants: 4,
		answer: func(ids []int64, next string, more bool) gen.Message {
			list := gen.NilOf[gen.ArrayOfCustomObj]()
			for _, id := range ids {
				list.State = gen.Present
				list.Value.CustomObj = append(list.Value.CustomObj, gen.CustomObj{CustomObjAttributeList: attributes(attribute("id", strconv.FormatInt(id, 10)))})
			}
			return &gen.SuccessGetCustomObjects{Result: &gen.ResultGetCustomObjects{NewStreamPosition: next, RemainingCount: remaining(more), CustomObjList: list}}
		},
		position: func(m gen.Message) string { return m.(*gen.ParamsGetCustomObjects).StreamPosition.Or("") },
		all: func(ctx context.Context, api *operations.API, v int, start operations.Cursor) iter.Seq2[int64, error] {
			name, keys, o := query(v, start)
			return mapSeq(api.CustomObjects.All(ctx, name, keys, o), id)
		},
		pages: func(ctx context.Context, api *operations.API, v int, start operations.Cursor) iter.Seq2[idPage, error] {
			name, keys, o := query(v, start)
			return mapSeq(api.CustomObjects.Pages(ctx, name, keys, o), func(p operations.Page[operations.CustomObject]) idPage { return pageIDs(p, id) })
		},
		page: func(ctx context.Context, api *operations.API, v int, at, start operations.Cursor) (idPage, error) {
			name, keys, o := query(v, start)
			p, err := api.CustomObjects.Page(ctx, name, keys, at, o)
			return pageIDs(p, id), err
		},
	}
}

// pagedService answers by position, with three pages: two records, none, one.
type pagedService struct {
	c      pagedCase
	pages  map[string]gen.Message
	faults map[string]error
	asked  []string
}

func newPagedService(c pagedCase) *pagedService {
	return &pagedService{c: c, faults: map[string]error{}, pages: map[string]gen.Message{
		"": c.answer([]int64{1, 2}, "a", true), "a": c.answer(nil, "b", true), "b": c.answer([]int64{3}, "end", false),
		"end": c.answer(nil, "", false),
	}}
}

func (s *pagedService) api() *operations.API { return operations.New(gen.PortFunc(s.call)) }

func (s *pagedService) call(_ context.Context, op *gen.Operation, in, out gen.Message) error {
	at := s.c.position(in)
	s.asked = append(s.asked, at)
	page, ok := s.pages[at]
	switch {
	case op.Name != s.c.op:
		return fmt.Errorf("unexpected call of %s", op.Name)
	case s.faults[at] != nil:
		return s.faults[at]
	case !ok:
		return fmt.Errorf("unexpected position %q", at)
	}
	reflect.ValueOf(out).Elem().Set(reflect.ValueOf(page).Elem())
	return nil
}

func (s *pagedService) wantAsked(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(s.asked, want) {
		t.Errorf("the service was asked at %q, want %q", s.asked, want)
	}
}

// exercise runs a test for every paged operation and each of its variants.
func exercise(t *testing.T, test func(t *testing.T, c pagedCase, variant int)) {
	t.Parallel()
	for _, c := range pagedCases() {
		for v := range c.variants {
			t.Run(fmt.Sprint(c.op, " ", v), func(t *testing.T) {
				t.Parallel()
				test(t, c, v)
			})
		}
	}
}

func TestPaged_all(t *testing.T) {
	exercise(t, func(t *testing.T, c pagedCase, v int) {
		s := newPagedService(c)
		all := c.all(t.Context(), s.api(), v, operations.Cursor{})
		s.wantAsked(t)
		for range 2 { // ranging twice begins twice
			got, err := read(t, all)
			if err != nil || !slices.Equal(got, []int64{1, 2, 3}) {
				t.Errorf("got %v, %v", got, err)
			}
		}
		s.wantAsked(t, "", "a", "b", "", "a", "b")
	})
}

func TestPaged_breakAndResumeByCursor(t *testing.T) {
	exercise(t, func(t *testing.T, c pagedCase, v int) {
		s := newPagedService(c)
		var saved string
		for page, err := range c.pages(t.Context(), s.api(), v, operations.Cursor{}) {
			if err != nil || !page.more || !slices.Equal(page.ids, []int64{1, 2}) {
				t.Fatalf("got %+v, %v", page, err)
			}
			saved = page.next.String()
			break
		}
		s.wantAsked(t, "")
		at, err := operations.ParseCursor(saved)
		if err != nil {
			t.Fatal(err)
		}
		rest, err := read(t, c.pages(t.Context(), s.api(), v, at))
		if err != nil || len(rest) != 2 || len(rest[0].ids) != 0 || !rest[0].more || !slices.Equal(rest[1].ids, []int64{3}) || rest[1].more {
			t.Errorf("got %+v, %v", rest, err)
		}
		s.wantAsked(t, "", "a", "b")
	})
}

func TestPaged_pageByPage(t *testing.T) {
	exercise(t, func(t *testing.T, c pagedCase, v int) {
		s := newPagedService(c)
		at, start := operations.Cursor{}, operations.Cursor{}
		for range 4 {
			page, err := c.page(t.Context(), s.api(), v, at, start)
			if err != nil {
				t.Fatal(err)
			}
			at = page.next
		}
		if !at.IsZero() {
			t.Errorf("an empty position gives the cursor %q", at)
		}
		s.wantAsked(t, "", "a", "b", "end")
		first, _ := c.page(t.Context(), s.api(), v, at, start)
		if page, err := c.page(t.Context(), s.api(), v, at, first.next); err != nil || page.more != true || len(page.ids) != 0 {
			t.Errorf("the page at Start is %+v, %v", page, err)
		}
	})
}

func TestPaged_endOfStreamAndFaults(t *testing.T) {
	exercise(t, func(t *testing.T, c pagedCase, v int) {
		s := newPagedService(c)
		for _, code := range []fault.Code{fault.CodeStreamAtEnd, fault.CodeBadStreamPosition} {
			s.faults["b"] = fault.New(code, "")
			pages, err := read(t, c.pages(t.Context(), s.api(), v, operations.Cursor{}))
			if !errors.Is(err, code) || len(pages) != 2 {
				t.Errorf("got %+v, %v, want %s after the pages before it", pages, err, code)
			}
			got, err := read(t, c.all(t.Context(), s.api(), v, operations.Cursor{}))
			if !errors.Is(err, code) || !slices.Equal(got, []int64{1, 2}) {
				t.Errorf("got %v, %v", got, err)
			}
			wantOp(t, err, c.op, 1)
		}
		s.pages["a"] = c.answer([]int64{9}, "a", true)
		got, err := read(t, c.all(t.Context(), s.api(), v, operations.Cursor{}))
		if !errors.Is(err, operations.ErrStalled) || !slices.Equal(got, []int64{1, 2, 9}) {
			t.Errorf("got %v, %v", got, err)
		}
		s.pages[""] = reflect.New(reflect.TypeOf(s.pages[""]).Elem()).Interface().(gen.Message)
		_, err = c.page(t.Context(), s.api(), v, operations.Cursor{}, operations.Cursor{})
		wantDecodeError(t, err, c.op)
	})
}

// TestPaged_emptyPagesWithoutEnd: new positions alone are no progress.
func TestPaged_emptyPagesWithoutEnd(t *testing.T) {
	exercise(t, func(t *testing.T, c pagedCase, v int) {
		calls := 0
		api := operations.New(gen.PortFunc(func(_ context.Context, _ *gen.Operation, _, out gen.Message) error {
			calls++
			reflect.ValueOf(out).Elem().Set(reflect.ValueOf(c.answer(nil, strconv.Itoa(calls), true)).Elem())
			return nil
		}))
		got, err := read(t, c.all(t.Context(), api, v, operations.Cursor{}))
		if !errors.Is(err, operations.ErrEndless) || len(got) != 0 || calls != operations.MaxEmptyPages {
			t.Errorf("%d records of %d calls, %v", len(got), calls, err)
		}
		wantOp(t, err, c.op, 0)
	})
}

// TestPaged_endOfStream asks at each place, in each form, and by a cursor that was saved: only
// where no more was announced is 20123 the end.
func TestPaged_endOfStream(t *testing.T) {
	exercise(t, func(t *testing.T, c pagedCase, v int) {
		atEnd := fault.New(fault.CodeStreamAtEnd, "")
		for at, isEnd := range map[string]bool{"": false, "a": false, "b": false, "end": true} {
			s := newPagedService(c)
			cursor := operations.Cursor{}
			for at != "" && !strings.HasSuffix(cursor.Offset(), at) {
				page, err := c.page(t.Context(), s.api(), v, cursor, operations.Cursor{})
				if err != nil {
					t.Fatal(err)
				}
				cursor = page.next
			}
			s.faults[at] = atEnd
			saved, err := operations.ParseCursor(cursor.String())
			if err != nil || saved != cursor {
				t.Fatalf("the cursor %#v was saved as %#v, %v", cursor, saved, err)
			}
			page, err := c.page(t.Context(), s.api(), v, saved, operations.Cursor{})
			if errors.Is(err, fault.ErrEndOfStream) == isEnd || isEnd && (err != nil || page.more || page.next != cursor) {
				t.Errorf("a page at %q is %+v, %v", at, page, err)
			}
			pages, err := read(t, c.pages(t.Context(), s.api(), v, saved))
			if errors.Is(err, fault.ErrEndOfStream) == isEnd || isEnd && len(pages) != 1 {
				t.Errorf("the pages from %q on are %+v, %v", at, pages, err)
			}
			got, err := read(t, c.all(t.Context(), s.api(), v, saved))
			if errors.Is(err, fault.ErrEndOfStream) == isEnd || len(got) != 0 {
				t.Errorf("the records from %q on are %v, %v", at, got, err)
			}
		}
	})
}

// No query takes the cursor of another one, whether for its start or for a page.
func TestPaged_cursorsOfOtherQueries(t *testing.T) {
	t.Parallel()
	for _, c := range pagedCases() {
		for v := range c.variants {
			first, err := c.page(t.Context(), newPagedService(c).api(), v, operations.Cursor{}, operations.Cursor{})
			if err != nil {
				t.Fatal(err)
			}
			for other := range c.variants {
				s := newPagedService(c)
				_, atErr := c.page(t.Context(), s.api(), other, first.next, operations.Cursor{})
				_, startErr := c.page(t.Context(), s.api(), other, operations.Cursor{}, first.next)
				_, allErr := read(t, c.all(t.Context(), s.api(), other, first.next))
				for _, err := range []error{atErr, startErr, allErr} {
					if errors.Is(err, operations.ErrCursor) != (v != other) {
						t.Errorf("%s: cursor of query %d for query %d: %v", c.op, v, other, err)
					}
				}
				if v != other {
					wantOp(t, startErr, c.op, 0)
					s.wantAsked(t)
				}
			}
		}
	}
}

func TestPaged_nilPortAndCancelled(t *testing.T) {
	exercise(t, func(t *testing.T, c pagedCase, v int) {
		_, err := c.page(t.Context(), operations.New(nil), v, operations.Cursor{}, operations.Cursor{})
		wantRefused(t, err, c.op, "New", "nil port")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := newPagedService(c)
		var last error
		for _, err := range c.pages(ctx, s.api(), v, operations.Cursor{}) {
			cancel()
			last = err
		}
		if !errors.Is(last, context.Canceled) {
			t.Errorf("error %v", last)
		}
		s.wantAsked(t, "")
	})
}
