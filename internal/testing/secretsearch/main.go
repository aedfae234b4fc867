// Command secretsearch runs the command of its arguments, which is a go test -json, and prints what go test prints. It ends
// with status 1 if that has failed, or if anything that the tests have printed or logged holds something secret: see rules.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "secretsearch:", err)
		os.Exit(1)
	}
}

var errFound = errors.New("a test has failed, or something secret was found")

// run runs a command and searches what it prints.
func run(command []string, out io.Writer) error {
	if len(command) == 0 {
		return errors.New("usage: secretsearch go test -json …")
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	passed := newSearch(out).read(events)
	_, _ = io.Copy(io.Discard, events) // what was not read would keep it from ending
	if err := cmd.Wait(); err != nil {
		return err
	}
	if !passed {
		return errFound
	}
	return nil
}

// event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
}

// place is where a text comes from: a test, or a package as a whole.
type place struct{ pkg, test string }

// search is the reading of all events.
type search struct {
	out      io.Writer
	begun    map[place]string               // lines that have not ended
	printed  map[string]map[string][]string // lines of tests that have not passed, by package and test
	packages int
	failed   bool
	calls    int // that were logged
	leaks    int
}

func newSearch(out io.Writer) *search {
	return &search{out: out, begun: make(map[place]string), printed: make(map[string]map[string][]string)}
}

// read reads all events, and reports whether the tests have passed and nothing secret was found.
func (s *search) read(events io.Reader) bool {
	for d := json.NewDecoder(bufio.NewReaderSize(events, 1<<20)); ; {
		var e event
		err := d.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			s.sayf("secretsearch: this is not what go test -json prints: %v", err)
			return false
		}
		s.take(&e)
	}
	for at, text := range s.begun {
		s.look(at, text)
	}
	switch {
	case s.packages == 0:
		s.sayf("secretsearch: no package was tested")
	case s.calls == 0:
		s.sayf("secretsearch: no call was logged, so that nothing was searched: set MKTOWS_TEST_LOG")
	case s.leaks > 0:
		s.sayf("secretsearch: FAIL: %d lines hold something secret", s.leaks)
	}
	return s.packages > 0 && s.calls > 0 && s.leaks == 0 && !s.failed
}

func (s *search) sayf(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

func (s *search) take(e *event) {
	at := place{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		_, _ = io.WriteString(s.out, e.Output)
	case "build-fail":
		s.failed = true
	case "output":
		text := s.begun[at] + e.Output
		if !strings.HasSuffix(text, "\n") { // long lines come in pieces
			s.begun[at] = text
			return
		}
		delete(s.begun, at)
		s.look(at, text)
		if s.printed[e.Package] == nil {
			s.printed[e.Package] = make(map[string][]string)
		}
		s.printed[e.Package][e.Test] = append(s.printed[e.Package][e.Test], text)
	case "pass", "skip", "fail":
		s.end(at, e.Action)
	}
}

// end takes the result of a test or a package.
func (s *search) end(at place, result string) {
	if at.test != "" {
		if result != "fail" {
			delete(s.printed[at.pkg], at.test)
		}
		return
	}
	s.packages++
	s.failed = s.failed || result == "fail"
	printed := s.printed[at.pkg]
	own := printed[""]
	delete(printed, "")
	for _, test := range slices.Sorted(maps.Keys(printed)) {
		s.show(printed[test], result == "fail")
	}
	s.show(own, result == "fail")
	delete(s.printed, at.pkg)
}

// show prints what go test prints: all but the logs of clients of a test that has failed, else the summary of the package.
func (s *search) show(lines []string, failed bool) {
	for _, line := range lines {
		summary := strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "? ")
		if summary || failed && !isClientLog.MatchString(line) {
			_, _ = io.WriteString(s.out, line)
		}
	}
}

// look looks for something secret in a line.
func (s *search) look(at place, line string) {
	if strings.Contains(line, isCall) {
		s.calls++
	}
	for _, r := range rules {
		if found := r.find(line); found != "" {
			s.leaks++
			s.sayf("secretsearch: %s %s: %s in: %s", at.pkg, at.test, r.what, strings.TrimSpace(strings.ReplaceAll(line, found, "[redacted]")))
		}
	}
}
