package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/operations"
)

const keyHelp = `KEY is a lead id, an e-mail address, or TYPE:value with one of the types IDNUM, COOKIE, EMAIL,
LEADOWNEREMAIL, SFDCACCOUNTID, SFDCCONTACTID, SFDCLEADID, SFDCLEADOWNERID and SFDCOPPTYID.`

func (a *app) leadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lead",
		Short: "Get, list, sync and merge leads",
		Args:  cobra.ArbitraryArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(a.leadGetCommand(), a.leadListCommand(), a.leadSyncCommand(), a.leadMergeCommand())
	return cmd
}

// leadJSON is a lead in json and jsonl. "lead sync" reads it.
type leadJSON struct {
	ID                 int64           `json:"id"`
	Email              *string         `json:"email"`
	ForeignSysPersonID *string         `json:"foreignSysPersonId"`
	ForeignSysType     *string         `json:"foreignSysType"`
	Attributes         []attributeJSON `json:"attributes"`
}

func newLeadJSON(l *operations.Lead) leadJSON {
	return leadJSON{
		ID: l.ID, Email: optional(l.Email), ForeignSysPersonID: optional(l.ForeignSysPersonID),
		ForeignSysType: optional(string(l.ForeignSysType)), Attributes: attributesJSON(l.Attributes),
	}
}

// optional is null in JSON where text is empty.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

const leadGetLong = `Print a lead with all fields that have a value.

` + keyHelp + `
Leads that share a key are all printed. No such lead: exit code 5.

A JSON document is an array of objects with id, email, foreignSysPersonId, foreignSysType and
attributes, a list of name, value and type.`

func (a *app) leadGetCommand() *cobra.Command {
	var f remoteFlags
	var out outputFlags
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
			return out.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAPI(cmd.Context(), &f, func(ctx context.Context, api *operations.API) error {
				leads, err := api.Leads.Find(ctx, key)
				if err != nil {
					return err
				}
				return a.writeLeads(leads, &out)
			})
		},
	}
	f.bind(cmd.Flags())
	out.bind(cmd.Flags(), "table", "json")
	return cmd
}

func oneKey(args []string) (operations.LeadKey, error) {
	if len(args) != 1 {
		return operations.LeadKey{}, usagef("name one lead, such as 318815 or lead@example.com: got %s", plural(len(args), "argument"))
	}
	return parseKey("KEY", args[0])
}

func parseKey(what, text string) (operations.LeadKey, error) {
	if strings.TrimSpace(text) == "" {
		return operations.LeadKey{}, usagef("%s: is empty; name a lead, such as 318815, lead@example.com or TYPE:value", what)
	}
	key, err := operations.ParseLeadKey(text)
	if err != nil {
		return key, usagef("%s: %w", what, reason(err))
	}
	return key, nil
}

// writeLeads writes each lead as a table of its fields.
func (a *app) writeLeads(leads []operations.Lead, f *outputFlags) error {
	if f.format.value == "json" {
		docs := make([]leadJSON, len(leads))
		for i := range leads {
			docs[i] = newLeadJSON(&leads[i])
		}
		return writeJSON(a.stdout, docs)
	}
	for i := range leads {
		if i > 0 {
			if err := printf(a.stdout, "\n"); err != nil {
				return err
			}
		}
		if err := a.writeLead(&leads[i], f.width); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) writeLead(l *operations.Lead, width int) error {
	name, value := column{title: "FIELD"}, column{title: "VALUE", weight: 1}
	for _, at := range append(leadFields(l), l.Attributes...) {
		if at.Value != "" {
			name.cells = append(name.cells, visible(at.Name))
			value.cells = append(value.cells, clip(visible(at.Value), width))
		}
	}
	return writeTable(a.stdout, width, []column{name, value})
}

// leadFields are what a record has beside its attributes, as the columns of input name it.
func leadFields(l *operations.Lead) operations.Attributes {
	return operations.Attributes{
		{Name: "Id", Value: number(l.ID)}, {Name: "Email", Value: l.Email},
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
	remoteFlags
	outputFlags
	selectFlags
	fields          []string
	limit, pageSize int
}

// selectFlags choose leads.
type selectFlags struct {
	keys         []string
	list         string
	since, until string
}

func (a *app) leadListCommand() *cobra.Command {
	var f leadListFlags
	var selector operations.Selector
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Print leads by keys, list or time",
		Long:    leadListLong,
		Example: leadListExample,
		Args: func(cmd *cobra.Command, args []string) (err error) {
			if err := noArgs(cmd, args); err != nil {
				return err
			}
			if selector, err = f.selector(); err != nil {
				return err
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAPI(cmd.Context(), &f.remoteFlags, func(ctx context.Context, api *operations.API) error {
				pages := api.Leads.Pages(ctx, selector, &operations.LeadOptions{Fields: f.fields, BatchSize: f.batchSize()})
				return listPages(pages, f.limit, newListing(a.stdout, &f.outputFlags, leadShape(f.fields)))
			})
		},
	}
	fs := cmd.Flags()
	f.remoteFlags.bind(fs)
	f.outputFlags.bind(fs, "table", "json", "jsonl", "csv")
	fs.StringArrayVar(&f.keys, "key", nil, "the leads with this `KEY`; repeat the flag for more of one type")
	fs.StringVar(&f.list, "list", "", "the leads on this static `LIST`, by name")
	fs.StringVar(&f.since, "updated-since", "", "the leads updated since this `TIME`, such as 2017-03-09T17:40:00-08:00 or 2017-03-09")
	fs.StringVar(&f.until, "until", "", "with --updated-since: and until this `TIME`")
	fs.StringSliceVar(&f.fields, "fields", nil, "only these `FIELDS`, by API names and with commas between")
	fs.IntVar(&f.limit, "limit", 0, "print at most `N` (default: all)")
	fs.IntVar(&f.pageSize, "page-size", 0, "ask for `N` at a time, 1 to 1000 (default: the service's choice)")
	return cmd
}

func (f *leadListFlags) check() error {
	switch {
	case f.pageSize < 0 || f.pageSize > operations.MaxLeadBatch:
		return usagef("--page-size is %d: give a number from 1 to %d", f.pageSize, operations.MaxLeadBatch)
	case f.format.value == "csv" && len(f.fields) == 0:
		return usagef("-o csv needs --fields: they are its columns")
	}
	if err := checkLimit(f.limit); err != nil {
		return err
	}
	return f.outputFlags.check()
}

func (f *leadListFlags) batchSize() int {
	if f.pageSize == 0 && 0 < f.limit && f.limit < operations.MaxSelectorKeys {
		return f.limit // more would be fetched for nothing
	}
	return f.pageSize
}

func (f *selectFlags) selector() (operations.Selector, error) {
	given := 0
	for _, is := range []bool{len(f.keys) > 0, f.list != "", f.since != ""} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, usagef("give one of --key, --list and --updated-since")
	case f.until != "" && f.since == "":
		return nil, usagef("--until needs --updated-since")
	case f.list != "":
		return operations.InList(f.list), nil
	case f.since != "":
		return updated(f.since, f.until)
	}
	return byKeys("--key", f.keys)
}

func updated(since, until string) (operations.Selector, error) {
	oldest, err := parseMoment("--updated-since", since)
	if err != nil {
		return nil, err
	}
	latest := time.Now()
	if until != "" {
		if latest, err = parseUntil(until, "--updated-since", oldest); err != nil {
			return nil, err
		}
	}
	if latest.Sub(oldest) > operations.MaxUpdatedRange {
		return nil, usagef("--updated-since: the service takes 30 days at once: give a later time, or an --until that is 30 days after it at most")
	}
	if until == "" {
		return operations.UpdatedSince(oldest), nil
	}
	return operations.UpdatedBetween(oldest, latest), nil
}

func byKeys(flag string, texts []string) (operations.Selector, error) {
	keys := make([]operations.LeadKey, len(texts))
	for i, text := range texts {
		var err error
		if keys[i], err = parseKey(flag, text); err != nil {
			return nil, err
		}
		if keys[i].Type != keys[0].Type {
			return nil, usagef("%s: %s and %s are of different types: the service takes keys of one type at a time", flag, keys[0], keys[i])
		}
	}
	if len(keys) > operations.MaxSelectorKeys {
		return nil, usagef("%s is given %d times: the service takes up to %d keys", flag, len(keys), operations.MaxSelectorKeys)
	}
	return operations.ByKeys(keys...), nil
}

// leadShape has a column for each field that was asked for, or one for all of them.
func leadShape(fields []string) shape[operations.Lead] {
	s := shape[operations.Lead]{
		noun: "lead", nouns: "leads",
		columns: []column{{title: "ID", right: true}, {title: "EMAIL", weight: 30}, {title: "FOREIGN ID", weight: 20}},
		header:  []string{"Id", "Email", "ForeignSysPersonId", "ForeignSysType"},
		json:    func(l *operations.Lead) any { return newLeadJSON(l) },
	}
	values := func(l *operations.Lead) []string { return []string{pairs(l.Attributes)} }
	if len(fields) == 0 {
		s.columns = append(s.columns, column{title: "FIELDS", weight: 60})
	} else {
		values = func(l *operations.Lead) []string { return fieldValues(l, fields) }
	}
	for _, name := range fields {
		s.columns = append(s.columns, column{title: visible(name), weight: 20})
		s.header = append(s.header, name)
	}
	s.cells = func(l *operations.Lead) []string {
		foreign := strings.Trim(string(l.ForeignSysType)+":"+l.ForeignSysPersonID, ":")
		return append([]string{number(l.ID), l.Email, foreign}, values(l)...)
	}
	s.row = func(l *operations.Lead) []string {
		return append([]string{number(l.ID), l.Email, l.ForeignSysPersonID, string(l.ForeignSysType)}, values(l)...)
	}
	return s
}

func fieldValues(l *operations.Lead, fields []string) []string {
	values := make([]string, len(fields))
	for i, name := range fields {
		values[i], _ = l.Attributes.Get(name)
	}
	return values
}

const leadMergeLong = `Merge leads: the losing ones into the winning one, after which they are gone. This cannot be
undone.

` + keyHelp + `
COOKIE is not taken. Each key must be that of one lead only: one that is not an id is looked up first,
with a call of getLead, and nothing is merged if several leads have it.`

type mergedJSON struct {
	WinnerID int64   `json:"winnerId"`
	LoserIDs []int64 `json:"loserIds"`
	Status   string  `json:"status"`
}

func (a *app) leadMergeCommand() *cobra.Command {
	var f writeFlags
	var o operations.MergeOptions
	var keys []operations.LeadKey
	form := newFormat("table", "json")
	cmd := &cobra.Command{
		Use:     "merge WINNER LOSER...",
		Short:   "Merge leads into one",
		Long:    leadMergeLong,
		Example: "  mktows lead merge 318818 318819 --demo\n  mktows lead merge 318818 318819 --dry-run",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("name the winner and one or more losers: got %s", plural(len(args), "argument"))
			}
			return parseMerge(args, &keys)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withWriteAPI(cmd.Context(), &f, func(ctx context.Context, api *operations.API) error {
				if f.dryRun && slices.ContainsFunc(keys, isLookedUp) {
					return a.showLookUps(ctx, api, keys)
				}
				merged, err := api.Leads.Merge(ctx, keys[0], keys[1:], &o)
				if err != nil {
					return mergeProblem(err)
				}
				return a.writeMerged(&merged, form.value)
			})
		},
	}
	f.bind(cmd.Flags())
	form.bind(cmd.Flags())
	cmd.Flags().BoolVar(&o.InSales, "in-sales", false, "merge in the connected sales system too")
	return cmd
}

// parseMerge reads WINNER LOSER….
func parseMerge(args []string, keys *[]operations.LeadKey) error {
	winner, err := parseKey("WINNER", args[0])
	if err != nil {
		return err
	}
	losers, err := parseKeys("LOSER", args[1:])
	if err != nil {
		return err
	}
	*keys = append([]operations.LeadKey{winner}, losers...)
	for i, key := range *keys {
		switch first := slices.Index(*keys, key); {
		case key.Type == operations.KeyCookie:
			return usagef("%s: a merge does not take COOKIE: name the lead by its id", mergeArgument(i))
		case first < i:
			return usagef("%s: %s is %s too: name a lead once", mergeArgument(i), key, mergeArgument(first))
		}
	}
	return nil
}

// mergeArgument is what the help calls the argument with an index.
func mergeArgument(i int) string {
	if i == 0 {
		return "WINNER"
	}
	return "LOSER " + strconv.Itoa(i)
}

// mergeProblem names the argument that an error is about, once the leads were looked up.
func mergeProblem(err error) error {
	var argument *operations.ArgumentError
	if !errors.As(err, &argument) {
		return refusedAsInput(err)
	}
	var i int
	if n, _ := fmt.Sscanf(argument.Field, "losers[%d]", &i); n == 1 {
		i++ // the winner is the first argument
	}
	return inputf("%s: %w", mergeArgument(i), argument.Err)
}

// isLookedUp reports whether a merge asks for the id that goes with a key.
func isLookedUp(key operations.LeadKey) bool { return key.Type != operations.KeyID }

// showLookUps is the dry run of a merge whose ids only the service knows.
func (a *app) showLookUps(ctx context.Context, api *operations.API, keys []operations.LeadKey) error {
	for _, key := range keys {
		if !isLookedUp(key) {
			continue
		}
		if _, err := api.Leads.Find(ctx, key); !errors.Is(err, errNotSent) {
			return err
		}
	}
	a.complain("after that mergeLeads would be sent, with the ids that these calls find: to see it, give ids as keys")
	return nil
}

// parseKeys reads arguments of a kind, which are counted from 1 in errors.
func parseKeys(what string, args []string) ([]operations.LeadKey, error) {
	keys := make([]operations.LeadKey, len(args))
	for i, arg := range args {
		var err error
		if keys[i], err = parseKey(what+" "+strconv.Itoa(i+1), arg); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (a *app) writeMerged(m *operations.MergedLeads, form string) error {
	if form == "json" {
		return writeJSON(a.stdout, mergedJSON{m.WinnerID, append([]int64{}, m.LoserIDs...), string(m.Outcome)})
	}
	losers := make([]string, len(m.LoserIDs))
	for i, id := range m.LoserIDs {
		losers[i] = fmt.Sprint(id)
	}
	return printf(a.stdout, "%s: %s into %d\n", m.Outcome, strings.Join(losers, ", "), m.WinnerID)
}
