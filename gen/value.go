package gen

import (
	"encoding/xml"
	"time"

	"github.com/mktows/mktows-go/internal/soapxml"
)

// State tells what stands on the wire for an element that may be missing.
type State uint8

const (
	// Absent means that there is no element.
	Absent State = iota
	// Nil means that the element is there, with xsi:nil="true" and no content.
	Nil
	// Present means that the element is there and has a value, which may be empty.
	Present
)

// Opt is an element that may be absent or nil. The zero value is absent.
type Opt[T any] struct {
	Value T
	State State
}

// Some returns a present value.
func Some[T any](v T) Opt[T] { return Opt[T]{Value: v, State: Present} }

// NilOf returns a value that is written as xsi:nil where the schema allows that.
func NilOf[T any]() Opt[T] { return Opt[T]{State: Nil} }

// Get returns the value and whether it is present.
func (o Opt[T]) Get() (T, bool) { return o.Value, o.State == Present }

// Any returns the value, or nil when it is absent or nil: for who looks into messages without knowing their types.
func (o Opt[T]) Any() any {
	if o.State == Present {
		return o.Value
	}
	return nil
}

// Or returns the value, or def when it is absent or nil.
func (o Opt[T]) Or(def T) T {
	if o.State == Present {
		return o.Value
	}
	return def
}

// UnmarshalXML lets encoding/xml read the element. The codec of this package does
// not use it.
func (o *Opt[T]) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	o.State = Present
	for _, a := range start.Attr {
		if a.Name.Local == "nil" && (a.Value == "true" || a.Value == "1") {
			o.State = Nil
			return d.Skip()
		}
	}
	return d.DecodeElement(&o.Value, &start)
}

// MarshalXML lets encoding/xml write the element, or nothing when it is absent.
func (o Opt[T]) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	switch o.State {
	case Present:
		return e.EncodeElement(o.Value, start)
	case Nil:
		start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: "xsi:nil"}, Value: "true"})
		return e.EncodeElement("", start)
	}
	return nil
}

// DateTime is an xs:dateTime as it stands on the wire, such as
// 2015-09-04T16:07:16-05:00: the offset and the digits of a fraction are kept. What
// was read from a message is valid; what is not valid is refused when written.
type DateTime string

// NewDateTime returns t in the form the service uses: with a numeric offset, that of
// t's location, and with a fraction only if t has one.
func NewDateTime(t time.Time) DateTime { return DateTime(soapxml.FormatDateTime(t)) }

// Time returns the moment, in the offset it was written with; without an offset it
// is taken as UTC. The error says that the text is no xs:dateTime.
func (d DateTime) Time() (time.Time, error) { return soapxml.ParseDateTime(string(d)) }
