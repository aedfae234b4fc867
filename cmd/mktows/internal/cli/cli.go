package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/activity"
	"github.com/mktows/mktows-go/cmd/mktows/internal/call"
	"github.com/mktows/mktows-go/cmd/mktows/internal/campaign"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/copyport"
	"github.com/mktows/mktows-go/cmd/mktows/internal/doctor"
	"github.com/mktows/mktows-go/cmd/mktows/internal/gateway"
	"github.com/mktows/mktows-go/cmd/mktows/internal/lead"
	"github.com/mktows/mktows-go/cmd/mktows/internal/list"
	"github.com/mktows/mktows-go/cmd/mktows/internal/names"
	"github.com/mktows/mktows-go/cmd/mktows/internal/object"
	"github.com/mktows/mktows-go/cmd/mktows/internal/profile"
	"github.com/mktows/mktows-go/cmd/mktows/internal/program"
	"github.com/mktows/mktows-go/cmd/mktows/internal/restport"
	"github.com/mktows/mktows-go/cmd/mktows/internal/root"
	"github.com/mktows/mktows-go/cmd/mktows/internal/secureaccess"
	"github.com/mktows/mktows-go/cmd/mktows/internal/serve"
	"github.com/mktows/mktows-go/cmd/mktows/internal/sync"
)

// Run runs the command line args, without the program's name, and returns the exit code; see [root.Run].
func Run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	return root.Run(ctx, args, getenv, stdin, stdout, stderr, commands)
}

// Tree returns the command line as what is made of its help needs it: nothing of it is run.
func Tree() *cobra.Command {
	a := &console.Console{Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard}
	return root.New(a, commands)
}

// commands returns all commands, in no particular order: help sorts them. They can call the REST API and read copies.
func commands(a *console.Console) []*cobra.Command {
	a.REST, a.Copy = restport.REST(), copyport.Open
	return []*cobra.Command{
		activity.Command(a), call.Command(a), call.OperationsCommand(a), call.SignCommand(a),
		serve.Command(a), gateway.Command(a), secureaccess.Command(a),
		lead.Command(a), activity.ChangesCommand(a), list.Command(a), campaign.Command(a),
		object.Command(a), object.CustomCommand(a), program.Command(a), names.Command(a), doctor.Command(a), profile.Command(a),
		sync.Command(a), sync.ReportCommand(a),
	}
}
