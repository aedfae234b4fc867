package root

import (
	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

const versionLong = `Print the version, the commit that the program was built from, its date in UTC, the version of Go and
the platform. "modified" says that there were changes that the commit does not have. What the build
does not say is left out, or empty in JSON.`

func versionCommand(a *console.Console) *cobra.Command {
	form := output.ValueFormat()
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long:  versionLong,
		Args:  settings.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			b := console.ThisBuild()
			if form.Value == "json" {
				return output.WriteJSON(a.Stdout, b)
			}
			return output.Printf(a.Stdout, "mktows %s %s %s\n", b, b.Go, b.Platform)
		},
	}
	form.Bind(cmd.Flags())
	return cmd
}
