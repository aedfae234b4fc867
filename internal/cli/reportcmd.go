package cli

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/leadsync/report"
)

const reportLong = `Make a page from a copy: activity over time by type, a heat map by hour and weekday, the most
active leads, the health of the sync, and the timeline of one lead. It is one HTML file that needs
no network.

The copy is what "mktows sync run" has made, in SQLite or PostgreSQL; it can be one that is being
written. Without COPY it is the one that MKTOWS_SYNC_TO names.`

type reportFlags struct {
	output, title, lead string
	options             report.Options
}

func (a *app) reportCommand() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:     "report [COPY]",
		Short:   "Make a page from a copy",
		Long:    reportLong,
		Example: "  mktows report leads.db -o report.html\n  mktows report leads.db --lead 318815 --title 'Lead activity' -o - > report.html",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("one COPY at most, got %d", len(args))
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.makeReport(cmd.Context(), &f, append(args, "")[0])
		},
	}
	fs := cmd.Flags()
	fs.StringVarP(&f.output, "output", "o", "", "write the page to `FILE`, or to standard output if it is -; required")
	fs.StringVar(&f.title, "title", "", "`TITLE` of the page (default: made from the copy's name)")
	fs.StringVar(&f.lead, "lead", "", "begin with the timeline of the lead with this `ID` (default: the most active one)")
	return cmd
}

func (f *reportFlags) check() error {
	if isBlank(f.output) {
		return usagef("-o is missing: give a file such as report.html, or - for standard output")
	}
	f.options.Title = f.title
	if f.lead == "" {
		return nil
	}
	id, ok := readID(f.lead)
	if !ok {
		return usagef("--lead: %q is not a lead id, which is %s", f.lead, idRange)
	}
	f.options.Lead = id
	return nil
}

func (a *app) makeReport(ctx context.Context, f *reportFlags, place string) error {
	t, err := a.target(&targetFlags{to: place})
	if err != nil {
		return err
	}
	if !t.exists() {
		return noCopyError{t}
	}
	if t.kind == filesTarget {
		return usagef("%s is a folder, and a report is made from a database: copy into SQLite or PostgreSQL as well", t)
	}
	there, err := t.holdsCopy(ctx)
	if err == nil && !there {
		err = noCopyError{t}
	}
	if err != nil {
		return err
	}
	src, err := report.Open(ctx, t.place)
	if err != nil {
		return t.loginError(err)
	}
	defer src.Close() //nolint:errcheck // it was only read
	write := func(w io.Writer) error { return t.drawProblem(ctx, report.Write(ctx, w, src, &f.options)) }
	if f.output == "-" {
		return write(&counter{out: a.stdout})
	}
	size, err := writeFile(f.output, write)
	if err != nil {
		return err
	}
	return printf(a.stdout, "wrote %s, %s\n", visible(f.output), plural(size, "byte"))
}

// drawProblem tells a file that cannot be read from a page that cannot be written.
func (t target) drawProblem(ctx context.Context, err error) error {
	var output writeError
	if t.kind != sqliteTarget || errors.As(err, &output) || errors.Is(err, report.ErrNoActivities) {
		return err
	}
	return unreadable(ctx, err)
}
