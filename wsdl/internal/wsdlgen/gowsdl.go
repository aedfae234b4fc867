package wsdlgen

import (
	"encoding/xml"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/hooklift/gowsdl"
)

// printed is what is used of the code that gowsdl prints: the Go names that it has chosen, which users of gowsdl
// know.
type printed struct {
	order  []string                     // type declarations, in order
	fields map[string]map[string]string // struct type → XML name → Go name
	consts map[string][]constant        // enumeration → its values, in order
	ports  map[string][]string          // interface → its methods
}

type constant struct{ name, value string }

// runGowsdl runs gowsdl on a document and reads the code that it prints. Gowsdl has no interface for its model, so
// its output is parsed; that also notices if a new release prints something else.
func runGowsdl(path string) (*printed, error) {
	log.SetOutput(io.Discard) // gowsdl logs what it reads
	defer log.SetOutput(os.Stderr)
	g, err := gowsdl.NewGoWSDL(path, "gen", false, true)
	if err != nil {
		return nil, fmt.Errorf("wsdlgen: gowsdl: %w", err)
	}
	code, err := g.Start()
	if err != nil {
		return nil, fmt.Errorf("wsdlgen: gowsdl: %s: %w", path, err)
	}
	p := &printed{fields: map[string]map[string]string{}, consts: map[string][]constant{}, ports: map[string][]string{}}
	for _, part := range []string{"types", "operations"} {
		src := append([]byte("package gen\n"), code[part]...)
		file, err := parser.ParseFile(token.NewFileSet(), part+".go", src, 0)
		if err != nil {
			return nil, fmt.Errorf("wsdlgen: gowsdl printed code that does not parse: %w", err)
		}
		ast.Inspect(file, p.visit)
	}
	return p, nil
}

// visit collects the names from one node of the syntax tree. It is called by ast.Inspect.
func (p *printed) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.TypeSpec:
		p.order = append(p.order, n.Name.Name)
		switch t := n.Type.(type) {
		case *ast.StructType:
			p.fields[n.Name.Name] = fieldNames(t)
		case *ast.InterfaceType:
			for _, m := range t.Methods.List {
				p.ports[n.Name.Name] = append(p.ports[n.Name.Name], m.Names[0].Name)
			}
		}
		return false
	case *ast.ValueSpec:
		if kind, ok := n.Type.(*ast.Ident); ok && len(n.Values) == 1 {
			value, _ := strconv.Unquote(n.Values[0].(*ast.BasicLit).Value)
			p.consts[kind.Name] = append(p.consts[kind.Name], constant{n.Names[0].Name, value})
		}
	}
	return true
}

// fieldNames returns the Go names of a struct's fields by the XML names in their tags.
func fieldNames(t *ast.StructType) map[string]string {
	names := map[string]string{}
	for _, f := range t.Fields.List {
		if len(f.Names) == 0 || f.Tag == nil {
			continue
		}
		tag, _ := strconv.Unquote(f.Tag.Value)
		name, _, _ := strings.Cut(reflect.StructTag(tag).Get("xml"), ",")
		names[name] = f.Names[0].Name
	}
	return names
}

// document is a WSDL as gowsdl models it, with the documentation of complex types,
// which gowsdl does not read.
type document struct {
	gowsdl.WSDL
	docs map[string]string
}

// readDocument reads a WSDL with gowsdl's own types. Documents that are built otherwise than Marketo's are refused,
// because the generator would leave out half of them without a word.
func readDocument(path string) (*document, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("wsdlgen: %w", err)
	}
	d := &document{docs: map[string]string{}}
	if err := xml.Unmarshal(data, &d.WSDL); err != nil {
		return nil, fmt.Errorf("wsdlgen: %s: %w", path, err)
	}
	var types struct {
		Complex []struct {
			Name string `xml:"name,attr"`
			Doc  string `xml:"annotation>documentation"`
		} `xml:"types>schema>complexType"`
	}
	if err := xml.Unmarshal(data, &types); err != nil {
		return nil, fmt.Errorf("wsdlgen: %s: %w", path, err)
	}
	for _, t := range types.Complex {
		d.docs[t.Name] = t.Doc
	}
	if len(d.Types.Schemas) != 1 || len(d.PortTypes) != 1 || len(d.Binding) != 1 {
		return nil, fmt.Errorf("wsdlgen: %s: expected one schema, one port type and one binding", path)
	}
	return d, nil
}
