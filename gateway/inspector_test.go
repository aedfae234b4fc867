package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/server"
)

// shown is an inspector that lists what it has.
type shown struct {
	mu   sync.Mutex
	list []server.Exchange
}

func (s *shown) Add(e server.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, e)
}

func (s *shown) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = nil
}

func (s *shown) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("exchanges"))
}

// An inspector has exchanges with the calls behind them, as long as the configuration asks for it.
func TestWithInspector(t *testing.T) {
	t.Parallel()
	sim, id := seeded(t, "lead@example.com")
	c := gateway.Config{Admin: "127.0.0.1:0", Inspector: true, Tenants: []gateway.Tenant{tenant(face(t, sim))}}
	pages := new(shown)
	g, base := serve(t, &c, gateway.WithInspector(pages))
	ask := func(status int) {
		t.Helper()
		w := httptest.NewRecorder()
		g.AdminHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if w.Code != status {
			t.Errorf("status %d, want %d", w.Code, status)
		}
	}
	get := func() {
		t.Helper()
		if _, err := connect(t, base, userID, key).Leads.Get(t.Context(), operations.LeadID(id)); err != nil {
			t.Fatal(err)
		}
	}
	ask(http.StatusOK)
	get()
	if len(pages.list) != 1 {
		t.Fatalf("%d exchanges", len(pages.list))
	}
	e := pages.list[0]
	i := slices.IndexFunc(e.Calls, func(c server.Call) bool { return c.Path == "/rest/v1/leads.json" })
	if e.Operation != "getLead" || !strings.Contains(string(e.RawResponse), "lead@example.com") || i < 0 {
		t.Fatalf("%+v", e)
	}
	if c := e.Calls[i]; c.Method != http.MethodGet || c.Status != http.StatusOK || c.Attempts != 1 || c.Duration <= 0 {
		t.Errorf("%+v", c)
	}
	c.Inspector = false
	if err := g.Reload(&c); err != nil {
		t.Fatal(err)
	}
	ask(http.StatusNotFound)
	get()
	if len(pages.list) != 0 {
		t.Errorf("%d exchanges are kept", len(pages.list))
	}
}

func TestWithInspector_errors(t *testing.T) {
	t.Parallel()
	if _, err := gateway.New(nil, gateway.WithInspector(nil)); err == nil || err.Error() != "gateway: WithInspector: it is nil" {
		t.Error(err)
	}
	with := gateway.WithInspector(new(shown))
	for name, test := range map[string]struct {
		admin string
		opts  []gateway.Option
		want  string
	}{
		"no inspector": {"127.0.0.1:0", nil, "inspector: this program has none"},
		"no admin":     {"", []gateway.Option{with}, "inspector: is shown at admin, which is missing"},
		"open":         {"0.0.0.0:8091", []gateway.Option{with}, "0.0.0.0:8091 can be reached from other machines"},
		"all":          {":8091", []gateway.Option{with}, ":8091 can be reached from other machines"},
	} {
		_, err := gateway.New(&gateway.Config{Admin: test.admin, Inspector: true, Tenants: []gateway.Tenant{tenant("https://a.example.com/rest")}}, test.opts...)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
