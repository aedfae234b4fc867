package identity

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// A lead that was merged into another one has no activities any more: what the copy has of it, or gets, was read before
// the merge. All of it has moved, so that a record is in the copy twice where it was read of the other lead too.

// findGone finds out which leads are gone, of the records that several have.
func (r *Resolver) findGone(ctx context.Context, groups map[string]*group) error {
	r.gone = map[int64]bool{}
	if r.Gone == nil {
		return nil
	}
	leads := map[int64]bool{}
	for _, g := range groups {
		for lead := range g.severalLeads() {
			leads[lead] = true
		}
	}
	if len(leads) == 0 {
		return nil
	}
	gone, err := r.Gone(ctx, slices.Sorted(maps.Keys(leads)))
	for _, lead := range gone {
		r.gone[lead] = true
	}
	return err
}

// severalLeads are those of a group, if there are several.
func (g *group) severalLeads() map[int64]bool {
	leads := map[int64]bool{}
	for _, row := range g.rows {
		leads[row.LeadID] = true
	}
	for j := range g.known {
		leads[g.known[j].Lead] = true
	}
	if len(leads) == 1 {
		return nil
	}
	return leads
}

// takeMoved gives activities that have no row those that say the same of a lead that was merged.
func (r *Resolver) takeMoved(g *group) {
	for i, row := range g.rows {
		for j := 0; j < len(g.known) && g.of[i] < 0; j++ {
			k := &g.known[j]
			if row.HasID && g.fits(row, j) && (r.gone[k.Lead] || slices.Contains(row.Merged, k.Lead)) && moved(row, k.Lead, k.Digest) {
				g.take(i, j)
			}
		}
	}
}

// moved reports whether an activity says the same as one of another lead, apart from that.
func moved(row *store.ActivityRow, lead int64, digest store.Digest) bool {
	if row.LeadID == lead {
		return false
	}
	for a := range ofLead(row.Activity, lead) {
		if store.NewActivityRow(a, 0).Digest == digest {
			return true
		}
	}
	return false
}

// attributeLead repeats the lead of an activity (Marketo SOAP API, getLeadActivity, example).
const attributeLead = "Lead ID"

// ofLead yields what an activity can have been when it was one of another lead. Whether a merge changes the attribute that
// repeats the lead is not documented.
func ofLead(a operations.Activity, lead int64) iter.Seq[operations.Activity] {
	return func(yield func(operations.Activity) bool) {
		is := strconv.FormatInt(a.LeadID, 10)
		a.LeadID = lead
		if !yield(a) {
			return
		}
		i := slices.IndexFunc(a.Attributes, func(at operations.Attribute) bool { return at.Name == attributeLead && at.Value == is })
		if i >= 0 {
			a.Attributes = slices.Clone(a.Attributes)
			a.Attributes[i].Value = strconv.FormatInt(lead, 10)
			yield(a)
		}
	}
}

// dropActivities drops activities that were read before their lead was merged. The rows that they are can then be those of
// other activities, or are dropped too.
func (r *Resolver) dropActivities(g *group) {
	for i := 0; i < len(g.rows); {
		row, own := g.rows[i], g.of[i]
		switch {
		case row.GUID != "" || own >= 0 && g.known[own].HasGUID: // which tells which row it is
			i++
			continue
		case r.isDouble(g, row):
			if own >= 0 {
				r.drop(g, own)
			}
		case r.replaced(g, row.LeadID, row.Digest):
			if own >= 0 {
				g.taken[own] = false
			}
		default:
			i++
			continue
		}
		g.rows, g.of = slices.Delete(g.rows, i, i+1), slices.Delete(g.of, i, i+1)
	}
}

// isDouble reports whether an activity of a lead that is gone is in the copy as a row of another lead.
func (r *Resolver) isDouble(g *group, row *store.ActivityRow) bool {
	return row.HasID && r.gone[row.LeadID] && slices.ContainsFunc(g.known, func(k Known) bool {
		return !r.Dropped[k.Key] && moved(row, k.Lead, k.Digest)
	})
}

// dropRows drops the rows that are left of leads that were merged.
func (r *Resolver) dropRows(g *group) {
	for j := range g.known {
		if k := &g.known[j]; !g.taken[j] && !k.HasGUID && r.replaced(g, k.Lead, k.Digest) {
			r.drop(g, j)
		}
	}
}

// replaced reports whether what was read of a lead is in the activities of another one. A history that tells of the
// merge has all that moved, whatever it says now. Else it has to say the same, of a lead that is gone.
func (r *Resolver) replaced(g *group, lead int64, digest store.Digest) bool {
	return slices.ContainsFunc(g.rows, func(row *store.ActivityRow) bool {
		return row.LeadID != lead && slices.Contains(row.Merged, lead) || row.HasID && r.gone[lead] && moved(row, lead, digest)
	})
}

func (r *Resolver) drop(g *group, known int) {
	r.dropKey(g.known[known].Key)
	g.taken[known] = true
}

func (r *Resolver) dropKey(key string) {
	if r.Dropped == nil {
		r.Dropped = map[string]bool{}
	}
	r.Dropped[key] = true
}

// DropDoubles drops, of the rows of the copy that leads have which are gone, those beside which another lead has the same
// record. The rows have an id and no GUID.
func (r *Resolver) DropDoubles(ctx context.Context, rows []store.ActivityRow) error {
	rows = slices.DeleteFunc(rows, func(row store.ActivityRow) bool { return r.Dropped[row.Key] })
	_, err := r.Resolve(ctx, rows)
	return err
}

// DropMoved drops the rows that activities without id and GUID had under the leads that were merged into theirs. There
// are now at least as many alike, so that the number of each tells one of them.
func (r *Resolver) DropMoved(all []store.ActivityRow) {
	for i := range all {
		row := &all[i]
		if row.GUID != "" || row.HasID {
			continue
		}
		for _, lead := range row.Merged {
			if lead == row.LeadID {
				continue
			}
			for a := range ofLead(row.Activity, lead) {
				r.dropKey(store.NewActivityRow(a, number(row.Key)).Key)
			}
		}
	}
}
