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
	// MaxInput is the largest input in bytes. All of it is held in memory, because all of it is checked before
	// anything is sent.
	MaxInput = 512 << 20
	// maxProblems is how many mistakes are printed for one input; the rest is only counted. A wrong column gives one
	// mistake per row, and ten of them are enough to see why.
	maxProblems = 10
)

// Field is one value with its name and place. The place is that of the value, not of the name.
type Field struct {
	Name, Value  string
	Line, Column int
}

// Record is one row of CSV or one object of JSON Lines. Line is where it begins.
type Record struct {
	Line   int
	Fields []Field
}

// Problems collects the mistakes of one input. More counts those that did not fit into List.
type Problems struct {
	Name string // of the file
	List []problem
	More int
}

type problem struct {
	Line, Column int
	Text         string
}

// Addf adds a mistake at a line and column, both counted from 1; columns count bytes.
func (p *Problems) Addf(line, column int, format string, args ...any) {
	if len(p.List) == maxProblems {
		p.More++
		return
	}
	p.List = append(p.List, problem{line, column, fmt.Sprintf(format, args...)})
}

// Err returns the mistakes as one error in the order of the input, or nil if there are none. They are sorted because
// readers find some mistakes while parsing and others when the whole record is known. The last line assures the user
// that nothing was sent: this is only called before the first call.
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

// Form returns the format of an input: the value of --format or, without it, the one that the file's name ends in.
// Standard input has no name, so --format is required there.
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
	return "", exit.Usagef("the form of %s is not known: add --format %s", Name(path), output.Either(allowed))
}

// Name returns what messages call an input.
func Name(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// ReadInput reads a file, or standard input if path is "-". It drops the byte order mark that some editors and
// spreadsheets write in front, which would otherwise become part of the first column's name.
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

// Read reads CSV or JSON Lines. Mistakes in the records are in the Problems that it returns, and the caller adds its
// own before it asks for their Err; the error is for an input that cannot be read at all or has no records.
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

// CheckValues notes the values of a record that contain characters which XML cannot carry. The codec would refuse
// them as well, but when a call is made, with no idea of the line and column they came from.
func CheckValues(r Record, p *Problems) {
	for _, f := range r.Fields {
		if at, ok := unsayable(f.Value); ok {
			p.Addf(f.Line, f.Column, "%s: %s cannot be sent in XML", f.Name, at)
		}
	}
}

// unsayable describes the first character of text that XML 1.0 cannot represent, not even as a character reference
// (production [2], Char), or the first byte that is not UTF-8; false if there is none.
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
