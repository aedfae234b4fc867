package records

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

const (
	// MaxInput bounds what is read from FILE, in bytes: all of it is checked before
	// anything is sent.
	MaxInput = 512 << 20
	// maxProblems is how many mistakes are told of one input.
	maxProblems = 10
)

// Field is a named value and where it stands.
type Field struct {
	Name, Value  string
	Line, Column int
}

// Record is a row of CSV or an object of JSON Lines.
type Record struct {
	Line   int
	Fields []Field
}

// Problems collects what is wrong with an input.
type Problems struct {
	Name string // of the file
	List []problem
	More int
}

type problem struct {
	Line, Column int
	Text         string
}

// Addf notes a mistake. Columns are counted in bytes, from 1.
func (p *Problems) Addf(line, column int, format string, args ...any) {
	if len(p.List) == maxProblems {
		p.More++
		return
	}
	p.List = append(p.List, problem{line, column, fmt.Sprintf(format, args...)})
}

// Err returns the mistakes as one error, in the order of the input; nil: there are none.
func (p *Problems) Err() error {
	if len(p.List) == 0 {
		return nil
	}
	slices.SortStableFunc(p.List, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	var all []error
	for _, one := range p.List {
		all = append(all, fmt.Errorf("%s:%d:%d: %s", p.Name, one.Line, one.Column, one.Text))
	}
	if p.More > 0 {
		all = append(all, fmt.Errorf("%s: %d more mistakes", p.Name, p.More))
	}
	return exit.AsInput(errors.Join(append(all, errors.New("nothing was sent"))...))
}

// Form returns the form of an input: what --format says, or what the name ends in.
func Form(path, given string, allowed ...string) (string, error) {
	if given == "" {
		given = strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
		if given == "ndjson" {
			given = "jsonl"
		}
	}
	for _, form := range allowed {
		if given == form {
			return form, nil
		}
	}
	f := output.Format{Value: "", Allowed: allowed}
	return "", exit.Usagef("the form of %s is not known: add --format %s", Name(path), f.List())
}

// Name is what messages call an input.
func Name(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// ReadInput reads a file, or standard input for "-", without the mark that some editors
// put in front.
func ReadInput(ctx context.Context, stdin io.Reader, path string) ([]byte, error) {
	c, err := ReadFileOrStdin(ctx, stdin, path, MaxInput)
	if err != nil {
		return nil, err
	}
	if err := c.Problem(path, MaxInput); err != nil {
		return nil, err
	}
	return bytes.TrimPrefix(c.Text, []byte("\uFEFF")), nil
}

// Read reads CSV or JSON Lines.
func Read(ctx context.Context, stdin io.Reader, path, form string) ([]Record, *Problems, error) {
	text, err := ReadInput(ctx, stdin, path)
	if err != nil {
		return nil, nil, err
	}
	p := &Problems{Name: Name(path)}
	var records []Record
	if form == "csv" {
		_, records = ReadCSV(text, p)
	} else {
		records = readJSONLines(text, p)
	}
	for _, r := range records {
		CheckValues(r, p)
	}
	if len(records) == 0 && len(p.List) == 0 {
		return nil, nil, exit.Inputf("%s has no records", p.Name)
	}
	return records, p, nil
}

// CheckValues refuses what XML cannot say, while it is known where it stands.
func CheckValues(r Record, p *Problems) {
	for _, f := range r.Fields {
		if at, ok := unsayable(f.Value); ok {
			p.Addf(f.Line, f.Column, "%s: %s cannot be sent in XML", f.Name, at)
		}
	}
}

// unsayable returns the first character of text that XML 1.0, production [2], leaves out.
func unsayable(text string) (string, bool) {
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			return fmt.Sprintf("the byte %#x, which is not UTF-8,", text[i]), true
		case r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF:
			return fmt.Sprintf("the character %U", r), true
		}
	}
	return "", false
}
