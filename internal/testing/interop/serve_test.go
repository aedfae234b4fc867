package interop

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mktows/mktows-go/simulator"
)

// What the demonstration data has.
const (
	historyCount = 3600 // activities of simulator.DemoHistoryLeadID
	listName     = simulator.DemoList
)

// program builds the command line, once for all tests, and returns its path. TestMain removes it.
var program = sync.OnceValues(func() (path string, err error) {
	if programDir, err = os.MkdirTemp("", "mktows-interop-"); err != nil {
		return "", err
	}
	path = filepath.Join(programDir, "mktows")
	cmd := exec.Command("go", "build", "-o", path, "github.com/mktows/mktows-go/cmd/mktows")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})

var programDir string

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(programDir)
	os.Exit(code)
}

// serve starts the mock server as a user does, on a free port, and returns the first settings
// that it prints as shell exports, in the form of an environment. The address of its
// administration, if the flags ask for one, is among them.
func serve(t *testing.T, count int, flags ...string) []string {
	t.Helper()
	return launch(t, count, nil, append([]string{"serve", "--demo", "--addr", "127.0.0.1:0"}, flags...)...)
}

// launch starts a command that serves, with the given settings and no others.
func launch(t *testing.T, count int, settings []string, args ...string) []string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatalf("mktows cannot be built: %v", err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, settings...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	rest := make(chan struct{}) // closed when all of the output was read
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-rest
		if err := cmd.Wait(); err != nil {
			t.Errorf("mktows %s ended with: %v\n%s", args[0], err, stderr.String())
		}
	})
	var printed []string
	lines := bufio.NewScanner(stdout)
	for len(printed) < count && lines.Scan() {
		if admin, ok := strings.CutPrefix(lines.Text(), "# administration: "); ok {
			printed = append(printed, "MKTOWS_TEST_ADMIN="+admin)
		}
		if setting, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			printed = append(printed, setting)
		}
	}
	go func() {
		defer close(rest)
		_, _ = io.Copy(io.Discard, stdout)
	}()
	if len(printed) < count {
		t.Fatalf("mktows %s ended before it was ready", args[0]) // the cleanup says why
	}
	return printed
}
