package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/mktows/mktows-go/cmd/mktows/internal/secureaccess"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/cmd/mktows/internal/sync"
	"github.com/mktows/mktows-go/internal/testing/wiretest"
)

var update = flag.Bool("update", false, "write the expectations in the scripts anew")

// The pair that the mock servers of these tests know: not the placeholders, which
// serve may print.
const (
	testUser = "example_user_2"
	testKey  = "another-example-key"
)

// TestMain makes the test binary the program itself where it is called mktows, and what runs
// the commands of a script where it is called mktows-server.
func TestMain(m *testing.M) {
	testscript.Main(leakChecked{m}, map[string]func(){
		"mktows":        func() { os.Exit(guardedMain()) },
		"mktows-server": serveCommands,
	})
}

// quickExit is for GORACE: the race detector makes each process wait a second at its end.
const quickExit = "atexit_sleep_ms=0"

// environ is the environment of a process of the program.
func (e environment) environ() []string {
	env := append(wiretest.Environ(), "PATH="+os.Getenv("PATH"), "GOCOVERDIR="+os.Getenv("GOCOVERDIR"), "GORACE="+quickExit)
	for name, value := range e {
		env = append(env, name+"="+value)
	}
	return env
}

// leakChecked fails when tests have left goroutines behind.
type leakChecked struct{ *testing.M }

func (m leakChecked) Run() int {
	code := m.M.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// exitLeak is what a run of the program ends with if it has printed a secret.
const exitLeak = 99

// guardedMain is main with an eye on the output: whatever a test runs, with whatever
// outcome, no secret may be in it.
func guardedMain() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return guarded(ctx, os.Args[1:], os.Stdin, standardOutput(), os.Stderr)
}

// guarded runs a command line with an eye on what it prints.
func guarded(ctx context.Context, args []string, stdin, stdout, stderr *os.File) int {
	sync.LineEvery, sync.PlanPatience = time.Hour, time.Hour // how fast the machine is says nothing of the program
	var printed strings.Builder
	code := Run(ctx, args, os.Getenv, stdin, copied{stdout, &printed}, io.MultiWriter(stderr, &printed))
	if found := leaked(args, os.Getenv, printed.String()); found != "" {
		fmt.Fprintln(stderr, "LEAKED:", found)
		return exitLeak
	}
	return code
}

// copied is a file of which a copy is kept.
type copied struct {
	*os.File
	copy io.Writer
}

// Write implements io.Writer.
func (c copied) Write(p []byte) (int, error) {
	_, _ = c.copy.Write(p) // a Builder takes everything
	return c.File.Write(p)
}

// standardOutput is the terminal that a script has attached with ttyin, if it says so by ON_TERMINAL.
func standardOutput() *os.File {
	if os.Getenv("ON_TERMINAL") == "" {
		return os.Stdout
	}
	tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	return tty
}

var digest = regexp.MustCompile(`[0-9a-f]{40}`)

// leaked names the kind of secret that is in the output of a run.
func leaked(args []string, getenv func(string) string, printed string) string {
	for _, name := range []string{settings.VarSecretKey, settings.VarClientSecret, secureaccess.VarAccessSecret} {
		secret := getenv(name)
		file := getenv(name + "_FILE")
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			file = "" // a FIFO gives what is in it once
		}
		if text, err := os.ReadFile(file); err == nil {
			secret = strings.TrimSpace(string(text))
		}
		if len(secret) > 3 && strings.Contains(printed, secret) {
			return name
		}
	}
	asked := slices.Contains(args, "sign") || slices.Contains(args, "--show-signature")
	if digest.MatchString(printed) && !asked {
		return "a signature"
	}
	return ""
}

// result is what a run of the program in this process came to.
type result struct {
	code           int
	stdout, stderr string
}

// environment is what getenv reads.
type environment map[string]string

func (e environment) getenv(name string) string { return e[name] }

// run runs the program in this process.
func run(t *testing.T, env environment, stdin string, args ...string) result {
	t.Helper()
	return runContext(t.Context(), t, env, stdin, args...)
}

func runContext(ctx context.Context, t *testing.T, env environment, stdin string, args ...string) result {
	t.Helper()
	var stdout, stderr strings.Builder
	code := Run(ctx, args, env.getenv, strings.NewReader(stdin), &stdout, &stderr)
	if found := leaked(args, env.getenv, stdout.String()+stderr.String()); found != "" {
		t.Errorf("mktows %q printed %s:\n%s%s", args, found, &stdout, &stderr)
	}
	return result{code, stdout.String(), stderr.String()}
}

// settingsFor is the environment for a mock server of these tests.
func settingsFor(url string) environment {
	return environment{settings.VarEndpoint: url, settings.VarUserID: testUser, settings.VarSecretKey: testKey}
}
