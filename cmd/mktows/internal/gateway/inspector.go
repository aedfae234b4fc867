package gateway

import (
	"net"
	"net/http"

	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/server/admin"
	"github.com/mktows/mktows-go/server/inspector"
)

// inspected keeps exchanges in a journal, and shows them as pages.
type inspected struct {
	*admin.Journal
	http.Handler
}

// newInspector returns the inspector of a gateway.
func newInspector(c *gateway.Config) (gateway.Option, error) {
	journal := new(admin.Journal)
	api, err := admin.NewForJournal(journal)
	if err != nil {
		return nil, err
	}
	pages, err := inspector.New(api, inspector.Options{Title: "Gateway", Endpoint: endpointOf(c)})
	if err != nil {
		return nil, err
	}
	return gateway.WithInspector(inspected{journal, pages}), nil
}

// endpointOf is the base URL of the first listener on this machine; empty: it cannot be told.
func endpointOf(c *gateway.Config) string {
	for i := range c.Listeners {
		l := &c.Listeners[i]
		host, port, err := net.SplitHostPort(l.Address)
		if err != nil || host == "unix" || port == "0" {
			continue
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "localhost"
		}
		if l.TLS != nil {
			return "https://" + net.JoinHostPort(host, port)
		}
		return "http://" + net.JoinHostPort(host, port)
	}
	return ""
}
