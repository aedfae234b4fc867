package lead

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/operations"
)

// Command makes "mktows lead" and what it groups.
func Command(a *console.Console) *cobra.Command {
	return settings.Group("lead", "Get, list, sync and merge leads", "",
		leadGetCommand(a), leadListCommand(a), leadSyncCommand(a), leadMergeCommand(a),
	)
}

const leadGetLong = `Print a lead with all fields that have a value.

` + settings.KeyHelp + `
Leads that share a key are all printed. No such lead: exit code 5.

A JSON document is an array of objects with id, email, foreignSysPersonId, foreignSysType and
attributes, a list of name, value and type.`

// leadGetCommand makes "mktows lead get". Several leads can share a key such as an e-mail address, so one key may
// print several.
func leadGetCommand(a *console.Console) *cobra.Command {
	var f settings.RemoteFlags
	var out output.FormFlags
	var key operations.LeadKey
	cmd := &cobra.Command{
		Use:     "get KEY",
		Short:   "Print a lead",
		Long:    leadGetLong,
		Example: "  mktows lead get 318815 --demo\n  mktows lead get lead@example.com -o json",
		Args: func(_ *cobra.Command, args []string) (err error) {
			if key, err = oneKey(args); err != nil {
				return err
			}
			return out.Check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return settings.WithAPI(cmd.Context(), a, &f, func(ctx context.Context, api *operations.API) error {
				leads, err := api.Leads.Find(ctx, key)
				if err != nil {
					return err
				}
				return writeLeads(a, leads, &out)
			})
		},
	}
	f.Bind(cmd.Flags())
	out.Bind(cmd.Flags())
	return cmd
}

// oneKey parses the arguments of a command that takes exactly one key.
func oneKey(args []string) (operations.LeadKey, error) {
	if len(args) != 1 {
		return operations.LeadKey{}, exit.Usagef("name one lead, such as 318815 or lead@example.com: got %s", output.Plural(len(args), "argument"))
	}
	return settings.ParseKey("KEY", args[0])
}

// writeLeads writes leads in one of the forms of lists, or each lead as a table with one row per field. A table with
// one row per lead would need a column for every field of the instance, which are often hundreds; CSV has them all.
func writeLeads(a *console.Console, leads []operations.Lead, f *output.FormFlags) error {
	if f.Format.Value != output.Table {
		return output.All(leads, output.NewListing(a.Stdout, f, leadShape(fieldsOf(leads))))
	}
	for i := range leads {
		if i > 0 {
			if err := output.Printf(a.Stdout, "\n"); err != nil {
				return err
			}
		}
		if err := writeLead(a, &leads[i], f.Width); err != nil {
			return err
		}
	}
	return nil
}

// fieldsOf returns the names of all attributes of leads, in the order in which they come.
func fieldsOf(leads []operations.Lead) []string {
	var names []string
	seen := map[string]bool{}
	for i := range leads {
		for _, at := range leads[i].Attributes {
			if !seen[at.Name] {
				seen[at.Name] = true
				names = append(names, at.Name)
			}
		}
	}
	return names
}

// writeLead writes the fields of one lead that have a value.
func writeLead(a *console.Console, l *operations.Lead, width int) error {
	name, value := output.Column{Title: "FIELD"}, output.Column{Title: "VALUE", Weight: 1}
	for _, at := range append(leadFields(l), l.Attributes...) {
		if at.Value != "" {
			name.Cells = append(name.Cells, output.Visible(at.Name))
			value.Cells = append(value.Cells, output.Fit(output.Visible(at.Value), width))
		}
	}
	return output.WriteTable(a.Stdout, width, []output.Column{name, value})
}

// leadFields returns what a lead has besides its attributes, under the names that the columns of an input have.
func leadFields(l *operations.Lead) operations.Attributes {
	return operations.Attributes{
		{Name: "Id", Value: output.Number(l.ID)}, {Name: "Email", Value: l.Email},
		{Name: "ForeignSysPersonId", Value: l.ForeignSysPersonID}, {Name: "ForeignSysType", Value: string(l.ForeignSysType)},
	}
}

const leadListLong = `Print many leads: those that have one of up to 100 keys of one type, those on a static list,
or those updated in a range of at most 30 days. Keys that no lead has are ignored.

With --fields only these fields are asked for, which is faster, and each is a column of the
table. csv needs --fields; its columns are those that "mktows lead sync" reads, and so is jsonl.
Values are never changed, so some may begin with = or +, which spreadsheets take for formulas:
import such columns as text.`

const leadListExample = `  mktows lead list --key EMAIL:lead@example.com --key EMAIL:contact@example.com --demo
  mktows lead list --list Newsletter --fields Company,LeadScore -o csv > leads.csv
  mktows lead list --updated-since 2015-09-01 --until 2015-09-15 -o jsonl`

type leadListFlags struct {
	settings.RemoteFlags
	output.FormFlags
	selectFlags
	fields          []string
	limit, pageSize int
}

// selectFlags choose leads, in one of the three ways that the operation getMultipleLeads offers.
type selectFlags struct {
	keys         []string
	list         string
	since, until string
}

// leadListCommand makes "mktows lead list".
func leadListCommand(a *console.Console) *cobra.Command {
	var f leadListFlags
	var selector operations.Selector
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Print leads by keys, list or time",
		Long:    leadListLong,
		Example: leadListExample,
		Args: settings.FlagsOnly(func() (err error) {
			if selector, err = f.selector(); err != nil {
				return err
			}
			return f.check()
		}),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return settings.WithAPI(cmd.Context(), a, &f.RemoteFlags, func(ctx context.Context, api *operations.API) error {
				pages := api.Leads.Pages(ctx, selector, &operations.LeadOptions{Fields: f.fields, BatchSize: f.batchSize()})
				return output.Pages(pages, f.limit, output.NewListing(a.Stdout, &f.FormFlags, leadShape(f.fields)))
			})
		},
	}
	fs := cmd.Flags()
	f.RemoteFlags.Bind(fs)
	f.FormFlags.Bind(fs)
	fs.StringArrayVar(&f.keys, "key", nil, "the leads with this `KEY`; repeat the flag for more of one type")
	fs.StringVar(&f.list, "list", "", "the leads on this static `LIST`, by name")
	fs.StringVar(&f.since, "updated-since", "", "the leads updated since this `TIME`, such as 2017-03-09T17:40:00-08:00 or 2017-03-09")
	fs.StringVar(&f.until, "until", "", "with --updated-since: and until this `TIME`")
	fs.StringSliceVar(&f.fields, "fields", nil, "only these `FIELDS`, by API names and with commas between")
	fs.IntVar(&f.limit, "limit", 0, "print at most `N` (default: all)")
	fs.IntVar(&f.pageSize, "page-size", 0, "ask for `N` at a time, 1 to 1000 (default: the service's choice)")
	return cmd
}

// check refuses flags that do not fit together. CSV needs --fields because its header is written before the first
// page: which fields the leads have is known only after the last.
func (f *leadListFlags) check() error {
	switch {
	case f.pageSize < 0 || f.pageSize > operations.MaxLeadBatch:
		return exit.Usagef("--page-size is %d: give a number from 1 to %d", f.pageSize, operations.MaxLeadBatch)
	case f.Format.Value == output.CSV && len(f.fields) == 0:
		return exit.Usagef("-o csv needs --fields: they are its columns")
	}
	if err := settings.CheckLimit(f.limit); err != nil {
		return err
	}
	return f.FormFlags.Check()
}

// batchSize returns how many leads to ask for per call; 0 leaves it to the service.
func (f *leadListFlags) batchSize() int {
	if f.pageSize == 0 && 0 < f.limit && f.limit < operations.MaxSelectorKeys {
		return f.limit // more would be fetched for nothing
	}
	return f.pageSize
}

// selector returns the selection that the flags describe. The request can hold only one of them.
func (f *selectFlags) selector() (operations.Selector, error) {
	given := 0
	for _, is := range []bool{len(f.keys) > 0, f.list != "", f.since != ""} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, exit.Usagef("give one of --key, --list and --updated-since")
	case f.until != "" && f.since == "":
		return nil, exit.Usagef("--until needs --updated-since")
	case f.list != "":
		return operations.InList(f.list), nil
	case f.since != "":
		return updated(f.since, f.until)
	}
	return settings.ByKeys("--key", f.keys)
}

// updated returns the selection by the time of the last update. The service refuses more than 30 days with fault
// 20022, and refusing it here costs no call and names the flag.
func updated(since, until string) (operations.Selector, error) {
	oldest, err := settings.ParseMoment("--updated-since", since)
	if err != nil {
		return nil, err
	}
	latest := time.Now()
	if until != "" {
		if latest, err = settings.ParseUntil(until, "--updated-since", oldest); err != nil {
			return nil, err
		}
	}
	if latest.Sub(oldest) > operations.MaxUpdatedRange {
		return nil, exit.Usagef("--updated-since: the service takes 30 days at once: give a later time, or an --until that is 30 days after it at most")
	}
	if until == "" {
		return operations.UpdatedSince(oldest), nil
	}
	return operations.UpdatedBetween(oldest, latest), nil
}

// leadShape describes leads in the formats of -o. With --fields, a table has a column for each field; without, one
// column for all.
func leadShape(fields []string) output.Shape[operations.Lead] {
	s := output.Shape[operations.Lead]{
		Noun: "lead", Nouns: "leads",
		Columns: []output.Column{{Title: "ID", Right: true}, {Title: "EMAIL", Weight: 30}, {Title: "FOREIGN ID", Weight: 20}},
		Header:  []string{"Id", "Email", "ForeignSysPersonId", "ForeignSysType"},
		Json:    func(l *operations.Lead) any { return output.NewLead(l) },
	}
	values := func(l *operations.Lead) []string { return []string{output.Pairs(l.Attributes)} }
	if len(fields) == 0 {
		s.Columns = append(s.Columns, output.Column{Title: "FIELDS", Weight: 60})
	} else {
		values = func(l *operations.Lead) []string { return fieldValues(l, fields) }
	}
	for _, name := range fields {
		s.Columns = append(s.Columns, output.Column{Title: output.Visible(name), Weight: 20})
		s.Header = append(s.Header, name)
	}
	s.Cells = func(l *operations.Lead) []string {
		foreign := strings.Trim(string(l.ForeignSysType)+":"+l.ForeignSysPersonID, ":")
		return append([]string{output.Number(l.ID), l.Email, foreign}, values(l)...)
	}
	s.Row = func(l *operations.Lead) []string {
		return append([]string{output.Number(l.ID), l.Email, l.ForeignSysPersonID, string(l.ForeignSysType)}, values(l)...)
	}
	return s
}

// fieldValues returns the values of the fields, "" for those that the lead does not have.
func fieldValues(l *operations.Lead, fields []string) []string {
	values := make([]string, len(fields))
	for i, name := range fields {
		values[i], _ = l.Attributes.Get(name)
	}
	return values
}

const leadMergeLong = `Merge leads: the losing ones into the winning one, after which they are gone. This cannot be
undone.

` + settings.KeyHelp + `
COOKIE is not taken. Each key must be that of one lead only: one that is not an id is looked up first,
with a call of getLead, and nothing is merged if several leads have it.`

type mergedJSON struct {
	WinnerID int64   `json:"winnerId"`
	LoserIDs []int64 `json:"loserIds"`
	Status   string  `json:"status"`
}

// leadMergeCommand makes "mktows lead merge". The service merges by ids only, so other keys are looked up first. In a
// dry run no look-up can be made, and only the requests of the look-ups can be shown.
func leadMergeCommand(a *console.Console) *cobra.Command {
	var f settings.WriteFlags
	var o operations.MergeOptions
	var keys []operations.LeadKey
	form := output.DocumentFormat()
	cmd := &cobra.Command{
		Use:     "merge WINNER LOSER...",
		Short:   "Merge leads into one",
		Long:    leadMergeLong,
		Example: "  mktows lead merge 318818 318819 --demo\n  mktows lead merge 318818 318819 --dry-run",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return exit.Usagef("name the winner and one or more losers: got %s", output.Plural(len(args), "argument"))
			}
			return parseMerge(args, &keys)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return settings.WithWriteAPI(cmd.Context(), a, &f, func(ctx context.Context, api *operations.API) error {
				if f.DryRun && slices.ContainsFunc(keys, isLookedUp) {
					return showLookUps(ctx, a, api, keys)
				}
				merged, err := api.Leads.Merge(ctx, keys[0], keys[1:], &o)
				if err != nil {
					return mergeProblem(err)
				}
				return writeMerged(a, &merged, form.Value)
			})
		},
	}
	f.Bind(cmd.Flags())
	form.Bind(cmd.Flags())
	cmd.Flags().BoolVar(&o.InSales, "in-sales", false, "merge in the connected sales system too")
	return cmd
}

// parseMerge parses WINNER LOSER… into keys, the winner first. It refuses a key that occurs twice: merging a lead
// into itself makes no sense, and the mistake is easier to see before the call.
func parseMerge(args []string, keys *[]operations.LeadKey) error {
	winner, err := settings.ParseKey("WINNER", args[0])
	if err != nil {
		return err
	}
	losers, err := settings.ParseKeys("LOSER", args[1:])
	if err != nil {
		return err
	}
	*keys = append([]operations.LeadKey{winner}, losers...)
	for i, key := range *keys {
		switch first := slices.Index(*keys, key); {
		case key.Type == operations.KeyCookie:
			return exit.Usagef("%s: a merge does not take COOKIE: name the lead by its id", mergeArgument(i))
		case first < i:
			return exit.Usagef("%s: %s is %s too: name a lead once", mergeArgument(i), key, mergeArgument(first))
		}
	}
	return nil
}

// mergeArgument returns the name that the help gives to the argument at an index.
func mergeArgument(i int) string {
	if i == 0 {
		return "WINNER"
	}
	return "LOSER " + strconv.Itoa(i)
}

// mergeProblem rewrites an error of a merge so that it names the argument on the command line: a key that several
// leads have, or none, is found only when it is looked up.
func mergeProblem(err error) error {
	var argument *operations.ArgumentError
	if !errors.As(err, &argument) {
		return refusedAsInput(err)
	}
	place := 0
	if step := argument.Path()[0]; step.Name == "losers" && step.Index >= 0 {
		place = step.Index + 1 // the winner is the first argument
	}
	return exit.Inputf("%s: %w", mergeArgument(place), argument.Err)
}

// isLookedUp reports whether the id for a key has to be asked for before the merge.
func isLookedUp(key operations.LeadKey) bool { return key.Type != operations.KeyID }

// showLookUps is the dry run of a merge for which ids would have to be looked up. It prints the requests of the
// look-ups and says that the merge itself cannot be shown.
func showLookUps(ctx context.Context, a *console.Console, api *operations.API, keys []operations.LeadKey) error {
	for _, key := range keys {
		if !isLookedUp(key) {
			continue
		}
		if _, err := api.Leads.Find(ctx, key); !errors.Is(err, settings.ErrNotSent) {
			return err
		}
	}
	a.Complain("after that mergeLeads would be sent, with the ids that these calls find: to see it, give ids as keys")
	return nil
}

// writeMerged prints the result of a merge.
func writeMerged(a *console.Console, m *operations.MergedLeads, form string) error {
	if form == output.JSON {
		return output.WriteJSON(a.Stdout, mergedJSON{m.WinnerID, append([]int64{}, m.LoserIDs...), string(m.Outcome)})
	}
	losers := make([]string, len(m.LoserIDs))
	for i, id := range m.LoserIDs {
		losers[i] = fmt.Sprint(id)
	}
	return output.Printf(a.Stdout, "%s: %s into %d\n", m.Outcome, strings.Join(losers, ", "), m.WinnerID)
}
