// Package cli is the command line of mktows. It is the only part of the module that
// reads the environment, and the only one that prints.
//
// It imports every other package of the module; nothing but cmd/mktows imports it.
package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// app is what the commands share in one run.
type app struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	args           []string // the command line

	started bool   // the command line was understood
	host    string // of the endpoint, once there is one
	removed bool   // it was said that the service was removed
	end     func() // what ends --timeout
}

// Run runs the command line args, without the program's name, and returns the exit
// code. It stops when ctx ends. Settings are read with getenv, which returns "" for what
// is not set.
func Run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{getenv: getenv, stdin: stdin, stdout: stdout, stderr: &lockedWriter{out: stderr}, args: args, end: func() {}}
	defer func() { a.end() }()
	root := a.rootCommand()
	root.SetArgs(append([]string{}, args...)) // for nil, cobra would take the process's own
	cmd, err := root.ExecuteContextC(ctx)
	return a.report(ctx, cmd, err)
}

const rootLong = `mktows gets data from Marketo's SOAP API (mktows) and changes it, signs requests for it,
and serves a mock of it for tests and trials.

Try it without an account:

  mktows activity 318815 --demo`

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "mktows",
		Short:         "Use Marketo's SOAP API from the command line",
		Long:          rootLong,
		Version:       version(),
		SilenceErrors: true, // report prints them
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          showHelp,
		// Cobra checks flags and arguments before this: what fails before is a mistake in
		// the command line, what fails after is not.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.begin(cmd) },

		DisableFlagsInUseLine: true,
	}
	root.Flags().Bool("version", false, "print the version") // cobra's has the shorthand of --verbose
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(helpCommand())
	root.AddCommand(
		a.activityCommand(), a.callCommand(), a.operationsCommand(), a.signCommand(),
		a.serveCommand(), a.secureAccessCommand(), a.versionCommand(),
		a.leadCommand(), a.changesCommand(), a.listCommand(), a.campaignCommand(),
		a.objectCommand(), a.customCommand(), a.programCommand(),
		a.syncCommand(), a.reportCommand(),
	)
	root.AddCommand(helpTopics()...)
	return root
}

// showHelp is the action of commands that only group others.
func showHelp(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return unknownCommand(cmd, args[0])
}

func unknownCommand(cmd *cobra.Command, name string) error {
	problem := fmt.Errorf("%q is not a command of %s", name, cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2 // what cobra takes where it looks by itself
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		problem = fmt.Errorf("%w; did you mean %s?", problem, near[0])
	}
	return asUsageSee(problem, cmd.CommandPath()+" --help")
}

// helpCommand takes the place of cobra's, which ends well for a topic that is not there.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command or topic]",
		Short: "Show the help of a command or topic",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(found, rest[0])
			}
			found.InitDefaultHelpFlag() // cobra does it only for the command it runs
			return found.Help()
		},
	}
}
