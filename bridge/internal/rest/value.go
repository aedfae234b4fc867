package rest

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Kind is the kind of a JSON value.
type Kind byte

// The kinds of values.
const (
	Null   Kind = 'n'
	Bool   Kind = 't'
	Text   Kind = '"'
	Number Kind = '0'
	Other  Kind = '{' // an object or an array
)

// Value is a JSON value as a text: numbers without an exponent, true and false, objects and arrays as
// compact JSON, null as the empty text. The zero Value is that of a member that is missing.
type Value struct {
	Kind Kind // 0: missing
	Text string
}

// Int returns the value as an integer. Some come as texts of digits.
func (v Value) Int() (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(v.Text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%.40q is not an integer of 64 bits", v.Text)
	}
	return n, nil
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (v *Value) UnmarshalJSONFrom(d *jsontext.Decoder) (err error) {
	*v, err = readValue(d)
	return err
}

// readValue reads the next value.
func readValue(d *jsontext.Decoder) (Value, error) {
	switch kind := d.PeekKind(); kind {
	case '"', 't', 'f', 'n', '0':
		tok, err := d.ReadToken()
		if err != nil {
			return Value{}, err
		}
		switch kind {
		case '"':
			return Value{Text, tok.String()}, nil
		case '0':
			return Value{Number, plainNumber(tok.String())}, nil
		case 'n':
			return Value{Kind: Null}, nil
		}
		return Value{Bool, tok.String()}, nil
	}
	raw, err := d.ReadValue()
	if err != nil {
		return Value{}, err
	}
	if err := raw.Compact(); err != nil {
		return Value{}, err
	}
	return Value{Other, strings.ToValidUTF8(string(raw), "\ufffd")}, nil
}

// plainNumber returns a JSON number without an exponent.
func plainNumber(text string) string {
	if !strings.ContainsAny(text, "eE") {
		return text
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// Field is a member of a record.
type Field struct {
	Name string
	Value
}

// Record is a record whose members depend on the instance, in the order of the answer. Those that are null are left out: of a lead
// most are.
type Record []Field

// Get returns the value of a member, the zero Value if it is missing.
func (r Record) Get(name string) Value {
	for i := range r {
		if r[i].Name == name {
			return r[i].Value
		}
	}
	return Value{}
}

// ID returns the member of that name as an integer.
func (r Record) ID(name string) (int64, error) {
	v := r.Get(name)
	if v.Kind != Number && v.Kind != Text {
		return 0, fmt.Errorf("a record lacks the member %q", name)
	}
	n, err := v.Int()
	if err != nil {
		return 0, fmt.Errorf("the member %q of a record: %w", name, err)
	}
	return n, nil
}

// records reads records that most often have the members of the one before, so that names need no memory of their own.
// The zero value is ready for use.
type records struct {
	names  []string // of all members
	filled int      // how many were not null
}

// options makes a reading of JSON read its records so. They serve one reading.
func (p *records) options() json.Options {
	return json.WithUnmarshalers(json.UnmarshalFromFunc(p.read))
}

func (p *records) read(d *jsontext.Decoder, r *Record) error {
	if kind := d.PeekKind(); kind != '{' {
		if _, err := readValue(d); err != nil {
			return err
		}
		return fmt.Errorf("a record is %s, not an object", kind)
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	out := make(Record, 0, p.filled)
	for i := 0; d.PeekKind() != '}'; i++ {
		name, err := p.name(d, i)
		if err != nil {
			return err
		}
		v, err := readValue(d)
		if err != nil {
			return err
		}
		if v.Kind != Null {
			out = append(out, Field{name, v})
		}
	}
	*r, p.filled = out, len(out)
	_, err := d.ReadToken()
	return err
}

// name reads the name of the i-th member.
func (p *records) name(d *jsontext.Decoder, i int) (string, error) {
	raw, err := d.ReadValue()
	if err != nil {
		return "", err
	}
	plain := bytes.Trim(raw, `"`)
	if i < len(p.names) && string(plain) == p.names[i] && bytes.IndexByte(raw, '\\') < 0 {
		return p.names[i], nil
	}
	var name string
	err = json.Unmarshal(raw, &name, lenient)
	p.names = append(p.names[:min(i, len(p.names))], name)
	return name, err
}

// Raw is a value that is JSON already.
type Raw = jsontext.Value

// Object is a record to write: its members in order, each a value that encodes as JSON.
type Object []Member

// Member is a member of an object; nil stands for null.
type Member struct {
	Name  string
	Value any
}

// MarshalJSONTo implements json.MarshalerTo.
func (o Object) MarshalJSONTo(e *jsontext.Encoder) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, m := range o {
		if err := e.WriteToken(jsontext.String(m.Name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(e, m.Value); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

// Size returns how many bytes the object has as JSON, about.
func (o Object) Size() int {
	text, err := json.Marshal(o)
	if err != nil { // it is told when the object is sent
		return 0
	}
	return len(text)
}

// Without returns the object without the members that a question is true of.
func (o Object) Without(drop func(name string) bool) Object {
	return slices.DeleteFunc(slices.Clone(o), func(m Member) bool { return drop(m.Name) })
}

// Has reports whether the object has a member.
func (o Object) Has(name string) bool {
	return slices.ContainsFunc(o, func(m Member) bool { return m.Name == name })
}
