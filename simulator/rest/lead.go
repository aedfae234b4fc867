package rest

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// leadField is a field of leads as the REST API has it: one of the table's, or one of the
// service's own, whose value is made of other parts of a lead.
type leadField struct {
	record.LeadField

	kind   string // the data type, as descriptions show it
	system bool   // it cannot be written
	value  func(h *handler, no leads.No, l *leads.Row) any
}

// keyFields are fields whose values are keys in the SOAP API (Marketo REST API, leads: fields
// that leads are found by).
var keyFields = []struct {
	name string
	kind gen.LeadKeyRef
}{
	{fieldCookies, gen.LeadKeyRefCOOKIE}, {"sfdcLeadId", gen.LeadKeyRefSFDCLEADID}, {"sfdcContactId", gen.LeadKeyRefSFDCCONTACTID},
	{"sfdcAccountId", gen.LeadKeyRefSFDCACCOUNTID}, {"sfdcLeadOwnerId", gen.LeadKeyRefSFDCLEADOWNERID}, {"sfdcOpptyId", gen.LeadKeyRefSFDCOPPTYID},
}

// networkFields are the ids of social networks, which no lead of a simulator has.
var networkFields = []string{"facebookId", "linkedInId", "twitterId"}

// systemFields are the service's own, by name.
var systemFields = func() map[string]leadField {
	all := map[string]leadField{
		"id":              {kind: "integer", value: func(_ *handler, _ leads.No, l *leads.Row) any { return l.ID() }},
		"createdAt":       {kind: "datetime", value: func(h *handler, no leads.No, _ *leads.Row) any { return stamp(h.Leads.Created(no), withZ) }},
		"updatedAt":       {kind: "datetime", value: func(h *handler, no leads.No, _ *leads.Row) any { return unixStamp(h.Leads.Updated(no)) }},
		"leadPartitionId": {kind: "reference", value: func(h *handler, _ leads.No, l *leads.Row) any { return strconv.Itoa(h.partition(l.Workspace())) }},
	}
	for _, key := range keyFields {
		all[key.name] = leadField{kind: "string", value: func(_ *handler, _ leads.No, l *leads.Row) any { return shownKey(l.Key(key.kind)) }}
	}
	for _, name := range networkFields {
		all[name] = leadField{kind: "string", value: func(*handler, leads.No, *leads.Row) any { return nil }}
	}
	for name, f := range all {
		f.LeadField = record.LeadField{Name: name, REST: name}
		f.system = true
		all[name] = f
	}
	return all
}()

// shownKey returns a key as answers show it. Of a cookie it is the part behind "token:"
// (Marketo's blog on the REST API).
func shownKey(value string) any {
	if value == "" {
		return nil
	}
	if i := strings.Index(value, "token:"); i >= 0 {
		return value[i+len("token:"):]
	}
	return value
}

func unixStamp(at int64) string { return stamp(servicetime.Unix(at), withZ) }

// partition returns the id of a partition: there is one for each workspace.
func (h *handler) partition(workspace string) int {
	for i, name := range h.Workspaces {
		if name == workspace {
			return i + 1
		}
	}
	return 0
}

// field returns the field of a name.
func (h *handler) field(name string) (leadField, bool) {
	if f, ok := systemFields[name]; ok {
		return f, true
	}
	f, ok := h.Leads.ByREST(name)
	if !ok {
		return leadField{}, false
	}
	return leadField{LeadField: f, kind: restType(f), value: func(_ *handler, _ leads.No, l *leads.Row) any { return leadValue(f, l) }}, true
}

// restType is the data type of a field as descriptions show it. A score is one in the REST API
// alone.
func restType(f record.LeadField) string {
	if f.Name == "LeadScore" {
		return "score"
	}
	return string(f.Type)
}

// leadValue returns the value of a field as answers show it: a JSON type of its own where the
// field has one, null for none, and false for a boolean that nobody has set (Marketo REST API,
// leads, as recorded).
func leadValue(f record.LeadField, l *leads.Row) any {
	value := l.Value(f.Name)
	if f.Name == leads.FieldEmail {
		value = l.Email()
	}
	return typed(string(f.Type), value)
}

// typed returns a text as a JSON value of a data type. What cannot be read as one stays a text.
func typed(kind, text string) any {
	if text == "" {
		if kind == "boolean" {
			return false
		}
		return nil
	}
	switch kind {
	case "integer":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	case "float", "currency", "percent":
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	case "boolean":
		if b, err := strconv.ParseBool(strings.ToLower(text)); err == nil {
			return b
		}
	case "date":
		if t, err := servicetime.Read(text); err == nil {
			return t.Format(time.DateOnly)
		}
	case "datetime", "dateTime":
		if t, err := servicetime.Read(text); err == nil {
			return stamp(t, withZ)
		}
	}
	return text
}

// leadDefaults are the fields that a lead is shown with where a call names none (Marketo REST
// API, leads).
var leadDefaults = []string{"id", "firstName", "lastName", "email", "createdAt", "updatedAt"}

// leadFields reads which fields a call asks for.
func (c *call) leadFields() []leadField {
	names := c.list("fields", maxParams)
	if len(names) == 0 {
		names = leadDefaults
	}
	fields := make([]leadField, 0, len(names)+1)
	if id, _ := c.field("id"); !contains(names, "id") {
		fields = append(fields, id)
	}
	for _, name := range names {
		f, ok := c.field(name)
		if !ok {
			c.wrong(refuse(codeNoField, "Field '%.100s' not found", name))
			break
		}
		fields = append(fields, f)
	}
	return fields
}

func contains(list []string, text string) bool {
	for _, one := range list {
		if one == text {
			return true
		}
	}
	return false
}

// shownLead returns a lead as answers show it: every field that is asked for.
func (h *handler) shownLead(no leads.No, fields []leadField) map[string]any {
	l, out := h.Leads.Lead(no), make(map[string]any, len(fields))
	for i := range fields {
		out[leads.RESTName(fields[i].LeadField)] = fields[i].value(h, no, l)
	}
	return out
}

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
