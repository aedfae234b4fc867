package gateway

import (
	"cmp"

	"github.com/mktows/mktows-go/server"
)

// Callers bounds what those may take up who have not proved yet who they are, and how many connections there may be. An address
// is an IPv4 address or an IPv6 network of 64 bits; behind a proxy it is the last one in X-Forwarded-For. A zero stands for the
// default.
type Callers struct {
	// Connections is how many connections there may be, by all listeners together. Default: 10,000, or half of the files that the
	// process may open, if that is less. One more takes the place of the one that has been without a call with a right
	// signature for longest; it is closed if there is none.
	Connections int `yaml:"connections"`
	// ConnectionsPerAddress is the same for one address. It does not count behind a proxy or on a Unix socket. Default: 1,000.
	ConnectionsPerAddress int `yaml:"connectionsPerAddress"`
	// Pending is how many requests of an address are read at once: see server.PerAddress. Default: 128.
	Pending int `yaml:"pending"`
	// PendingBytes is how many bytes these may have together. Default: 32 MiB.
	PendingBytes int `yaml:"pendingBytes"`
	// Unproven is how many calls without a right signature an address may send in a minute before their answers get slow. Those
	// with a right one never do. Default: 120.
	Unproven int `yaml:"unproven"`
}

// callers returns the bounds with their defaults, and notes what is wrong with them.
func (p *problems) callers() Callers {
	c := p.config.Callers
	for _, bound := range []struct {
		name      string
		n         *int
		otherwise int
	}{
		{"connections", &c.Connections, min(10_000, mostFiles()/2)}, {"connectionsPerAddress", &c.ConnectionsPerAddress, 1000},
		{"pending", &c.Pending, 128}, {"pendingBytes", &c.PendingBytes, 32 << 20}, {"unproven", &c.Unproven, 120},
	} {
		if *bound.n < 0 {
			p.add("callers."+bound.name, "is negative: leave it out for the default")
		}
		*bound.n = cmp.Or(*bound.n, bound.otherwise)
	}
	return c
}

func (c Callers) perAddress() server.PerAddress {
	return server.PerAddress{Pending: c.Pending, PendingBytes: int64(c.PendingBytes), Unproven: c.Unproven}
}
