package names

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/restport"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

const namesLong = `Keep the names of fields of leads and of activities in a file.

The SOAP API and the REST API have different names for the same fields. The instance tells both for
now, and nobody promises that it always will. With a file, which MKTOWS_REST_NAMES names, commands go
on when it does not.`

// Command makes "mktows names" and what it groups.
func Command(a *console.Console) *cobra.Command {
	return settings.Group("names", "Keep names of fields and activities in a file", namesLong, learnCommand(a), diffCommand(a))
}

const learnLong = `Learn the names of fields of leads and of activities from the instance, over the REST API, and write
them to a file, whole or not at all.

If FILE is there, nothing that it knows is lost. Its SOAP names come first, those that you have
written too; names that were guessed give way to names that are told. Fields and types that the
instance no longer has are kept, marked as gone. To have a name from the instance again, delete its
entry from FILE before. A file with the names of another instance is not touched.

What has changed in FILE is listed. It costs two calls and needs the permissions Read-Only Lead and
Read-Only Activity.`

// learnCommand makes "mktows names learn".
func learnCommand(a *console.Console) *cobra.Command {
	var path string
	f := newFlags()
	cmd := &cobra.Command{
		Use:     "learn",
		Short:   "Learn the names from the instance and write them to a file",
		Long:    learnLong,
		Example: "  mktows names learn -o names.json --demo\n  mktows names learn -o names.json && export MKTOWS_REST_NAMES=$PWD/names.json",
		Args: settings.FlagsOnly(func() error {
			if settings.IsBlank(path) {
				return exit.Usagef("-o is missing: give a file such as names.json")
			}
			return nil
		}),
		RunE: func(cmd *cobra.Command, _ []string) error { return learn(cmd.Context(), a, f, path) },
	}
	cmd.Flags().StringVarP(&path, "output", "o", "", "write the names to `FILE`; required")
	settings.FileValue(cmd.Flags(), "output", "json")
	f.Bind(cmd.Flags())
	return cmd
}

// newFlags returns the flags of commands that are about the REST API alone.
func newFlags() *settings.RemoteFlags {
	return &settings.RemoteFlags{ConnectionFlags: settings.ConnectionFlags{RESTOnly: true}}
}

// learn reads the old file before it asks for anything: one that cannot be read is not written over.
func learn(ctx context.Context, a *console.Console, f *settings.RemoteFlags, path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return exit.Usagef("-o: %s is not a file that can be read and replaced", path)
	}
	old, err := bridge.LoadNames(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return exit.Inputf("%w\nit is not written over: mend it, move it away or name another one with -o", err)
	}
	now, err := ask(ctx, a, f)
	if err != nil {
		return err
	}
	told, kept := now.TellsSOAP(), now
	if old != nil {
		if of := old.Instance(); of != "" && of != now.Instance() {
			return exit.Settingsf("%s has the names of another instance, %s: name another file with -o", path, of)
		}
		kept = now.Keeping(old)
	}
	if _, err := output.WriteFile(path, func(w io.Writer) error { _, err := kept.WriteTo(w); return err }); err != nil {
		return err
	}
	if !told {
		a.Warnf("%s", untold(old, kept))
	}
	return tell(a.Stdout, path, old, kept)
}

// untold says what it means that the instance tells no SOAP names.
func untold(old, kept *bridge.NamesFile) string {
	text := "the instance tells no names of the SOAP API any more"
	switch n := kept.Guessed(); {
	case old == nil || !old.TellsSOAP():
		return text + ", so all are guessed: compare them with what your programs use, and write those that differ into the file"
	case n > 0:
		return fmt.Sprintf("%s: those of the file are kept, and %s guessed that it did not have", text, output.Plural(n, "name"))
	}
	return text + ": those of the file are kept"
}

// tell says what is in the file, and what has changed there.
func tell(w io.Writer, path string, old, kept *bridge.NamesFile) error {
	text := fmt.Sprintf("%s: %s and %s", path, output.Plural(kept.Fields(), "field"), output.Plural(kept.ActivityTypes(), "activity type"))
	if old == nil {
		return output.Printf(w, "%s\n", output.Visible(text))
	}
	changes := bridge.DiffNames(old, kept)
	for _, c := range changes {
		if err := output.Printf(w, "%s\n", output.Visible(c.String())); err != nil {
			return err
		}
	}
	return output.Printf(w, "%s; %s\n", output.Visible(text), output.Plural(len(changes), "change"))
}

// ask asks the instance for its names.
func ask(ctx context.Context, a *console.Console, f *settings.RemoteFlags) (*bridge.NamesFile, error) {
	if err := f.CheckDemo(f.Demo); err != nil {
		return nil, err
	}
	port, stop, err := settings.OpenPort(ctx, a, &f.ConnectionFlags, f.Demo)
	if err != nil {
		return nil, err
	}
	defer stop()
	return restport.Bridge(port).LearnNames(ctx)
}

const diffLong = `Compare a file of names with the instance, over the REST API: which fields and types are new or gone,
which names and types have changed. Of a file that you have written only what it says is compared.
Where the instance tells no SOAP names any more, those of the file count.

The exit code is 0 if nothing differs, 10 if something does. It costs two calls.`

// diffCommand makes "mktows names diff".
func diffCommand(a *console.Console) *cobra.Command {
	var out output.FormFlags
	f := newFlags()
	cmd := &cobra.Command{
		Use:               "diff FILE",
		ValidArgsFunction: settings.Files(0, "json"),
		Short:             "Compare a file of names with the instance",
		Long:              diffLong,
		Example:           "  mktows names diff names.json\n  mktows names diff names.json -o json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || settings.IsBlank(args[0]) {
				return exit.Usagef("give one FILE, which \"mktows names learn\" has written")
			}
			return out.Check()
		},
		RunE: func(cmd *cobra.Command, args []string) error { return diff(cmd.Context(), a, f, &out, args[0]) },
	}
	f.Bind(cmd.Flags())
	out.Bind(cmd.Flags())
	return cmd
}

func diff(ctx context.Context, a *console.Console, f *settings.RemoteFlags, out *output.FormFlags, path string) error {
	file, err := bridge.LoadNames(path)
	if err != nil {
		return exit.AsInput(err)
	}
	now, err := ask(ctx, a, f)
	if err != nil {
		return err
	}
	if of := file.Instance(); of != "" && of != now.Instance() {
		a.Warnf("%s has the names of another instance, %s", path, of)
	}
	if !now.TellsSOAP() {
		a.Warnf("the instance tells no names of the SOAP API any more: those of %s count", path)
	}
	changes := bridge.DiffNames(file, now)
	if err := output.All(changes, output.NewListing(a.Stdout, out, changeShape())); err != nil || len(changes) == 0 {
		return err
	}
	return &differenceError{path}
}

// differenceError says that a file is not what the instance tells.
type differenceError struct{ path string }

func (e *differenceError) Error() string {
	return fmt.Sprintf("%s differs from the instance\nto take what is new into it: mktows names learn -o %s", e.path, output.ShellQuote(e.path))
}

// ExitCode returns Differs.
func (*differenceError) ExitCode() int { return exit.Differs }

// changeShape describes changes in the formats of -o.
func changeShape() output.Shape[bridge.NameChange] {
	return output.Shape[bridge.NameChange]{
		Noun: "difference", Nouns: "differences",
		Columns: []output.Column{{Title: "OBJECT"}, {Title: "NAME", Weight: 2}, {Title: "CHANGE"}, {Title: "PART", Weight: 1}, {Title: "FILE", Weight: 2}, {Title: "INSTANCE", Weight: 2}},
		Cells: func(c *bridge.NameChange) []string {
			return []string{c.Object, c.Name, c.Change, c.Part, c.Old, c.New}
		},
		Json: func(c *bridge.NameChange) any { return c },
	}
}
