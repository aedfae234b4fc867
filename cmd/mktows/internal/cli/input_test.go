package cli

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// blocked is an input that nobody writes to. It tells of the first Read.
type blocked struct {
	*io.PipeReader

	reading chan struct{}
}

func newBlocked(t *testing.T) *blocked {
	t.Helper()
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() }) // lets go of what still reads
	return &blocked{r, make(chan struct{})}
}

func (b *blocked) Read(p []byte) (int, error) {
	select {
	case <-b.reading:
	default:
		close(b.reading)
	}
	return b.PipeReader.Read(p)
}

// patience is longer than anything here takes that works.
const patience = time.Minute

// runBlocked runs the program on an input that never comes, and fails if it waits for it.
func runBlocked(ctx context.Context, t *testing.T, in io.Reader, args ...string) result {
	t.Helper()
	ended := make(chan result, 1)
	go func() {
		var stdout, stderr strings.Builder
		code := Run(ctx, args, settingsFor("http://localhost:1/2_7").getenv, in, &stdout, &stderr)
		ended <- result{code, stdout.String(), stderr.String()}
	}()
	select {
	case r := <-ended:
		return r
	case <-time.After(patience):
		t.Fatalf("mktows %q waits for its input", args)
		return result{}
	}
}

// readers are commands that read standard input.
func readers() map[string][]string {
	return map[string][]string{
		"call":          {"call"},
		"call dry":      {"call", "-", "--dry-run"},
		"lead sync":     {"lead", "sync", "--format", "csv", "-"},
		"lead sync dry": {"lead", "sync", "--format", "jsonl", "--dry-run"},
		"list add":      {"list", "add", "Newsletter", "--from", "-"},
		"list check":    {"list", "check", "Newsletter", "--from", "-"},
		"list import":   {"list", "import", "--program", "P", "--list", "L"},
		"object sync":   {"object", "sync", "--operation", "upsert"},
		"custom sync":   {"custom", "sync", "Device", "--key", "A", "--operation", "upsert", "--format", "csv"},
		"custom delete": {"custom", "delete", "Device", "--from", "-", "--format", "csv"},
		"campaign":      {"campaign", "request", "7", "--from", "-"},
	}
}

func TestInput_interrupted(t *testing.T) {
	t.Parallel()
	for name, args := range readers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			in := newBlocked(t)
			go func() { <-in.reading; cancel() }()
			r := runBlocked(ctx, t, in, args...)
			if r != (result{exit.Interrupted, "", "mktows: interrupted\n"}) {
				t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
			}
		})
	}
}

func TestInput_timeout(t *testing.T) {
	t.Parallel()
	for name, args := range readers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := runBlocked(t.Context(), t, newBlocked(t), append(args, "--timeout", "20ms")...)
			if r != (result{exit.Service, "", "mktows: --timeout of 20ms is over, and standard input has not ended\n"}) {
				t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
			}
		})
	}
}

// late comes only after the interrupt, and then has all that was asked for.
type late struct {
	io.Reader

	interrupt func()
}

func (l late) Read(p []byte) (int, error) {
	l.interrupt()
	return l.Reader.Read(p)
}

// TestInput_late: who has interrupted a command wants nothing done with what comes then.
func TestInput_late(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	in := late{strings.NewReader(request(readRequest)), cancel}
	r := runBlocked(ctx, t, in, "call", "--dry-run")
	if r != (result{exit.Interrupted, "", "mktows: interrupted\n"}) {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
}
