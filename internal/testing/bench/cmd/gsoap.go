package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// gsoap is the C++ decoder that gSOAP generates from the WSDL, compiled for this run.
// Debian's packages gsoap, libgsoap-dev and g++ are needed.
type gsoap struct {
	dir     string
	missing string // why it cannot be measured
}

// newGSOAP builds the decoder, or notes why it cannot be built: the rival is optional.
func newGSOAP() *gsoap {
	g := &gsoap{}
	for _, tool := range []string{"wsdl2h", "soapcpp2", "g++"} {
		if _, err := exec.LookPath(tool); err != nil {
			g.missing = tool + " is not installed"
			return g
		}
	}
	if err := g.build(); err != nil {
		g.missing = err.Error()
	}
	return g
}

// build generates the decoder from the same WSDL and compiles it with optimisation.
func (g *gsoap) build() (err error) {
	if g.dir, err = os.MkdirTemp("", "mktows-bench-*"); err != nil {
		return err
	}
	wsdl, err := filepath.Abs("wsdl/mktows_2_7.wsdl")
	if err != nil {
		return err
	}
	source, err := filepath.Abs("internal/testing/bench/gsoap/decode.cpp")
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		{"wsdl2h", "-o", "mktows.h", wsdl},
		{"soapcpp2", "-C", "-L", "-w", "-x", "-I/usr/share/gsoap/import", "mktows.h"},
		{"g++", "-O2", "-I.", "-o", "decode", source, "soapC.cpp", "-lgsoap++"},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = g.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %.200s", args[0], err, out)
		}
	}
	return nil
}

// work returns the decoding of a document by gSOAP. The program measures itself, so that its start does not count.
func (g *gsoap) work(doc string, n int) (work, bool) {
	if g.missing != "" {
		return work{}, false
	}
	file := filepath.Join(g.dir, fmt.Sprintf("%d-%d.xml", n, len(doc)))
	if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
		return work{}, false
	}
	return work{"gSOAP (C++)", func(budget time.Duration) (time.Duration, error) {
		out, err := exec.Command(filepath.Join(g.dir, "decode"), file, fmt.Sprint(budget.Milliseconds())).Output()
		if err != nil {
			return 0, err
		}
		var records int
		var ns float64
		if _, err := fmt.Sscan(string(out), &records, &ns); err != nil {
			return 0, fmt.Errorf("it printed %q: %w", out, err)
		}
		if records != n {
			return 0, fmt.Errorf("it read %d records, want %d", records, n)
		}
		return time.Duration(ns), nil
	}}, true
}
