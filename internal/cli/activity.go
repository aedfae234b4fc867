package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

const activityLong = `Print the activities of a lead, newest first.

KEY is a lead id, an e-mail address, or TYPE:value with one of the types IDNUM, COOKIE, EMAIL,
LEADOWNEREMAIL, SFDCACCOUNTID, SFDCCONTACTID, SFDCLEADID, SFDCLEADOWNERID and SFDCOPPTYID.
Where several leads share a key, the service picks one, and does not say so: after the activities a
further call looks for the others, and a line on standard error names them. Keys of the types
IDNUM and COOKIE belong to one lead and cost no such call.

The forms of the output:

  table  for reading: values are cut to fit, and characters that a terminal would act on
         are shown as escapes such as \x1b
  json   one array, printed when all activities are there, or not at all
  jsonl  one JSON object to a line, written page by page
  csv    RFC 4180, with a header row and the attributes as JSON in the last column, written
         page by page; values are never changed, so some may begin with = or +, which
         spreadsheets take for formulas: import such columns as text

A JSON object has id (a number, or null: it is no key), guid (the key; null from endpoints
up to 2_7), time, type, leadId, assetName, campaign and attributes, a list of name and
value in the service's order. If a command fails in the middle, jsonl and csv have printed
what came before, and the exit code tells.

With --demo the built-in simulator answers, in this process, over real HTTP and SOAP. It
knows the leads 318815 to 318820; 318820 has a long history.`

const activityExample = `  mktows activity 318815 --demo
  mktows activity lead@example.com --type "New Lead,Visit Webpage" -o json
  mktows activity 'COOKIE:id:000-AAA-000&token:_mch-example.com-1441400760000-10001'
  mktows activity 318820 --exclude VisitWebpage --limit 500 -o csv > activity.csv`

type activityFlags struct {
	connectionFlags
	types, excluded []string
	limit, pageSize int
	width           int
	demo            bool
	format          *format
}

// activityQuery is what the command line asks for.
type activityQuery struct {
	key     operations.LeadKey
	options operations.ActivityOptions
	limit   int // 0: all
}

func (a *app) activityCommand() *cobra.Command {
	f := activityFlags{format: newFormat("table", "json", "jsonl", "csv")}
	var q activityQuery
	cmd := &cobra.Command{
		Use:     "activity KEY",
		Short:   "Print the activities of a lead",
		Long:    activityLong,
		Example: activityExample,
		Args: func(_ *cobra.Command, args []string) (err error) {
			q, err = f.query(args)
			return err
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.activity(cmd.Context(), &f, q)
		},
	}
	fs := cmd.Flags()
	f.bind(fs)
	fs.StringSliceVar(&f.types, "type", nil, "only this `TYPE`; several by commas or by repeating the flag")
	fs.StringSliceVar(&f.excluded, "exclude", nil, "all but this `TYPE`; not together with --type")
	fs.IntVar(&f.limit, "limit", 0, "print at most `N` (default: all)")
	fs.IntVar(&f.pageSize, "page-size", 0, "ask for `N` at a time, 1 to 100 (default: the service's choice)")
	fs.IntVar(&f.width, "width", 120, "let the table be `N` columns wide")
	fs.BoolVar(&f.demo, "demo", false, "ask the built-in simulator instead of the service")
	f.format.bind(fs)
	return cmd
}

// query makes a query of what was typed. Every error is a mistake in the command line.
func (f *activityFlags) query(args []string) (activityQuery, error) {
	if len(args) != 1 {
		return activityQuery{}, usagef("name one lead, such as 318815 or lead@example.com: got %d arguments", len(args))
	}
	key, err := parseKey("KEY", args[0])
	if err != nil {
		return activityQuery{}, err
	}
	q := activityQuery{key: key, limit: f.limit}
	if err := f.check(); err != nil {
		return q, err
	}
	q.options.BatchSize = f.pageSize
	if q.options.BatchSize == 0 && 0 < q.limit && q.limit < operations.MaxActivityBatch {
		q.options.BatchSize = q.limit // more would be fetched for nothing
	}
	if q.options.Include, err = parseTypes("--type", f.types); err != nil {
		return q, err
	}
	q.options.Exclude, err = parseTypes("--exclude", f.excluded)
	return q, err
}

func (f *activityFlags) check() error {
	switch {
	case len(f.types) > 0 && len(f.excluded) > 0:
		return usagef("--type and --exclude cannot be used together: the service takes one of them")
	case f.limit < 0:
		return usagef("--limit is %d: give a number greater than 0", f.limit)
	case f.pageSize < 0 || f.pageSize > operations.MaxActivityBatch:
		return usagef("--page-size is %d: give a number from 1 to %d", f.pageSize, operations.MaxActivityBatch)
	case f.width < minTableWidth:
		return usagef("--width is %d: give %d or more", f.width, minTableWidth)
	}
	return f.checkDemo(f.demo)
}

func (a *app) activity(ctx context.Context, f *activityFlags, q activityQuery) error {
	port, stop, err := a.port(ctx, &f.connectionFlags, f.demo)
	if err != nil {
		return err
	}
	defer stop()
	picked, err := fetchActivities(ctx, port, q, newActivityWriter(a.stdout, f.format.value, f.width))
	if err == nil {
		a.tellSharers(ctx, port, q.key, picked)
	}
	return err
}

// fetchActivities writes the pages as they come. What came before an error is written
// too, where the form of the output allows it. It returns the lead whose they are.
func fetchActivities(ctx context.Context, port gen.Port, q activityQuery, w activityWriter) (lead int64, failed error) {
	var done summary
	for page, err := range operations.New(port).Activities.Pages(ctx, q.key, &q.options) {
		if failed = err; err != nil {
			break
		}
		items := page.Items
		if q.limit > 0 && done.count+len(items) >= q.limit {
			items = items[:q.limit-done.count]
			done.more = page.More || len(items) < len(page.Items)
		}
		if err := w.page(items); err != nil {
			return lead, outputError(err)
		}
		if len(items) > 0 {
			lead = items[0].LeadID
		}
		if done.count += len(items); q.limit > 0 && done.count == q.limit {
			break
		}
	}
	done.failed = failed != nil
	done.key = q.key
	if err := w.end(done); err != nil && failed == nil {
		return lead, outputError(err)
	}
	return lead, failed
}

// summary is what there is to say at the end.
type summary struct {
	key    operations.LeadKey
	count  int
	more   bool // there are more, beyond --limit
	failed bool // the rest could not be had
}

// String is the line that closes a table.
func (s summary) String() string {
	line := fmt.Sprintf("%d activities of %s, newest first", s.count, visible(s.key.String()))
	switch s.count {
	case 1:
		line = fmt.Sprintf("1 activity of %s", visible(s.key.String()))
	case 0:
		line = fmt.Sprintf("no activities of %s", visible(s.key.String()))
	}
	switch {
	case s.failed:
		return line + "; the rest is missing"
	case s.more:
		return line + "; there are more"
	}
	return line
}
