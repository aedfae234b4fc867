package copied

import (
	"context"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/position"
	"github.com/mktows/mktows-go/leadsync/store"
)

// olderThanLead is how much older than the lead a record may be that another system has made, as the bridge has it.
const olderThanLead = 24 * time.Hour

// cover is what a stream answers of a question: the time from low until before to.
type cover struct {
	*store.Extent

	low, to time.Time
	last    store.Place // of the record that the page before has ended with
}

// view is one look at a copy.
type view struct {
	*config
	store.Snapshot

	ctx     context.Context //nolint:containedctx // it lives as long as the look
	extents []store.Extent
}

// look calls f with the copy as it is at one moment.
func (p *Port) look(ctx context.Context, f func(v *view) error) error {
	return p.copied.View(ctx, func(s store.Snapshot) error {
		v := &view{config: &p.config, Snapshot: s, ctx: ctx}
		var err error
		if v.extents, err = s.Extents(ctx); err != nil {
			return err
		}
		return f(v)
	})
}

// extent returns a stream; nil: the copy does not have it.
func (v *view) extent(name store.StreamName) *store.Extent {
	for i := range v.extents {
		if v.extents[i].Stream == name {
			return &v.extents[i]
		}
	}
	return nil
}

// usable returns why a stream answers no question of the kind; empty: it does.
func (v *view) usable(q *question, e *store.Extent) string {
	switch {
	case v.foreign(e):
		return fmt.Sprintf("the copy is of another instance, %s", e.Instance)
	case !q.has(e, v.extents):
		return "the copy does not have all types that are asked for"
	case e.Unreadable > 0 && !v.unreadable:
		return fmt.Sprintf("%d records of the copy could not be read", e.Unreadable)
	}
	return ""
}

// bound sets up to when a stream answers that is read until some time. settled is up to when it may, whatever its age.
func (v *view) bound(q *question, c *cover, until, settled time.Time) string {
	after := q.high.Add(time.Second)
	switch {
	case !until.After(c.Since):
		return "nothing is copied yet"
	case !q.high.IsZero() && !after.After(until.Add(-v.lookback)):
		c.to = after
	case v.maxAge > 0 && v.now().Sub(until) <= v.maxAge:
		if c.to = settled; !q.high.IsZero() && after.Before(settled) {
			c.to = after
		}
	case v.maxAge > 0:
		return fmt.Sprintf("the copy ends at %s, longer ago than is allowed", until.Format(time.RFC3339))
	default:
		return fmt.Sprintf("the copy is settled until %s", until.Add(-v.lookback).Format(time.RFC3339))
	}
	return ""
}

// ofLead finds a stream that covers what a question asks of a lead. reason tells why none does.
func (v *view) ofLead(q *question, lead int64) (c *cover, reason string, err error) {
	reason = "the copy has no activities"
	for _, name := range []store.StreamName{store.LeadActivity, store.Activities} {
		e := v.extent(name)
		if e == nil {
			continue
		}
		c = &cover{Extent: e, low: q.low}
		if reason, err = v.lead(q, c, lead); reason == "" || err != nil {
			return c, reason, err
		}
	}
	return nil, reason, nil
}

// lead finds out whether a stream covers what a question asks of a lead.
func (v *view) lead(q *question, c *cover, lead int64) (reason string, err error) {
	if reason = v.usable(q, c.Extent); reason != "" {
		return reason, nil
	}
	until := c.Until
	if c.Stream == store.LeadActivity {
		if until, err = v.HistoryRead(v.ctx, lead); err != nil {
			return "", err
		}
	}
	if reason = v.bound(q, c, until, until); reason != "" {
		return reason, nil
	}
	if reason, err = v.there(c, lead); reason != "" || err != nil {
		return reason, err
	}
	landmarks, err := v.Landmarks(v.ctx, lead)
	if err != nil {
		return "", err
	}
	if reason = v.begins(c, landmarks); reason == "" {
		reason = unmerged(c.Extent, landmarks)
	}
	if c.low.Before(c.Since) {
		c.low = c.Since
	}
	return reason, nil
}

// begins finds out whether a stream reaches back to where a question begins.
func (v *view) begins(c *cover, landmarks []store.Landmark) (reason string) {
	switch {
	case !c.low.IsZero() && !c.low.Before(c.Since), v.retention > 0 && !c.Since.After(v.now().Add(-v.retention)):
		return ""
	case !c.low.IsZero():
		return fmt.Sprintf("the copy begins at %s", c.Since.Format(time.RFC3339))
	}
	for _, l := range landmarks {
		if l.Type == store.TypeNewLead && !l.Time.Add(-olderThanLead).Before(c.Since) {
			return ""
		}
	}
	return fmt.Sprintf("the copy begins at %s, and the lead may be older", c.Since.Format(time.RFC3339))
}

// there finds out whether the service has the lead, as far as the copy knows.
func (v *view) there(c *cover, lead int64) (reason string, err error) {
	found, gone, err := v.Lead(v.ctx, lead)
	switch {
	case err != nil:
		return "", err
	case !gone.IsZero():
		return "the lead is gone", nil
	case found || c.Stream == store.LeadActivity:
		return "", nil
	case v.extent(store.Leads) != nil:
		return "the copy does not have the lead", nil
	}
	page, err := v.History(v.ctx, store.HistoryQuery{Lead: lead, To: c.to, Limit: 1})
	if err == nil && len(page.Rows) == 0 {
		reason = "the copy does not know the lead"
	}
	return reason, err
}

// unmerged finds out whether other leads were merged into this one. Their records may be in the copy under the former ids: the log
// of all leads is not read again, and a history may name the former lead, or have its records only later.
func unmerged(e *store.Extent, landmarks []store.Landmark) (reason string) {
	if !hasType(e, store.TypeMerge) {
		return "the copy does not have the type " + store.TypeMerge + ", and so does not know what was merged"
	}
	for _, l := range landmarks {
		if l.Type != store.TypeNewLead {
			return "another lead was merged into this one"
		}
	}
	return ""
}

// again finds out whether a stream still covers what a position of the copy continues. The error is a fault if it does not.
func (v *view) again(q *question, at *position.Position) (*cover, error) {
	p, err := placeOf(at.Token)
	e := v.extent(p.Stream)
	if err != nil || e == nil || v.foreign(e) || e.Since.Unix() > at.Since {
		return nil, changed("it no longer has what it began with")
	}
	if reason := v.usable(q, e); reason != "" {
		return nil, changed(reason)
	}
	c := &cover{Extent: e, low: time.Unix(at.Since, 0), to: time.Unix(at.Until, 0), last: p.Last}
	if q.operation == opChanges { // as far as the copy reaches now
		asked := &question{}
		if at.Until != 0 {
			asked.high = c.to.Add(-time.Second)
		}
		if reason := v.bound(asked, c, e.Until, e.Until.Add(-v.lookback)); reason != "" {
			return nil, changed(reason)
		}
	}
	until := e.Until
	if p.Stream == store.LeadActivity {
		if until, err = v.HistoryRead(v.ctx, at.Subject); err != nil {
			return nil, err
		}
	}
	if c.to.After(until) {
		return nil, changed("it no longer reaches as far")
	}
	return c, v.stays(c, at.Subject)
}

// stays wants the record that the page before has ended with where it was. A merge gives it to another lead.
func (v *view) stays(c *cover, lead int64) error {
	if c.last == (store.Place{}) {
		return nil
	}
	row, found, err := v.Activity(v.ctx, c.last.Key)
	if err == nil && (!found || store.PlaceOf(&row) != c.last || lead != 0 && row.LeadID != lead) {
		err = changed("the record before the page was given to another lead, or removed")
	}
	return err
}

// changed is the fault of a position that a copy has left behind.
func changed(why string) error {
	return fault.Newf(fault.CodeBadStreamPosition, "startPosition is one of a copy, which has changed since: %s; start without it, from a date", why)
}
