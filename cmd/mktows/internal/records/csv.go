package records

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

// ReadCSV reads RFC 4180 with a header row. Rows with the wrong number of values are noted and skipped. A broken
// quote ends the reading, because nobody can tell any more where the next row begins, and every later mistake would
// be a consequence of the first. If the header itself is wrong, no row is read: every row would repeat the header's
// mistake.
func ReadCSV(text []byte, p *Problems) (header []string, records []Record) {
	if name := otherSeparator(text); name != "" {
		p.Addf(1, 1, "the header has %s between its columns, and CSV commas", name)
		return nil, nil
	}
	r := csv.NewReader(bytes.NewReader(text))
	header, err := r.Read()
	if err != nil {
		csvProblem(err, p)
		return nil, nil
	}
	if checkHeader(r, header, p); len(p.List) > 0 {
		return header, nil // every row would have the same mistakes
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return header, records
		}
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := r.FieldPos(0)
			p.Addf(line, 1, "the row has %s, and the header %s", output.Plural(len(row), "value"), output.Plural(len(header), "column"))
			continue
		}
		if err != nil {
			csvProblem(err, p)
			return header, records
		}
		records = append(records, csvRecord(r, header, row))
	}
}

// quoted matches values in quotes. Separators inside of them separate nothing.
var quoted = regexp.MustCompile(`"[^"]*"`)

// otherSeparator returns the name of the separator that the header seems to use in place of commas, or "".
// Spreadsheets write semicolons in countries with a decimal comma, and exports of databases write tabs. Such a file
// is valid CSV with a single column, and without this check the user would be told that this one column has an
// unknown name.
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

// csvProblem notes an error of encoding/csv with its place, in place of the "record on line 3" that its text begins
// with.
func csvProblem(err error, p *Problems) {
	var at *csv.ParseError
	switch {
	case errors.As(err, &at):
		p.Addf(at.Line, at.Column, "%v", at.Err)
	case errors.Is(err, io.EOF):
		p.Addf(1, 1, "there is no header row")
	default:
		p.Addf(1, 1, "%v", err)
	}
}

// checkHeader trims the names of the columns in place and notes those that are empty, occur twice or cannot be
// written in XML. It has to be called right after the header was read, because r only knows the positions of its last
// row.
func checkHeader(r *csv.Reader, header []string, p *Problems) {
	seen := map[string]bool{}
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
		line, column := r.FieldPos(i)
		switch {
		case header[i] == "":
			p.Addf(line, column, "the column has no name")
		case seen[header[i]]:
			p.Addf(line, column, "a second column %q", header[i])
		}
		if at, ok := unsayable(header[i]); ok {
			p.Addf(line, column, "%s cannot be sent in XML", at)
		}
		seen[header[i]] = true
	}
}

// csvRecord returns the row that r has just read as a record. A row can span several lines, since values in quotes
// may contain line breaks, so each field has its own line.
func csvRecord(r *csv.Reader, header, row []string) Record {
	line, _ := r.FieldPos(0)
	record := Record{Line: line, Fields: make([]Field, len(row))}
	for i, value := range row {
		line, column := r.FieldPos(i)
		record.Fields[i] = Field{header[i], value, line, column}
	}
	return record
}
