package root

import (
	"runtime"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

func versionCommand(a *console.Console) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  settings.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return output.Printf(a.Stdout, "mktows %s %s %s/%s\n", console.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}
