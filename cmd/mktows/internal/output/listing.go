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

// minTableWidth leaves every column of the table a few characters.
const minTableWidth = 80

// Shape tells how records of one kind are shown.
type Shape[T any] struct {
	Noun, Nouns string
	Columns     []Column           // of the table, without cells
	Cells       func(*T) []string  // a row of the table
	Header      []string           // of CSV; nil: there is none
	Row         func(*T) []string  // a row of CSV
	Begin       func(*T) []string  // the header of CSV where the first record decides; may be nil
	Json        func(*T) any       // a JSON object
	Total       func(n int) string // how many there are, for the line below the table; nil: noun or nouns
}

// FormFlags are the flags for what a command prints.
type FormFlags struct {
	Format *Format
	Width  int
}

// Bind adds -o with these forms, of which the first is the default, and --width.
func (f *FormFlags) Bind(fs *pflag.FlagSet, forms ...string) {
	f.Format = NewFormat(forms...)
	f.Format.Bind(fs)
	fs.IntVar(&f.Width, "width", 120, "let the table be `N` columns wide")
}

// Check refuses a width that no table fits into.
func (f *FormFlags) Check() error {
	if f.Width < minTableWidth {
		return exit.Usagef("--width is %d: give %d or more", f.Width, minTableWidth)
	}
	return nil
}

// Listing writes records in a form of -o, those of a stream as they come where the form
// allows it.
type Listing[T any] struct {
	Shape[T]
	out   io.Writer
	form  string
	width int
	count int

	docs strings.Builder // of json, encoded: what is kept of a record must not hold on to its page
	rows [][]string      // of the table, cut to its width
}

// NewListing returns a listing in the form that the flags ask for.
func NewListing[T any](out io.Writer, f *FormFlags, s Shape[T]) *Listing[T] {
	return &Listing[T]{Shape: s, out: out, form: f.Format.Value, width: f.Width}
}

// Add writes records, or keeps them for the end where the form asks for that.
func (l *Listing[T]) Add(items []T) error {
	var b strings.Builder
	if l.form == "csv" && l.count == 0 && len(items) > 0 {
		if l.Begin != nil {
			l.Header = l.Begin(&items[0])
		}
		writeCSV(&b, l.Header...)
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

func (l *Listing[T]) one(b *strings.Builder, item *T) error {
	switch l.form {
	case "json":
		return l.doc(l.Json(item))
	case "jsonl":
		line, err := EncodeJSON(l.Json(item), "")
		b.WriteString(line + "\n")
		return err
	case "csv":
		writeCSV(b, l.Row(item)...)
	default:
		l.rows = append(l.rows, l.short(l.Cells(item)))
	}
	return nil
}

// doc keeps an element of the array that json is.
func (l *Listing[T]) doc(v any) error {
	text, err := encodeIndented(v, "  ", "  ")
	if l.count > 0 {
		l.docs.WriteString(",")
	}
	l.docs.WriteString("\n  " + text)
	return err
}

// short returns what can be seen of cells, in memory of its own: the cells of one page share that
// of the whole answer.
func (l *Listing[T]) short(cells []string) []string {
	for i := range cells {
		cells[i] = strings.Clone(Clip(Visible(cells[i]), l.width))
	}
	return cells
}

// End writes what can only be written when all is known. A JSON document is whole or
// not there.
func (l *Listing[T]) End(failed, more bool) error {
	switch l.form {
	case "json":
		if failed {
			return nil
		}
		if l.count > 0 {
			l.docs.WriteString("\n")
		}
		return Printf(l.out, "[%s]\n", l.docs.String())
	case "csv":
		if l.count == 0 && !failed {
			var b strings.Builder
			writeCSV(&b, l.Header...)
			return Printf(l.out, "%s", b.String())
		}
		return nil
	case "jsonl":
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

// Pages writes the records of pages, at most limit of them (0: all). What came before
// an error is written too, where the form of the output allows it.
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

// All writes records that came at once.
func All[T any](items []T, l *Listing[T]) error {
	if err := l.Add(items); err != nil {
		return err
	}
	return l.End(false, false)
}
