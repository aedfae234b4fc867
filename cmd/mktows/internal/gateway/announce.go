package gateway

import (
	"net"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/listen"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/gateway"
)

func notSet(missing []string) error {
	slices.Sort(missing)
	return exit.Settingsf("not set: %s\ngive the file of a configuration, set these, or try --demo", strings.Join(missing, ", "))
}

// announce prints that the gateway is ready: where it listens and, of a gateway without a file, the settings of SOAP clients as shell
// commands. A key from the environment is not printed.
func announce(a *console.Console, f *gatewayFlags, args []string, c *gateway.Config, open []net.Listener) error {
	for i, ln := range open {
		base := c.Listeners[i].Address
		if _, tcp := ln.Addr().(*net.TCPAddr); tcp {
			base = listen.BaseURL(ln)
			if c.Listeners[i].TLS != nil {
				base = "https" + strings.TrimPrefix(base, "http")
			}
			base += demo.EndpointPath
		}
		if err := output.Printf(a.Stdout, "# mktows gateway: listening on %s (contract: ?WSDL)\n", base); err != nil {
			return err
		}
		if v := c.Listeners[i].TLS; v != nil && (v.MinVersion == "1.0" || v.MinVersion == "1.1") {
			a.Warnf("%s accepts TLS %s, which has known weaknesses: let no client use it that can do better", base, v.MinVersion)
		}
		if len(args) > 0 {
			continue
		}
		key := "# " + settings.VarSecretKey + " is the one of this gateway's environment"
		if f.demo && a.Getenv(settings.VarSecretKey) == "" && a.Getenv(settings.VarSecretKey+"_FILE") == "" {
			key = "export " + settings.VarSecretKey + "=" + demo.Key
		}
		t := &c.Tenants[0]
		if err := output.Printf(a.Stdout, "# its calls go to the REST API at %s\nexport %s=%s\nexport %s=%s\n%s\n", t.REST.Endpoint,
			settings.VarEndpoint, base, settings.VarUserID, output.ShellQuote(t.UserID), key); err != nil {
			return err
		}
	}
	return nil
}
