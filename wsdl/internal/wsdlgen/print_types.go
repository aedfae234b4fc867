package wsdlgen

import (
	"bytes"
	"fmt"
	"strings"
)

// printTypes prints the declarations of all types.
func printTypes(m *model, b *bytes.Buffer) {
	for _, e := range m.enums {
		printEnum(b, e)
	}
	for _, u := range m.unions {
		printUnion(b, u)
	}
	for _, s := range m.structs {
		printStruct(b, s)
	}
}

// comment prints documentation as a comment. If a name is given, the comment begins with it, as Go wants it.
func comment(b *bytes.Buffer, indent, name, doc string) {
	doc = strings.Join(strings.Fields(doc), " ")
	if name != "" {
		doc = sentence(name, doc)
	}
	for _, line := range wrap(doc, 96) {
		fmt.Fprintf(b, "%s// %s\n", indent, line)
	}
}

// sentence joins a documentation from the WSDL to the name that it is about. It knows the few ways in which those
// texts begin.
func sentence(name, doc string) string {
	first, rest, _ := strings.Cut(doc, " ")
	lower := strings.ToLower(first) + " " + rest
	switch first {
	case "":
		return name + " is a type of the WSDL."
	case "A", "An", "The", "One":
		return name + " is " + lower
	case "List":
		return name + " is a " + lower
	case "Outcome", "Request", "Answer", "Description", "State":
		return name + " is the " + lower
	}
	if strings.HasSuffix(first, "s") && !strings.HasPrefix(rest, "of ") && first != "Leads" {
		return name + " " + lower // a verb: returns, lists, names
	}
	return name + ": " + doc
}

// wrap breaks a text into lines of at most width characters.
func wrap(text string, width int) (lines []string) {
	var line string
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// printEnum prints an enumeration as a string type with constants. A value that the schema does not list can be read
// and is kept, so Valid is there to ask.
func printEnum(b *bytes.Buffer, e *enum) {
	comment(b, "", e.name, e.doc)
	fmt.Fprintf(b, "type %s string\n\n// The values of [%s].\nconst (\n", e.name, e.name)
	for _, v := range e.values {
		comment(b, "\t", "", e.docs[v.value])
		fmt.Fprintf(b, "\t%s %s = %q\n", v.name, e.name, v.value)
	}
	fmt.Fprintf(b, ")\n\n// Valid reports whether the schema lists the value.\nfunc (e %s) Valid() bool {\n\tswitch e {\n\tcase ", e.name)
	for i, v := range e.values {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(v.name)
	}
	b.WriteString(":\n\t\treturn true\n\t}\n\treturn false\n}\n\n")
	fmt.Fprintf(b, "// Values returns the values that the schema lists, in its order.\nfunc (%s) Values() []%s {\n\treturn []%s{\n", e.name, e.name, e.name)
	for _, v := range e.values {
		fmt.Fprintf(b, "\t\t%s,\n", v.name)
	}
	b.WriteString("\t}\n}\n\n")
}

// printUnion prints an abstract type as an interface with unexported methods, which only its extensions can
// implement.
func printUnion(b *bytes.Buffer, u *union) {
	comment(b, "", u.name, u.doc)
	fmt.Fprintf(b, "//\n// It is one of")
	for i, s := range u.members {
		fmt.Fprintf(b, "%s [*%s]", map[bool]string{true: " and"}[i == len(u.members)-1], s.name)
		if i < len(u.members)-2 {
			b.WriteString(",")
		}
	}
	fmt.Fprintf(b, "; which one goes into xsi:type.\ntype %s interface {\n\tis%s()\n\twriteFields(w writer)\n\ttypeName() string\n}\n\n", u.name, u.name)
	for _, s := range u.members {
		fmt.Fprintf(b, "func (*%s) is%s() {}\n", s.name, u.name)
		fmt.Fprintf(b, "func (*%s) typeName() string { return %q }\n", s.name, s.name)
		fmt.Fprintf(b, "func (v *%s) writeFields(w writer) {\n\tif v == nil {\n\t\tw.Failf(\"\", \"is nil\")\n\t\treturn\n\t}\n\tw.write%s(v)\n}\n\n", s.name, s.name)
	}
}

func printStruct(b *bytes.Buffer, s *structType) {
	comment(b, "", s.name, s.doc)
	fmt.Fprintf(b, "type %s struct {\n", s.name)
	for _, f := range s.fields {
		comment(b, "\t", "", f.doc+f.remark())
		fmt.Fprintf(b, "\t%s %s `xml:%q`\n", f.name, f.goType(), f.tag())
	}
	b.WriteString("}\n\n")
}

// remark returns what has to be added to the documentation of a field that differs between the two versions.
func (f *field) remark() string {
	switch {
	case f.added:
		return " (Since version 3_1.)"
	case f.wasRequired:
		return " (Required up to version 2_7.)"
	}
	return ""
}

// tag returns the struct tag of a field. The codec does not use it; encoding/xml does, in the tests and measurements
// that compare the two.
func (f *field) tag() string {
	if f.kind == kindUnion {
		return "-" // encoding/xml cannot choose a type by xsi:type
	}
	return f.xml
}

// goType returns the Go type of a field. Required elements are plain values, or pointers if they are structures, so
// that a missing one can be noticed; optional and nillable ones are Opt.
func (f *field) goType() string {
	switch {
	case f.kind == kindUnion:
		return f.typeName
	case f.occurs == repeated:
		return "[]" + f.typeName
	case f.occurs == optional || f.nillable:
		return "Opt[" + f.typeName + "]"
	case f.kind == kindStruct:
		return "*" + f.typeName
	}
	return f.typeName
}
