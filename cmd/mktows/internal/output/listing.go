package output

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/operations"
)

// Shape describes how records of one kind are shown, in all formats that lists have.
type Shape[T any] struct {
	Noun, Nouns string
	Columns     []Column           // of the table, without cells
	Cells       func(*T) []string  // a row of the table
	Header      []string           // of CSV; nil: the names of the members in JSON
	Row         func(*T) []string  // a row of CSV; nil: the members in JSON
	Begin       func(*T) []string  // the header of CSV where the first record decides; may be nil
	Json        func(*T) any       // a JSON object
	Total       func(n int) string // how many there are, for the line below the table; nil: noun or nouns
}

// FormFlags are the flags -o and --width.
type FormFlags struct {
	Format *Format
	Width  int // of the table; 0: nothing is cut
}

// Bind adds -o with the formats of lists, and --width.
func (f *FormFlags) Bind(fs *pflag.FlagSet) { f.bind(fs, ListFormat()) }

// BindDocument adds -o with the formats of a document, and --width.
func (f *FormFlags) BindDocument(fs *pflag.FlagSet) { f.bind(fs, DocumentFormat()) }

func (f *FormFlags) bind(fs *pflag.FlagSet, format *Format) {
	f.Format = format
	f.Format.Bind(fs)
	fs.IntVar(&f.Width, "width", 0, "fit the table into `N` columns (default: those of the terminal; in a pipe, nothing is cut)")
}

// Check refuses a width that is too small for a table. An explicit zero is refused by package settings.
func (f *FormFlags) Check() error {
	if f.Width != 0 && f.Width < narrowest {
		return exit.Usagef("--width is %d: give %d or more", f.Width, narrowest)
	}
	return nil
}

// Listing writes records in one of the formats of -o. Records are added page by page. The formats jsonl and csv write
// them at once, so that a reader of a long stream sees them coming; json and table have to wait for the end, json
// because a document must be complete or absent, table because the widths depend on all rows.
type Listing[T any] struct {
	Shape[T]
	out   io.Writer
	form  string
	width int
	count int

	docs strings.Builder // of json, encoded: what is kept of a record must not hold on to its page
	rows [][]string      // of the table, cut to its width
}

// NewListing returns a listing in the format that the flags ask for. Nothing is written yet.
func NewListing[T any](out io.Writer, f *FormFlags, s Shape[T]) *Listing[T] {
	return &Listing[T]{Shape: s, out: out, form: f.Format.Value, width: f.Width}
}

// Add writes records, or keeps them until End if the format has to wait. The text of one call is written in one
// piece, so that an interrupted command does not leave half a line behind.
func (l *Listing[T]) Add(items []T) error {
	var b strings.Builder
	if l.form == CSV && l.count == 0 && len(items) > 0 {
		if l.Begin != nil {
			l.Header = l.Begin(&items[0])
		}
		writeCSV(&b, l.header()...)
	}
	for i := range items {
		if err := l.one(&b, &items[i]); err != nil {
			return err
		}
		l.count++
	}
	_, err := io.WriteString(l.out, b.String())
	return outputError(err)
}

// one adds a single record: to b in the formats that are written at once, to the listing in the others.
func (l *Listing[T]) one(b *strings.Builder, item *T) error {
	switch l.form {
	case JSON:
		return l.doc(l.Json(item))
	case JSONLines:
		line, err := EncodeJSON(l.Json(item), "")
		b.WriteString(line + "\n")
		return err
	case CSV:
		row, err := l.row(item)
		writeCSV(b, row...)
		return err
	}
	l.rows = append(l.rows, l.short(l.Cells(item)))
	return nil
}

// header returns the names of the columns of CSV.
func (l *Listing[T]) header() []string {
	if l.Row != nil {
		return l.Header
	}
	var names []string
	for _, m := range members(l.Json(new(T)), l.Noun) {
		names = append(names, m.name)
	}
	return names
}

// row returns a row of CSV.
func (l *Listing[T]) row(item *T) ([]string, error) {
	if l.Row != nil {
		return l.Row(item), nil
	}
	var row []string
	for _, m := range members(l.Json(item), l.Noun) {
		text, err := m.cell()
		if err != nil {
			return nil, err
		}
		row = append(row, text)
	}
	return row, nil
}

// doc adds an element to the array of -o json. It is kept in its encoded form: the record itself shares its memory
// with the page that it came in, and keeping records would keep all pages.
func (l *Listing[T]) doc(v any) error {
	text, err := encodeIndented(v, "  ", "  ")
	if l.count > 0 {
		l.docs.WriteString(",")
	}
	l.docs.WriteString("\n  " + text)
	return err
}

// short returns cells as a table can show them: made harmless, cut to the width of the whole table, and copied.
// Without the copy a short cell would keep the whole page in memory.
func (l *Listing[T]) short(cells []string) []string {
	for i := range cells {
		cells[i] = strings.Clone(Fit(Visible(cells[i]), l.width))
	}
	return cells
}

// End writes what could not be written before. Failed says that an error ended the records early, more that --limit
// did. After a failure json writes nothing, because half a document is not a document; a table is written as far as it
// goes, with a last line that says so. CSV without records still gets its header.
func (l *Listing[T]) End(failed, more bool) error {
	switch l.form {
	case JSON:
		if failed {
			return nil
		}
		if l.count > 0 {
			l.docs.WriteString("\n")
		}
		return Printf(l.out, "[%s]\n", l.docs.String())
	case CSV:
		if l.count == 0 && !failed {
			var b strings.Builder
			writeCSV(&b, l.header()...)
			return Printf(l.out, "%s", b.String())
		}
		return nil
	case JSONLines:
		return nil
	}
	if l.count == 0 && failed {
		return nil // the error says it all
	}
	if err := l.table(); err != nil {
		return err
	}
	return Printf(l.out, "%s\n", l.closing(failed, more))
}

// table writes the rows that were kept. Without rows there is no header either.
func (l *Listing[T]) table() error {
	if l.count == 0 {
		return nil
	}
	columns := make([]Column, len(l.Columns))
	for i := range columns {
		columns[i] = l.Columns[i]
		for _, row := range l.rows {
			columns[i].Cells = append(columns[i].Cells, row[i])
		}
	}
	return WriteTable(l.out, l.width, columns)
}

// closing returns the line below a table: how many records there are, and whether some are missing.
func (l *Listing[T]) closing(failed, more bool) string {
	line := l.totalText()
	switch {
	case failed:
		line += "; the rest is missing"
	case more:
		line += "; there are more"
	}
	return line
}

// totalText returns the number of records with its noun.
func (l *Listing[T]) totalText() string {
	switch {
	case l.Total != nil:
		return l.Total(l.count)
	case l.count == 0:
		return "no " + l.Nouns
	case l.count == 1:
		return "1 " + l.Noun
	}
	return fmt.Sprintf("%d %s", l.count, l.Nouns)
}

// Pages writes the records of pages, at most limit of them; 0 means all. If an error ends the pages, the records
// before it are written too, where the format allows it, and the error is returned. Once the limit is reached no
// further page is fetched, since each one costs a call.
func Pages[T any](pages iter.Seq2[operations.Page[T], error], limit int, l *Listing[T]) error {
	var failed error
	var more bool
	for page, err := range pages {
		if failed = err; err != nil {
			break
		}
		items := page.Items
		if limit > 0 && l.count+len(items) >= limit {
			items = items[:limit-l.count]
			more = page.More || len(items) < len(page.Items)
		}
		if err := l.Add(items); err != nil {
			return err
		}
		if limit > 0 && l.count == limit {
			break
		}
	}
	if err := l.End(failed != nil, more); err != nil && failed == nil {
		return err
	}
	return failed
}

// All writes records that are complete already.
func All[T any](items []T, l *Listing[T]) error {
	if err := l.Add(items); err != nil {
		return err
	}
	return l.End(false, false)
}
