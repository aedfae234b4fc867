package root

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

// Family makes the commands of one family.
type Family func(*console.Console) []*cobra.Command

// Run runs the command line args (without the program's name) with the commands of some families, and returns the
// exit code. It stops when ctx ends. Environment variables are read with getenv, which returns "" for one that is not
// set, so that a test can run a command line without touching the environment of its process. Once the command has
// returned, Console.End releases the timer of --timeout.
func Run(
	ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer, families ...Family,
) int {
	a := &console.Console{Getenv: getenv, Stdin: stdin, Stdout: stdout, Stderr: &console.LockedWriter{Out: stderr}, Args: args, End: func() {}}
	defer func() { a.End() }()
	root := New(a, families...)
	root.SetArgs(append([]string{}, args...)) // for nil, cobra would take the process's own
	cmd, err := root.ExecuteContextC(ctx)
	return report(ctx, a, cmd, err)
}

const rootLong = `mktows gets data from Marketo and changes it, over the SOAP API (mktows) or the REST API, signs
requests for the SOAP API, and serves a mock of both for tests and trials.

Try it without an account:

  mktows activity 318815 --demo`

// New makes the root command with the commands of some families. Much of it undoes defaults of cobra: errors are printed by report and not by cobra,
// because only report knows exit codes; usage is not printed after an error, because it would push the error out of
// sight; and --version has no shorthand, because -v means --verbose.
func New(a *console.Console, families ...Family) *cobra.Command {
	root := &cobra.Command{
		Use:           "mktows",
		Short:         "Use Marketo's SOAP or REST API from the command line",
		Long:          rootLong,
		Version:       console.ThisBuild().String(),
		SilenceErrors: true, // report prints them
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          settings.ShowHelp,
		// Cobra checks flags and arguments before this: what fails before is a mistake in
		// the command line, what fails after is not.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return settings.Begin(a, cmd) },

		DisableFlagsInUseLine: true,
	}
	root.Flags().Bool("version", false, "print the version") // cobra's has the shorthand of --verbose
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetFlagErrorFunc(settings.FlagError)
	root.SetHelpCommand(helpCommand())
	for _, family := range families {
		root.AddCommand(family(a)...)
	}
	root.AddCommand(versionCommand(a))
	root.AddCommand(helpTopics()...)
	if len(a.Args) > 0 && strings.HasPrefix(a.Args[0], cobra.ShellCompRequestCmd) {
		settings.Complete(a, root)
	}
	return root
}

// helpCommand takes the place of cobra's own help command, which exits with 0 for a topic that does not exist. A
// script that asks for help by name would not notice.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "help [command or topic]",
		Short:             "Show the help of a command or topic",
		ValidArgsFunction: helpWords,
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return settings.UnknownCommand(found, rest[0])
			}
			found.InitDefaultHelpFlag() // cobra does it only for the command it runs
			return found.Help()
		},
	}
}

// helpWords completes the words after help to commands and topics. A topic is a command that does nothing.
func helpWords(cmd *cobra.Command, args []string, text string) ([]cobra.Completion, cobra.ShellCompDirective) {
	found, rest, err := cmd.Root().Find(args)
	var words []cobra.Completion
	if err == nil && len(rest) == 0 {
		for _, sub := range found.Commands() {
			if !sub.Hidden && strings.HasPrefix(sub.Name(), text) {
				words = append(words, cobra.CompletionWithDesc(sub.Name(), sub.Short))
			}
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
