package rest

import (
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
	since := c.moment("sinceDatetime", c.must("sinceDatetime"))
	return &envelope{NextPageToken: place{stream: activityStream, at: since.Unix()}.token()}, nil
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

// changes returns the records of some types that a call asks for, by leadIds or listId, from a
// place on. The lock is held.
func (c *call) changes(at place, kinds []string) (activity.Changes, *problem) {
	query := activity.Query{Within: ordered.Everything, Filter: activity.Filter{Names: kinds}}
	query.Within.Since = ordered.Entry{At: at.at, Ref: ordered.Ref(at.ref)}
	if len(kinds) == 0 {
		return activity.Changes{}, nil
	}
	if ids := c.ids("leadIds", maxLeadIDs); len(ids) > 0 {
		var named []leads.No
		for _, id := range ids {
			if no, found := c.Leads.No(id); found {
				named = append(named, no)
			}
		}
		return c.Activities.ChangesOf(named, c.Leads, query), c.bad
	}
	if c.text("listId") == "" {
		return c.Activities.ChangesIn(nil, c.Leads, query), nil
	}
	l := c.Lists.Find(c.number64(c.text("listId")))
	switch {
	case l == nil:
		return activity.Changes{}, refuse(codeNoObject, "List not found")
	case l.Len() >= maxOfListMember:
		return activity.Changes{}, refuse(codeInvalid, "listId: the list has %d or more leads", maxOfListMember)
	}
	return c.Activities.ChangesIn(c.Lists.Group(l), c.Leads, query), nil
}

// activityPage is the answer with a page of records, oldest first, and the token after it. A
// page can be short, or empty, although others follow: moreResult alone tells. An empty page
// that is not the last has no result.
func activityPage[T any](c *call, found activity.Changes, at place, show func(*activity.Record) T) (*envelope, error) {
	whole := found.Again()
	page := whole.Page(c.batch())
	if c.bad != nil {
		return nil, c.bad
	}
	if n := c.Shorten(len(page.Records), true); n < len(page.Records) {
		page = found.Page(n)
	}
	if page.Reached != nil {
		at.at, at.ref = page.Place.At, uint32(page.Place.Ref)+1
	}
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
	found, err := c.changes(at, c.kindNames(ids))
	if err != nil {
		return nil, err
	}
	if len(assets) > 0 {
		found = found.Where(func(r *activity.Record) bool { return containsID(assets, c.shownActivity(r).PrimaryValueID) })
	}
	return activityPage(c, found, at, c.shownActivity)
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
	found, err := c.changes(at, c.kindNames([]int64{kindNewLead, kindDataValue}))
	if err != nil {
		return nil, err
	}
	wanted := func(r *activity.Record) bool {
		return c.Activities.Kind(r).ID == kindNewLead || labels[c.Activities.Asset(r)]
	}
	return activityPage(c, found.Where(wanted), at, c.shownChange)
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
