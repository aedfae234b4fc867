package gateway

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/recording"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

const journalKey = "example-key"

// recorded makes some calls of a gateway with a journal, and returns what it recorded and logged.
func recorded(t *testing.T, c Journal, calls func(base string)) (all []*recording.Exchange, log string) {
	t.Helper()
	sim := simulator.New()
	if _, err := sim.AddLead(simulator.Lead{ID: 7, Email: "lead@example.com"}); err != nil {
		t.Fatal(err)
	}
	face, err := rest.New(sim, rest.WithClient("id", auth.NewSecret("secret")), rest.WithLimits(limits.Unlimited()))
	if err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(face)
	t.Cleanup(api.Close)
	var logged bytes.Buffer
	g, err := New(&Config{Journal: c, Tenants: []Tenant{{UserID: "user", Key: Secret{Value: auth.NewSecret(journalKey)}, REST: REST{Endpoint: api.URL + "/rest", ClientID: "id", ClientSecret: Secret{Value: auth.NewSecret("secret")}}}}},
		WithBridgeOptions(bridge.WithoutLimits()), WithLogger(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(g)
	calls(srv.URL + "/soap/mktows/2_7")
	srv.Close()
	g.current.Load().journal.flush(t.Context())
	if c.Folder == "" {
		return nil, logged.String()
	}
	all, problems, err := recording.Folder(t.Context(), c.Folder)
	if len(problems) > 0 {
		t.Error(problems[0])
	}
	if err != nil {
		t.Log(err)
	}
	return all, logged.String()
}

func getLead(t *testing.T, base, key, email string) error {
	t.Helper()
	c, err := client.New(base, auth.Credentials{UserID: "user", Key: auth.NewSecret(key)}, client.WithoutRetry(), client.WithoutLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	_, err = operations.New(c).Leads.Get(t.Context(), operations.Email(email))
	return err
}

// Calls of users who were let in are recorded with their answers, faults too, and without signatures; those of others are not.
func TestJournal(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "journal")
	all, log := recorded(t, Journal{Folder: folder}, func(base string) {
		for _, email := range []string{"lead@example.com", "nobody@example.com"} {
			_ = getLead(t, base, journalKey, email)
		}
		if err := getLead(t, base, "another key", "lead@example.com"); err == nil {
			t.Error("another key is let in")
		}
		resp, err := http.Post(base, "text/xml", strings.NewReader("<hello/>"))
		if err == nil {
			_ = resp.Body.Close()
		}
	})
	if len(all) != 2 || all[0].UserID != "user" || all[0].Response == nil || all[1].Fault == nil || all[1].Fault.Code != fault.CodeLeadNotFound || log != "" {
		t.Errorf("%+v, log %s", all, log)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 4 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil || strings.HasSuffix(e.Name(), ".request.xml") != strings.Contains(string(text), auth.Redacted) {
			t.Errorf("%s, %v:\n%s", e.Name(), err, text)
		}
	}
}

// A journal that is full, or cannot be written, keeps no call from its answer, and is told once.
func TestJournal_trouble(t *testing.T) {
	t.Parallel()
	gone := filepath.Join(t.TempDir(), "gone")
	for name, test := range map[string]struct {
		journal Journal
		before  func()
		kept    int
		log     string
	}{
		"full by number": {Journal{Folder: filepath.Join(t.TempDir(), "j"), MaxExchanges: 1}, func() {}, 1, "the journal is full"},
		"full by size":   {Journal{Folder: filepath.Join(t.TempDir(), "j"), MaxBytes: 10}, func() {}, 0, "the journal is full"},
		"not a folder any more": {Journal{Folder: gone}, func() {
			if err := os.WriteFile(gone, nil, 0o600); err != nil {
				t.Error(err)
			}
		}, 0, "exchanges are left out of the journal"},
	} {
		t.Run(name, func(t *testing.T) {
			all, log := recorded(t, test.journal, func(base string) {
				test.before()
				for range 3 {
					if err := getLead(t, base, journalKey, "lead@example.com"); err != nil {
						t.Error(err)
					}
				}
			})
			if len(all) != test.kept || strings.Count(log, test.log) != 1 {
				t.Errorf("%d recorded, log: %s", len(all), log)
			}
		})
	}
}

// Mistakes in the settings of the journal are told with their cure.
func TestJournal_settings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open, file := filepath.Join(dir, "open"), filepath.Join(dir, "file")
	if err := os.Mkdir(open, 0o755); err != nil { //nolint:gosec // on purpose
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]Journal{
		"journal.folder: is missing":                         {MaxBytes: 1},
		"journal.maxExchanges: is negative":                  {Folder: filepath.Join(dir, "j"), MaxExchanges: -1},
		"journal.folder: others can look into":               {Folder: open},
		fmt.Sprintf("journal.folder: %s is no folder", file): {Folder: file},
		"journal.folder: cannot be made":                     {Folder: filepath.Join(dir, "a", "b")},
	} {
		_, err := New(&Config{Journal: c})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
