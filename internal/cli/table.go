package cli

import (
	"io"
	"strings"
)

// column is a column of a table.
type column struct {
	title  string
	cells  []string
	right  bool // aligned to the right
	weight int  // its share where space is short; 0: it never gives way
}

const gap = 2 // columns between columns

// writeTable writes columns of equally many cells, as wide as their content wants. Where
// that is more than width in all, those that have a weight give way, and share what is left
// by their weights. A column without any content is left out.
func writeTable(w io.Writer, width int, columns []column) error {
	columns = withContent(columns)
	widths := layout(width, columns)
	var b strings.Builder
	titles := make([]string, len(columns))
	for i := range columns {
		titles[i] = columns[i].title
	}
	writeRow(&b, columns, widths, titles)
	for row := range columns[0].cells {
		for i := range columns {
			titles[i] = columns[i].cells[row]
		}
		writeRow(&b, columns, widths, titles)
	}
	_, err := io.WriteString(w, b.String())
	return outputError(err)
}

func withContent(columns []column) []column {
	var kept []column
	for i, c := range columns {
		if i == 0 || strings.Join(c.cells, "") != "" {
			kept = append(kept, c)
		}
	}
	return kept
}

func layout(width int, columns []column) []int {
	widths := make([]int, len(columns))
	over := gap*(len(columns)-1) - width
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
func richest(columns []column, widths []int) int {
	found := -1
	for i := range columns {
		w := columns[i].weight
		if w > 0 && widths[i] > 1 && (found < 0 || widths[i]*columns[found].weight > widths[found]*w) {
			found = i
		}
	}
	return found
}

func (c *column) wanted() int {
	n := textWidth(c.title)
	for _, cell := range c.cells {
		n = max(n, textWidth(cell))
	}
	return n
}

func writeRow(b *strings.Builder, columns []column, widths []int, cells []string) {
	var line strings.Builder
	for i, cell := range cells {
		cell = clip(cell, widths[i])
		space := strings.Repeat(" ", widths[i]-textWidth(cell))
		if i > 0 {
			line.WriteString(strings.Repeat(" ", gap))
		}
		if columns[i].right {
			line.WriteString(space + cell)
		} else {
			line.WriteString(cell + space)
		}
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}
