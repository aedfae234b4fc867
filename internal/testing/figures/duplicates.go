package main

import (
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// run is how many lines make a duplicate.
const run = 6

// common is in how many places a run may stand before it counts as the language's own, not as a copy.
const common = 8

// line is the shape of a line of code, and where it stands.
type line struct {
	file, number int
	text         string
}

// duplicates counts the pairs of places, within code or within tests, that share six or more lines
// of the same shape. Blank lines, comments, imports and lines without a letter say nothing and are passed over. A longer
// equal run counts once.
func duplicates(files []source, tests bool) int {
	places := map[string][]int{}
	var all []line
	for i, file := range files {
		if file.test != tests {
			continue
		}
		lines := codeLines(i, file)
		for j := range lines {
			if j+run <= len(lines) {
				key := runKey(lines[j : j+run])
				places[key] = append(places[key], len(all)+j)
			}
		}
		all = append(all, lines...)
	}
	return countPairs(places)
}

// countPairs counts each pair of places whose run does not continue the pair one line before.
func countPairs(places map[string][]int) int {
	type pair struct{ a, b int }
	pairs := map[pair]bool{}
	for _, at := range places {
		if len(at) > common {
			continue
		}
		for i, a := range at {
			for _, b := range at[i+1:] {
				pairs[pair{a, b}] = true
			}
		}
	}
	n := 0
	for p := range pairs {
		if !pairs[pair{p.a - 1, p.b - 1}] {
			n++
		}
	}
	return n
}

func runKey(lines []line) string {
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	return strings.Join(texts, "\n")
}

// codeLines returns the lines of a file that say something, each as its shape: names, strings and
// numbers are alike, so that a copy with other names is found too.
func codeLines(index int, file source) []line {
	shapes := make(map[int]*strings.Builder, len(file.lines))
	passed := importLines(file)
	var s scanner.Scanner
	set := token.NewFileSet()
	src := []byte(strings.Join(file.lines, "\n"))
	s.Init(set.AddFile(file.path, -1, len(src)), src, nil, 0)
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		number := set.Position(pos).Line
		if passed[number] {
			continue
		}
		if shapes[number] == nil {
			shapes[number] = &strings.Builder{}
		}
		fmt.Fprint(shapes[number], shapeOf(tok, text), " ")
	}
	var lines []line
	for i := range file.lines {
		if shape := shapes[i+1]; shape != nil && hasLetter(shape.String()) {
			lines = append(lines, line{index, i + 1, shape.String()})
		}
	}
	return lines
}

func shapeOf(tok token.Token, text string) string {
	switch {
	case tok == token.IDENT:
		return "name"
	case tok.IsLiteral():
		return "value"
	case tok == token.SEMICOLON && text == "\n":
		return ""
	}
	return tok.String()
}

// importLines are the lines of the package clause and of the imports.
func importLines(file source) map[int]bool {
	lines := map[int]bool{file.fset.Position(file.syntax.Package).Line: true}
	for _, decl := range file.syntax.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.IMPORT {
			for n := file.fset.Position(d.Pos()).Line; n <= file.fset.Position(d.End()).Line; n++ {
				lines[n] = true
			}
		}
	}
	return lines
}

func hasLetter(text string) bool {
	return slices.ContainsFunc([]byte(text), func(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' })
}
