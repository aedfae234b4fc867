package operations_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/gen"
)

// documentation returns what go doc shows of the package.
func documentation(t *testing.T) *doc.Package {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, "github.com/mktows/mktows-go/operations")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDoc_everyNameHasAComment(t *testing.T) {
	t.Parallel()
	p := documentation(t)
	want := func(name, comment string) {
		if strings.TrimSpace(comment) == "" {
			t.Errorf("%s has no comment", name)
		}
	}
	funcs := func(of string, list []*doc.Func) {
		for _, f := range list {
			want(of+f.Name, f.Doc)
		}
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			want(strings.Join(v.Names, ", "), v.Doc)
		}
	}
	funcs("", p.Funcs)
	values(p.Consts)
	values(p.Vars)
	for _, typ := range p.Types {
		want(typ.Name, typ.Doc)
		funcs("", typ.Funcs)
		funcs(typ.Name+".", typ.Methods)
		values(typ.Consts)
		values(typ.Vars)
	}
}

var wireLine = regexp.MustCompile(`^Wire: (\w+)\. (Read-only|Idempotent|Not idempotent)(, [^.]*)?\.$`)

// services are the types whose methods all call the port. No others do.
var services = map[string]bool{
	"Activities": true, "Changes": true, "Leads": true, "Lists": true, "Campaigns": true, "Objects": true, "CustomObjects": true, "Programs": true,
}

// A method's last words are the operation and what repeating it does, which is what the
// client goes by.
func TestDoc_wireLines(t *testing.T) {
	t.Parallel()
	missing := map[string]bool{}
	for _, op := range gen.Operations() {
		missing[op.Name] = true
	}
	for _, typ := range documentation(t).Types {
		for _, m := range typ.Methods {
			name := typ.Name + "." + m.Name
			paragraphs := strings.Split(strings.TrimSpace(m.Doc), "\n\n")
			last := strings.ReplaceAll(paragraphs[len(paragraphs)-1], "\n", " ")
			if !services[typ.Name] {
				if strings.Contains(m.Doc, "Wire:") {
					t.Errorf("%s calls nothing", name)
				}
				continue
			}
			parts := wireLine.FindStringSubmatch(last)
			if parts == nil || gen.OperationByName(parts[1]) == nil {
				t.Errorf("%s ends with %q, want its operation and safety", name, last)
				continue
			}
			delete(missing, parts[1])
			wantSafety(t, name, parts[1], parts[2])
		}
	}
	for op := range missing {
		t.Errorf("no method calls %s", op)
	}
}

func wantSafety(t *testing.T, method, operation, safety string) {
	t.Helper()
	op := gen.OperationByName(operation)
	in := op.NewInput()
	if q, ok := in.(*gen.ParamsListOperation); ok && method == "Lists.Members" {
		q.ListOperation = gen.ListOperationTypeISMEMBEROFLIST
	}
	if want := client.SpecOf(op, in).Safety.String(); !strings.EqualFold(safety, want) {
		t.Errorf("%s is documented as %q, and the client takes %s as %q", method, safety, operation, want)
	}
}
