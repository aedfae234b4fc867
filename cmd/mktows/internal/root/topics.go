package root

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/operations"
)

// helpTopics are commands that do nothing: cobra lists them as topics for help.
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "settings", Short: "Where settings come from", Long: settings.Help},
		{Use: "profiles", Short: "Settings of several instances, each under a name", Long: settings.ProfilesHelp},
		{Use: "exit-codes", Short: "What the exit codes mean", Long: exit.Help},
		{Use: "output", Short: "Forms of output, and how tables fit", Long: outputHelp},
		{Use: "time-zones", Short: "Times that you give, and times that are printed", Long: timesHelp},
		{Use: "positions", Short: "How lists are read on, page by page and run by run", Long: positionsHelp},
		{Use: "limits", Short: "Limits of the service, and what keeps them", Long: limitsHelp()},
		{Use: "activity-types", Short: "The values of --type and --exclude", Long: activityTypesHelp()},
	}
}

const outputHelp = `-o chooses the form of the output. Every command that prints a list has these four:

  table  for reading, and the default
  json   one document, printed when all is there, or not at all
  jsonl  one JSON object to a line, as it comes
  csv    RFC 4180, with a header row, as it comes; what is a list or an object in JSON is JSON in
         its cell. Values are never changed, so some may begin with =, +, - or @, which
         spreadsheets take for formulas: import such columns as text

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
from 40 to 250 columns. A text that is cut ends in an …; numbers and times are never cut, and where a
row does not fit it becomes a block, a line for each column. In a pipe or a file nothing is cut. --width sets the width for both. What a table shows may change with a
release, the names in json, jsonl and csv do not: let programs read those.

The program has no query language of its own. jq reads what it prints:

  mktows activity 318815 --demo -o jsonl | jq -r 'select(.type == "New Lead") | .time'
  mktows lead get 318815 --demo -o json | jq '.[0].attributes[] | select(.name == "Company")'

Nothing is coloured, so NO_COLOR has nothing to turn off.`

const timesHelp = `A time that you give has its offset from UTC, as in 2017-03-09T17:40:00-08:00 or, in UTC,
2017-03-09T17:40:00Z. A date such as 2017-03-09 stands for midnight UTC, where a flag takes one. There
is no form without an offset: your zone, that of the instance and that of the service differ.

What is printed:

  activity, changes   as the service has it: the clock of US Central, -06:00 in winter and -05:00
                      in summer, and over REST the same
  sync, report        UTC
  copies              occurred_at is UTC, occurred_local the time as the service gave it

Values of fields are printed as they come, and many of them have no offset.

The service's day, by which it counts calls, turns at midnight US Central: 06:00 UTC in winter, 05:00
in summer.`

const positionsHelp = `The service gives lists in pages, and with each page a position: where the next one begins. In SOAP
that is newStartPosition, over REST nextPageToken. Commands follow it by themselves: --page-size is
how much a page has, --limit how much is printed, and no command takes a position.

To go on another day, "mktows sync run" keeps the position in the copy, in the transaction that writes
the rows, so that nothing is lost or there twice, and reads the last two hours again for what the
service stored late. "mktows changes --since TIME" is for a look: begun at the time of the last record
that you have, it prints that one again, and what was stored late is missed.

With "mktows call" you send positions by hand: put newStartPosition of the answer into the next request
as startPosition, whole and unchanged, while remainingCount is not 0. A position belongs to its
request: with another lead, filter or user it means nothing.

A Go program has operations.Cursor, which can be saved as text.`

// limitsHelp takes the numbers from package limits, by which calls are held back.
func limitsHelp() string {
	soap, rest, own := limits.SOAP(), limits.REST(), limits.Advised()
	return fmt.Sprintf(`The service counts the calls of all programs that use an instance together:

  SOAP  %d calls in %.0f seconds, %d at the same time, %d a day
  REST  %d calls in %.0f seconds, %d at the same time, %d a day

Your contract may say another number a day. The day turns at midnight US Central.

A command waits for its turn rather than exceed a limit. It knows of its own calls alone: over SOAP it
keeps to all that is allowed, over REST to %d calls in %.0f seconds and %d at the same time, which leaves
room for others. A call that the service refuses all the same is sent again a few times, except when
the day's calls are used up. Exit code 6 is for a limit that stays.

"mktows sync" counts in the database of the copy, for all workers together, the day too: --daily-quota
is how many calls the day has, --reserve how many are left to others, and --no-wait fails where it
would wait for the next day. Copies in several files, databases or schemas do not count together.

A request has limits of its own: %d activities in a page of a lead's, %d changes, %d leads;
%d keys of leads; a range of up to %d days where leads are chosen by their last change.`,
		soap.Calls, soap.Per.Seconds(), soap.Concurrent, soap.Daily, rest.Calls, rest.Per.Seconds(), rest.Concurrent, rest.Daily,
		own.Calls, own.Per.Seconds(), own.Concurrent, operations.MaxActivityBatch, operations.MaxChangeBatch, operations.MaxLeadBatch,
		operations.MaxSelectorKeys, int(operations.MaxUpdatedRange.Hours())/24)
}

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
