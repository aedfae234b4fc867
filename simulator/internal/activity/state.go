package activity

import (
	"cmp"
	"math"
	"slices"

	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/record"
)

// Load adds the activities of all leads in a state, whose numbers are their places in the list. They are added in the
// order in which they were added before, since that decides among those of the same second. Added is told about each.
// Ids up to last are not given again.
func (t *Table) Load(leads []record.Lead, last int64, added func(no LeadNo, at int64)) error {
	t.lastID = last
	for i := range leads {
		for j := range leads[i].Activities {
			t.lastID = max(t.lastID, leads[i].Activities[j].ID)
		}
	}
	all := inOrder(leads)
	if uint64(len(all)) > maxRecords {
		return place.Wrong("leads", "%d activities are more than %d", len(all), uint64(maxRecords))
	}
	for _, at := range all {
		one := leads[at.lead].Activities[at.index : at.index+1]
		if err := t.check(&one[0]); err != nil {
			return place.In(err, "leads[%d].activities[%d]", at.lead, at.index)
		}
		no := LeadNo(at.lead) //nolint:gosec // as many as leads
		_, latest := t.Add(no, one)
		added(no, latest)
	}
	return nil
}

// position is where an activity of a state is, and what orders it.
type position struct {
	order, id   int64
	lead, index int
}

// inOrder returns the places of all activities in the order in which they are to be added: by their order, if the
// state has it, otherwise by id.
func inOrder(leads []record.Lead) []position {
	var all []position
	for i := range leads {
		for j := range leads[i].Activities {
			a := &leads[i].Activities[j]
			id := a.ID
			if id == 0 {
				id = math.MaxInt64
			}
			all = append(all, position{a.Order, id, i, j})
		}
	}
	slices.SortStableFunc(all, func(a, b position) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.id, b.id))
	})
	return all
}

// LastID returns the highest id ever given.
func (t *Table) LastID() int64 { return t.lastID }

// Of returns the activities of a lead as they could be added again, oldest first.
func (t *Table) Of(no LeadNo) []record.Activity { return t.records(no, false) }

// Snapshot returns a function that gives the activities of a lead, oldest first, with their
// order where the ids do not tell it.
func (t *Table) Snapshot() func(no LeadNo) []record.Activity {
	withOrder := !t.idsTellOrder()
	return func(no LeadNo) []record.Activity { return t.records(no, withOrder) }
}

// PageOf returns a page of the activities of a lead, newest first, of which it leaves out so many, and how many there are.
func (t *Table) PageOf(no LeadNo, skip, n int) (page []record.Activity, total int) {
	found, total := t.history(no).newest(skip+n, ordered.Everything, all)
	for _, e := range found[min(skip, len(found)):] {
		page = append(page, t.record(t.get(e.Ref)))
	}
	return page, total
}

// records returns the activities of a lead, oldest first, with the order in which they were added if that is wanted.
func (t *Table) records(no LeadNo, withOrder bool) []record.Activity {
	found, _ := t.history(no).newest(math.MaxInt, ordered.Everything, all)
	var list []record.Activity
	for _, e := range slices.Backward(found) {
		a := t.record(t.get(e.Ref))
		if withOrder {
			a.Order = int64(e.Ref) + 1
		}
		list = append(list, a)
	}
	return list
}
