package importtest

import (
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSignaturesShowNoInternalType: what users see of a package, they can name and look up.
func TestSignaturesShowNoInternalType(t *testing.T) {
	t.Parallel()
	public := publicPackages(t)
	imp := fromExportData(t, public)
	for _, path := range public {
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		scope := pkg.Scope()
		for _, name := range scope.Names() {
			if object := scope.Lookup(name); object.Exported() {
				for _, shown := range internalTypes(object) {
					t.Errorf("%s shows %s", strings.TrimPrefix(path, module)+"."+name, shown)
				}
			}
		}
	}
}

// publicPackages are those that users import.
func publicPackages(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(list(t, module+"..."), func(path string) bool {
		name := strings.TrimPrefix(path, module)
		return isInternal(path) || strings.HasPrefix(name, "cmd/") || strings.HasPrefix(name, "examples/")
	})
}

func isInternal(path string) bool { return slices.Contains(strings.Split(path, "/"), "internal") }

// fromExportData imports packages from what the compiler has written of them.
func fromExportData(t *testing.T, paths []string) types.Importer {
	t.Helper()
	files := make(map[string]string)
	for _, line := range list(t, append([]string{"-export", "-deps", "-f", `{{.ImportPath}}={{.Export}}`}, paths...)...) {
		path, file, _ := strings.Cut(line, "=")
		files[path] = file
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) })
}

// internalTypes are the types of internal packages of ours that users see of an object.
func internalTypes(object types.Object) []string {
	w := walker{seen: make(map[types.Type]bool)}
	if declared, ok := object.(*types.TypeName); ok {
		w.declaration(declared.Type())
	} else {
		w.walk(object.Type())
	}
	return w.internal
}

// walker walks through types as far as users see them.
type walker struct {
	seen     map[types.Type]bool
	internal []string
}

// declaration looks at what a type that is declared shows: what it is made of, and its methods.
func (w *walker) declaration(declared types.Type) {
	if alias, ok := declared.(*types.Alias); ok {
		w.walk(alias.Rhs())
		return
	}
	w.walk(declared.Underlying())
	methods := types.NewMethodSet(types.NewPointer(declared))
	for method := range methods.Methods() {
		if method.Obj().Exported() {
			w.walk(method.Obj().Type())
		}
	}
}

// walk looks at a type and at those that it is made of. Types that have a name of their own are not looked into: they are looked at where they
// are declared.
func (w *walker) walk(t types.Type) {
	if w.seen[t] {
		return
	}
	w.seen[t] = true
	switch t := t.(type) {
	case *types.Named:
		w.name(t.Obj())
		for argument := range t.TypeArgs().Types() {
			w.walk(argument)
		}
	case *types.Alias:
		w.name(t.Obj())
		if t.Obj().Exported() { // what has a name that nobody can use shows nothing, like any type of a package's own
			w.walk(t.Rhs())
		}
	case *types.Struct:
		w.fields(t)
	case *types.Interface:
		for method := range t.Methods() {
			if method.Exported() {
				w.walk(method.Type())
			}
		}
	case *types.Signature:
		w.tuple(t.Params())
		w.tuple(t.Results())
	case *types.Map:
		w.walk(t.Key())
		w.walk(t.Elem())
	case interface{ Elem() types.Type }: // pointer, slice, array, channel
		w.walk(t.Elem())
	}
}

// name notes the name of a type of an internal package.
func (w *walker) name(declared *types.TypeName) {
	if p := declared.Pkg(); p != nil && strings.HasPrefix(p.Path(), module) && isInternal(p.Path()) {
		w.internal = append(w.internal, p.Path()+"."+declared.Name())
	}
}

// fields looks at the exported fields, those of an embedded struct too.
func (w *walker) fields(s *types.Struct) {
	for field := range s.Fields() {
		switch {
		case field.Exported():
			w.walk(field.Type())
		case field.Embedded():
			if embedded, ok := pointedTo(field.Type()).Underlying().(*types.Struct); ok {
				w.fields(embedded)
			}
		}
	}
}

func pointedTo(t types.Type) types.Type {
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		return pointer.Elem()
	}
	return t
}

func (w *walker) tuple(t *types.Tuple) {
	for v := range t.Variables() {
		w.walk(v.Type())
	}
}

// TestPublicPackagesHaveExamples: who opens the page of a package sees it used.
func TestPublicPackagesHaveExamples(t *testing.T) {
	t.Parallel()
	for _, line := range list(t, append([]string{"-f", `{{.ImportPath}}={{.Dir}}`}, publicPackages(t)...)...) {
		path, dir, _ := strings.Cut(line, "=")
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(files, func(file string) bool {
			text, err := os.ReadFile(file)
			return err == nil && strings.Contains(string(text), "\nfunc Example")
		}) {
			t.Errorf("%s has no example", path)
		}
	}
}
