package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/gateway"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

const (
	key          = "example-soap-key"
	clientID     = "example-client-id"
	clientSecret = "example-client-secret"
)

// configured writes a configuration of two tenants, the second of which has a wrong client secret, and returns its path.
func configured(t *testing.T, admin string, optional bool, may ...rest.Permission) string {
	t.Helper()
	face, err := rest.New(simulator.New(), rest.WithClient(clientID, auth.NewSecret(clientSecret), may...))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(face)
	t.Cleanup(srv.Close)
	var b strings.Builder
	if admin != "" {
		fmt.Fprintf(&b, "admin: %s\n", admin)
	}
	b.WriteString("listeners: [{address: '127.0.0.1:0'}]\ntenants:\n")
	for _, one := range []struct {
		user, secret string
		optional     bool
	}{{"good_user", clientSecret, false}, {"bad_user", "wrong-client-secret", optional}} {
		fmt.Fprintf(&b, "- userID: %s\n  key: %s\n  optional: %t\n  rest: {endpoint: '%s/rest', clientID: %s, clientSecret: %s}\n", one.user, key, one.optional, srv.URL, clientID, one.secret)
	}
	path := filepath.Join(t.TempDir(), "gateway.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// command runs a command and returns what it prints, and its exit code.
func command(t *testing.T, args ...string) (stdout string, code int, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &console.Console{Getenv: func(string) string { return "" }, Stdout: &out, Stderr: &errs}
	root := &cobra.Command{Use: "mktows", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(Command(a))
	root.SetArgs(append([]string{"gateway"}, args...))
	err = root.ExecuteContext(t.Context())
	for _, secret := range []string{key, clientID, clientSecret, "wrong-client-secret"} {
		if text := out.String() + errs.String() + fmt.Sprint(err); strings.Contains(text, secret) {
			t.Errorf("%s is shown: %s", secret, text)
		}
	}
	return out.String(), exit.Code(t.Context(), err), err
}

// Each tenant is looked at, and who is optional does not count.
func TestCheck_live(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		optional bool
		code     int
	}{"required": {false, exit.Auth}, "optional": {true, exit.OK}} {
		path := configured(t, "", test.optional)
		out, code, err := command(t, "check", "--live", path)
		if code != test.code || err != nil && err.Error() != "bad_user: failed: credentials" {
			t.Errorf("%s: %d %v", name, code, err)
		}
		for _, want := range []string{"good_user  http://127.0.0.1:", "  23 operations: works: ", "bad_user", "  fail: credentials: ", "    -> ", "  23 operations: not checked: 23\n", "tenants: 2, without a failed check: 1\n"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %q is missing in\n%s", name, want, out)
			}
		}
		out, code, _ = command(t, "check", "--live", path, "-o", "json")
		var all examined
		if err := json.Unmarshal([]byte(out), &all); err != nil || code != test.code || len(all.Tenants) != 2 || len(all.Tenants[0].Report.Operations) != 23 {
			t.Errorf("%s: %d %v %s", name, code, err, out)
		}
	}
}

func TestCheck_jsonWithoutLive(t *testing.T) {
	t.Parallel()
	if out, code, err := command(t, "check", configured(t, "", true), "-o", "json"); code != exit.Usage || out != "" {
		t.Errorf("%d %v", code, err)
	}
}

// Permissions that the role lacks are named beside the operations that need them.
func TestCheck_livePermissions(t *testing.T) {
	t.Parallel()
	out, code, err := command(t, "check", "--live", configured(t, "", true, rest.ReadLead, rest.WriteLead))
	if code != exit.Auth || !strings.Contains(out, "    getLeadActivity: needs permission Read-Only Activity, ") {
		t.Errorf("%d %v\n%s", code, err, out)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	path := configured(t, "", false)
	c, err := gateway.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(c, gateway.WithVersion("v1.2.3"))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(g.AdminHandler())
	t.Cleanup(srv.Close)
	admin := srv.Listener.Addr().String()
	_ = g.Reload(new(gateway.Config))
	for _, args := range [][]string{{"--admin", admin}, {configured(t, admin, false)}} {
		out, code, err := command(t, append([]string{"status"}, args...)...)
		if code != exit.Service || err.Error() != "not ready: bad_user" {
			t.Errorf("%d %v", code, err)
		}
		for _, want := range []string{"USER", "good_user  yes", "bad_user   no", "Identity refuses client id", "tenants: 2, ready: 1\n", "gateway v1.2.3, since 2", "read again: 0, refused: 1\nsince ", "tenants: there are none"} {
			if !strings.Contains(out, want) {
				t.Errorf("%q is missing in\n%s", want, out)
			}
		}
	}
	out, _, _ := command(t, "status", "--admin", admin, "-o", "json")
	var o gateway.Overview
	if err := json.Unmarshal([]byte(out), &o); err != nil || len(o.Tenants) != 2 || o.Tenants[1].Left == nil || o.Version != "v1.2.3" {
		t.Errorf("%v %s", err, out)
	}
}

func TestStatus_noGateway(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(nil)
	t.Cleanup(other.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exit.Usage, "either the file"},
		{[]string{"a", "--admin", "b"}, exit.Usage, "either the file"},
		{[]string{"--admin", "b"}, exit.Usage, `"b" is not HOST:PORT`},
		{[]string{"--admin", "127.0.0.1:1/x"}, exit.Usage, "is not HOST:PORT"},
		{[]string{"nowhere.yaml"}, exit.Invalid, "nowhere.yaml: no such file or directory\na gateway that runs goes on with the configuration before: --admin HOST:PORT asks it"},
		{[]string{configured(t, "", false)}, exit.Settings, "admin is not set"},
		{[]string{"--admin", other.Listener.Addr().String()}, exit.Service, "is not the admin address of a gateway (HTTP status 404)"},
		{[]string{"--admin", gone.Listener.Addr().String()}, exit.Service, "no gateway answers at 127.0.0.1:"},
	} {
		if out, code, err := command(t, append([]string{"status"}, test.args...)...); code != test.code || !strings.Contains(fmt.Sprint(err), test.want) || out != "" {
			t.Errorf("%q: %d %v", test.args, code, err)
		}
	}
}

// Help is read in terminals of 80 columns.
func TestHelp_fits(t *testing.T) {
	t.Parallel()
	top := Command(&console.Console{})
	for _, cmd := range append(top.Commands(), top) {
		for line := range strings.SplitSeq(cmd.Long, "\n") {
			if n := len([]rune(line)); n > 80 {
				t.Errorf("%s: a line of %d columns: %s", cmd.Name(), n, line)
			}
		}
	}
}

func TestSchemaCommand(t *testing.T) {
	t.Parallel()
	if out, code, err := command(t, "schema"); code != exit.OK || out != gateway.Schema() {
		t.Errorf("%d %v", code, err)
	}
	if _, code, err := command(t, "schema", "x"); code != exit.Usage {
		t.Errorf("%d %v", code, err)
	}
}
