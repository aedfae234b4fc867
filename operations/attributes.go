package operations

import (
	"time"

	"github.com/mktows/mktows-go/gen"
)

// Attribute is a named value of a record. The value is text as the service gives
// it: numbers in decimal; times without a zone, by the clock of the record's own time.
type Attribute struct {
	Name  string
	Value string
	Type  string // data type such as "string" or "integer"; empty in activities

	offset int32 // of the record's own time, in seconds east of UTC; see Attributes.Time
}

// Equal reports whether both have the same name, value and type.
func (a Attribute) Equal(b Attribute) bool {
	return a.Name == b.Name && a.Value == b.Value && a.Type == b.Type
}

// Attributes are the attributes of a record in the order of the answer. A name may
// occur more than once. Names are compared exactly, letter case included.
type Attributes []Attribute

// Get returns the value of the first attribute of that name, and whether there is
// one: a value may be empty.
func (a Attributes) Get(name string) (value string, ok bool) {
	for i := range a {
		if a[i].Name == name {
			return a[i].Value, true
		}
	}
	return "", false
}

// All returns the values of all attributes of that name, in order; nil if there is none.
func (a Attributes) All(name string) []string {
	var values []string
	for i := range a {
		if a[i].Name == name {
			values = append(values, a[i].Value)
		}
	}
	return values
}

// Map returns the values by name. Of a name that occurs more than once it has the
// first value, as Get has.
func (a Attributes) Map() map[string]string {
	m := make(map[string]string, len(a))
	for i := range a {
		if _, dup := m[a[i].Name]; !dup {
			m[a[i].Name] = a[i].Value
		}
	}
	return m
}

// attributeBlock is one array that the attributes of a whole page are cut from: a
// page of 100 records costs one allocation for them instead of 100.
type attributeBlock []Attribute

// cutAt converts the attributes of a record that has a time.
func (b *attributeBlock) cutAt(at time.Time, in []gen.Attribute) Attributes {
	attributes := b.cut(in)
	_, offset := at.Zone()
	for i := range attributes {
		attributes[i].offset = int32(offset) //nolint:gosec // less than a day
	}
	return attributes
}

// cut converts the attributes of a record. A full slice expression keeps an append
// to them from writing into those of the next record.
func (b *attributeBlock) cut(in []gen.Attribute) Attributes {
	if len(in) == 0 {
		return nil
	}
	start := len(*b)
	for i := range in {
		*b = append(*b, Attribute{Name: in[i].AttrName, Value: in[i].AttrValue, Type: in[i].AttrType.Or("")})
	}
	return Attributes((*b)[start:len(*b):len(*b)])
}
