package output

import (
	"io"
	"strings"
)

// Column is a column of a table.
type Column struct {
	Title  string
	Cells  []string
	Right  bool // aligned to the right
	Weight int  // its share where space is short; 0: it never gives way
}

// Gap is how many columns of the terminal stand between two of a table.
const Gap = 2

// WriteTable writes columns of equally many cells, as wide as their content wants. Where
// that is more than width in all, those that have a weight give way, and share what is left
// by their weights. A column without any content is left out.
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

func withContent(columns []Column) []Column {
	var kept []Column
	for i, c := range columns {
		if i == 0 || strings.Join(c.Cells, "") != "" {
			kept = append(kept, c)
		}
	}
	return kept
}

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

// richest returns the column that has the most for its weight, or -1 if none has more than
// the one character that says that something was cut.
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

func (c *Column) wanted() int {
	n := TextWidth(c.Title)
	for _, cell := range c.Cells {
		n = max(n, TextWidth(cell))
	}
	return n
}

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
