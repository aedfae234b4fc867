package cli

import (
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// TestComplete asks as the scripts of "mktows completion" do. The last line of an answer is what shells are to do with
// it: 0 is to complete files, 4 not to, 8 files with these endings, 16 folders, and 2 not to add a space.
func TestComplete(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, line, want string }{
		{"forms of output", "activity 1 -o |", "table json jsonl csv :4"},
		{"forms of output, long", "lead get --output=|", "table json jsonl csv :4"},
		{"types", "activity 1 --type NewL|", "NewLead :6"},
		{"types after a comma", "changes --exclude NewLead,NewL|", ":6"},
		{"types of a copy", "sync run --type OpenE|", "OpenEmail :6"},
		{"streams", "sync run --stream |", "activities lead-activity leads :6"},
		{"streams after one", "sync verify --stream leads,|", "leads,activities leads,lead-activity :6"},
		{"a stream", "sync reset --stream |", "activities lead-activity leads :4"},
		{"sources of activities", "sync plan --source |", "bulk pages :4"},
		{"sources of campaigns", "campaign list --source |", "mktows sales :4"},
		{"forms of files", "sync run --format |", "jsonl jsonl.gz jsonl.zst csv csv.gz csv.zst parquet :4"},
		{"forms of input", "lead sync --format |", "csv jsonl :4"},
		{"operations", "object sync --operation |", "upsert insert update :4"},
		{"modes", "list import --mode |", "upsert list :4"},
		{"types of objects", "object get |", "Opportunity OpportunityPersonRole Program :4"},
		{"only one type", "object get Program |", ":4"},
		{"types that are described", "object describe L|", "LeadRecord :4"},
		{"a configuration", "gateway check |", "yaml yml :8"},
		{"a folder", "gateway compare |", ":16"},
		{"a file after a folder", "gateway compare x |", "yaml yml :8"},
		{"a file after a type", "custom sync Device |", "csv jsonl :8"},
		{"a type of the customer", "custom sync |", ":4"},
		{"a scenario", "serve --scenario |", "json :8"},
		{"a file of keys", "list add L --from |", ":0"},
		{"a copy", "sync status --to |", ":0"},
		{"no file", "lead get |", ":4"},
		{"no file as a value", "changes --since |", ":4"},
		{"topics", "help exit|", "exit-codes :4"},
		{"help of commands", "help sync re|", "reset :4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			args := strings.Split(strings.TrimSuffix(test.line, "|"), " ")
			r := run(t, nil, "", append([]string{"__completeNoDesc"}, args...)...)
			if got := strings.Join(strings.Fields(r.stdout), " "); got != test.want || r.code != exit.OK {
				t.Errorf("%s%q, want %q (exit code %d)", test.line, got, test.want, r.code)
			}
		})
	}
}
