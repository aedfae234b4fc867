// Package customobjects is the table of custom objects: types that a customer defines, and their records. Companies
// and sales persons of the REST API have the same form and use it too.
package customobjects

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/datatype"
	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// maxFields is how many own fields a type has at most (Marketo SOAP API,
// syncCustomObjects).
const maxFields = 50

// Type is a type of custom object with its records.
type Type struct {
	name, linkField string
	keys, fields    []record.Field

	records map[int64]*Object // by number
	order   ordered.Set       // in the order they were made; at is the number
	byKey   map[string]*Object
	values  *ordered.ValueIndex // of all fields, by their names in the type; the row is the number
	lastNo  int64
	now     func() time.Time
}

// Name returns the type's name as it was given.
func (t *Type) Name() string { return t.name }

// Keys returns the deduplication fields, which are the table's.
func (t *Type) Keys() []record.Field { return t.keys }

// Fields returns the other fields, which are the table's.
func (t *Type) Fields() []record.Field { return t.fields }

// Table holds the custom objects. Make it with [New]. Whoever uses it holds the lock; those who
// only read may share it.
type Table struct {
	now    func() time.Time
	byName map[string]*Type // in lower case
}

// New returns an empty table with a clock.
func New(now func() time.Time) *Table { return &Table{now, make(map[string]*Type)} }

// Find returns the type of a name, or nil.
func (t *Table) Find(name string) *Type { return t.byName[strings.ToLower(name)] }

// All returns all types, by name.
func (t *Table) All() []*Type {
	var list []*Type
	for _, name := range slices.Sorted(maps.Keys(t.byName)) {
		list = append(list, t.byName[name])
	}
	return list
}

// Add adds a type of custom object with its records. The error says, with its place, what is
// wrong: no name, one that is taken, no key, more than 50 fields, two fields of one name, a
// link field that is none of them, or a record that its type does not allow.
func (t *Table) Add(in *record.CustomObjectType) error {
	made, err := NewType(t.now, in)
	if err != nil {
		return place.In(err, "name")
	}
	if t.Find(in.Name) != nil {
		return place.Wrong("name", "there is a custom object %q already", in.Name)
	}
	if err := made.Load(in); err != nil {
		return err
	}
	t.byName[strings.ToLower(in.Name)] = made
	return nil
}

// NewType makes a type without records, with a clock, and gives its fields their data types.
func NewType(now func() time.Time, in *record.CustomObjectType) (*Type, error) {
	if in.Name == "" || len(in.Keys) == 0 {
		return nil, fmt.Errorf("custom object %q needs a name and a deduplication field", in.Name)
	}
	if n := len(in.Keys) + len(in.Fields); n > maxFields {
		return nil, fmt.Errorf("custom object %q has %d fields: at most %d are allowed", in.Name, n, maxFields)
	}
	t := &Type{
		now:  now,
		name: in.Name, linkField: in.LinkField, keys: slices.Clone(in.Keys), fields: slices.Clone(in.Fields),
		records: make(map[int64]*Object), byKey: make(map[string]*Object), values: ordered.NewValueIndex(),
	}
	return t, t.checkFields()
}

// checkFields checks the names and data types of all fields, and the field that links to leads.
func (t *Type) checkFields() error {
	seen := make(map[string]bool)
	for _, fields := range [][]record.Field{t.keys, t.fields} {
		for i, f := range fields {
			checked, err := datatype.Check(f)
			if err != nil {
				return err
			}
			if seen[strings.ToLower(f.Name)] {
				return fmt.Errorf("custom object %q has two fields %q", t.name, f.Name)
			}
			seen[strings.ToLower(f.Name)], fields[i] = true, checked
		}
	}
	if t.linkField != "" && !seen[strings.ToLower(t.linkField)] {
		return fmt.Errorf("custom object %q has no field %q to link by", t.name, t.linkField)
	}
	return nil
}

// Load adds the records of a new type.
func (t *Type) Load(in *record.CustomObjectType) error {
	for i, r := range in.Records {
		if r.Number != 0 {
			if r.Number <= t.lastNo || r.Number == math.MaxInt64 {
				return place.In(place.Wrong("number", "%d is not more than that of the record before", r.Number), "records[%d]", i)
			}
			t.lastNo = r.Number - 1
		}
		if err := t.load(&r); err != nil {
			return place.In(err, "records[%d]", i)
		}
	}
	if in.LastNumber != 0 && in.LastNumber < t.lastNo || in.LastNumber == math.MaxInt64 {
		return place.Wrong("lastNumber", "%d is less than that of a record", in.LastNumber)
	}
	t.lastNo = max(t.lastNo, in.LastNumber)
	return nil
}

// load adds one record of a state, with its times.
func (t *Type) load(in *record.CustomObject) error {
	created, err := servicetime.Parse("created", in.Created, t.now().Truncate(time.Second))
	if err != nil {
		return err
	}
	updated, err := servicetime.Parse("updated", in.Updated, created)
	if err != nil {
		return err
	}
	if err := t.Insert(attributes(in.Keys), attributes(in.Attributes)); err != nil {
		return err
	}
	made := t.records[t.lastNo]
	made.created, made.updated = created, updated
	return nil
}

func attributes(values map[string]string) []record.Attribute {
	var list []record.Attribute
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, record.Attribute{Name: name, Value: values[name]})
	}
	return list
}

// Insert adds a record with all its keys. The error says that a field is missing or unknown,
// that a value does not fit, or that a record has these keys already.
func (t *Type) Insert(keys, attributes []record.Attribute) error {
	r, err := t.read(keys, attributes)
	if err != nil {
		return err
	}
	if t.byKey[r.key()] != nil {
		return fmt.Errorf("there is a %s with the keys %v already", t.name, keys)
	}
	t.add(r)
	return nil
}

// Sync inserts or updates a record and tells what was done. An update writes the attributes
// that are given; an empty value clears.
func (t *Type) Sync(keys, attributes []record.Attribute, op gen.SyncOperationEnum) (gen.SyncStatusEnum, error) {
	r, err := t.read(keys, attributes)
	if err != nil {
		return "", err
	}
	found := t.byKey[r.key()]
	if err := objects.Skipped(op, found != nil); err != nil {
		return "", err
	}
	if found == nil {
		t.add(r)
		return gen.SyncStatusEnumCREATED, nil
	}
	for _, a := range attributes {
		i := FieldIndex(t.fields, a.Name)
		t.set(found, i, r.values[i])
	}
	found.updated = t.now().Truncate(time.Second)
	return gen.SyncStatusEnumUPDATED, nil
}

// Delete deletes the record of keys. The error says that there is none.
func (t *Type) Delete(keys []record.Attribute) error {
	r, err := t.read(keys, nil)
	if err != nil {
		return err
	}
	found := t.byKey[r.key()]
	if found == nil {
		return errors.New("does not exist")
	}
	t.remove(found)
	return nil
}

// Load fills an empty table.
func (t *Table) Load(types []record.CustomObjectType) error {
	for i := range types {
		if err := t.Add(&types[i]); err != nil {
			return place.In(err, "customObjects[%d]", i)
		}
	}
	return nil
}

// Snapshot returns all types, by name; nil for none.
func (t *Table) Snapshot() []record.CustomObjectType {
	var list []record.CustomObjectType
	for _, one := range t.All() {
		list = append(list, one.Record())
	}
	return list
}

// Record returns the type with its records.
func (t *Type) Record() record.CustomObjectType {
	out := record.CustomObjectType{Name: t.name, LinkField: t.linkField, Keys: slices.Clone(t.keys)}
	if len(t.fields) > 0 { // else nil, so that equal states are equal in Go too
		out.Fields = slices.Clone(t.fields)
	}
	before := int64(0)
	for r := range t.All() {
		one := record.CustomObject{Keys: valuesOf(t.keys, r.keys), Attributes: valuesOf(t.fields, r.values)}
		one.Created = servicetime.Text(r.created)
		if !r.updated.Equal(r.created) {
			one.Updated = servicetime.Text(r.updated)
		}
		if r.no != before+1 {
			one.Number = r.no
		}
		before = r.no
		out.Records = append(out.Records, one)
	}
	if t.lastNo != before {
		out.LastNumber = t.lastNo
	}
	return out
}

// valuesOf returns the values that are not empty, by name; nil if there are none.
func valuesOf(fields []record.Field, values []string) map[string]string {
	var found map[string]string
	for i, value := range values {
		if value == "" {
			continue
		}
		if found == nil {
			found = make(map[string]string)
		}
		found[fields[i].Name] = value
	}
	return found
}
