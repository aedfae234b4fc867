package rest

import (
	"slices"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
)

// activityOperations are those on activities.
var activityOperations = []operation{
	{method: get, path: "/rest/v1/activities.json", do: (*call).activities},
	{method: get, path: "/rest/v1/activities/leadchanges.json", do: (*call).leadChanges},
	{method: get, path: "/rest/v1/activities/deletedleads.json", do: (*call).deletedLeads},
	{method: get, path: "/rest/v1/activities/pagingtoken.json", do: (*call).pagingToken},
	{method: get, path: "/rest/v1/activities/types.json", do: (*call).activityTypes},
}

// activityStream is what all tokens of activities have in common: the service takes one for any
// question about them.
var activityStream = streamOf("activities")

// pagingToken returns the token of a date (Marketo REST API, paging tokens). Records of that
// second come after it; the documentation says "after", and leaves the second open.
func (c *call) pagingToken() (*envelope, error) {
	since := c.moment("sinceDatetime", c.must("sinceDatetime")).Unix()
	defer c.View()()
	at := place{stream: activityStream, at: since, since: since, stored: uint32(c.Activities.Stored())}
	return &envelope{NextPageToken: at.token()}, nil
}

// since reads where a reading of activities goes on. It needs a token.
func (c *call) since() place {
	p, ok := readToken(c.must("nextPageToken"))
	if !ok || p.stream != activityStream {
		c.wrong(refuse(codeInvalid, "Invalid nextPageToken"))
	}
	return p
}

// maxDeletedAge is how long deletions are told of (Marketo REST API, activities).
const maxDeletedAge = 14 * 24 * time.Hour

// stream is what a call asks for of the activities.
type stream struct {
	kinds []string
	found activity.Changes            // from the place on
	keep  func(*activity.Record) bool // that of rows which were stored late; nil: all
}

// where leaves only the records that a function wants.
func (s *stream) where(wants func(*activity.Record) bool) {
	s.found = s.found.Where(wants)
	if before := s.keep; before != nil {
		s.keep = func(r *activity.Record) bool { return before(r) && wants(r) }
	} else {
		s.keep = wants
	}
}

// stream returns the records of some types that a call asks for, by leadIds or listId, from a
// place on. The lock is held.
func (c *call) stream(at place, kinds []string) (s stream, err *problem) {
	query := activity.Query{Within: ordered.Everything, Filter: activity.Filter{Names: kinds}}
	query.Within.Since = ordered.Entry{At: at.at, Ref: ordered.Ref(at.ref)}
	if s.kinds = kinds; len(kinds) == 0 {
		return s, nil
	}
	if ids := c.ids("leadIds", maxLeadIDs); len(ids) > 0 {
		var named []leads.No
		for _, id := range ids {
			if no, found := c.Leads.No(id); found {
				named = append(named, no)
			}
		}
		s.found = c.Activities.ChangesOf(named, c.Leads, query)
		s.keep = func(r *activity.Record) bool { return slices.Contains(named, r.Lead()) }
		return s, c.bad
	}
	if c.text("listId") == "" {
		s.found = c.Activities.ChangesIn(nil, c.Leads, query)
		return s, nil
	}
	l := c.Lists.Find(c.number64(c.text("listId")))
	switch {
	case l == nil:
		return s, refuse(codeNoObject, "List not found")
	case l.Len() >= maxOfListMember:
		return s, refuse(codeInvalid, "listId: the list has %d or more leads", maxOfListMember)
	}
	group := c.Lists.Group(l)
	s.found = c.Activities.ChangesIn(group, c.Leads, query)
	s.keep = func(r *activity.Record) bool { return group.Has(r.Lead()) }
	return s, nil
}

// late returns the records of a stream before a place that were stored since its token was given:
// who goes on with tokens misses none (Marketo's community). It moves the place on.
func (c *call) late(s *stream, at *place, n int) []*activity.Record {
	if len(s.kinds) == 0 || at.at <= at.since {
		at.stored = uint32(c.Activities.Stored())
		return nil
	}
	within := ordered.Span{Since: ordered.Entry{At: at.since}, Before: ordered.Entry{At: at.at, Ref: ordered.Ref(at.ref)}}
	page, next := c.Activities.Late(ordered.Ref(at.stored), within, activity.Filter{Names: s.kinds}, s.keep, n)
	at.stored = uint32(next)
	return page
}

// nextPage returns up to n records of a stream from a place on, and moves the place behind them:
// those that were stored late, alone, and then the others, oldest first.
func (c *call) nextPage(s *stream, at *place, n int) activity.ChangePage {
	late := c.late(s, at, n)
	if len(late) > 0 || ordered.Ref(at.stored) < c.Activities.Stored() { // others may have been stored late
		return activity.ChangePage{Records: late, Left: 1}
	}
	whole := s.found.Again()
	page := whole.Page(n)
	if short := c.Shorten(len(page.Records), true); short < len(page.Records) {
		page = s.found.Page(short)
	}
	if page.Reached != nil {
		at.at, at.ref = page.Place.At, uint32(page.Place.Ref)+1
	}
	return page
}

// activityPage is the answer with a page of records and the token after it. A page can be short, or
// empty, although others follow: moreResult alone tells. An empty page that is not the last has no
// result.
func activityPage[T any](c *call, s *stream, at place, show func(*activity.Record) T) (*envelope, error) {
	size := c.batch()
	if c.bad != nil {
		return nil, c.bad
	}
	page := c.nextPage(s, &at, size)
	more := page.Left > 0
	if more && len(page.Records) == 0 {
		at.empty++
	}
	answer := &envelope{NextPageToken: at.token(), MoreResult: &more}
	list := make([]T, len(page.Records))
	for i, r := range page.Records {
		list[i] = show(r)
	}
	if len(list) > 0 || !more {
		answer.Result = list
	}
	return answer, nil
}

// activities returns a page of the activities of up to ten types (Marketo REST API, activities).
func (c *call) activities() (*envelope, error) {
	at, ids, assets := c.since(), c.ids("activityTypeIds", maxKinds), c.ids("assetIds", maxBatch)
	if len(ids) == 0 {
		c.wrong(missing("activityTypeIds"))
	}
	if c.bad != nil {
		return nil, c.bad
	}
	defer c.View()()
	found, err := c.stream(at, c.kindNames(ids))
	if err != nil {
		return nil, err
	}
	if len(assets) > 0 {
		found.where(func(r *activity.Record) bool { return containsID(assets, c.shownActivity(r).PrimaryValueID) })
	}
	return activityPage(c, &found, at, c.shownActivity)
}

// kindNames returns the names of types. An id that no type has finds nothing.
func (c *call) kindNames(ids []int64) []string {
	var names []string
	for _, id := range ids {
		if kind, known := c.Activities.KindByID(id); known && id != kindDeleteLead {
			names = append(names, kind.Name)
		}
	}
	return names
}

func containsID(list []int64, id int64) bool {
	for _, one := range list {
		if one == id {
			return true
		}
	}
	return false
}

// leadChanges returns a page of the changes of some fields, and of new leads (Marketo REST API,
// activities).
func (c *call) leadChanges() (*envelope, error) {
	at, names := c.since(), c.list("fields", maxParams)
	if len(names) == 0 {
		c.wrong(missing("fields"))
	}
	if c.bad != nil {
		return nil, c.bad
	}
	defer c.View()()
	labels := make(map[string]bool)
	for _, name := range names {
		f, known := c.field(name)
		if !known {
			return nil, refuse(codeNoField, "Field '%.100s' not found", name)
		}
		labels[f.Label] = true
	}
	found, err := c.stream(at, c.kindNames([]int64{kindNewLead, kindDataValue}))
	if err != nil {
		return nil, err
	}
	found.where(func(r *activity.Record) bool {
		return c.Activities.Kind(r).ID == kindNewLead || labels[c.Activities.Asset(r)]
	})
	return activityPage(c, &found, at, c.shownChange)
}

// deletedLeads returns a page of the leads that were deleted, of the last 14 days (Marketo REST
// API, activities).
func (c *call) deletedLeads() (*envelope, error) {
	at, size := c.since(), c.batch()
	if c.bad != nil {
		return nil, c.bad
	}
	defer c.View()()
	if kept := c.exchange.Time.Add(-maxDeletedAge).Unix(); at.at < kept {
		at.at, at.ref = kept, 0
	}
	page, left := c.Leads.DeletedSince(at.at, int(at.ref), size)
	list := make([]shownActivity, len(page))
	for i, d := range page {
		list[i] = shownActivity{LeadID: d.LeadID, TypeID: kindDeleteLead, PrimaryValueID: d.LeadID, PrimaryValue: d.Name, Attributes: []namedValue{}}
		list[i].ID, list[i].GUID, list[i].Date = c.identify(d.ActivityID, time.Unix(d.At, 0))
		if d.At != at.at {
			at.at, at.ref = d.At, 0
		}
		at.ref++
	}
	more := left > 0
	return &envelope{Result: list, NextPageToken: at.token(), MoreResult: &more}, nil
}
