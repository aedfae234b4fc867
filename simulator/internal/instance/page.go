package instance

import (
	"math"
	"math/rand/v2"
	"sync"

	"github.com/mktows/mktows-go/simulator/record"
)

// Pages returns how the instance pages.
func (i *Instance) Pages() record.Pages { return *i.pages.Load() }

// SetPages changes how the instance pages. What is random begins anew.
func (i *Instance) SetPages(p record.Pages) {
	i.pages.Store(&p)
	i.dice.restart(&p)
}

// PageSize returns how many rows a page has: what is asked for, if that is more than 0, up
// to the limit of the operation and that of the instance.
func (i *Instance) PageSize(asked int32, limit int) int {
	if most := i.pages.Load().Limit; most > 0 {
		limit = min(limit, most)
	}
	if asked > 0 {
		return min(int(asked), limit)
	}
	return limit
}

// Remaining returns how many rows an answer says to be left. Where counts are rough and the
// one asked for cannot be trusted in the service either, it is 1 for any number.
func (i *Instance) Remaining(n int, trusted bool) int32 {
	if i.pages.Load().Rough && !trusted {
		n = min(n, 1)
	}
	return int32(min(n, math.MaxInt32)) //nolint:gosec // just bounded
}

// Shorten returns how many of n rows a page gets; it may be none if mayBeEmpty.
func (i *Instance) Shorten(n int, mayBeEmpty bool) int { return i.dice.shorten(n, mayBeEmpty) }

// dice decides what is random. The lock is its own: readers of the instance share theirs.
type dice struct {
	mu           sync.Mutex
	short, empty float64
	source       *rand.Rand
}

func (d *dice) restart(p *record.Pages) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.short, d.empty = p.Short, p.Empty
	d.source = rand.New(rand.NewPCG(p.Seed, 0))
}

// shorten decides how many of n rows a page gets. Clients must not take a short or an empty page for the end, and
// this lets a test find out whether they do.
func (d *dice) shorten(n int, mayBeEmpty bool) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case n == 0 || d.short <= 0 && d.empty <= 0:
	case mayBeEmpty && d.source.Float64() < d.empty:
		return 0
	case n > 1 && d.source.Float64() < d.short:
		return 1 + d.source.IntN(n-1)
	}
	return n
}
