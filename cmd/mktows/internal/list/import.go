package list

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/operations"
)

const listImportLong = `Import leads from CSV, in FILE or, if it is -, in standard input, into a static list of a
program.

The header row names fields by their display names, such as "Email Address", not by their API
names, or by tokens such as {{my.message}}, whose values hold for one lead and for the next run
of --smart-campaign (over SOAP only). Line breaks inside of values are refused. About 300 rows are advised.

All goes in one request, and the service works on it afterwards: ask "mktows list import-status".`

const listImportExample = `  mktows list import --program "Autumn Webinar" --list Invited leads.csv
  mktows list import --program "Autumn Webinar" --list Invited --clear --mode list leads.csv --dry-run`

// programListFlags name a list inside of a program.
type programListFlags struct{ program, list string }

func (f *programListFlags) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.program, "program", "", "the `PROGRAM` that holds the list; required")
	fs.StringVar(&f.list, "list", "", "the static `LIST`, by its name inside the program; required")
}

func (f *programListFlags) check() error {
	if settings.IsBlank(f.program) || settings.IsBlank(f.list) {
		return exit.Usagef("give --program and --list")
	}
	return nil
}

type listImportFlags struct {
	settings.WriteFlags
	programListFlags
	clear          bool
	mode, campaign string
}

// listImportCommand makes "mktows list import". The whole file goes into one request, so this command has no batches
// and no status per record; the service works on the rows after it has answered.
func listImportCommand(a *console.Console) *cobra.Command {
	var f listImportFlags
	form := output.DocumentFormat()
	cmd := &cobra.Command{
		Use:               "import [FILE]",
		ValidArgsFunction: settings.Files(0, "csv"),
		Short:             "Import leads into a list of a program",
		Long:              listImportLong,
		Example:           listImportExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return exit.Usagef("one FILE at most, got %d", len(args))
			}
			if f.mode != "upsert" && f.mode != "list" {
				return exit.Usagef("--mode is %q: use upsert or list", f.mode)
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := readImport(cmd.Context(), a, &f, append(args, "-")[0])
			if err != nil {
				return err
			}
			return settings.WithWriteAPI(cmd.Context(), a, &f.WriteFlags, func(ctx context.Context, api *operations.API) error {
				state, err := api.Lists.Import(ctx, in)
				if err != nil {
					return err
				}
				return writeImport(a, &in, state, form.Value)
			})
		},
	}
	fs := cmd.Flags()
	f.WriteFlags.Bind(fs)
	f.programListFlags.bind(fs)
	form.Bind(fs)
	fs.BoolVar(&f.clear, "clear", false, "empty the list first")
	fs.StringVar(&f.mode, "mode", "upsert", "`MODE`: upsert leads and put them on the list, or change the list only")
	settings.Values(fs, "mode", "upsert\tupsert leads and put them on the list", "list\tchange the list only")
	fs.StringVar(&f.campaign, "smart-campaign", "", "the `CAMPAIGN` of the program that uses the tokens of the header")
	return cmd
}

// readImport reads the rows of the file and checks them.
func readImport(ctx context.Context, a *console.Console, f *listImportFlags, path string) (operations.Import, error) {
	in := operations.Import{
		Program: f.program, List: f.list, Clear: f.clear, Campaign: f.campaign,
		Mode: map[string]operations.ImportMode{"upsert": operations.ImportUpsertLeads, "list": operations.ImportListOnly}[f.mode],
	}
	text, err := records.ReadInput(ctx, a.Stdin, path)
	if err != nil {
		return in, err
	}
	p := &records.Problems{Name: records.Name(path)}
	header, records := records.ReadCSV(text, p)
	in.Header = header
	for _, r := range records {
		in.Rows = append(in.Rows, importRow(r, p))
	}
	if err := p.Err(); err != nil {
		return in, err
	}
	if err := in.Validate(); err != nil {
		return in, importProblem(p.Name, err)
	}
	if len(records) > operations.RecommendedBatch {
		a.Warnf("%s has %d rows, more than the %d that are advised for one import", p.Name, len(records), operations.RecommendedBatch)
	}
	return in, nil
}

// importProblem names what is wrong with an import by the flags of the command line or by the column of the header.
// Mistakes in single rows were found before, by importRow.
func importProblem(file string, err error) error {
	var argument *operations.ArgumentError
	if !errors.As(err, &argument) {
		return err
	}
	path := argument.Path()
	switch step := path[len(path)-1]; {
	case step.Name == "Header" && step.Index >= 0:
		return exit.Inputf("%s:1: column %d of the header: %w", file, step.Index+1, argument.Err)
	case step.Name == "Campaign":
		return exit.Inputf("%s: --smart-campaign %w", file, argument.Err)
	case step.Name == "Rows" && step.Index < 0:
		return exit.Inputf("%s has no rows below its header", file)
	}
	return exit.Inputf("%s: %w", file, argument.Err)
}

// importRow returns the values of a row. On the wire a row is one line of text, so a value with a line break in it is
// refused.
func importRow(r records.Record, p *records.Problems) []string {
	records.CheckValues(r, p)
	row := make([]string, len(r.Fields))
	for i, f := range r.Fields {
		if strings.ContainsAny(f.Value, "\r\n") {
			p.Addf(f.Line, f.Column, "%s: a line break inside of a value cannot be imported", f.Name)
		}
		row[i] = f.Value
	}
	return row
}

type importJSON struct {
	Program string `json:"program"`
	List    string `json:"list"`
	Rows    int    `json:"rows"`
	State   string `json:"state"`
}

// writeImport prints what the service answered to an import: the state, mostly that it has begun.
func writeImport(a *console.Console, in *operations.Import, state operations.ImportState, form string) error {
	if form == output.JSON {
		return output.WriteJSON(a.Stdout, importJSON{in.Program, in.List, len(in.Rows), string(state)})
	}
	return output.Printf(a.Stdout, "%s: %d rows into %s\n", state, len(in.Rows), output.Visible(in.Program+"."+in.List))
}

const importStatusLong = `Tell how far the last import into a list of a program has come. Ask once a minute at most.

The state is PROCESSING, COMPLETE, FAILED or CANCELED; that an import ended badly does not make
this command fail. The counts of rows hold once the import has ended.`

// importStatusJSON is an import's state. What the service does not know is null.
type importStatusJSON struct {
	State         string  `json:"state"`
	Started       *string `json:"started"`
	Ended         *string `json:"ended"`
	EstimatedTime *int    `json:"estimatedTime"`
	EstimatedRows *int    `json:"estimatedRows"`
	RowsImported  *int    `json:"rowsImported"`
	RowsFailed    *int    `json:"rowsFailed"`
	RowsIgnored   *int    `json:"rowsIgnored"`
	Summary       string  `json:"summary"`
}

// importStatusCommand makes "mktows list import-status".
func importStatusCommand(a *console.Console) *cobra.Command {
	var f programListFlags
	var remote settings.RemoteFlags
	form := output.DocumentFormat()
	cmd := &cobra.Command{
		Use:     "import-status",
		Short:   "Tell how far an import has come",
		Long:    importStatusLong,
		Example: `  mktows list import-status --program "Autumn Webinar" --list Invited`,
		Args:    settings.FlagsOnly(f.check),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return settings.WithAPI(cmd.Context(), a, &remote, func(ctx context.Context, api *operations.API) error {
				status, err := api.Lists.ImportStatus(ctx, f.program, f.list)
				if err != nil {
					return err
				}
				return writeImportStatus(a, &status, form.Value)
			})
		},
	}
	remote.Bind(cmd.Flags())
	f.bind(cmd.Flags())
	form.Bind(cmd.Flags())
	return cmd
}

// writeImportStatus prints the state of an import. In the table, what is not known yet is left out.
func writeImportStatus(a *console.Console, s *operations.ImportStatus, form string) error {
	if form == output.JSON {
		return output.WriteJSON(a.Stdout, importStatusJSON{
			string(s.State), output.MomentJSON(s.Started), output.MomentJSON(s.Ended), s.EstimatedTime, s.EstimatedRows,
			s.RowsImported, s.RowsFailed, s.RowsIgnored, s.Summary,
		})
	}
	name, value := output.Column{Title: "FIELD"}, output.Column{Title: "VALUE", Weight: 1}
	for _, row := range [][2]string{
		{"State", string(s.State)}, {"Started", output.MomentText(s.Started)}, {"Ended", output.MomentText(s.Ended)},
		{"Estimated time", output.Count(s.EstimatedTime)}, {"Estimated rows", output.Count(s.EstimatedRows)},
		{"Rows imported", output.Count(s.RowsImported)}, {"Rows failed", output.Count(s.RowsFailed)},
		{"Rows ignored", output.Count(s.RowsIgnored)}, {"Summary", output.Visible(s.Summary)},
	} {
		if row[1] != "" {
			name.Cells, value.Cells = append(name.Cells, row[0]), append(value.Cells, row[1])
		}
	}
	return output.WriteTable(a.Stdout, a.Width(), []output.Column{name, value})
}
