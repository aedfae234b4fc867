package rest

import (
	"fmt"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/record"
)

// Ids of types that answers treat in their own way.
const (
	kindNewLead     = 12
	kindDataValue   = 13
	kindScore       = 22
	kindAddToList   = 24
	kindOffList     = 25
	kindMerge       = 32
	kindDeleteLead  = 37
	kindRequest     = 47
	maxKinds        = 10 // in a call
	maxLeadIDs      = 30
	maxOfListMember = 10_000 // from which on listId is refused
)

// namedValue is an attribute of an activity.
type namedValue struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// shownActivity is an activity as answers show it (Marketo REST API, activities).
type shownActivity struct {
	ID             int64        `json:"id,omitempty"`
	GUID           string       `json:"marketoGUID"`
	LeadID         int64        `json:"leadId"`
	Date           string       `json:"activityDate"`
	TypeID         int64        `json:"activityTypeId"`
	CampaignID     int64        `json:"campaignId,omitempty"`
	PrimaryValueID int64        `json:"primaryAttributeValueId,omitempty"`
	PrimaryValue   string       `json:"primaryAttributeValue,omitempty"`
	Attributes     []namedValue `json:"attributes"`
}

// identify gives a record id, GUID and the form of its date. Records of the newer store have no
// id, a GUID that is no number, and dates with +0000.
func (c *call) identify(id int64, at time.Time) (shownID int64, guid, date string) {
	if n := c.settings.Quirks.MissingIDs; n > 0 && id%n == 0 {
		return 0, fmt.Sprintf("q%d-%016x", id%10, streamOf(id)), stamp(at, withOffset)
	}
	guid = strconv.FormatInt(id, 10)
	if n := c.settings.Quirks.RepeatedIDs; n > 0 {
		id -= id % n
	}
	return max(id, 1), guid, stamp(at, withZ)
}

// shownActivity returns a record as answers show it. The lock is held.
func (c *call) shownActivity(r *activity.Record) shownActivity {
	kind, l := c.Activities.Kind(r), c.Leads.Lead(r.Lead())
	out := shownActivity{LeadID: l.ID(), TypeID: kind.ID, CampaignID: c.campaignID(c.Activities.Campaign(r)), Attributes: []namedValue{}}
	out.ID, out.GUID, out.Date = c.identify(r.ID(), r.Time())
	out.PrimaryValue = c.Activities.Asset(r)
	for name, value := range c.Activities.Attributes(r) {
		switch {
		case kind.Primary != nil && name == kind.Primary.Name:
			out.PrimaryValueID, _ = strconv.ParseInt(value, 10, 64) // a text has none
		case isShown(kind.ID, name, value):
			out.Attributes = append(out.Attributes, namedValue{name, attributeValue(kind, name, value)})
		}
	}
	c.primary(&out, l)
	return out
}

// isShown reports whether an attribute that the SOAP API shows is one of the REST API too: the
// lead stands beside it there, and a New Lead has no Source Info. An old value that is empty is
// left out.
func isShown(kind int64, name, value string) bool {
	switch name {
	case "Lead ID":
		return false
	case "Source Info":
		return kind != kindNewLead
	case "Old Value":
		return value != ""
	}
	return true
}

// attributeValue returns the value of an attribute as a JSON value of its type.
func attributeValue(kind record.ActivityType, name, value string) any {
	for _, a := range kind.Attributes {
		if a.Name == name && (a.DataType == "integer" || a.DataType == "Integer") {
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				return n
			}
		}
		if a.Name == name && a.DataType == "boolean" && value != "" {
			return typed("boolean", value)
		}
	}
	return value
}

// primary sets what the primary attribute of some types holds: the field that was changed, the
// person who is new or was merged (Marketo REST API, activities, as recorded).
func (h *handler) primary(out *shownActivity, l *leads.Row) {
	switch out.TypeID {
	case kindDataValue, kindScore:
		if f, ok := h.Leads.ByLabel(out.PrimaryValue); ok {
			out.PrimaryValueID = f.ID
		}
	case kindNewLead, kindMerge:
		out.PrimaryValueID, out.PrimaryValue = l.ID(), l.FullName()
	}
}

// campaignID returns the id of a campaign by the name that records have, 0 for none.
func (h *handler) campaignID(name string) int64 {
	if name == "" {
		return 0
	}
	if c := h.Campaigns.ByFullName(name); c != nil {
		return int64(c.ID())
	}
	return 0
}

// shownKind is a type of activity as answers show it.
type shownKind struct {
	ID          int64         `json:"id"`
	Name        string        `json:"name"`
	APIName     string        `json:"apiName,omitempty"`
	Description string        `json:"description,omitempty"`
	Primary     *kindOfValue  `json:"primaryAttribute,omitempty"` // New Lead has none
	Attributes  []kindOfValue `json:"attributes,omitempty"`
}

type kindOfValue struct {
	Name     string `json:"name"`
	DataType string `json:"dataType"`
	APIName  string `json:"apiName,omitempty"`
}

// activityTypes returns all types of activity, by id (Marketo REST API, activities).
func (c *call) activityTypes() (*envelope, error) {
	defer c.View()()
	list := []shownKind{}
	for _, kind := range c.Activities.Kinds() {
		one := shownKind{ID: kind.ID, Name: kind.Name, APIName: kind.APIName, Description: kind.Description}
		if p := kind.Primary; p != nil {
			one.Primary = &kindOfValue{p.Name, p.DataType, p.APIName}
		}
		for _, a := range kind.Attributes {
			one.Attributes = append(one.Attributes, kindOfValue{a.Name, a.DataType, a.APIName})
		}
		list = append(list, one)
	}
	return ok(list)
}

// shownChange is a record of Get Lead Changes.
type shownChange struct {
	ID         int64          `json:"id,omitempty"`
	GUID       string         `json:"marketoGUID"`
	LeadID     int64          `json:"leadId"`
	Date       string         `json:"activityDate"`
	TypeID     int64          `json:"activityTypeId"`
	CampaignID int64          `json:"campaignId,omitempty"`
	Fields     []changedField `json:"fields"`
	Attributes []namedValue   `json:"attributes"`
}

type changedField struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"` // in the REST API
	OldValue string `json:"oldValue,omitempty"`
	NewValue string `json:"newValue,omitempty"`
}

// shownChange returns a record as Get Lead Changes shows it: the field apart from the other
// attributes, and the lead among these. The lock is held.
func (c *call) shownChange(r *activity.Record) shownChange {
	full := c.shownActivity(r)
	out := shownChange{
		ID: full.ID, GUID: full.GUID, LeadID: full.LeadID, Date: stamp(r.Time(), withOffset), TypeID: full.TypeID, CampaignID: full.CampaignID,
		Fields: []changedField{}, Attributes: []namedValue{},
	}
	var changed changedField
	for _, a := range full.Attributes {
		switch text := fmt.Sprint(a.Value); {
		case full.TypeID == kindDataValue && a.Name == "Old Value":
			changed.OldValue = text
		case full.TypeID == kindDataValue && a.Name == "New Value":
			changed.NewValue = text
		default:
			out.Attributes = append(out.Attributes, a)
		}
	}
	if f, ok := c.Leads.ByLabel(full.PrimaryValue); ok && full.TypeID == kindDataValue {
		changed.ID, changed.Name = f.ID, leads.RESTName(f)
		out.Fields = append(out.Fields, changed)
	}
	out.Attributes = append(out.Attributes, namedValue{"Lead ID", full.LeadID})
	return out
}
