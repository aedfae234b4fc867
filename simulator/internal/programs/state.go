package programs

import (
	"slices"

	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Load fills an empty table. No id up to the last ones is given.
func (t *Table) Load(st *record.State) error {
	t.reserve(st)
	for i, c := range st.Channels {
		if err := t.AddChannel(c); err != nil {
			return place.In(err, "channels[%d]", i)
		}
	}
	for i, tag := range st.Tags {
		if err := t.AddTag(tag); err != nil {
			return place.In(err, "tags[%d]", i)
		}
	}
	for i := range st.Programs {
		if err := t.Check(&st.Programs[i]); err != nil {
			return place.In(err, "programs[%d]", i)
		}
		t.Add(&st.Programs[i])
	}
	return nil
}

// reserve keeps the ids that are asked for from being given to what has none.
func (t *Table) reserve(st *record.State) {
	t.lastCost = st.LastIDs.Cost
	t.objects.Reserve(st.LastIDs.Program, func(yield func(int64) bool) {
		for i := range st.Programs {
			yield(st.Programs[i].ID)
			for _, c := range st.Programs[i].Costs {
				t.lastCost = max(t.lastCost, c.ID)
			}
		}
	})
}

// Snapshot writes what the table holds into a state.
func (t *Table) Snapshot(st *record.State) {
	st.LastIDs.Program, st.LastIDs.Cost = t.objects.LastID(), t.lastCost
	for _, c := range t.channels {
		c.Statuses = clone(c.Statuses)
		for i := range c.Statuses {
			c.Statuses[i].Details = clone(c.Statuses[i].Details)
		}
		st.Channels = append(st.Channels, c)
	}
	for _, tag := range t.tags {
		st.Tags = append(st.Tags, record.Tag{Type: tag.Type, Values: clone(tag.Values)})
	}
	for o := range t.objects.All() {
		p := t.byName[o.Program().Name()]
		st.Programs = append(st.Programs, record.Program{
			ID: int64(o.ID()), Name: p.name, Type: p.kind, Workspace: p.workspace, WorkspaceID: p.workspaceID,
			TreePath: p.path, Archived: p.archived, Start: servicetime.Text(p.start), End: servicetime.Text(p.end),
			Created: servicetime.Text(o.Created()), Updated: servicetime.Text(o.Updated()),
			Tags: clone(p.tags), Tokens: clone(p.tokens), Costs: clone(p.costs),
			Description: p.description, Status: p.status, Folder: p.folder, CRMID: p.crmID, CRMName: p.crmName,
		})
	}
}

// clone copies a list; an empty one becomes nil, so that equal states are equal in Go too.
func clone[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return slices.Clone(list)
}
