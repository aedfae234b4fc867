package report

import (
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/leadsync/store"
)

type streamView struct {
	Name     string
	Asks     string // types or fields
	Since    string
	Complete string
	Windows  []figure
	Counts   []figure
	Charts   []runChart
	Only     string // the one run that there is, in place of charts
	Runs     []runRow
}

type runRow struct {
	ID                                           int64
	Started, Duration, Upper, Windows            string
	Calls, Seen, Inserted, Updated, Late, Missed string
	Class, State, Error                          string
}

type problemRow struct {
	Stream, Range, Error string
}

func (c *contents) streamViews() []streamView {
	var views []streamView
	for _, s := range c.streams {
		views = append(views, c.streamView(s))
	}
	return views
}

// streamView computes the section about one stream.
func (c *contents) streamView(s Stream) streamView {
	v := streamView{
		Name: string(s.Name), Asks: asks(s.StreamStatus), Since: c.stamp(s.Since), Complete: "nothing yet",
		Windows: []figure{
			{"done", number(s.Done), "good"},
			{"pending", number(s.Pending), "warn"},
			{"failed", number(s.Failed), "bad"},
		},
		Counts: []figure{
			{"calls", number(s.Counts.Calls), ""},
			{"pages", number(s.Counts.Pages), ""},
			{"rows seen", number(s.Counts.Seen), ""},
			{"inserted", number(s.Counts.Inserted), ""},
			{"updated", number(s.Counts.Updated), ""},
			{"late", number(s.Counts.Late), ""},
		},
	}
	if s.Counts.Gone > 0 {
		v.Counts = append(v.Counts, figure{"leads found gone", number(s.Counts.Gone), ""})
	}
	if s.Unreadable > 0 {
		v.Counts = append(v.Counts, figure{"unreadable now", number(s.Unreadable), ""})
	}
	if s.Name == store.LeadActivity {
		v.Counts = append(v.Counts, figure{"unknown leads", number(s.Counts.Missing), ""})
	}
	if !s.Complete.IsZero() {
		v.Complete = c.stamp(s.Complete)
	}
	if len(s.Runs) == 1 {
		v.Only = c.onlyRun(&s.Runs[0])
	} else {
		v.Charts = c.runCharts(s)
	}
	for _, r := range s.Runs {
		v.Runs = append(v.Runs, c.runRow(r))
	}
	return v
}

// asks describes what a stream is limited to.
func asks(s store.StreamStatus) string {
	asked := store.Stream{Name: s.Name}
	if err := asked.ParseQuery(s.Query); err != nil {
		return clean(s.Query)
	}
	list, what := asked.Types, "types"
	if s.Name == store.Leads {
		list, what = asked.Fields, "fields"
	}
	if len(list) == 0 {
		return "all " + what
	}
	return clean(what + ": " + strings.Join(list, ", "))
}

// onlyRun tells of a run in words: one bar has nothing beside it that says whether it is high.
func (c *contents) onlyRun(r *store.RunStatus) string {
	begun := fmt.Sprintf("One run so far. It began on %s and has", c.stamp(r.Started))
	if !r.Finished.IsZero() {
		begun = fmt.Sprintf("One run so far, on %s. In %s it has", c.stamp(r.Started), durationText(r.Finished.Sub(r.Started)))
	}
	text := fmt.Sprintf("%s made %s, seen %s and inserted %s.", begun, counted(r.Counts.Calls, "call", "calls"),
		counted(r.Counts.Seen, "row", "rows"), number(r.Counts.Inserted))
	if r.Finished.IsZero() {
		text += fmt.Sprintf(" It is not finished: %s of %s done.", number(r.Done), counted(int64(r.Windows), "window is", "windows are"))
	}
	return text + " From the second run on, charts compare them."
}

// runCharts returns two charts of the latest runs, oldest first: how long they took and how many rows they inserted.
func (c *contents) runCharts(s Stream) []runChart {
	if len(s.Runs) == 0 {
		return nil
	}
	var durations, rows []runValue
	for i := len(s.Runs) - 1; i >= 0; i-- {
		r := s.Runs[i]
		label := fmt.Sprintf("run %d, %s", r.ID, c.plainText(r.Started))
		open := r.Finished.IsZero()
		took := runValue{label: label, text: "not finished", open: open}
		if !open {
			took.value, took.text = r.Finished.Sub(r.Started).Seconds(), durationText(r.Finished.Sub(r.Started))
		}
		durations = append(durations, took)
		rows = append(rows, runValue{label, float64(r.Counts.Inserted), number(r.Counts.Inserted), open})
	}
	id := "run-" + string(s.Name)
	return []runChart{
		newRunChart(id+"-time", "Duration of the latest runs", durations),
		newRunChart(id+"-rows", "Rows that they inserted", rows),
	}
}

// runRow returns the row of one run in the table.
func (c *contents) runRow(r store.RunStatus) runRow {
	row := runRow{
		ID: r.ID, Started: c.plainText(r.Started), Duration: "–", Upper: c.plainText(r.Upper),
		Windows: fmt.Sprintf("%s of %s", number(r.Done), number(r.Windows)),
		Calls:   number(r.Counts.Calls), Seen: number(r.Counts.Seen), Inserted: number(r.Counts.Inserted),
		Updated: number(r.Counts.Updated), Late: number(r.Counts.Late), Missed: number(r.Counts.Missing),
		Error: clean(r.Error),
	}
	switch {
	case !r.Finished.IsZero():
		row.Class, row.State = "good", "done"
		row.Duration = durationText(r.Finished.Sub(r.Started))
	case r.Failed > 0:
		row.Class, row.State = "bad", counted(r.Failed, "window failed", "windows failed")
	default:
		row.Class, row.State = "warn", "not finished"
	}
	return row
}

func (c *contents) problemRows() []problemRow {
	var rows []problemRow
	for _, w := range c.problems {
		rows = append(rows, problemRow{
			Stream: string(w.Stream), Range: c.plainText(w.From) + " – " + c.plainText(w.To), Error: clean(w.Error),
		})
	}
	return rows
}

// recordsView is empty where everything could be read.
type recordsView struct {
	Total string
	Rows  []recordRow
	More  string // that are not shown
}

type recordRow struct{ Stream, Found, Problem, Record string }

// maxRecord is how much of a record the page shows.
const maxRecord = 2000

func (c *contents) recordsView() recordsView {
	n := c.unreadable()
	if n == 0 {
		return recordsView{}
	}
	v := recordsView{Total: counted(n, "record", "records")}
	for i := range c.records {
		p := &c.records[i]
		v.Rows = append(v.Rows, recordRow{string(p.Stream), c.plainText(p.Found), clean(p.Text), shorten(clean(p.Record))})
	}
	if more := n - int64(len(v.Rows)); more > 0 {
		v.More = counted(more, "older one is", "older ones are")
	}
	return v
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > maxRecord {
		return string(runes[:maxRecord]) + "…"
	}
	return text
}

// lateView is empty where there are no late rows.
type lateView struct {
	Total string
	Types []figure
	Delay []figure
}

// lateView returns the section about late rows: of which types they are, and how late they came at most.
func (c *contents) lateView() lateView {
	if c.late() == 0 {
		return lateView{}
	}
	v := lateView{Total: counted(c.late(), "row came", "rows came")}
	for _, t := range c.types {
		if t.Late > 0 && len(v.Types) < maxTypes {
			v.Types = append(v.Types, figure{clean(t.Type), number(t.Late), percent(t.Late, t.Count)})
		}
	}
	for i, n := range c.delaysByClass() {
		v.Delay = append(v.Delay, figure{delayClasses[i].text, number(n), percent(n, c.late())})
	}
	return v
}
