package gen

import (
	"slices"

	"github.com/mktows/mktows-go/internal/soapxml"
)

// slab hands out lists of records from larger arrays, so that a page of a thousand
// records costs a few allocations. A nested list of the same type is allowed.
type slab[T any] struct {
	free []T // length 0; the capacity is what is left of the array
	next int // how many records the next array gets
}

// take begins a list.
func (s *slab[T]) take() []T {
	list := s.free
	s.free = nil
	return list
}

// grow appends a zero record.
func (s *slab[T]) grow(list []T) []T {
	if len(list) < cap(list) {
		return list[:len(list)+1]
	}
	s.next = max(2*len(list), min(2*s.next, 1024), 4)
	bigger := make([]T, len(list)+1, s.next)
	copy(bigger, list)
	return bigger
}

// give ends a list: it returns the records, or nil when there are none, and keeps the
// rest of the array for the next list.
func (s *slab[T]) give(list []T) []T {
	if cap(list)-len(list) > cap(s.free) {
		s.free = list[len(list):len(list):cap(list)]
	}
	if len(list) == 0 {
		return nil
	}
	return list[:len(list):len(list)]
}

// once refuses an element that stands twice although it is not repeated.
func (d *reader) once(seen *uint32, bit int) {
	if *seen&(1<<bit) != 0 {
		d.Failf("the element stands twice, expected once")
	}
	*seen |= 1 << bit
}

// end refuses a page that does not tell whether it is the last.
func (d *reader) end(seen uint32, bit int, name string) {
	if seen&(1<<bit) == 0 {
		d.Failf("a page has no %s, which alone tells whether more follows", name)
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

func (d *reader) optString(o *Opt[string]) {
	isNil := d.Nil()
	o.Value = d.Text()
	o.State = state(isNil, o.Value != "")
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

// need refuses an empty element where the schema asks for a value; nil is taken as
// the zero value, as answers about failed records may have it.
func (d *reader) need(ok, isNil bool, what string) {
	if !ok && !isNil {
		d.Wrong(what)
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

func (d *reader) reqBase64(v *[]byte) {
	*v, _ = d.Base64()
}
