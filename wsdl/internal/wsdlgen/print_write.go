package wsdlgen

import (
	"bytes"
	"fmt"
)

// printWriter prints the encoder: one method for each structure, with one statement for each field in the order of
// the schema.
func printWriter(m *model, b *bytes.Buffer) {
	b.WriteString("import \"github.com/mktows/mktows-go/internal/soapxml\"\n\n// writer writes messages.\ntype writer struct{ *soapxml.Writer }\n\n")
	for _, e := range m.elements {
		fmt.Fprintf(b, "// ElementName returns %q.\nfunc (*%s) ElementName() string { return %q }\n\n", e.name, e.typeName, e.name)
		fmt.Fprintf(b, "// writeXML writes the element %s; the writer keeps the error.\n", e.name)
		fmt.Fprintf(b, "func (v *%s) writeXML(w *soapxml.Writer) {\n\tif v == nil {\n\t\tw.Failf(%q, \"is nil\")\n\t\treturn\n\t}\n", e.typeName, e.name)
		fmt.Fprintf(b, "\tw.Root(%q)\n\twriter{w}.write%s(v)\n\tw.EndRoot()\n}\n\n", e.name, e.typeName)
	}
	for _, s := range m.structs {
		fmt.Fprintf(b, "func (w writer) write%s(v *%s) {\n", s.name, s.name)
		for _, f := range s.fields {
			printWriteField(b, s, f)
		}
		b.WriteString("}\n\n")
	}
}

// printWriteField prints the statements that write one field.
func printWriteField(b *bytes.Buffer, s *structType, f *field) {
	if f.added {
		printWriteAdded(b, s, f)
		return
	}
	switch {
	case f.kind == kindUnion:
		fmt.Fprintf(b, "\tif v.%s != nil {\n\t\tw.OpenType(%q, v.%s.typeName())\n\t\tv.%s.writeFields(w)\n\t\tw.Close()\n\t}\n", f.name, f.xml, f.name, f.name)
	case f.occurs == repeated:
		printWriteList(b, f)
	case f.occurs == optional || f.nillable:
		printWriteOpt(b, f)
	case f.kind == kindStruct:
		fmt.Fprintf(b, "\tif v.%s == nil {\n\t\tw.Failf(%q, \"is required and not set\")\n\t\treturn\n\t}\n", f.name, f.xml)
		printWriteStruct(b, f, "v."+f.name)
	default:
		printWriteValue(b, f, "v."+f.name)
	}
}

// printWriteAdded prints a field that only the newer document has. A request to an older version that sets it is
// refused, since its content would be lost; an answer goes out without it.
func printWriteAdded(b *bytes.Buffer, s *structType, f *field) {
	plain := *f
	plain.added = false
	b.WriteString("\tif w.Version() >= int(V3_1) {\n")
	printWriteField(b, s, &plain)
	b.WriteString("\t}")
	if s.request {
		fmt.Fprintf(b, " else if v.%s.State == Present {\n\t\tw.Failf(%q, \"does not exist before version 3_1 of the API; use an endpoint that ends in 3_1\")\n\t}", f.name, f.xml)
	}
	b.WriteString("\n")
}

func printWriteList(b *bytes.Buffer, f *field) {
	if f.kind == kindStruct {
		fmt.Fprintf(b, "\tfor i := range v.%s {\n\t\tw.Item(%q, i)\n\t\tw.write%s(&v.%s[i])\n\t\tw.Close()\n\t}\n", f.name, f.xml, f.typeName, f.name)
		return
	}
	fmt.Fprintf(b, "\tfor _, item := range v.%s {\n\t", f.name)
	printWriteValue(b, f, "item")
	b.WriteString("\t}\n")
}

// printWriteOpt prints an optional or nillable field. One that only the older version requires is written as nil or
// refused, by the version of the request.
func printWriteOpt(b *bytes.Buffer, f *field) {
	value := "v." + f.name + ".Value"
	fmt.Fprintf(b, "\tswitch v.%s.State {\n\tcase Present:\n", f.name)
	if f.kind == kindStruct {
		printWriteStruct(b, f, "&"+value)
	} else {
		printWriteValue(b, f, value)
	}
	switch {
	case f.wasRequired:
		fmt.Fprintf(b, "\tdefault:\n\t\tif w.Version() < int(V3_1) {\n\t\t\tw.Failf(%q, \"is required in versions before 3_1 and not set\")\n\t\t} else if v.%s.State == Nil {\n\t\t\tw.Nil(%q)\n\t\t}\n", f.xml, f.name, f.xml)
	case f.occurs == required:
		fmt.Fprintf(b, "\tdefault:\n\t\tw.Nil(%q)\n", f.xml)
	case f.nillable:
		fmt.Fprintf(b, "\tcase Nil:\n\t\tw.Nil(%q)\n", f.xml)
	}
	b.WriteString("\t}\n")
}

func printWriteStruct(b *bytes.Buffer, f *field, target string) {
	fmt.Fprintf(b, "\tw.Open(%q)\n\tw.write%s(%s)\n\tw.Close()\n", f.xml, f.typeName, target)
}

// printWriteValue prints the statement that writes one value. Enumerations, numbers and times are converted to the
// type of the writer's method first, so that there is one method for each kind and not one for each type.
func printWriteValue(b *bytes.Buffer, f *field, target string) {
	switch f.kind {
	case kindEnum:
		fmt.Fprintf(b, "\tw.Enum(%q, string(%s), %s.Valid())\n", f.xml, target, target)
	case kindInt, kindLong:
		fmt.Fprintf(b, "\tw.Int(%q, int64(%s))\n", f.xml, target)
	case kindDateTime:
		fmt.Fprintf(b, "\tw.DateTime(%q, string(%s))\n", f.xml, target)
	default:
		fmt.Fprintf(b, "\tw.%s(%q, %s)\n", readers[f.kind], f.xml, target)
	}
}
