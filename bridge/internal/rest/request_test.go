package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/mktowstest"
)

// manyIDs are so many that an address would be too long for them.
func manyIDs() []string {
	list := make([]string, 300)
	for i := range list {
		list[i] = fmt.Sprintf("%030d", i+1)
	}
	return list
}

// How calls look on the wire.
func TestRequests(t *testing.T) {
	t.Parallel()
	object := []rest.Object{{{Name: "email", Value: "a@example.com"}, {Name: "age", Value: 7}, {Name: "note", Value: nil}}}
	at := time.Date(2026, time.October, 6, 7, 0, 0, 500, time.FixedZone("", -5*3600))
	for name, test := range map[string]struct {
		call func(context.Context, *rest.Client) error
		want sent
	}{
		"short read": {
			func(ctx context.Context, c *rest.Client) error {
				_, err := c.LeadsByFilter(ctx, rest.LeadFilter{Field: "email", Values: []string{"a+b@example.com", "c@example.com"}, Fields: []string{"id", "email"}, Page: rest.Page{Size: 7, Token: "T=="}})
				return err
			},
			sent{method: "GET", uri: "/rest/v1/leads.json?filterType=email&filterValues=a%2Bb%40example.com%2Cc%40example.com&fields=id%2Cemail&batchSize=7&nextPageToken=T%3D%3D"},
		},
		"value with a comma": {
			func(ctx context.Context, c *rest.Client) error {
				_, err := c.LeadsByFilter(ctx, rest.LeadFilter{Field: "x", Values: []string{"a,b", "c"}})
				return err
			},
			sent{method: "GET", uri: "/rest/v1/leads.json?filterType=x&filterValues=a%2Cb&filterValues=c"},
		},
		"long read": {
			func(ctx context.Context, c *rest.Client) error {
				_, err := c.LeadsByFilter(ctx, rest.LeadFilter{Field: "id", Values: manyIDs()})
				return err
			},
			sent{method: "POST", uri: "/rest/v1/leads.json?_method=GET", kind: "application/x-www-form-urlencoded", body: "filterType=id&filterValues=" + url.QueryEscape(strings.Join(manyIDs(), ","))},
		},
		"read by keys": {
			func(ctx context.Context, c *rest.Client) error {
				_, err := c.ObjectsByKeys(ctx, rest.Roles, rest.ObjectKeys{Keys: object, Page: rest.Page{Token: "T"}})
				return err
			},
			sent{
				method: "POST", uri: "/rest/v1/opportunities/roles.json?_method=GET", kind: "application/json",
				body: `{"filterType":"dedupeFields","input":[{"email":"a@example.com","age":7,"note":null}],"nextPageToken":"T"}`,
			},
		},
		"write": {
			func(ctx context.Context, c *rest.Client) error {
				_, err := c.SyncLeads(ctx, rest.LeadSync{Action: rest.UpdateOnly, LookupField: "id", Input: object}, fault.Idempotent)
				return err
			},
			sent{method: "POST", uri: "/rest/v1/leads.json", kind: "application/json", body: `{"action":"updateOnly","lookupField":"id","input":[{"email":"a@example.com","age":7,"note":null}]}`},
		},
		"write without a body": {
			func(ctx context.Context, c *rest.Client) error {
				return c.MergeLeads(ctx, 5, []int64{6, 7}, true, fault.NotIdempotent)
			},
			sent{method: "POST", uri: "/rest/v1/leads/5/merge.json?leadIds=6%2C7&mergeInCRM=true"},
		},
		"deletion": {
			func(ctx context.Context, c *rest.Client) error {
				_, err := c.RemoveFromList(ctx, 9, []int64{6, 7})
				return err
			},
			sent{method: "DELETE", uri: "/rest/v1/lists/9/leads.json?id=6&id=7"},
		},
		"cookie": {
			func(ctx context.Context, c *rest.Client) error {
				return c.AssociateLead(ctx, 5, "id:000-AAA-000&token:_mch-example.com-1-2")
			},
			sent{method: "POST", uri: "/rest/v1/leads/5/associate.json?cookie=id%3A000-AAA-000%26token%3A_mch-example.com-1-2"},
		},
		"date": {
			func(ctx context.Context, c *rest.Client) error { _, err := c.PagingToken(ctx, at); return err },
			sent{method: "GET", uri: "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-10-06T12%3A00%3A00Z"},
		},
		"numbers": {
			func(ctx context.Context, c *rest.Client) error {
				_, err := c.Activities(ctx, rest.ActivityQuery{Types: []int64{1, 13}, Leads: []int64{5, 6}, Page: rest.Page{Token: "T"}})
				return err
			},
			sent{method: "GET", uri: "/rest/v1/activities.json?activityTypeIds=1&activityTypeIds=13&leadIds=5&leadIds=6&nextPageToken=T"},
		},
		"name in a path": {
			func(ctx context.Context, c *rest.Client) error {
				_, err := c.DescribeObjects(ctx, rest.Custom("a/../b?c"))
				return err
			},
			sent{method: "GET", uri: "/rest/v1/customobjects/a%2F..%2Fb%3Fc/describe.json"},
		},
		"form": {
			func(ctx context.Context, c *rest.Client) error {
				return c.UpdateProgram(ctx, 5, rest.ProgramUpdate{Costs: []rest.Cost{{"2026-01-01", 7, ""}}}, fault.Idempotent)
			},
			sent{
				method: "POST", uri: "/rest/asset/v1/program/5.json", kind: "application/x-www-form-urlencoded",
				body: "costs=" + url.QueryEscape(`[{"startDate":"2026-01-01","cost":7}]`),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &service{t: t, answer: always(200, `{"success":true,"result":[],"nextPageToken":"next"}`)}
			if err := test.call(t.Context(), s.client(once)); err != nil {
				t.Fatal(err)
			}
			got := s.calls[0]
			got.path, got.query, got.token, got.at = "", "", "", time.Time{}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(sent{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What cannot be sent is refused before it is.
func TestRequests_refused(t *testing.T) {
	t.Parallel()
	large := []rest.Object{{{Name: "note", Value: strings.Repeat("x", 1<<20)}}}
	for name, call := range map[string]func(context.Context, *rest.Client) error{
		"body": func(ctx context.Context, c *rest.Client) error {
			_, err := c.SyncLeads(ctx, rest.LeadSync{Input: large}, fault.Unknown)
			return err
		},
		"asset's address": func(ctx context.Context, c *rest.Client) error {
			_, err := c.ProgramsByName(ctx, strings.Repeat("x", 70_000))
			return err
		},
		"file": func(ctx context.Context, c *rest.Client) error {
			_, err := c.ImportLeads(ctx, rest.Import{File: make([]byte, 10<<20)}, fault.Unknown)
			return err
		},
		"empty name": func(ctx context.Context, c *rest.Client) error {
			_, err := c.DescribeObjects(ctx, rest.Custom(""))
			return err
		},
		"dots": func(ctx context.Context, c *rest.Client) error {
			_, err := c.DescribeObjects(ctx, rest.Custom(".."))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &service{t: t, answer: always(200, empty)}
			err := call(t.Context(), s.client(once))
			var failed *rest.CallError
			if !errors.As(err, &failed) || failed.Unknown || failed.Attempts != 0 {
				t.Errorf("%+v", err)
			}
			if calls, grants := s.count(); calls != 0 || grants != 0 {
				t.Errorf("%d calls, %d of Identity", calls, grants)
			}
		})
	}
}

// lossy takes _method away from every request.
type lossy struct{ http.RoundTripper }

func (l lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	query := r.URL.Query()
	if !query.Has("_method") && !strings.HasPrefix(r.URL.Path, "/identity/") {
		return nil, errors.New("the request has no _method to lose")
	}
	query.Del("_method")
	r.URL.RawQuery = query.Encode()
	return l.RoundTripper.RoundTrip(r)
}

// Every long read of a path that has a write as well is refused when _method is lost on the way, and
// changes nothing.
func TestReads_withoutMethod(t *testing.T) {
	t.Parallel()
	filter, keys := rest.ObjectFilter{Field: "externalOpportunityId", Values: manyIDs()}, func(names ...string) rest.ObjectKeys {
		var key rest.Object
		for _, name := range names {
			key = append(key, rest.Member{Name: name, Value: "1"})
		}
		return rest.ObjectKeys{Keys: []rest.Object{key}}
	}
	for name, call := range map[string]func(context.Context, *rest.Client) error{
		"leads": func(ctx context.Context, c *rest.Client) error {
			_, err := c.LeadsByFilter(ctx, rest.LeadFilter{Field: "id", Values: manyIDs()})
			return err
		},
		"leads of a list": func(ctx context.Context, c *rest.Client) error {
			_, err := c.LeadsOfList(ctx, 1042, manyIDs(), rest.Page{})
			return err
		},
		"opportunities": func(ctx context.Context, c *rest.Client) error {
			_, err := c.ObjectsByFilter(ctx, rest.Opportunities, filter)
			return err
		},
		"roles": func(ctx context.Context, c *rest.Client) error {
			_, err := c.ObjectsByFilter(ctx, rest.Roles, filter)
			return err
		},
		"custom objects": func(ctx context.Context, c *rest.Client) error {
			_, err := c.ObjectsByFilter(ctx, rest.Custom("device"), filter)
			return err
		},
		"companies": func(ctx context.Context, c *rest.Client) error {
			_, err := c.ObjectsByFilter(ctx, rest.Companies, filter)
			return err
		},
		"roles by keys": func(ctx context.Context, c *rest.Client) error {
			_, err := c.ObjectsByKeys(ctx, rest.Roles, keys("externalOpportunityId", "leadId", "role"))
			return err
		},
		"custom objects by keys": func(ctx context.Context, c *rest.Client) error {
			_, err := c.ObjectsByKeys(ctx, rest.Custom("device"), keys("SerialNumber"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithoutLimits(), mktowstest.WithUnexpectedRequests())
			before := s.Sim().Snapshot()
			c := against(t, s, once, func(c *rest.Config) { c.HTTP.Transport = lossy{c.HTTP.Transport} })
			if err := call(t.Context(), c); !fault.FromServer(err) {
				t.Errorf("it was not refused: %v", err)
			}
			after := s.Sim().Snapshot()
			before.Usage, after.Usage = nil, nil // the call itself
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("it has changed something:\n%s", diff)
			}
		})
	}
}
