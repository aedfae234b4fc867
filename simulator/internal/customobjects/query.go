package customobjects

import (
	"fmt"
	"slices"

	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/record"
)

// Query is what a key list asks for.
type Query struct {
	rows  *ordered.Set       // the records to look at, in the order they were made
	holds func(*Object) bool // nil: all of them are asked for
}

// Ask returns the query for records that have all values of a list. To find them, the field is used whose value the
// fewest records have; the other conditions are checked on those.
func (t *Type) Ask(list []record.Attribute) (Query, error) {
	q := Query{rows: &t.order}
	for _, a := range list {
		field, ok := t.field(a.Name)
		if !ok {
			return Query{}, fmt.Errorf("%s has no field %q", t.name, a.Name)
		}
		if rows := t.having(field, a.Value); rows.Len() < q.rows.Len() {
			q.rows = rows
		}
	}
	if len(list) == 1 && list[0].Value != "" {
		return q, nil
	}
	q.holds = func(r *Object) bool {
		return !slices.ContainsFunc(list, func(a record.Attribute) bool { return t.value(r, a.Name) != a.Value })
	}
	return q, nil
}

// field returns the name of a field as the type has it.
func (t *Type) field(name string) (string, bool) {
	if i := FieldIndex(t.keys, name); i >= 0 {
		return t.keys[i].Name, true
	}
	if i := FieldIndex(t.fields, name); i >= 0 {
		return t.fields[i].Name, true
	}
	return "", false
}

// having returns the records with a value in a field, or all for the empty value, which is
// that of records without one.
func (t *Type) having(field, value string) *ordered.Set {
	if value == "" {
		return &t.order
	}
	rows := t.values.Rows(field, value, func(yield func(int64, string)) {
		for r := range t.All() {
			yield(r.no, t.value(r, field))
		}
	})
	if rows == nil {
		return new(ordered.Set)
	}
	return rows
}

// value returns the value of a field that the type has.
func (t *Type) value(r *Object, name string) string {
	if i := FieldIndex(t.keys, name); i >= 0 {
		return r.keys[i]
	}
	return r.values[FieldIndex(t.fields, name)]
}

// Page is a page of records.
type Page struct {
	Objects []*Object
	Reached int64 // the number of the last one that was looked at
	Left    int   // how many follow
}

// Page returns up to n of the records asked for that come after one, and how many follow. It looks at no more than
// work.MaxLooked records; if there are more, the number is that of the records left to look at.
func (t *Type) Page(after int64, n int, q Query) Page {
	page := Page{Reached: after}
	row := q.rows.Run(ordered.Span{Since: ordered.Entry{At: after + 1}, Before: ordered.Everything.Before})
	looks, countable := min(row.Left, work.MaxLooked), row.Left <= work.MaxLooked
	if q.holds == nil {
		looks = min(row.Left, n)
	}
	for ; looks > 0 && (countable || len(page.Objects) < n); looks-- {
		r := t.at(row.First().At)
		row.Next()
		holds := q.holds == nil || q.holds(r)
		switch {
		case len(page.Objects) < n:
			page.Reached = r.no
			if holds {
				page.Objects = append(page.Objects, r)
			}
		case holds:
			page.Left++
		}
	}
	page.Left += row.Left
	return page
}
