package activity

import (
	"cmp"
	"context"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

const activityLong = `Print the activities of a lead, newest first.

KEY is a lead id, an e-mail address, or TYPE:value with one of the types IDNUM, COOKIE, EMAIL,
LEADOWNEREMAIL, SFDCACCOUNTID, SFDCCONTACTID, SFDCLEADID, SFDCLEADOWNERID and SFDCOPPTYID.
If several leads share a key, the service picks one without saying so. After the activities a further
call therefore looks for the others, and a line on standard error names them. Keys of the types
IDNUM and COOKIE belong to one lead and cost no such call.

The forms of the output:

  table  for reading: values are cut to fit, and characters that a terminal would act on
         are shown as escapes such as \x1b
  json   one array, printed when all activities are there, or not at all
  jsonl  one JSON object to a line, written page by page
  csv    RFC 4180, with a header row and the attributes as JSON in the last column, written
         page by page; values are never changed, so some may begin with = or +, which
         spreadsheets take for formulas: import such columns as text

A JSON object has id (a number, or null: it is not a key), guid (the key; null from endpoints
up to 2_7), time, type, leadId, assetName, campaign and attributes, a list of name and
value in the service's order. If a command fails in the middle, jsonl and csv have printed
what came before, and the exit code tells.

--copy names a copy that "mktows sync" has made in SQLite or PostgreSQL. Where it covers the
question the activities come from there, as of its last run and without a call; otherwise the
service is asked. A line on standard error says which, and up to when or why. The copy has to
have the lead's beginning, the types that are asked for, and "Merge Leads" among them. Attributes
from a copy are in the order of their names.

With --demo the built-in simulator answers, in this process, over real HTTP and SOAP, and
with --rest over REST. It knows the leads 318815 to 318820; 318820 has a long history.

"mktows help time-zones" tells whose times are printed, "mktows help limits" what holds calls back.`

const activityExample = `  mktows activity 318815 --demo
  mktows activity lead@example.com --type "New Lead,Visit Webpage" -o json
  mktows activity 'COOKIE:id:000-AAA-000&token:_mch-example.com-1441400760000-10001'
  mktows activity 318820 --exclude VisitWebpage --limit 500 -o csv > activity.csv`

type activityFlags struct {
	settings.ConnectionFlags
	types, excluded []string
	output.FormFlags
	limit, pageSize int
	demo            bool
	copied, schema  string
	instance        string
	maxAge          time.Duration
}

// activityQuery is what the command line asks for, parsed and checked.
type activityQuery struct {
	key     operations.LeadKey
	options operations.ActivityOptions
	limit   int // 0: all
}

// Command makes "mktows activity".
func Command(a *console.Console) *cobra.Command {
	var f activityFlags
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
			return show(cmd.Context(), a, &f, q)
		},
	}
	fs := cmd.Flags()
	f.ConnectionFlags.Bind(fs)
	fs.StringSliceVar(&f.types, "type", nil, "only this `TYPE`; several by commas or by repeating the flag")
	settings.TypeValues(fs, "type")
	fs.StringSliceVar(&f.excluded, "exclude", nil, "all but this `TYPE`; not together with --type")
	settings.TypeValues(fs, "exclude")
	fs.IntVar(&f.limit, "limit", 0, "print at most `N` (default: all)")
	fs.IntVar(&f.pageSize, "page-size", 0, "ask for `N` at a time, 1 to 100 (default: the service's choice)")
	fs.BoolVar(&f.demo, "demo", false, "ask the built-in simulator instead of the service")
	f.FormFlags.Bind(fs)
	if a.Copy != nil {
		fs.StringVar(&f.copied, "copy", "", "answer from the copy at `PLACE`, where it covers the question")
		settings.FileValue(fs, "copy", "db", "sqlite")
		fs.StringVar(&f.schema, "schema", "", "`SCHEMA` of the PostgreSQL database that the copy is in (default: the search path)")
		fs.StringVar(&f.instance, "instance", "", "`NAME` by which the copy knows the instance (default: the endpoint's host)")
		fs.DurationVar(&f.maxAge, "max-age", 24*time.Hour, "`TIME` that the last run of the copy may be ago")
	}
	return cmd
}

// query parses the command line. Every error is a mistake in it.
func (f *activityFlags) query(args []string) (activityQuery, error) {
	if len(args) != 1 {
		return activityQuery{}, exit.Usagef("name one lead, such as 318815 or lead@example.com: got %s", output.Plural(len(args), "argument"))
	}
	key, err := settings.ParseKey("KEY", args[0])
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
	if q.options.Include, err = settings.ParseTypes("--type", f.types); err != nil {
		return q, err
	}
	q.options.Exclude, err = settings.ParseTypes("--exclude", f.excluded)
	return q, err
}

// check refuses flags that the service would refuse as well, so that such a mistake costs no call and is reported in
// terms of flags.
func (f *activityFlags) check() error {
	switch {
	case len(f.types) > 0 && len(f.excluded) > 0:
		return exit.Usagef("--type and --exclude cannot be used together: the service takes one of them")
	case f.schema != "" && f.copied == "":
		return exit.Usagef("--schema says where in a database the copy is: give --copy with the URL")
	case f.pageSize < 0 || f.pageSize > operations.MaxActivityBatch:
		return exit.Usagef("--page-size is %d: give a number from 1 to %d", f.pageSize, operations.MaxActivityBatch)
	}
	if err := settings.CheckLimit(f.limit); err != nil {
		return err
	}
	if err := f.FormFlags.Check(); err != nil {
		return err
	}
	return f.CheckDemo(f.demo)
}

// show prints the activities and, after them, warns if several leads share the key.
func show(ctx context.Context, a *console.Console, f *activityFlags, q activityQuery) error {
	called, stop, err := settings.OpenPort(ctx, a, &f.ConnectionFlags, f.demo)
	if err != nil {
		return err
	}
	defer stop()
	var port gen.Port = called
	if f.copied != "" {
		instance := cmp.Or(f.instance, a.Host)
		if f.demo {
			instance = demo.Instance
		}
		beside, done, err := a.Copy(ctx, a, &console.CopySettings{Port: port, Place: f.copied, Schema: f.schema, MaxAge: f.maxAge, Instance: instance})
		if err != nil {
			return err
		}
		defer done()
		port = beside
	}
	var picked int64
	pages := noteLead(operations.New(port).Activities.Pages(ctx, q.key, &q.options), &picked)
	err = output.Pages(pages, q.limit, output.NewListing(a.Stdout, &f.FormFlags, activityShape(q.key)))
	if err == nil {
		tellSharers(ctx, a, port, q.key, picked)
	}
	return err
}

type activityPages = iter.Seq2[operations.Page[operations.Activity], error]

// noteLead passes pages on unchanged and notes the id of the lead they belong to. The request names the lead by a
// key, and only the answer tells which lead the service took.
func noteLead(pages activityPages, lead *int64) activityPages {
	return func(yield func(operations.Page[operations.Activity], error) bool) {
		for page, err := range pages {
			if len(page.Items) > 0 {
				*lead = page.Items[0].LeadID
			}
			if !yield(page, err) {
				return
			}
		}
	}
}
