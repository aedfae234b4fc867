package importtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the folder of the module.
const root = "../../.."

// editors are the folders that may look into texts, each with its reason.
var editors = []string{
	"fault",                      // the texts of the service, and what hides secrets in the text of any error
	"leadsync/sqlstore/sqlite",   // SQLite tells a missing table by its text alone
	"leadsync/sqlstore/postgres", // pgx tells one error in several lines
	"internal/testing",           // judges
}

// TestErrorsAreNotCut: an error has its operation, field and problem as parts. Who tells of it prints them in words of its own, and
// does not look for them in the text.
func TestErrorsAreNotCut(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(editors, strings.TrimPrefix(filepath.ToSlash(path), root+"/")):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
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
