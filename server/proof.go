package server

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"
)

// PerAddress bounds what callers get of one address, who have not proved yet who they are. A zero means no bound.
type PerAddress struct {
	// Pending and PendingBytes are what [WithMaxPending] bounds for all.
	Pending      int
	PendingBytes int64
	// Unproven is how many calls without a right signature may come in a minute. Answers to further ones are held back for a
	// second, and such calls are neither logged nor in the journal, but seen by [WithObserver]. They are the answers that the calls would have got anyway,
	// since SOAP clients understand a fault, and not HTTP 429. Calls with a right signature are never held back: they may come
	// from the same address, behind a router that many share.
	Unproven int
}

// WithPerAddress bounds what callers of one address get before it is known who they are. The address is the request's RemoteAddr,
// of which counts what [AddressOf] returns. A request without one, as over a Unix socket, is not bounded by it. Default: no bounds.
func WithPerAddress(b PerAddress) Option {
	return func(s *Server) error {
		if b.Pending < 0 || b.PendingBytes < 0 || b.Unproven < 0 {
			return errors.New("server: WithPerAddress: no bound can be negative")
		}
		s.lobby.mostOne = room{b.Pending, b.PendingBytes}
		s.proof.on, s.proof.most = true, b.Unproven
		return nil
	}
}

// heldBack is how long an answer is held back.
const heldBack = time.Second

// maxAddresses bounds the memory of a proof. Addresses for which there is no place in a minute are counted as one.
const maxAddresses = 4096

// proof counts calls without a right signature, by address and minute.
type proof struct {
	on   bool
	most int // zero: any number

	mu     sync.Mutex // guards the rest
	minute time.Time
	counts map[string]int
}

// AddressOf returns what an address with a port, such as a request's RemoteAddr, counts as in [PerAddress]: an IPv4 address, or an IPv6
// network of 64 bits, which one customer of a provider has; empty: it is none.
func AddressOf(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return ""
	}
	addr := at.Addr().Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	network, _ := addr.Prefix(64) // which an IPv6 address always has
	return network.String()
}

// count counts a call, and returns how many have come from the address in this minute.
func (p *proof) count(address string, now time.Time) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if minute := now.Truncate(time.Minute); p.counts == nil || !minute.Equal(p.minute) {
		p.minute, p.counts = minute, make(map[string]int)
	}
	if _, known := p.counts[address]; !known && len(p.counts) >= maxAddresses {
		address = ""
	}
	p.counts[address]++
	return p.counts[address]
}

// noteUnproven counts a call that has come without a right signature. If its address has sent too many it holds the answer back and
// returns true: nothing more is kept of the call.
func (c *call) noteUnproven(ctx context.Context) bool {
	if c.proof.most == 0 || c.exchange.Address == "" {
		return false
	}
	c.exchange.Unproven = c.proof.count(c.exchange.Address, c.exchange.Time)
	if c.exchange.Unproven <= c.proof.most {
		return false
	}
	c.guest.leave()
	c.doc, c.request = "", nil
	_ = c.sleep(ctx, heldBack) // who has gone is not waited for
	return true
}
