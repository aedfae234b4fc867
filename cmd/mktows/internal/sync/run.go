package sync

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/leadsync"
)

const syncRunLong = `Bring a copy up to date, or begin one.

The plan is shown first. Interrupted by Ctrl-C, it stops at the next commit and says how to go
on; a second Ctrl-C ends it at once, which does no harm either. When the calls of the day are
used up it waits for the reset at midnight US Central, unless --no-wait is given.

With --every it runs again and again until it is interrupted, which is then not a failure.

A service that does not answer when a run begins is tried again for 5 minutes, a database for 15
seconds; with --every, both until it is interrupted.

Over REST, --source bulk reads activities from files that the service makes in minutes, for a few
calls a week of activities. The copy is the same, and each run may use the other source.

What a copy holds is decided when it begins: after that, --type and --field have to stay the same
or can be left out. A call asks the service first whether it takes them. An earlier --since adds
what lies between, and --add-field reads all leads again with one more field. For anything else
there is "mktows sync reset".

A record that cannot be read is kept in table sync_problems and reported, and the copy goes on;
with --strict it holds its stream back.

Progress goes to standard error: on a terminal a bar for each stream, elsewhere a line every few
seconds. Its calls are those of operations: read by pages over REST, each takes several of the calls
that the plan and the calls left today count. With -o jsonl standard output gets one JSON object
to a line: a plan, progress, and the end.

With --demo the built-in simulator is copied, whose data is from 2011 to 2015.

` + targetHelp + `

OTEL_EXPORTER_OTLP_ENDPOINT turns metrics and traces on; the other variables of OpenTelemetry
are followed too.`

const syncRunExample = `  mktows sync run --since 2011-01-01 --to demo.db --demo
  mktows sync run --stream activities,leads --since 2026-01-01 --to leads.db --every 15m
  mktows sync run --stream lead-activity --leads keys.txt --since 2026-01-01 --to copy/ --format parquet
  mktows sync run --since 2026-01-01 --type "Send Email" --lookback-type "Send Email=24h" --to leads.db`

// syncRunCommand makes "mktows sync run".
func syncRunCommand(a *console.Console) *cobra.Command {
	f := syncFlags{form: output.EventFormat()}
	cmd := &cobra.Command{
		Use:     "run",
		Short:   "Bring a copy up to date, or begin one",
		Long:    syncRunLong,
		Example: syncRunExample,
		Args:    settings.FlagsOnly(f.check),
		RunE:    func(cmd *cobra.Command, _ []string) error { return syncRun(cmd.Context(), a, &f) },
	}
	f.bind(cmd)
	f.form.Bind(cmd.Flags())
	cmd.Flags().StringSliceVar(&f.addFields, "add-field", nil, "leads: one more `FIELD` than the copy has; all leads are read again from its beginning")
	cmd.Flags().DurationVar(&f.every, "every", 0, "run again each `TIME`, such as 15m, until interrupted")
	bindNoWait(cmd.Flags(), &f.noWait)
	bindStrict(cmd.Flags(), &f.strict)
	return cmd
}

// syncRun is the whole of "sync run": it opens the copy and makes the plan, prints it, runs until done or
// interrupted, and prints what was done. The report at the end is printed after a failure or an interruption too,
// since what was committed stays.
func syncRun(ctx context.Context, a *console.Console, f *syncFlags) error {
	t, err := newTarget(a, &f.targetFlags)
	if err != nil {
		return err
	}
	tell := newTeller(a, f.form.Value)
	s, forecast, err := startRun(ctx, a, f, t)
	if s != nil {
		defer s.close()
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return stoppedStart(ctx, a, f, err)
	case err != nil:
		return err
	}
	if forecast != nil {
		if err := tell.plan(t, forecast, s.conn.REST); err != nil {
			return err
		}
	}
	var report *leadsync.Report
	began := time.Now().Truncate(time.Second) // as runs have it
	resumes := forecast != nil && slices.ContainsFunc(forecast.Streams, func(s leadsync.StreamForecast) bool { return s.Resumes > 0 })
	err = watched(ctx, a, s, tell, resumes && f.every == 0, func(p progress) (err error) {
		report, err = leadsync.Run(ctx, &s.Config)
		if report != nil && f.every == 0 {
			for i, stream := range s.Streams {
				p.settle(stream.Name, copiedCounts(t, report, i))
			}
		}
		return s.explain(ctx, err)
	})
	if report == nil {
		return err
	}
	end, statusErr := newRunEnd(ctx, s, t, report, began)
	if statusErr == nil {
		statusErr = tell.end(end)
	}
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		return stoppedRun(ctx, a, f, t, end)
	case err != nil:
		return err
	}
	return statusErr
}

// estimate makes the plan. That can take many calls, so the user is told after a few seconds what the wait is for. In
// a session that counts its calls in the copy, the process has to be registered there as a worker first (asWorker).
func estimate(ctx context.Context, a *console.Console, s *session) (f *leadsync.Forecast, err error) {
	patience := time.AfterFunc(PlanPatience, func() { a.Complain("planning: asking the service how much there is") })
	defer patience.Stop()
	ask := func() (err error) {
		f, err = leadsync.Estimate(ctx, &s.Config)
		return err
	}
	if s.access != readWrite {
		err = ask()
		return f, s.explain(ctx, err)
	}
	err = s.asWorker(ctx, ask)
	return f, s.explain(ctx, err)
}

// stoppedRun says after an interruption how to go on: with the same command. With --every, an interruption is the
// normal end and gives exit code 0.
func stoppedRun(ctx context.Context, a *console.Console, f *syncFlags, t target, end runEnd) error {
	if !end.report.Stopped {
		a.Complain("stopped; everything that was planned is copied")
	} else {
		upTo := "as far as it goes"
		if !end.complete.IsZero() {
			upTo = "up to " + output.UtcText(end.complete)
		}
		a.Complain("stopped; the copy is sound " + upTo + "; run the same command to go on:")
		_, _ = io.WriteString(a.Stderr, "  "+output.Visible(commandLine(a.Args))+"\n")
		if hint := f.passwordHint(t); hint != "" {
			a.Complain(hint)
		}
	}
	if f.every > 0 && errors.Is(context.Cause(ctx), context.Canceled) {
		return nil
	}
	return settings.Stopped(ctx, "sync run")
}

// commandLine returns a command line that can be pasted into a shell, without passwords: it is printed, and terminals
// keep what was printed.
func commandLine(args []string) string {
	words := []string{"mktows"}
	for _, arg := range args {
		if flag, value, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(flag, "-") {
			arg = flag + "=" + settings.WithoutPassword(value)
		} else {
			arg = settings.WithoutPassword(arg)
		}
		words = append(words, output.ShellQuote(arg))
	}
	return strings.Join(words, " ")
}

// watched runs work and shows its progress, as bars on a terminal and as lines elsewhere. If the run resumes windows
// of an earlier one, lines hold back the ends of streams until the counts are settled; otherwise the last line would
// show the counts of both.
//
// The deferred calls run in the reverse order: the last tick comes first, then the terminal gets its plain writer
// back.
func watched(ctx context.Context, a *console.Console, s *session, tell teller, resumes bool, work func(progress) error) error {
	var p progress
	if locked, file := terminal(a); file != nil && tell.onTerminal() {
		b := newBars(file, func() int { return widthOf(file) }, time.Now)
		locked.Swap(b) // what else there is to say comes above the bars
		defer locked.Swap(file)
		defer showProgress(b, barEvery)()
		p = b
	} else {
		l := newLines(time.Now, tell.progress)
		l.hold = resumes && tell.onTerminal()
		defer showProgress(l, LineEvery)()
		defer l.release()
		p = l
	}
	s.Progress = p.update
	defer announceSyncStop(ctx, a)()
	return work(p)
}

// announceSyncStop tells the user who interrupts why the program does not stop at once. The function that it returns
// ends the watch, and waits if the message is being written at that moment.
func announceSyncStop(ctx context.Context, a *console.Console) func() {
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		text := "stopping at the next commit…; interrupt again to stop at once"
		if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
			text = cause.Error() + ": " + text
		}
		a.Complain(text)
	})
	return func() {
		if !stop() {
			<-told
		}
	}
}
