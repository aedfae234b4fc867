// Package restrequests has requests to the REST API, right ones and wrong ones, for all who judge
// what a valid request is: the simulator, the description of the API, and tools that read it.
package restrequests

import (
	"os"
	"path/filepath"
	"strings"
)

// Request is a request without its token. Without a kind its body is JSON.
type Request struct{ Method, URI, Body, Kind string }

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
	window   = `"createdAt":{"startAt":"2026-10-06T00:00:00Z","endAt":"2026-10-06T23:59:59Z"}`
)

// ContentType returns the type of the body, "" if there is none.
func (r Request) ContentType() string {
	if r.Kind == "" && r.Body != "" {
		return jsonType
	}
	return r.Kind
}

// DocumentPath returns where the description of the REST API is looked for: at MKTOWS_OPENAPI, or else in the folder
// shared beside the repository, whose root is given relative to the working directory. The document is not part of
// this repository; tests that need it are skipped where it is missing.
func DocumentPath(root string) string {
	if path := os.Getenv("MKTOWS_OPENAPI"); path != "" {
		return path
	}
	return filepath.Join(root, "..", "shared", "rest", "openapi.json")
}

// Right are requests that all judges accept. They are about the records of the demonstration data; token is a paging
// token for activities, which only the server under test can give.
func Right(token string) []Request {
	const rest, asset = "/rest/v1/", "/rest/asset/v1/"
	const oppRoles, device, newCompany = rest + "opportunities/roles.json", rest + "customobjects/device.json", `{"input":[{"externalCompanyId":"c"}]}`
	list := []Request{
		{"POST", rest + "leads.json", `{"action":"createOrUpdate","lookupField":"email","input":[{"email":"r@example.com"}]}`, ""},
		{"POST", rest + "leads.json?_method=GET", "filterType=id&filterValues=1", formType},
		{"POST", rest + "leads.json", "_method=GET&filterType=id&filterValues=1", formType},
		{"POST", rest + "lists/1042/leads.json", `{"input":[{"id":318815}]}`, ""}, {"POST", rest + "lists/1042/leads.json?id=318815", "", ""},
		{"POST", rest + "lists/1042/leads.json?_method=GET", "fields=id", formType}, {"DELETE", rest + "lists/1042/leads.json?id=318815", "", ""},
		{"POST", rest + "leads/318815/associate.json?cookie=id:1%26token:x", "", ""}, {"POST", rest + "leads/318815/merge.json?leadIds=318816,318817", "", ""},
		{"POST", rest + "campaigns/1201/trigger.json", `{"input":{"leads":[{"id":318815}]}}`, ""}, {"POST", rest + "campaigns/1202/schedule.json", `{"input":{}}`, ""},
		{"POST", rest + "opportunities.json", `{"input":[{"externalOpportunityId":"x"}]}`, ""},
		{"POST", rest + "opportunities.json?_method=GET", "filterType=externalOpportunityId&filterValues=x", formType},
		{"POST", rest + "opportunities/delete.json", `{"deleteBy":"dedupeFields","input":[{"externalOpportunityId":"x"}]}`, ""},
		{"POST", oppRoles + "?_method=GET", `{"filterType":"dedupeFields","input":[{"externalOpportunityId":"x","leadId":1,"role":"r"}]}`, ""},
		{"POST", device, `{"input":[{"SerialNumber":"1"}]}`, ""}, {"POST", device + "?_method=GET", "filterType=SerialNumber&filterValues=1", formType},
		{"POST", device + "?_method=GET", `{"filterType":"dedupeFields","input":[{"SerialNumber":"1"}]}`, ""}, {"POST", rest + "companies.json", newCompany, ""},
		{"POST", "/bulk/v1/leads/export/create.json", `{"fields":["id"],"filter":{"staticListId":1042}}`, ""},
		{"POST", "/bulk/v1/activities/export/create.json", `{"filter":{` + window + `}}`, ""},
		{"POST", asset + "program/1019.json", "description=d", formType}, {"POST", asset + "program/1019/tag/Product.json?tagValue=Valves", "", ""},
	}
	for _, uri := range []string{
		rest + "leads.json?filterType=id&filterValues=1,2&fields=id,email&batchSize=300", rest + "lead/318815.json", rest + "leads/describe.json",
		rest + "leads/describe2.json", rest + "leads/schema/fields.json?batchSize=1", rest + "leads/partitions.json", rest + "lists.json?id=1&id=2&name=x",
		rest + "lists/1042/leads/ismember.json?id=1&id=2", rest + "activities/types.json", rest + "activities/pagingtoken.json?sinceDatetime=2026-01-01T00:00:00Z",
		rest + "activities.json?activityTypeIds=1&activityTypeIds=2&leadIds=1&nextPageToken=" + token, rest + "activities/leadchanges.json?fields=email&nextPageToken=" + token,
		rest + "activities/deletedleads.json?nextPageToken=" + token, rest + "campaigns.json?isTriggerable=true", rest + "companies/describe.json",
		rest + "customobjects.json?names=device", rest + "stats/usage.json", asset + "programs.json?maxReturn=200&offset=0", asset + "channels.json",
		asset + "folder/1019.json?type=Program", asset + "tagType/byName.json?name=Region", "/bulk/v1/leads/export.json?status=created&status=queued",
	} {
		list = append(list, Request{"GET", uri, "", ""})
	}
	return list
}

// Wrong are requests that all judges refuse. Each breaks one rule only (one row too many, an unknown action, a
// missing parameter), since a request that breaks two would still be refused by a judge that has forgotten one of
// them.
func Wrong(token string) []Request {
	const rest, asset = "/rest/v1/", "/rest/asset/v1/"
	many := func(n int, one string) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	list := []Request{
		{"POST", rest + "leads.json", `{"input":[` + many(301, `{"email":"a"}`) + `]}`, ""}, {"POST", rest + "leads.json", `{"action":"upsert","input":[{"email":"a"}]}`, ""},
		{"POST", rest + "leads.json", `{"action":"createOnly"}`, ""}, {"POST", rest + "leads.json", "filterType=id", formType},
		{"POST", rest + "leads.json", "{", ""}, {"POST", rest + "leads.json", `<input/>`, "text/xml"}, {"POST", rest + "leads.json?_method=GET", "filterType=id", formType},
		{"POST", rest + "leads/318815/merge.json?leadIds=" + many(26, "1"), "", ""}, {"POST", rest + "leads/318815/associate.json", "", ""},
		{"POST", rest + "campaigns/1201/trigger.json", `{"input":{"leads":[` + many(101, `{"id":1}`) + `]}}`, ""}, {"POST", rest + "campaigns/1201/trigger.json", `{}`, ""},
		{"POST", rest + "campaigns/1202/schedule.json", `{"input":{"runAt":"tomorrow"}}`, ""}, {"POST", rest + "customobjects/device.json", `{"action":"x","input":[{}]}`, ""},
		{"POST", "/bulk/v1/leads/export/create.json", `{"filter":{"staticListId":1042}}`, ""},
		{"POST", "/bulk/v1/activities/export/create.json", `{"filter":{"createdAt":{"startAt":"2026-01-01T00:00:00.5Z"}}}`, ""},
		{"POST", "/bulk/v1/leads.json?format=csv", "{}", ""}, {"DELETE", rest + "lists/1042/leads.json", "", ""},
	}
	for _, uri := range []string{
		rest + "leads.json?filterType=id", rest + "leads.json?filterType=id&filterValues=1&batchSize=301", rest + "lead/x.json",
		rest + "activities.json?nextPageToken=" + token, rest + "activities.json?activityTypeIds=1", rest + "activities.json?nextPageToken=" + token + strings.Repeat("&activityTypeIds=1", 11),
		rest + "activities.json?activityTypeIds=1&nextPageToken=" + token + strings.Repeat("&leadIds=1", 31), rest + "activities/pagingtoken.json?sinceDatetime=2026-01-01",
		rest + "activities/leadchanges.json?nextPageToken=" + token, rest + "campaigns.json?isTriggerable=perhaps", asset + "programs.json?maxReturn=201",
		asset + "folder/1019.json", asset + "folder/1019.json?type=List", asset + "program/byName.json",
	} {
		list = append(list, Request{"GET", uri, "", ""})
	}
	return list
}

// Dispute is a request on which the judges differ on purpose: the simulator takes it, as the
// service does; the description of the API, and who goes by it, refuses it.
type Dispute struct {
	Request
	Why string
}

// Disputed are the requests of that kind. They are listed rather than left out, so that a test notices when one of
// the judges changes its mind.
func Disputed(token string) []Dispute {
	const rest = "/rest/v1/"
	const commas = "the description has integers that repeat; the service takes commas too"
	const method = "the description knows no method in the query or the form, but for the reads as forms that it lists"
	return []Dispute{
		{Request{"GET", rest + "activities.json?activityTypeIds=1,13&nextPageToken=" + token, "", ""}, commas},
		{Request{"GET", rest + "activities.json?activityTypeIds=1&leadIds=318815,318816&nextPageToken=" + token, "", ""}, commas},
		{Request{"GET", rest + "lists.json?id=1042,1043", "", ""}, commas},
		{Request{"GET", rest + "lists/1042/leads/ismember.json?id=318815,318816", "", ""}, commas},
		{Request{"DELETE", rest + "lists/1042/leads.json?id=318815,318816", "", ""}, commas},
		{Request{"POST", rest + "lists/1042/leads.json?_method=DELETE", `{"input":[{"id":318815}]}`, ""}, method},
		{Request{"POST", rest + "lists/1042/leads.json?_method=DELETE&id=318815", "", ""}, method},
		{Request{"POST", rest + "lists.json?_method=GET", "name=x", formType}, method},
		{Request{"POST", rest + "lists.json", "_method=GET&name=x", formType}, method},
		{Request{"DELETE", rest + "lists/1042/leads.json", `{"input":[{"id":318815}]}`, ""}, "the description wants the ids in the query; the service takes a body too"},
	}
}
