package bridge_test

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/bridge"
)

var update = flag.Bool("update", false, "write the tables of docs/rest.md anew")

// The tables of the page are those of the code.
func TestPage(t *testing.T) {
	t.Parallel()
	const name = "../docs/rest.md"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	for mark, table := range map[string]string{"costs": costs(), "differences": differences()} {
		if page, err = replaced(page, mark, table); err != nil {
			t.Fatal(err)
		}
	}
	if page == string(data) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the code says: write its tables with go test ./bridge -run TestPage -update", name)
	}
	if err := os.WriteFile(name, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
}

// replaced puts a table between a mark and the end of its part.
func replaced(page, mark, table string) (string, error) {
	before, rest, found := strings.Cut(page, "<!-- "+mark+":")
	head, rest, closed := strings.Cut(rest, "-->\n")
	_, after, ended := strings.Cut(rest, "<!-- end -->\n")
	if !found || !closed || !ended {
		return "", fmt.Errorf("the page has no part %s", mark)
	}
	return before + "<!-- " + mark + ":" + head + "-->\n\n" + table + "\n<!-- end -->\n" + after, nil
}

// row is a line of a table.
func row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

func costs() string {
	text := row("operation", "verdict", "calls", "plus", "permissions") + row("---", "---", "---", "---", "---")
	for _, op := range bridge.Operations() {
		var needs []string
		for _, p := range op.Permissions {
			if p.For != "" {
				p.Name += " (" + p.For + ")"
			}
			needs = append(needs, p.Name)
		}
		text += row(op.Name, op.Verdict(), strconv.Itoa(op.Calls), op.Cost, strings.Join(needs, ", "))
	}
	return text
}

// differences has a line for each difference, with all operations that have it.
func differences() string {
	var order []string
	names := make(map[string][]string)
	for _, op := range bridge.Operations() {
		for _, d := range op.Differences {
			if d.Fault != 0 {
				d.Instead = strconv.Itoa(int(d.Fault))
			}
			line := row(d.What, d.Instead, d.Why, d.Advice)
			if names[line] == nil {
				order = append(order, line)
			}
			names[line] = append(names[line], op.Name)
		}
	}
	text := row("operation", "what", "instead", "why", "what to do") + row("---", "---", "---", "---", "---")
	for _, line := range order {
		text += "| " + strings.Join(names[line], ", ") + " " + line
	}
	return text
}
