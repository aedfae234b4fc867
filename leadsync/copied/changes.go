package copied

import (
	"cmp"
	"context"
	"slices"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/position"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// usualChanges is the size of a page that nobody has asked for, as the bridge has it.
const usualChanges = 300

// GetLeadChanges returns a page of the activities of all leads, or of some, oldest first, from the copy if that covers it.
func (p *Port) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	q, leads := changesQuestion(in)
	if p.positions.Gave(q.offset) {
		return p.nextChanges(ctx, in, q, leads)
	}
	q.leaveIf(q.offset != "", "the position is not one of the copy")
	q.leaveIf(q.low.IsZero(), "it has no beginning")
	var out *gen.SuccessGetLeadChanges
	err := p.begin(ctx, q, func(v *view) (*cover, string, error) {
		c, reason, err := v.ofAll(q, leads)
		if reason == "" && err == nil {
			at := position.Position{Operation: q.operation, Query: q.query, Since: c.low.Unix()}
			if !q.high.IsZero() {
				at.Until = q.high.Unix() + 1
			}
			out, err = p.changes(ctx, v, in, q, c, at, leads)
		}
		return c, reason, err
	})
	switch {
	case err != nil:
		return nil, err
	case q.reason != "":
		return p.Port.GetLeadChanges(ctx, in)
	}
	return out, nil
}

// changesQuestion reads a request and the leads that it names; none: all.
func changesQuestion(in *gen.ParamsGetLeadChanges) (*question, []int64) {
	q := &question{operation: opChanges}
	if in == nil || in.StartPosition == nil {
		q.reason = "startPosition is missing"
		return q, nil
	}
	q.setPosition(*in.StartPosition)
	q.setTypes(in.ActivityFilter.Or(gen.ActivityTypeFilter{}), in.ActivityNameFilter.Or(gen.ArrayOfString{}).StringItem)
	q.setSize(in.BatchSize.Or(0), usualChanges, operations.MaxChangeBatch)
	var leads []int64
	switch sel := in.LeadSelector.(type) {
	case nil:
	case *gen.LeadKeySelector:
		if sel.KeyValues == nil || len(sel.KeyValues.StringItem) == 0 || len(sel.KeyValues.StringItem) > operations.MaxSelectorKeys {
			q.leaveIf(true, "the number of keys makes no sense")
			break
		}
		for _, value := range sel.KeyValues.StringItem {
			id := idOf(sel.KeyType, value)
			q.leaveIf(id == 0, "leads are named by other keys than ids")
			leads = append(leads, id)
		}
		slices.Sort(leads)
		leads = slices.Compact(leads)
	default:
		q.leaveIf(true, "the selector is not one of ids")
	}
	q.bind(leads)
	return q, leads
}

// ofAll finds out whether the stream of all leads covers a question.
func (v *view) ofAll(q *question, leads []int64) (c *cover, reason string, err error) {
	e := v.extent(store.Activities)
	if e == nil {
		return nil, "the copy does not have the activities of all leads", nil
	}
	c = &cover{Extent: e, low: q.low}
	if reason = cmp.Or(v.usable(q, e), v.bound(q, c, e.Until, e.Until.Add(-v.lookback))); reason != "" {
		return c, reason, nil
	}
	if reason = v.begins(c, nil); reason != "" {
		return c, reason, nil
	}
	for _, lead := range leads {
		if reason, err = v.lead(q, &cover{Extent: e, low: q.low}, lead); reason != "" || err != nil {
			return c, reason, err
		}
	}
	if c.low.Before(c.Since) {
		c.low = c.Since
	}
	return c, "", nil
}

// nextChanges continues a reading in the copy.
func (p *Port) nextChanges(ctx context.Context, in *gen.ParamsGetLeadChanges, q *question, leads []int64) (out *gen.SuccessGetLeadChanges, err error) {
	err = p.goOn(ctx, q, func(v *view, c *cover, at position.Position) error {
		out, err = p.changes(ctx, v, in, q, c, at, leads)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// changes reads a page and makes the answer. A reading has no end: its position goes on when the copy does.
func (p *Port) changes(ctx context.Context, v *view, in *gen.ParamsGetLeadChanges, q *question, c *cover, at position.Position, leads []int64) (*gen.SuccessGetLeadChanges, error) {
	page, err := v.ofLeads(ctx, store.HistoryQuery{Types: q.types, Without: q.without, From: c.low, To: c.to, After: c.last, Limit: q.size, Count: maxCount}, leads)
	if err != nil {
		return nil, err
	}
	out := &gen.ResultGetLeadChanges{LeadChangeRecordList: gen.NilOf[gen.ArrayOfLeadChangeRecord]()}
	out.ReturnCount, out.RemainingCount = int32(len(page.Rows)), int32(page.More) //nolint:gosec // both are small
	if n := len(page.Rows); n > 0 {
		records := make([]gen.LeadChangeRecord, n)
		for i := range page.Rows {
			records[i] = changeRecord(&page.Rows[i])
		}
		out.LeadChangeRecordList = gen.Some(gen.ArrayOfLeadChangeRecord{LeadChangeRecord: records})
		c.last = store.PlaceOf(&page.Rows[n-1])
	}
	if !page.From.IsZero() {
		at.Since, c.last = page.From.Unix(), store.Place{}
	}
	at.Token, at.Turn = place{c.Stream, c.last}.text(), at.Turn+1
	if out.NewStartPosition, err = p.next(in.StartPosition, at); err != nil {
		return nil, err
	}
	return &gen.SuccessGetLeadChanges{Result: out}, nil
}

// ofLeads returns a page of all leads, or of some.
func (v *view) ofLeads(ctx context.Context, h store.HistoryQuery, leads []int64) (all store.HistoryPage, err error) {
	if len(leads) == 0 {
		if len(h.Types)+len(h.Without) > 0 {
			h.Count = 0 // there may be few of them among many
		}
		return v.History(ctx, h)
	}
	for _, h.Lead = range leads {
		page, err := v.History(ctx, h)
		if err != nil {
			return all, err
		}
		rows := append(all.Rows, page.Rows...)
		all.Rows = merged(rows, h.Limit) // at once: the pages of all leads are many rows
		all.More = min(all.More+page.More+len(rows)-len(all.Rows), maxCount)
	}
	return all, nil
}
