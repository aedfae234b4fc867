package wsdlgen

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hooklift/gowsdl"
)

// model is the contract as the printers need it: everything in the order in which it is printed, and every decision
// about a field made.
type model struct {
	enums      []*enum
	structs    []*structType
	unions     []*union
	elements   []element
	operations []operation
	byName     map[string]*structType
}

type enum struct {
	name, doc string
	values    []constant
	docs      map[string]string // value → documentation
}

// structType is a complex type. Whether it is used in requests or in answers decides what the codec checks: a request
// must not lose anything, an answer must not lack anything.
type structType struct {
	name, doc string
	fields    []*field
	base      string // the abstract type that this one extends
	request   bool   // reachable from an input message or a header
	answer    bool   // reachable from an output message
}

// isRecord reports whether the structure is an activity on a page of many. A record that lacks something, or has
// something in a form that cannot be read, is handed to whoever reads the page, who can skip it; as an error of the
// codec, it would cost all the others.
func (s *structType) isRecord() bool {
	return s.name == "ActivityRecord" || s.name == "LeadChangeRecord"
}

// union is an abstract type: an interface that the types extending it implement.
type union struct {
	name, doc string
	members   []*structType
}

type kind int

const (
	kindString kind = iota
	kindEnum
	kindInt
	kindLong
	kindBool
	kindDateTime
	kindBase64
	kindStruct
	kindUnion
)

type occurrence int

const (
	required occurrence = iota
	optional
	repeated
)

// field is an element of a complex type.
type field struct {
	name, xml, doc string
	kind           kind
	typeName       string // the Go name of the type of a value
	occurs         occurrence
	nillable       bool
	added          bool // only in the newer document
	wasRequired    bool // required in the older document, optional in the newer
}

type element struct{ name, typeName string }

type operation struct {
	name, method, doc string
	action            string
	input, output     element
	headers           []string
}

// builtin are the schema's own types that the contract uses.
var builtin = map[string]struct {
	kind kind
	name string
}{
	"string": {kindString, "string"}, "anySimpleType": {kindString, "string"},
	"int": {kindInt, "int32"}, "long": {kindLong, "int64"}, "integer": {kindLong, "int64"},
	"boolean": {kindBool, "bool"}, "dateTime": {kindDateTime, "DateTime"}, "base64Binary": {kindBase64, "[]byte"},
}

// load builds the model from the newer document, and marks what the older one does not have.
func load(newPath, oldPath string) (*model, error) {
	p, err := runGowsdl(newPath)
	if err != nil {
		return nil, err
	}
	doc, err := readDocument(newPath)
	if err != nil {
		return nil, err
	}
	old, err := readDocument(oldPath)
	if err != nil {
		return nil, err
	}
	m := &model{byName: map[string]*structType{}}
	if err := m.addTypes(doc, p); err != nil {
		return nil, err
	}
	m.compare(old)
	if err := m.addOperations(doc, p); err != nil {
		return nil, err
	}
	return m, nil
}

// addTypes adds the types of the schema in the order in which gowsdl prints them, so that the generated files do not
// change without need. Enumerations come first, because the kind of a field depends on whether its type is one.
func (m *model) addTypes(doc *document, p *printed) error {
	schema := doc.Types.Schemas[0]
	enums, complexes := map[string]*gowsdl.XSDSimpleType{}, map[string]*gowsdl.XSDComplexType{}
	for _, t := range schema.SimpleType {
		enums[t.Name] = t
	}
	for _, t := range schema.ComplexTypes {
		complexes[t.Name] = t
		if t.Abstract {
			m.unions = append(m.unions, &union{name: t.Name, doc: doc.docs[t.Name]})
		}
	}
	for _, name := range p.order {
		if t := enums[name]; t != nil {
			m.addEnum(t, p.consts[name])
		}
	}
	for _, name := range p.order {
		if t := complexes[name]; t != nil && !t.Abstract {
			if err := m.addStruct(t, doc.docs[name], p.fields[name]); err != nil {
				return err
			}
		}
	}
	for _, e := range schema.Elements {
		m.elements = append(m.elements, element{e.Name, local(e.Type)})
	}
	if len(m.enums) != len(enums) || len(m.structs)+len(m.unions) != len(complexes) {
		return errors.New("wsdlgen: gowsdl did not print all types of the schema")
	}
	return nil
}

// addEnum adds an enumeration with the documentation of its values.
func (m *model) addEnum(t *gowsdl.XSDSimpleType, values []constant) {
	e := &enum{name: t.Name, doc: t.Doc, values: values, docs: map[string]string{}}
	for _, v := range t.Restriction.Enumeration {
		e.docs[v.Value] = v.Doc
	}
	m.enums = append(m.enums, e)
}

// addStruct adds a complex type with its fields, including those with which it extends an abstract type.
func (m *model) addStruct(t *gowsdl.XSDComplexType, doc string, names map[string]string) error {
	s := &structType{name: t.Name, doc: doc, base: local(t.ComplexContent.Extension.Base)}
	m.structs = append(m.structs, s)
	m.byName[t.Name] = s
	elements := t.Sequence
	for i := range t.ComplexContent.Extension.Sequence {
		elements = append(elements, &t.ComplexContent.Extension.Sequence[i])
	}
	for _, e := range elements {
		// gowsdl escapes the field Type with an underscore; public names need none.
		f := &field{name: strings.TrimSuffix(names[e.Name], "_"), xml: e.Name, doc: e.Doc, nillable: e.Nillable, occurs: occurs(e)}
		if f.name == "" {
			return fmt.Errorf("wsdlgen: gowsdl printed no field for %s.%s", t.Name, e.Name)
		}
		if err := m.setType(f, e.Type); err != nil {
			return fmt.Errorf("wsdlgen: %s.%s: %w", t.Name, e.Name, err)
		}
		s.fields = append(s.fields, f)
	}
	for _, u := range m.unions {
		if u.name == s.base {
			u.members = append(u.members, s)
		}
	}
	return nil
}

// occurs returns how often an element may occur.
func occurs(e *gowsdl.XSDElement) occurrence {
	switch {
	case e.MaxOccurs == "unbounded":
		return repeated
	case e.MinOccurs == "0":
		return optional
	}
	return required
}

// setType sets the kind of a field and the Go name of its type.
func (m *model) setType(f *field, qname string) error {
	f.typeName = local(qname)
	if strings.HasPrefix(qname, "xs:") {
		b, ok := builtin[f.typeName]
		if !ok {
			return fmt.Errorf("the type %s is not known to the codec", qname)
		}
		f.kind, f.typeName = b.kind, b.name
		return nil
	}
	f.kind = kindStruct
	if slices.ContainsFunc(m.enums, func(e *enum) bool { return e.name == f.typeName }) {
		f.kind = kindEnum
	}
	if slices.ContainsFunc(m.unions, func(u *union) bool { return u.name == f.typeName }) {
		f.kind = kindUnion
	}
	return nil
}

// compare marks the fields that the older document does not have, and those that it requires and the newer one does
// not.
func (m *model) compare(old *document) {
	for _, t := range old.Types.Schemas[0].ComplexTypes {
		s := m.byName[t.Name]
		if s == nil || s.base != "" {
			continue
		}
		for _, f := range s.fields {
			i := slices.IndexFunc(t.Sequence, func(e *gowsdl.XSDElement) bool { return e.Name == f.xml })
			f.added = i < 0
			f.wasRequired = i >= 0 && f.occurs == optional && occurs(t.Sequence[i]) == required
		}
	}
}

// addOperations adds the operations of the port type and marks the types that their messages use.
func (m *model) addOperations(doc *document, p *printed) error {
	port := doc.PortTypes[0]
	for _, o := range port.Operations {
		op := operation{name: o.Name, method: public(o.Name), doc: o.Doc}
		if !slices.Contains(p.ports[port.Name], op.method) {
			return fmt.Errorf("wsdlgen: gowsdl printed no method for %s", o.Name)
		}
		var err1, err2 error
		op.input, err1 = m.messageElement(doc, o.Input.Message, "")
		op.output, err2 = m.messageElement(doc, o.Output.Message, "")
		if err1 != nil || err2 != nil {
			return fmt.Errorf("wsdlgen: operation %s: %w", o.Name, cmp.Or(err1, err2))
		}
		m.reach(op.input.typeName, func(s *structType) *bool { return &s.request })
		m.reach(op.output.typeName, func(s *structType) *bool { return &s.answer })
		if err := m.bind(doc, &op); err != nil {
			return err
		}
		m.operations = append(m.operations, op)
	}
	return nil
}

// bind takes the SOAPAction and the headers of an operation from the binding.
func (m *model) bind(doc *document, op *operation) error {
	for _, b := range doc.Binding[0].Operations {
		if b.Name != op.name {
			continue
		}
		op.action = b.SOAPOperation.SOAPAction
		for _, h := range b.Input.SOAPHeader {
			e, err := m.messageElement(doc, h.Message, h.Part)
			if err != nil {
				return fmt.Errorf("wsdlgen: operation %s: %w", op.name, err)
			}
			op.headers = append(op.headers, e.name)
			m.reach(e.typeName, func(s *structType) *bool { return &s.request })
		}
		return nil
	}
	return fmt.Errorf("wsdlgen: operation %s is not in the binding", op.name)
}

// reach sets a mark of a type and of everything that it contains. A type that is marked already ends the recursion,
// as types may contain themselves.
func (m *model) reach(name string, mark func(*structType) *bool) {
	s := m.byName[name]
	if s == nil || *mark(s) {
		for _, u := range m.unions {
			if u.name == name {
				for _, member := range u.members {
					m.reach(member.name, mark)
				}
			}
		}
		return
	}
	*mark(s) = true
	for _, f := range s.fields {
		m.reach(f.typeName, mark)
	}
}

// isAnswer reports whether the element is the answer of an operation.
func (m *model) isAnswer(e element) bool {
	return slices.ContainsFunc(m.operations, func(o operation) bool { return o.output == e })
}

// messageElement returns the element of a message or, if part is given, of that part of it.
func (m *model) messageElement(doc *document, qname, part string) (element, error) {
	for _, msg := range doc.Messages {
		if msg.Name != local(qname) {
			continue
		}
		for _, p := range msg.Parts {
			if part != "" && p.Name != part {
				continue
			}
			for _, e := range m.elements {
				if e.name == local(p.Element) {
					return e, nil
				}
			}
		}
	}
	return element{}, fmt.Errorf("no element for the message %s", qname)
}

// local returns a qualified name without its prefix.
func local(qname string) string { return qname[strings.IndexByte(qname, ':')+1:] }

// public returns a name with a capital letter.
func public(name string) string { return strings.ToUpper(name[:1]) + name[1:] }
