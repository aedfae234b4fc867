package simulator

import (
	"context"
	"math"
	"sort"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// GetCustomObjects returns a page of the records of a custom object, in the order they
// were made (Marketo SOAP API, getCustomObjects; WSDL: ParamsGetCustomObjects). A page
// has up to batchSize records, 100 at most; without one, and with one of 0 or less, it
// is 100. remainingCount is exact.
//
// The key list names fields of any kind, deduplication fields or others, that all have
// to have the given values, compared exactly. Each record comes with all its
// deduplication fields and with those of its other fields that includeAttributes names,
// or all if that is empty; fields without a value are left out.
//
// A position belongs to the type and the keys it was given for; records that are added
// or deleted meanwhile neither shift nor repeat others.
//
// Faults: 20109 without type, keys or includeAttributes, 20110 for an unknown type or
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
	wanted, err := t.readKeys(in.CustomObjKeyList.Value.Attribute)
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
	return &gen.SuccessGetCustomObjects{Result: s.customAnswer(t, at, s.customPageSize(in.BatchSize), wanted, included)}, nil
}

// readKeys returns the condition that a key list makes.
func (t *customType) readKeys(keys []gen.Attribute) (func(*customRecord) bool, error) {
	if len(keys) == 0 {
		return nil, fault.New(fault.CodeParameterRequired, "customObjKeyList is missing or empty")
	}
	for _, key := range keys {
		if fieldIndex(t.Keys, key.AttrName) < 0 && fieldIndex(t.Fields, key.AttrName) < 0 {
			return nil, fault.Newf(fault.CodeBadParameter, "customObjKeyList: %s has no field %q", t.Name, key.AttrName)
		}
	}
	return func(r *customRecord) bool {
		for _, key := range keys {
			if t.value(r, key.AttrName) != key.AttrValue {
				return false
			}
		}
		return true
	}, nil
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
	if list == nil {
		return nil, fault.New(fault.CodeParameterRequired, "includeAttributes is missing: an empty one means all")
	}
	included := make([]bool, len(t.Fields))
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

func (s *Simulator) customAnswer(t *customType, at streamPosition, size int, wanted func(*customRecord) bool, included []bool) *gen.ResultGetCustomObjects {
	page, total := t.after(at.after, size, wanted)
	page = page[:s.dice.shorten(len(page), true)]
	last := at.after
	list := make([]gen.CustomObj, len(page))
	for i, r := range page {
		list[i], last = t.customObj(r, included), r.no
	}
	remaining := total - len(page)
	answer := &gen.ResultGetCustomObjects{
		ObjTypeName:       t.Name,
		ReturnCount:       int32(len(page)),                     //nolint:gosec // at most maxObjects
		RemainingCount:    int32(min(remaining, math.MaxInt32)), //nolint:gosec // just bounded
		NewStreamPosition: at.next(last, remaining > 0).String(),
		CustomObjList:     gen.None[gen.ArrayOfCustomObj](),
	}
	if len(list) > 0 {
		answer.CustomObjList = gen.Some(gen.ArrayOfCustomObj{CustomObj: list})
	}
	return answer
}

// after returns the first records that are wanted after one, and how many there are in
// all.
func (t *customType) after(no int64, size int, wanted func(*customRecord) bool) (page []*customRecord, total int) {
	from := sort.Search(len(t.records), func(i int) bool { return t.records[i].no > no })
	for _, r := range t.records[from:] {
		if !wanted(r) {
			continue
		}
		total++
		if len(page) < size {
			page = append(page, r)
		}
	}
	return page, total
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
