package simulator

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
)

// GetCustomObjects returns a page of the records of a custom object, in the order they
// were made (Marketo SOAP API, getCustomObjects; WSDL: ParamsGetCustomObjects). A page
// has up to batchSize records, 100 at most; without one, and with one of 0 or less, it
// is 100. remainingCount is exact, unless several keys are given, each has more than
// 5,000 records with its value, and so many are left to look at: then it is how many are
// left to look at, and a page may be short or empty although others follow.
//
// The key list names fields of any kind, deduplication fields or others, that all have
// to have the given values, compared exactly. Each record comes with all its
// deduplication fields and with those of its other fields that includeAttributes names,
// or all if that is empty or missing; fields without a value are left out.
//
// A position belongs to the type and the keys it was given for; records that are added
// or deleted meanwhile neither shift nor repeat others.
//
// Faults: 20109 without type or keys, 20110 for an unknown type or
// field, 20122 and 20123 for the stream position.
func (s *Simulator) GetCustomObjects(ctx context.Context, in *gen.ParamsGetCustomObjects) (*gen.SuccessGetCustomObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetCustomObjects)
	}
	defer s.view()()
	t, err := s.customType(in.ObjTypeName)
	if err != nil {
		return nil, err
	}
	query, err := t.readKeys(in.CustomObjKeyList.Value.Attribute)
	if err != nil {
		return nil, err
	}
	included, err := t.readIncluded(in.IncludeAttributes)
	if err != nil {
		return nil, err
	}
	at, err := readStreamPosition(in.StreamPosition.Or(""), fingerprint("getCustomObjects", t.Name, keptAll(in.CustomObjKeyList.Value)))
	if err != nil {
		return nil, err
	}
	return &gen.SuccessGetCustomObjects{Result: s.customAnswer(t, at, s.customPageSize(in.BatchSize), query, included)}, nil
}

// customQuery is what a key list asks for.
type customQuery struct {
	rows  *ordered.Set             // the records to look at, in the order they were made
	holds func(*customRecord) bool // nil: all of them are asked for
}

// readKeys returns what a key list asks for. Of the fields it names, the one with the
// fewest records that have its value leads to the records.
func (t *customType) readKeys(keys []gen.Attribute) (customQuery, error) {
	if len(keys) == 0 {
		return customQuery{}, fault.New(fault.CodeParameterRequired, "customObjKeyList is missing or empty")
	}
	q := customQuery{rows: &t.order}
	for _, key := range keys {
		field, ok := t.field(key.AttrName)
		if !ok {
			return customQuery{}, fault.Newf(fault.CodeBadParameter, "customObjKeyList: %s has no field %q", t.Name, key.AttrName)
		}
		if rows := t.having(field, key.AttrValue); rows.Len() < q.rows.Len() {
			q.rows = rows
		}
	}
	if len(keys) == 1 && keys[0].AttrValue != "" {
		return q, nil
	}
	q.holds = func(r *customRecord) bool {
		return !slices.ContainsFunc(keys, func(key gen.Attribute) bool { return t.value(r, key.AttrName) != key.AttrValue })
	}
	return q, nil
}

// field returns the name of a field as the type has it.
func (t *customType) field(name string) (string, bool) {
	if i := fieldIndex(t.Keys, name); i >= 0 {
		return t.Keys[i].Name, true
	}
	if i := fieldIndex(t.Fields, name); i >= 0 {
		return t.Fields[i].Name, true
	}
	return "", false
}

// having returns the records with a value in a field, or all for the empty value, which is
// that of records without one.
func (t *customType) having(field, value string) *ordered.Set {
	if value == "" {
		return &t.order
	}
	return orEmpty(t.values.Rows(field, value, func(yield func(int64, string)) {
		for r := range t.all() {
			yield(r.no, t.value(r, field))
		}
	}))
}

// value returns the value of a field that the type has.
func (t *customType) value(r *customRecord, name string) string {
	if i := fieldIndex(t.Keys, name); i >= 0 {
		return r.keys[i]
	}
	return r.values[fieldIndex(t.Fields, name)]
}

// readIncluded returns for each of the type's other fields whether it is asked for.
func (t *customType) readIncluded(list *gen.ArrayOfString) ([]bool, error) {
	included := make([]bool, len(t.Fields))
	if list == nil {
		list = new(gen.ArrayOfString)
	}
	for _, name := range list.StringItem {
		i := fieldIndex(t.Fields, strings.TrimSpace(name))
		switch {
		case i >= 0:
			included[i] = true
		case fieldIndex(t.Keys, strings.TrimSpace(name)) < 0:
			return nil, fault.Newf(fault.CodeBadParameter, "includeAttributes: %s has no field %q", t.Name, name)
		}
	}
	for i := range included {
		included[i] = included[i] || len(list.StringItem) == 0
	}
	return included, nil
}

func (s *Simulator) customPageSize(batch gen.Opt[int32]) int {
	limit := min(maxObjects, s.pageLimit)
	if n := int(batch.Or(0)); n > 0 {
		return min(n, limit)
	}
	return limit
}

func (s *Simulator) customAnswer(t *customType, at streamPosition, size int, query customQuery, included []bool) *gen.ResultGetCustomObjects {
	page := t.page(at.after, size, query)
	if n := s.dice.shorten(len(page.records), true); n < len(page.records) {
		page.left += len(page.records) - n
		page.records, page.reached = page.records[:n], at.after
		if n > 0 {
			page.reached = page.records[n-1].no
		}
	}
	list := make([]gen.CustomObj, len(page.records))
	for i, r := range page.records {
		list[i] = t.customObj(r, included)
	}
	answer := &gen.ResultGetCustomObjects{
		ObjTypeName:       t.Name,
		ReturnCount:       int32(len(list)),                     //nolint:gosec // at most maxObjects
		RemainingCount:    int32(min(page.left, math.MaxInt32)), //nolint:gosec // just bounded
		NewStreamPosition: at.next(page.reached, page.left > 0).String(),
		CustomObjList:     gen.None[gen.ArrayOfCustomObj](),
	}
	if len(list) > 0 {
		answer.CustomObjList = gen.Some(gen.ArrayOfCustomObj{CustomObj: list})
	}
	return answer
}

// customPage is a page of records.
type customPage struct {
	records []*customRecord
	reached int64 // the number of the last one that was looked at
	left    int   // how many follow
}

// page returns up to n records that are asked for after one, and how many follow. It looks
// at no more than maxLooked of them: then it is how many are left to look at.
func (t *customType) page(after int64, n int, q customQuery) customPage {
	page := customPage{reached: after}
	row := q.rows.Run(ordered.Span{Since: ordered.Entry{At: after + 1}, Before: ordered.Everything.Before})
	looks, countable := min(row.Left, work.MaxLooked), row.Left <= work.MaxLooked
	if q.holds == nil {
		looks = min(row.Left, n)
	}
	for ; looks > 0 && (countable || len(page.records) < n); looks-- {
		r := t.at(row.First().At)
		row.Next()
		holds := q.holds == nil || q.holds(r)
		switch {
		case len(page.records) < n:
			page.reached = r.no
			if holds {
				page.records = append(page.records, r)
			}
		case holds:
			page.left++
		}
	}
	page.left += row.Left
	return page
}

// customObj returns a record as answers show it, fields in the order of the definition.
func (t *customType) customObj(r *customRecord, included []bool) gen.CustomObj {
	shown := gen.CustomObj{CustomObjAttributeList: gen.None[gen.ArrayOfAttribute]()}
	shown.CustomObjKeyList = gen.Some(gen.ArrayOfAttribute{Attribute: withNames(t.Keys, r.keys, nil)})
	if list := withNames(t.Fields, r.values, included); len(list) > 0 {
		shown.CustomObjAttributeList = gen.Some(gen.ArrayOfAttribute{Attribute: list})
	}
	return shown
}

// withNames returns values with the names of their fields, those that are included (nil:
// all) and not empty.
func withNames(fields []Field, values []string, included []bool) []gen.Attribute {
	var list []gen.Attribute
	for i, value := range values {
		if value != "" && (included == nil || included[i]) {
			list = append(list, gen.Attribute{AttrName: fields[i].Name, AttrType: gen.None[string](), AttrValue: value})
		}
	}
	return list
}
