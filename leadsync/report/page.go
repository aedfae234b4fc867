package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	"time"
)

//go:embed page
var files embed.FS

// script is the only one that the page's policy lets run.
var script, scriptHash = readScript()

// readScript returns the script of the page and its hash. The page has a content security policy that lets only this
// script run, so that text from a form cannot become one.
func readScript() (js template.JS, hash string) {
	text, err := files.ReadFile("page/page.js")
	if err != nil {
		return "", "" // it is embedded
	}
	sum := sha256.Sum256(text)
	return template.JS(text), "sha256-" + base64.StdEncoding.EncodeToString(sum[:]) //nolint:gosec // our own file
}

var pageTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"number": number[int64],
}).ParseFS(files, "page/*.html", "page/*.css"))

// page is what the template shows. Its texts are ready to be read.
type page struct {
	Title, Name string
	Made        string
	Lede        string
	Health      health
	Figures     []figure
	Zones       string // of the times
	Script      template.JS
	ScriptHash  string

	Empty     bool
	Activity  activityChart
	Heat      heatMap
	Types     []typeRow
	MoreTypes int
	Leads     []leadRow
	Streams   []streamView
	Problems  []problemRow
	Records   recordsView
	Late      lateView
	Timelines []timelineView
}

type figure struct{ Label, Value, Note string }

// health is the sync in a few words.
type health struct {
	Class string // good, warn or bad
	Text  string
}

// newPage turns the contents into the texts that the template shows.
func newPage(c *contents) *page {
	p := &page{
		Title: clean(c.Title), Name: clean(c.name), Made: c.stamp(c.Now),
		Script: script, ScriptHash: scriptHash,
		Empty: c.totals.Activities == 0, Zones: c.zones(),
	}
	if p.Title == "" {
		p.Title = "Lead activity in " + p.Name
	}
	p.Health = c.health()
	p.Streams, p.Problems, p.Records = c.streamViews(), c.problemRows(), c.recordsView()
	p.Figures = c.figures()
	if p.Empty {
		return p
	}
	p.Lede = fmt.Sprintf("%s of %s, from %s to %s.",
		counted(c.totals.Activities, "activity", "activities"), counted(c.totals.ActiveLeads, "lead", "leads"),
		dateText(c.local(c.totals.First)), dateText(c.local(c.totals.Last)))
	p.Activity = c.activityChart()
	p.Heat = c.heatMap()
	p.Types, p.MoreTypes = c.typeRows()
	p.Leads = c.leadRows()
	p.Late = c.lateView()
	p.Timelines = c.timelineViews()
	return p
}

// stamp returns a time that has no offset of its own, with the offset that it is shown at.
func (c *contents) stamp(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	t = c.plain(t)
	return timeText(t) + " " + zoneOf(t)
}

// plainText is a stamp without the offset.
func (c *contents) plainText(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return timeText(c.plain(t))
}

// zones says in which zones the times of the page are. Activities have the offset that the service gave them, which
// changes with daylight saving time.
func (c *contents) zones() string {
	var names []string
	for _, offset := range c.offsets {
		names = append(names, zoneText(offset))
	}
	at := strings.Join(names, " and ")
	if len(names) > 4 {
		at = names[0] + " to " + names[len(names)-1]
	}
	if c.Location == time.UTC {
		return "All times are UTC."
	}
	if c.Location != nil {
		return "All times are those of " + c.Location.String() + "."
	}
	if len(names) == 0 {
		return "All times are UTC."
	}
	return fmt.Sprintf("Activities bear the local time that the service gave them (%s). All other times are at %s.",
		at, zoneOf(c.totals.Last))
}

// figures returns the numbers at the top of the page.
func (c *contents) figures() []figure {
	complete := figure{Label: "Complete up to", Value: "nothing yet"}
	if t := c.complete(); !t.IsZero() {
		complete.Value, complete.Note = dateText(c.plain(t)), c.plain(t).Format("15:04")+" "+zoneOf(c.plain(t))
	}
	late := figure{"Late rows", number(c.late()), percent(c.late(), c.totals.Activities) + " of all"}
	if c.totals.Activities == 0 {
		late.Note = ""
	}
	return []figure{
		{"Activities", number(c.totals.Activities), counted(int64(len(c.types)), "type", "types")},
		{"Active leads", number(c.totals.ActiveLeads), c.storedLeads()},
		complete,
		late,
	}
}

func (c *contents) storedLeads() string {
	text := counted(c.totals.Leads, "lead is stored", "leads are stored")
	if c.totals.Gone > 0 {
		text += ", " + number(c.totals.Gone) + " of them gone from the service"
	}
	return text
}

// health sums up the state of the copy in one sentence, the worst first.
func (c *contents) health() health {
	var failed, waiting int
	for _, s := range c.streams {
		failed += s.Failed
		waiting += s.Pending
	}
	switch {
	case len(c.streams) == 0:
		return health{"warn", "Nothing has been copied yet."}
	case failed > 0:
		return health{"bad", counted(failed, "window has", "windows have") + " failed. The next run begins with what failed."}
	case waiting > 0:
		return health{"warn", counted(waiting, "window is", "windows are") + " still to be copied."}
	case c.unreadable() > 0:
		return health{"warn", "All windows are copied, but for " + counted(c.unreadable(), "record that", "records that") + " could not be read."}
	}
	return health{"good", "All windows are copied."}
}

type typeRow struct {
	Color       int
	Name        string
	Count       string
	Share       string
	Width       string // of a bar, in percent
	Leads       string
	First, Last string
	Late        string
}

// typeRows returns the table of types, and how many are not shown.
func (c *contents) typeRows() (rows []typeRow, more int) {
	for i, t := range c.types {
		if i == maxTypes {
			return rows, len(c.types) - maxTypes
		}
		rows = append(rows, typeRow{
			Color: min(i, topTypes), Name: clean(t.Type), Count: number(t.Count),
			Share: percent(t.Count, c.totals.Activities), Width: width(t.Count, c.types[0].Count),
			Leads: number(t.leads), First: timeText(c.local(t.First)), Last: timeText(c.local(t.Last)), Late: number(t.Late),
		})
	}
	return rows, 0
}

// width is a share in percent for CSS and SVG.
func width(part, whole int64) string { return share(float64(part), float64(whole)) }

func share(part, whole float64) string {
	if whole == 0 {
		return "0"
	}
	return trim(part / whole * 100)
}

// trim writes a number with at most two decimals.
func trim(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", f), "0"), ".")
}

type leadRow struct {
	ID          int64
	Linked      bool // its timeline is on the page
	Email       string
	Count       string
	Parts       []part
	First, Last string
	Types       string
}

// part is a piece of a bar, in percent.
type part struct {
	Color    int
	X, Width string
}

// leadRows returns the table of the most active leads.
func (c *contents) leadRows() []leadRow {
	linked := map[int64]bool{}
	for _, t := range c.timelines {
		linked[t.lead.ID] = true
	}
	var rows []leadRow
	for _, l := range c.leads {
		rows = append(rows, leadRow{
			ID: l.ID, Linked: linked[l.ID], Email: clean(l.Email), Count: number(l.Count),
			Parts: c.parts(l, c.leads[0].Count),
			First: timeText(c.local(l.First)), Last: timeText(c.local(l.Last)), Types: mainTypes(l.Types),
		})
	}
	return rows
}

// parts returns the activities of a lead as a bar, in the colours and the order of the types.
func (c *contents) parts(l LeadCount, whole int64) []part {
	var counts [topTypes + 1]int64
	for _, g := range l.Types {
		counts[c.rank(g.Type)] += g.Count
	}
	var parts []part
	var x int64
	for color, n := range counts {
		if n > 0 {
			parts = append(parts, part{color, width(x, whole), width(n, whole)})
			x += n
		}
	}
	return parts
}

// mainTypes names the three most frequent types.
func mainTypes(types []Group) string {
	var names []string
	for i, g := range types {
		if i == 3 {
			names = append(names, counted(int64(len(types)-3), "other", "others"))
			break
		}
		names = append(names, clean(g.Type)+" "+number(g.Count))
	}
	return strings.Join(names, ", ")
}
