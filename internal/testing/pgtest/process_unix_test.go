//go:build unix

package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// alive reports whether a process runs. One that has ended can stay for a while, until its
// adoptive parent asks for it.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return syscall.Kill(pid, 0) == nil && (err != nil || !strings.Contains(string(stat), ") Z "))
}

func TestReachable(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "mktows-pgtest-") //nolint:usetesting // TempDir has another mode
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	inner := filepath.Join(dir, "inner")
	if err := os.Mkdir(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	if reachable(inner) {
		t.Error("a folder in one of mode 0700 is reachable")
	}
	if reachable(filepath.Join(dir, "missing")) {
		t.Error("a missing folder is reachable")
	}
	if !reachable("/") {
		t.Error("the root is not reachable")
	}
}
