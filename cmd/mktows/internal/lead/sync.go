package lead

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/batch"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/operations"
)

const leadSyncLong = `Create or update leads from CSV or JSON Lines, in FILE or, if it is -, in standard input.

CSV has a header row. The columns Id, Email, ForeignSysPersonId and ForeignSysType say which
lead is meant, in the order Id, ForeignSysPersonId, Email; every other column is a field by its
API name. An empty value leaves the field as it is, with --clear-empty it empties it. A line of
JSON Lines is an object with the same names. Its values are texts; numbers, true and false,
which are sent as they are written, since every field is text for the service; or null, which
leaves the field as it is ("" empties it). A list or an object is refused. What
"mktows lead list -o jsonl" prints, with its list of attributes, can be read too.

A lead with an Id or ForeignSysPersonId that has an Email besides keeps its old address.

` + batch.Help + `

With --return leads are sent one by one, and come back as they are afterwards: as lead in json
and jsonl.`

const leadSyncExample = `  mktows lead sync leads.csv
  mktows lead sync leads.jsonl --dry-run
  mktows lead list --list Newsletter -o jsonl | mktows lead sync --format jsonl - --demo`

type leadSyncFlags struct {
	batch.Flags
	form                     string
	back, noDedup, clearOnes bool
}

// leadSyncCommand makes "mktows lead sync".
func leadSyncCommand(a *console.Console) *cobra.Command {
	var f leadSyncFlags
	cmd := &cobra.Command{
		Use:               "sync [FILE]",
		ValidArgsFunction: settings.Files(0, "csv", "jsonl"),
		Short:             "Create or update leads from a file",
		Long:              leadSyncLong,
		Example:           leadSyncExample,
		Args: func(cmd *cobra.Command, args []string) (err error) {
			if len(args) > 1 {
				return exit.Usagef("one FILE at most, got %d", len(args))
			}
			if f.form, err = records.Form(append(args, "-")[0], f.form, "csv", "jsonl"); err != nil {
				return err
			}
			return f.check(cmd.Flags().Changed("batch"))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return leadSync(cmd.Context(), a, &f, append(args, "-")[0])
		},
	}
	fs := cmd.Flags()
	f.Bind(fs, 100, 1000)
	fs.StringVar(&f.form, "format", "", "`FORM` of the input, csv or jsonl (default: what FILE ends in)")
	settings.Values(fs, "format", "csv", "jsonl")
	fs.BoolVar(&f.back, "return", false, "send one by one, and print leads as they are afterwards")
	fs.BoolVar(&f.noDedup, "no-dedup", false, "make a new lead even if one has the Email")
	fs.BoolVar(&f.clearOnes, "clear-empty", false, "an empty value in CSV empties the field")
	return cmd
}

// check refuses flags that do not fit together. Sized says that --batch was given. With --return each lead is sent by
// the operation syncLead, the only one that returns a lead; it takes one lead and has no way to switch deduplication
// off.
func (f *leadSyncFlags) check(sized bool) error {
	switch {
	case f.back && f.noDedup:
		return exit.Usagef("--return and --no-dedup cannot be used together: a single lead is always looked for")
	case f.back && sized:
		return exit.Usagef("--return and --batch cannot be used together: leads are sent one by one")
	case f.back:
		f.Size = 1
	}
	return f.Flags.Check()
}

// leadSync reads all leads of the input, checks them, and sends them only if all are in order.
func leadSync(ctx context.Context, a *console.Console, f *leadSyncFlags, path string) error {
	records, p, err := records.Read(ctx, a.Stdin, path, f.form)
	if err != nil {
		return err
	}
	b := &batch.Batches[operations.Lead]{Name: p.Name, Op: "syncMultipleLeads", Send: f.sendMany}
	if f.back {
		b.Op, b.Send = "syncLead", sendOne
	}
	for _, r := range records {
		lead := f.lead(r, p)
		b.Add(lead, r.Line, leadName(&lead))
	}
	if err := p.Err(); err != nil {
		return err
	}
	return batch.Run(ctx, a, &f.Flags, b)
}

// lead turns a record into a lead and notes what is wrong with it. Checks of the whole lead are made only if its
// fields are in order; otherwise one mistake would be told twice.
func (f *leadSyncFlags) lead(r records.Record, p *records.Problems) operations.Lead {
	var lead operations.Lead
	seen := map[string]bool{}
	before := len(p.List) + p.More
	for _, field := range r.Fields {
		if seen[strings.ToLower(field.Name)] {
			p.Addf(field.Line, field.Column, "%s occurs twice", field.Name)
		}
		seen[strings.ToLower(field.Name)] = true
		f.set(&lead, field, p)
	}
	if len(p.List)+p.More > before {
		return lead // the rest may follow from that
	}
	if lead.ID == 0 && lead.Email == "" && lead.ForeignSysPersonID == "" {
		p.Addf(r.Line, 1, "the lead has no Id, Email or ForeignSysPersonId")
	} else if err := lead.Validate(); err != nil {
		p.Addf(r.Line, 1, "%s", leadProblem(err))
	}
	return lead
}

// set stores one field of a record: the keys in the fields of the lead, everything else as an attribute. Names of
// keys are compared without case, since exports of other tools spell them "ID" or "EMail".
func (f *leadSyncFlags) set(lead *operations.Lead, field records.Field, p *records.Problems) {
	value := strings.TrimSpace(field.Value)
	switch strings.ToLower(field.Name) {
	case "id":
		lead.ID = parseID(field, p)
	case "email":
		lead.Email = value
	case "foreignsyspersonid":
		lead.ForeignSysPersonID = value
	case "foreignsystype":
		lead.ForeignSysType = operations.ForeignSysType(strings.ToUpper(value))
		if value != "" && !slices.Contains(operations.ForeignSysTypes(), lead.ForeignSysType) {
			p.Addf(field.Line, field.Column, "%s: %q is none of %s", field.Name, value, output.WordList(operations.ForeignSysTypes()))
		}
	default:
		f.setAttribute(lead, field, p)
	}
}

// setAttribute adds an attribute. An empty value in CSV usually means that nothing is known, so it is skipped unless
// --clear-empty says that it shall empty the field. In JSON Lines the two can be told apart: null skips, "" empties.
func (f *leadSyncFlags) setAttribute(lead *operations.Lead, field records.Field, p *records.Problems) {
	switch {
	case field.Name == "":
		p.Addf(field.Line, field.Column, "a field has no name")
	case field.Value == "" && f.form == "csv" && !f.clearOnes:
	default:
		lead.Attributes = append(lead.Attributes, operations.Attribute{Name: field.Name, Value: field.Value})
	}
}

// parseID parses a Marketo id; an empty value means that there is none.
func parseID(field records.Field, p *records.Problems) int64 {
	value := strings.TrimSpace(field.Value)
	if value == "" {
		return 0
	}
	id, ok := settings.ReadID(value)
	if !ok {
		p.Addf(field.Line, field.Column, "%s: %q is not an id, which is %s", field.Name, field.Value, settings.IdRange)
	}
	return id
}

// leadProblem says what is wrong with a lead in terms of the input's columns, not of the fields of operations.Lead.
func leadProblem(err error) string {
	var argument *operations.ArgumentError
	if !errors.As(err, &argument) {
		return err.Error()
	}
	path := argument.Path()
	switch path[len(path)-1].Name {
	case "ForeignSysType": // values that it cannot have were refused before
		return fmt.Sprintf("ForeignSysType is needed with ForeignSysPersonId; it is one of %q", operations.ForeignSysTypes())
	case "ForeignSysPersonID":
		return "ForeignSysPersonId is needed with ForeignSysType"
	}
	return exit.FieldName(path[1:]) + " " + argument.Err.Error()
}

// leadName returns the key by which the service will look for the lead, in the order that it prefers them: id,
// foreign id, e-mail address. The output names the record by it.
func leadName(l *operations.Lead) string {
	switch {
	case l.ID != 0:
		return operations.LeadID(l.ID).String()
	case l.ForeignSysPersonID != "":
		return string(l.ForeignSysType) + ":" + l.ForeignSysPersonID
	}
	return operations.Email(l.Email).String()
}

// sendMany sends one batch with syncMultipleLeads.
func (f *leadSyncFlags) sendMany(ctx context.Context, api *operations.API, leads []operations.Lead, states []batch.Status) error {
	statuses, err := api.Leads.SyncMany(ctx, leads, &operations.SyncManyOptions{NoDedup: f.noDedup})
	for i, s := range statuses {
		states[i].Set(s.Outcome, s.LeadID, s.Err)
	}
	return err
}

// sendOne sends a lead with syncLead. If the service refuses that one lead the run goes on, as it would with a
// refused lead in a batch; only other errors end it.
func sendOne(ctx context.Context, api *operations.API, leads []operations.Lead, states []batch.Status) error {
	synced, err := api.Leads.Sync(ctx, leads[0], &operations.SyncOptions{ReturnLead: true})
	if err != nil && !isAboutRecord(err) {
		return err
	}
	states[0].Set(firstOutcome(synced.Outcome, err), synced.LeadID, err)
	states[0].Lead = synced.Lead
	return nil
}

// isAboutRecord reports whether the service refused a record because of its content, so that the next record may well
// be taken.
func isAboutRecord(err error) bool {
	var refused *fault.SyncError
	return errors.As(err, &refused) ||
		fault.FromServer(err) && (errors.Is(err, fault.ErrInvalid) || errors.Is(err, fault.ErrNotFound))
}

// firstOutcome returns the outcome of a record, and FAILED if a fault came in place of an outcome.
func firstOutcome(o operations.Outcome, err error) operations.Outcome {
	if o == "" && err != nil {
		return batch.StatusFailed
	}
	return o
}

// refusedAsInput marks the error of a record that the service refused as a mistake of the input, for exit code 7.
func refusedAsInput(err error) error {
	var refused *fault.SyncError
	if errors.As(err, &refused) {
		return exit.AsInput(err)
	}
	return err
}
