package cli

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/secureaccess"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

// process is the program running as a server of its own process.
type process struct {
	cmd    *exec.Cmd
	out    *bufio.Reader
	stderr *strings.Builder
	ready  string   // its first line
	rest   []string // as many more as were asked for
}

// start runs the program and waits for its first lines.
func start(t *testing.T, env environment, lines int, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(t.Context(), "mktows", args...), stderr: new(strings.Builder)}
	p.cmd.Env = env.environ()
	p.cmd.Stderr = p.stderr
	p.cmd.WaitDelay = 10 * time.Second
	pipe, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	p.out = bufio.NewReader(pipe)
	p.ready = p.line(t)
	for range lines - 1 {
		p.rest = append(p.rest, p.line(t))
	}
	return p
}

func (p *process) line(t *testing.T) string {
	t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		_ = p.cmd.Wait()
		t.Fatalf("%v: %s", err, p.stderr)
	}
	return strings.TrimSuffix(line, "\n")
}

// stop sends a signal and returns what was printed after the lines that start has read. The
// program has to end with exit code 0.
func (p *process) stop(t *testing.T, signal os.Signal) string {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(p.out)
	if err != nil {
		t.Error(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, p.stderr)
	}
	return string(rest)
}

// exports reads the variables that the lines set.
func (p *process) exports() environment {
	env := make(environment)
	for _, line := range p.rest {
		if name, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "="); ok && strings.HasPrefix(line, "export ") {
			env[name] = strings.Trim(value, "'")
		}
	}
	return env
}

var readyLine = regexp.MustCompile(`^# mktows serve: listening on http://127\.0\.0\.1:[1-9]\d*/soap/mktows/2_7 \(contract: \?WSDL\)$`)

// TestServe starts a server, does what its lines say, and ends it with a signal.
func TestServe(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	tests := []struct {
		name   string
		env    environment
		signal os.Signal
		user   string // the line about the user
		key    string // the line about the key
	}{
		{"placeholders", nil, os.Interrupt, "export MKTOWS_USER_ID=example_user", "export MKTOWS_SECRET_KEY=example-key"},
		{"environment", environment{settings.VarUserID: "it's me", settings.VarSecretKey: testKey}, syscall.SIGTERM, `export MKTOWS_USER_ID='it'\''s me'`, "# MKTOWS_SECRET_KEY is the one of this server's environment"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, test.env, 4, "serve", "--addr", "127.0.0.1:0", "--demo", "-v")
			if !readyLine.MatchString(p.ready) {
				t.Errorf("the first line is %q", p.ready)
			}
			if p.rest[1] != test.user || p.rest[2] != test.key {
				t.Errorf("printed %q, want %q and %q", p.rest, test.user, test.key)
			}
			client := p.exports()
			if test.env != nil {
				client[settings.VarUserID], client[settings.VarSecretKey] = test.env[settings.VarUserID], test.env[settings.VarSecretKey]
			}
			if r := run(t, client, "", "activity", "318815", "-o", "jsonl", "--type", "NewLead"); !strings.Contains(r.stdout, `"id":12025714`) {
				t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
			}
			contract(t, client[settings.VarEndpoint])
			if rest := p.stop(t, test.signal); rest != "" {
				t.Errorf("printed more: %s", rest)
			}
			if !strings.Contains(p.stderr.String(), "op=getLeadActivity") {
				t.Errorf("-v logged %s", p.stderr)
			}
		})
	}
}

// contract asks for the WSDL, as old clients do at their start.
func contract(t *testing.T, endpoint string) {
	t.Helper()
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint+"?WSDL", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(text), `location="`+endpoint+`"`) {
		t.Errorf("the contract does not name %s: %v", endpoint, err)
	}
}

// TestServe_inUse: two servers cannot have one address.
func TestServe_inUse(t *testing.T) {
	t.Parallel()
	p := start(t, nil, 4, "serve", "--addr", "127.0.0.1:0")
	defer p.stop(t, os.Interrupt)
	addr := strings.TrimPrefix(strings.TrimSuffix(p.exports()[settings.VarEndpoint], demo.EndpointPath), "http://")
	r := run(t, nil, "", "serve", "--addr", addr)
	if r.code != exit.Other || !strings.Contains(r.stderr, "address already in use\nmktows: choose another address with --addr") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
}

// TestServe_remote: with a key of its own, or when told to, the server is open to others.
func TestServe_remote(t *testing.T) {
	t.Parallel()
	tests := map[string]*process{
		"own key": start(t, environment{settings.VarUserID: testUser, settings.VarSecretKey: testKey}, 4, "serve", "--addr", ":0", "--demo"),
		"told to": start(t, nil, 4, "serve", "--addr", "0.0.0.0:0", "--allow-remote"),
	}
	for name, p := range tests {
		if !strings.HasPrefix(p.exports()[settings.VarEndpoint], "http://localhost:") {
			t.Errorf("%s: %q", name, p.exports())
		}
		p.stop(t, os.Interrupt)
	}
}

// TestSecureAccessServe asks as an app does.
func TestSecureAccessServe(t *testing.T) {
	t.Parallel()
	tokens := t.TempDir() + "/tokens.txt"
	if err := os.WriteFile(tokens, []byte("# who is who\nexample-token-of-ann ann@example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := environment{secureaccess.VarAccessKey: "example-key", secureaccess.VarAccessSecret: "example-secret"}
	p := start(t, env, 2, "secure-access", "serve", "--addr", "127.0.0.1:0", "--tokens", tokens, "-v")
	_, url, _ := strings.Cut(p.ready, "listening on ")

	status, answer := askForSignature(t, url, "example-token-of-ann")
	if status != http.StatusOK || !strings.Contains(answer, `"email":"ann@example.com"`) || !strings.Contains(answer, `"accessKey":"example-key"`) {
		t.Errorf("HTTP %d: %s", status, answer)
	}
	if status, answer := askForSignature(t, url, "example-token-of-bob"); status != http.StatusUnauthorized {
		t.Errorf("HTTP %d: %s", status, answer)
	}
	p.stop(t, os.Interrupt)
	for _, secret := range []string{"example-secret", "example-token-of-ann"} {
		if strings.Contains(p.stderr.String(), secret) {
			t.Errorf("%s is in the log: %s", secret, p.stderr)
		}
	}
	if !strings.Contains(p.stderr.String(), "refused") {
		t.Errorf("-v logged %s", p.stderr)
	}
}

// TestSecureAccessServe_change: the access secret changes while it serves, at a signal, and its log says so without a secret.
func TestSecureAccessServe_change(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("tokens", "example-token-of-ann ann@example.com\n")
	write("secrets", "old-key example-old-secret\n")
	cmd := exec.CommandContext(t.Context(), "mktows", "secure-access", "serve", "--addr", "127.0.0.1:0", "--tokens", "tokens", "--secrets", "secrets")
	cmd.Env, cmd.Dir = environment{}.environ(), dir
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := func(r *bufio.Reader) string {
		t.Helper()
		text, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(text)
	}
	out, log := bufio.NewReader(stdout), bufio.NewReader(stderr)
	_, url, _ := strings.Cut(line(out), "listening on ")
	logged := ""
	until := func(part string) {
		t.Helper()
		for !strings.Contains(logged, part) {
			logged += line(log) + "\n"
		}
	}
	until("the access secrets were read")
	if _, answer := askForSignature(t, url, "example-token-of-ann"); !strings.Contains(answer, `"accessKey":"old-key"`) {
		t.Error(answer)
	}
	write("next", "new-key example-new-secret from=2026-01-01T00:00:00Z\nold-key example-old-secret until=2026-01-02T00:00:00Z\n")
	if err := os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "secrets")); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	until("access_key=new-key")
	if _, answer := askForSignature(t, url, "example-token-of-ann"); !strings.Contains(answer, `"accessKey":"new-key"`) {
		t.Error(answer)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(log)
	_ = cmd.Wait()
	logged += string(rest)
	if strings.Count(logged, "the access secrets were read") < 2 || strings.Contains(logged, "-secret ") || strings.Contains(logged, "example-") {
		t.Errorf("the log: %s", logged)
	}
}

func askForSignature(t *testing.T, url, token string) (status int, answer string) {
	t.Helper()
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("deviceId=device-7"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// TestInterrupted_process: SIGINT through the whole program, as a person at a terminal
// sends it.
func TestInterrupted_process(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	arrived := make(chan struct{})
	s := newServer(t)
	s.Inject(ruleThat(arrived))
	cmd := exec.CommandContext(t.Context(), "mktows", "activity", "318815")
	cmd.Env = settingsFor(s.URL()).environ()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-arrived
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exit.Interrupted || stderr.String() != "mktows: interrupted\n" {
		t.Errorf("exit code %d, want %d: %s", code, exit.Interrupted, &stderr)
	}
}
