package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// maxInput bounds what is read from FILE, in bytes: all of it is checked before
	// anything is sent.
	maxInput = 512 << 20
	// maxProblems is how many mistakes are told of one input.
	maxProblems = 10
)

// inputField is a named value and where it stands.
type inputField struct {
	name, value  string
	line, column int
}

// inputRecord is a row of CSV or an object of JSON Lines.
type inputRecord struct {
	line   int
	fields []inputField
}

// problems collects what is wrong with an input.
type problems struct {
	name string // of the file
	list []problem
	more int
}

type problem struct {
	line, column int
	text         string
}

// addf notes a mistake. Columns are counted in bytes, from 1.
func (p *problems) addf(line, column int, format string, args ...any) {
	if len(p.list) == maxProblems {
		p.more++
		return
	}
	p.list = append(p.list, problem{line, column, fmt.Sprintf(format, args...)})
}

func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	slices.SortStableFunc(p.list, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	var all []error
	for _, one := range p.list {
		all = append(all, fmt.Errorf("%s:%d:%d: %s", p.name, one.line, one.column, one.text))
	}
	if p.more > 0 {
		all = append(all, fmt.Errorf("%s: %d more mistakes", p.name, p.more))
	}
	return asInput(errors.Join(append(all, errors.New("nothing was sent"))...))
}

// inputFormat returns the form of an input: what --format says, or what the name ends in.
func inputFormat(path, given string, allowed ...string) (string, error) {
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
	f := format{"", allowed}
	return "", usagef("the form of %s is not known: add --format %s", inputName(path), f.list())
}

func inputName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// readInput reads a file, or standard input for "-", without the mark that some editors
// put in front.
func readInput(ctx context.Context, stdin io.Reader, path string) ([]byte, error) {
	c, err := readFileOrStdin(ctx, stdin, path, maxInput)
	if err != nil {
		return nil, err
	}
	if err := c.problem(path, maxInput); err != nil {
		return nil, err
	}
	return bytes.TrimPrefix(c.text, []byte("\uFEFF")), nil
}

// readRecords reads CSV or JSON Lines.
func readRecords(ctx context.Context, stdin io.Reader, path, form string) ([]inputRecord, *problems, error) {
	text, err := readInput(ctx, stdin, path)
	if err != nil {
		return nil, nil, err
	}
	p := &problems{name: inputName(path)}
	var records []inputRecord
	if form == "csv" {
		_, records = readCSV(text, p)
	} else {
		records = readJSONLines(text, p)
	}
	for _, r := range records {
		checkValues(r, p)
	}
	if len(records) == 0 && len(p.list) == 0 {
		return nil, nil, inputf("%s has no records", p.name)
	}
	return records, p, nil
}

// checkValues refuses what XML cannot say, while it is known where it stands.
func checkValues(r inputRecord, p *problems) {
	for _, f := range r.fields {
		if at, ok := unsayable(f.value); ok {
			p.addf(f.line, f.column, "%s: %s cannot be sent in XML", f.name, at)
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

// readCSV reads RFC 4180 with a header row. Rows with a wrong number of values are
// problems; a broken quote ends the reading, as nobody knows where the next row begins.
func readCSV(text []byte, p *problems) (header []string, records []inputRecord) {
	if name := otherSeparator(text); name != "" {
		p.addf(1, 1, "the header has %s between its columns, and CSV commas", name)
		return nil, nil
	}
	r := csv.NewReader(bytes.NewReader(text))
	header, err := r.Read()
	if err != nil {
		csvProblem(err, p)
		return nil, nil
	}
	if checkHeader(r, header, p); len(p.list) > 0 {
		return header, nil // every row would have the same mistakes
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return header, records
		}
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := r.FieldPos(0)
			p.addf(line, 1, "the row has %s, and the header %s", plural(len(row), "value"), plural(len(header), "column"))
			continue
		}
		if err != nil {
			csvProblem(err, p)
			return header, records
		}
		records = append(records, csvRecord(r, header, row))
	}
}

// quoted finds values in quotes, where everything may stand.
var quoted = regexp.MustCompile(`"[^"]*"`)

// otherSeparator names what spreadsheets and exports write between columns instead of commas, if the
// header of text looks like that.
func otherSeparator(text []byte) string {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	line = quoted.ReplaceAll(line, nil)
	if bytes.IndexByte(line, ',') >= 0 {
		return ""
	}
	for _, other := range []struct{ mark, name string }{{";", "semicolons"}, {"\t", "tabs"}, {"|", "vertical bars"}} {
		if bytes.Contains(line, []byte(other.mark)) {
			return other.name
		}
	}
	return ""
}

func csvProblem(err error, p *problems) {
	var at *csv.ParseError
	switch {
	case errors.As(err, &at):
		p.addf(at.Line, at.Column, "%v", at.Err)
	case errors.Is(err, io.EOF):
		p.addf(1, 1, "there is no header row")
	default:
		p.addf(1, 1, "%v", err)
	}
}

func checkHeader(r *csv.Reader, header []string, p *problems) {
	seen := map[string]bool{}
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
		line, column := r.FieldPos(i)
		switch {
		case header[i] == "":
			p.addf(line, column, "the column has no name")
		case seen[header[i]]:
			p.addf(line, column, "a second column %q", header[i])
		}
		if at, ok := unsayable(header[i]); ok {
			p.addf(line, column, "%s cannot be sent in XML", at)
		}
		seen[header[i]] = true
	}
}

func csvRecord(r *csv.Reader, header, row []string) inputRecord {
	line, _ := r.FieldPos(0)
	record := inputRecord{line: line, fields: make([]inputField, len(row))}
	for i, value := range row {
		line, column := r.FieldPos(i)
		record.fields[i] = inputField{header[i], value, line, column}
	}
	return record
}

// readJSONLines reads an object from each line that is not blank.
func readJSONLines(text []byte, p *problems) []inputRecord {
	var records []inputRecord
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		o := objectReader{dec: json.NewDecoder(bytes.NewReader(line)), text: line, record: inputRecord{line: number}}
		o.dec.UseNumber()
		if err := o.read(); err != nil {
			p.addf(number, o.column(err), "%v", jsonReason(err))
			continue
		}
		records = append(records, o.record)
	}
	return records
}

// objectReader reads one line of JSON Lines, the order of its members included.
type objectReader struct {
	dec    *json.Decoder
	text   []byte
	record inputRecord
}

var errNotObject = errors.New("a line is one JSON object, such as {\"Email\": \"lead@example.com\"}")

func (o *objectReader) read() error {
	if t, err := o.dec.Token(); err != nil || t != json.Delim('{') {
		return firstError(err, errNotObject)
	}
	for o.dec.More() {
		t, err := o.dec.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string) // Token refuses any other here
		if err := o.member(name); err != nil {
			return err
		}
	}
	if _, err := o.dec.Token(); err != nil {
		return err
	}
	if _, err := o.dec.Token(); !errors.Is(err, io.EOF) {
		return firstError(err, errNotObject)
	}
	return nil
}

func firstError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// member reads a value. null says nothing; the lists "attributes" and "keys" are what
// this program writes itself.
func (o *objectReader) member(name string) error {
	column := o.next()
	t, err := o.dec.Token()
	if err != nil {
		return err
	}
	switch v := t.(type) {
	case nil:
		return nil
	case json.Delim:
		if v == '[' && (name == "attributes" || name == "keys") {
			return o.attributes()
		}
		return fmt.Errorf("%q is neither text nor a number, true, false or null", name)
	default:
		o.record.fields = append(o.record.fields, inputField{name, fmt.Sprint(v), o.record.line, column})
	}
	return nil
}

func (o *objectReader) attributes() error {
	for o.dec.More() {
		column := o.next()
		var at attributeJSON
		if err := o.dec.Decode(&at); err != nil {
			return err
		}
		o.record.fields = append(o.record.fields, inputField{at.Name, at.Value, o.record.line, column})
	}
	_, err := o.dec.Token()
	return err
}

// next is the column at which the next value begins.
func (o *objectReader) next() int {
	at := int(o.dec.InputOffset())
	for at < len(o.text) && strings.IndexByte(" \t:,", o.text[at]) >= 0 {
		at++
	}
	return at + 1
}

// column is where an error is: at what cannot be read, or at what has just been read.
func (o *objectReader) column(err error) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return o.next()
	}
	return max(1, int(o.dec.InputOffset()))
}

func jsonReason(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON ends too early")
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON: %s", syntax.Error())
	case errors.As(err, &kind):
		return fmt.Errorf("%s: a %s cannot be used here", cmp.Or(kind.Field, "the value"), kind.Value)
	}
	return err
}
