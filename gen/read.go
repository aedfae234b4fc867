package gen

import (
	"slices"
	"strings"

	"github.com/mktows/mktows-go/internal/soapxml"
)

// once adds an element to those that were seen. It refuses one that stands twice although
// it is not repeated.
func (d *reader) once(seen, element uint32) uint32 {
	if seen&element != 0 {
		d.twice()
	}
	return seen | element
}

func (d *reader) twice() { d.Failf("the element stands twice, expected once") }

// complete refuses a structure of an answer that lacks something the schema requires: what
// is missing must not be taken for 0, false or "". The names are those of the required
// elements, in order. Requests are read generously; whoever implements the port says what
// it misses. An optional structure with nothing inside counts as absent.
func (d *reader) complete(must bool, seen, required uint32, names ...string) {
	if !d.answer || !must && seen == 0 {
		return
	}
	for _, name := range names {
		bit := required & -required
		if seen&bit == 0 {
			d.Refuse(name, "the required element is missing")
			return
		}
		required &^= bit
	}
}

// none reads a type without fields.
func (d *reader) none() bool {
	for {
		if _, more := d.Child(); !more {
			return false
		}
		d.Skip()
	}
}

// member is a type that extends an abstract one, with the names of its children.
type member struct {
	name     string
	children []string
}

// union returns the xsi:type of an element of an abstract type. Without one it is the type
// that has all children of the element, if one alone has them: the vendor's own sample in
// Ruby has sent such elements. An empty element without a type is taken as absent.
func (d *reader) union(abstract string, members ...member) (name string, ok bool) {
	space, name, ok := d.Type()
	if ok && (space == "" || space == soapxml.Namespace) {
		return name, true
	}
	if ok {
		d.Failf("xsi:type %q is in the namespace %q, expected %q", name, space, soapxml.Namespace)
		return "", false
	}
	children := d.Children()
	if len(children) == 0 {
		_, _ = d.Child() // the end tag
		return "", false
	}
	// What no type has is passed over, here as everywhere.
	children = slices.DeleteFunc(children, func(child string) bool {
		return !slices.ContainsFunc(members, func(m member) bool { return slices.Contains(m.children, child) })
	})
	fits := func(m member) bool {
		return !slices.ContainsFunc(children, func(child string) bool { return !slices.Contains(m.children, child) })
	}
	i := slices.IndexFunc(members, fits)
	if i < 0 || slices.ContainsFunc(members[i+1:], fits) {
		d.Failf("the element has no xsi:type, which its type %s needs, and its children are not those of one type", abstract)
		return "", false
	}
	return members[i].name, true
}

// state tells what an optional structure is: xsi:nil is believed only if nothing is
// inside, as clients have sent both.
func state(isNil, more bool) State {
	if isNil && !more {
		return Nil
	}
	return Present
}

// isBlank reports whether an element that is nil holds layout only.
func isBlank(s string) bool { return strings.Trim(s, " \t\r\n") == "" }

func (d *reader) optString(o *Opt[string]) {
	isNil := d.Nil()
	o.Value, o.State = d.Text(), Present
	if isNil && isBlank(o.Value) {
		o.Value, o.State = "", Nil
	}
}

// set makes an optional value of a type that has no empty form: an empty element
// counts as absent.
func set[T any](o *Opt[T], v T, ok, isNil bool) {
	switch {
	case ok:
		o.Value, o.State = v, Present
	case isNil:
		o.State = Nil
	}
}

func optEnum[T ~string](d *reader, o *Opt[T]) {
	isNil := d.Nil()
	v := T(d.Token())
	set(o, v, v != "", isNil)
}

func (d *reader) optInt(o *Opt[int32]) {
	isNil := d.Nil()
	v, ok := d.Int(32)
	set(o, int32(v), ok, isNil)
}

func (d *reader) optLong(o *Opt[int64]) {
	isNil := d.Nil()
	v, ok := d.Int(64)
	set(o, v, ok, isNil)
}

func (d *reader) optBool(o *Opt[bool]) {
	isNil := d.Nil()
	v, ok := d.Bool()
	set(o, v, ok, isNil)
}

func (d *reader) optDateTime(o *Opt[DateTime]) {
	isNil := d.Nil()
	v, ok := d.DateTime()
	set(o, DateTime(v), ok, isNil)
}

// need refuses an element without the value that the schema asks for. In a request nil is
// taken as the zero value: see complete.
func (d *reader) need(ok, isNil bool, what string) {
	switch {
	case ok:
	case !isNil:
		d.Wrong(what)
	case d.answer:
		d.Refuse("", "the required value is nil, expected %s", what)
	}
}

func (d *reader) reqString(v *string) {
	isNil := d.Nil()
	if *v = d.Text(); isNil {
		d.nilString(v)
	}
}

// asItComes reads a required value of a record on a page of many, without the white space around it: what it lacks, or
// has in a form that cannot be read, is judged by whoever reads the page.
func asItComes[T ~string](d *reader, v *T) { *v = T(d.Token()) }

func (d *reader) nilString(v *string) {
	if isBlank(*v) {
		*v = ""
		d.need(false, true, "a text")
	}
}

// addedString reads a required string that only the newer version has, and that older
// records of that version may lack too.
func (d *reader) addedString(v *string) {
	isNil := d.Nil()
	if *v = d.Text(); isNil && isBlank(*v) {
		*v = ""
	}
}

func reqEnum[T ~string](d *reader, v *T) {
	isNil := d.Nil()
	*v = T(d.Token())
	if d.answer { // which value a request lacks is for the port to say
		d.need(*v != "", isNil, "one of the values of its type")
	}
}

func (d *reader) reqInt(v *int32) {
	isNil := d.Nil()
	n, ok := d.Int(32)
	d.need(ok, isNil, "a whole number")
	*v = int32(n)
}

func (d *reader) reqLong(v *int64) {
	isNil := d.Nil()
	n, ok := d.Int(64)
	d.need(ok, isNil, "a whole number")
	*v = n
}

func (d *reader) reqBool(v *bool) {
	isNil := d.Nil()
	b, ok := d.Bool()
	d.need(ok, isNil, "true or false")
	*v = b
}

func (d *reader) reqDateTime(v *DateTime) {
	isNil := d.Nil()
	t, ok := d.DateTime()
	d.need(ok, isNil, "a date and time")
	*v = DateTime(t)
}

func (d *reader) reqBase64(v *[]byte) { *v, _ = d.Base64() }
