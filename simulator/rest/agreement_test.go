package rest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// asked is a request of the table below. Without a kind its body is JSON.
type asked struct{ method, uri, body, kind string }

// rightRequests are some that both the description of the API and the handler take.
func rightRequests(token string) []asked {
	const rest, asset = "/rest/v1/", "/rest/asset/v1/"
	const oppRoles, device, newCompany = rest + "opportunities/roles.json", rest + "customobjects/device.json", `{"input":[{"externalCompanyId":"c"}]}`
	list := []asked{
		{"POST", rest + "leads.json", `{"action":"createOrUpdate","lookupField":"email","input":[{"email":"r@example.com"}]}`, ""},
		{"POST", rest + "leads.json?_method=GET", "filterType=id&filterValues=1", formType},
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
		list = append(list, asked{"GET", uri, "", ""})
	}
	return list
}

// wrongRequests are some that both refuse.
func wrongRequests(token string) []asked {
	const rest, asset = "/rest/v1/", "/rest/asset/v1/"
	many := func(n int, one string) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	list := []asked{
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
		list = append(list, asked{"GET", uri, "", ""})
	}
	return list
}

var errNoHeader = errors.New("no bearer header")

// describedAsRight returns why the description refuses a request, nil if it takes it.
func describedAsRight(router routers.Router, r *http.Request) error {
	route, names, err := router.FindRoute(r)
	if err != nil {
		return err
	}
	return openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: names, Route: route, Options: &openapi3filter.Options{SkipSettingDefaults: true, AuthenticationFunc: func(context.Context, *openapi3filter.AuthenticationInput) error {
			if r.Header.Get("Authorization") == "" {
				return errNoHeader
			}
			return nil
		}},
	})
}

// The handler and the description of the API agree on what is a valid request. They differ on
// purpose in lists of integers with commas, and in _method=DELETE: the service takes both, and
// clients send them; the description refuses them.
func TestAgreement(t *testing.T) {
	t.Parallel()
	router, err := described()
	if err != nil {
		t.Skipf("requests are not compared with the description of the API: set MKTOWS_OPENAPI to its file (%v)", err)
	}
	b := demo(t)
	token := b.since(noon)
	for right, list := range map[bool][]asked{true: rightRequests(token), false: wrongRequests(token)} {
		for _, one := range list {
			b := demo(t)
			kind := one.kind
			if kind == "" && one.body != "" {
				kind = jsonType
			}
			r := b.request(one.method, one.uri, strings.NewReader(one.body), kind)
			byDescription := describedAsRight(router, r)
			r.Body = io.NopCloser(bytes.NewReader([]byte(one.body)))
			if a := b.send(r); (a.doc["success"] == true) != right || (byDescription == nil) != right {
				t.Errorf("%s %.200s %.100s: right is %v; the handler %.200s, the description %.300s", one.method, one.uri, one.body, right, a.body, fmt.Sprint(byDescription))
			}
		}
	}
	r := b.request("GET", "/rest/v1/leads/partitions.json", nil, "")
	r.Header.Del("Authorization")
	if describedAsRight(router, r) == nil || b.send(r).codes() != "603" {
		t.Error("a call without a token is taken")
	}
}
