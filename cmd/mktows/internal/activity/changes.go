package activity

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/operations"
)

const changesLong = `Print activities and changes of field values of all leads, or of some, oldest first.

A change of a field's value has the type "Change Data Value". With --lead or --list only those
leads count; --lead can be repeated for keys of one type. The forms of the output and their
fields are those of "mktows activity".

--type takes the name of every activity that the instance has, those that a customer defined
too. --exclude takes those of "mktows help activity-types" only: the service's filter has no
value for others.

"mktows help time-zones" is about --since, --until and what is printed, "mktows help positions" about
going on where a run ended, "mktows help limits" about the calls that it takes.`

const changesExample = `  mktows changes --since 2015-09-01 --demo
  mktows changes --since 2015-09-01 --until 2015-10-01 --type NewLead,ChangeDataValue -o jsonl
  mktows changes --since 2015-09-01T00:00:00-05:00 --lead 318815 --limit 50 -o csv`

type changesFlags struct {
	settings.RemoteFlags
	output.FormFlags
	since, until    string
	types, excluded []string
	leads           []string // keys
	list            string
	limit, pageSize int
}

// ChangesCommand makes "mktows changes".
func ChangesCommand(a *console.Console) *cobra.Command {
	var f changesFlags
	var since time.Time
	var o operations.ChangeOptions
	cmd := &cobra.Command{
		Use:     "changes",
		Short:   "Print what happened to many leads",
		Long:    changesLong,
		Example: changesExample,
		Args: settings.FlagsOnly(func() (err error) {
			since, o, err = f.query()
			return err
		}),
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings.HintNames(a, "--type", o.Names)
			return settings.WithAPI(cmd.Context(), a, &f.RemoteFlags, func(ctx context.Context, api *operations.API) error {
				return output.Pages(api.Changes.Pages(ctx, since, &o), f.limit, output.NewListing(a.Stdout, &f.FormFlags, changeShape()))
			})
		},
	}
	fs := cmd.Flags()
	f.RemoteFlags.Bind(fs)
	f.FormFlags.Bind(fs)
	fs.StringVar(&f.since, "since", "", "from this `TIME` on, such as 2017-03-09T17:40:00-08:00 or 2017-03-09; required")
	fs.StringVar(&f.until, "until", "", "until this `TIME` (default: the present)")
	fs.StringSliceVar(&f.types, "type", nil, "only this `TYPE`; several by commas or by repeating the flag")
	settings.TypeValues(fs, "type")
	fs.StringSliceVar(&f.excluded, "exclude", nil, "all but this `TYPE`; not together with --type")
	settings.TypeValues(fs, "exclude")
	fs.StringArrayVar(&f.leads, "lead", nil, "only the leads with this `KEY`; repeat the flag for more of one type")
	fs.StringVar(&f.list, "list", "", "only the leads on this static `LIST`, by name")
	fs.IntVar(&f.limit, "limit", 0, "print at most `N` (default: all)")
	fs.IntVar(&f.pageSize, "page-size", 0, "ask for `N` at a time, 1 to 1000 (default: the service's choice)")
	return cmd
}

// query parses the command line. Every error is a mistake in it.
func (f *changesFlags) query() (since time.Time, o operations.ChangeOptions, err error) {
	if err := f.check(); err != nil {
		return since, o, err
	}
	o.BatchSize = f.pageSize
	if o.BatchSize == 0 && f.limit < operations.MaxChangeBatch {
		o.BatchSize = f.limit // more would be fetched for nothing
	}
	if since, err = settings.ParseMoment("--since", f.since); err != nil {
		return since, o, err
	}
	if f.until != "" {
		if o.Until, err = settings.ParseUntil(f.until, "--since", since); err != nil {
			return since, o, err
		}
	}
	if err = f.chooseTypes(&o); err != nil {
		return since, o, err
	}
	if o.Exclude, err = settings.ParseTypes("--exclude", f.excluded); err != nil {
		return since, o, err
	}
	switch {
	case f.list != "":
		o.Leads = operations.InList(f.list)
	case len(f.leads) > 0:
		o.Leads, err = settings.ByKeys("--lead", f.leads)
	}
	return since, o, err
}

// chooseTypes sets the filter by type. The request has two: one by enumeration and one by name. The enumeration is
// preferred, as its values cannot be misspelt; if it lacks one of the types, all of them are asked for by name, since
// the two filters cannot be used together.
func (f *changesFlags) chooseTypes(o *operations.ChangeOptions) (err error) {
	if o.Include, err = settings.ParseTypes("--type", f.types); err != nil {
		o.Names, err = settings.ParseNames("--type", f.types)
	}
	return err
}

// check refuses flags that the service would refuse as well, in terms of flags. --since is required: the service
// wants to know where to begin, and a default of ours might mean reading years.
func (f *changesFlags) check() error {
	switch {
	case settings.IsBlank(f.since):
		return exit.Usagef("--since is missing: give a time such as 2017-03-09")
	case len(f.types) > 0 && len(f.excluded) > 0:
		return exit.Usagef("--type and --exclude cannot be used together: the service takes one of them")
	case f.list != "" && len(f.leads) > 0:
		return exit.Usagef("--lead and --list cannot be used together: the service takes one of them")
	case f.pageSize < 0 || f.pageSize > operations.MaxChangeBatch:
		return exit.Usagef("--page-size is %d: give a number from 1 to %d", f.pageSize, operations.MaxChangeBatch)
	}
	if err := settings.CheckLimit(f.limit); err != nil {
		return err
	}
	return f.FormFlags.Check()
}

// changeShape shows changes as "mktows activity" shows activities, with a column for the lead.
func changeShape() output.Shape[operations.Change] {
	activities := activityShape(operations.LeadKey{})
	return output.Shape[operations.Change]{
		Noun: "change", Nouns: "changes",
		Columns: []output.Column{
			{Title: "TIME", Whole: true}, {Title: "LEAD", Right: true}, {Title: "ID", Right: true}, {Title: "TYPE", Weight: 20},
			{Title: "ASSET", Weight: 15}, {Title: "CAMPAIGN", Weight: 14}, {Title: "DETAILS", Weight: 28},
		},
		Cells: func(c *operations.Change) []string {
			r := c.Activity()
			return []string{wireTime(&r), output.Number(r.LeadID), activityID(&r), r.Type, r.AssetName, r.Campaign, details(&r)}
		},
		Header: activities.Header,
		Row: func(c *operations.Change) []string {
			r := c.Activity()
			return activities.Row(&r)
		},
		Json: func(c *operations.Change) any {
			r := c.Activity()
			return activities.Json(&r)
		},
	}
}
