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
	Whole  bool // never cut, as what is left of a time says nothing; numbers, which are aligned to the right, are not either
	Weight int  // its share where space is short; 0: it gives way after those that have one
}

// Gap is the number of spaces between two columns.
const Gap = 2

// WriteTable writes columns, which have equally many cells, each as wide as its widest cell. If that exceeds width in
// all, the columns with a weight are narrowed until it fits; a column with twice the weight keeps twice the width. If
// that is not enough, the other columns with text give way too; numbers and times are never cut. Where even that does
// not fit, each row is a block with a line for each column, since of columns still narrower nothing could be read. With
// a width of 0 nothing is cut. A column without any content is left out, except for the first one.
func WriteTable(w io.Writer, width int, columns []Column) error {
	columns = withContent(columns)
	widths, fits := layout(width, columns)
	if !fits {
		return writeBlocks(w, width, columns)
	}
	cut := func(cell string, i int) string { return Fit(cell, min(width, widths[i])) }
	var b strings.Builder
	titles := make([]string, len(columns))
	for i := range columns {
		titles[i] = columns[i].Title
	}
	writeRow(&b, columns, widths, cut, titles)
	for row := range columns[0].Cells {
		for i := range columns {
			titles[i] = columns[i].Cells[row]
		}
		writeRow(&b, columns, widths, cut, titles)
	}
	_, err := io.WriteString(w, b.String())
	return outputError(err)
}

// writeBlocks writes each row as a block: the title of each column with the cell beside it, if there is anything in it, and an empty line between
// two rows. Lines of a table that a terminal breaks could not be read.
func writeBlocks(w io.Writer, width int, columns []Column) error {
	var b strings.Builder
	titles := 0
	for i := range columns {
		titles = max(titles, TextWidth(columns[i].Title))
	}
	for row := range columns[0].Cells {
		if row > 0 {
			b.WriteString("\n")
		}
		for i := range columns {
			title := columns[i].Title + strings.Repeat(" ", titles-TextWidth(columns[i].Title)+Gap)
			cell := columns[i].Cells[row]
			if cell == "" && i > 0 {
				continue
			}
			if !columns[i].whole() {
				cell = Clip(cell, max(width-TextWidth(title), few))
			}
			b.WriteString(strings.TrimRight(title+cell, " ") + "\n")
		}
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

// few is the width that a column keeps as long as others have more to give, and least the one that it keeps anyway.
const few, least = 8, 6

// layout returns the width of each column, and whether they fit. It takes away one character at a time, always from the column that has the
// most for its weight. That is not the fastest way, but widths are small, and it needs no rounding.
func layout(width int, columns []Column) (widths []int, fits bool) {
	widths = make([]int, len(columns))
	over := Gap*(len(columns)-1) - width
	for i := range columns {
		widths[i] = columns[i].wanted()
		over += widths[i]
	}
	if width == 0 {
		return bounded(widths), true
	}
	for _, step := range []struct {
		floor  int
		weight func(*Column) int
	}{
		{few, func(c *Column) int { return c.Weight }},
		{few, textAlike},
		{least, textAlike},
	} {
		for ; over > 0; over-- {
			i := richest(columns, widths, step.floor, step.weight)
			if i < 0 {
				break
			}
			widths[i]--
		}
	}
	return widths, over <= 0
}

// bounded limits how far the cells of a column are filled up with spaces where nothing is cut. Otherwise one very long
// cell would make every line as long.
func bounded(widths []int) []int {
	for i := range widths {
		widths[i] = min(widths[i], broadest)
	}
	return widths
}

// whole reports whether the cells of a column are never cut.
func (c *Column) whole() bool { return c.Right || c.Whole }

// textAlike is the same weight for all columns that may be cut.
func textAlike(c *Column) int {
	if c.whole() {
		return 0
	}
	return 1
}

// richest returns the index of the column that has the most width for its weight among those that have a weight and
// more width than floor; -1 if there is none. The comparison multiplies instead of dividing, to stay exact.
func richest(columns []Column, widths []int, floor int, weight func(*Column) int) int {
	found := -1
	for i := range columns {
		w := weight(&columns[i])
		if w > 0 && widths[i] > floor && (found < 0 || widths[i]*weight(&columns[found]) > widths[found]*w) {
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
func writeRow(b *strings.Builder, columns []Column, widths []int, cut func(string, int) string, cells []string) {
	var line strings.Builder
	for i, cell := range cells {
		cell = cut(cell, i)
		space := strings.Repeat(" ", max(widths[i]-TextWidth(cell), 0))
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
