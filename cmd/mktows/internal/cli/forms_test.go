package cli

import (
	"encoding/csv"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

// formsOf returns the words that -o takes, by command. What -o is a file for is left out.
func formsOf(cmd *cobra.Command) map[string][]string {
	all := map[string][]string{}
	if flag := cmd.Flags().Lookup("output"); flag != nil {
		if format, ok := flag.Value.(*output.Format); ok {
			all[cmd.CommandPath()] = format.Allowed
		}
	}
	for _, sub := range cmd.Commands() {
		for path, forms := range formsOf(sub) {
			all[path] = forms
		}
	}
	return all
}

// TestForms_same: a command has the forms of lists, or it is one of the few whose result is no list.
func TestForms_same(t *testing.T) {
	t.Parallel()
	others := map[string]string{
		"campaign schedule": "table json", "doctor": "table json", "gateway check": "table json", "gateway compare": "table json",
		"gateway status": "table json", "lead merge": "table json", "list import": "table json", "list import-status": "table json",
		"sync plan": "table json", "sync status": "table json", "sync verify": "table json",
		"sync run": "table jsonl", "sign": "text json xml", "secure-access sign": "text json",
		"serve": "shell json", "gateway": "shell json", "secure-access serve": "shell json",
	}
	lists := 0
	for _, cmd := range commands(&console.Console{Getenv: environment{}.getenv}) {
		for path, forms := range formsOf(cmd) {
			want, other := others[path]
			if !other {
				want = "table json jsonl csv"
				lists++
			}
			if got := strings.Join(forms, " "); got != want {
				t.Errorf("%s: -o takes %s, want %s", path, got, want)
			}
		}
	}
	if lists < 15 {
		t.Errorf("%d lists, and there are more commands", lists)
	}
}

// TestForms_refused: a form that cannot be meant is refused by what can.
func TestForms_refused(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"sync status -o csv": "mktows: -o: this command prints one document, which has no form csv: use table or json\n",
		"sync run -o json":   "mktows: -o: this command prints one event after the other, which has no form json: use table or jsonl\n",
		"lead list -o xml":   "mktows: -o: \"xml\" is none of table, json, jsonl or csv\n",
	} {
		if r := run(t, nil, "", strings.Fields(command)...); r.code != exit.Usage || !strings.HasPrefix(r.stderr, want) {
			t.Errorf("%s: exit code %d, %s", command, r.code, r.stderr)
		}
	}
}

// listings are commands that print lists.
var listings = []string{
	"operations", "activity 318815 --demo", "lead get 318815 --demo", "lead list --list Newsletter --fields Company --demo",
	"list check Newsletter 318815 318816 --demo", "list add Newsletter 318816 --demo", "campaign list --demo", "program channels --demo",
	"program tags --demo", "object types --demo", "object get Opportunity --of Lead:318815 --demo", "changes --since 2015-11-01 --limit 3 --demo",
}

// TestForms_records: a list has as many records in each form, and its rows of CSV are as long as their header.
func TestForms_records(t *testing.T) {
	t.Parallel()
	for _, command := range listings {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			in := func(form string) string {
				r := run(t, nil, "", append(strings.Fields(command), "-o", form)...)
				if r.code != exit.OK {
					t.Fatalf("-o %s: exit code %d: %s", form, r.code, r.stderr)
				}
				return r.stdout
			}
			var docs []any
			if err := json.Unmarshal([]byte(in("json")), &docs); err != nil || len(docs) == 0 {
				t.Fatalf("json: %d records, %v", len(docs), err)
			}
			lines := slices.Collect(strings.Lines(in("jsonl")))
			rows, err := csv.NewReader(strings.NewReader(in("csv"))).ReadAll()
			if err != nil || len(rows) != len(docs)+1 || len(lines) != len(docs) || slices.Contains(rows[0], "") {
				t.Errorf("%d records in json, %d lines in jsonl, %d rows and %v in csv", len(docs), len(lines), len(rows), err)
			}
		})
	}
}

var (
	titles = regexp.MustCompile(`(?m)^ *[A-Z]{2}[A-Z ]*(  +[A-Z]{2}[A-Z ]*)+$`)
	key    = regexp.MustCompile(`"(\w+)":`)
)

// otherwise are the titles of columns that JSON has under another name: a table may show several members in one cell.
var otherwise = map[string]string{"TIME": "finished", "STATE": "alive", "ONLY": "types"}

// TestForms_names: what a table shows has the name in its title that it has in JSON.
func TestForms_names(t *testing.T) {
	t.Parallel()
	place := copiedLead(t)
	for _, command := range []string{
		"sync status --to " + place, "sync plan --to " + place + " --stream leads --since 2026-06-01 --demo", "campaign list --demo",
		"list add Newsletter 318815 --demo", "list check Newsletter 318816 --demo",
	} {
		t.Run(strings.Join(strings.Fields(command)[:2], " "), func(t *testing.T) {
			t.Parallel()
			table, doc := run(t, nil, "", strings.Fields(command)...), run(t, nil, "", append(strings.Fields(command), "-o", "json")...)
			known := map[string]bool{}
			for _, m := range key.FindAllStringSubmatch(doc.stdout, -1) {
				known[strings.ToLower(m[1])] = true
			}
			headers := titles.FindAllString(table.stdout, -1)
			if len(headers) == 0 {
				t.Fatalf("exit code %d, no table: %s%s", table.code, table.stdout, table.stderr)
			}
			for _, header := range headers {
				for _, title := range regexp.MustCompile(`  +`).Split(strings.TrimSpace(header), -1) {
					if !known[strings.ToLower(strings.ReplaceAll(title, " ", ""))] && !known[otherwise[title]] {
						t.Errorf("no member of JSON is called %s", title)
					}
				}
			}
		})
	}
}
