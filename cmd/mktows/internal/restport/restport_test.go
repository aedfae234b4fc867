package restport

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/leadsync/telemetry"
)

func settingsOf(endpoint string) *console.RESTSettings {
	return &console.RESTSettings{
		Endpoint: endpoint, Creds: auth.Credentials{UserID: "example", Key: auth.NewSecret("example-secret")}, Logger: slog.New(slog.DiscardHandler),
	}
}

// TestServerTime takes the time from whatever the service answers, but not from a proxy before it.
func TestServerTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 1, 2, 3, 4, 0, time.UTC)
	for _, test := range []struct {
		status int
		date   string
		want   string // in the error; empty: there is none
	}{
		{http.StatusUnauthorized, at.Format(http.TimeFormat), ""},
		{http.StatusFound, at.Format(http.TimeFormat), ""},
		{http.StatusBadGateway, at.Format(http.TimeFormat), "HTTP status 502"},
		{http.StatusOK, "today", "HTTP status 200"},
	} {
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", test.date)
			w.Header().Set("Location", "http://127.0.0.1:1")
			w.WriteHeader(test.status)
		}))
		p, err := open(settingsOf(service.URL + "/rest"))
		if err != nil {
			t.Fatal(err)
		}
		now, err := p.ServerTime(t.Context())
		p.CloseIdleConnections()
		service.Close()
		switch {
		case test.want == "" && (err != nil || !now.Equal(at)):
			t.Errorf("status %d: %s, %v", test.status, now, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("status %d: %s, error %v; want %q in it", test.status, now, err, test.want)
		}
	}
}

// TestOpen_refused: what is wrong with the endpoint is said in terms of the command line.
func TestOpen_refused(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"http://example.com/rest":                 "MKTOWS_REST_ENDPOINT: the endpoint is http on the host example.com: use https; for a test server of your own there is --insecure-http",
		"https://example.com/soap/mktows/2_7":     "MKTOWS_REST_ENDPOINT: the endpoint has the path",
		"https://user:hidden@example.com/rest":    "MKTOWS_REST_ENDPOINT: the endpoint holds a user name or password: remove it",
		"https://example.com/identity":            "MKTOWS_REST_ENDPOINT: this is the address of Identity",
		"https://example.com:hidden/rest?x=\x7fy": "MKTOWS_REST_ENDPOINT: the endpoint is not a URL",
	} {
		_, err := open(settingsOf(endpoint))
		if exit.Code(t.Context(), err) != exit.Settings || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: %v; want %s", endpoint, err, want)
		}
	}
	insecure := settingsOf("http://example.com/rest")
	insecure.InsecureHTTP = true
	if _, err := open(insecure); err != nil {
		t.Error(err)
	}
}

// watcher notes the calls that it is told of.
type watcher struct{ calls []string }

func (w *watcher) BridgeInterceptor() bridge.Interceptor {
	return func(next bridge.Handler) bridge.Handler {
		return func(ctx context.Context, call *bridge.Call) error {
			w.calls = append(w.calls, call.Operation+" "+call.Path)
			return next(ctx, call)
		}
	}
}

// TestOpen_observer: an observer of calls is told of them, and that of package telemetry is one.
func TestOpen_observer(t *testing.T) {
	t.Parallel()
	endpoint, creds, stop, err := serveDemo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	seen, silent := new(watcher), (*telemetry.Telemetry)(nil)
	for _, observer := range []any{seen, silent, nil} {
		s := settingsOf(endpoint)
		s.Creds, s.Observer = creds, observer
		p, err := open(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.GetTags(t.Context(), nil); err != nil {
			t.Error(err)
		}
		p.CloseIdleConnections()
	}
	if len(seen.calls) == 0 || seen.calls[0] != "getTags /rest/asset/v1/tagTypes.json" {
		t.Errorf("%q", seen.calls)
	}
	if _, ok := any(silent).(interface{ BridgeInterceptor() bridge.Interceptor }); !ok {
		t.Error("a Telemetry is no observer")
	}
}
