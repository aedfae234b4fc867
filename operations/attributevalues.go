package operations

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// ErrNoAttribute says that a record has no attribute of a name. The service leaves out
// fields without a value.
var ErrNoAttribute = errors.New("the record has no such attribute")

// AttributeError says that the value of an attribute is not what was asked for.
type AttributeError struct {
	Name  string // name of the attribute
	Value string // its value; empty if there is none
	Err   error  // what was expected, or ErrNoAttribute
}

// Error names the attribute, its value and what was expected.
func (e *AttributeError) Error() string {
	if errors.Is(e.Err, ErrNoAttribute) {
		return fmt.Sprintf("attribute %q: %s", e.Name, e.Err)
	}
	return fmt.Sprintf("attribute %q is %.80q: %s", e.Name, e.Value, e.Err)
}

// Unwrap returns what was expected.
func (e *AttributeError) Unwrap() error { return e.Err }

// String returns the value of the first attribute of that name, which may be empty. The
// error is an *AttributeError that matches [ErrNoAttribute].
func (a Attributes) String(name string) (string, error) {
	value, ok := a.Get(name)
	if !ok {
		return "", &AttributeError{Name: name, Err: ErrNoAttribute}
	}
	return value, nil
}

// Int returns the value as a whole number in decimal. White space around it is
// dropped. The error is an *AttributeError; an empty value is none.
func (a Attributes) Int(name string) (int64, error) {
	return parse(a, name, "a whole number", func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
}

// Float returns the value as a number, such as an amount of money. White space
// around it is dropped. The error is an *AttributeError.
func (a Attributes) Float(name string) (float64, error) {
	return parse(a, name, "a number", func(s string) (float64, error) {
		f, err := strconv.ParseFloat(s, 64)
		if err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
			err = strconv.ErrSyntax
		}
		return f, err
	})
}

// Bool returns the value as a flag: true or 1, false or 0, in any letter case. The
// service writes either form. The error is an *AttributeError.
func (a Attributes) Bool(name string) (bool, error) {
	return parse(a, name, "a flag: true, false, 1 or 0", func(s string) (bool, error) {
		switch strings.ToLower(s) {
		case "true", "1":
			return true, nil
		case "false", "0":
			return false, nil
		}
		return false, strconv.ErrSyntax
	})
}

// Time returns the value as a moment: 2013-07-09 16:44:28, 2015-09-04 (midnight), or an
// xs:dateTime. The first two have no zone and are taken by the clock of loc, as is an
// xs:dateTime without an offset. A nil loc is the offset of the record's own time, by whose clock
// the attributes of activities and changes go; of a record that has none it is UTC.
// The error is an *AttributeError.
func (a Attributes) Time(name string, loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = a.location(name)
	}
	return parse(a, name, "a time such as 2013-07-09 16:44:28", func(s string) (time.Time, error) {
		for _, form := range []string{time.DateTime, time.DateOnly, "2006-01-02T15:04:05"} {
			if t, err := time.ParseInLocation(form, s, loc); err == nil {
				return t, nil
			}
		}
		return gen.DateTime(s).Time()
	})
}

// location returns the offset of the record that the attribute is one of.
func (a Attributes) location(name string) *time.Location {
	i := slices.IndexFunc(a, func(at Attribute) bool { return at.Name == name })
	if i < 0 || a[i].offset == 0 {
		return time.UTC
	}
	return time.FixedZone("", int(a[i].offset))
}

// Date returns the value as a day, 2015-09-04, at midnight UTC. The error is an
// *AttributeError; a value with a time of day is none: see Time.
func (a Attributes) Date(name string) (time.Time, error) {
	return parse(a, name, "a day such as 2015-09-04", func(s string) (time.Time, error) {
		return time.Parse(time.DateOnly, s)
	})
}

// parse says what was expected in place of an error of a parser.
func parse[T any](a Attributes, name, expected string, read func(string) (T, error)) (T, error) {
	var none T
	value, err := a.String(name)
	if err != nil {
		return none, err
	}
	v, err := read(strings.TrimSpace(value))
	if err != nil {
		return none, &AttributeError{Name: name, Value: value, Err: errors.New("expected " + expected)}
	}
	return v, nil
}

// check refuses an attribute without a name: the service would ignore its value or refuse it.
func (a Attributes) check(field string) error {
	for i := range a {
		if strings.TrimSpace(a[i].Name) == "" {
			return &ArgumentError{index(field, i) + ".Name", errors.New("is empty; name the field that has the value")}
		}
	}
	return nil
}

// wire is absent when there are none.
func (a Attributes) wire() gen.Opt[gen.ArrayOfAttribute] {
	if len(a) == 0 {
		return gen.Opt[gen.ArrayOfAttribute]{}
	}
	return gen.Some(a.wireList())
}

func (a Attributes) wireList() gen.ArrayOfAttribute {
	list := make([]gen.Attribute, len(a))
	for i := range a {
		list[i] = gen.Attribute{AttrName: a[i].Name, AttrType: optional(a[i].Type), AttrValue: a[i].Value}
	}
	return gen.ArrayOfAttribute{Attribute: list}
}

// attribs is the other form that the schema has for names with values.
func (a Attributes) attribs() gen.Opt[gen.ArrayOfAttrib] {
	if len(a) == 0 {
		return gen.Opt[gen.ArrayOfAttrib]{}
	}
	list := make([]gen.Attrib, len(a))
	for i := range a {
		list[i] = gen.Attrib{Name: a[i].Name, Value: a[i].Value}
	}
	return gen.Some(gen.ArrayOfAttrib{Attrib: list})
}

func newAttributes(in []gen.Attribute) Attributes {
	block := make(attributeBlock, 0, len(in))
	return block.cut(in)
}

func attribsOf(in gen.Opt[gen.ArrayOfAttrib]) Attributes {
	if len(in.Value.Attrib) == 0 {
		return nil
	}
	a := make(Attributes, len(in.Value.Attrib))
	for i, v := range in.Value.Attrib {
		a[i] = Attribute{Name: v.Name, Value: v.Value}
	}
	return a
}
