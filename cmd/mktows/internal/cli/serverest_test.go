package cli

import (
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// With --rest both APIs are at one address, and the client of the REST API has the pair of the
// SOAP API.
func TestServe_rest(t *testing.T) {
	t.Parallel()
	p := start(t, nil, 8, "serve", "--addr", "127.0.0.1:0", "--demo", "--rest", "-v")
	i := slices.IndexFunc(p.rest, func(line string) bool { return strings.HasPrefix(line, "export MKTOWS_REST_ENDPOINT=") })
	if i < 0 || !slices.Contains(p.rest, "export MKTOWS_CLIENT_SECRET=example-key") {
		t.Fatalf("it prints %q", p.rest)
	}
	base, ends := strings.CutSuffix(strings.TrimPrefix(p.rest[i], "export MKTOWS_REST_ENDPOINT="), "/rest")
	if !ends {
		t.Errorf("the address is not that of the documentation, which ends in /rest: %s", base)
	}
	for path, want := range map[string]string{
		"/identity/oauth/token?grant_type=client_credentials&client_id=example_user&client_secret=example-key": `"access_token"`,
		"/rest/v1/leads.json":       `"603"`,
		"/soap/mktows/2_7?WSDL":     "<wsdl:definitions",
		"/rest/v1/nothing-of.json?": `"603"`,
	} {
		res, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %.200s", path, text)
		}
	}
	got := run(t, exported(p.rest), "", "lead", "get", "318815", "--rest", "-o", "json")
	if got.code != 0 || !strings.Contains(got.stdout, "lead@example.com") {
		t.Errorf("with what it prints, a lead: %+v", got)
	}
	p.stop(t, os.Interrupt)
	log := p.stderr.String()
	if !strings.Contains(log, `msg=call op="GET /identity/oauth/token" user=example_user status=200`) || !strings.Contains(log, "op=/rest/v1/leads.json") ||
		!strings.Contains(log, "code=603") || strings.Contains(log, "example-key") {
		t.Errorf("the log: %s", log)
	}
}

// exported returns the variables that lines of shell set.
func exported(lines []string) environment {
	env := environment{}
	for _, line := range lines {
		if set, ok := strings.CutPrefix(line, "export "); ok {
			name, value, _ := strings.Cut(set, "=")
			env[name] = value
		}
	}
	return env
}
