package report

import (
	"fmt"
	"net/url"
	"time"
)

type timelineView struct {
	ID    int64
	Email string
	Note  string
	Types []legendItem
	Days  []dayView
}

// dayView is a calendar day at one offset. The day on which the clocks change appears twice.
type dayView struct {
	Date  string
	Zone  string
	Items []itemView
}

type itemView struct {
	Stamp   string // for machines
	Time    string
	Type    int // index in timelineView.Types
	Color   int
	Name    string
	Asset   string
	Place   string // campaign
	Late    bool
	Details []detail
	More    int
}

type detail struct {
	Name, Value string
	Link        string // http or https; empty: the value is no address
}

// maxDetails is how many attributes of an activity are shown.
const maxDetails = 100

func (c *contents) timelineViews() []timelineView {
	var views []timelineView
	for _, t := range c.timelines {
		views = append(views, c.timelineView(t))
	}
	return views
}

// timelineView returns the timeline of a lead, by calendar days.
func (c *contents) timelineView(t timeline) timelineView {
	v := timelineView{ID: t.lead.ID, Email: clean(t.lead.Email)}
	v.Note = counted(t.lead.Count, "activity", "activities")
	if shown := int64(len(t.rows)); shown < t.lead.Count {
		v.Note = fmt.Sprintf("The newest %s of %s", number(shown), v.Note)
	}
	v.Note += fmt.Sprintf(", from %s to %s.", dateText(c.local(t.lead.First)), dateText(c.local(t.lead.Last)))

	shown, index := map[string]int64{}, map[string]int{}
	for _, a := range t.rows {
		shown[a.Type]++
	}
	for _, g := range t.lead.Types {
		if shown[g.Type] > 0 {
			index[g.Type] = len(v.Types)
			v.Types = append(v.Types, legendItem{c.rank(g.Type), clean(g.Type), number(shown[g.Type])})
		}
	}
	for _, a := range t.rows {
		at := c.local(a.Time)
		date, zone := at.Format("Monday 2 January 2006"), zoneOf(at)
		if n := len(v.Days); n == 0 || v.Days[n-1].Date != date || v.Days[n-1].Zone != zone {
			v.Days = append(v.Days, dayView{Date: date, Zone: zone})
		}
		last := &v.Days[len(v.Days)-1]
		last.Items = append(last.Items, c.itemView(a, at, index[a.Type]))
	}
	return v
}

// itemView returns one activity of a timeline. Time is given for people and for machines.
func (c *contents) itemView(a Activity, at time.Time, typ int) itemView {
	item := itemView{
		Stamp: at.Format(time.RFC3339), Time: at.Format("15:04:05"), Type: typ, Color: c.rank(a.Type),
		Name: clean(a.Type), Asset: clean(a.AssetName), Place: clean(a.Campaign), Late: a.Late,
	}
	for i, x := range a.Attributes {
		if i == maxDetails {
			item.More = len(a.Attributes) - maxDetails
			break
		}
		item.Details = append(item.Details, detail{clean(x.Name), clean(x.Value), link(x.Value)})
	}
	return item
}

// link returns an address that a browser may be sent to, or "". Only http and https are allowed, and no user name: an
// address comes from a stranger and could run a script or look like another site.
func link(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || len(text) > maxText {
		return ""
	}
	return u.String()
}
