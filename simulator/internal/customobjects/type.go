package customobjects

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/datatype"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/record"
)

// Object is a record of a type.
type Object struct {
	no     int64    // what a position counts; none is given twice
	keys   []string // in the order of the type's
	values []string // in the order of the type's fields; empty: none

	created, updated time.Time
}

// key is the record's keys as one text, different for different keys.
func (r *Object) key() string { return fmt.Sprintf("%q", r.keys) }

// add enters a new record into all indexes; remove is the reverse.
func (t *Type) add(r *Object) {
	t.lastNo++
	r.no = t.lastNo
	r.created = t.now().Truncate(time.Second)
	r.updated = r.created
	t.records[r.no] = r
	t.order.Insert(ordered.Entry{At: r.no})
	t.byKey[r.key()] = r
	t.values.Fields(func(field string) { t.values.Add(field, t.value(r, field), r.no) })
}

func (t *Type) remove(r *Object) {
	t.values.Fields(func(field string) { t.values.Drop(field, t.value(r, field), r.no) })
	delete(t.records, r.no)
	t.order.Remove(ordered.Entry{At: r.no})
	delete(t.byKey, r.key())
}

// set writes the field at i of a record.
func (t *Type) set(r *Object, i int, value string) {
	t.values.Change(t.fields[i].Name, r.values[i], value, r.no)
	r.values[i] = value
}

func (t *Type) at(no int64) *Object {
	work.Looked(1)
	return t.records[no]
}

// All yields the records in the order they were made.
func (t *Type) All() iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		for row := t.order.Run(ordered.Everything); row.Left > 0; row.Next() {
			if !yield(t.at(row.First().At)) {
				return
			}
		}
	}
}

// After returns up to n records that come after a number, in the order they were made.
func (t *Type) After(number int64, n int) (page []*Object) {
	row := t.order.Run(ordered.Span{Since: ordered.Entry{At: number + 1}, Before: ordered.Everything.Before})
	for ; row.Left > 0 && len(page) < n; row.Next() {
		page = append(page, t.at(row.First().At))
	}
	return page
}

// read returns a record from keys, all of which are needed, and attributes. Attributes that are not given are empty.
func (t *Type) read(keys, attributes []record.Attribute) (*Object, error) {
	r := &Object{keys: make([]string, len(t.keys)), values: make([]string, len(t.fields))}
	if err := fill(r.keys, t.keys, keys, t.name+" has no deduplication field"); err != nil {
		return nil, err
	}
	for i, value := range r.keys {
		if value == "" {
			return nil, fmt.Errorf("the deduplication field %s is missing or empty", t.keys[i].Name)
		}
	}
	if err := fill(r.values, t.fields, attributes, t.name+" has no attribute"); err != nil {
		return nil, err
	}
	return r, nil
}

// fill writes attributes into the values of their fields. Unknown begins the error for a name that no field has.
func fill(values []string, fields []record.Field, attributes []record.Attribute, unknown string) error {
	seen := make([]bool, len(fields))
	for _, a := range attributes {
		i := FieldIndex(fields, a.Name)
		switch {
		case i < 0:
			return fmt.Errorf("%s %q", unknown, a.Name)
		case seen[i]:
			return errors.New("field " + fields[i].Name + " is given twice")
		}
		if err := datatype.Accepts(fields[i], a.Value); err != nil {
			return err
		}
		values[i], seen[i] = a.Value, true
	}
	return nil
}

// FieldIndex returns the place of the field of a name, in any letter case, or -1.
func FieldIndex(fields []record.Field, name string) int {
	return slices.IndexFunc(fields, func(f record.Field) bool { return strings.EqualFold(f.Name, name) })
}

// Values returns the values of a record in the order of the type's keys and of its fields;
// empty: none. They are the table's.
func (r *Object) Values() (keys, fields []string) { return r.keys, r.values }

// Times returns when a record was made and when it was changed last.
func (r *Object) Times() (created, updated time.Time) { return r.created, r.updated }

// At returns the record of a number, or nil.
func (t *Type) At(no int64) *Object { return t.at(no) }

// Remove takes a record out.
func (t *Type) Remove(r *Object) { t.remove(r) }

// LinkField returns the field that links to leads, empty if none does.
func (t *Type) LinkField() string { return t.linkField }

// Number returns the number of a record, in the order they were made; none is given twice.
func (r *Object) Number() int64 { return r.no }
