package gateway

import (
	"errors"
	"net"
	"net/http"

	"github.com/mktows/mktows-go/server"
)

// Inspector keeps exchanges and shows them. It is an interface so that a program which shows none links no pages; package
// server/inspector has pages, and package server/admin a journal for them.
type Inspector interface {
	http.Handler
	// Add keeps an exchange. It is called by several goroutines at once, before the answer is sent.
	Add(e server.Exchange)
	// Clear forgets all exchanges.
	Clear()
}

// WithInspector sets what keeps and shows exchanges if the configuration asks for it: see [Config].Inspector.
func WithInspector(i Inspector) Option {
	return func(o *options) error {
		if i == nil {
			return errors.New("gateway: WithInspector: it is nil")
		}
		o.inspector = i
		return nil
	}
}

// inspector checks the setting of the inspector, and returns it if it is on.
func (p *problems) inspector(given Inspector) Inspector {
	if !p.config.Inspector {
		return nil
	}
	addr, err := net.ResolveTCPAddr("tcp", p.config.Admin)
	switch {
	case given == nil:
		p.add("inspector", "this program has none: leave it out")
	case p.config.Admin == "":
		p.add("inspector", "is shown at admin, which is missing: give it an address of this machine, such as 127.0.0.1:8091")
	case err == nil && !addr.IP.IsLoopback():
		p.add("inspector", "shows all that programs send and get, and %s can be reached from other machines: let admin be an address of this machine, such as 127.0.0.1:8091",
			p.config.Admin)
	}
	return given
}

// keep returns what gets the exchanges of an installation; nil if nothing does.
func (in *installation) keep() func(server.Exchange) {
	switch {
	case in.inspector == nil && in.journal == nil:
		return nil
	case in.inspector == nil:
		return in.journal.add
	}
	return func(e server.Exchange) {
		in.journal.add(e)
		in.inspector.Add(e)
	}
}

// inspect serves the inspector while the configuration asks for it.
func (g *Gateway) inspect(w http.ResponseWriter, r *http.Request) {
	if i := g.current.Load().inspector; i != nil {
		i.ServeHTTP(w, r)
		return
	}
	http.NotFound(w, r)
}
