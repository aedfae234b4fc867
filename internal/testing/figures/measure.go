package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// source is one Go file that was written by hand.
type source struct {
	path   string
	test   bool
	lines  []string
	syntax *ast.File
	fset   *token.FileSet
}

// figures are what is measured. Lengths are in lines; those of functions and files leave tests out.
type figures struct {
	files, testFiles             int
	code, tests, comments        int
	functions, lengths           []int
	longestFunction, longestFile string
	mostFiles                    int
	fullestFolder                string
	exported, documented         int
	copies, testCopies           int // pairs of equal lines
	duplicates, testDuplicates   int // pairs of lines of like shape
}

// load parses the Go files below a folder, but for generated ones and what lies in testdata or in hidden folders.
func load(root string) ([]source, error) {
	fsys := fset{root: root, set: token.NewFileSet()}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); path != root && (name == "testdata" || strings.HasPrefix(name, ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		return fsys.add(path)
	})
	return fsys.files, err
}

// fset collects the files of one tree.
type fset struct {
	root  string
	set   *token.FileSet
	files []source
}

// add parses one file, unless it is no Go file or a generated one.
func (f *fset) add(path string) error {
	if !strings.HasSuffix(path, ".go") {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	syntax, err := parser.ParseFile(f.set, path, text, parser.ParseComments)
	if err != nil {
		return fmt.Errorf("parsing: %w", err)
	}
	if ast.IsGenerated(syntax) {
		return nil
	}
	name, err := filepath.Rel(f.root, path)
	if err != nil {
		return err
	}
	f.files = append(f.files, source{
		path:   filepath.ToSlash(name),
		test:   strings.HasSuffix(path, "_test.go"),
		lines:  strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"),
		syntax: syntax,
		fset:   f.set,
	})
	return nil
}

// measure computes all figures in one pass over the files, except for the duplicates.
func measure(files []source) figures {
	var f figures
	inFolder := map[string]int{}
	for _, file := range files {
		if file.test {
			f.testFiles++
			f.tests += len(file.lines)
			continue
		}
		f.files++
		f.code += len(file.lines)
		f.comments += commentLines(file)
		if len(file.lines) > slices.Max(append(f.lengths, 0)) {
			f.longestFile = file.path
		}
		f.lengths = append(f.lengths, len(file.lines))
		f.addFunctions(file)
		f.addExported(file)
		folder := filepath.ToSlash(filepath.Dir(file.path))
		inFolder[folder]++
		if inFolder[folder] > f.mostFiles {
			f.mostFiles, f.fullestFolder = inFolder[folder], folder
		}
	}
	f.copies, f.testCopies = duplicates(files, false, textOf), duplicates(files, true, textOf)
	f.duplicates, f.testDuplicates = duplicates(files, false, shapeOf), duplicates(files, true, shapeOf)
	return f
}

// addFunctions adds the lengths of a file's functions, in lines from the keyword func to the closing brace.
func (f *figures) addFunctions(file source) {
	for _, decl := range file.syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		length := file.fset.Position(fn.End()).Line - file.fset.Position(fn.Pos()).Line + 1
		if length > slices.Max(append(f.functions, 0)) {
			f.longestFunction = file.path + " " + fn.Name.Name
		}
		f.functions = append(f.functions, length)
	}
}

// commentLines counts the lines that hold a comment and nothing else.
func commentLines(file source) int {
	n := 0
	for _, group := range file.syntax.Comments {
		for _, comment := range group.List {
			first, last := file.fset.Position(comment.Pos()), file.fset.Position(comment.End())
			if strings.TrimSpace(file.lines[first.Line-1][:first.Column-1]) == "" {
				n += last.Line - first.Line + 1
			}
		}
	}
	return n
}

// addExported counts the exported names of packages that others can import: functions, methods of
// exported types, types, constants and variables. A comment on a group documents its names.
func (f *figures) addExported(file source) {
	if file.syntax.Name.Name == "main" || strings.Contains("/"+file.path, "/internal/") {
		return
	}
	for _, decl := range file.syntax.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && exportedReceiver(d) {
				f.count(d.Doc != nil)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				f.addSpec(d, spec)
			}
		}
	}
}

// addSpec counts the exported names of one declaration of types, constants or variables.
func (f *figures) addSpec(d *ast.GenDecl, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			f.count(d.Doc != nil || s.Doc != nil)
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() {
				f.count(d.Doc != nil || s.Doc != nil || s.Comment != nil)
			}
		}
	}
}

func (f *figures) count(documented bool) {
	f.exported++
	if documented {
		f.documented++
	}
}

// exportedReceiver reports whether a function has no receiver, or one of an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	exported := false
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok && !exported {
			exported = name.IsExported()
		}
		return true
	})
	return exported
}
