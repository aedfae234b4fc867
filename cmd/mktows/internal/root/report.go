package root

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

// report prints the error that a command ended with and returns its exit code. An error from before the command has
// started is cobra's, about a flag or an argument; cobra has no type for those, so the time at which it came is what
// tells it from an error of the command itself.
func report(ctx context.Context, a *console.Console, cmd *cobra.Command, err error) int {
	var usage exit.UsageError
	if err != nil && !a.Started && !errors.As(err, &usage) {
		err = exit.AsUsage(err) // cobra's own
	}
	code := exit.Code(ctx, err)
	switch code {
	case exit.OK, exit.Pipe: // of a pipe that was closed nobody wants to hear
	case exit.Interrupted:
		a.Complain("interrupted")
	case exit.Usage:
		a.Complain(err.Error())
		errors.As(err, &usage)
		a.Complain(fmt.Sprintf("run %q for help", cmp.Or(usage.Help, cmd.CommandPath()+" --help")))
	default:
		a.Complain(err.Error())
		settings.Advise(a, err)
	}
	return code
}
