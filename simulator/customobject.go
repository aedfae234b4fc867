package simulator

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
)

// maxCustomFields is how many own fields a type has at most (Marketo SOAP API,
// syncCustomObjects).
const maxCustomFields = 50

// CustomObjectType is a type of custom object. Its name and those of its fields are
// compared without regard to letter case and appear in answers as given here.
type CustomObjectType struct {
	Name   string
	Keys   []Field // the deduplication fields, at least one: equal keys are one record
	Fields []Field // the others
	// LinkField is the field that links to leads, one of the above; empty: none. Its
	// values are kept as they come, whether there is such a lead or not.
	LinkField string
}

// customType is a type in the simulator with its records.
type customType struct {
	CustomObjectType

	records map[int64]*customRecord // by number
	order   ordered.Set             // in the order they were made; at is the number
	byKey   map[string]*customRecord
	values  *ordered.ValueIndex // of all fields, by their names in the type; the row is the number
	lastNo  int64
}

func newCustomType(t CustomObjectType) *customType {
	return &customType{
		CustomObjectType: t, records: make(map[int64]*customRecord), byKey: make(map[string]*customRecord), values: ordered.NewValueIndex(),
	}
}

// customRecord is a custom object.
type customRecord struct {
	no     int64    // what a position counts; none is given twice
	keys   []string // in the order of the type's
	values []string // in the order of the type's fields; empty: none
}

// customObjectTable holds the custom objects, by the type's name in lower case. The zero
// value is empty.
type customObjectTable map[string]*customType

func (t customObjectTable) find(name string) *customType { return t[strings.ToLower(name)] }

// AddCustomObjectType adds a type of custom object. The error says what is wrong with
// it: no name, one that is taken, no key, more than 50 fields, two fields of one name, or
// a link field that is none of them.
func (s *Simulator) AddCustomObjectType(t CustomObjectType) error {
	made := newCustomType(t)
	if err := made.check(); err != nil {
		return err
	}
	defer s.change()()
	if s.custom.find(t.Name) != nil {
		return fmt.Errorf("simulator: there is a custom object %q already", t.Name)
	}
	if s.custom == nil {
		s.custom = make(customObjectTable)
	}
	s.custom[strings.ToLower(t.Name)] = made
	return nil
}

// check finds what is wrong with a type, and gives its fields their data types.
func (t *customType) check() error {
	if t.Name == "" || len(t.Keys) == 0 {
		return fmt.Errorf("simulator: custom object %q needs a name and a deduplication field", t.Name)
	}
	if n := len(t.Keys) + len(t.Fields); n > maxCustomFields {
		return fmt.Errorf("simulator: custom object %q has %d fields: at most %d are allowed", t.Name, n, maxCustomFields)
	}
	t.Keys, t.Fields = slices.Clone(t.Keys), slices.Clone(t.Fields)
	seen := make(map[string]bool)
	for _, fields := range [][]Field{t.Keys, t.Fields} {
		for i, f := range fields {
			checked, err := f.check()
			if err != nil {
				return err
			}
			if seen[strings.ToLower(f.Name)] {
				return fmt.Errorf("simulator: custom object %q has two fields %q", t.Name, f.Name)
			}
			seen[strings.ToLower(f.Name)], fields[i] = true, checked
		}
	}
	if t.LinkField != "" && !seen[strings.ToLower(t.LinkField)] {
		return fmt.Errorf("simulator: custom object %q has no field %q to link by", t.Name, t.LinkField)
	}
	return nil
}

// AddCustomObject adds a record of a type, with all its keys. The error says that there
// is no such type, that a field is missing or unknown, that a value does not fit, or
// that a record has these keys already.
func (s *Simulator) AddCustomObject(typeName string, keys, attributes []Attribute) error {
	defer s.change()()
	t := s.custom.find(typeName)
	if t == nil {
		return fmt.Errorf("simulator: there is no custom object %q: add the type first", typeName)
	}
	r, err := t.read(keys, attributes)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	if t.byKey[r.key()] != nil {
		return fmt.Errorf("simulator: there is a %s with the keys %v already", t.Name, keys)
	}
	t.add(r)
	return nil
}

// key is the record's keys as one text, different for different keys.
func (r *customRecord) key() string { return fmt.Sprintf("%q", r.keys) }

func (t *customType) add(r *customRecord) {
	t.lastNo++
	r.no = t.lastNo
	t.records[r.no] = r
	t.order.Insert(ordered.Entry{At: r.no})
	t.byKey[r.key()] = r
	t.values.Fields(func(field string) { t.values.Add(field, t.value(r, field), r.no) })
}

func (t *customType) remove(r *customRecord) {
	t.values.Fields(func(field string) { t.values.Drop(field, t.value(r, field), r.no) })
	delete(t.records, r.no)
	t.order.Remove(ordered.Entry{At: r.no})
	delete(t.byKey, r.key())
}

// set writes the field at i of a record.
func (t *customType) set(r *customRecord, i int, value string) {
	t.values.Change(t.Fields[i].Name, r.values[i], value, r.no)
	r.values[i] = value
}

func (t *customType) at(no int64) *customRecord {
	work.Looked(1)
	return t.records[no]
}

// all yields the records in the order they were made.
func (t *customType) all() iter.Seq[*customRecord] {
	return func(yield func(*customRecord) bool) {
		for row := t.order.Run(ordered.Everything); row.Left > 0; row.Next() {
			if !yield(t.at(row.First().At)) {
				return
			}
		}
	}
}

// read makes a record of keys, all of which are needed, and attributes. What is not
// among the attributes is left empty.
func (t *customType) read(keys, attributes []Attribute) (*customRecord, error) {
	r := &customRecord{keys: make([]string, len(t.Keys)), values: make([]string, len(t.Fields))}
	if err := fill(r.keys, t.Keys, keys, t.Name+" has no deduplication field"); err != nil {
		return nil, err
	}
	for i, value := range r.keys {
		if value == "" {
			return nil, fmt.Errorf("the deduplication field %s is missing or empty", t.Keys[i].Name)
		}
	}
	if err := fill(r.values, t.Fields, attributes, t.Name+" has no attribute"); err != nil {
		return nil, err
	}
	return r, nil
}

// fill writes attributes into the values of their fields.
func fill(values []string, fields []Field, attributes []Attribute, unknown string) error {
	seen := make([]bool, len(fields))
	for _, a := range attributes {
		i := fieldIndex(fields, a.Name)
		switch {
		case i < 0:
			return fmt.Errorf("%s %q", unknown, a.Name)
		case seen[i]:
			return errors.New("field " + fields[i].Name + " is given twice")
		}
		if err := fields[i].accepts(a.Value); err != nil {
			return err
		}
		values[i], seen[i] = a.Value, true
	}
	return nil
}

func fieldIndex(fields []Field, name string) int {
	return slices.IndexFunc(fields, func(f Field) bool { return strings.EqualFold(f.Name, name) })
}

// keptAll returns attributes of a request for keeping.
func keptAll(list gen.ArrayOfAttribute) []Attribute {
	all := make([]Attribute, len(list.Attribute))
	for i, a := range list.Attribute {
		all[i] = kept(gen.Attrib{Name: a.AttrName, Value: a.AttrValue})
	}
	return all
}
