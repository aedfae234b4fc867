package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

const listImportLong = `Import leads from CSV, in FILE or, if it is -, in standard input, into a static list of a
program.

The header row names fields by their display names, such as "Email Address", not by their API
names, or by tokens such as {{my.message}}, whose values hold for one lead and for the next run
of --smart-campaign. Line breaks inside of values are refused. About 300 rows are advised.

All goes in one request, and the service works on it afterwards: ask "mktows list import-status".`

const listImportExample = `  mktows list import --program "Autumn Webinar" --list Invited leads.csv
  mktows list import --program "Autumn Webinar" --list Invited --clear --mode list leads.csv --dry-run`

// programListFlags name a list inside a program.
type programListFlags struct{ program, list string }

func (f *programListFlags) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.program, "program", "", "the `PROGRAM` that holds the list; required")
	fs.StringVar(&f.list, "list", "", "the static `LIST`, by its name inside the program; required")
}

func (f *programListFlags) check() error {
	if isBlank(f.program) || isBlank(f.list) {
		return usagef("give --program and --list")
	}
	return nil
}

type listImportFlags struct {
	writeFlags
	programListFlags
	clear          bool
	mode, campaign string
}

func (a *app) listImportCommand() *cobra.Command {
	var f listImportFlags
	form := newFormat("table", "json")
	cmd := &cobra.Command{
		Use:     "import [FILE]",
		Short:   "Import leads into a list of a program",
		Long:    listImportLong,
		Example: listImportExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("one FILE at most, got %d", len(args))
			}
			if f.mode != "upsert" && f.mode != "list" {
				return usagef("--mode is %q: use upsert or list", f.mode)
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := a.readImport(cmd.Context(), &f, append(args, "-")[0])
			if err != nil {
				return err
			}
			return a.withWriteAPI(cmd.Context(), &f.writeFlags, func(ctx context.Context, api *operations.API) error {
				state, err := api.Lists.Import(ctx, in)
				if err != nil {
					return err
				}
				return a.writeImport(&in, state, form.value)
			})
		},
	}
	fs := cmd.Flags()
	f.writeFlags.bind(fs)
	f.programListFlags.bind(fs)
	form.bind(fs)
	fs.BoolVar(&f.clear, "clear", false, "empty the list first")
	fs.StringVar(&f.mode, "mode", "upsert", "`MODE`: upsert leads and put them on the list, or change the list only")
	fs.StringVar(&f.campaign, "smart-campaign", "", "the `CAMPAIGN` of the program that uses the tokens of the header")
	return cmd
}

// readImport reads the rows and checks them.
func (a *app) readImport(ctx context.Context, f *listImportFlags, path string) (operations.Import, error) {
	in := operations.Import{
		Program: f.program, List: f.list, Clear: f.clear, Campaign: f.campaign,
		Mode: map[string]operations.ImportMode{"upsert": operations.ImportUpsertLeads, "list": operations.ImportListOnly}[f.mode],
	}
	text, err := readInput(ctx, a.stdin, path)
	if err != nil {
		return in, err
	}
	p := &problems{name: inputName(path)}
	header, records := readCSV(text, p)
	in.Header = header
	for _, r := range records {
		in.Rows = append(in.Rows, importRow(r, p))
	}
	if err := p.err(); err != nil {
		return in, err
	}
	if err := in.Validate(); err != nil {
		return in, importProblem(p.name, err)
	}
	if len(records) > operations.RecommendedBatch {
		a.warnf("%s has %d rows, more than the %d that are advised for one import", p.name, len(records), operations.RecommendedBatch)
	}
	return in, nil
}

// importProblem names what an import lacks as the command line calls it: what is wrong with a
// row is known already.
func importProblem(file string, err error) error {
	var argument *operations.ArgumentError
	if !errors.As(err, &argument) {
		return err
	}
	var column int
	if n, _ := fmt.Sscanf(argument.Field, "Import.Header[%d]", &column); n == 1 {
		return inputf("%s:1: column %d of the header: %w", file, column+1, argument.Err)
	}
	switch argument.Field {
	case "Import.Campaign":
		return inputf("%s: --smart-campaign %w", file, argument.Err)
	case "Import.Rows":
		return inputf("%s has no rows below its header", file)
	}
	return inputf("%s: %w", file, argument.Err)
}

func importRow(r inputRecord, p *problems) []string {
	checkValues(r, p)
	row := make([]string, len(r.fields))
	for i, f := range r.fields {
		if strings.ContainsAny(f.value, "\r\n") {
			p.addf(f.line, f.column, "%s: a line break inside of a value cannot be imported", f.name)
		}
		row[i] = f.value
	}
	return row
}

type importJSON struct {
	Program string `json:"program"`
	List    string `json:"list"`
	Rows    int    `json:"rows"`
	State   string `json:"state"`
}

func (a *app) writeImport(in *operations.Import, state operations.ImportState, form string) error {
	if form == "json" {
		return writeJSON(a.stdout, importJSON{in.Program, in.List, len(in.Rows), string(state)})
	}
	return printf(a.stdout, "%s: %d rows into %s\n", state, len(in.Rows), visible(in.Program+"."+in.List))
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

func (a *app) importStatusCommand() *cobra.Command {
	var f programListFlags
	var remote remoteFlags
	form := newFormat("table", "json")
	cmd := &cobra.Command{
		Use:     "import-status",
		Short:   "Tell how far an import has come",
		Long:    importStatusLong,
		Example: `  mktows list import-status --program "Autumn Webinar" --list Invited`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := noArgs(cmd, args); err != nil {
				return err
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withAPI(cmd.Context(), &remote, func(ctx context.Context, api *operations.API) error {
				status, err := api.Lists.ImportStatus(ctx, f.program, f.list)
				if err != nil {
					return err
				}
				return a.writeImportStatus(&status, form.value)
			})
		},
	}
	remote.bind(cmd.Flags())
	f.bind(cmd.Flags())
	form.bind(cmd.Flags())
	return cmd
}

func (a *app) writeImportStatus(s *operations.ImportStatus, form string) error {
	if form == "json" {
		return writeJSON(a.stdout, importStatusJSON{
			string(s.State), momentJSON(s.Started), momentJSON(s.Ended), s.EstimatedTime, s.EstimatedRows,
			s.RowsImported, s.RowsFailed, s.RowsIgnored, s.Summary,
		})
	}
	name, value := column{title: "FIELD"}, column{title: "VALUE"}
	for _, row := range [][2]string{
		{"State", string(s.State)}, {"Started", momentText(s.Started)}, {"Ended", momentText(s.Ended)},
		{"Estimated time", count(s.EstimatedTime)}, {"Estimated rows", count(s.EstimatedRows)},
		{"Rows imported", count(s.RowsImported)}, {"Rows failed", count(s.RowsFailed)},
		{"Rows ignored", count(s.RowsIgnored)}, {"Summary", visible(s.Summary)},
	} {
		if row[1] != "" {
			name.cells, value.cells = append(name.cells, row[0]), append(value.cells, row[1])
		}
	}
	return writeTable(a.stdout, 120, []column{name, value})
}

func count(n *int) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

// momentText is a time as the service writes it; none is empty.
func momentText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return string(gen.NewDateTime(t))
}

func momentJSON(t time.Time) *string { return optional(momentText(t)) }
