package cli

import (
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/secureaccess"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

// brokenWriter takes some bytes and then fails.
type brokenWriter struct {
	room int
	err  error
}

func (w *brokenWriter) Write(p []byte) (int, error) {
	n := min(w.room, len(p))
	w.room -= n
	if n < len(p) {
		return n, w.err
	}
	return n, nil
}

// TestOutput_fails: every form of output notices that it cannot be written. A pipe whose
// reader has gone is no reason for words.
func TestOutput_fails(t *testing.T) {
	t.Parallel()
	env := environment{settings.VarUserID: testUser, settings.VarSecretKey: testKey, secureaccess.VarAccessKey: "k", secureaccess.VarAccessSecret: "example-secret"}
	commands := []string{
		"activity 318820 --demo", "activity 318815 --demo -o json", "activity 318820 --demo -o jsonl",
		"activity 318820 --demo -o csv", "activity 318815 --demo --type Wait -o csv", "activity 318815 --demo --type Wait", "sign", "sign -o json", "sign -o xml",
		"operations", "operations -o json", "version", "serve --addr 127.0.0.1:0", "call --dry-run",
		"lead get 318815 --demo", "lead get 318815 --demo -o json", "lead list --list Newsletter --demo", "lead list --key 318815 --demo -o jsonl",
		"lead list --key 318815 --fields Company --demo -o csv", "lead merge 318818 318819 --demo", "lead merge 318818 318819 --dry-run --demo",
		"changes --since 2015-11-01 --demo --limit 3", "list add Newsletter 318816 --demo", "list check Newsletter 318816 --demo -o csv",
		"campaign list --demo", "campaign request 1201 318815 --demo", "campaign request 1201 318815 --demo --dry-run", "object types --demo",
		"object describe LeadRecord --demo", "object get Opportunity --demo -o json", "program tags --demo", "program channels --demo -o json",
		"sync plan --since 2015-01-01 --window 8760h --to none.db --demo", "sync plan --since 2015-01-01 --window 8760h --to none.db --demo -o json",
		"secure-access openapi", "secure-access sign --email a@example.com --uuid 1", "secure-access sign --email a@example.com --uuid 1 -o json",
	}
	for _, command := range commands {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			for err, want := range map[error]int{io.ErrShortWrite: exit.Other, syscall.EPIPE: exit.Pipe} {
				var stderr strings.Builder
				stdin := strings.NewReader(request(readRequest))
				code := Run(t.Context(), strings.Fields(command), env.getenv, stdin, &brokenWriter{7, err}, &stderr)
				told := strings.Count(stderr.String(), "the output cannot be written")
				if code != want || (want == exit.Other) != (told == 1) || told > 1 {
					t.Errorf("%v: exit code %d, want %d: %s", err, code, want, &stderr)
				}
			}
		})
	}
}

// TestRun_noArguments: cobra would look at the arguments of the test binary.
func TestRun_noArguments(t *testing.T) {
	t.Parallel()
	if r := run(t, nil, ""); r.code != exit.OK || !strings.HasPrefix(r.stdout, "mktows gets data from Marketo") {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
}
