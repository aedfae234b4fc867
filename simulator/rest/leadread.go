package rest

import (
	"slices"
	"strings"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/record"
)

// leadOperations are those on leads.
var leadOperations = []operation{
	{method: get, path: "/rest/v1/leads.json", do: (*call).leadsByFilter},
	{method: post, path: "/rest/v1/leads.json", takes: takesJSON, do: (*call).syncLeads},
	{method: del, path: "/rest/v1/leads.json", takes: takesJSON, do: (*call).deleteLeads},
	{method: get, path: "/rest/v1/leads/describe.json", do: (*call).describeLeads},
	{method: get, path: "/rest/v1/leads/describe2.json", do: (*call).describeLeads2},
	{method: get, path: "/rest/v1/leads/partitions.json", do: (*call).partitions},
	{method: get, path: "/rest/v1/leads/schema/fields.json", do: (*call).leadSchema},
	{method: get, path: "/rest/v1/leads/schema/fields/{fieldApiName}.json", do: (*call).leadSchemaField},
	{method: post, path: "/rest/v1/leads/schema/fields/{fieldApiName}.json", takes: takesJSON, do: (*call).updateLeadField},
	{method: get, path: "/rest/v1/lead/{leadId}.json", do: (*call).leadByID},
	{method: get, path: "/rest/v1/leads/{leadId}/listMembership.json", do: (*call).listMembership},
	{method: post, path: "/rest/v1/leads/{leadId}/associate.json", do: (*call).associateLead},
	{method: post, path: "/rest/v1/leads/{leadId}/merge.json", do: (*call).mergeLeads},
}

// leadByID returns one lead. An id that no lead has gives an empty result, as the filter does
// (Marketo REST API, leads; what the service does is not documented).
func (c *call) leadByID() (*envelope, error) {
	id := c.id("leadId")
	defer c.View()()
	fields := c.leadFields()
	no, found := c.Leads.No(id)
	if c.bad != nil || !found {
		return ok([]any{})
	}
	return one(c.shownLead(no, fields))
}

// maxMatches is how many leads a filter may mean (Marketo REST API, error codes: 1003).
const maxMatches = 1000

// leadsByFilter returns a page of the leads that have one of several values in a field, by id
// (Marketo REST API, leads).
func (c *call) leadsByFilter() (*envelope, error) {
	field, values, size := c.must("filterType"), c.list("filterValues", maxBatch), c.batch()
	if len(values) == 0 {
		c.wrong(missing("filterValues"))
	}
	defer c.View()()
	fields := c.leadFields()
	at := c.place("leads", field, values)
	if c.bad != nil {
		return nil, c.bad
	}
	ids, err := c.matching(field, values)
	if err != nil {
		return nil, err
	}
	page, left := ids.After(at.at, size)
	return c.leadPage(page, left, at, fields)
}

// leadPage is the answer with a page of leads. It may be cut short where the simulator has been
// told so.
func (c *call) leadPage(ids []int64, left int, at place, fields []leadField) (*envelope, error) {
	n := c.Shorten(len(ids), false)
	left -= n
	list := make([]any, n)
	for i, id := range ids[:n] {
		no, _ := c.Leads.No(id)
		list[i] = c.shownLead(no, fields)
		at.at = id
	}
	answer := &envelope{Result: list}
	c.page(answer, at, left > 0)
	return answer, nil
}

// page adds to an answer what leads to the next page of a list. The last page has neither a
// token nor moreResult (Marketo REST API, paging tokens, as recorded).
func (c *call) page(answer *envelope, at place, more bool) {
	if more {
		answer.NextPageToken, answer.MoreResult = at.token(), &more
	}
}

// matching returns the ids of the leads that have one of the values in a field.
func (c *call) matching(field string, values []string) (leads.IDs, error) {
	var ids leads.IDs
	for _, value := range values {
		found, err := c.having(field, value, maxMatches+1)
		if err != nil {
			return nil, err
		}
		found = found[:min(len(found), maxMatches+1)] // of a key, all leads that have it
		for _, no := range found {
			ids = append(ids, c.Leads.ID(no))
		}
		slices.Sort(ids)
		if ids = slices.Compact(ids); len(ids) > maxMatches {
			return nil, refuse(codeInvalid, "Too many results match the filter: more than %d", maxMatches)
		}
	}
	return ids, nil
}

// having returns up to n leads with a value in a field that leads can be found by.
func (c *call) having(field, value string, n int) ([]leads.No, error) {
	switch {
	case field == "id":
		return c.Leads.Matching(gen.LeadKeyRefIDNUM, value), nil
	case field == "leadPartitionId":
		for i, name := range c.Workspaces {
			if value == codeText(i+1) {
				return c.Leads.InWorkspace(name, n), nil
			}
		}
		return nil, nil
	case contains(networkFields, field):
		return nil, nil
	}
	for _, key := range keyFields {
		switch {
		case key.name != field:
		case field == fieldCookies && value != "" && !isCookie(value):
			return nil, refusal(codeCookie)
		default:
			return c.Leads.Matching(key.kind, value), nil
		}
	}
	f, found := c.Leads.ByREST(field)
	switch {
	case !found:
		return nil, refuse(codeNoField, "Field '%.100s' not found", field)
	case f.Name == leads.FieldEmail:
		return c.Leads.Matching(gen.LeadKeyRefEMAIL, value), nil
	case !searchable(f):
		return nil, refuse(codeNoLookup, "Lookup field '%.100s' is not supported", field)
	}
	return c.Leads.HavingValue(f.Name, value, n), nil
}

// fieldCookies is the field of the cookies that browsers of a lead have.
const fieldCookies = "cookies"

// isCookie reports whether a text can be the value of a Munchkin cookie, such as
// id:000-AAA-000&token:_mch-example.com-1.
func isCookie(text string) bool { return strings.Contains(text, "token:") }

// searchable reports whether leads can be found by a field: the address, and custom fields of
// three types (Marketo REST API, leads).
func searchable(f record.LeadField) bool {
	switch {
	case f.Name == leads.FieldEmail, f.RESTOnly && leads.IsStandard(f):
		return true
	case leads.IsStandard(f):
		return false
	}
	return f.Type == record.TypeString || f.Type == record.TypeEmail || f.Type == record.TypeInteger
}

// searchableFields returns the names of the fields that leads can be found by.
func (h *handler) searchableFields() [][]string {
	names := slices.Concat([]string{"id", "email", "leadPartitionId"}, networkFields)
	for _, key := range keyFields {
		names = append(names, key.name)
	}
	for _, f := range h.Leads.ByID() {
		if name := leads.RESTName(f); searchable(f) && name != "email" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var list [][]string
	for _, name := range names {
		list = append(list, []string{name})
	}
	return list
}
