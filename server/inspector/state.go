package inspector

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// section is a part of the data that is shown as a table.
type section struct {
	Name, Title string   // Name is its path at the administration
	Rows        string   // the member of the answer that has them
	Columns     []column // of the table
	IsSearched  bool     // the administration searches in it
	One         *single  // what there is of one of them; nil: nothing
}

// single is a record of a section with the rows that belong to it.
type single struct {
	Path    string // at the administration
	Facts   string // the member of the answer that has the record; empty: none
	Title   string // of the rows
	Rows    string
	Columns []column
}

// column is one of a table.
type column struct {
	Member, Title string
	Link          string // what an address begins with to which the value belongs; empty: none
	IsNumber      bool
}

func text(member, title string) column   { return column{Member: member, Title: title} }
func number(member, title string) column { return column{Member: member, Title: title, IsNumber: true} }
func linked(member, title, link string) column {
	return column{Member: member, Title: title, Link: link}
}

var sections = []section{
	{Name: "leads", Title: "Leads", Rows: "leads", IsSearched: true,
		Columns: []column{linked("id", "Lead", "/ui/leads/"), text("email", "Email"), text("fields", "Fields"), text("workspace", "Workspace"), text("updated", "Updated")},
		One:     &single{Path: "/leads/{id}", Facts: "lead", Title: "Timeline", Rows: "activities"}},
	{Name: "lists", Title: "Lists", Rows: "lists",
		Columns: []column{linked("id", "List", "/ui/lists/"), text("name", "Name"), text("program", "Program"), number("members", "Members"), text("updated", "Updated")},
		One:     &single{Path: "/lists/{id}", Facts: "list", Title: "Members", Rows: "members", Columns: []column{linked("", "Lead", "/ui/leads/")}}},
	{Name: "campaigns", Title: "Campaigns", Rows: "campaigns",
		Columns: []column{linked("id", "Campaign", "/ui/campaigns/"), text("name", "Name"), text("program", "Program"), text("sources", "Sources"), text("inactive", "Inactive"), text("updated", "Updated")},
		One: &single{Path: "/campaigns/{id}", Facts: "campaign", Title: "Runs", Rows: "runs",
			Columns: []column{text("time", "Time"), text("source", "Source"), number("leads", "Leads"), text("tokens", "Tokens"), text("cloned", "Cloned")}}},
	{Name: "programs", Title: "Programs", Rows: "programs",
		Columns: []column{text("id", "Program"), text("name", "Name"), text("type", "Type"), text("workspace", "Workspace"), text("tags", "Tags"), text("tokens", "Tokens"), text("updated", "Updated")}},
	{Name: "objects", Title: "Objects", Rows: "types",
		Columns: []column{linked("name", "Type", "/ui/objects/"), text("custom", "Custom"), number("records", "Records")},
		One: &single{Path: "/objects/{type}", Title: "Records", Rows: "records",
			Columns: []column{text("id", "Record"), text("keys", "Keys"), linked("leadId", "Lead", "/ui/leads/"), text("opportunityId", "Opportunity"), text("attributes", "Attributes"), text("updated", "Updated")}}},
	{Name: "jobs", Title: "Jobs", Rows: "jobs",
		Columns: []column{text("kind", "Kind"), text("id", "Job"), text("object", "Object"), text("status", "Status"), number("records", "Records"), number("failed", "Failed"), text("created", "Created"), text("finished", "Finished")}},
}

// cell is one of a table.
type cell struct {
	Text     string
	Link     string // empty: none
	Pairs    []pair // names and values in place of a text
	IsNumber bool
}

// pair is a name with a value.
type pair struct{ Name, Value string }

// table is what a template shows of rows.
type table struct {
	Caption string
	Columns []column
	Rows    [][]cell
	Total   int
	Next    string // address of the rows that follow; empty: there are none
	IsFirst bool
}

// statePage is a page of a section, or of one of its records.
type statePage struct {
	frame

	Section  *section
	Search   string
	Facts    []fact
	Table    table
	Timeline []day // of a lead
	Lists    []pair
	Up       string // address of the section; empty: this is it
}

// fact is what is known of a record.
type fact struct {
	Name string
	cell
}

// newTable takes rows, and what belongs to them, out of an answer.
func newTable(r *http.Request, answer map[string]any, caption, rows string, columns []column) table {
	t := table{Caption: caption, Columns: columns, IsFirst: r.URL.Query().Get("from") == ""}
	list, _ := answer[rows].([]any)
	for _, row := range list {
		var cells []cell
		for _, c := range columns {
			cells = append(cells, c.cell(row))
		}
		t.Rows = append(t.Rows, cells)
	}
	if next, _ := answer["next"].(string); next != "" {
		t.Next = "/ui" + next
	}
	if n, ok := answer["total"].(json.Number); ok {
		total, _ := n.Int64() // it is one
		t.Total = int(total)
	}
	return t
}

// cell is the cell of a row.
func (c *column) cell(row any) cell {
	value := row
	if record, ok := row.(map[string]any); ok {
		value = record[c.Member]
	}
	out := newCell(value)
	out.IsNumber = c.IsNumber
	if c.Link != "" && out.Text != "" {
		out.Link = c.Link + url.PathEscape(out.Text)
	}
	return out
}

// newCell shows a value of JSON.
func newCell(value any) cell {
	switch v := value.(type) {
	case nil:
	case string:
		return cell{Text: timeText(v)}
	case bool:
		if v {
			return cell{Text: "yes"}
		}
	case map[string]any:
		var out cell
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out.Pairs = append(out.Pairs, pair{name, newCell(v[name]).plain()})
		}
		return out
	case []any:
		var out cell
		var texts []string
		for _, one := range v {
			if p, ok := pairOf(one); ok {
				out.Pairs = append(out.Pairs, p)
			} else {
				texts = append(texts, newCell(one).plain())
			}
		}
		out.Text = strings.Join(texts, ", ")
		return out
	default:
		return cell{Text: fmt.Sprint(v)}
	}
	return cell{}
}

// pairOf returns an object of two members that name something and tell its value.
func pairOf(value any) (pair, bool) {
	record, ok := value.(map[string]any)
	if !ok {
		return pair{}, false
	}
	for _, names := range [][2]string{{"name", "value"}, {"type", "value"}, {"system", "id"}} {
		name, isNamed := record[names[0]].(string)
		if value, ok := record[names[1]].(string); isNamed && ok {
			return pair{name, value}, true
		}
	}
	return pair{}, false
}

// plain is a cell as one text.
func (c cell) plain() string {
	texts := []string{}
	if c.Text != "" {
		texts = append(texts, c.Text)
	}
	for _, p := range c.Pairs {
		texts = append(texts, p.Name+": "+p.Value)
	}
	return strings.Join(texts, ", ")
}

// timeText makes a time of the service easier to read, and leaves other texts alone.
func timeText(text string) string {
	if len(text) > len("2006-01-02T15:04:05") && len(text) < 40 && text[4] == '-' && text[10] == 'T' && text[13] == ':' {
		return text[:10] + " " + text[11:]
	}
	return text
}

// getSection returns what shows a section.
func (i *inspector) getSection(s *section) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := statePage{frame: i.frame(r, s.Title, s.Name), Section: s}
		query := chosen(r.URL.Query(), "from")
		if s.IsSearched {
			query = chosen(r.URL.Query(), "from", "text")
			p.Search = query.Get("text")
		}
		var answer map[string]any
		if err := i.ask(r, http.MethodGet, address("/"+s.Name, query), nil, &answer); err != nil {
			return err
		}
		p.Table = newTable(r, answer, s.Title, s.Rows, s.Columns)
		return show(w, http.StatusOK, "section.html", p)
	}
}

// getOne returns what shows one record of a section.
func (i *inspector) getOne(s *section) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("id")
		var answer map[string]any
		if err := i.ask(r, http.MethodGet, address("/"+s.Name+"/"+url.PathEscape(id), chosen(r.URL.Query(), "from")), nil, &answer); err != nil {
			return err
		}
		title := strings.TrimSuffix(s.Title, "s") + " " + id
		if s.Name == "objects" {
			title = "Objects of the type " + id
		}
		p := statePage{frame: i.frame(r, title, s.Name), Section: s, Up: "/ui/" + s.Name}
		record, _ := answer[s.One.Facts].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(record)) {
			p.Facts = append(p.Facts, fact{name, newCell(record[name])})
		}
		p.Table = newTable(r, answer, s.One.Title, s.One.Rows, s.One.Columns)
		if s.Name == "leads" {
			p.Timeline, p.Lists = timeline(answer), listsOf(answer)
		}
		return show(w, http.StatusOK, "one.html", p)
	}
}

// day is a day of a lead's timeline.
type day struct {
	Date  string
	Items []activity
}

// activity is an activity of a lead.
type activity struct {
	ID, Time, Type, Asset, Campaign string
	Details                         []pair
}

// timeline returns the activities of a lead by day, newest first.
func timeline(answer map[string]any) (days []day) {
	list, _ := answer["activities"].([]any)
	for _, one := range list {
		record, _ := one.(map[string]any)
		member := func(name string) string { return newCell(record[name]).plain() }
		date, clock, _ := strings.Cut(member("time"), " ")
		if len(days) == 0 || days[len(days)-1].Date != date {
			days = append(days, day{Date: date})
		}
		last := &days[len(days)-1]
		last.Items = append(last.Items, activity{
			ID: member("id"), Time: clock, Type: member("type"), Asset: member("assetName"), Campaign: member("campaign"), Details: newCell(record["attributes"]).Pairs,
		})
	}
	return days
}

// listsOf are the static lists of a lead, by name and id.
func listsOf(answer map[string]any) (lists []pair) {
	list, _ := answer["lists"].([]any)
	for _, one := range list {
		record, _ := one.(map[string]any)
		lists = append(lists, pair{newCell(record["name"]).plain(), newCell(record["id"]).plain()})
	}
	return lists
}
