package leads

import (
	"slices"
	"strings"
)

// Value is the value of a field. An empty one clears the field.
type Value struct{ Name, Value string }

// fieldValues are the fields of a lead that have a value, sorted by name, as answers
// show them.
type fieldValues []Value

func (v fieldValues) search(name string) (int, bool) {
	return slices.BinarySearchFunc(v, name, func(f Value, name string) int { return strings.Compare(f.Name, name) })
}

func (v fieldValues) get(name string) string {
	if i, ok := v.search(name); ok {
		return v[i].Value
	}
	return ""
}

// set writes a value, or removes it if it is empty, and returns the one before. Strings are copied, because those of
// a request share the memory of the whole document.
func (v *fieldValues) set(name, value string) (before string) {
	i, ok := v.search(name)
	switch {
	case !ok && value == "":
	case !ok:
		*v = slices.Insert(*v, i, Value{strings.Clone(name), strings.Clone(value)})
	case value == "":
		before = (*v)[i].Value
		*v = slices.Delete(*v, i, i+1)
	default:
		before = (*v)[i].Value
		(*v)[i].Value = strings.Clone(value)
	}
	return before
}
