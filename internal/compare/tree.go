package compare

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/mktows/mktows-go/gen"
)

// node is an element of a message: one with a text, or with elements in it. What has no value is no node.
type node struct {
	name   string
	text   string
	moment bool // the text is a time
	inner  []*node
}

// tree returns the node of a value, nil if it has none.
func tree(v reflect.Value, name string) *node {
	switch v.Kind() { //nolint:exhaustive // others are texts
	case reflect.Invalid:
		return nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return tree(v.Elem(), name)
	case reflect.Struct:
		if optional, is := v.Interface().(interface{ Any() any }); is { // a gen.Opt
			return tree(reflect.ValueOf(optional.Any()), name)
		}
		return structTree(v, name)
	}
	n := &node{name: name, text: fmt.Sprint(v.Interface()), moment: v.Type() == reflect.TypeFor[gen.DateTime]()}
	if n.text == "" {
		return nil
	}
	return n
}

func structTree(v reflect.Value, name string) *node {
	n := &node{name: name}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		called, _, _ := strings.Cut(field.Tag.Get("xml"), ",")
		if called == "" || called == "-" {
			called = field.Name
		}
		if field.Type.Kind() != reflect.Slice {
			if inner := tree(v.Field(i), called); inner != nil {
				n.inner = append(n.inner, inner)
			}
			continue
		}
		for j := range v.Field(i).Len() {
			if inner := tree(v.Field(i).Index(j), called); inner != nil {
				n.inner = append(n.inner, inner)
			}
		}
	}
	if len(n.inner) == 0 || name == "attribute" && n.child("attrValue") == nil || name == "attrib" && n.child("value") == nil {
		return nil
	}
	return n
}

// child returns the first node of a name inside of n, or nil.
func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	for _, inner := range n.inner {
		if inner.name == name {
			return inner
		}
	}
	return nil
}

// value returns the text of the first node of a name inside of n, empty if there is none.
func (n *node) value(path ...string) string {
	for _, name := range path {
		n = n.child(name)
	}
	if n == nil {
		return ""
	}
	return n.text
}

// all returns the texts of n and what is in it.
func (n *node) all() string {
	if n == nil {
		return ""
	}
	text := n.text
	for _, inner := range n.inner {
		if text != "" {
			text += " "
		}
		text += inner.all()
	}
	return text
}

// attrib returns the value of a name in a list of attributes, in either form.
func (n *node) attrib(name string) string {
	if n == nil {
		return ""
	}
	for _, inner := range n.inner {
		switch {
		case inner.value("name") == name:
			return inner.value("value")
		case inner.value("attrName") == name:
			return inner.value("attrValue")
		}
	}
	return ""
}
