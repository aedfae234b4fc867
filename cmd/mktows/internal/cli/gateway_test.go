package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// With what "gateway --demo" prints, SOAP clients work against the REST API of "serve --rest".
func TestGateway_demo(t *testing.T) {
	t.Parallel()
	mock := start(t, nil, 8, "serve", "--addr", "127.0.0.1:0", "--demo", "--rest")
	i := slices.IndexFunc(mock.rest, func(line string) bool { return strings.HasPrefix(line, "export MKTOWS_REST_ENDPOINT=") })
	if i < 0 {
		t.Fatalf("it prints %q", mock.rest)
	}
	rest := exported(mock.rest[i : i+1])
	gateway := start(t, rest, 5, "gateway", "--demo", "--addr", "127.0.0.1:0")
	if !strings.HasPrefix(gateway.ready, "# mktows gateway: listening on http://127.0.0.1:") || !slices.Contains(gateway.rest, "export MKTOWS_SECRET_KEY=example-key") {
		t.Fatalf("it prints %q %q", gateway.ready, gateway.rest)
	}
	got := run(t, exported(gateway.rest), "", "lead", "get", "318815", "-o", "json")
	if got.code != 0 || !strings.Contains(got.stdout, "lead@example.com") {
		t.Errorf("a lead: %+v", got)
	}
	gateway.stop(t, os.Interrupt)
	if log := gateway.stderr.String(); !strings.Contains(log, "msg=call operation=getLead tenant=example_user status=200") || strings.Contains(log, "lead@") || strings.Contains(log, "example-key") {
		t.Errorf("the log: %s", log)
	}
	mock.stop(t, os.Interrupt)
}

// A second gateway on one SQLite file is told what to do, and the first one serves on. The file is free again once it has ended.
func TestGateway_oneFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "gateway.yaml")
	const text = "listeners: [{address: '127.0.0.1:0'}]\ntenants:\n- userID: example_user\n  key: example-key\n" +
		"  rest: {endpoint: 'https://account.example.com/rest', clientID: example-client, clientSecret: example-client-secret}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	first := start(t, nil, 1, "gateway", file)
	second := run(t, nil, "", "gateway", file)
	if second.code != 11 || !strings.Contains(second.stderr, "gateway.db: another process has this state open") || !strings.Contains(second.stderr, "PostgreSQL") {
		t.Errorf("%+v", second)
	}
	if got := run(t, nil, "", "gateway", "check", file); got.code != 0 {
		t.Errorf("beside the one that runs: %+v", got)
	}
	first.stop(t, os.Interrupt)
	start(t, environment{"STATE_DIRECTORY": dir + ":/nowhere"}, 1, "gateway", file).stop(t, os.Interrupt)
}
