package leadsync

import (
	"cmp"
	"context"
	"slices"

	"github.com/mktows/mktows-go/operations"
)

// leadEntry is what a comparison remembers of a lead: no more than 24 bytes, since there may be
// millions.
type leadEntry struct {
	digest Digest
	id     int64
}

func byID(a, b leadEntry) int { return cmp.Compare(a.id, b.id) }

// leadIndex is the leads of the copy, by id.
type leadIndex struct {
	entries []leadEntry
	seen    []bool // in the source
	gone    []bool // marked
}

// readLeadIndex reads the leads of the copy, of which there are about n.
func (c *Config) readLeadIndex(ctx context.Context, n int) (*leadIndex, error) {
	x := &leadIndex{entries: make([]leadEntry, 0, n)}
	var marked []int64
	for row, err := range c.Store.Leads(ctx) {
		if err != nil {
			return nil, err
		}
		x.entries = append(x.entries, leadEntry{row.Digest, row.ID})
		if !row.GoneAt.IsZero() {
			marked = append(marked, row.ID)
		}
	}
	slices.SortFunc(x.entries, byID)
	x.seen, x.gone = make([]bool, len(x.entries)), make([]bool, len(x.entries))
	for _, id := range marked {
		i, _ := x.find(id)
		x.gone[i] = true
	}
	return x, nil
}

func (x *leadIndex) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(x.entries, leadEntry{id: id}, byID)
}

// unseen are the leads that the source has not returned and that are not known to be gone.
func (x *leadIndex) unseen() []int64 {
	var ids []int64
	for i := range x.entries {
		if !x.seen[i] && !x.gone[i] {
			ids = append(ids, x.entries[i].id)
		}
	}
	return ids
}

// compareLeads compares the leads that were last updated within the bounds with those of the
// same ids in the copy, and looks up the others.
func (cm *comparison) compareLeads(ctx context.Context, n int) error {
	x, err := cm.config.readLeadIndex(ctx, n)
	if err != nil {
		return err
	}
	var d Difference
	var want, have tally
	var missing []leadEntry
	v := &cm.result
	s := cm.stream
	s.Window = operations.MaxUpdatedRange - 2*edge // fewest calls
	for _, w := range s.cut(v.Since, v.Until, v.Since, nil) {
		err := cm.read(ctx, w, func(p *piece) {
			for i := range p.leads {
				row := &p.leads[i]
				at, ok := x.find(row.ID)
				switch {
				case !ok:
					missing = append(missing, leadEntry{row.Digest, row.ID})
					continue
				case x.seen[at]:
					continue // in two windows: they overlap by a second
				case x.entries[at].digest != row.Digest || x.gone[at]:
					d.Changed++
					cm.fetch = append(cm.fetch, row.ID)
				}
				x.seen[at] = true
				want.add(row.Digest)
				have.add(x.entries[at].digest)
			}
			v.Source = want.rows + int64(len(missing))
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(missing, byID)
	for _, e := range slices.CompactFunc(missing, func(a, b leadEntry) bool { return a.id == b.id }) {
		want.add(e.digest)
		d.Missing++
		cm.fetch = append(cm.fetch, e.id)
	}
	if err := cm.lookUp(ctx, x.unseen()); err != nil {
		return err
	}
	cm.settleLeads(x, d, want, have)
	return nil
}

// settleLeads makes the result of the numbers.
func (cm *comparison) settleLeads(x *leadIndex, d Difference, want, have tally) {
	for _, id := range cm.gone {
		i, _ := x.find(id)
		have.add(x.entries[i].digest)
	}
	v := &cm.result
	v.Source, v.Copy, v.Groups = want.rows, have.rows, 1
	d.Gone = v.Gone
	if d.Missing+d.Changed+d.Gone > 0 {
		d.Source, d.Copy, d.SourceSum, d.CopySum = want.rows, have.rows, want.sum(), have.sum()
		v.Differences = []Difference{d}
	}
}
