package filestore

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// csvRow is a record as a row of CSV. What is missing is empty.
type csvRow interface {
	fields() []string
	setFields(fields []string) error // as many as there are columns
}

var (
	_ csvRow = (*activityRecord)(nil)
	_ csvRow = (*leadRecord)(nil)
)

func (r *activityRecord) fields() []string {
	id, guid := "", ""
	if r.ID != nil {
		id = strconv.FormatInt(*r.ID, 10)
	}
	if r.GUID != nil {
		guid = *r.GUID
	}
	return []string{
		r.Key, strconv.FormatInt(r.LeadID, 10), r.OccurredAt.Format(time.RFC3339Nano), r.OccurredLocal,
		r.Type, r.Asset, r.Campaign, string(r.Attributes), id, guid, string(r.Person),
		strconv.FormatBool(r.Late), strconv.FormatInt(r.Run, 10), goneText(r.GoneAt),
	}
}

// setFields parses a row of the file. All mistakes of a row are reported together.
func (r *activityRecord) setFields(f []string) error {
	leadID, errLead := strconv.ParseInt(f[1], 10, 64)
	at, errAt := time.Parse(time.RFC3339Nano, f[2])
	late, errLate := strconv.ParseBool(f[11])
	run, errRun := strconv.ParseInt(f[12], 10, 64)
	gone, errGone := parseGone(f[13])
	*r = activityRecord{
		Key: f[0], LeadID: leadID, OccurredAt: at, OccurredLocal: f[3],
		Type: f[4], Asset: f[5], Campaign: f[6], Attributes: json.RawMessage(f[7]),
		Late: late, Run: run, GoneAt: gone,
	}
	var errID error
	if f[8] != "" {
		var id int64
		id, errID = strconv.ParseInt(f[8], 10, 64)
		r.ID = &id
	}
	if f[9] != "" {
		r.GUID = &f[9]
	}
	if f[10] != "" {
		r.Person = json.RawMessage(f[10])
	}
	return errors.Join(errLead, errAt, errLate, errRun, errGone, errID)
}

func (r *leadRecord) fields() []string {
	return []string{
		strconv.FormatInt(r.ID, 10), r.Email, r.ForeignSysPersonID, r.ForeignSysType,
		string(r.Attributes), strconv.FormatInt(r.Run, 10), goneText(r.GoneAt),
	}
}

func (r *leadRecord) setFields(f []string) error {
	id, errID := strconv.ParseInt(f[0], 10, 64)
	run, errRun := strconv.ParseInt(f[5], 10, 64)
	gone, errGone := parseGone(f[6])
	*r = leadRecord{
		ID: id, Email: f[1], ForeignSysPersonID: f[2], ForeignSysType: f[3],
		Attributes: json.RawMessage(f[4]), Run: run, GoneAt: gone,
	}
	return errors.Join(errID, errRun, errGone)
}

func goneText(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.Format(time.RFC3339Nano)
}

func parseGone(text string) (*time.Time, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // it is not gone
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	return &at, err
}

// csvOf returns a record as a row of CSV. The switch takes the place of a constraint with methods, which would need a
// pointer type.
func csvOf[T record](row *T) csvRow {
	switch r := any(row).(type) {
	case *activityRecord:
		return r
	case *leadRecord:
		return r
	}
	return nil // there are no other records
}

// csvWriter writes RFC 4180 with lines that end in CRLF. The writer of encoding/csv cannot be used: with CRLF it also
// changes the line ends inside of values, and with LF the lines are not those of the RFC.
type csvWriter[T record] struct {
	to   io.WriteCloser
	line []byte
}

func newCSVWriter[T record](to io.WriteCloser) (*csvWriter[T], error) {
	w := &csvWriter[T]{to: to}
	return w, w.writeLine(columnsOf[T]())
}

func (w *csvWriter[T]) Write(row *T) error { return w.writeLine(csvOf(row).fields()) }
func (w *csvWriter[T]) Close() error       { return w.to.Close() }

// writeLine writes a line as RFC 4180 has it. It does what csv.Writer does, with one exception: that one would turn a
// line feed inside a value into CRLF, and reading the value back would give another text than was stored.
func (w *csvWriter[T]) writeLine(fields []string) error {
	w.line = w.line[:0]
	for i, field := range fields {
		if i > 0 {
			w.line = append(w.line, ',')
		}
		if !strings.ContainsAny(field, ",\"\r\n") {
			w.line = append(w.line, field...)
			continue
		}
		w.line = append(w.line, '"')
		w.line = append(w.line, strings.ReplaceAll(field, `"`, `""`)...)
		w.line = append(w.line, '"')
	}
	w.line = append(w.line, '\r', '\n')
	_, err := w.to.Write(w.line)
	return err
}

// csvRows returns a function that reads the next row of a CSV file, after it has checked the header.
func csvRows[T record](text io.Reader) (func(*T) error, error) {
	r := csvReader{text: bufio.NewReader(text)}
	columns := columnsOf[T]()
	header, err := r.next()
	if err != nil {
		return nil, noEOF(err)
	}
	if len(header) < firstColumns[T]() || len(header) > len(columns) || !slices.Equal(header, columns[:len(header)]) {
		return nil, fmt.Errorf("CSV line 1 is %q, not the header %q", header, columns)
	}
	return func(row *T) error {
		fields, err := r.next()
		if err != nil {
			return err
		}
		if len(fields) != len(header) {
			return fmt.Errorf("CSV record %d has %d fields, not %d", r.records, len(fields), len(header))
		}
		fields = append(fields, make([]string, len(columns)-len(header))...)
		if err := csvOf(row).setFields(fields); err != nil {
			return fmt.Errorf("CSV record %d: %w", r.records, err)
		}
		return nil
	}, nil
}

// csvReader reads RFC 4180. The reader of encoding/csv cannot be used, because it turns CRLF inside of values into
// LF, and the content of a row would have another digest.
type csvReader struct {
	text    *bufio.Reader
	records int
	field   []byte
}

// next returns the fields of the next record, and io.EOF after the last one. An end inside of a record is
// io.ErrUnexpectedEOF.
func (r *csvReader) next() ([]string, error) {
	if _, err := r.text.Peek(1); err != nil {
		return nil, err
	}
	r.records++
	var fields []string
	for {
		more, err := r.readField()
		if err != nil {
			return nil, fmt.Errorf("CSV record %d: %w", r.records, noEOF(err))
		}
		fields = append(fields, string(r.field))
		if !more {
			return fields, nil
		}
	}
}

// readField reads a field into r.field, with the comma or line end behind it, and reports whether it was a comma.
func (r *csvReader) readField() (more bool, err error) {
	r.field = r.field[:0]
	c, err := r.text.ReadByte()
	if err == nil && c == '"' {
		c, err = r.readQuoted()
	} else {
		for err == nil && !strings.ContainsRune(",\r\n\"", rune(c)) {
			r.field = append(r.field, c)
			c, err = r.text.ReadByte()
		}
	}
	if err == nil && c == '\r' {
		if c, err = r.text.ReadByte(); err == nil && c != '\n' {
			return false, errors.New("a carriage return without a line feed outside of quotes")
		}
	}
	if err != nil {
		return false, err
	}
	if c != ',' && c != '\n' {
		return false, fmt.Errorf("%q is not where a field can end", c)
	}
	return c == ',', nil
}

// readQuoted reads a quoted value up to its closing quote and returns the byte behind it. A doubled quote stands for
// one.
func (r *csvReader) readQuoted() (byte, error) {
	for {
		c, err := r.text.ReadByte()
		if err != nil {
			return 0, err
		}
		if c == '"' {
			if c, err = r.text.ReadByte(); err != nil || c != '"' {
				return c, err
			}
		}
		r.field = append(r.field, c)
	}
}

// noEOF replaces io.EOF, which would look like the regular end, for an end in the middle of a record.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
