package main

import (
	"regexp"
	"strings"
)

// programs are the packages that nobody imports.
var programs = regexp.MustCompile(`^- \./(cmd|examples)/`)

// breaking returns the lines of a report of apidiff that are about what breaks programs.
func breaking(report string) []string {
	var lines []string
	inside := false
	for line := range strings.Lines(report) {
		line = strings.TrimSpace(line)
		switch {
		case line == "Incompatible changes:":
			inside = true
		case line == "Compatible changes:":
			inside = false
		case inside && strings.HasPrefix(line, "- ") && !programs.MatchString(line):
			lines = append(lines, line)
		}
	}
	return lines
}

var word = regexp.MustCompile(`\w+`)

// named returns what a line of a report is about: the name of a function, type, method or field, or the last element of a
// package's path. "./server.Rule, method set: …" is about Rule.
func named(line string) string {
	about, _, _ := strings.Cut(line, ": ")
	about, _, _ = strings.Cut(about, ", ")
	words := word.FindAllString(about, -1)
	return words[len(words)-1]
}

// unnamed returns the lines whose names the changes do not have as words.
func unnamed(lines []string, changes string) []string {
	known := make(map[string]bool)
	for _, w := range word.FindAllString(changes, -1) {
		known[w] = true
	}
	var missing []string
	for _, line := range lines {
		if !known[named(line)] {
			missing = append(missing, line)
		}
	}
	return missing
}

// section returns what a changelog has below its first heading of a version.
func section(changelog string) string {
	_, rest, _ := strings.Cut(changelog, "\n## ")
	first, _, _ := strings.Cut(rest, "\n## ")
	return first
}
