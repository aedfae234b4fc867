package sync

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/report"
)

const reportLong = `Make a page from a copy: activity over time by type, a heat map by hour and weekday, the most
active leads, the health of the sync, and the timeline of one lead. It is one HTML file that needs
no network. All its times are UTC, those of the heat map too.

The copy is what "mktows sync run" has made, in SQLite, PostgreSQL or files; it can be one that is
being written. Without COPY it is the one that MKTOWS_SYNC_TO names. The rows of files are read into
a temporary file, which takes about as much room as they would in SQLite.

With --demo the page is about made-up leads of the last 16 weeks, and needs no copy.`

type reportFlags struct {
	targetFlags

	output, title, lead string
	demo                bool
	options             report.Options
}

// ReportCommand makes "mktows report".
func ReportCommand(a *console.Console) *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:               "report [COPY]",
		ValidArgsFunction: settings.Files(0, "db", "sqlite"),
		Short:             "Make a page from a copy",
		Long:              reportLong,
		Example: "  mktows report leads.db -o report.html\n  mktows report leads.db --lead 318815 --title 'Lead activity' -o - > report.html\n" +
			"  mktows report --demo -o report.html",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return exit.Usagef("one COPY at most, got %d", len(args))
			}
			if f.demo && len(args) > 0 {
				return exit.Usagef("--demo makes data of its own: leave COPY out")
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.demo {
				return drawDemo(cmd.Context(), a, &f)
			}
			f.to = append(args, "")[0]
			return makeReport(cmd.Context(), a, &f)
		},
	}
	fs := cmd.Flags()
	fs.StringVarP(&f.output, "output", "o", "", "write the page to `FILE`, or to standard output if it is -; required")
	settings.FileValue(fs, "output", "html")
	fs.BoolVar(&f.demo, "demo", false, "draw made-up activity of the last 16 weeks; no copy is needed")
	f.bindSchema(fs)
	fs.StringVar(&f.title, "title", "", "`TITLE` of the page (default: made from the copy's name)")
	fs.StringVar(&f.lead, "lead", "", "begin with the timeline of the lead with this `ID` (default: the most active one)")
	return cmd
}

// check checks the flags and turns them into options of package report. Times are shown in UTC, as everywhere in the
// commands about copies.
func (f *reportFlags) check() error {
	if settings.IsBlank(f.output) {
		return exit.Usagef("-o is missing: give a file such as report.html, or - for standard output")
	}
	f.options.Title, f.options.Location = f.title, time.UTC // as "sync status" has it
	if f.lead == "" {
		return nil
	}
	id, ok := settings.ReadID(f.lead)
	if !ok {
		return exit.Usagef("--lead: %q is not a lead id, which is %s", f.lead, settings.IdRange)
	}
	f.options.Lead = id
	return nil
}

// makeReport writes the page. It draws into a temporary file that replaces FILE at the end, so that a failed report
// does not destroy the page of yesterday; standard output gets it as it is made.
func makeReport(ctx context.Context, a *console.Console, f *reportFlags) error {
	t, err := newTarget(a, &f.targetFlags)
	if err != nil {
		return err
	}
	if err := t.mustHold(ctx); err != nil {
		return err
	}
	return t.writePage(ctx, a, f)
}

// writePage writes the page of a copy to where the flags say.
func (t target) writePage(ctx context.Context, a *console.Console, f *reportFlags) error {
	src, done, err := t.source(ctx)
	if err != nil {
		return err
	}
	defer done()
	write := func(w io.Writer) error { return t.drawProblem(ctx, report.Write(ctx, w, src, &f.options)) }
	if f.output == "-" {
		return write(&output.Counter{Out: a.Stdout})
	}
	size, err := output.WriteFile(f.output, write)
	if err != nil {
		return err
	}
	return output.Printf(a.Stdout, "wrote %s, %s\n", output.Visible(f.output), output.Plural(size, "byte"))
}

// source opens a copy for the page, and returns what closes it.
func (t target) source(ctx context.Context) (src *report.Database, done func(), err error) {
	if t.kind == filesTarget {
		return t.filesSource(ctx)
	}
	src, err = report.Open(ctx, t.place)
	if err != nil {
		return nil, nil, t.loginError(err)
	}
	return src, func() { _ = src.Close() }, nil // it was only read
}

// filesSource reads the rows of a copy in files into a temporary database, which answers the questions of the page.
func (t target) filesSource(ctx context.Context) (src *report.Database, done func(), err error) {
	files, err := filestore.OpenReadOnly(ctx, t.place)
	if err != nil {
		return nil, nil, unreadable(ctx, err)
	}
	defer files.Close() //nolint:errcheck // it was only read
	db, err := files.Tables(ctx)
	if err != nil {
		return nil, nil, unreadable(ctx, err)
	}
	src, err = report.FromDB(ctx, db, report.SQLite, filepath.Base(filepath.Clean(t.place)))
	if err != nil {
		_ = db.Close()
		return nil, nil, err
	}
	return src, func() { _, _ = src.Close(), db.Close() }, nil
}

// drawProblem classifies an error in drawing the page: there is nothing to draw, the page could not be written, or
// the copy could not be read. They have different exit codes.
func (t target) drawProblem(ctx context.Context, err error) error {
	var output output.WriteError
	switch {
	case errors.Is(err, report.ErrNoActivities):
		return nothingToDraw{err}
	case t.kind == postgresTarget || errors.As(err, &output):
		return err
	}
	return unreadable(ctx, err)
}

// nothingToDraw says that a copy, or the lead that was asked for, has no activities.
type nothingToDraw struct{ error }

func (e nothingToDraw) Unwrap() error { return e.error }

// ExitCode returns the code for something that was not found.
func (nothingToDraw) ExitCode() int { return exit.NotFound }
