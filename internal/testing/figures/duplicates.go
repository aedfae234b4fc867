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

// line is a line of code as it is read, and where it stands.
type line struct {
	file, number int
	text         string
}

// reading turns a token into the text by which two lines are compared. There are two: one finds lines that are equal
// to the letter, the other also those that differ in names and values.
type reading func(tok token.Token, text string) string

// duplicates counts the pairs of places, within code or within tests, that share six or more lines
// which read alike. Blank lines, comments, imports and lines without a letter say nothing and are skipped. A longer
// equal run counts once, and a list, whose lines are all alike, is not a copy of itself.
func duplicates(files []source, tests bool, read reading) int {
	places := map[string][]int{}
	var all []line
	for i, file := range files {
		if file.test != tests {
			continue
		}
		lines := codeLines(i, file, read)
		for j := range lines {
			if j+run <= len(lines) {
				key := runKey(lines[j : j+run])
				places[key] = append(places[key], len(all)+j)
			}
		}
		all = append(all, lines...)
	}
	return countPairs(places, all)
}

// countPairs counts the pairs of places with the same run of lines. A pair whose run only continues the pair one line
// before is part of the same copy and not counted again. A run that occurs in very many places is taken for an idiom.
func countPairs(places map[string][]int, all []line) int {
	type pair struct{ a, b int }
	pairs := map[pair]bool{}
	for _, at := range places {
		if len(at) > common {
			continue
		}
		for i, a := range at {
			for _, b := range at[i+1:] {
				if b-a >= run || all[a].file != all[b].file {
					pairs[pair{a, b}] = true
				}
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

// runKey returns the text of a run of lines, as the key of a map.
func runKey(lines []line) string {
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	return strings.Join(texts, "\n")
}

// codeLines returns the lines of a file that say something, each as it is to be compared. It goes by tokens, so that
// layout and comments make no difference.
func codeLines(index int, file source, read reading) []line {
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
		fmt.Fprint(shapes[number], read(tok, text), " ")
	}
	var lines []line
	for i := range file.lines {
		if shape := shapes[i+1]; shape != nil && hasLetter(shape.String()) {
			lines = append(lines, line{index, i + 1, shape.String()})
		}
	}
	return lines
}

// shapeOf takes names, strings and numbers for alike, so that a copy with other names is found too. Most
// pairs it finds are no copies: declarations of fields and flags have few shapes.
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

// textOf finds what was written twice to the letter.
func textOf(tok token.Token, text string) string {
	if tok.IsLiteral() { // an identifier too
		return text
	}
	return shapeOf(tok, text)
}

// importLines returns the lines of the package clause and of the imports, which are alike everywhere.
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
