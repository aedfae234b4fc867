package settings

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
)

// TestVariables: package bridge reads the same variables.
func TestVariables(t *testing.T) {
	t.Parallel()
	for ours, theirs := range map[string]string{
		VarRESTEndpoint: bridge.EnvEndpoint, VarClientID: bridge.EnvClientID, VarClientSecret: bridge.EnvClientSecret,
		VarClientSecret + "_FILE": bridge.EnvClientSecretFile,
	} {
		if ours != theirs {
			t.Errorf("%s and %s", ours, theirs)
		}
	}
}

// TestConnectionFlags_overREST: flags go before variables, and the REST API before SOAP.
func TestConnectionFlags_overREST(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		set   string // variables
		flags ConnectionFlags
		want  bool
	}{
		{"nothing", "", ConnectionFlags{}, false},
		{"SOAP", VarEndpoint, ConnectionFlags{}, false},
		{"REST", VarRESTEndpoint, ConnectionFlags{}, true},
		{"both", VarRESTEndpoint + " " + VarEndpoint, ConnectionFlags{}, true},
		{"an id alone", VarClientID, ConnectionFlags{}, true},
		{"a secret alone", VarClientSecret + "_FILE", ConnectionFlags{}, true},
		{"an id beside SOAP", VarClientID + " " + VarEndpoint, ConnectionFlags{}, false},
		{"an id beside a key", VarClientID + " " + VarSecretKey + "_FILE", ConnectionFlags{}, false},
		{"--rest", VarEndpoint, ConnectionFlags{rest: true}, true},
		{"--endpoint", VarRESTEndpoint, ConnectionFlags{endpoint: "x"}, false},
		{"--user-id", VarRESTEndpoint, ConnectionFlags{UserFlags: UserFlags{userID: "x"}}, false},
		{"a command for SOAP", VarRESTEndpoint, ConnectionFlags{SOAPOnly: true}, false},
	}
	for _, test := range tests {
		set := strings.Fields(test.set)
		a := &console.Console{Getenv: func(name string) string {
			for _, is := range set {
				if name == is {
					return "x"
				}
			}
			return ""
		}}
		if got := test.flags.overREST(a); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

// TestLight: the command behind "make run", which has no way to the REST API, says so.
func TestLight(t *testing.T) {
	t.Parallel()
	env := map[string]string{VarRESTEndpoint: "https://example.com", VarClientID: "x", VarClientSecret: "x"}
	a := &console.Console{Getenv: func(name string) string { return env[name] }, Stderr: &bytes.Buffer{}}
	_, _, err := OpenPort(t.Context(), a, &ConnectionFlags{}, false)
	if code := exit.Code(t.Context(), err); code != exit.Settings || !strings.Contains(err.Error(), "calls SOAP only: unset MKTOWS_REST_ENDPOINT") {
		t.Errorf("exit code %d, %v", code, err)
	}
	_, _, err = OpenPort(t.Context(), a, &ConnectionFlags{rest: true}, true)
	if code := exit.Code(t.Context(), err); code != exit.Usage || !strings.Contains(err.Error(), "leave out --rest") {
		t.Errorf("exit code %d, %v", code, err)
	}
}

// TestNotices_bridge: users hear of long waits, and of what the bridge has left out, each once.
func TestNotices_bridge(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := clientLogger(&console.Console{Stderr: &out}, false)
	const repeating = "mktows: repeating a call of the REST API"
	log.Warn(repeating, slog.String("call", "GET /rest/v1/leads.json"), slog.Duration("wait", 20*time.Second), slog.String("reason", "606"))
	log.Warn(repeating, slog.String("call", "GET /rest/v1/leads.json"), slog.Duration("wait", time.Second), slog.String("reason", "615"))
	log.Warn("mktows: fields were left out", slog.String("operation", "syncMultipleLeads"), slog.Int("record", 1))
	log.Warn("mktows: fields were left out", slog.String("operation", "syncMultipleLeads"), slog.Int("record", 2))
	log.Warn("mktows: reading the lead failed after the write was done", slog.String("operation", "syncLead"), slog.String("error", "no answer"))
	const want = `mktows: GET /rest/v1/leads.json: trying again in 20s: 606
mktows: syncMultipleLeads: fields were left out
mktows: syncLead: reading the lead failed after the write was done: no answer
`
	if got := out.String(); got != want {
		t.Errorf("told %s", got)
	}
}
