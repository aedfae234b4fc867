package settings

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// Group makes a command that only groups other commands. Long may be empty; help then shows short.
func Group(use, short, long string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: long, Args: cobra.ArbitraryArgs, RunE: ShowHelp}
	cmd.AddCommand(commands...)
	return cmd
}

// ShowHelp is the action of commands that only group others. Without arguments it shows help. With an argument, the
// argument is a misspelt command, and cobra would show the same help and exit with 0; a script would not notice.
func ShowHelp(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return UnknownCommand(cmd, args[0])
}

// UnknownCommand returns the error for a name that is not a command of cmd, with a suggestion if one is close.
func UnknownCommand(cmd *cobra.Command, name string) error {
	problem := fmt.Errorf("%q is not a command of %s", name, cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2 // what cobra takes where it looks by itself
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		problem = fmt.Errorf("%w; did you mean %s?", problem, near[0])
	}
	return exit.AsUsageSee(problem, cmd.CommandPath()+" --help")
}

// NoArgs refuses arguments. It is a cobra.PositionalArgs like cobra.NoArgs, with a message of our own.
func NoArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return exit.Usagef("%s takes no arguments, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// FlagsOnly is for commands that take no arguments but have flags to be checked together. Cobra calls Args before it
// runs a command, and every error that comes up there counts as a mistake in the command line (exit code 2).
func FlagsOnly(check func() error) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := NoArgs(cmd, args); err != nil {
			return err
		}
		return check()
	}
}
