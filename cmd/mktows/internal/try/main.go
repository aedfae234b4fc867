// Try is mktows with the commands that print activities and nothing else, which is compiled in a fraction of the time:
// "make run" shows with it that the module works, before anything else of it is built.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/activity"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/root"
)

func main() {
	os.Exit(root.Run(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr, commands))
}

func commands(a *console.Console) []*cobra.Command {
	return []*cobra.Command{activity.Command(a), activity.ChangesCommand(a)}
}
