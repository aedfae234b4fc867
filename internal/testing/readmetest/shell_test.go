package readmetest

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// outside are the programs that need something which a test has not: a network, root, a container engine, a cluster. Lines that begin with
// them are not run.
var outside = map[string]string{
	"docker":    "needs a container engine, which deploytest does without",
	"VERSION=0": "needs a container engine", // docker follows
	"kubectl":   "needs a cluster",
	"helm":      "needs a cluster; deploytest renders the chart",
	"dpkg":      "needs root; deploytest installs the package",
	"apt":       "needs root and a network",
	"systemctl": "needs root; deploytest starts the unit",
	"editor":    "is for a person",
	"install":   "needs root",
	"go":        "needs the module proxy, or is run by the tests of the package that it names",
	"git":       "needs a network",
	"psql":      "needs a database; sqlstore runs the queries",
	"make":      "runs tests and builds of its own; TestPages_makeTargetsExist knows the targets",
}

// endless are commands that do not end by themselves, ask on the terminal, take minutes, or need a database or an instance. They are asked for help, with all their
// flags and arguments: a flag that there is none of fails.
var endless = regexp.MustCompile(`…|postgres://| --every| --source bulk|sync worker|sync reset|secure-access serve|mktows gateway gateway\.yaml|--live|gateway compare|curl -N`)

// copying are commands that would copy an instance, or know whose a copy is. They copy the simulator in the command, which has no limits to wait for, with a few
// calls.
var copying = regexp.MustCompile(`^mktows (?:sync (run|verify)|activity .*--copy) [^#]*`)

// servers are the commands that a page starts in a terminal of its own.
var servers = regexp.MustCompile(`^(?:bin/)?mktows (serve|gateway) (--demo.*?|--scenario.*?)(?: *#.*)?$`)

// script is what a page has people type, made ready to be run.
type script struct {
	servers []string // their arguments
	text    string   // for bash
}

// comment is what stands behind a command.
var comment = regexp.MustCompile(` +# .*`)

// commandsOf returns the lines that pages have people type, without comments.
func commandsOf(pages []page) map[string]bool {
	all := map[string]bool{}
	for _, p := range pages {
		for _, b := range p.of("sh") {
			for line := range strings.Lines(b.code) {
				all[comment.ReplaceAllString(strings.TrimSpace(line), "")] = true
			}
		}
	}
	return all
}

// shell makes one script of all blocks of a page, since one builds on the other. It leaves out the commands that are run elsewhere.
func shell(p page, elsewhere map[string]bool) (s script) {
	skipped := false // the line before, which this one may continue
	for _, b := range p.of("sh") {
		for line := range strings.Lines(b.code) {
			line = strings.TrimRight(line, "\n")
			word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			word, _, _ = strings.Cut(word, ".")
			started := servers.FindStringSubmatch(line)
			switch {
			case elsewhere[comment.ReplaceAllString(line, "")]:
			case skipped || outside[word] != "":
				skipped = strings.HasSuffix(line, `\`)
			case started != nil:
				if server := started[1] + " " + started[2]; !slices.Contains(s.servers, server) { // a page may show it in several sections
					s.servers = append(s.servers, server)
				}
			case endless.MatchString(line):
				s.text += "help " + line + "\n"
			case copying.MatchString(line) && !strings.Contains(line, "--demo"):
				few := map[string]string{"run": "--window 696h"}[copying.FindStringSubmatch(line)[1]]
				s.text += copying.FindString(line) + " --demo " + few + "\n"
			default:
				s.text += line + "\n"
			}
		}
	}
	return s
}

func TestShell(t *testing.T) {
	t.Parallel()
	s := shell(newPage("a.md", "```sh\nmake x\ndocker a \\\n  b\nmktows serve --demo --rest   # stands\nmktows serve --demo --rest\nmktows sync run --every 15m --to a.db\nls \\\n  -l\nmktows help\n```\n"), map[string]bool{"mktows help": true})
	if len(s.servers) != 1 || s.servers[0] != "serve --demo --rest" || s.text != "help mktows sync run --every 15m --to a.db\nls \\\n  -l\n" {
		t.Errorf("%+v", s)
	}
}

// build builds the command line into a folder, without the race detector.
func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", filepath.Join(dir, "mktows"), "github.com/mktows/mktows-go/cmd/mktows").CombinedOutput()
	if err != nil {
		t.Fatalf("mktows cannot be built: %v\n%s", err, out)
	}
	return dir
}

// prelude defines help, which asks a command for help in place of running it.
const prelude = "set -euo pipefail\nhelp() { \"$@\" --help >/dev/null; }\n"

// TestPages_commandsRun runs what the pages have people type, and looks for the output that they show.
func TestPages_commandsRun(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the command line")
	}
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("install %s", program)
		}
	}
	bin := build(t)
	var others []page // than the front page, which repeats what they have
	for _, p := range pages(t) {
		if p.name != "README.md" {
			others = append(others, p)
		}
	}
	t.Run("pages", func(t *testing.T) {
		for _, p := range pages(t) {
			if len(p.of("sh")) > 0 && unowned[p.name+" sh"] == "" {
				t.Run(strings.ReplaceAll(p.name, "/", " "), func(t *testing.T) {
					t.Parallel()
					var elsewhere map[string]bool
					if p.name == "README.md" {
						elsewhere = commandsOf(others)
					}
					runPage(t, bin, p, elsewhere)
				})
			}
		}
	})
}

// folder has the files that commands name.
var folder = map[string]string{
	".curlrc":     "silent\nfail-with-body\n",
	"soap.key":    "example-key",
	"rest.secret": "example-secret",
	"secret.txt":  "example-secret",
	"gateway.yaml": "listeners: [{address: 127.0.0.1:8090}]\ntenants: [{userID: example_user, key: {file: soap.key}, rest: {endpoint: 'https://example.com/rest', " +
		"clientID: example, clientSecret: {file: rest.secret}}}]\n",
}

// runPage runs the commands of a page in a folder that has the files which they name, beside servers with the demonstration data.
func runPage(t *testing.T, bin string, p page, elsewhere map[string]bool) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range folder {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := shell(p, elsewhere)
	if len(s.servers) == 0 {
		s.servers = []string{"serve --demo"}
	}
	env := []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + os.TempDir(), "GOMAXPROCS=1", "GOGC=400"}
	var hosts []string // of the page, and those that are there
	for _, args := range s.servers {
		printed, moved := launch(t, filepath.Join(bin, "mktows"), dir, env, strings.Fields(args))
		env, hosts = append(env, printed...), append(hosts, moved...)
	}
	here := strings.NewReplacer(append(hosts, "bin/mktows", "mktows", "/etc/mktows", dir)...)
	out := runIn(t, dir, env, "bash", "-c", prelude+here.Replace(s.text))
	for _, b := range p.of("php") {
		if isProgram(b) && exec.Command("php", "-r", "exit(class_exists('SoapClient') ? 0 : 1);").Run() == nil {
			out += runIn(t, dir, env, "php", file(t, "program.php", here.Replace(b.code)))
		}
	}
	for _, b := range p.of("text") {
		if p.name != "docs/ARCHITECTURE.md" && p.name != sqlPage && !strings.Contains(out, b.code) {
			t.Errorf("%s:%d: the commands of the page do not print this:\n%s\nbut\n%s", p.name, b.line, b.code, out)
		}
	}
}

// runIn runs a program and returns what it prints; the test fails if the program does.
func runIn(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, env, time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v\n%s\n%s\n%s", name, err, args[len(args)-1], stdout.String(), stderr.String())
	}
	return stdout.String()
}

var (
	listening = regexp.MustCompile(`^export MKTOWS_ENDPOINT=http://([^/]+)/`)
	admin     = regexp.MustCompile(`^# administration: http://([^/]+)/`)
	lastLine  = map[string]string{"serve": "# administration: ", "gateway": "export MKTOWS_ENDPOINT="} // that is needed
)

// launch starts a server of a page on free ports. It returns the settings that it prints, and each address on the page with the one in its place.
func launch(t *testing.T, program, dir string, env, args []string) (printed, hosts []string) {
	t.Helper()
	command, port := args[0], map[string]string{"serve": "127.0.0.1:8080", "gateway": "127.0.0.1:8090"}[args[0]]
	adminPort := "127.0.0.1:8081"
	args = append(args, "--addr", "127.0.0.1:0")
	if command == "serve" {
		args = append(args, "--admin", "127.0.0.1:0") // the last one counts
	}
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = dir, env
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, rest := bufio.NewScanner(stdout), make(chan struct{})
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // a shell's background job ignores the other one
		<-rest
		if err := cmd.Wait(); err != nil {
			t.Errorf("mktows %v: %v", args, err)
		}
	})
	defer func() {
		go func() {
			defer close(rest)
			for lines.Scan() { // whatever else it prints
			}
		}()
	}()
	for lines.Scan() {
		line := lines.Text()
		if m := listening.FindStringSubmatch(line); m != nil {
			hosts = append(hosts, port, m[1])
		}
		if m := admin.FindStringSubmatch(line); m != nil {
			hosts = append(hosts, adminPort, m[1])
		}
		if setting, is := strings.CutPrefix(line, "export "); is {
			printed = append(printed, setting)
		}
		if strings.Contains(line, lastLine[command]) {
			return printed, hosts
		}
	}
	t.Fatal(fmt.Errorf("mktows %v ended before it was ready", args))
	return nil, nil
}
