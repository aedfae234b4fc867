package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// TestReport_interrupted: a signal leaves the page as it was, and nothing beside it.
func TestReport_interrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	copyAt, page := filepath.Join(dir, "leads.db"), filepath.Join(dir, "page.html")
	if r := run(t, environment{}, "", "sync", "run", "--demo", "--since", "2011-01-01", "--to", copyAt); r.code != exit.OK {
		t.Fatal(r.stderr)
	}
	if err := os.WriteFile(page, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := filesIn(t, dir)
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	if r := runContext(ctx, t, environment{}, "", "report", copyAt, "-o", page); r.code != exit.Interrupted {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	if text, err := os.ReadFile(page); err != nil || string(text) != "old" || !slices.Equal(filesIn(t, dir), before) {
		t.Errorf("%q, %v; there are %q, want %q", text, err, filesIn(t, dir), before)
	}
}
