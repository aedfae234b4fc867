package leadsync

import (
	"cmp"
	"context"
	"slices"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// leadEntry is what a comparison remembers of a lead: no more than 24 bytes, since there may be
// millions.
type leadEntry struct {
	digest store.Digest
	id     int64
}

func byID(a, b leadEntry) int { return cmp.Compare(a.id, b.id) }

// leadIndex has the leads of the copy, sorted by id, with one flag each for what the comparison finds out.
type leadIndex struct {
	entries []leadEntry
	seen    []bool // in the source
	equal   []bool // to what the source says
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
	x.seen, x.equal, x.gone = make([]bool, len(x.entries)), make([]bool, len(x.entries)), make([]bool, len(x.entries))
	for _, id := range marked {
		i, _ := x.find(id)
		x.gone[i] = true
	}
	return x, nil
}

func (x *leadIndex) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(x.entries, leadEntry{id: id}, byID)
}

// unseen returns the leads that the source has not returned and that are not marked as gone.
func (x *leadIndex) unseen() []int64 {
	var ids []int64
	for i := range x.entries {
		if !x.seen[i] && !x.gone[i] {
			ids = append(ids, x.entries[i].id)
		}
	}
	return ids
}

// compareLeads compares the leads that were last updated within the bounds with those of the same ids in the copy,
// and looks up the rest. The source can only be asked by the time of the last update, so a lead of the copy that does
// not come may be gone, or may have been updated later.
func (cm *comparison) compareLeads(ctx context.Context, n int) error {
	x, err := cm.config.readLeadIndex(ctx, n)
	if err != nil {
		return err
	}
	m := leadMatch{leadIndex: x}
	v, s := &cm.result, cm.stream
	s.Window = operations.MaxUpdatedRange - 2*edge // fewest calls
	for _, w := range s.cut(v.Since, v.Until, v.Since, nil) {
		err := cm.read(ctx, cm.config.rows(s), w, func(p *piece) {
			for i := range p.leads {
				m.add(&p.leads[i])
			}
			v.Source = m.want.rows + int64(len(m.missing)+len(m.changed))
		})
		if err != nil {
			return err
		}
	}
	m.settle()
	if err := cm.lookUp(ctx, x.unseen()); err != nil {
		return err
	}
	for _, id := range cm.gone {
		i, _ := x.find(id)
		m.have.add(x.entries[i].digest)
	}
	v.Source, v.Copy, v.Groups, cm.fetch = m.want.rows, m.have.rows, 1, m.fetch
	m.found.Gone = v.Gone
	if d := m.found; d.Missing+d.Changed+d.Gone > 0 {
		d.Source, d.Copy, d.SourceSum, d.CopySum = m.want.rows, m.have.rows, m.want.sum(), m.have.sum()
		v.Differences = []Difference{d}
	}
	return nil
}

// leadMatch compares the leads of the source with those of the copy.
type leadMatch struct {
	*leadIndex

	want, have tally
	found      Difference
	missing    []leadEntry // in the copy
	changed    []leadEntry // as the source said it first
	fetch      []int64     // to be read again
}

// add takes a lead of the source. The same lead may come several times, since windows overlap by a second, with other
// content each time; it is enough that the copy has one of them.
func (m *leadMatch) add(row *store.LeadRow) {
	i, ok := m.find(row.ID)
	if !ok {
		m.missing = append(m.missing, leadEntry{row.Digest, row.ID})
		return
	}
	if !m.equal[i] && m.entries[i].digest == row.Digest && !m.gone[i] {
		m.equal[i] = true
		m.want.add(row.Digest)
		m.have.add(row.Digest)
	} else if !m.seen[i] {
		m.changed = append(m.changed, leadEntry{row.Digest, row.ID})
	}
	m.seen[i] = true
}

// settle counts the leads that differ and those that the copy lacks, each once.
func (m *leadMatch) settle() {
	for _, e := range m.changed {
		if i, _ := m.find(e.id); !m.equal[i] {
			m.want.add(e.digest)
			m.have.add(m.entries[i].digest)
			m.found.Changed++
			m.fetch = append(m.fetch, e.id)
		}
	}
	slices.SortFunc(m.missing, byID)
	for _, e := range slices.CompactFunc(m.missing, func(a, b leadEntry) bool { return a.id == b.id }) {
		m.want.add(e.digest)
		m.found.Missing++
		m.fetch = append(m.fetch, e.id)
	}
}
