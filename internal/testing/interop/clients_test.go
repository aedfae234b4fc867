package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/mktows/mktows-go/simulator"
)

// suite is an API with the clients that try it.
type suite struct {
	checks   []string // what each client has to show, by the names that scripts print
	flags    []string // of mktows serve
	settings int      // that the server prints then
	gateway  bool     // the clients talk to a gateway before the REST API of the server
	host     string   // by which the clients know that server; empty: its address
	clients  []foreign
}

// foreign is a client of somebody else.
type foreign struct {
	name     string
	module   string   // of npm, if its script serves several; the script is in the folder rest
	tools    []string // that have to be there
	probe    string   // shell command that prints the version, and fails if a library is missing
	packages string   // of Debian, to be installed then
	command  []string // relative to the client's folder
	slow     bool     // compiles, or fetches packages
}

var soapSuite = suite{
	checks: []string{
		"wsdl", "activity", "paging", "write", "write-flags", "many", "list",
		"selector-keys", "selector-list", "selector-updated", "changes",
		"wrong-key", "expired", "control", "unknown-lead",
	},
	settings: 3,
	clients:  soapClients,
}

// The same clients, unmodified, after the SOAP API is gone.
var gatewaySuite = suite{
	checks: soapSuite.checks, flags: []string{"--rest"}, settings: 6, gateway: true, clients: soapClients,
}

// formerHost is a name of the kind that endpoints had.
const formerHost = "000-aaa-000.mktoapi.com"

// A program that knows the endpoint by its former name alone, and takes the address for its calls from the WSDL.
var formerHostSuite = suite{
	checks: soapSuite.checks, flags: []string{"--rest"}, settings: 6, gateway: true, host: formerHost,
	clients: slices.DeleteFunc(slices.Clone(soapClients), func(c foreign) bool { return c.name != "python" }),
}

var restSuite = suite{
	checks:   []string{"token", "renewed", "upsert", "leads", "list", "activities", "extract", "refused"},
	flags:    []string{"--rest", "--admin", "127.0.0.1:0"},
	settings: 7,
	clients:  []foreign{restClient("node-marketo-rest", "node-marketo-rest"), restClient("grouparoo", "@grouparoo/node-marketo-rest")},
}

// restClient is a client of the REST API that npm has.
func restClient(name, module string) foreign {
	return foreign{
		name: name, module: module, packages: "nodejs npm", slow: true,
		tools:   []string{"node", "npm"},
		probe:   `node -p '"` + module + ` " + require("./package-lock.json").packages["node_modules/` + module + `"].version'`,
		command: []string{"sh", "run.sh"},
	}
}

var soapClients = []foreign{
	{
		name: "php", packages: "php-cli php-soap",
		tools:   []string{"php"},
		probe:   `php -r 'class_exists("SoapClient") || exit(1); echo "SoapClient, PHP ", PHP_VERSION;'`,
		command: []string{"php", "client.php"},
	},
	{
		name: "python", packages: "python3-zeep",
		tools:   []string{"/usr/bin/python3"},
		probe:   `/usr/bin/python3 -c 'import zeep; print("zeep", zeep.__version__)'`,
		command: []string{"/usr/bin/python3", "client.py"},
	},
	{
		name: "perl", packages: "libsoap-lite-perl",
		tools:   []string{"perl"},
		probe:   `perl -MSOAP::Lite -MDigest::SHA -e 'print "SOAP::Lite ", SOAP::Lite->VERSION'`,
		command: []string{"perl", "client.pl"},
	},
	{
		name: "node", packages: "nodejs npm", slow: true,
		tools:   []string{"node", "npm"},
		probe:   `node -p '"node-soap " + require("./package-lock.json").packages["node_modules/soap"].version'`,
		command: []string{"sh", "run.sh"},
	},
	{
		name: "java", packages: "jaxws default-jdk-headless", slow: true,
		tools:   []string{"wsimport", "javac", "java"},
		probe:   `wsimport -version 2>&1 | sed 's/.*version "\(.*\)"/JAX-WS RI \1/'`,
		command: []string{"sh", "run.sh"},
	},
	{
		name: "gsoap", packages: "gsoap libgsoap-dev libssl-dev g++", slow: true,
		tools: []string{"wsdl2h", "soapcpp2", "c++"},
		probe: `printf '#include <stdsoap2.h>\n#include <openssl/hmac.h>\n' | c++ -x c++ -E - >/dev/null &&
			wsdl2h -V 2>&1 | sed -n '1s/^/gSOAP /p'`,
		command: []string{"sh", "run.sh"},
	},
}

const (
	deadline    = 5 * time.Minute // compiling takes a few seconds of a machine that has nothing else to do
	exitSkipped = 77              // of a script whose packages cannot be had
)

func TestForeignClients(t *testing.T) {
	t.Parallel()
	soapSuite.test(t)
}

func TestForeignClients_gateway(t *testing.T) {
	t.Parallel()
	gatewaySuite.test(t)
}

func TestForeignClients_formerHost(t *testing.T) {
	t.Parallel()
	formerHostSuite.test(t)
}

func TestRESTClients(t *testing.T) {
	t.Parallel()
	restSuite.test(t)
}

// test runs each client against a server of its own: they write, and the limit on calls is
// shared by all users of a server.
func (s *suite) test(t *testing.T) {
	results := make([]result, len(s.clients))
	t.Run("clients", func(t *testing.T) {
		for i, c := range s.clients {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				results[i] = c.test(t, s)
			})
		}
	})
	t.Logf("\n%s", s.table(results))
}

// test runs the client and fails unless it printed ok for each check.
func (c foreign) test(t *testing.T, s *suite) result {
	switch {
	case c.slow && testing.Short():
		t.Skip("takes long: leave out -short")
	case s.gateway && (c.name != "php" || s.host != "") && !*full:
		t.Skip("waits for the limits of the REST API: -interop.full")
	}
	version := c.version(t)
	if s.host != "" {
		c.command = withHost(t, s.host, c)
	}
	settings := serve(t, s.settings, s.flags...)
	if s.gateway {
		rest := slices.DeleteFunc(settings, func(s string) bool { return !strings.HasPrefix(s, "MKTOWS_REST_ENDPOINT=") })
		settings = launch(t, soapSuite.settings, rest, "gateway", "--demo", "--addr", "127.0.0.1:0")
	}
	if s.host != "" {
		for i, setting := range settings {
			settings[i] = strings.Replace(setting, "//127.0.0.1:", "//"+s.host+":", 1)
		}
	}
	out, err := c.run(t, settings)
	r := readResult(out)
	r.version = version
	for _, problem := range r.problems(s.checks) {
		t.Error(problem)
	}
	if err != nil {
		t.Errorf("the client ended with: %v", err)
	}
	return r
}

// withHost returns the command of a client in a mount namespace in which a name means this machine, so that the client
// needs no change for it. It skips the test where there may be none.
func withHost(t *testing.T, name string, c foreign) []string {
	t.Helper()
	hosts := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(hosts, []byte("127.0.0.1 localhost "+name+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	prefix := []string{"unshare", "--map-root-user", "--mount", "sh", "-c", `mount --bind "$0" /etc/hosts && exec "$@"`, hosts}
	if out, err := exec.CommandContext(t.Context(), prefix[0], append(prefix[1:len(prefix):len(prefix)], "true")...).CombinedOutput(); err != nil {
		t.Skipf("a name cannot be made to mean this machine, which takes a mount namespace: %v\n%s", err, out)
	}
	return append(prefix, c.command...)
}

// version skips the test if a tool is missing.
func (c foreign) version(t *testing.T) string {
	t.Helper()
	for _, tool := range c.tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("not installed: apt-get install %s (%v)", c.packages, err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", c.probe)
	cmd.Dir = c.folder(t)
	out, err := cmd.CombinedOutput()
	version := strings.TrimSpace(string(out))
	if err != nil || version == "" {
		t.Skipf("not installed: apt-get install %s (%v)\n%s", c.packages, err, out)
	}
	return version
}

// run runs the script in a folder of its own and returns its standard output.
func (c foreign) run(t *testing.T, settings []string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	last := len(c.command) - 1
	args := append(c.command[1:last:last], filepath.Join(c.folder(t), c.command[last]))
	cmd := exec.CommandContext(ctx, c.command[0], args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), settings...)
	cmd.Env = append(cmd.Env, c.values()...)
	cmd.WaitDelay = 10 * time.Second // for what a script has started
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == exitSkipped {
		t.Skipf("its packages cannot be had:\n%s", stderr.String())
	}
	if err != nil && stderr.Len() > 0 {
		t.Logf("standard error:\n%s", stderr.String())
	}
	return stdout.String(), err
}

func (c foreign) folder(t *testing.T) string {
	t.Helper()
	name := c.name
	if c.module != "" {
		name = "rest"
	}
	folder, err := filepath.Abs(filepath.Join("..", "..", "..", "testdata", "interop", name))
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// values are what scripts need to know of the demonstration data.
func (c foreign) values() []string {
	return []string{
		fmt.Sprintf("MKTOWS_TEST_HISTORY_LEAD=%d", simulator.DemoHistoryLeadID),
		fmt.Sprintf("MKTOWS_TEST_HISTORY_COUNT=%d", historyCount),
		"MKTOWS_TEST_LIST=" + listName,
		"MKTOWS_TEST_MODULE=" + c.module,
		"MKTOWS_TEST_EMAIL=zoe." + c.name + "@example.com",
		"LC_ALL=C.UTF-8",
		"NO_PROXY=127.0.0.1," + formerHost, "no_proxy=127.0.0.1," + formerHost,
	}
}

// result is what a script has printed.
type result struct {
	version string // empty: the client was skipped
	passed  map[string]bool
	failed  []string // lines
	strange []string // lines that are neither ok nor fail, or repeat a name
}

// readResult reads lines of the form "ok NAME" or "fail NAME: what happened".
func readResult(out string) result {
	r := result{passed: make(map[string]bool)}
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		verdict, name, _ := strings.Cut(line, " ")
		switch {
		case verdict == "fail":
			r.failed = append(r.failed, line)
		case verdict == "ok" && !r.passed[name]:
			r.passed[name] = true
		default:
			r.strange = append(r.strange, line)
		}
	}
	return r
}

// problems are all reasons not to count the client as passed.
func (r *result) problems(want []string) []string {
	problems := append([]string(nil), r.failed...)
	for _, line := range r.strange {
		problems = append(problems, fmt.Sprintf("printed %q, want ok NAME or fail NAME: …, each name once", line))
	}
	known := 0
	for _, name := range want {
		if r.passed[name] {
			known++
		}
	}
	if missing := len(want) - known; missing > 0 {
		problems = append(problems, fmt.Sprintf("%d of %d checks not passed", missing, len(want)))
	}
	if others := len(r.passed) - known; others > 0 {
		problems = append(problems, fmt.Sprintf("passed %d checks that nobody knows", others))
	}
	return problems
}

// table shows who passed what.
func (s *suite) table(results []result) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprint(w, "check")
	for _, c := range s.clients {
		fmt.Fprint(w, "\t", c.name)
	}
	for _, check := range s.checks {
		fmt.Fprint(w, "\n", check)
		for _, r := range results {
			fmt.Fprint(w, "\t", r.cell(check))
		}
	}
	fmt.Fprint(w, "\n")
	_ = w.Flush() // a strings.Builder takes everything
	for i, r := range results {
		if r.version != "" {
			fmt.Fprintf(&b, "%s: %s\n", s.clients[i].name, r.version)
		}
	}
	return b.String()
}

func (r *result) cell(check string) string {
	switch {
	case r.version == "":
		return "skipped"
	case r.passed[check]:
		return "ok"
	}
	return "FAIL"
}

// TestResult guards the guard: a client that says nothing has not passed.
func TestResult(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		out  string
		want int // problems
	}{
		{"ok a\nok b\n", 0},
		{"ok b\r\nok a", 0},
		{"", 1},
		{"ok a\n", 1},
		{"ok a\nfail b: no\n", 2},
		{"ok a\nok a\nok b\n", 1},
		{"ok a\nok b\nok c\n", 1},
		{"ok a\nok b\nWarning: c\n", 1},
	} {
		r := readResult(c.out)
		if got := r.problems([]string{"a", "b"}); len(got) != c.want {
			t.Errorf("%q: problems %q, want %d", c.out, got, c.want)
		}
	}
}
