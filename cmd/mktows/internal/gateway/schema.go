package gateway

import (
	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/gateway"
)

const schemaLong = `Print the JSON schema of the configuration, by which editors
complete and check it. Keep it beside the configuration, and begin that with
the line

  # yaml-language-server: $schema=gateway.schema.json`

// schemaCommand makes "mktows gateway schema".
func schemaCommand(a *console.Console) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON schema of the configuration, for editors",
		Long:    schemaLong,
		Example: "  mktows gateway schema > gateway.schema.json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return exit.Usagef("%s takes no arguments, got %q", cmd.CommandPath(), args)
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error { return output.Printf(a.Stdout, "%s", gateway.Schema()) },
	}
}
