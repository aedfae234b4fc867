package xmldiff

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

const (
	xsiNamespace   = "http://www.w3.org/2001/XMLSchema-instance"
	xmlNamespace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsNamespace = "http://www.w3.org/2000/xmlns/"

	whiteSpace = " \t\r\n" // XML 1.0, production [3]
)

// name is an expanded name (Namespaces in XML 1.0, section 2.1).
type name struct{ space, local string }

func (n name) String() string {
	if n.space == "" {
		return n.local
	}
	return "{" + n.space + "}" + n.local
}

// node is an element with its names resolved or, without a name, a run of text.
type node struct {
	name  name
	text  string
	attrs map[name]string
	inner []*node
}

func (n *node) isText() bool { return n.name == name{} }

// parse returns a node that stands for the document: it holds the root element.
func parse(data []byte) (*node, error) {
	doc := etree.NewDocument()
	doc.ReadSettings.CharsetReader = onlyUTF8
	doc.ReadSettings.PreserveDuplicateAttrs = true // or the first of two would be lost
	if err := doc.ReadFromBytes(bytes.TrimPrefix(data, []byte("\uFEFF"))); err != nil {
		return nil, err
	}
	root, err := content(&doc.Element, scope{"xml": xmlNamespace, "xmlns": xmlnsNamespace})
	switch {
	case err != nil:
		return nil, err
	case len(root) != 1 || root[0].isText():
		// etree takes any sequence of elements and text.
		return nil, errors.New("expected one root element and no text beside it")
	}
	return &node{inner: root}, nil
}

func onlyUTF8(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "utf8", "us-ascii":
		return in, nil
	}
	return nil, fmt.Errorf("the encoding %q is not supported, expected UTF-8", charset)
}

// element resolves the names of an element and of everything in it. The declarations of an element apply to its own
// name too.
func element(e *etree.Element, outer scope) (*node, error) {
	in := outer.with(e.Attr)
	var n node
	var err error
	if n.name, err = in.resolve(e.Space, e.Tag); err != nil {
		return nil, fmt.Errorf("%s: %w", e.GetPath(), err)
	}
	if n.attrs, err = attributes(e.Attr, in); err != nil {
		return nil, fmt.Errorf("%s: %w", e.GetPath(), err)
	}
	n.inner, err = content(e, in)
	return &n, err
}

// content returns the elements and the runs of text inside e. A run goes on across
// comments; between elements, one of white space is layout.
func content(e *etree.Element, in scope) ([]*node, error) {
	var all, elements []*node
	for _, token := range e.Child {
		switch t := token.(type) {
		case *etree.Element:
			n, err := element(t, in)
			if err != nil {
				return nil, err
			}
			all, elements = append(all, n), append(elements, n)
		case *etree.CharData:
			all = appendText(all, t.Data)
		case *etree.Directive:
			return nil, fmt.Errorf("<!%.20s…> is not supported", t.Data)
		}
	}
	if len(elements) > 0 {
		all = dropLayout(all)
	}
	return all, nil
}

// appendText appends text to the run of text that it continues, if there is one: a comment or a CDATA section in the
// middle does not make two texts of one.
func appendText(all []*node, text string) []*node {
	if text == "" { // of an empty CDATA section
		return all
	}
	if last := len(all) - 1; last >= 0 && all[last].isText() {
		all[last].text += text
		return all
	}
	return append(all, &node{text: text})
}

func dropLayout(all []*node) []*node {
	kept := all[:0]
	for _, n := range all {
		if !n.isText() || strings.Trim(n.text, whiteSpace) != "" {
			kept = append(kept, n)
		}
	}
	return kept
}

// scope maps the prefixes to namespaces; "" is the default namespace.
type scope map[string]string

// with returns the scope inside an element that has the attributes.
func (s scope) with(attrs []etree.Attr) scope {
	if !slices.ContainsFunc(attrs, isDeclaration) {
		return s
	}
	inner := maps.Clone(s)
	for _, a := range attrs {
		if a.Space == "xmlns" {
			inner[a.Key] = a.Value
		} else if isDeclaration(a) {
			inner[""] = a.Value
		}
	}
	return inner
}

func isDeclaration(a etree.Attr) bool { return a.Space == "xmlns" || a.FullKey() == "xmlns" }

func (s scope) resolve(prefix, local string) (name, error) {
	space := s[prefix]
	if prefix != "" && space == "" {
		return name{}, fmt.Errorf("the prefix of %s:%s is not declared", prefix, local)
	}
	return name{space, local}, nil
}

// attributes returns those that are no declarations.
func attributes(attrs []etree.Attr, in scope) (map[name]string, error) {
	all := make(map[name]string)
	seen := make(map[name]bool)
	for _, a := range attrs {
		n, err := in.attribute(a)
		if err != nil {
			return nil, err
		}
		if seen[n] {
			return nil, fmt.Errorf("the attribute %s stands twice", a.FullKey())
		}
		seen[n] = true
		if isDeclaration(a) {
			continue
		}
		if all[n], err = attributeValue(n, a.Value, in); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// attribute resolves the name of an attribute; without a prefix it is in no namespace.
func (s scope) attribute(a etree.Attr) (name, error) {
	if a.Space == "" {
		return name{local: a.Key}, nil
	}
	return s.resolve(a.Space, a.Key)
}

// attributeValue resolves the QName that an xsi:type holds (XML Schema 1.0 part 1, 2.6.1).
func attributeValue(n name, value string, in scope) (string, error) {
	if n != (name{xsiNamespace, "type"}) {
		return value, nil
	}
	prefix, local, ok := strings.Cut(strings.Trim(value, whiteSpace), ":")
	if !ok {
		prefix, local = "", prefix
	}
	typeName, err := in.resolve(prefix, local)
	return typeName.String(), err
}
