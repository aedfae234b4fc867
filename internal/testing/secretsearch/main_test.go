package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/mktowstest"
)

const (
	logged = `time=2026-01-02T03:04:05.000Z level=DEBUG msg="mktows: attempt at a call of the REST API" call="GET /rest/v1/leads.json" http_status=200`
	passed = "ok  \tp\t0.1s\n"
)

// outputs are the events of a package with a test that prints lines, in pieces as go test gives them.
func outputs(result string, lines ...string) string {
	var text strings.Builder
	add := func(e event) {
		_ = json.NewEncoder(&text).Encode(e)
	}
	for _, line := range append(lines, logged) {
		line += "\n"
		add(event{"output", "p", "TestOne", line[:len(line)/2]})
		add(event{"output", "p", "TestOther", "between\n"})
		add(event{"output", "p", "TestOne", line[len(line)/2:]})
	}
	add(event{result, "p", "TestOne", ""})
	add(event{"pass", "p", "TestOther", ""})
	summary := map[string]string{"pass": passed, "fail": "FAIL\tp\t0.1s\n"}[result]
	add(event{"output", "p", "", summary})
	add(event{result, "p", "", ""})
	return text.String()
}

func searched(events string) (said string, ok bool) {
	var out strings.Builder
	ok = newSearch(&out).read(strings.NewReader(events))
	return out.String(), ok
}

// token is one that Identity of the mock server gives.
func token(t *testing.T, s *mktowstest.Server) string {
	t.Helper()
	api := s.REST()
	answer, err := api.Client.PostForm(strings.TrimSuffix(api.URL, "/rest")+"/identity/oauth/token",
		url.Values{"grant_type": {"client_credentials"}, "client_id": {api.ClientID}, "client_secret": {api.ClientSecret.Reveal()}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	var granted struct {
		Token string `json:"access_token"`
	}
	if err != nil || answer.StatusCode != http.StatusOK || json.Unmarshal(text, &granted) != nil || granted.Token == "" {
		t.Fatalf("%v, %s", err, text)
	}
	return granted.Token
}

// A secret that is planted anywhere is found, and not shown again.
func TestSearch_finds(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t)
	for name, secret := range map[string]string{
		"client secret": mktowstest.RESTClientSecret, "client id": mktowstest.RESTClientID, "key": s.Credentials().Key.Reveal(), "token": token(t, s),
		"header": "Bearer abcdefgh-1",
	} {
		for _, line := range []string{secret, "    a_test.go:7: said " + secret + ".", `time=2026-01-02T03:04:05.000Z level=WARN msg="mktows: repeating a call" error="401: the client ` + secret + ` is unknown"`} {
			if said, ok := searched(outputs("pass", line)); ok || !strings.Contains(said, "p TestOne: ") || strings.Contains(said, secret) {
				t.Errorf("%s: %v, %s", name, ok, said)
			}
		}
	}
	if said, ok := searched(outputs("pass", logged+" key=lead@example.com")); ok || !strings.Contains(said, "the address of a lead") {
		t.Errorf("an address in a log: %v, %s", ok, said)
	}
}

// What is shown on purpose is let pass, and what go test says is said.
func TestSearch_passes(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"nothing", "        > env MKTOWS_CLIENT_SECRET=" + mktowstest.RESTClientSecret, "        REST_ID=" + mktowstest.RESTClientID,
		"export MKTOWS_SECRET_KEY=example-key", "the lead lead@example.com of a test", logged + ` error="No lead found with EMAIL = \"lead@example.com\""`,
		"Authorization: Bearer [redacted]",
	} {
		if said, ok := searched(outputs("pass", line)); !ok || said != passed {
			t.Errorf("%s: %v, %q", line, ok, said)
		}
	}
}

// What fails is told and shown, without the logs of clients; and so is a search of nothing.
func TestSearch_fails(t *testing.T) {
	t.Parallel()
	const built = `{"ImportPath":"p","Action":"build-output","Output":"p.go:1: no\n"}` + "\n" + `{"ImportPath":"p","Action":"build-fail"}` + "\n"
	for events, want := range map[string]string{
		outputs("fail", "    a_test.go:7: wrong"): "    a_test.go:7: wrong\nFAIL\tp\t0.1s\n",
		built + outputs("pass"):                   "p.go:1: no\n" + passed,
		"":                                        "secretsearch: no package was tested\n",
		strings.ReplaceAll(outputs("pass", "x"), "DEBUG", "INFO"): passed + "secretsearch: no call was logged, so that nothing was searched: set MKTOWS_TEST_LOG\n",
		"go: no such tool": "secretsearch: this is not what go test -json prints: invalid character 'g' looking for beginning of value\n",
	} {
		if said, ok := searched(events); ok || said != want {
			t.Errorf("%v, %q, want %q", ok, said, want)
		}
	}
}

// A command that ends before its time has failed, whatever it has printed.
func TestRun(t *testing.T) {
	t.Parallel()
	events := filepath.Join(t.TempDir(), "events")
	if err := os.WriteFile(events, []byte(outputs("pass")), 0o600); err != nil {
		t.Fatal(err)
	}
	for script, want := range map[string]string{
		"cat " + events: "", "cat " + events + "; exit 7": "exit status 7", "echo nonsense": errFound.Error(),
	} {
		err := run([]string{"sh", "-c", script}, io.Discard)
		if got := strings.TrimPrefix(fmt.Sprint(err), "<nil>"); got != want {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
}
