//go:build unix

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/secureaccess"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

// fifo makes a FIFO.
func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo.csv")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	return path
}

// TestInput_signal: one signal ends the program where it reads a FIFO that nothing comes from.
func TestInput_signal(t *testing.T) {
	t.Parallel()
	const file = "FIFO"
	tests := []struct {
		name   string
		env    environment // beside or instead of what a call needs
		args   []string
		signal os.Signal
	}{
		{"call", nil, []string{"call", file}, os.Interrupt},
		{"call, SIGTERM", nil, []string{"call", file}, syscall.SIGTERM},
		{"records", nil, []string{"lead", "sync", file}, os.Interrupt},
		{"secret of a call", environment{settings.VarSecretKey: "", settings.VarSecretKey + "_FILE": file}, []string{"activity", "318815"}, os.Interrupt},
		{"secret of sign", environment{settings.VarSecretKey: "", settings.VarSecretKey + "_FILE": file}, []string{"sign"}, os.Interrupt},
		{"secret of serve", environment{settings.VarSecretKey: "", settings.VarSecretKey + "_FILE": file}, []string{"serve", "--addr", "127.0.0.1:0"}, syscall.SIGTERM},
		{"scenario", nil, []string{"serve", "--addr", "127.0.0.1:0", "--scenario", file}, os.Interrupt},
		{"access secret", environment{secureaccess.VarAccessKey: "example-key", secureaccess.VarAccessSecret + "_FILE": file},
			[]string{"secure-access", "sign", "--email", "a@example.com", "--uuid", "u"}, os.Interrupt},
		{"tokens", environment{secureaccess.VarAccessKey: "example-key", secureaccess.VarAccessSecret: "example-secret"},
			[]string{"secure-access", "serve", "--addr", "127.0.0.1:0", "--tokens", file}, os.Interrupt},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := fifo(t)
			env := settingsFor("http://localhost:1/2_7")
			for name, value := range test.env {
				env[name] = strings.ReplaceAll(value, file, path)
			}
			args := append([]string{}, test.args...)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], file, path)
			}
			signalReader(t, path, env, test.signal, args...)
		})
	}
}

// signalReader sends a signal as soon as the program has opened a FIFO.
func signalReader(t *testing.T, path string, env environment, signal os.Signal, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "mktows", args...)
	cmd.Env = env.environ()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w, err := os.OpenFile(path, os.O_WRONLY, 0) // waits for the reader
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close() //nolint:errcheck // nothing was written
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	killed := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer killed.Stop()
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exit.Interrupted || stderr.String() != "mktows: interrupted\n" {
		t.Errorf("exit code %d, want %d: %s", code, exit.Interrupted, &stderr)
	}
}

// TestInput_noWriter: opening a FIFO waits as reading it does.
func TestInput_noWriter(t *testing.T) {
	t.Parallel()
	path := fifo(t)
	r := runBlocked(t.Context(), t, strings.NewReader(""), "call", path, "--timeout", "20ms")
	w, err := os.OpenFile(path, os.O_WRONLY, 0) // lets go of what still waits
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	if want := "mktows: --timeout of 20ms is over, and " + path + " has not ended\n"; r != (result{exit.Service, "", want}) {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
}
