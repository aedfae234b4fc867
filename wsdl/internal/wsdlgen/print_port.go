package wsdlgen

import (
	"bytes"
	"fmt"
	"slices"
)

// printPort prints the interface Port, and the methods of PortFunc, by which one function serves all operations.
func printPort(m *model, b *bytes.Buffer) {
	b.WriteString("import \"context\"\n\n")
	b.WriteString("// Port is the port type MktowsPort of the WSDL: the service, whoever implements it.\n// Every method returns an answer or an error, never both. Implementations are safe for\n// concurrent use and return the errors of package fault.\ntype Port interface {\n")
	for _, op := range m.operations {
		comment(b, "\t", op.method, op.doc)
		fmt.Fprintf(b, "\t%s(ctx context.Context, in *%s) (*%s, error)\n", op.method, op.input.typeName, op.output.typeName)
	}
	b.WriteString("}\n\n")
	for _, op := range m.operations {
		fmt.Fprintf(b, "// %s calls f for the operation %s.\n", op.method, op.name)
		fmt.Fprintf(b, "func (f PortFunc) %s(ctx context.Context, in *%s) (*%s, error) {\n", op.method, op.input.typeName, op.output.typeName)
		fmt.Fprintf(b, "\tout := new(%s)\n\tif err := f(ctx, &operations[op%s], in, out); err != nil {\n\t\treturn nil, err\n\t}\n\treturn out, nil\n}\n\n", op.output.typeName, op.method)
	}
	printOperations(m, b)
}

// printOperations prints the table of operations with what the binding says about them.
func printOperations(m *model, b *bytes.Buffer) {
	b.WriteString("const (\n")
	for i, op := range m.operations {
		fmt.Fprintf(b, "\top%s", op.method)
		if i == 0 {
			b.WriteString(" = iota")
		}
		b.WriteString("\n")
	}
	b.WriteString(")\n\n// operations are those of the binding, in the order of the port type.\nvar operations = [...]Operation{\n")
	for _, op := range m.operations {
		fmt.Fprintf(b, "\top%s: {\n\t\tName: %q, SOAPAction: %q,\n\t\tInput: %q, Output: %q,\n", op.method, op.name, op.action, op.input.name, op.output.name)
		fmt.Fprintf(b, "\t\ttakesContext: %t,\n", slices.Contains(op.headers, "MktowsContextHeader"))
		fmt.Fprintf(b, "\t\tnewInput: func() Message { return new(%s) },\n\t\tnewOutput: func() Message { return new(%s) },\n", op.input.typeName, op.output.typeName)
		fmt.Fprintf(b, "\t\tcall: func(ctx context.Context, p Port, in Message) (Message, error) {\n\t\t\treturn given(p.%s(ctx, in.(*%s)))\n\t\t},\n", op.method, op.input.typeName)
		fmt.Fprintf(b, "\t\tfill: func(out, answer Message) { *out.(*%[1]s) = *answer.(*%[1]s) },\n\t},\n", op.output.typeName)
	}
	b.WriteString("}\n")
}
