package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A chart is as wide as its place: x and widths are percentages, y and heights pixels, and
// the labels are not part of the drawing.

const chartHeight = 240

// activityChart is a chart of stacked bars, as the template draws it, with the same numbers as a table for those who
// cannot see it.
type activityChart struct {
	Unit    string
	Desc    string
	Height  int
	Legend  []legendItem
	Grid    []gridLine
	Bars    []bar
	Labels  []axisLabel
	Columns []string // of the table
	Rows    []valueRow
}

type legendItem struct {
	Color int
	Name  string
	Count string
}

type gridLine struct {
	Y     string
	Label string
}

type bar struct {
	Title string
	Rects []rect
}

type rect struct {
	Class               string
	X, Y, Width, Height string
}

// axisLabel stands below the bar at X. Year is its second line, if it differs from the
// one before.
type axisLabel struct{ X, Text, Year string }

type valueRow struct {
	Label string
	Cells []string
}

// activityChart computes the chart of activities over time. The most frequent types have a colour each, all others
// share one.
func (c *contents) activityChart() activityChart {
	names := c.seriesNames()
	values := make([][]int64, len(c.days.starts))
	totals := make([]int64, len(values))
	for i, counts := range c.days.counts {
		values[i] = make([]int64, topTypes+1)
		for name, n := range counts {
			values[i][c.rank(name)] += n
			totals[i] += n
		}
		values[i] = values[i][:len(names)]
	}
	axis := ticks(slices.Max(totals))
	top := axis[len(axis)-1]
	chart := activityChart{Unit: c.days.name, Height: chartHeight, Columns: names, Labels: c.days.labels()}
	for _, v := range axis {
		chart.Grid = append(chart.Grid, gridLine{trim(chartHeight * (1 - float64(v)/float64(top))), number(v)})
	}
	for i, name := range names {
		var n int64
		for _, v := range values {
			n += v[i]
		}
		chart.Legend = append(chart.Legend, legendItem{i, name, number(n)})
	}
	for i, v := range values {
		label := c.days.text(i)
		chart.Bars = append(chart.Bars, stack(v, names, label, slot{i, len(values)}, top))
		row := valueRow{Label: label}
		for _, n := range append(slices.Clone(v), totals[i]) {
			row.Cells = append(row.Cells, number(n))
		}
		chart.Rows = append(chart.Rows, row)
	}
	most := slices.Index(totals, slices.Max(totals))
	chart.Desc = fmt.Sprintf("Stacked bars, one for each %s from %s to %s. The highest has %s: %s.", c.days.name,
		c.days.text(0), c.days.text(len(totals)-1), counted(totals[most], "activity", "activities"), c.days.text(most))
	return chart
}

// seriesNames returns the names of the types with a colour of their own, and one for all others.
func (c *contents) seriesNames() []string {
	var names []string
	for i, t := range c.types {
		if i == topTypes {
			return append(names, counted(int64(len(c.types)-topTypes), "other type", "other types"))
		}
		names = append(names, clean(t.Type))
	}
	return names
}

// slot is the place of a bar among n.
type slot struct{ i, n int }

// span returns where a bar begins and how wide it is, in percent. With many bars the gaps are narrower.
func (s slot) span() (x, width string) {
	gap := 0.18
	if s.n > 60 {
		gap = 0.1
	}
	return share(float64(s.i)+gap/2, float64(s.n)), share(1-gap, float64(s.n))
}

// stack returns one bar with the values on top of each other, and a title that names them.
func stack(values []int64, names []string, label string, s slot, top int64) bar {
	x, w := s.span()
	b := bar{}
	var total, below int64
	var parts []string
	for i, n := range values {
		total += n
		if n == 0 {
			continue
		}
		parts = append(parts, names[i]+" "+number(n))
		below += n
		height := float64(n) / float64(top) * chartHeight
		b.Rects = append(b.Rects, rect{
			fmt.Sprintf("s%d", i), x, trim(chartHeight * (1 - float64(below)/float64(top))), w, trim(height),
		})
	}
	b.Title = label + ": " + number(total)
	if len(parts) > 0 {
		b.Title += " (" + strings.Join(parts, ", ") + ")"
	}
	return b
}

// text returns the name of a bar for its title.
func (b *buckets) text(i int) string {
	t := b.starts[i]
	switch b.name {
	case "day":
		return t.Format("Mon 2 Jan 2006")
	case "week":
		return t.Format("2 Jan 2006") + " – " + t.AddDate(0, 0, 6).Format("2 Jan 2006")
	case "month":
		return t.Format("January 2006")
	case "year":
		return t.Format("2006")
	}
	return t.Format("2006") + " – " + b.next(t).AddDate(0, 0, -1).Format("2006")
}

// labels returns the labels of the axis. The year is shown only where it changes.
func (b *buckets) labels() []axisLabel {
	var labels []axisLabel
	year := ""
	for _, i := range labelled(len(b.starts)) {
		t := b.starts[i]
		l := axisLabel{X: share(float64(i), float64(len(b.starts))), Year: t.Format("2006")}
		switch b.name {
		case "day", "week":
			l.Text = t.Format("2 Jan")
		case "month":
			l.Text = t.Format("Jan")
		default:
			l.Text, l.Year = l.Year, ""
		}
		if l.Year == year {
			l.Year = ""
		} else {
			year = l.Year
		}
		labels = append(labels, l)
	}
	return labels
}

const runHeight = 56

// runChart is a number of each run, oldest first.
type runChart struct {
	ID     string
	Title  string
	Desc   string
	Height int
	Most   string
	Bars   []bar
}

type runValue struct {
	label string
	value float64
	text  string
	open  bool // the run is not finished
}

// newRunChart returns a chart of one value for each run. It is at least as wide as twelve bars, so that the first few
// runs are not drawn as walls, and each bar has at least two pixels.
func newRunChart(id, title string, values []runValue) runChart {
	chart := runChart{ID: id, Title: title, Height: runHeight}
	most := 0
	for i, v := range values {
		if v.value > values[most].value {
			most = i
		}
	}
	for i, v := range values {
		x, w := slot{i, max(len(values), 12)}.span()
		height := 2.0
		if top := values[most].value; top > 0 && v.value > 0 {
			height = max(2, v.value/top*runHeight)
		}
		class := "run"
		if v.open {
			class = "run open"
		}
		chart.Bars = append(chart.Bars, bar{v.label + ": " + v.text, []rect{{class, x, trim(runHeight - height), w, trim(height)}}})
	}
	if len(values) > 0 {
		chart.Most = values[most].text
		chart.Desc = fmt.Sprintf("Bars, one for each of %s, oldest first. The highest is %s: %s.",
			counted(len(values), "run", "runs"), values[most].text, values[most].label)
	}
	return chart
}

// heatMap shows activities by weekday and hour.
type heatMap struct {
	Days  []heatRow
	Hours []string // sums
	Total string
	Desc  string
	Steps []int // of the legend
	Most  string
}

type heatRow struct {
	Name  string
	Cells []heatCell
	Sum   string
}

type heatCell struct {
	Level int
	Count string
}

const heatSteps = 8

// heatMap computes the heat map. The level of a cell is the root of its share in the fullest one, so that an hour in which a
// mailing went out does not make all others look alike; a cell with any activity has at
// least the first level.
func (c *contents) heatMap() heatMap {
	var most int64
	var hours [24]int64
	h := heatMap{}
	for _, row := range c.hours {
		most = max(most, slices.Max(row[:]))
	}
	for d, row := range c.hours {
		r := heatRow{Name: time.Weekday((d + 1) % 7).String()}
		var sum int64
		for hour, n := range row {
			level := 0
			if n > 0 {
				level = int(math.Ceil(math.Sqrt(float64(n)/float64(most)) * heatSteps))
			}
			r.Cells = append(r.Cells, heatCell{level, number(n)})
			sum += n
			hours[hour] += n
			if n == most && h.Desc == "" {
				h.Desc = fmt.Sprintf("Most happened on %ss from %d:00 to %d:59: %s.", r.Name, hour, hour, counted(n, "activity", "activities"))
			}
		}
		r.Sum = number(sum)
		h.Days = append(h.Days, r)
	}
	for _, n := range hours {
		h.Hours = append(h.Hours, number(n))
	}
	for level := range heatSteps + 1 {
		h.Steps = append(h.Steps, level)
	}
	h.Total, h.Most = number(c.totals.Activities), number(most)
	return h
}
