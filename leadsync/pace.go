package leadsync

import (
	"cmp"
	"sync"

	"github.com/mktows/mktows-go/leadsync/store"
)

// pace remembers how densely the activities of a source lie, from the last window that was read. All windows of a
// process share it, so that each of them can begin with a range that fits into a page. Without it, a window with more
// than a page begins with one that is thrown away. A wrong guess costs a call and no row. The zero value knows
// nothing.
type pace struct {
	mu      sync.Mutex
	rows    int
	seconds int64
	page    int // rows of the fullest page after which there was more
}

// note records a window that was read to its end.
func (p *pace) note(g timeRange, w store.Window) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows, p.seconds = g.Rows, w.To.Unix()-w.From.Unix()
	p.page = cmp.Or(g.Page, p.page)
}

// shorten returns the first range of a window, shortened to what fits into a page at the density of the last window.
func (p *pace) shorten(g timeRange, w store.Window) timeRange {
	if p == nil {
		return g
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.page == 0 || p.seconds == 0 {
		return g
	}
	length := g.To - g.From
	if expected := int64(p.rows) * length / p.seconds; expected > int64(p.page) {
		g.Page = p.page
		g.To = g.From + g.even(length, int(expected))
	}
	return g
}
