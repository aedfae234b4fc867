package cli

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/operations"
)

// shape tells how records of one kind are shown.
type shape[T any] struct {
	noun, nouns string
	columns     []column           // of the table, without cells
	cells       func(*T) []string  // a row of the table
	header      []string           // of CSV; nil: there is none
	row         func(*T) []string  // a row of CSV
	begin       func(*T) []string  // the header of CSV where the first record decides; may be nil
	json        func(*T) any       // a JSON object
	total       func(n int) string // how many there are, for the line below the table; nil: noun or nouns
}

// outputFlags are the flags for what a command prints.
type outputFlags struct {
	format *format
	width  int
}

func (f *outputFlags) bind(fs *pflag.FlagSet, forms ...string) {
	f.format = newFormat(forms...)
	f.format.bind(fs)
	fs.IntVar(&f.width, "width", 120, "let the table be `N` columns wide")
}

func (f *outputFlags) check() error {
	if f.width < minTableWidth {
		return usagef("--width is %d: give %d or more", f.width, minTableWidth)
	}
	return nil
}

// listing writes records in a form of -o, those of a stream as they come where the form
// allows it.
type listing[T any] struct {
	shape[T]
	out   io.Writer
	form  string
	width int
	count int

	docs strings.Builder // of json, encoded: what is kept of a record must not hold on to its page
	rows [][]string      // of the table, cut to its width
}

func newListing[T any](out io.Writer, f *outputFlags, s shape[T]) *listing[T] {
	return &listing[T]{shape: s, out: out, form: f.format.value, width: f.width}
}

func (l *listing[T]) add(items []T) error {
	var b strings.Builder
	if l.form == "csv" && l.count == 0 && len(items) > 0 {
		if l.begin != nil {
			l.header = l.begin(&items[0])
		}
		writeCSV(&b, l.header...)
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

func (l *listing[T]) one(b *strings.Builder, item *T) error {
	switch l.form {
	case "json":
		return l.doc(l.json(item))
	case "jsonl":
		line, err := encodeJSON(l.json(item), "")
		b.WriteString(line + "\n")
		return err
	case "csv":
		writeCSV(b, l.row(item)...)
	default:
		l.rows = append(l.rows, l.short(l.cells(item)))
	}
	return nil
}

// doc keeps an element of the array that json is.
func (l *listing[T]) doc(v any) error {
	text, err := encodeIndented(v, "  ", "  ")
	if l.count > 0 {
		l.docs.WriteString(",")
	}
	l.docs.WriteString("\n  " + text)
	return err
}

// short returns what can be seen of cells, in memory of its own: the cells of one page share that
// of the whole answer.
func (l *listing[T]) short(cells []string) []string {
	for i := range cells {
		cells[i] = strings.Clone(clip(visible(cells[i]), l.width))
	}
	return cells
}

// end writes what can only be written when all is known. A JSON document is whole or
// not there.
func (l *listing[T]) end(failed, more bool) error {
	switch l.form {
	case "json":
		if failed {
			return nil
		}
		if l.count > 0 {
			l.docs.WriteString("\n")
		}
		return printf(l.out, "[%s]\n", l.docs.String())
	case "csv":
		if l.count == 0 && !failed {
			var b strings.Builder
			writeCSV(&b, l.header...)
			return printf(l.out, "%s", b.String())
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
	return printf(l.out, "%s\n", l.closing(failed, more))
}

func (l *listing[T]) table() error {
	if l.count == 0 {
		return nil
	}
	columns := make([]column, len(l.columns))
	for i := range columns {
		columns[i] = l.columns[i]
		for _, row := range l.rows {
			columns[i].cells = append(columns[i].cells, row[i])
		}
	}
	return writeTable(l.out, l.width, columns)
}

func (l *listing[T]) closing(failed, more bool) string {
	line := l.totalText()
	switch {
	case failed:
		line += "; the rest is missing"
	case more:
		line += "; there are more"
	}
	return line
}

func (l *listing[T]) totalText() string {
	switch {
	case l.total != nil:
		return l.total(l.count)
	case l.count == 0:
		return "no " + l.nouns
	case l.count == 1:
		return "1 " + l.noun
	}
	return fmt.Sprintf("%d %s", l.count, l.nouns)
}

// listPages writes the records of pages, at most limit of them (0: all). What came before
// an error is written too, where the form of the output allows it.
func listPages[T any](pages iter.Seq2[operations.Page[T], error], limit int, l *listing[T]) error {
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
		if err := l.add(items); err != nil {
			return err
		}
		if limit > 0 && l.count == limit {
			break
		}
	}
	if err := l.end(failed != nil, more); err != nil && failed == nil {
		return err
	}
	return failed
}

// listAll writes records that came at once.
func listAll[T any](items []T, l *listing[T]) error {
	if err := l.add(items); err != nil {
		return err
	}
	return l.end(false, false)
}

// pairs shows attributes in one line.
func pairs(attributes operations.Attributes) string {
	var parts []string
	for _, at := range attributes {
		if at.Value != "" {
			parts = append(parts, at.Name+": "+at.Value)
		}
	}
	return strings.Join(parts, "; ")
}

func checkLimit(limit int) error {
	if limit < 0 {
		return usagef("--limit is %d: give a number greater than 0", limit)
	}
	return nil
}
