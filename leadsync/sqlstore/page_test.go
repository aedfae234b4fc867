package sqlstore_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL
	_ "modernc.org/sqlite"             // SQLite

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
)

var update = flag.Bool("update", false, "write the results on the page about SQL anew")

const sqlPage = "../../docs/sql.md"

// noon is when the copy of the page is made, long ago, as no run has read beyond the moment at which it began.
var noon = time.Date(2025, 11, 29, 12, 0, 0, 0, time.UTC)

// queried are the queries of the page with their results.
var queried = regexp.MustCompile("(?s)```sql\n(.*?)```\n\n```text\n(.*?)```\n")

// Each query of the page is run on SQLite and on PostgreSQL, on a copy of the same leads, and both give what is printed below it.
func TestPage(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(sqlPage)
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	if n := len(queried.FindAllString(page, -1)); n < 8 || n != strings.Count(page, "```sql") || n != strings.Count(page, "```text") {
		t.Fatalf("the page has %d queries with results, and other blocks", n)
	}
	for driver, open := range map[string]func(t *testing.T) string{
		"sqlite": func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "leads.db") },
		"pgx":    func(t *testing.T) string { t.Helper(); return pgtest.Database(t) },
	} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			db := copied(t, driver, open(t))
			text := queried.ReplaceAllStringFunc(page, func(found string) string {
				m := queried.FindStringSubmatch(found)
				got := printed(t, db, m[1])
				if got != m[2] && !*update {
					t.Errorf("%s\ngives\n%s\nand not\n%s", m[1], got, m[2])
				}
				return "```sql\n" + m[1] + "```\n\n```text\n" + got + "```\n"
			})
			if *update && driver == "sqlite" {
				if err := os.WriteFile(sqlPage, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// copied makes the copy that is asked: a week with two sendings, and a merge between two runs.
func copied(t *testing.T, driver, name string) *sql.DB {
	t.Helper()
	now := noon.Add(-time.Hour)
	sim := simulator.New(simulator.WithClock(func() time.Time { return now }))
	for _, lead := range seeded(t) {
		if _, err := sim.AddLead(lead); err != nil {
			t.Fatal(err)
		}
	}
	store, err := sqlstore.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	run := func() {
		_, err := leadsync.Run(t.Context(), &leadsync.Config{
			Port: sim, Store: store, Now: func(context.Context) (time.Time, error) { return now, nil },
			Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: noon.AddDate(0, 0, -14)}, {Name: leadsync.Leads, Since: noon.AddDate(0, 0, -14)}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	run()
	now = noon.Add(-30 * time.Minute)
	loser := []operations.LeadKey{operations.LeadID(105)}
	if _, err := operations.New(sim).Leads.Merge(t.Context(), operations.LeadID(101), loser, nil); err != nil {
		t.Fatal(err)
	}
	now = noon
	run()
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// history is what the leads of the copy have done: lead, time in November 2025, type, asset, campaign, and the value of an attribute.
var history = [][6]string{
	{"101", "17 09:00", "New Lead", "", "", "Source Type=Web form fillout"},
	{"102", "17 09:05", "New Lead", "", "", "Source Type=List import"},
	{"103", "17 09:05", "New Lead", "", "", "Source Type=List import"},
	{"104", "17 09:05", "New Lead", "", "", "Source Type=List import"},
	{"101", "18 15:00", "Send Email", "Autumn.Invitation", "Autumn.Send", ""},
	{"102", "18 15:00", "Send Email", "Autumn.Invitation", "Autumn.Send", ""},
	{"103", "18 15:00", "Send Email", "Autumn.Invitation", "Autumn.Send", ""},
	{"104", "18 15:00", "Send Email", "Autumn.Invitation", "Autumn.Send", ""},
	{"101", "18 15:20", "Open Email", "Autumn.Invitation", "Autumn.Send", ""},
	{"101", "18 16:40", "Open Email", "Autumn.Invitation", "Autumn.Send", ""},
	{"103", "19 07:10", "Open Email", "Autumn.Invitation", "Autumn.Send", ""},
	{"101", "24 15:00", "Send Email", "Autumn.Reminder", "Autumn.Remind", ""},
	{"102", "24 15:00", "Send Email", "Autumn.Reminder", "Autumn.Remind", ""},
	{"101", "24 15:31", "Open Email", "Autumn.Reminder", "Autumn.Remind", ""},
	{"101", "24 15:32", "Click Email", "Autumn.Reminder", "Autumn.Remind", "Link=https://www.example.com/pricing.html"},
	{"101", "24 15:32", "Visit Webpage", "Pricing", "", "Webpage URL=/pricing.html"},
	{"101", "24 15:40", "Fill Out Form", "Contact", "", "Webform ID=1455"},
	{"105", "25 08:00", "New Lead", "", "", "Source Type=Web form fillout"},
	{"103", "26 20:15", "Visit Webpage", "Welcome", "", "Webpage URL=/start.html"},
	{"103", "26 20:17", "Visit Webpage", "Pricing", "", "Webpage URL=/pricing.html"},
}

// seeded are the leads of the copy. The last one is a duplicate of the first.
func seeded(t *testing.T) []simulator.Lead {
	t.Helper()
	leads := []simulator.Lead{
		{ID: 101, Email: "ann@example.com", Fields: map[string]string{"Company": "Example Ltd", "LeadScore": "35"}},
		{ID: 102, Email: "bob@example.com", Fields: map[string]string{"Company": "Example Ltd", "LeadScore": "5"}},
		{ID: 103, Email: "cleo@example.com", Fields: map[string]string{"Company": "Sample Inc", "LeadScore": "20"}},
		{ID: 104, Email: "dan@example.com", Fields: map[string]string{"LeadScore": "0"}},
		{ID: 105, Email: "ann.private@example.com"},
	}
	for _, h := range history {
		at, err := time.Parse("2006-01-02 15:04", "2025-11-"+h[1])
		if err != nil {
			t.Fatal(err)
		}
		a := simulator.Activity{Time: simulator.At(at), Type: gen.ActivityType(h[2]), AssetName: h[3], Campaign: h[4]}
		if name, value, is := strings.Cut(h[5], "="); is {
			a.Attributes = []simulator.Attribute{{Name: name, Value: value}}
		}
		for i := range leads {
			if strconv.FormatInt(leads[i].ID, 10) == h[0] {
				leads[i].Activities = append(leads[i].Activities, a)
			}
		}
	}
	return leads
}

// printed runs a query and returns its rows as a table.
func printed(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Errorf("%v\n%s", err, query)
		return ""
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	table := [][]string{names}
	for rows.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		cells := make([]string, len(names))
		for i, v := range values {
			cells[i] = cell(v)
		}
		table = append(table, cells)
	}
	if err := rows.Err(); err != nil {
		t.Errorf("%v\n%s", err, query)
	}
	return aligned(table)
}

// cell writes a value the same from either database.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case []byte:
		return string(v)
	}
	return fmt.Sprint(v)
}

// aligned puts the cells of a table below each other.
func aligned(table [][]string) string {
	widths := make([]int, len(table[0]))
	for _, row := range table {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	for _, row := range table {
		var line strings.Builder
		for i, c := range row {
			fmt.Fprintf(&line, "%-*s  ", widths[i], c)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}
