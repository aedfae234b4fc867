package cli

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

const exampleScenario = "../../../../examples/scenario/scenario.json"

// TestServe_scenario serves the example: its data, its rules and its clock, and lets them
// be changed while it runs.
func TestServe_scenario(t *testing.T) {
	t.Parallel()
	p := start(t, nil, 6, "serve", "--addr", "127.0.0.1:0", "--scenario", exampleScenario, "--admin", "127.0.0.1:0")
	admin, ok := strings.CutPrefix(p.rest[3], "# administration: http://127.0.0.1:")
	if !ok || !strings.HasSuffix(admin, "/") {
		t.Fatalf("about the administration: %q", p.rest[3])
	}
	admin = "http://127.0.0.1:" + strings.TrimSuffix(admin, "/")
	client := p.exports()
	if r := run(t, client, "", "activity", "ann@example.com", "-o", "jsonl"); r.code != exit.OK || !strings.Contains(r.stdout, `"Pricing"`) {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
	ask(t, http.MethodGet, admin+"/journal", "", http.StatusOK, `"operation": "getLeadActivity"`)
	ask(t, http.MethodGet, admin+"/clock", "", http.StatusOK, `"ahead": "1m59`)
	ask(t, http.MethodGet, admin+"/rules", "", http.StatusOK, `"drop": "afterWork"`)
	ask(t, http.MethodPost, admin+"/clock", `{"advance":"1h"}`, http.StatusOK, `"now"`)
	// The client learns the server's time from the refusal.
	if r := run(t, client, "", "activity", "ann@example.com"); r.code != exit.OK {
		t.Errorf("an hour later: exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
	ask(t, http.MethodGet, admin+"/journal", "", http.StatusOK, `"code": 20016`)
	ask(t, http.MethodPost, admin+"/clock", `{"advance":"-1h"}`, http.StatusOK, `"now"`)
	ask(t, http.MethodPost, admin+"/reset", "", http.StatusNoContent, "")
	if r := run(t, client, "", "activity", "ann@example.com"); r.code != exit.NotFound {
		t.Errorf("after the reset: exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
	// Who listens to the journal does not keep the mock from ending.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, admin+"/journal/events?since=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	stream, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	begin := time.Now()
	if rest := p.stop(t, os.Interrupt); rest != "" {
		t.Errorf("printed more: %s", rest)
	}
	if _, err := io.ReadAll(stream.Body); err != nil {
		t.Errorf("the stream was cut off after %s: %v", time.Since(begin), err)
	}
}

// ask makes a request to the administration.
func ask(t *testing.T, method, url, body string, status int, part string) {
	t.Helper()
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status || !strings.Contains(string(text), part) {
		t.Errorf("%s %s: status %d, want %d with %q: %s (%v)", method, url, resp.StatusCode, status, part, text, err)
	}
}
