package settings

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// Group makes a command that only groups others. Long may be empty: help shows short then.
func Group(use, short, long string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Long: long, Args: cobra.ArbitraryArgs, RunE: ShowHelp}
	cmd.AddCommand(commands...)
	return cmd
}

// ShowHelp is the action of commands that only group others.
func ShowHelp(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return UnknownCommand(cmd, args[0])
}

// UnknownCommand is the error for a name that is no command of cmd.
func UnknownCommand(cmd *cobra.Command, name string) error {
	problem := fmt.Errorf("%q is not a command of %s", name, cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2 // what cobra takes where it looks by itself
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		problem = fmt.Errorf("%w; did you mean %s?", problem, near[0])
	}
	return exit.AsUsageSee(problem, cmd.CommandPath()+" --help")
}

// NoArgs refuses arguments; it is a cobra.PositionalArgs.
func NoArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return exit.Usagef("%s takes no arguments, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// FlagsOnly is for commands that take no arguments and whose flags have to fit together: check says whether they do.
func FlagsOnly(check func() error) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := NoArgs(cmd, args); err != nil {
			return err
		}
		return check()
	}
}
