package secureaccess

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/auth/secureaccess"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

// secureAccessOpenAPICommand makes "mktows secure-access openapi".
func secureAccessOpenAPICommand(a *console.Console) *cobra.Command {
	path := "/"
	cmd := &cobra.Command{
		Use:     "openapi",
		Short:   "Print a description of the endpoint",
		Long:    secureAccessOpenAPILong,
		Example: "  mktows secure-access openapi --path /marketo/signature > signature.openapi.json",
		Args: func(cmd *cobra.Command, args []string) error {
			if !strings.HasPrefix(path, "/") {
				return exit.Usagef("--path is %q: give a path such as /marketo/signature", path)
			}
			return settings.NoArgs(cmd, args)
		},
		RunE: func(*cobra.Command, []string) error { return output.Printf(a.Stdout, "%s", secureaccess.OpenAPI(path)) },
	}
	cmd.Flags().StringVar(&path, "path", path, "`PATH` of the endpoint")
	return cmd
}
