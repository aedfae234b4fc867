package copied

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/position"
	"github.com/mktows/mktows-go/leadsync/store"
)

// maxCount is up to how many records remainingCount is exact.
const maxCount = 1000

// GetLeadActivity returns a page of a lead's history, newest first, from the copy if that covers it.
func (p *Port) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	q := activityQuestion(in)
	if p.positions.Gave(q.offset) {
		return p.nextActivities(ctx, in, q)
	}
	q.leaveIf(q.offset != "", "the position is not one of the copy")
	lead := int64(0)
	if q.reason == "" {
		lead = p.leadOf(ctx, q, in.LeadKey)
	}
	var out *gen.SuccessGetLeadActivity
	err := p.begin(ctx, q, func(v *view) (*cover, string, error) {
		c, reason, err := v.ofLead(q, lead)
		if reason == "" && err == nil {
			out, err = p.activities(ctx, v, in, q, c, position.Position{Operation: q.operation, Query: q.query, Subject: lead, Since: c.low.Unix(), Until: c.to.Unix()})
		}
		return c, reason, err
	})
	switch {
	case err != nil:
		return nil, err
	case q.reason != "":
		return p.Port.GetLeadActivity(ctx, in)
	}
	return out, nil
}

// activityQuestion reads a request. What makes no sense is left to the port.
func activityQuestion(in *gen.ParamsGetLeadActivity) *question {
	q := &question{operation: opActivity}
	if in == nil || in.LeadKey == nil {
		q.reason = "no lead is named"
		return q
	}
	q.setPosition(in.StartPosition.Or(gen.StreamPosition{}))
	q.setTypes(in.ActivityFilter.Or(gen.ActivityTypeFilter{}), nil)
	q.setSize(in.BatchSize.Or(0), 100, 100)
	q.bind(in.LeadKey.KeyType, in.LeadKey.KeyValue)
	return q
}

// leadOf returns the lead that a key means. The port is asked only if the copy covers the question for some lead.
func (p *Port) leadOf(ctx context.Context, q *question, key *gen.LeadKey) (lead int64) {
	if lead = idOf(key.KeyType, key.KeyValue); lead != 0 {
		return lead
	}
	err := p.look(ctx, func(v *view) (err error) {
		reason := "the copy has no activities"
		for _, name := range []store.StreamName{store.LeadActivity, store.Activities} {
			if e := v.extent(name); e != nil {
				if reason = cmp.Or(v.usable(q, e), v.bound(q, &cover{Extent: e}, e.Until, e.Until)); reason == "" {
					break
				}
			}
		}
		if q.leaveIf(reason != "", "%s", reason); reason != "" || !p.emails || key.KeyType != gen.LeadKeyRefEMAIL {
			return nil
		}
		lead, err = v.byEmail(q, key.KeyValue)
		return err
	})
	q.leaveUnread(err)
	if lead != 0 || q.reason != "" {
		return lead
	}
	found, err := p.Port.GetLead(ctx, &gen.ParamsGetLead{LeadKey: key})
	if err != nil || found == nil || found.Result == nil {
		q.leaveIf(true, "the port does not tell which lead it is")
		return 0
	}
	for _, r := range found.Result.LeadRecordList.Value.LeadRecord { // the one added last, as the bridge has it
		lead = max(lead, int64(r.Id.Or(0)))
	}
	q.leaveIf(lead == 0, "the port does not tell which lead it is")
	return lead
}

// byEmail returns the lead with an address, if the copy has one; else 0.
func (v *view) byEmail(q *question, address string) (int64, error) {
	e := v.extent(store.Leads)
	if e == nil || v.foreign(e) || e.Unreadable > 0 || v.bound(q, &cover{Extent: e}, e.Until, e.Until) != "" {
		return 0, nil
	}
	ids, err := v.LeadsByEmail(v.ctx, address)
	if err != nil || len(ids) != 1 {
		return 0, err
	}
	return ids[0], nil
}

// nextActivities continues a history in the copy.
func (p *Port) nextActivities(ctx context.Context, in *gen.ParamsGetLeadActivity, q *question) (out *gen.SuccessGetLeadActivity, err error) {
	err = p.goOn(ctx, q, func(v *view, c *cover, at position.Position) error {
		if _, gone, err := v.Lead(ctx, at.Subject); err != nil || !gone.IsZero() {
			return cmp.Or(err, changed("the lead is gone"))
		}
		out, err = p.activities(ctx, v, in, q, c, at)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// activities reads a page and makes the answer.
func (p *Port) activities(ctx context.Context, v *view, in *gen.ParamsGetLeadActivity, q *question, c *cover, at position.Position) (*gen.SuccessGetLeadActivity, error) {
	page, err := v.History(ctx, store.HistoryQuery{
		Lead: at.Subject, Types: q.types, Without: q.without, From: c.low, To: c.to, Newest: true, After: c.last, Limit: q.size, Count: maxCount,
	})
	if err != nil {
		return nil, err
	}
	list := &gen.LeadActivityList{ActivityRecordList: gen.NilOf[gen.ArrayOfActivityRecord]()}
	list.ReturnCount, list.RemainingCount = int32(len(page.Rows)), int32(page.More) //nolint:gosec // both are small
	if n := len(page.Rows); n > 0 {
		records := make([]gen.ActivityRecord, n)
		for i := range page.Rows {
			records[i] = activityRecord(&page.Rows[i])
		}
		list.ActivityRecordList = gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: records})
		c.last = store.PlaceOf(&page.Rows[n-1])
	}
	at.Token, at.End, at.Turn = place{c.Stream, c.last}.text(), page.More == 0, at.Turn+1
	start := in.StartPosition.Or(gen.StreamPosition{})
	if start.LatestCreatedAt.Or("") == "" { // as the service does
		start.LatestCreatedAt = gen.Some(gen.NewDateTime(c.to.Add(-time.Second).UTC()))
	}
	if list.NewStartPosition, err = p.next(&start, at); err != nil {
		return nil, err
	}
	return &gen.SuccessGetLeadActivity{LeadActivityList: list}, nil
}

// next returns a position with the dates of the request.
func (p *Port) next(start *gen.StreamPosition, at position.Position) (*gen.StreamPosition, error) {
	text, err := p.positions.Write(at)
	kept := func(d gen.Opt[gen.DateTime]) gen.Opt[gen.DateTime] {
		if d.State != gen.Present {
			return gen.NilOf[gen.DateTime]()
		}
		return d
	}
	return &gen.StreamPosition{
		LatestCreatedAt: kept(start.LatestCreatedAt), OldestCreatedAt: kept(start.OldestCreatedAt), ActivityCreatedAt: gen.NilOf[gen.DateTime](), Offset: gen.Some(text),
	}, err
}

// merged returns up to n rows of several leads, oldest first.
func merged(rows []store.ActivityRow, n int) []store.ActivityRow {
	slices.SortFunc(rows, compareRows)
	return rows[:min(n, len(rows))]
}
