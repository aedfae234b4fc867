package admin

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// action is what a method does at a path.
type action struct {
	about  string
	params []param
	body   reflect.Type // nil: it has none
	status int          // of an answer that is no error
	answer reflect.Type // nil: it is empty, or no JSON
	kind   string       // of an answer that is no JSON
	do     func(w http.ResponseWriter, r *request) error
}

// route is a path, whose last part may be the name of a parameter in braces.
type route struct {
	path    string
	actions map[string]action // by method
}

// request is a request whose path and query were read.
type request struct {
	*http.Request

	query map[string]string // parameters that are given
	part  string            // the last part of the path, if that is a parameter
}

// limit is the parameter of how many are wanted.
func limit(most int64) param {
	return param{name: "limit", about: fmt.Sprintf("how many at most; missing: %d", defaultLimit), whole: true, least: 1, most: most}
}

// Bounds of pages.
const (
	defaultLimit   = 100
	mostExchanges  = 1000
	mostRecords    = 500
	maxRecordBytes = 8 << 20       // of a page; one record is given whole
	maxFrom        = 1_000_000_000 // places of records
	maxID          = 1<<63 - 1
)

// makeRoutes returns all that there is.
func (h *handler) makeRoutes() []route {
	type actions = map[string]action
	page := []param{{name: "from", about: "the place of the first one, from 0 on; the answer's next has it", whole: true, most: maxFrom}, limit(mostRecords)}
	searched := append([]param{{name: "text", about: "only those that have this text in id, email, keys or fields, whatever its letter case"}}, page...)
	return append(h.journalRoutes(), []route{
		{"/health", actions{http.MethodGet: {about: "whether the mock is there, and how much it holds", answer: reflect.TypeFor[healthJSON](), do: h.getHealth}}},
		{"/state", actions{
			http.MethodGet: {about: "the data as JSON", answer: stateType, do: h.getState},
			http.MethodPut: {about: "replaces all of the data", body: stateType, status: http.StatusNoContent, do: h.putState},
		}},
		{"/demo", actions{http.MethodPost: {about: "puts the demonstration data in place of all data", status: http.StatusNoContent, do: h.postDemo}}},
		{"/scenario", actions{http.MethodGet: {about: "data, rules, clock and settings as a scenario file, without clients, whose secrets are not shown, and limits",
			answer: reflect.TypeFor[savedJSON](), do: h.getScenario}}},
		{"/reset", actions{http.MethodPost: {about: "no data, no rules, an empty journal; clock and settings stay", status: http.StatusNoContent, do: h.reset}}},
		{"/rules", actions{
			http.MethodGet:    {about: "how the mock misbehaves", answer: reflect.TypeFor[[]ruleJSON](), do: h.getRules},
			http.MethodPost:   {about: "adds a rule behind the others", body: ruleType, status: http.StatusCreated, answer: ruleType, do: h.postRule},
			http.MethodDelete: {about: "takes all rules away", status: http.StatusNoContent, do: h.deleteRules},
		}},
		{"/rules/{id}", actions{
			http.MethodGet:    {about: "one rule", answer: ruleType, do: h.getRule},
			http.MethodPut:    {about: "replaces a rule in its place; its counts begin anew", body: ruleType, answer: ruleType, do: h.putRule},
			http.MethodDelete: {about: "takes a rule away", status: http.StatusNoContent, do: h.deleteRule},
		}},
		{"/settings", actions{
			http.MethodGet:  {about: "how pages are cut, and of the REST API the clients with their permissions, quirks and bulk extracts", answer: settingsType, do: h.getSettings},
			http.MethodPost: {about: "changes the parts that are given", body: settingsType, answer: settingsType, do: h.postSettings},
		}},
		{"/clock", actions{
			http.MethodGet:  {about: "the time", answer: reflect.TypeFor[clockNow](), do: h.getClock},
			http.MethodPost: {about: "moves the clock: give advance or set", body: reflect.TypeFor[clockJSON](), answer: reflect.TypeFor[clockNow](), do: h.postClock},
		}},
		{"/leads", actions{http.MethodGet: {about: "leads without activities, in the order they were added", params: searched, answer: reflect.TypeFor[leadsJSON](), do: h.getLeads}}},
		{"/leads/{id}", actions{http.MethodGet: {about: "a lead with its lists and a page of its activities, newest first", params: page,
			answer: reflect.TypeFor[leadPageJSON](), do: h.getLead}}},
		{"/lists", actions{http.MethodGet: {about: "static lists", params: page, answer: reflect.TypeFor[listsJSON](), do: h.getLists}}},
		{"/lists/{id}", actions{http.MethodGet: {about: "a static list with a page of its members", params: page, answer: reflect.TypeFor[membersJSON](), do: h.getList}}},
		{"/campaigns", actions{http.MethodGet: {about: "smart campaigns", params: page, answer: reflect.TypeFor[campaignsJSON](), do: h.getCampaigns}}},
		{"/campaigns/{id}", actions{http.MethodGet: {about: "a smart campaign with a page of its runs", params: page, answer: reflect.TypeFor[campaignPageJSON](), do: h.getCampaign}}},
		{"/programs", actions{http.MethodGet: {about: "programs", params: page, answer: reflect.TypeFor[programsJSON](), do: h.getPrograms}}},
		{"/objects", actions{http.MethodGet: {about: "types of objects", params: page, answer: reflect.TypeFor[typesJSON](), do: h.getTypes}}},
		{"/objects/{type}", actions{http.MethodGet: {about: "the records of a type", params: page, answer: reflect.TypeFor[objectsJSON](), do: h.getObjects}}},
		{"/jobs", actions{http.MethodGet: {about: "imports and bulk extracts", params: page, answer: reflect.TypeFor[jobsJSON](), do: h.getJobs}}},
	}...)
}

// journalRoutes returns what there is where there is nothing but a journal.
func (h *handler) journalRoutes() []route {
	type actions = map[string]action
	journal := append(filterParams(),
		param{name: "since", about: "those after this id, oldest first; missing: the newest", whole: true, most: maxID},
		param{name: "before", about: "the newest before this id", whole: true, least: 1, most: maxID},
		limit(mostExchanges),
		param{name: "documents", about: "with what was sent; missing: true", values: []string{"true", "false"}})
	return []route{
		{"/", actions{http.MethodGet: {about: "what there is", kind: "text/plain", do: h.getIndex}}},
		{"/openapi.json", actions{http.MethodGet: {about: "what there is, as an OpenAPI document", answer: reflect.TypeFor[map[string]any](), do: h.getOpenAPI}}},
		{"/journal", actions{
			http.MethodGet: {about: "calls, oldest first: the newest ones, or those after an id; next has more of them", params: journal,
				answer: reflect.TypeFor[journalJSON](), do: h.getJournal},
			http.MethodDelete: {about: "empties the journal", status: http.StatusNoContent, do: h.deleteJournal},
		}},
		{"/journal/events", actions{http.MethodGet: {about: "calls as they happen, as server-sent events (exchange, gap, cleared); goes on after the header Last-Event-ID or since",
			params: journal[:len(journal)-3], kind: "text/event-stream", do: h.getEvents}}},
		{"/journal/{id}", actions{http.MethodGet: {about: "one call with what was sent, also printed for people", answer: reflect.TypeFor[exchangeJSON](), do: h.getExchange}}},
	}
}

// find returns the route of a path that a client has sent, and the parameter in it.
func (h *handler) find(u *url.URL) (found *route, part string) {
	path := u.EscapedPath()
	i := strings.LastIndexByte(path, '/')
	last, err := url.PathUnescape(path[i+1:])
	for j := range h.routes {
		r := &h.routes[j]
		if r.path == path {
			return r, ""
		}
		if base, _, ok := strings.Cut(r.path, "{"); ok && err == nil && last != "" && base == path[:i+1] && found == nil {
			found, part = r, last
		}
	}
	return found, part
}

// methods are those of a route.
func (r *route) methods() []string { return slices.Sorted(maps.Keys(r.actions)) }

// examples are bodies that are right, for the index.
var examples = map[string]string{
	"POST /rules":    `{"operation":"syncLead","times":1,"code":20011}`,
	"POST /settings": `{"pages":{"empty":0.3,"limit":10}} or {"clients":[{"id":"reader","secret":"s","permissions":["Read-Only Lead"]}]}`,
	"POST /clock":    `{"advance":"24h"} or {"set":"2016-02-01T12:00:00-06:00"}`,
}

// index lists all that there is, for people.
func (h *handler) index() string {
	var b strings.Builder
	if h.Rules != nil {
		b.WriteString("Administration of the mock of Marketo's APIs. POST and PUT want Content-Type: application/json (curl --json).\n\n")
	}
	for i := range h.routes {
		r := &h.routes[i]
		for _, method := range r.methods() {
			a := r.actions[method]
			fmt.Fprintf(&b, "%-6s %s\n       %s\n", method, r.path, a.about)
			if text := examples[method+" "+r.path]; text != "" {
				fmt.Fprintf(&b, "       such as %s\n", text)
			}
			for _, p := range a.params {
				fmt.Fprintf(&b, "       ?%-10s %s%s\n", p.name+"=", p.about, p.shown())
			}
		}
	}
	if h.Rules == nil {
		return b.String()
	}
	b.WriteString("\nFields of a rule:\n")
	for _, f := range reflect.VisibleFields(ruleType) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fmt.Fprintf(&b, "  %-10s %s", name, f.Tag.Get("doc"))
		if values := f.Tag.Get("enum"); values != "" {
			fmt.Fprintf(&b, ": %s", strings.ReplaceAll(values, ",", ", "))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// shown are the values of a parameter, if they are few.
func (p *param) shown() string {
	switch {
	case p.whole:
		return fmt.Sprintf(" (%d to %d)", p.least, p.most)
	case len(p.values) > 0 && len(p.values) <= shownValues:
		return " (" + strings.Join(p.values, ", ") + ")"
	case p.values != nil:
		return fmt.Sprintf(" (one of %d names such as %s: GET /openapi.json lists them)", len(p.values), p.values[0])
	case p.check != nil:
		return " (" + p.check("?") + ")"
	}
	return ""
}
