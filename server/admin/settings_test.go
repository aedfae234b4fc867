package admin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/server/admin"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// setupREST is a mock with both APIs.
func setupREST(t *testing.T) *bundle {
	t.Helper()
	b := setup(t)
	var err error
	if b.REST, err = rest.New(b.Simulator, rest.WithClient("example_user", auth.NewSecret("example-key"))); err != nil {
		t.Fatal(err)
	}
	if b.handler, err = admin.New(b.Mock); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSettings(t *testing.T) {
	t.Parallel()
	b := setupREST(t)
	b.want(200, `"id": "example_user"`, "GET", "/settings", "")
	b.want(200, `"empty": 0.25`, "POST", "/settings", `{"pages":{"empty":0.25,"limit":7,"rough":true,"seed":5}}`)
	if want := (simulator.Pages{Empty: 0.25, Limit: 7, Rough: true, Seed: 5}); b.Simulator.Pages() != want {
		t.Errorf("%+v", b.Simulator.Pages())
	}
	b.want(200, `"crm": true`, "POST", "/settings", `{"quirks":{"crm":true,"missingIds":3},"exports":{"duration":"5s","refresh":"0s"}}`)
	b.want(200, `"Read-Only Lead"`, "POST", "/settings",
		`{"clients":[{"id":"reader","secret":"hidden-secret","permissions":["Read-Only Lead"]},{"id":"example_user","permissions":[]}]}`)
	want := rest.Settings{
		Clients: []rest.Client{
			{ID: "example_user", Secret: auth.NewSecret("example-key"), Permissions: []rest.Permission{}},
			{ID: "reader", Secret: auth.NewSecret("hidden-secret"), Permissions: []rest.Permission{rest.ReadLead}},
		},
		Quirks: rest.Quirks{CRM: true, MissingIDs: 3}, Exports: rest.Exports{Duration: 5 * time.Second, Volume: 500 << 20},
	}
	same := cmp.Comparer(func(a, b auth.Secret) bool { return a.Equal(b) })
	if diff := cmp.Diff(want, b.REST.Settings(), same); diff != "" {
		t.Error(diff)
	}
	shown := b.ask("GET", "/settings", "").Body.String()
	if strings.Contains(shown, "hidden-secret") || strings.Contains(shown, "example-key") {
		t.Errorf("a secret is shown: %s", shown)
	}
	b.want(200, "", "POST", "/settings", shown) // what is shown can be given back
	if diff := cmp.Diff(want, b.REST.Settings(), same); diff != "" {
		t.Error(diff)
	}
	for body, part := range map[string]string{
		`{"page":{}}`: "page: there is no such field",
		`{"pages":{"empty":0.9},"clients":[{"id":"new"}]}`:                        "clients[0].secret: a client that is new needs a secret",
		`{"pages":{"empty":1.5}}`:                                                 "pages: ",
		`{"pages":{"empty":"often"}}`:                                             "pages.empty: expected a number, found string",
		`{"clients":[{"id":"reader","permissions":["Read Lead"]}]}`:               `line 1, column 43: clients[0].permissions[0]: there is no permission`,
		`{"quirks":{"missingIds":-1}}`:                                            "quirks: ",
		`{"exports":{"duration":"soon"}}`:                                         "exports.duration: ",
		`{"exports":{"duration":5}}`:                                              `exports.duration: expected a string such as \"5s\", found number`,
		`{"clients":[{"secret":"x"}]}`:                                            "clients[0].id: the id is missing",
		`{"exports":{"volume":-1}, "quirks":{"crm":true}}`:                        "none can be negative",
		`{"clients":[{"id":"a","secret":"s"},{"id":"b"}],"quirks":{"crm":false}}`: "clients[1].secret",
	} {
		b.want(400, part, "POST", "/settings", body)
	}
	if diff := cmp.Diff(want, b.REST.Settings(), same); diff != "" || b.Simulator.Pages().Empty != 0.25 {
		t.Errorf("settings that were refused have changed something: %s %+v", diff, b.Simulator.Pages())
	}
	soap := setup(t)
	soap.want(200, `"empty": 0`, "GET", "/settings", "")
	soap.want(400, "quirks: the REST API is not served", "POST", "/settings", `{"quirks":{"crm":true}}`)
	soap.want(200, `"short": 1`, "POST", "/settings", `{"pages":{"short":1}}`)
}

func TestScenario_ApplySettings(t *testing.T) {
	t.Parallel()
	b := setupREST(t)
	sc, err := admin.ReadScenario([]byte(`{"settings":{"pages":{"limit":9},"clients":[{"id":"reader","secret":"s"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := sc.ApplySettings(b.Simulator, b.REST); err != nil || b.Simulator.Pages().Limit != 9 || len(b.REST.Settings().Clients) != 2 {
		t.Errorf("%v %+v", err, b.Simulator.Pages())
	}
	const want = `line 1, column 36: settings.clients: the REST API is not served`
	if err := sc.ApplySettings(b.Simulator, nil); err == nil || !strings.Contains(err.Error(), "settings.clients: the REST API is not served") {
		t.Errorf("%v, want %s", err, want)
	}
	if err := new(admin.Scenario).ApplySettings(b.Simulator, nil); err != nil {
		t.Error(err)
	}
}
