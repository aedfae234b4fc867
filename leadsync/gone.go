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

// lookUpMerged finds out which of the leads that were merged are gone. Only those are looked up
// that the copy has and has not marked, so that reading an activity again costs no call, nor does a
// copy without leads. What a refused call would have told is found by Verify: a user who
// may read activities and not leads has a copy of activities all the same.
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

// lookUp returns those of the leads that the service does not have, and how many calls it took to
// know. Ids that cannot be asked for are not gone: nobody knows.
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

// lookUpCalls is how many calls lookUp makes, if each answer is whole.
func lookUpCalls(leads int) int {
	return (leads + maxKeys - 1) / maxKeys
}

// leadsThere asks for at most MaxSelectorKeys leads by their ids.
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

func byIDs(ids []int64) operations.Selector {
	keys := make([]operations.LeadKey, len(ids))
	for i, id := range ids {
		keys[i] = operations.LeadID(id)
	}
	return operations.ByKeys(keys...)
}

// goneLead is the lead whose history the service refuses, if it is known by its id: it may have
// had a key of another kind and have lost that only.
func goneLead(key operations.LeadKey, err error) []int64 {
	if id := leadOf(key); id != 0 && errors.Is(err, fault.CodeLeadNotFound) {
		return []int64{id}
	}
	return nil
}

// leadOf is the id in a key; 0 if it is one of another kind.
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
