package gateway

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
)

var update = flag.Bool("update", false, "write golden files anew")

// scrape runs a gateway through everything that it counts and returns its page for Prometheus.
func scrape(t *testing.T) string {
	t.Helper()
	a := &console.Console{Getenv: func(string) string { return "" }, Stderr: io.Discard}
	options, shutdown, err := watched(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	const userID, key = "example_user", "example-key"
	api := mktowstest.NewServer(t, mktowstest.WithDemo()).REST()
	tenant := gateway.Tenant{
		UserID: userID, Key: gateway.Secret{Value: auth.NewSecret(key)},
		REST: gateway.REST{Endpoint: api.URL, ClientID: api.ClientID, ClientSecret: gateway.Secret{Value: api.ClientSecret}},
	}
	c := &gateway.Config{Tenants: []gateway.Tenant{tenant}}
	g, err := gateway.New(c, append(options, gateway.WithBridgeOptions(bridge.WithHTTPClient(api.Client), bridge.WithRetention(0)))...)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	call := func(user string, do func(*operations.API) error) {
		c, err := client.New(srv.URL+"/soap/mktows/2_7", auth.Credentials{UserID: user, Key: auth.NewSecret(key)}, client.WithoutRetry())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.CloseIdleConnections)
		if err := do(operations.New(c)); (err == nil) != (user == userID) {
			t.Error(err)
		}
	}
	for _, user := range []string{userID, "stranger@example.com"} {
		call(user, func(api *operations.API) error {
			_, err := api.Activities.Page(t.Context(), operations.LeadID(simulator.DemoLeadID), operations.Cursor{}, nil)
			return err
		})
	}
	if g.Reload(&gateway.Config{}) == nil || g.Reload(c) != nil {
		t.Error("reloads")
	}
	page := httptest.NewRecorder()
	g.AdminHandler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if page.Code != http.StatusOK {
		t.Fatalf("%d %s", page.Code, page.Body)
	}
	return page.Body.String()
}

var sample = regexp.MustCompile(`(?m)^([a-z_]+)(?:\{(.*)\})? [^ ]+$`)

// series returns the names of all series, with their labels.
func series(page string) map[string][]string {
	all := make(map[string][]string)
	for _, match := range sample.FindAllStringSubmatch(page, -1) {
		var labels []string
		for _, pair := range regexp.MustCompile(`([a-z_]+)="[^"]*"`).FindAllStringSubmatch(match[2], -1) {
			labels = append(labels, pair[1])
		}
		if known := all[match[1]]; len(labels) >= len(known) {
			all[match[1]] = labels
		}
	}
	return all
}

// Names and labels are what dashboards and alerts are made for.
func TestMetrics(t *testing.T) {
	t.Parallel()
	page := scrape(t)
	if strings.Contains(page, "stranger") {
		t.Error("an unknown caller has made a series")
	}
	if problems, err := promlint.New(strings.NewReader(page)).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	var got strings.Builder
	all := series(page)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(name, "mktows_") {
			fmt.Fprintf(&got, "%s{%s}\n", name, strings.Join(all[name], ","))
		}
	}
	const golden = "testdata/metrics.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("names or labels have changed, which breaks dashboards: go test -update\n%s", diff)
	}
}

const deploy = "../../../../deploy/"

// What dashboard and alerts ask for is there.
func TestMetrics_askedFor(t *testing.T) {
	t.Parallel()
	all := series(scrape(t))
	labels := map[string]bool{"instance": true, "job": true, "le": true}
	for _, of := range all {
		for _, label := range of {
			labels[label] = true
		}
	}
	for where, expressions := range map[string][]string{"dashboard": dashboard(t), "alerts": alerts(t)} {
		if len(expressions) < 5 {
			t.Errorf("%s: %d expressions", where, len(expressions))
		}
		for _, text := range expressions {
			names := regexp.MustCompile(`\b(?:mktows_gateway|go|process)_[a-z_]+`).FindAllString(text, -1)
			if len(names) == 0 {
				t.Errorf("%s: %s asks for nothing", where, text)
			}
			for _, name := range names {
				if _, known := all[name]; !known {
					t.Errorf("%s: there is no %s", where, name)
				}
			}
			for _, match := range regexp.MustCompile(`(?:by|on) \(([^)]*)\)|([a-z_]+)(?:=~|!~|!=|=)"|label_values\([^,]*, ([a-z_]+)\)`).FindAllStringSubmatch(text, -1) {
				for _, label := range strings.Split(match[1]+match[2]+match[3], ", ") {
					if !labels[label] {
						t.Errorf("%s: there is no label %q: %s", where, label, text)
					}
				}
			}
		}
	}
}

// dashboard returns what the dashboard asks for.
func dashboard(t *testing.T) (expressions []string) {
	t.Helper()
	text, err := os.ReadFile(deploy + "grafana/mktows-gateway.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		UID, Title string
		Panels     []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr, RefID string }
		}
		Templating struct {
			List []struct{ Name, Definition string }
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	seen := make(map[int]bool)
	for _, p := range d.Panels {
		if p.ID == 0 || seen[p.ID] || p.Title == "" || len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d %s", p.ID, p.Title)
		}
		seen[p.ID] = true
		for _, target := range p.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	for _, v := range d.Templating.List {
		if v.Definition != "" {
			expressions = append(expressions, v.Definition)
		}
	}
	return expressions
}

// alerts returns what the alerts ask for.
func alerts(t *testing.T) (expressions []string) {
	t.Helper()
	text, err := os.ReadFile(deploy + "prometheus/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.NewDecoder(strings.NewReader(string(text)), yaml.Strict()).Decode(&file); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			if rule.Alert == "" || seen[rule.Alert] || rule.Labels["severity"] == "" || rule.Annotations["summary"] == "" {
				t.Errorf("%+v", rule)
			}
			seen[rule.Alert] = true
			expressions = append(expressions, rule.Expr)
		}
	}
	return expressions
}
