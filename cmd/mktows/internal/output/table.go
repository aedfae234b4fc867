package output

import (
	"io"
	"strings"
)

// Column is one column of a table.
type Column struct {
	Title  string
	Cells  []string
	Right  bool // aligned to the right
	Weight int  // its share where space is short; 0: it never gives way
}

// Gap is the number of spaces between two columns.
const Gap = 2

// WriteTable writes columns, which have equally many cells, each as wide as its widest cell. If that exceeds width in
// all, the columns with a weight are narrowed until it fits; a column with twice the weight keeps twice the width. A
// column without any content is left out, except for the first one.
func WriteTable(w io.Writer, width int, columns []Column) error {
	columns = withContent(columns)
	widths := layout(width, columns)
	var b strings.Builder
	titles := make([]string, len(columns))
	for i := range columns {
		titles[i] = columns[i].Title
	}
	writeRow(&b, columns, widths, titles)
	for row := range columns[0].Cells {
		for i := range columns {
			titles[i] = columns[i].Cells[row]
		}
		writeRow(&b, columns, widths, titles)
	}
	_, err := io.WriteString(w, b.String())
	return outputError(err)
}

// withContent returns the columns to be shown. The first one stays even if it is empty, so that a table has at least
// one.
func withContent(columns []Column) []Column {
	var kept []Column
	for i, c := range columns {
		if i == 0 || strings.Join(c.Cells, "") != "" {
			kept = append(kept, c)
		}
	}
	return kept
}

// layout returns the width of each column. It takes away one character at a time, always from the column that has the
// most for its weight. That is not the fastest way, but widths are small, and it needs no rounding.
func layout(width int, columns []Column) []int {
	widths := make([]int, len(columns))
	over := Gap*(len(columns)-1) - width
	for i := range columns {
		widths[i] = columns[i].wanted()
		over += widths[i]
	}
	for ; over > 0; over-- {
		i := richest(columns, widths)
		if i < 0 {
			break // a table that is too wide is better than one without content
		}
		widths[i]--
	}
	return widths
}

// richest returns the index of the column that has the most width for its weight, or -1 if none can give any away:
// each keeps one character, for the … that says that something was cut. The comparison multiplies instead of
// dividing, to stay exact.
func richest(columns []Column, widths []int) int {
	found := -1
	for i := range columns {
		w := columns[i].Weight
		if w > 0 && widths[i] > 1 && (found < 0 || widths[i]*columns[found].Weight > widths[found]*w) {
			found = i
		}
	}
	return found
}

// wanted returns the width that the title and all cells need.
func (c *Column) wanted() int {
	n := TextWidth(c.Title)
	for _, cell := range c.Cells {
		n = max(n, TextWidth(cell))
	}
	return n
}

// writeRow writes one line of the table. Spaces at the end of a line are removed, for those who paste it.
func writeRow(b *strings.Builder, columns []Column, widths []int, cells []string) {
	var line strings.Builder
	for i, cell := range cells {
		cell = Clip(cell, widths[i])
		space := strings.Repeat(" ", widths[i]-TextWidth(cell))
		if i > 0 {
			line.WriteString(strings.Repeat(" ", Gap))
		}
		if columns[i].Right {
			line.WriteString(space + cell)
		} else {
			line.WriteString(cell + space)
		}
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}
