package mktowstest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// firstNames is the code under test: it reads first names by the REST API, as a program in any
// language would.
func firstNames(client *http.Client, base, id, secret, email string) ([]string, error) {
	var grant struct {
		Token string `json:"access_token"`
	}
	query := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	if err := getJSON(client, base+"/identity/oauth/token?"+query.Encode(), "", &grant); err != nil {
		return nil, err
	}
	var page struct {
		Result []struct{ FirstName string }
	}
	err := getJSON(client, base+"/rest/v1/leads.json?filterType=email&filterValues="+url.QueryEscape(email), grant.Token, &page)
	var names []string
	for _, one := range page.Result {
		names = append(names, one.FirstName)
	}
	return names, err
}

func getJSON(client *http.Client, uri, token string, into any) error {
	r, err := http.NewRequest(http.MethodGet, uri, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return json.NewDecoder(res.Body).Decode(into)
}

func TestREST(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t)
	s.Seed(simulator.Lead{Email: "lead@example.com", Fields: map[string]string{"FirstName": "Lea"}})
	api := s.REST()
	names, err := firstNames(api.Client, api.URL, api.ClientID, api.ClientSecret.Reveal(), "lead@example.com")
	if err != nil || len(names) != 1 || names[0] != "Lea" {
		t.Errorf("%v, %v", names, err)
	}
	s.RequireCalls(t, "GET /rest/v1/leads.json", 1)
}

func TestREST_permissions(t *testing.T) {
	t.Parallel()
	reader := rest.WithClient("reader", auth.NewSecret("reader-secret"), rest.ReadActivity)
	s := mktowstest.NewServer(t, mktowstest.WithREST(reader, rest.WithQuirks(rest.Quirks{CRM: true})))
	api := s.REST()
	names, err := firstNames(api.Client, api.URL, "reader", "reader-secret", "lead@example.com")
	last := s.Exchanges("GET /rest/v1/leads.json")[0]
	if err != nil || names != nil || last.Fault == nil || last.Fault.Code != 603 {
		t.Errorf("%v, %v, %+v", names, err, last.Fault)
	}
}

// Both APIs of a server have one state, one list of rules and one journal.
func TestREST_oneState(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t)
	out, err := s.Client().SyncLead(t.Context(), &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{
		Email:             gen.Some("both@example.com"),
		LeadAttributeList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "FirstName", AttrValue: "Bo"}}}),
	}})
	if err != nil || out == nil {
		t.Fatal(err)
	}
	api := s.REST()
	s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/leads.json", Code: 606, Times: 1})
	for _, want := range []string{"", "Bo"} {
		names, err := firstNames(http.DefaultClient, s.RESTURL(), api.ClientID, api.ClientSecret.Reveal(), "both@example.com")
		if got := strings.Join(names, " "); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	if e := s.Exchanges("GET /rest/v1/leads.json"); len(e) != 2 || e[0].Fault == nil || e[0].Fault.Code != 606 {
		t.Errorf("%+v", e)
	}
}

func TestREST_unexpected(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithUnexpectedRequests())
	api := s.REST()
	var answer struct{ Errors []struct{ Code string } }
	if err := getJSON(api.Client, api.URL+"/rest/v1/leeds.json", "x", &answer); err != nil || answer.Errors[0].Code != "601" {
		t.Errorf("%+v, %v", answer, err)
	}
}
