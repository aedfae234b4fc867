package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bashCompletion is the library that completion in bash needs.
const bashCompletion = "/usr/share/bash-completion/bash_completion"

// day is what a user types. What completes is ended by a tab, of which two show all that is possible.
var day = []string{
	"mktows help lead",
	"mktows activity 318815 --demo",
	"mktows lead list --list Newsletter --demo",
	"mktows lead get 999 --demo",
	"mktows doctor --demo",
	"mktows sync status --to leads.db",
	". <(mktows completion bash)",
	"mktows lead list --output \t",
	"csv --demo --key 318815 --fields Company,LeadScore",
}

// TestTerminal shows what a user sees in a day, in terminals of three widths.
func TestTerminal(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"tmux", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	if _, err := os.Stat(bashCompletion); err != nil {
		t.Skip(err)
	}
	folder := filepath.Dir(copiedLead(t))
	for _, width := range []string{"60", "100", "200"} {
		t.Run(width, func(t *testing.T) {
			t.Parallel()
			term := newTerminal(t, folder, width)
			for _, line := range day {
				term.enter(line)
			}
			got := steady(term.screen())
			golden := filepath.Join("testdata", "terminal", width+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("-update writes %s anew (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// terminal is a shell in a window of tmux.
type terminal struct {
	t      *testing.T
	socket string
	env    []string
}

// newTerminal opens a window in which bash runs in a folder.
func newTerminal(t *testing.T, folder, width string) *terminal {
	t.Helper()
	env := environment{"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HOME": folder, "INPUTRC": os.DevNull}
	dir := t.TempDir()
	settings := ". " + bashCompletion + "\nPS1='$ '\nunset HISTFILE\n"
	if err := os.WriteFile(filepath.Join(dir, "bashrc"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	term := &terminal{t, filepath.Join(dir, "tmux"), env.environ()}
	term.tmux("-f", os.DevNull, "new-session", "-d", "-x", width, "-y", "50", "-c", folder, "bash --rcfile "+filepath.Join(dir, "bashrc"))
	t.Cleanup(func() { term.tmux("kill-server") })
	term.await(1, "$")
	return term
}

// tmux runs a command of tmux and returns what it prints.
func (m *terminal) tmux(args ...string) string {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(m.t.Context()), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tmux", append([]string{"-u", "-S", m.socket}, args...)...)
	cmd.Env = m.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

// enter types a line and waits for its end: for the next prompt or, of one that ends in a tab, until bash has shown the
// possibilities and the line once more below them. What is typed before bash shows its prompt would be shown twice.
func (m *terminal) enter(line string) {
	m.t.Helper()
	before := prompts(m.screen())
	text, completes := strings.CutSuffix(line, "\t")
	m.tmux("send-keys", "-l", text)
	if completes {
		m.tmux("send-keys", "Tab", "Tab")
		m.await(before+1, "$ "+strings.TrimSpace(text))
		return
	}
	m.tmux("send-keys", "Enter")
	m.await(before+1, "$")
}

// prompts counts the lines that begin with a prompt.
func prompts(screen string) int { return strings.Count("\n"+screen, "\n$") }

// await waits until the screen has so many prompts and ends with a line.
func (m *terminal) await(n int, last string) {
	m.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		screen := "\n" + strings.TrimRight(m.screen(), "\n")
		if prompts(screen) == n && strings.HasSuffix(screen, "\n"+last) {
			return
		}
		if time.Now().After(end) {
			m.t.Fatalf("waited for prompt %d and %q:%s", n, last, screen)
		}
	}
}

// screen returns all that was printed.
func (m *terminal) screen() string {
	m.t.Helper()
	return m.tmux("capture-pane", "-p", "-S", "-", "-E", "-")
}

var (
	lately   = regexp.MustCompile(`20(2[6-9]|[3-9]\d)-[0-9 :-]*`)
	took     = regexp.MustCompile(` +\d+s\b`)
	quickly  = regexp.MustCompile(`in \d+m?s$`)
	portUsed = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	digits   = regexp.MustCompile(`\d`)
)

// steady replaces what differs from run to run: times of today, durations and ports. Whatever is replaced keeps its
// width.
func steady(screen string) string {
	lines := strings.Split(strings.TrimRight(screen, "\n $"), "\n")
	for i, line := range lines {
		line = lately.ReplaceAllStringFunc(line, func(at string) string { return digits.ReplaceAllString(at, "0") })
		line = took.ReplaceAllStringFunc(line, func(s string) string { return strings.Repeat(" ", len(s)-2) + "0s" })
		line = quickly.ReplaceAllString(line, "in 0ms")
		lines[i] = portUsed.ReplaceAllString(line, "127.0.0.1:00000")
	}
	return strings.Join(lines, "\n") + "\n"
}
