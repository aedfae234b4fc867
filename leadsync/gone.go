package leadsync

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// attributeLosers is, on the activity of a merge, which the winner has, the ids of the losers, such as 17,18. They find
// nothing any more (Marketo REST API, activity types; in SOAP answers the names are the same).
const attributeLosers = "Merge IDs"

// maxKeys is how many leads a call looks up.
const maxKeys = operations.MaxSelectorKeys

// appendMerged appends the leads that activities say were merged into others.
func appendMerged(ids []int64, rows []store.ActivityRow) []int64 {
	for i := range rows {
		ids = append(ids, losersOf(&rows[i].Activity)...)
	}
	return ids
}

// losersOf returns the leads that an activity says were merged into its own; none if it is of another type.
func losersOf(a *operations.Activity) (ids []int64) {
	if !a.Is(operations.ActivityMergeLeads) {
		return nil
	}
	losers, _ := a.Attributes.Get(attributeLosers)
	for _, text := range strings.FieldsFunc(losers, func(r rune) bool { return r < '0' || r > '9' }) {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// lookUpMerged finds out which of the leads that were reported as merged are really gone. It looks up only leads that
// the copy has and has not marked yet. So reading the same activity again costs no call, and neither does a copy
// without leads.
//
// If the service refuses the call, the run goes on: a user who may read activities but not leads has a useful copy of
// activities, and Verify can find the gone leads later.
func (b *batch) lookUpMerged(ctx context.Context) error {
	if len(b.merged) == 0 {
		return nil
	}
	present, err := b.config.Store.PresentLeads(ctx, b.merged)
	if err != nil {
		return err
	}
	gone, calls, err := b.config.lookUp(ctx, present)
	b.commit.Counts.Calls += calls
	if err != nil && (endsRun(err) || !permanent(err)) {
		return err
	}
	if err != nil {
		b.config.Logger.Warn("leads that were merged could not be looked up; sync verify can", "leads", len(present), "error", err)
	}
	b.commit.Gone = append(b.commit.Gone, gone...)
	b.merged = nil
	return nil
}

// lookUp returns those of the leads that the service does not have, and how many calls it took to find out. Ids that
// the request has no room for are never reported as gone, since nobody knows.
func (c *Config) lookUp(ctx context.Context, ids []int64) (gone []int64, calls int64, err error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id <= 0 || id > math.MaxInt32 })
	slices.Sort(ids)
	for some := range slices.Chunk(slices.Compact(ids), maxKeys) {
		there, n, err := c.leadsThere(ctx, some)
		calls += n
		if err != nil {
			return nil, calls, err
		}
		for _, id := range some {
			if !there[id] {
				gone = append(gone, id)
			}
		}
	}
	return gone, calls, nil
}

// lookUpCalls returns how many calls lookUp needs for so many leads.
func lookUpCalls(leads int) int {
	return (leads + maxKeys - 1) / maxKeys
}

// leadsThere asks which of at most MaxSelectorKeys leads exist. A record that cannot be read may be that of any of
// them, so then all count as existing: marking a lead as gone that is not would be worse than missing one.
func (c *Config) leadsThere(ctx context.Context, ids []int64) (there map[int64]bool, calls int64, err error) {
	there = make(map[int64]bool, len(ids))
	unreadable := false
	options := &operations.LeadOptions{Fields: []string{"Email"}, OnUnreadable: func(*operations.RecordError) { unreadable = true }}
	for page, err := range operations.New(c.Port).Leads.Pages(ctx, byIDs(ids), options) {
		calls++
		if errors.Is(err, fault.CodeLeadNotFound) { // of none of them
			return there, calls, nil
		}
		if err != nil {
			return nil, calls, err
		}
		for i := range page.Items {
			there[page.Items[i].ID] = true
		}
	}
	for i := range ids {
		if unreadable { // it may be the record of any of them
			there[ids[i]] = true
		}
	}
	return there, calls, nil
}

// byIDs selects leads by their ids.
func byIDs(ids []int64) operations.Selector {
	keys := make([]operations.LeadKey, len(ids))
	for i, id := range ids {
		keys[i] = operations.LeadID(id)
	}
	return operations.ByKeys(keys...)
}

// goneLead returns the lead whose history the service refused, if it was asked for by its id. A lead that was asked
// for by another key may have lost just that key.
func goneLead(key operations.LeadKey, err error) []int64 {
	if id := leadOf(key); id != 0 && errors.Is(err, fault.CodeLeadNotFound) {
		return []int64{id}
	}
	return nil
}

// leadOf returns the id in a key, or 0 if the key is not an id.
func leadOf(key operations.LeadKey) int64 {
	if key.Type != operations.KeyID {
		return 0
	}
	id, err := strconv.ParseInt(key.Value, 10, 64)
	if err != nil {
		return 0
	}
	return id
}
