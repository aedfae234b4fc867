package gateway

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/leadsync/sqlstate"
)

// A state that does not answer, not even by an error, makes no tenant unready: a balancer would take all gateways away.
func TestReadiness_stateHangs(t *testing.T) {
	t.Parallel()
	identity := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"token","token_type":"bearer","expires_in":3600,"scope":"api@example.com"}`))
	}))
	t.Cleanup(identity.Close)
	state, err := sqlstate.Open(t.Context(), filepath.Join(t.TempDir(), "gateway.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	store := &testStore{State: state}
	g, err := New(&Config{Tenants: []Tenant{{
		UserID: "user", Key: Secret{Value: auth.NewSecret("example-key")},
		REST: REST{Endpoint: identity.URL + "/rest", ClientID: "client", ClientSecret: Secret{Value: auth.NewSecret("example-client-secret")}},
	}}}, WithState(store))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.CloseIdleConnections)
	store.hangs.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if s := g.Status(ctx)[0]; !s.Ready {
		t.Errorf("status: %+v", s)
	}
	store.asked.Store(0)
	answer := httptest.NewRecorder()
	g.AdminHandler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	if n := store.asked.Load(); answer.Code != http.StatusOK || n > 0 {
		t.Errorf("%d %s, the state was asked %d times", answer.Code, answer.Body, n)
	}
}
