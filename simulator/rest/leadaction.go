package rest

import (
	"net/url"
	"slices"

	"github.com/mktows/mktows-go/simulator/internal/leads"
)

// maxLosers is how many leads one call merges into another (Marketo REST API, leads: 1080).
const maxLosers = 25

// mergeLeads merges leads into another one (Marketo REST API, leads). It merges all or none.
func (c *call) mergeLeads() (*envelope, error) {
	winner, ids := c.id("leadId"), c.ids("leadIds", maxParams)
	ids = append(ids, c.ids("leadId", maxParams)...)
	inCRM, _ := c.flag("mergeInCRM")
	switch {
	case c.bad != nil:
		return nil, c.bad
	case len(ids) == 0:
		return nil, missing("leadIds")
	case len(ids) > maxLosers:
		return nil, refuse(codeTooManyLosers, "%d leads are more than %d", len(ids), maxLosers)
	}
	defer c.Change()()
	to, found := c.Leads.No(winner)
	var losers []leads.No
	for _, id := range ids {
		no, there := c.Leads.No(id)
		found = found && there
		if there && no == to {
			return nil, refuse(codeInvalid, "Lead %d cannot be merged into itself", id)
		}
		if !slices.Contains(losers, no) {
			losers = append(losers, no)
		}
	}
	if !found {
		return nil, refusal(codeNoLead)
	}
	c.Leads.Merge(to, losers, inCRM)
	return &envelope{}, nil
}

// associateLead gives a lead the cookie of a browser (Marketo REST API, leads). The cookie may
// be encoded once more, as the part behind "token:" has to be.
func (c *call) associateLead() (*envelope, error) {
	id, cookie := c.id("leadId"), c.must("cookie")
	if c.bad != nil {
		return nil, c.bad
	}
	if decoded, err := url.QueryUnescape(cookie); err == nil {
		cookie = decoded
	}
	if !isCookie(cookie) {
		return nil, refusal(codeCookie)
	}
	defer c.Change()()
	no, found := c.Leads.No(id)
	if !found {
		return nil, refusal(codeNoLead)
	}
	c.Leads.GiveCookie(no, cookie)
	return &envelope{}, nil
}

// listMembership returns a page of the static lists that a lead is on, by id (Marketo REST API,
// leads).
func (c *call) listMembership() (*envelope, error) {
	id, size := c.id("leadId"), c.batch()
	at := c.place("listMembership", id)
	defer c.View()()
	no, found := c.Leads.No(id)
	if !found {
		return nil, refusal(codeNoLead)
	}
	list := []any{}
	for _, l := range c.Lists.OfLead(no) {
		created, updated := l.Times()
		list = append(list, map[string]any{"listId": l.ID(), "createdAt": stamp(created, withZ), "updatedAt": stamp(updated, withZ)})
	}
	return listPage(c, list, at, size)
}
