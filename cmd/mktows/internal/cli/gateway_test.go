package cli

import (
	"os"
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
