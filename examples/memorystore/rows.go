package memorystore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/store/identity"
	"github.com/mktows/mktows-go/operations"
)

// rows are the rows of the copy. The ledger's lock guards them.
type rows struct {
	activities map[string]store.ActivityRow // by key
	of         map[string][]string          // keys by what identity.Record says, in the order in which they came
	leads      map[int64]store.LeadRow
}

// Len implements ledger.Rows.
func (r *rows) Len(name store.StreamName) int64 {
	if name == store.Leads {
		return int64(len(r.leads))
	}
	return int64(len(r.activities))
}

// Clear implements ledger.Rows.
func (r *rows) Clear(name store.StreamName) {
	if name == store.Leads {
		clear(r.leads)
		return
	}
	clear(r.activities)
	clear(r.of)
}

// write writes the rows of a commit. What can fail comes first: a commit that has failed must leave the copy as it
// was, and there is no transaction to roll back.
func (r *rows) write(ctx context.Context, w *store.Window, c *store.Commit) (added store.Counts, err error) {
	resolver := identity.Resolver{Index: r, Mixed: true, Window: w}
	resolved, err := resolver.Resolve(ctx, c.Activities)
	if err != nil {
		return added, err
	}
	for i := range resolved {
		r.writeActivity(&resolved[i], w.Fresh, &added)
	}
	last := map[int64]store.LeadRow{}
	for _, lead := range c.Leads {
		last[lead.ID] = lead
	}
	for id, lead := range last {
		r.writeLead(lead, slices.Contains(c.Rewrite, id), &added)
	}
	for _, key := range c.Removed {
		if had, ok := r.activities[key]; ok {
			r.move(&had, nil)
		}
	}
	for _, id := range c.Gone {
		if lead, ok := r.leads[id]; ok && lead.GoneAt.IsZero() {
			lead.GoneAt = time.Now().UTC().Truncate(time.Second)
			r.leads[id] = lead
			added.Gone++
		}
	}
	return added, nil
}

// writeLead writes a lead that says something new, or was gone.
func (r *rows) writeLead(lead store.LeadRow, anyway bool, added *store.Counts) {
	had, there := r.leads[lead.ID]
	switch {
	case !there:
		added.Inserted++
	case anyway || had.Digest != lead.Digest || !had.GoneAt.IsZero():
		added.Updated++
	}
	r.leads[lead.ID] = lead
}

// writeActivity writes an activity whose row is known. What only some endpoints and operations tell stays where it is known.
func (r *rows) writeActivity(a *identity.Resolved, fresh time.Time, added *store.Counts) {
	row := a.ActivityRow
	row.Merged = nil
	had, there := r.activities[cmp.Or(a.Was, a.Key)]
	if !there {
		added.Inserted++
		if row.Time.Before(fresh) {
			added.Late++
		}
		r.move(nil, &row)
		return
	}
	row.GUID = cmp.Or(row.GUID, had.GUID)
	if !row.HasID {
		row.ID, row.HasID = had.ID, had.HasID
	}
	if !hasPerson(&row) {
		row.PersonName, row.ForeignSysID, row.OrgName, row.ForeignSysOrgID = had.PersonName, had.ForeignSysID, had.OrgName, had.ForeignSysOrgID
	}
	if row.Key == had.Key && row.Digest == had.Digest && row.GUID == had.GUID && row.ID == had.ID && row.HasID == had.HasID &&
		hasPerson(&row) == hasPerson(&had) {
		return
	}
	added.Updated++
	r.move(&had, &row)
}

// hasPerson reports whether an activity tells whose it is, which only getLeadChanges does.
func hasPerson(row *store.ActivityRow) bool {
	return row.PersonName+row.ForeignSysID+row.OrgName+row.ForeignSysOrgID != ""
}

// move takes a row out, unless it is nil, and puts another one in. The place of a row among those with the same id,
// time and type is kept, as the rules of package identity go by the order in which rows came.
func (r *rows) move(had, row *store.ActivityRow) {
	at := 1 << 30
	if had != nil {
		record := identity.Record(&had.Activity)
		at = slices.Index(r.of[record], had.Key)
		r.of[record] = slices.Delete(slices.Clone(r.of[record]), at, at+1)
		delete(r.activities, had.Key)
	}
	if row != nil {
		record := identity.Record(&row.Activity)
		r.of[record] = slices.Insert(r.of[record], min(at, len(r.of[record])), row.Key)
		r.activities[row.Key] = *row
	}
}

// ByKey implements identity.Index.
func (r *rows) ByKey(_ context.Context, keys []string) (known []identity.Known, err error) {
	for _, key := range keys {
		if row, ok := r.activities[key]; ok {
			known = append(known, identity.Known{Key: key, HasGUID: row.GUID != "", Lead: row.LeadID, Digest: row.Digest})
		}
	}
	return known, nil
}

// ByRecord implements identity.Index.
func (r *rows) ByRecord(ctx context.Context, activities []*operations.Activity) (known []identity.Known, err error) {
	for _, a := range activities {
		record := identity.Record(a)
		found, _ := r.ByKey(ctx, r.of[record])
		for _, k := range found {
			k.Record = record
			known = append(known, k)
		}
	}
	return known, nil
}

// ByMoment implements identity.Index.
func (r *rows) ByMoment(_ context.Context, activities []*operations.Activity) (known []identity.Known, err error) {
	asked := map[string]bool{}
	for _, a := range activities {
		asked[identity.Moment(a)] = true
	}
	for _, key := range slices.Sorted(maps.Keys(r.activities)) {
		row := r.activities[key]
		if moment := identity.Moment(&row.Activity); row.GUID == "" && asked[moment] {
			known = append(known, identity.Known{Key: key, Record: moment, Lead: row.LeadID, Digest: row.Digest})
		}
	}
	return known, nil
}
