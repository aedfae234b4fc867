package importtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// frontEnds are the folders of what tells people, or programs, of errors that other packages make.
var frontEnds = []string{"../../../cmd", "../../../server/admin"}

// TestErrorsAreNotCut: an error has its operation, field and problem as parts. A front end prints them in its own
// words, and does not look for them in the text.
func TestErrorsAreNotCut(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	for _, folder := range frontEnds {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && usesStrings(call.Fun) && takesErrorText(call.Args) {
					t.Errorf("%s: a text of an error is cut, replaced or looked into", files.Position(call.Pos()))
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// usesStrings reports whether a function is one of package strings, or a method of what such a function returns.
func usesStrings(fun ast.Expr) (found bool) {
	ast.Inspect(fun, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		name, ok := selector.X.(*ast.Ident)
		found = found || ok && name.Name == "strings"
		return true
	})
	return found
}

// takesErrorText reports whether the text of an error is among the arguments, or part of one.
func takesErrorText(args []ast.Expr) (found bool) {
	for _, arg := range args {
		ast.Inspect(arg, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			selector, ok := call.Fun.(*ast.SelectorExpr)
			found = found || ok && selector.Sel.Name == "Error" && len(call.Args) == 0
			return true
		})
	}
	return found
}
