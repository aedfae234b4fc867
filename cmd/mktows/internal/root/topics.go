package root

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/operations"
)

// helpTopics are commands that do nothing: cobra lists them as topics for help.
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "settings", Short: "Where settings come from", Long: settings.Help},
		{Use: "exit-codes", Short: "What the exit codes mean", Long: exit.Help},
		{Use: "output", Short: "Forms of output, and how tables fit", Long: outputHelp},
		{Use: "activity-types", Short: "The values of --type and --exclude", Long: activityTypesHelp()},
	}
}

const outputHelp = `-o chooses the form of the output. Every command that prints a list has these four:

  table  for reading, and the default
  json   one document, printed when all is there, or not at all
  jsonl  one JSON object to a line, as it comes
  csv    RFC 4180, with a header row, as it comes; what is a list or an object in JSON is JSON in
         its cell

Where the result is one document, there are table and json; "sync run", which tells what happens
as it happens, has table and jsonl. "sign" and "secure-access sign" print what they sign as text
or json, and servers how they are reached, as commands of a shell or as one line of json.

A number has one name wherever it is told, which is the title of a column in a table:

  seen, inserted, updated  rows: read from the service, new in the copy, written over there
  late, missing, gone      rows: stored late by the service; leads: not known to it, no longer there
  unreadable               records that could not be read
  windows, done, failed    parts of a run: all, those that are copied, those that failed
  calls                    calls of the service

A table fits the terminal: as wide as COLUMNS says or, if that is not set, as the terminal is,
from 40 to 250 columns. A text that is cut ends in an …; numbers are never cut. In a pipe or a
file nothing is cut. --width sets the width for both. What a table shows may change with a
release, the names in json, jsonl and csv do not: let programs read those.

The program has no query language of its own. jq reads what it prints:

  mktows activity 318815 --demo -o jsonl | jq -r 'select(.type == "New Lead") | .time'
  mktows lead get 318815 --demo -o json | jq '.[0].attributes[] | select(.name == "Company")'

Nothing is coloured, so NO_COLOR has nothing to turn off.`

const otherTypesHelp = `The service has more types, and customers define their own. With --type, "mktows changes" and
"mktows sync" take the name of any type, "mktows activity" the types above only; so does --exclude.`

// activityTypesHelp lists the types that the service's filter knows, from the same table that flags are checked
// against, so that the help cannot fall behind it.
func activityTypesHelp() string {
	var b strings.Builder
	b.WriteString("The types that the service's filter by type knows. Either spelling will do, in any letter case.\n\n")
	values := output.Column{Title: "VALUE"}
	names := output.Column{Title: "NAME"}
	for _, t := range operations.ActivityTypes() {
		values.Cells = append(values.Cells, "  "+string(t))
		names.Cells = append(names.Cells, t.Name())
	}
	values.Title = "  " + values.Title
	_ = output.WriteTable(&b, 0, []output.Column{values, names}) // a Builder takes everything
	b.WriteString("\n" + otherTypesHelp)
	return b.String()
}
