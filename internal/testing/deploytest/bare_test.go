package deploytest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// bareDebian returns the folder of a Debian that has little but what every Debian has, with man and the completion of bash. It is made
// once and kept outside of the repository, since that takes a minute and a network.
func bareDebian(t *testing.T) string {
	t.Helper()
	debootstrap, err := exec.LookPath("debootstrap")
	if err != nil {
		t.Skip("debootstrap is not installed")
	}
	caches, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	kept := filepath.Join(caches, "mktows-go", "debian-bookworm-"+runtime.GOARCH)
	if _, err := os.Stat(kept); err == nil {
		return kept
	}
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil { //nolint:gosec // it is a system
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(kept), "fresh-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(fresh) })  // what was not finished
	if err := os.Chmod(fresh, 0o755); err != nil { //nolint:gosec // likewise
		t.Fatal(err)
	}
	out := isolatedCommand(t, []string{"--mount"}, "sh", "-c", "echo mounted; exec \"$@\"", "sh",
		debootstrap, "--variant=minbase", "--include=man-db,bash-completion,ca-certificates", "bookworm", fresh)
	if err := os.Rename(fresh, kept); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return kept
}

// What the first minute with the package is like: installed, tried, completed, read about and served.
func TestPackage_onBareDebian(t *testing.T) {
	t.Parallel()
	deb := artifact(t, "mktows_*.deb")
	if os.Getuid() != 0 {
		t.Skip("it has to be run as root")
	}
	out := isolated(t, []string{"--mount", "--net", "--pid", "--fork", "--kill-child"}, "bare.sh", deb, bareDebian(t))
	for _, want := range []string{
		`\nmktows \S+ .*go1\.\S+ linux/`, `\nTIME +TYPE`, `\ncompleted: activity`, `\ncompleted: json`, `\nMKTOWS\(1\) .*MKTOWS\(1\)\n`,
		`--demo.*\n`, `\n +130 +interrupted`, `\nHTTP/1\.0 200 OK\r?\n`, `(?i)\ncontent-type: (text/html|application/json)`, `tenants\[0\]`, `\ndone in \d+ seconds\n$`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("it does not print %s", want)
		}
	}
	if t.Failed() {
		t.Logf("it prints\n%s", out)
	}
	t.Log(strings.TrimSpace(out[strings.LastIndex(out[:max(0, len(out)-1)], "\n")+1:]))
}
