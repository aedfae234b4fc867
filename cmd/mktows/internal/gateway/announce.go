package gateway

import (
	"net"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/listen"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/gateway"
)

func notSet(missing []string) error {
	slices.Sort(missing)
	return exit.Settingsf("not set: %s\ngive the file of a configuration, set these, or try --demo", strings.Join(missing, ", "))
}

// announce prints that the gateway is ready: where it listens and, of a gateway without a file, the settings of SOAP
// clients. A key from the environment is not told.
func announce(a *console.Console, f *gatewayFlags, args []string, c *gateway.Config, open []net.Listener) error {
	n := new(listen.Announcement)
	for i, ln := range open {
		base := c.Listeners[i].Address
		if _, tcp := ln.Addr().(*net.TCPAddr); tcp {
			base = listen.BaseURL(ln)
			if c.Listeners[i].TLS != nil {
				base = "https" + strings.TrimPrefix(base, "http")
			}
			base += demo.EndpointPath
		}
		n.Listening("gateway", base, " (contract: ?WSDL)")
		if v := c.Listeners[i].TLS; v != nil && (v.MinVersion == "1.0" || v.MinVersion == "1.1") {
			a.Warnf("%s accepts TLS %s, which has known weaknesses: let no client use it that can do better", base, v.MinVersion)
		}
		if len(args) == 0 {
			exportSettings(n, a, f, &c.Tenants[0], base)
		}
	}
	return n.Write(a.Stdout, f.form.Value)
}

// exportSettings adds the settings of SOAP clients of a gateway without a file.
func exportSettings(n *listen.Announcement, a *console.Console, f *gatewayFlags, t *gateway.Tenant, endpoint string) {
	withheld := "the one of this gateway's environment"
	if f.demo && a.Getenv(settings.VarSecretKey) == "" && a.Getenv(settings.VarSecretKey+"_FILE") == "" {
		withheld = ""
	}
	n.REST(t.REST.Endpoint, "its calls go to the REST API at "+t.REST.Endpoint)
	n.Export(settings.VarEndpoint, endpoint)
	n.Export(settings.VarUserID, t.UserID)
	n.Secret(settings.VarSecretKey, demo.Key, withheld)
}
