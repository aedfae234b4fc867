package gateway_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// An endpoint may be written as people copy it, or the problem says how.
func TestTrouble_endpoint(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://000-AAA-000.mktorest.com/rest":           "",
		"https://000-AAA-000.mktorest.com/rest/":          "",
		"https://000-AAA-000.mktorest.com":                "",
		"https://000-AAA-000.mktorest.com/":               "",
		"https://000-AAA-000.mktorest.com/identity":       "address of Identity",
		"https://000-AAA-000.mktorest.com/rest/v1/leads":  `has the path "/rest/v1/leads"`,
		"https://000-AAA-000.mktoapi.com/soap/mktows/2_9": "one of the SOAP API",
		"http://000-AAA-000.mktorest.com/rest":            "use https",
		"000-AAA-000.mktorest.com/rest":                   "begins with https://",
	} {
		_, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{tenant(url)}})
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "tenants[0].rest")) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// A secret with something around it makes wrong signatures, which nobody can explain: it is refused, wherever it stands, and never shown.
func TestTrouble_secret(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"example-key": "", "example-key\n": "", "example-key\r\n": "", " example-key": "white space", "example-key ": "white space", "\u00a0example-key": "white space",
		"\texample-key": "control character", "example-key\n\n": "control character", "example-key\nother": "control character", "example-key\x00": "control character",
		"\ufeffexample-key": "byte order mark", "": "empty", "\n": "empty",
	} {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		inFile := want
		if strings.HasSuffix(text, "\n") && want == "" || text == "\n" {
			want = "control character" // of a variable or a text nothing is taken off
		}
		if text == "" {
			want = "missing"
		}
		getenv := gateway.WithGetenv(func(string) string { return text })
		for where, s := range map[string]gateway.Secret{inFile: {File: path}, want: {Value: auth.NewSecret(text)}, want + " ": {Env: "KEY"}} {
			if where == "missing " {
				where = "not set, or empty"
			}
			one := tenant("https://a.example.com/rest")
			one.Key = s
			_, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{one}}, getenv)
			where = strings.TrimSpace(where)
			if (err == nil) != (where == "") || err != nil && (!strings.Contains(err.Error(), where) || !strings.Contains(err.Error(), "tenants[0].key") || strings.Contains(err.Error(), "example-key")) {
				t.Errorf("%q as %+v: %v, want %q", text, s, err, where)
			}
		}
	}
	one := tenant("https://a.example.com/rest")
	one.UserID = "example_user "
	if _, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{one}}); err == nil || !strings.Contains(err.Error(), "tenants[0].userID") {
		t.Errorf("%v", err)
	}
}

// A secret of the wrong kind cannot be told by itself, but by what it is beside.
func TestTrouble_keyOfTheWrongKind(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	one := tenant("https://a.example.com/rest")
	one.Key = one.REST.ClientSecret
	if _, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{one}}, gateway.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); !strings.Contains(text, "programs sign with the key of the SOAP API") || strings.Contains(text, clientSecret) {
		t.Error(text)
	}
}

func TestTrouble_certificate(t *testing.T) {
	t.Parallel()
	good, other := certificate(t, t.TempDir(), time.Now().Add(time.Hour)), certificate(t, t.TempDir(), time.Now().Add(time.Hour))
	future := certificate(t, t.TempDir(), time.Now().Add(49*time.Hour))
	expired := certificate(t, t.TempDir(), time.Now().Add(-time.Hour))
	for name, test := range map[string]struct {
		files gateway.TLS
		want  string
	}{
		"good": {good, ""}, "expired": {expired, "has expired on"}, "not yet": {future, "is not valid before"}, "missing": {gateway.TLS{Certificate: "nowhere", Key: good.Key}, "nowhere"},
		"of another": {gateway.TLS{Certificate: good.Certificate, Key: other.Key}, other.Key}, "switched": {gateway.TLS{Certificate: good.Key, Key: good.Certificate}, "switched"},
	} {
		_, err := gateway.New(&gateway.Config{Listeners: []gateway.Listener{{Address: "127.0.0.1:0", TLS: &test.files}}, Tenants: []gateway.Tenant{tenant("https://a.example.com/rest")}})
		if (err == nil) != (test.want == "") || err != nil && (!strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "listeners[0].tls")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// flaky is a REST API that can be away.
type flaky struct {
	http.Handler
	mode atomic.Value // of string
	sim  *simulator.Simulator
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch f.mode.Load() {
	case "502":
		_, _ = io.Copy(io.Discard, r.Body)
		http.Error(w, "bad gateway", http.StatusBadGateway)
	case "drop":
		panic(http.ErrAbortHandler)
	case "lost":
		f.Handler.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case "hang":
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	default:
		f.Handler.ServeHTTP(w, r)
	}
}

// newFlaky returns a REST API, and the id of a campaign in it.
func newFlaky(t *testing.T, opts ...rest.Option) (*flaky, int64) {
	t.Helper()
	sim, _ := seeded(t, "private@example.com")
	campaign, err := sim.AddCampaign(simulator.Campaign{Name: "Greet", Sources: []gen.ReqCampSourceType{gen.ReqCampSourceTypeMKTOWS}})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := rest.New(sim, append([]rest.Option{rest.WithClient(clientID, auth.NewSecret(clientSecret)), rest.WithLimits(limits.Unlimited())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	f := &flaky{Handler: handler, sim: sim}
	f.mode.Store("")
	return f, campaign
}

// While the REST API is away calls get faults in their time, which tell those that may be repeated; readiness turns, and all of it
// recovers. Nothing is written twice, and the log names nobody.
func TestTrouble_restAway(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"502", "drop", "lost", "hang", "refused"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			face, campaign := newFlaky(t)
			srv := httptest.NewServer(face)
			t.Cleanup(func() { srv.Close() })
			var log lockedBuffer
			c := &gateway.Config{Tenants: []gateway.Tenant{tenant(srv.URL + "/rest")}}
			g, base := serve(t, c, gateway.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
				gateway.WithBridgeOptions(bridge.WithRetry(bridge.RetryPolicy{MaxAttempts: 3, FirstWait: time.Millisecond, MaxWait: time.Millisecond})))
			api := connect(t, base, userID, key)
			calls := map[string]func() error{
				"getLead": func() error {
					_, err := api.Leads.Get(t.Context(), operations.Email("private@example.com"))
					return err
				},
				"syncLead": func() error {
					_, err := api.Leads.Sync(t.Context(), operations.Lead{Email: "private-too@example.com", Attributes: operations.Attributes{{Name: "FirstName", Value: "Ada"}}}, nil)
					return err
				},
				"requestCampaign": func() error {
					return api.Campaigns.Request(t.Context(), operations.CampaignRequest{CampaignID: campaign, Leads: []operations.LeadKey{operations.LeadID(1)}})
				},
			}
			safety := map[string]fault.Safety{"getLead": fault.ReadOnly, "syncLead": fault.Idempotent, "requestCampaign": fault.NotIdempotent}
			if err := errors.Join(calls["getLead"](), calls["syncLead"]()); err != nil || readiness(g) != http.StatusOK {
				t.Fatalf("%v, ready %d", err, readiness(g))
			}
			address := srv.Listener.Addr().String()
			if mode == "refused" {
				srv.Close()
			}
			face.mode.Store(mode)
			if mode == "hang" {
				c.CallTime = gateway.Duration(200 * time.Millisecond)
				if err := g.Reload(c); err != nil {
					t.Fatal(err)
				}
			}
			for name, call := range calls {
				err := call()
				var f *fault.Fault
				_, again := fault.Retryable(err, safety[name])
				if !errors.As(err, &f) || !again && (safety[name] != fault.NotIdempotent || f.Code != fault.CodeServiceInternal) {
					t.Errorf("%s: %v, may be repeated: %t", name, err, again)
				}
			}
			if mode != "hang" { // asking would take ten seconds
				if status := readiness(g); status != http.StatusServiceUnavailable {
					t.Errorf("away: ready %d", status)
				}
			}
			face.mode.Store("")
			if c.CallTime = 0; mode == "hang" {
				if err := g.Reload(c); err != nil {
					t.Fatal(err)
				}
			}
			if mode == "refused" {
				again := httptest.NewUnstartedServer(face)
				var err error
				if again.Listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", address); err != nil {
					t.Skipf("the address is taken by now: %v", err)
				}
				again.Start()
				t.Cleanup(again.Close)
			}
			if status := readiness(g); status != http.StatusOK {
				t.Errorf("back: ready %d", status)
			}
			if err := errors.Join(calls["getLead"](), calls["syncLead"]()); err != nil {
				t.Error(err)
			}
			state := face.sim.Snapshot()
			if len(state.Leads) != 2 || len(state.CampaignRuns) > 1 || mode != "lost" && len(state.CampaignRuns) > 0 {
				t.Errorf("%d leads, %d campaign runs", len(state.Leads), len(state.CampaignRuns))
			}
			if text := log.String(); strings.Contains(text, "private") || strings.Contains(text, "Ada") || strings.Contains(text, clientSecret) {
				t.Errorf("the log:\n%s", text)
			}
		})
	}
}

// readiness asks whether the gateway is ready.
func readiness(g *gateway.Gateway) int {
	w := httptest.NewRecorder()
	g.AdminHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	return w.Code
}

// An answer that is lost leads to no second write, if the caller repeats only what may be repeated.
func TestTrouble_answersLost(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		operation string // of the REST API
		safety    fault.Safety
		do        func(t *testing.T, api *operations.API, sim *simulator.Simulator, campaign int64) error
		count     func(s simulator.State) int
	}{
		"create": {"POST /rest/v1/leads.json", fault.Idempotent, func(t *testing.T, api *operations.API, _ *simulator.Simulator, _ int64) error {
			_, err := api.Leads.Sync(t.Context(), operations.Lead{Email: "new@example.com", Attributes: operations.Attributes{{Name: "FirstName", Value: "Ada"}}}, nil)
			return err
		}, func(s simulator.State) int { return len(s.Leads) - 2 }},
		"merge": {"POST /rest/v1/leads/{leadId}/merge.json", fault.NotIdempotent, func(t *testing.T, api *operations.API, _ *simulator.Simulator, _ int64) error {
			_, err := api.Leads.Merge(t.Context(), operations.LeadID(1), []operations.LeadKey{operations.LeadID(2)}, nil)
			return err
		}, func(s simulator.State) int { return 2 - len(s.Leads) }},
		"list": {"POST /rest/v1/lists/{listId}/leads.json", fault.Idempotent, func(t *testing.T, api *operations.API, _ *simulator.Simulator, _ int64) error {
			_, err := api.Lists.Add(t.Context(), operations.ListName("Guests"), []operations.LeadKey{operations.LeadID(1)}, nil)
			return err
		}, func(s simulator.State) int { return len(s.Lists[0].Members) }},
		"campaign": {"POST /rest/v1/campaigns/{campaignId}/trigger.json", fault.NotIdempotent, func(t *testing.T, api *operations.API, _ *simulator.Simulator, campaign int64) error {
			return api.Campaigns.Request(t.Context(), operations.CampaignRequest{CampaignID: campaign, Leads: []operations.LeadKey{operations.LeadID(1)}})
		}, func(s simulator.State) int { return len(s.CampaignRuns) }},
	} {
		for _, drop := range []endpoint.Drop{endpoint.DropBeforeWork, endpoint.DropAfterWork, endpoint.DropHalfAnswer} {
			t.Run(fmt.Sprint(name, " ", drop), func(t *testing.T) {
				t.Parallel()
				var rules endpoint.Rules
				face, campaign := newFlaky(t, rest.WithRules(&rules))
				_, errLead := face.sim.AddLead(simulator.Lead{Email: "second@example.com"})
				_, errList := face.sim.AddList(simulator.List{Name: "Guests"})
				if err := errors.Join(errLead, errList); err != nil {
					t.Fatal(err)
				}
				srv := httptest.NewServer(face)
				t.Cleanup(srv.Close)
				_, base := serve(t, &gateway.Config{Tenants: []gateway.Tenant{tenant(srv.URL + "/rest")}})
				api := connect(t, base, userID, key)
				rules.Add(endpoint.Rule{Operation: test.operation, Drop: drop, Times: 1})
				err := test.do(t, api, face.sim, campaign)
				if _, again := fault.Retryable(err, test.safety); err != nil && again {
					err = test.do(t, api, face.sim, campaign)
				}
				n := test.count(face.sim.Snapshot())
				var f *fault.Fault
				if n > 1 || err == nil && n != 1 || err != nil && (!errors.As(err, &f) || f.Code != fault.CodeServiceInternal) {
					t.Errorf("done %d times, with %v", n, err)
				}
			})
		}
	}
}

// A REST API whose certificate has expired is named as such to the operator.
func TestTrouble_restCertificate(t *testing.T) {
	t.Parallel()
	files := certificate(t, t.TempDir(), time.Now().Add(-time.Hour))
	pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	face, _ := newFlaky(t)
	srv := httptest.NewUnstartedServer(face)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	g, base := serve(t, &gateway.Config{Tenants: []gateway.Tenant{tenant(srv.URL + "/rest")}},
		gateway.WithBridgeOptions(bridge.WithHTTPClient(&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}})))
	if s := g.Status(t.Context())[0]; s.Ready || !strings.Contains(s.Problem, "expired") {
		t.Errorf("%+v", s)
	}
	var f *fault.Fault
	if err := func() error {
		_, err := connect(t, base, userID, key).Leads.Get(t.Context(), operations.LeadID(1))
		return err
	}(); !errors.As(err, &f) {
		t.Errorf("%v", err)
	}
}

// A caller that does not read its answer keeps no place of the REST API, and nobody else waits for it. Neither does one that sends slowly.
func TestTrouble_slowClient(t *testing.T) {
	t.Parallel()
	face, _ := newFlaky(t)
	var list simulator.List
	for i := range 300 {
		id, err := face.sim.AddLead(simulator.Lead{Email: fmt.Sprintf("lead-%d@example.com", i), Fields: map[string]string{"Company": strings.Repeat("x", 200), "Address": strings.Repeat("y", 5000)}})
		if err != nil {
			t.Fatal(err)
		}
		list.Members = append(list.Members, id)
	}
	list.Name = "Guests"
	if _, err := face.sim.AddList(list); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(face)
	t.Cleanup(srv.Close)
	endpoint := srv.URL + "/rest"
	asked := make(chan struct{})
	tell := sync.OnceFunc(func() { close(asked) })
	serveFace := face.Handler
	face.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/leads.json") {
			tell()
		}
		serveFace.ServeHTTP(w, r)
	})
	g, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{tenant(endpoint)}, Instances: []gateway.Instance{{Endpoint: endpoint, Limits: gateway.Limits{Concurrent: 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(g)
	t.Cleanup(front.CloseClientConnections) // before Close, which waits for all
	t.Cleanup(front.Close)
	timestamp := auth.FormatTimestamp(time.Now())
	doc := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://www.marketo.com/mktows/"><s:Header><m:AuthenticationHeader><mktowsUserId>` + userID +
		`</mktowsUserId><requestSignature>` + auth.Sign(userID, auth.NewSecret(key), timestamp) + `</requestSignature><requestTimestamp>` + timestamp +
		`</requestTimestamp></m:AuthenticationHeader></s:Header><s:Body><m:paramsGetMultipleLeads><leadSelector xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="m:StaticListSelector">` +
		`<staticListName>Guests</staticListName></leadSelector><batchSize>300</batchSize></m:paramsGetMultipleLeads></s:Body></s:Envelope>`
	for _, sent := range []string{doc, doc[:100]} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", front.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := fmt.Fprintf(conn, "POST /soap/mktows/2_7 HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", len(doc), sent); err != nil {
			t.Fatal(err)
		}
	}
	<-asked // the leads of the list
	if _, err := connect(t, front.URL, userID, key).Leads.Get(t.Context(), operations.LeadID(1)); err != nil {
		t.Error(err)
	}
}

// Behind a proxy, callers are told apart by what the proxy says; many wrong signatures are told to the operator once.
func TestTrouble_wrongSignatures(t *testing.T) {
	t.Parallel()
	sim, _ := seeded(t, "lead@example.com")
	var log lockedBuffer
	now := time.Now()
	l := gateway.Listener{BehindProxy: true}
	g, err := gateway.New(&gateway.Config{Callers: gateway.Callers{Unproven: 3}, AccessLog: gateway.AccessLog{Addresses: true}, Tenants: []gateway.Tenant{tenant(face(t, sim))}},
		gateway.WithClock(func() time.Time { return now }), gateway.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	handler := g.Handler(&l)
	for i, forwarded := range []string{"10.9.9.9, 192.0.2.1", "192.0.2.1", "10.9.9.8, 192.0.2.1", "192.0.2.2", "192.0.2.1"} {
		r := httptest.NewRequest(http.MethodPost, "/soap/mktows/2_7", strings.NewReader("no envelope"))
		r.Header.Set("Content-Type", "text/xml")
		r.Header.Set("X-Forwarded-For", forwarded)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "20012") {
			t.Errorf("call %d: HTTP %d %s", i, w.Code, w.Body)
		}
	}
	text := log.String()
	if strings.Count(text, "msg=call") != 2 || strings.Count(text, "address=192.0.2.1") != 1 || strings.Count(text, "address=192.0.2.2") != 1 {
		t.Errorf("not the first call of each address:\n%s", text)
	}
}
