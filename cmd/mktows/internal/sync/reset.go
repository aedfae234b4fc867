package sync

import (
	"bufio"
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

const syncResetLong = `Forget a stream of a copy, so that the next "mktows sync run" starts it over, with other types or
fields if you like. Its rows, windows, runs and positions are removed. The service is not called.

The streams activities and lead-activity write to the same table. As long as the copy has both,
nobody can tell which of them a row belongs to, so the rows stay and are updated where they are read
again. To get rid of them, reset both streams.

The command asks before it does anything; without a terminal to ask at, --yes is needed. No other
process may be working on the copy.

` + targetHelp

type syncResetFlags struct {
	targetFlags

	stream string
	yes    bool
}

// syncResetCommand makes "mktows sync reset".
func syncResetCommand(a *console.Console) *cobra.Command {
	var f syncResetFlags
	cmd := &cobra.Command{
		Use:     "reset",
		Short:   "Forget a stream of a copy, to start it over",
		Long:    syncResetLong,
		Example: "  mktows sync reset --stream leads --to leads.db",
		Args:    settings.FlagsOnly(f.check),
		RunE:    func(cmd *cobra.Command, _ []string) error { return syncReset(cmd.Context(), a, &f) },
	}
	fs := cmd.Flags()
	f.targetFlags.bind(fs)
	fs.StringVar(&f.stream, "stream", "", "the `STREAM` to forget: activities, lead-activity or leads")
	settings.Values(fs, "stream", settings.Words(store.StreamNames())...)
	fs.BoolVar(&f.yes, "yes", false, "do it without asking")
	return cmd
}

func (f *syncResetFlags) check() error {
	for _, name := range store.StreamNames() {
		if f.stream == string(name) {
			return nil
		}
	}
	if settings.IsBlank(f.stream) {
		return exit.Usagef("--stream is missing: give one of %s", streamList())
	}
	return exit.Usagef("--stream: %q is none of %s", f.stream, streamList())
}

// errNotAgreed ends the transaction of a reset that was only meant to be looked at, or that the user declined.
var errNotAgreed = errors.New("nothing was changed")

// syncReset asks the user and then resets. Leadsync.Reset runs in a transaction and lets its caller decline after
// seeing what would be removed. It is called twice, once to look and once to do it: holding the transaction open
// while a person thinks would block every other reader of the copy.
func syncReset(ctx context.Context, a *console.Console, f *syncResetFlags) error {
	t, err := newTarget(a, &f.targetFlags)
	if err != nil {
		return err
	}
	if err := t.mustHold(ctx); err != nil {
		return err
	}
	dest, err := t.open(ctx)
	if err != nil {
		return err
	}
	defer dest.Close() //nolint:errcheck // what was committed is safe
	name := leadsync.StreamName(f.stream)
	var r store.Removal
	err = leadsync.Reset(ctx, dest, name, func(found store.Removal) error {
		r = found
		return errNotAgreed
	})
	if !errors.Is(err, errNotAgreed) {
		return err
	}
	a.Complain(removalText(t, r))
	if !f.yes {
		if err := ask(ctx, a, f); err != nil {
			return err
		}
	}
	if err := leadsync.Reset(ctx, dest, name, func(store.Removal) error { return nil }); err != nil {
		return err
	}
	return output.Printf(a.Stdout, "the stream %s is forgotten; \"mktows sync run\" with --since starts it over\n", name)
}

// removalText describes what a reset removes.
func removalText(t target, r store.Removal) string {
	text := "the stream " + string(r.Stream) + " of " + t.String() + ", copied since " + output.UtcText(r.Since)
	if what := only(r.Query); what != "" {
		text += " with " + what + " only"
	}
	text += ", will be forgotten: " + output.Plural(r.Runs, "run") + " and " + output.Plural(r.Windows, "window")
	if r.Shared != "" {
		return text + "; " + output.Plural(r.Rows, "row") + " stay, since the stream " + string(r.Shared) + " writes the same table"
	}
	return text + ", and " + output.Plural(r.Rows, "row")
}

// ask asks the user at the terminal, and refuses if there is none. The answer is read in a goroutine, as a read from
// a terminal cannot be cancelled; anything but y or yes is a no.
func ask(ctx context.Context, a *console.Console, f *syncResetFlags) error {
	file, ok := a.Stdin.(*os.File)
	if !ok || !term.IsTerminal(descriptor(file)) {
		return exit.Usagef("there is no terminal to ask at: give --yes to forget the stream %s", f.stream)
	}
	_, _ = a.Stderr.Write([]byte("forget it? [y/N] "))
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(file).ReadString('\n') // no answer is a no
		answer <- line
	}()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case line := <-answer:
		if word := strings.ToLower(strings.TrimSpace(line)); word == "y" || word == "yes" {
			return nil
		}
	}
	return errNotAgreed
}
