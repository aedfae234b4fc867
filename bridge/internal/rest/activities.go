package rest

import (
	"context"
	"errors"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// Paths of activities.
var (
	pagingTokenPath   = readPath{"/rest/v1/activities/pagingtoken.json", 300 * time.Second}
	activitiesPath    = readPath{"/rest/v1/activities.json", 30 * time.Second}
	leadChangesPath   = readPath{"/rest/v1/activities/leadchanges.json", 30 * time.Second}
	deletedLeadsPath  = readPath{"/rest/v1/activities/deletedleads.json", 30 * time.Second}
	activityTypesPath = readPath{"/rest/v1/activities/types.json", 30 * time.Second}
)

// Most values of a call (Marketo REST API, activities).
const (
	MaxTypes         = 10 // activity types; at least one is needed
	MaxActivityLeads = 30
)

// PagingToken returns the token from which on activities come that are not older than the second of
// a time (Marketo REST API, paging tokens; that the second itself belongs to it is not said).
func (c *Client) PagingToken(ctx context.Context, since time.Time) (string, error) {
	r := newRead(pagingTokenPath)
	r.params.add("sinceDatetime", Stamp(since))
	a, err := read[Record](ctx, c, r)
	switch {
	case err != nil:
		return "", err
	case a.Next == "":
		return "", fault.NewContentError(errors.New("the answer has no nextPageToken, which was asked for"))
	}
	return a.Next, nil
}

// Stamp returns a time as requests have it: whole seconds, with a zone (Marketo REST API, activities).
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// Activity is a record of the activity log (Marketo REST API, activities).
type Activity struct {
	ID             Value       `json:"id"` // may be missing, and more than 32 bits
	GUID           string      `json:"marketoGUID"`
	LeadID         int64       `json:"leadId"`
	Date           string      `json:"activityDate"`
	TypeID         int64       `json:"activityTypeId"`
	CampaignID     int64       `json:"campaignId"` // 0: none
	PrimaryValueID Value       `json:"primaryAttributeValueId"`
	PrimaryValue   Value       `json:"primaryAttributeValue"`
	Attributes     []Attribute `json:"attributes"`
}

// Attribute is an attribute of an activity.
type Attribute struct {
	Name  string `json:"name"`
	Value Value  `json:"value"`
}

// ActivityQuery asks for activities, oldest first.
type ActivityQuery struct {
	Types []int64 // 1 to [MaxTypes]
	Leads []int64 // up to [MaxActivityLeads]; none: those of all leads
	List  int64   // only leads on this list; 0: all. From 10,000 members on it is 1003
	Page          // with a token, which is needed
}

// Activities returns a page. It may be short, or empty, although others follow: More alone tells. A
// token comes with the last page too.
func (c *Client) Activities(ctx context.Context, q ActivityQuery) (*Answer[Activity], error) {
	r := newRead(activitiesPath)
	r.params.addNumbers("activityTypeIds", q.Types)
	r.params.addNumbers("leadIds", q.Leads)
	r.params.addNumber("listId", q.List)
	q.add(&r.params)
	return read[Activity](ctx, c, r)
}

// Change is a record of Get Lead Changes.
type Change struct {
	Activity

	Fields []ChangedField `json:"fields"`
}

// ChangedField is a field that a record tells the change of.
type ChangedField struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"` // in the REST API
	OldValue Value  `json:"oldValue"`
	NewValue Value  `json:"newValue"`
}

// LeadChanges returns a page of the changes of some fields, and of new leads.
func (c *Client) LeadChanges(ctx context.Context, fields []string, q ActivityQuery) (*Answer[Change], error) {
	r := newRead(leadChangesPath)
	r.params.addList("fields", fields)
	r.params.addNumbers("leadIds", q.Leads)
	r.params.addNumber("listId", q.List)
	q.add(&r.params)
	return read[Change](ctx, c, r)
}

// DeletedLeads returns a page of the deletions of leads, of the last two weeks.
func (c *Client) DeletedLeads(ctx context.Context, p Page) (*Answer[Activity], error) {
	r := newRead(deletedLeadsPath)
	p.add(&r.params)
	return read[Activity](ctx, c, r)
}

// ActivityType is a type of activity. New Lead has no primary attribute.
type ActivityType struct {
	ID          int64           `json:"id"`
	Name        string          `json:"name"`
	APIName     string          `json:"apiName"`
	Description string          `json:"description"`
	Primary     *AttributeType  `json:"primaryAttribute"`
	Attributes  []AttributeType `json:"attributes"`
}

// AttributeType is an attribute that activities of a type have.
type AttributeType struct {
	Name     string `json:"name"`
	APIName  string `json:"apiName"`
	DataType string `json:"dataType"` // in any letter case
}

// ActivityTypes returns the types of activity of the instance.
func (c *Client) ActivityTypes(ctx context.Context) (*Answer[ActivityType], error) {
	return read[ActivityType](ctx, c, newRead(activityTypesPath))
}
