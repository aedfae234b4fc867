package gateway_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gateway"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

const (
	userID       = "example_user"
	key          = "example-key"
	clientID     = "example-client"
	clientSecret = "example-client-secret"
)

// face serves the REST API of a simulator.
func face(t *testing.T, sim *simulator.Simulator, opts ...rest.Option) string {
	t.Helper()
	handler, err := rest.New(sim, append([]rest.Option{rest.WithClient(clientID, auth.NewSecret(clientSecret)), rest.WithLimits(limits.Unlimited())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL + "/rest"
}

// tenant is a tenant of the user at an endpoint.
func tenant(endpoint string) gateway.Tenant {
	return gateway.Tenant{
		UserID: userID, Key: gateway.Secret{Value: auth.NewSecret(key)},
		REST: gateway.REST{Endpoint: endpoint, ClientID: clientID, ClientSecret: gateway.Secret{Value: auth.NewSecret(clientSecret)}},
	}
}

// serve serves a gateway.
func serve(t *testing.T, c *gateway.Config, opts ...gateway.Option) (*gateway.Gateway, string) {
	t.Helper()
	g, err := gateway.New(c, append([]gateway.Option{gateway.WithBridgeOptions(bridge.WithoutLimits())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	return g, srv.URL
}

// connect returns the operations of a SOAP client of a gateway.
func connect(t *testing.T, base, user, key string) *operations.API {
	t.Helper()
	c, err := client.New(base+"/soap/mktows/2_7", auth.Credentials{UserID: user, Key: auth.NewSecret(key)}, client.WithoutRetry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return operations.New(c)
}

func seeded(t *testing.T, email string) (*simulator.Simulator, int64) {
	t.Helper()
	sim := simulator.New()
	id, err := sim.AddLead(simulator.Lead{Email: email})
	if err != nil {
		t.Fatal(err)
	}
	return sim, id
}

// Each user reaches the instance that the configuration gives it, and no other.
func TestGateway_tenants(t *testing.T) {
	t.Parallel()
	one, _ := seeded(t, "one@example.com")
	two, _ := seeded(t, "two@example.com")
	first, second := tenant(face(t, one)), tenant(face(t, two))
	second.UserID, second.Key.Value = "other_user", auth.NewSecret("other-key")
	_, base := serve(t, &gateway.Config{Tenants: []gateway.Tenant{first, second}})
	for _, test := range []struct{ user, key, email string }{{userID, key, "one@example.com"}, {"other_user", "other-key", "two@example.com"}} {
		api := connect(t, base, test.user, test.key)
		for _, email := range []string{"one@example.com", "two@example.com"} {
			_, err := api.Leads.Get(t.Context(), operations.Email(email))
			if (err == nil) != (email == test.email) || err != nil && !errors.Is(err, fault.CodeLeadNotFound) {
				t.Errorf("%s, %s: %v", test.user, email, err)
			}
		}
	}
	for _, user := range []string{userID, "nobody"} {
		if _, err := connect(t, base, user, "other-key").Leads.Get(t.Context(), operations.Email("one@example.com")); !errors.Is(err, fault.ErrAuth) {
			t.Errorf("%s with another key: %v", user, err)
		}
	}
}

// What the operator has switched off is not carried out.
func TestGateway_governed(t *testing.T) {
	t.Parallel()
	const email = "private@example.com"
	for name, test := range map[string]struct {
		set   func(*gateway.Tenant)
		reads bool
		note  string // in the log
	}{
		"off":       {func(t *gateway.Tenant) { t.Off = []string{"syncLead"} }, true, `"fault":20019`},
		"read-only": {func(t *gateway.Tenant) { t.ReadOnly = true }, true, `"fault":20019`},
		"dry":       {func(t *gateway.Tenant) { t.DryRun = true }, true, `"request":{"LeadRecord":{"Email":"set","LeadAttributeList":{"Attribute":["FirstName"]}}}`},
		"all off":   {func(t *gateway.Tenant) { t.Off = []string{"syncLead", "getLead"} }, false, `"operation":"getLead"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, id := seeded(t, "lead@example.com")
			before := sim.Snapshot()
			one := tenant(face(t, sim))
			test.set(&one)
			var log lockedBuffer
			_, base := serve(t, &gateway.Config{Tenants: []gateway.Tenant{one}}, gateway.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
			api := connect(t, base, userID, key)
			_, err := api.Leads.Sync(t.Context(), operations.Lead{Email: email, Attributes: operations.Attributes{{Name: "FirstName", Value: "Ada"}}}, nil)
			if !errors.Is(err, fault.CodeUnsupportedOperation) {
				t.Errorf("a write: %v", err)
			}
			if _, err := api.Leads.Get(t.Context(), operations.LeadID(id)); (err == nil) != test.reads {
				t.Errorf("a read: %v", err)
			}
			if after := sim.Snapshot(); len(after.Leads) != len(before.Leads) {
				t.Error("the write was carried out")
			}
			if text := log.String(); !strings.Contains(text, test.note) || strings.Contains(text, email) || strings.Contains(text, "Ada") || strings.Contains(text, key) {
				t.Errorf("the log:\n%s", text)
			}
		})
	}
}

// A call that takes longer than it may ends with the fault that makes programs come again.
func TestGateway_callTime(t *testing.T) {
	t.Parallel()
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(hangs.Close)
	c := &gateway.Config{CallTime: 1, Tenants: []gateway.Tenant{tenant(hangs.URL)}}
	_, base := serve(t, c)
	_, err := connect(t, base, userID, key).Leads.Get(t.Context(), operations.LeadID(1))
	if !errors.Is(err, fault.CodeRateLimitExceeded) {
		t.Errorf("%v", err)
	}
}

// A call that would get no turn in its time costs nothing, and is told so at once.
func TestGateway_noTurn(t *testing.T) {
	t.Parallel()
	sim, id := seeded(t, "lead@example.com")
	endpoint := face(t, sim)
	c := &gateway.Config{
		CallTime: gateway.Duration(10 * time.Second), Tenants: []gateway.Tenant{tenant(endpoint)},
		Instances: []gateway.Instance{{Endpoint: endpoint, Limits: gateway.Limits{Calls: 3}}},
	}
	g, err := gateway.New(c)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	api := connect(t, srv.URL, userID, key)
	for range 3 {
		if _, err := api.Leads.Get(t.Context(), operations.LeadID(id)); err != nil && !errors.Is(err, fault.CodeRateLimitExceeded) {
			t.Fatal(err)
		}
	}
	before := g.Status(t.Context())[0].Calls
	if _, err := api.Leads.Get(t.Context(), operations.LeadID(id)); !errors.Is(err, fault.CodeRateLimitExceeded) {
		t.Errorf("a call too many: %v", err)
	}
	if after := g.Status(t.Context())[0].Calls; after != before || before != 3 {
		t.Errorf("%d calls, then %d", before, after)
	}
}

// Calls under way end with the configuration that they began with, and none is lost.
func TestGateway_Reload(t *testing.T) {
	t.Parallel()
	sim, id := seeded(t, "lead@example.com")
	one := tenant(face(t, sim))
	c := &gateway.Config{Tenants: []gateway.Tenant{one}}
	g, base := serve(t, c)
	api := connect(t, base, userID, key)
	stop := make(chan struct{})
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := api.Leads.Get(t.Context(), operations.LeadID(id)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 10 {
		if err := g.Reload(c); err != nil {
			t.Error(err)
		}
		if err := g.Reload(&gateway.Config{}); err == nil {
			t.Error("a configuration without tenants is taken")
		}
	}
	close(stop)
	callers.Wait()
}

// An import that was started before the configuration was read again is known after that.
func TestGateway_importsOverReload(t *testing.T) {
	t.Parallel()
	sim, _ := seeded(t, "lead@example.com")
	if _, err := sim.AddList(simulator.List{Program: "Fair", Name: "Guests"}); err != nil {
		t.Fatal(err)
	}
	c := &gateway.Config{Tenants: []gateway.Tenant{tenant(face(t, sim))}}
	g, base := serve(t, c)
	lists := connect(t, base, userID, key).Lists
	if _, err := lists.Import(t.Context(), operations.Import{
		Program: "Fair", List: "Guests", Mode: operations.ImportUpsertLeads, Header: []string{"Email Address"}, Rows: [][]string{{"guest@example.com"}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := g.Reload(c); err != nil {
		t.Fatal(err)
	}
	if status, err := lists.ImportStatus(t.Context(), "Fair", "Guests"); err != nil || !status.State.Final() {
		t.Errorf("%+v, %v", status, err)
	}
}

func TestGateway_AdminHandler(t *testing.T) {
	t.Parallel()
	sim, _ := seeded(t, "lead@example.com")
	good := tenant(face(t, sim))
	bad := good
	bad.UserID, bad.REST.ClientSecret.Value = "bad_user", auth.NewSecret("wrong-secret")
	for name, test := range map[string]struct {
		optional bool
		status   int
	}{"required": {false, http.StatusServiceUnavailable}, "optional": {true, http.StatusOK}} {
		bad.Optional = test.optional
		g, _ := serve(t, &gateway.Config{Tenants: []gateway.Tenant{good, bad}})
		answers := map[string]string{}
		for path, status := range map[string]int{"/healthz": http.StatusOK, "/readyz": test.status, "/status": http.StatusOK} {
			w := httptest.NewRecorder()
			g.AdminHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != status {
				t.Errorf("%s, %s: %d %s", name, path, w.Code, w.Body)
			}
			answers[path] = w.Body.String()
		}
		if text := answers["/readyz"]; strings.Contains(text, "bad_user") == test.optional || strings.Contains(text, "wrong-secret") || strings.Contains(text, clientID) {
			t.Error(text)
		}
		if text := answers["/status"]; !strings.Contains(text, `"userID":"bad_user"`) || strings.Contains(text, clientID) {
			t.Error(text)
		}
	}
}

// A mock on this machine has one key for both APIs; elsewhere it is a mistake.
func TestNew_oneKeyForBoth(t *testing.T) {
	t.Parallel()
	for endpoint, warned := range map[string]bool{"https://a.example.com/rest": true, "http://127.0.0.1:8080/rest": false} {
		var said bytes.Buffer
		secret := gateway.Secret{Value: auth.NewSecret("example-key")}
		_, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{
			{UserID: "a", Key: secret, REST: gateway.REST{Endpoint: endpoint, ClientID: "c", ClientSecret: secret}},
		}}, gateway.WithLogger(slog.New(slog.NewTextHandler(&said, nil))))
		if err != nil || strings.Contains(said.String(), "its client secret as well") != warned {
			t.Errorf("%s: %v %s", endpoint, err, &said)
		}
	}
}

// mistakes are configurations that are wrong.
var mistakes = map[string]struct {
	text string
	want []string // in the text of the error
}{
	"unknown member":  {"tenants:\n  - userid: x\n", []string{`:2: unknown field "userid"`}},
	"wrong kind":      {"tenants:\n  - userID: [a]\n", []string{":2: expected a text"}},
	"not a list":      {"tenants: 5\n", []string{":1: expected a list"}},
	"no time":         {"callTime: 20\n", []string{":1: expected a time with its unit, such as 90s or 15m, not a number"}},
	"not so many":     {"callTime: 20 seconds\n", []string{":1: ", "90s or 15m"}},
	"a number":        {"tenants:\n- userID: 0123\n  key: 12345678.10\n", []string{":2: expected a text, not a number: put it in quotes", ":3: expected a text"}},
	"no value":        {"tenants:\n- userID: a\n  key:\n", []string{":3: there is no value"}},
	"fraction":        {"callers: {pending: 1.5}\n", []string{":1: expected a whole number"}},
	"octal":           {"callers: {pending: 0100}\n", []string{":1: expected a whole number"}},
	"large number":    {"callers: {pending: 99999999999999999999}\n", []string{":1: expected a whole number"}},
	"number in text":  {"callers: {pending: '5'}\n", []string{":1: expected a whole number"}},
	"no anchor":       {"tenants:\n- userID: a\n  key: *example-secret\n", []string{":3: an alias (*) whose anchor (&) is not above"}},
	"endless":         {"tenants: &a\n- *a\n", []string{":2: an alias (*)"}},
	"tag":             {"tenants:\n- userID: a\n  key: !example-secret\n", []string{":3: a tag (!)"}},
	"merged nothing":  {"tenants:\n- <<: {userid: b}\n  userID: a\n", []string{`:2: unknown field "userid"`}},
	"same twice":      {"callTime: 5s\ncallTime: 6s\n", []string{`:2: "callTime" stands twice here`}},
	"long member":     {strings.Repeat("x", 10_000) + ": 5\n", []string{`xxx": it is misspelt`}},
	"not in UTF-8":    {"\xff\xfea\x00", []string{"is not in UTF-8"}},
	"two documents":   {"callTime: 20s\n---\ntenants: []\n", []string{":3: a second document begins here"}},
	"nothing":         {"---\n", []string{"tenants: there are none"}},
	"negative bounds": {"callers:\n  pending: -1\n  unproven: -5\n", []string{":2: callers.pending: is negative", ":3: callers.unproven: is negative"}},
	"syntax":          {"tenants:\n  - userID: \"a\n", []string{":"}},
	"gaps": {
		"tenants:\n- userID: USER-ID-OF-THE-OLD-PROGRAM\n  key: {env: KEY}\n  rest:\n    endpoint: https://ACCOUNT.mktorest.com/rest\n    clientID: CLIENT-ID\n    clientSecret: {env: SECRET}\n",
		[]string{
			`:2: tenants[0].userID: "USER-ID-OF-THE-OLD-PROGRAM" stands for a value of your own`, `:5: tenants[0].rest.endpoint: "https://ACCOUNT.`,
			`:6: tenants[0].rest.clientID: "CLIENT-ID" stands`,
		},
	},
	"one address": {
		"listeners:\n- address: 127.0.0.1:8090\n- address: 'localhost:8090'\n- address: 127.0.0.1:0\n- address: 127.0.0.1:0\nadmin: 0.0.0.0:8090\n",
		[]string{":3: listeners[1].address: localhost:8090 is taken by listeners[0].address already", ":6: admin: 0.0.0.0:8090 is taken by listeners[0].address already"},
	},
	"no address": {"admin: '8091'\n", []string{`:1: admin: "8091" is not HOST:PORT`}},
	"an option of Go": {
		"tenants:\n- userID: a\n  key: {env: KEY}\n  rest: {endpoint: 'http://a.example.com/rest', clientID: c, clientSecret: {env: SECRET}}\n",
		[]string{":4: tenants[0].rest.endpoint: the endpoint is http on the host a.example.com: use https"},
	},
	"twice": {
		"tenants:\n- userID: a\n  key: {env: KEY}\n  rest: &r {endpoint: 'https://a.example.com/rest', clientID: c, clientSecret: {env: SECRET}}\n" +
			"- userID: a\n  key: {env: KEY}\n  rest: *r\n", []string{`:5: tenants[1].userID: "a" is the user of tenants[0]`},
	},
	"missing secrets": {
		"tenants:\n- userID: a\n  key: {file: nowhere}\n  rest:\n    endpoint: https://a.example.com/rest\n    clientID: c\n    clientSecret: {env: NOT_SET}\n",
		[]string{":3: tenants[0].key: ", "nowhere", ":7: tenants[0].rest.clientSecret: the environment variable NOT_SET is not set"},
	},
	"settings": {
		"instances: [{endpoint: 'http://a.example.com', limits: {calls: -5}}]\ntenants:\n- userID: a\n  key: {env: KEY}\n  foreignIDFields: {NOPE: f}\n  partitions: {Default: ''}\n  names: nowhere\n" +
			"  pageTime: -5s\n  retention: -5s\n  rest:\n    endpoint: http://a.example.com\n    clientID: ''\n    clientSecret: {env: SECRET}\n",
		[]string{
			":1: instances[0].limits.calls: -5 is less than -1", `:5: tenants[0].foreignIDFields: "NOPE" is not one of`, ":6: tenants[0].partitions: a workspace",
			":7: tenants[0].names: ", ":8: tenants[0].pageTime: is negative", ":9: tenants[0].retention: is negative",
			":11: tenants[0].rest.endpoint: the endpoint is http on the host a.example.com: use https", ":12: tenants[0].rest.clientID: is missing",
		},
	},
	"several": {
		"listeners:\n- address: 0.0.0.0:80\n- {address: '127.0.0.1:1', tls: {certificate: a, key: b}}\ninstances:\n- endpoint: https://other.example.com\n" +
			"tenants:\n- userID: a\n  key: {env: KEY}\n  off: [syncLeads]\n  zone: Nowhere/City\n  readOnly: true\n  dryRun: true\n  rest:\n    endpoint: https://a.example.com/identity\n    clientID: c\n    clientSecret: {env: SECRET}\n",
		[]string{
			":2: listeners[0].address: 0.0.0.0:80 can be reached", ":3: listeners[1].tls: certificate and key cannot be used", ":5: instances[0].endpoint: no tenant",
			`:9: tenants[0].off[0]: "syncLeads" is none of the 23`, ":10: tenants[0].zone", ":12: tenants[0].dryRun", ":14: tenants[0].rest.endpoint: this is the address of Identity",
		},
	},
}

// A configuration that is wrong names file, line and what to do, and everything at once.
func TestLoad_mistakes(t *testing.T) {
	t.Parallel()
	for name, test := range mistakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "gateway.yaml")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := gateway.Load(path)
			if err == nil {
				_, err = gateway.New(c, gateway.WithGetenv(func(name string) string {
					return map[string]string{"KEY": "example-key", "SECRET": "example-secret"}[name]
				}))
			}
			var wrong *gateway.ConfigError
			if !errors.As(err, &wrong) {
				t.Fatalf("%T %v", err, err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in\n%v", want, err)
				}
			}
			if strings.Contains(err.Error(), "example-secret") || strings.Contains(err.Error(), "Go ") || strings.Contains(err.Error(), "With") || strings.Contains(err.Error(), "bridge: ") || len(err.Error()) > 2000 || !strings.HasPrefix(err.Error(), path) {
				t.Errorf("%v", err)
			}
		})
	}
}

// What several tenants have in common may be merged into each, and what a tenant has itself counts, wherever it stands. A byte order mark
// is none of the text.
func TestLoad_merged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "gateway.yaml")
	if err := os.WriteFile(path, []byte("\ufefftenants:\n- &a {userID: a, zone: UTC, rest: &r {endpoint: e, clientID: c}}\n- {<<: *a, userID: b}\n- {userID: d, rest: {clientID: x, <<: *r}, <<: *a}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := gateway.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, tenant := range c.Tenants {
		got += tenant.UserID + " " + tenant.Zone + " " + tenant.REST.Endpoint + " " + tenant.REST.ClientID + "; "
	}
	if want := "a UTC e c; b UTC e c; d UTC e x; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A secret may stand in the file itself if nobody else can read that.
func TestLoad_secretInFile(t *testing.T) {
	t.Parallel()
	const text = "tenants:\n- userID: a\n  key: example-key\n  rest: {endpoint: 'https://a.example.com/rest', clientID: c, clientSecret: {file: secret}}\n"
	for mode, want := range map[os.FileMode]string{0o600: "", 0o644: "make its mode 0600", 0o640: "make its mode 0600"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "gateway.yaml")
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chmod(path, mode), os.WriteFile(filepath.Join(dir, "secret"), []byte("example-secret\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
		c, err := gateway.Load(path)
		if err == nil {
			_, err = gateway.New(c)
		}
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "example-key")) {
			t.Errorf("%o: %v", mode, err)
		}
	}
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
