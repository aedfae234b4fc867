package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/doctor"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// overREST is a subject of the REST API of a server.
func overREST(t *testing.T, s *mktowstest.Server, opts ...bridge.Option) *doctor.Subject {
	t.Helper()
	api := s.REST()
	transport, ok := api.Client.Transport.(*http.Transport)
	if !ok {
		t.Fatalf("%T", api.Client.Transport)
	}
	return &doctor.Subject{
		API: doctor.REST, Endpoint: api.URL + "/rest", Bridge: s.Bridge(opts...), Transport: transport,
		Secrets: []string{api.ClientID, api.ClientSecret.Reveal()},
	}
}

// find returns a check of a report.
func find(t *testing.T, r *doctor.Report, name string) doctor.Check {
	t.Helper()
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("there is no check %s in %s", name, shown(t, r))
	return doctor.Check{}
}

// shown is the report as a program gets it. Nothing secret may be in it.
func shown(t *testing.T, r *doctor.Report) string {
	t.Helper()
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{mktowstest.RESTClientID, mktowstest.RESTClientSecret} {
		if strings.Contains(strings.ToLower(string(text)), secret) {
			t.Errorf("the report shows %s: %s", secret, text)
		}
	}
	return string(text)
}

// verdicts are those of a report, by operation.
func verdicts(r *doctor.Report) map[string]doctor.Verdict {
	list := make(map[string]doctor.Verdict)
	for _, o := range r.Operations {
		list[o.Name] = o.Verdict
	}
	return list
}

// only wants that all operations have one verdict.
func only(t *testing.T, r *doctor.Report, want doctor.Verdict) {
	t.Helper()
	if len(r.Operations) != 23 {
		t.Errorf("%d operations", len(r.Operations))
	}
	for name, got := range verdicts(r) {
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// unchanged wants that all that a server holds is as it was but for the count of calls, and that only reads were sent.
func unchanged(t *testing.T, s *mktowstest.Server, before simulator.State) {
	t.Helper()
	after := s.Sim().Snapshot()
	before.Usage, after.Usage = nil, nil
	same(t, before, after)
	for _, e := range s.Exchanges("") {
		method, _, _ := strings.Cut(string(e.RawRequest), " ")
		if method != http.MethodGet && method != http.MethodHead && e.Operation != "POST /identity/oauth/token" {
			t.Errorf("%s was called", e.Operation)
		}
	}
}

// same compares states.
func same(t *testing.T, before, after simulator.State) {
	t.Helper()
	a, err1 := json.Marshal(before)
	b, err2 := json.Marshal(after)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if !bytes.Equal(a, b) {
		t.Error(cmp.Diff(before, after))
	}
}

func TestExamine_REST(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithUnexpectedRequests())
	before := s.Sim().Snapshot()
	r := doctor.Examine(t.Context(), overREST(t, s))
	unchanged(t, s, before)
	if r.Failed() != nil {
		t.Error(shown(t, r))
	}
	for name, want := range map[string]doctor.State{
		"settings": doctor.OK, "endpoint": doctor.OK, "clock": doctor.OK, "credentials": doctor.OK, "calls today": doctor.OK, "Read-Write Lead": doctor.OK,
		"Execute Campaign": doctor.NotChecked, "Read-Write Opportunity": doctor.NotChecked, "names": doctor.Warn,
	} {
		if got := find(t, r, name); got.State != want {
			t.Errorf("%s: %+v, want %s", name, got, want)
		}
	}
	for name, want := range map[string]doctor.Verdict{"getLead": doctor.WorksWithLoss, "listMObjects": doctor.Works, "syncLead": doctor.WorksWithLoss, "syncCustomObjects": doctor.Unchecked} {
		if got := verdicts(r)[name]; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if o := r.Operations[0]; o.Name != "getLead" || o.Calls == nil || *o.Calls != 1 || len(o.Loss) < 3 {
		t.Errorf("%+v", o)
	}
}

// Each permission is found by itself, whatever else the role has: with it alone it is granted and nothing else is but what
// it does for, and without it alone nothing else is missing but what would do for it.
func TestExamine_permissions(t *testing.T) {
	t.Parallel()
	all := []rest.Permission{
		rest.ReadLead, rest.WriteLead, rest.ReadActivity, rest.ReadCampaign, rest.ReadOpportunity, rest.ReadCustomObject, rest.ReadAssets,
		rest.ReadCompany, rest.ReadSalesPerson, rest.SchemaStandardFields,
	}
	name := func(p rest.Permission) string {
		if p == rest.SchemaStandardFields {
			return "Read-Write Schema Standard Field or Custom Field"
		}
		return string(p)
	}
	for _, p := range all {
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			granted := examineWith(t, p)
			for _, other := range all {
				want := bridge.PermissionMissing
				if other == p || other == rest.ReadLead && p == rest.WriteLead {
					want = bridge.PermissionGranted
				}
				if got := granted[name(other)]; got != string(want) {
					t.Errorf("with it alone %s is %s, want %s", other, got, want)
				}
			}
			others := slices.DeleteFunc(slices.Clone(all), func(other rest.Permission) bool { return other == p })
			granted = examineWith(t, others...)
			for _, other := range all {
				want := bridge.PermissionGranted
				if other == p && other != "Read-Only Lead" { // for which that to write does
					want = bridge.PermissionMissing
				}
				if got := granted[name(other)]; got != string(want) {
					t.Errorf("without it alone %s is %s, want %s", other, got, want)
				}
			}
		})
	}
}

// examineWith returns what is found of each permission that reads ask for, where a role has those.
func examineWith(t *testing.T, may ...rest.Permission) map[string]string {
	t.Helper()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithREST(
		rest.WithClient(mktowstest.RESTClientID, auth.NewSecret(mktowstest.RESTClientSecret), may...)), mktowstest.WithUnexpectedRequests())
	before := s.Sim().Snapshot()
	r := doctor.Examine(t.Context(), overREST(t, s))
	unchanged(t, s, before)
	list := make(map[string]string)
	for _, c := range r.Checks {
		word, _, _ := strings.Cut(c.Found, ",")
		list[c.Name] = word
		if missing := c.State == doctor.Fail; missing != (word == "missing" && !strings.Contains(c.Found, "no operation")) {
			t.Errorf("%+v", c)
		}
	}
	return list
}

// A role without anything: each operation says what it needs.
func TestExamine_noPermission(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithREST(
		rest.WithClient(mktowstest.RESTClientID, auth.NewSecret(mktowstest.RESTClientSecret), rest.SchemaCustomFields)), mktowstest.WithUnexpectedRequests())
	r := doctor.Examine(t.Context(), overREST(t, s))
	for _, o := range r.Operations {
		want := doctor.NeedsMore
		switch o.Name {
		case "listMObjects":
			want = doctor.Works
		case "requestCampaign":
			want = doctor.Unchecked // what it always needs only a write asks for
		}
		if o.Verdict != want || want == doctor.NeedsMore && len(o.Needs) == 0 {
			t.Errorf("%s: %s %v %s", o.Name, o.Verdict, o.Needs, o.Why)
		}
	}
	if got := r.Failed(); got == nil || got.Name != "Read-Only Lead" || got.Cure == "" {
		t.Errorf("%+v", got)
	}
}

// A permission that only some requests need takes these away, not the operation.
func TestExamine_partly(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithREST(
		rest.WithClient(mktowstest.RESTClientID, auth.NewSecret(mktowstest.RESTClientSecret), rest.WriteLead, rest.ReadActivity)), mktowstest.WithUnexpectedRequests())
	r := doctor.Examine(t.Context(), overREST(t, s))
	for _, o := range r.Operations {
		if o.Name == "getMObjects" || o.Name == "syncMObjects" { // for these, to read leads alone allows nothing
			if o.Verdict != doctor.NeedsMore || len(o.Needs) != 2 {
				t.Errorf("%s: %s %v", o.Name, o.Verdict, o.Needs)
			}
			continue
		}
		if o.Name != "describeMObject" && o.Name != "getLeadActivity" {
			continue
		}
		if o.Verdict != doctor.WorksWithLoss || len(o.Needs) != 1 || !slices.ContainsFunc(o.Loss, func(text string) bool { return strings.HasPrefix(text, "without Read-Only ") }) {
			t.Errorf("%s: %s %v %v", o.Name, o.Verdict, o.Needs, o.Loss)
		}
	}
}

// What the service may say to the first call. After what tells that no call would be let in none is made.
func TestExamine_said(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule  mktowstest.Rule
		check string
		text  string
		is    error
	}{
		"a token that is refused for ever": {mktowstest.Rule{Code: 601}, "credentials", "Identity gives the same token again", fault.ErrAuth},
		"all calls used up":                {mktowstest.Rule{Code: 607}, "calls today", "Daily quota reached", fault.ErrQuota},
		"a page":                           {mktowstest.Rule{Body: []byte("<html>" + mktowstest.RESTClientID)}, "credentials", "instead of JSON of the REST API", nil},
		"half a document":                  {mktowstest.Rule{Body: []byte(`{"success":tr`)}, "credentials", "no answer that tells", nil},
		"another instance":                 {mktowstest.Rule{Status: 404}, "credentials", "HTTP 404", nil},
		"nothing":                          {mktowstest.Rule{Delay: time.Hour}, "credentials", "nothing came within 10s", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithUnexpectedRequests())
				before := s.Sim().Snapshot()
				test.rule.Operation = "GET /rest/v1/stats/usage.json"
				s.Inject(test.rule)
				began := time.Now()
				r := doctor.Examine(t.Context(), overREST(t, s))
				if took := time.Since(began); took > 15*time.Second {
					t.Errorf("it took %s", took)
				}
				got := r.Failed()
				if got == nil || got.Name != test.check || !strings.Contains(got.Found, test.text) || got.Cure == "" || test.is != nil && !errors.Is(got.Err, test.is) {
					t.Errorf("%s", shown(t, r))
				}
				shown(t, r)
				only(t, r, doctor.Unchecked)
				unchanged(t, s, before)
			})
		})
	}
}

// Where the service refuses even what no permission is needed for, it may be the address.
func TestExamine_refused(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithUnexpectedRequests())
	s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/stats/usage.json", Code: 603})
	r := doctor.Examine(t.Context(), overREST(t, s))
	if got := find(t, r, "credentials"); got.State != doctor.Warn || !strings.Contains(got.Cure, "addresses that are allowed in") {
		t.Errorf("%+v", got)
	}
	if got := find(t, r, "calls today"); got.State != doctor.Warn {
		t.Errorf("%+v", got)
	}
}

// A wrong client is told as such, and not by its id, which Identity repeats.
func TestExamine_wrongClient(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithUnexpectedRequests())
	sub := overREST(t, s)
	const id, secret = "c11e0000-aaaa-bbbb-cccc-dddddddddddd", "another-secret"
	b, err := bridge.New(sub.Endpoint, bridge.Credentials{ClientID: id, ClientSecret: auth.NewSecret(secret)}, bridge.WithHTTPClient(s.REST().Client))
	if err != nil {
		t.Fatal(err)
	}
	sub.Bridge, sub.Secrets = b, []string{id, secret}
	r := doctor.Examine(t.Context(), sub)
	got, text := r.Failed(), shown(t, r)
	if got == nil || got.Name != "credentials" || !strings.Contains(got.Found, "No client with requested id: ") || strings.Contains(text, id) || strings.Contains(text, secret) {
		t.Errorf("%s", text)
	}
}

// Something that goes wrong at one permission or at the names does not keep the rest from being told.
func TestExamine_someTrouble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithUnexpectedRequests())
		s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/activities/pagingtoken.json", Delay: time.Hour})
		s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/campaigns.json", Code: 606})
		r := doctor.Examine(t.Context(), overREST(t, s))
		for name, text := range map[string]string{"Read-Only Activity": "not known: nothing came within 10s", "Read-Only Campaign": "not known: "} {
			if got := find(t, r, name); got.State != doctor.Warn || !strings.HasPrefix(got.Found, text) {
				t.Errorf("%+v", got)
			}
		}
		for _, o := range r.Operations {
			if o.Name == "getLeadChanges" && (o.Verdict != doctor.Unchecked || o.Why != "Read-Only Activity is not known") {
				t.Errorf("%+v", o)
			}
		}
		if got := find(t, r, "Read-Only Assets"); got.State != doctor.OK {
			t.Errorf("%+v", got)
		}
	})
}

// The cure names what the user of the bridge sets: a variable, or a setting of a gateway.
func TestExamine_namesSetting(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{"": "MKTOWS_REST_NAMES", "names of the tenant": "names of the tenant"} {
		sub := overREST(t, mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithUnexpectedRequests()))
		sub.NamesSetting = setting
		if got := find(t, doctor.Examine(t.Context(), sub), "names"); got.State != doctor.Warn || !strings.HasSuffix(got.Cure, "name the file in "+want) {
			t.Errorf("%+v", got)
		}
	}
}

func TestExamine_names(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithUnexpectedRequests())
	learned, err := s.Bridge().LearnNames(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sub := overREST(t, s)
	sub.Names, sub.NamesFile = learned, "names.json"
	if got := find(t, doctor.Examine(t.Context(), sub), "names"); got.State != doctor.OK || !strings.HasPrefix(got.Found, "from names.json, learned 20") {
		t.Errorf("%+v", got)
	}
	if err := s.Sim().AddField(simulator.LeadField{Name: "Shoe", REST: "shoe"}); err != nil {
		t.Fatal(err)
	}
	if got := find(t, doctor.Examine(t.Context(), sub), "names"); got.State != doctor.Warn || got.Cure != "mktows names diff names.json" {
		t.Errorf("%+v", got)
	}
	other := filepath.Join(t.TempDir(), "other.json")
	if err := os.WriteFile(other, []byte(`{"version": 1, "instance": "other.mktorest.com:443"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if sub.Names, err = bridge.LoadNames(other); err != nil {
		t.Fatal(err)
	}
	if got := find(t, doctor.Examine(t.Context(), sub), "names"); got.State != doctor.Warn || !strings.Contains(got.Found, "another instance, other.mktorest.com:443") {
		t.Errorf("%+v", got)
	}
	untold := mktowstest.NewServer(t, mktowstest.WithREST(rest.WithQuirks(rest.Quirks{NoSOAPNames: true})), mktowstest.WithUnexpectedRequests())
	if got := find(t, doctor.Examine(t.Context(), overREST(t, untold)), "names"); got.State != doctor.Warn || !strings.Contains(got.Found, "are guessed") {
		t.Errorf("%+v", got)
	}
}

func TestExamine_clock(t *testing.T) {
	t.Parallel()
	for off, want := range map[time.Duration]string{
		0: "as the service's", 30 * time.Second: "as the service's", 5 * time.Minute: " ahead of the service's", -72 * time.Hour: " behind the service's",
	} {
		s := mktowstest.NewServer(t, mktowstest.WithUnexpectedRequests())
		sub := overREST(t, s)
		sub.Now = func() time.Time { return time.Now().Add(off) }
		got := find(t, doctor.Examine(t.Context(), sub), "clock")
		if (got.State == doctor.OK) != (off.Abs() < time.Minute) || !strings.Contains(got.Found, want) {
			t.Errorf("%s: %+v", off, got)
		}
	}
}

// Settings that cannot be used are told, and nothing is called.
func TestExamine_settings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sub   doctor.Subject
		check string
		want  doctor.Verdict
	}{
		"not set":              {doctor.Subject{API: doctor.REST, Invalid: errors.New("not set: MKTOWS_CLIENT_ID")}, "settings", doctor.Unchecked},
		"a bad endpoint":       {doctor.Subject{API: doctor.REST, Endpoint: "https://u:p@example.com", InvalidEndpoint: errors.New("it holds a password")}, "endpoint", doctor.Unchecked},
		"no URL":               {doctor.Subject{API: doctor.SOAP, Endpoint: "x\x7f"}, "endpoint", doctor.Unchecked},
		"the vendor's SOAP":    {doctor.Subject{API: doctor.SOAP, Endpoint: "https://100-AEK-913.MKTOAPI.com/soap/mktows/2_7"}, "endpoint", doctor.Cannot},
		"the vendor's, before": {doctor.Subject{API: doctor.SOAP, Endpoint: "https://na-a.marketo.com/soap/mktows/2_7"}, "endpoint", doctor.Cannot},
	} {
		test.sub.Transport = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			t.Errorf("%s: there was a call", name)
			return nil, net.ErrClosed
		}}
		r := doctor.Examine(t.Context(), &test.sub)
		if got := r.Failed(); got == nil || got.Name != test.check || strings.Contains(shown(t, r), "u:p@") {
			t.Errorf("%s: %s", name, shown(t, r))
		}
		only(t, r, test.want)
	}
}

// Over SOAP each operation that can be asked is, and an endpoint need not have all of them.
func TestExamine_SOAP(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo())
	before := s.Sim().Snapshot()
	sub := &doctor.Subject{API: doctor.SOAP, Endpoint: s.URL(), Port: s.Client()}
	r := doctor.Examine(t.Context(), sub)
	same(t, before, s.Sim().Snapshot())
	got := verdicts(r)
	if r.Failed() != nil || got["getLeadActivity"] != doctor.Works || got["getCustomObjects"] != doctor.Works || got["listOperation"] != doctor.Works || got["syncLead"] != doctor.Unchecked {
		t.Errorf("%s", shown(t, r))
	}
	s.Inject(mktowstest.Rule{Operation: "getTags", Code: fault.CodeUnsupportedOperation})
	s.Inject(mktowstest.Rule{Operation: "getChannels", Code: fault.CodeAccessDenied})
	r = doctor.Examine(t.Context(), sub)
	got = verdicts(r)
	if failed := r.Failed(); failed == nil || failed.Name != "operations" || got["getTags"] != doctor.Cannot || got["getChannels"] != doctor.NeedsMore {
		t.Errorf("%s", shown(t, r))
	}
	s.Inject(mktowstest.Rule{Operation: "listMObjects", Code: fault.CodeAuthenticationFailed})
	r = doctor.Examine(t.Context(), sub)
	if failed := r.Failed(); failed == nil || failed.Name != "credentials" || !errors.Is(failed.Err, fault.ErrAuth) {
		t.Errorf("%s", shown(t, r))
	}
	only(t, r, doctor.Unchecked)
}
