package wsdlgen

import (
	"bytes"
	"fmt"
)

// printReader prints the decoder: one method for each structure. Each of them loops over child elements with a switch
// on the name, which is what makes it fast and lets it accept elements in any order.
func printReader(m *model, b *bytes.Buffer) {
	b.WriteString("import \"github.com/mktows/mktows-go/internal/soapxml\"\n\n")
	printSlabs(m, b)
	for _, e := range m.elements {
		fmt.Fprintf(b, "// readXML reads the open element %s to its end; the reader keeps the error.\n", e.name)
		fmt.Fprintf(b, "func (v *%s) readXML(r *soapxml.Reader) {\n\t*v = %s{}\n\td := reader{Reader: r, answer: %t}\n\td.read%s(v, true)\n}\n\n", e.typeName, e.typeName, m.isAnswer(e), e.typeName)
	}
	for _, u := range m.unions {
		printReadUnion(b, u)
	}
	for _, s := range m.structs {
		printReadStruct(b, s)
	}
}

// printSlabs prints the type reader, with one slab for each type that occurs in a list. Lists of a message are cut
// from a few large arrays instead of being allocated one by one.
func printSlabs(m *model, b *bytes.Buffer) {
	b.WriteString("// reader reads messages. Lists of records are cut from slabs, one for each type.\ntype reader struct {\n\t*soapxml.Reader\n\tanswer bool // the message is an answer: see complete\n")
	seen := map[string]bool{}
	for _, s := range m.structs {
		for _, f := range s.fields {
			if f.occurs == repeated && !seen[f.typeName] {
				seen[f.typeName] = true
				fmt.Fprintf(b, "\t%s slab[%s]\n", f.slab(), f.typeName)
			}
		}
	}
	b.WriteString("}\n\n")
}

// slab returns the name of the slab for a field's type.
func (f *field) slab() string {
	if f.typeName == "[]byte" {
		return "slabBytes"
	}
	return "slab" + public(f.typeName)
}

// printReadStruct prints the method that reads a structure. The method is told whether the structure must have
// content, since an optional one may be empty, and returns whether it had any. A bit for each field records that it
// was seen, hence the limit of 32.
func printReadStruct(b *bytes.Buffer, s *structType) {
	fmt.Fprintf(b, "func (d *reader) read%s(v *%s, must bool) (found bool) {\n", s.name, s.name)
	if len(s.fields) == 0 {
		b.WriteString("\treturn d.none()\n}\n\n")
		return
	}
	if len(s.fields) > 32 {
		panic("wsdlgen: more fields than bits: " + s.name)
	}
	single := false
	for _, f := range s.fields {
		if f.occurs == repeated {
			fmt.Fprintf(b, "\tlist := d.%s.take()\n", f.slab())
		} else {
			single = true
		}
	}
	if single {
		b.WriteString("\tvar seen uint32\n")
	}
	b.WriteString("\tfor {\n\t\tname, ok := d.Child()\n\t\tif !ok {\n\t\t\tbreak\n\t\t}\n\t\tswitch name {\n")
	for i, f := range s.fields {
		fmt.Fprintf(b, "\t\tcase %q:\n", f.xml)
		if f.occurs != repeated {
			fmt.Fprintf(b, "\t\t\tseen = d.once(seen, %#x)\n", 1<<i)
		}
		printReadField(b, s, f)
	}
	b.WriteString("\t\tdefault:\n\t\t\td.Skip()\n\t\t}\n\t}\n")
	printComplete(b, s)
	for _, f := range s.fields {
		if f.occurs == repeated {
			fmt.Fprintf(b, "\tv.%s = d.%s.give(list)\n", f.name, f.slab())
			b.WriteString("\treturn len(list) > 0\n")
		}
	}
	if single {
		b.WriteString("\treturn seen != 0\n")
	}
	b.WriteString("}\n\n")
}

// printComplete prints the check that a part of an answer has all that the schema requires.
func printComplete(b *bytes.Buffer, s *structType) {
	var required uint32
	var names string
	for i, f := range s.fields {
		if f.isNeeded() {
			required |= 1 << i
			names += fmt.Sprintf(", %q", f.xml)
		}
	}
	if s.answer && required != 0 && !s.isRecord() {
		fmt.Fprintf(b, "\tif seen&%#x != %#x {\n\t\td.complete(must, seen, %#x%s)\n\t}\n", required, required, required, names)
	}
}

// isNeeded reports whether an answer without the element, or with one that is nil, tells
// something else than the service meant, such as 0 or false. What only the newer version
// has may be missing: an answer does not say of which version it is.
func (f *field) isNeeded() bool { return f.occurs == required && !f.nillable && !f.added }

// readers names the methods that read a value of a simple type.
var readers = map[kind]string{
	kindString: "String", kindInt: "Int", kindLong: "Long", kindBool: "Bool", kindDateTime: "DateTime", kindBase64: "Base64",
}

// printReadField prints the statement that reads one field. What it calls depends on the kind of the field and on
// whether it may be absent.
func printReadField(b *bytes.Buffer, s *structType, f *field) {
	target := "v." + f.name
	opt := f.occurs != repeated && (f.occurs == optional || f.nillable)
	if f.occurs == repeated {
		fmt.Fprintf(b, "\t\t\tlist = d.%s.grow(list)\n", f.slab())
		target = "list[len(list)-1]"
	}
	switch {
	case f.kind == kindUnion:
		fmt.Fprintf(b, "\t\t\t%s = d.read%s()\n", target, f.typeName)
	case f.kind == kindStruct && f.occurs == repeated:
		fmt.Fprintf(b, "\t\t\td.read%s(&%s, true)\n", f.typeName, target)
	case f.kind == kindStruct && opt:
		fmt.Fprintf(b, "\t\t\tisNil := d.Nil()\n\t\t\t%s.State = state(isNil, d.read%s(&%s.Value, false))\n", target, f.typeName, target)
	case f.kind == kindStruct:
		fmt.Fprintf(b, "\t\t\t%s = new(%s)\n\t\t\td.read%s(%s, true)\n", target, f.typeName, f.typeName, target)
	case f.kind == kindEnum && opt:
		fmt.Fprintf(b, "\t\t\toptEnum(d, &%s)\n", target)
	case f.kind == kindEnum:
		fmt.Fprintf(b, "\t\t\treqEnum(d, &%s)\n", target)
	case opt:
		fmt.Fprintf(b, "\t\t\td.opt%s(&%s)\n", readers[f.kind], target)
	case s.isRecord() && (f.kind == kindString && !f.added || f.kind == kindDateTime):
		fmt.Fprintf(b, "\t\t\tasItComes(d, &%s)\n", target)
	case f.added && f.kind == kindString:
		fmt.Fprintf(b, "\t\t\td.addedString(&%s)\n", target)
	default:
		fmt.Fprintf(b, "\t\t\td.req%s(&%s)\n", readers[f.kind], target)
	}
}

// printReadUnion prints the method that reads an abstract type. Xsi:type says which extension it is; for senders that
// leave it out, the names of the fields are passed as well.
func printReadUnion(b *bytes.Buffer, u *union) {
	fmt.Fprintf(b, "func (d *reader) read%s() %s {\n\tname, ok := d.union(%q,\n", u.name, u.name, u.name)
	for _, s := range u.members {
		fmt.Fprintf(b, "\t\tmember{%q, []string{", s.name)
		for i, f := range s.fields {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(b, "%q", f.xml)
		}
		b.WriteString("}},\n")
	}
	b.WriteString("\t)\n\tif !ok {\n\t\treturn nil\n\t}\n\tswitch name {\n")
	for _, s := range u.members {
		fmt.Fprintf(b, "\tcase %q:\n\t\tv := new(%s)\n\t\td.read%s(v, true)\n\t\treturn v\n", s.name, s.name, s.name)
	}
	fmt.Fprintf(b, "\t}\n\td.Failf(\"xsi:type %%q is no %s; expected one of", u.name)
	for _, s := range u.members {
		fmt.Fprintf(b, " %s", s.name)
	}
	b.WriteString("\", name)\n\treturn nil\n}\n\n")
}
