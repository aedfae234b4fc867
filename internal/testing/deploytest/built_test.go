package deploytest

import (
	"archive/tar"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

var built = flag.String("deploy.built", "", "the folder with the image and the packages that make has built; default: they are not tested")

// artifact returns the path of the only file that make has built by this pattern.
func artifact(t *testing.T, pattern string) string {
	t.Helper()
	if *built == "" {
		t.Skip("make deploy-test builds it")
	}
	found, err := filepath.Glob(filepath.Join(*built, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s in %s: %q, %v", pattern, *built, found, err)
	}
	return found[0]
}

// unpack unpacks the only layer of an image.
func unpack(t *testing.T, image, folder string) {
	t.Helper()
	var saved []struct {
		Layers []string `yaml:"Layers"`
	}
	if err := yaml.Unmarshal(member(t, image, "manifest.json"), &saved); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("tar", "xz", "-C", folder)
	command.Stdin = strings.NewReader(string(member(t, image, saved[0].Layers[0])))
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// member returns a file of an archive.
func member(t *testing.T, archive, name string) []byte {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read
	in := tar.NewReader(file)
	for {
		h, err := in.Next()
		if err != nil {
			t.Fatalf("%s in %s: %v", name, archive, err)
		}
		if h.Name == name {
			text, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
	}
}

// isolated runs a script of testdata in namespaces of its own, as only root may, and returns what it prints.
func isolated(t *testing.T, namespaces []string, script string, args ...string) string {
	t.Helper()
	return isolatedCommand(t, namespaces, append([]string{"sh", filepath.Join("testdata", script)}, args...)...)
}

// isolatedCommand is isolated for any program. One that ends before it has printed "mounted" could not begin, and skips the test.
func isolatedCommand(t *testing.T, namespaces []string, command ...string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("it has to be run as root")
	}
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		t.Skip("unshare is not installed")
	}
	out, err := exec.CommandContext(t.Context(), unshare, append(namespaces, command...)...).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "mounted\n") {
		t.Skipf("there are no file systems of its own here: %v: %s", err, out)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// The image answers a program in PHP as the compose file runs it: not root, and with nothing that it could write.
func TestImage_runs(t *testing.T) {
	t.Parallel()
	image := artifact(t, "mktows-gateway_*.tar")
	root, configuration, scratch := t.TempDir(), t.TempDir(), t.TempDir()
	unpack(t, image, root)
	for _, name := range []string{"gateway.yaml", "key"} {
		text := string(readFile(t, filepath.Join(deploy, "compose", "demo", name)))
		put(t, filepath.Join(configuration, name), []byte(strings.Replace(text, "{postgres: {file: state}}", "{memory: true}", 1))) // there is no database
	}
	for _, folder := range []string{root, configuration, scratch} {
		openFolder(t, folder)
	}
	out := isolated(t, []string{"--mount", "--net"}, "container.sh", root, configuration, filepath.Join(deploy, "compose", "client.php"), scratch)
	if !strings.Contains(out, "\nok\n") || !strings.Contains(out, "lead@example.com") || !strings.HasSuffix(out, "ended\n") {
		t.Errorf("it prints\n%s", out)
	}
}

// openFolder lets other users into a folder and those of the test around it.
func openFolder(t *testing.T, folder string) {
	t.Helper()
	for ; folder != filepath.Clean(os.TempDir()) && folder != "/"; folder = filepath.Dir(folder) {
		if err := os.Chmod(folder, 0o755); err != nil { //nolint:gosec // nothing in it is secret
			t.Fatal(err)
		}
	}
}

// The Debian package is installed, starts nothing, has a user who alone can read its secrets, and goes without a trace of a program.
func TestPackage_isInstalledAndRuns(t *testing.T) {
	t.Parallel()
	deb := artifact(t, "mktows_*.deb")
	if _, err := exec.LookPath("dpkg"); err != nil {
		t.Skip("dpkg is not installed")
	}
	out := isolated(t, []string{"--mount"}, "install.sh", deb, t.TempDir())
	for _, want := range []string{
		"root:mktows 640 /etc/mktows/gateway.yaml\n", "root:mktows 750 /etc/mktows/secrets\n", "gateway.yaml:14: tenants[0].key: ",
		"nothing is wrong with it; tenants: 1\n", "\nok\n", "\npurged\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not print %q:\n%s", want, out)
		}
	}
}

func TestPackage_satisfiesLintian(t *testing.T) {
	t.Parallel()
	deb := artifact(t, "mktows_*.deb")
	lintian, err := exec.LookPath("lintian")
	if err != nil {
		t.Skip("lintian is not installed")
	}
	out, err := exec.Command(lintian, "--allow-root", "--fail-on", "error", deb).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// The archive of the Debian package has the configuration as one that upgrades leave alone; the one for RPM has the same files.
func TestPackages_holdTheSame(t *testing.T) {
	t.Parallel()
	deb, rpm := artifact(t, "mktows_*.deb"), artifact(t, "mktows-*.rpm")
	for _, name := range []string{"dpkg-deb", "rpm"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	listed := func(args ...string) string {
		out, err := exec.Command(args[0], args[1:]...).Output()
		if err != nil {
			t.Fatalf("%q: %v", args, err)
		}
		return string(out)
	}
	if conffiles := listed("dpkg-deb", "-I", deb, "conffiles"); conffiles != "/etc/mktows/gateway.yaml\n" {
		t.Errorf("upgrades leave alone %q", conffiles)
	}
	contents := listed("dpkg-deb", "-c", deb)
	for path := range strings.Lines(listed("rpm", "-qpl", rpm)) {
		path = strings.Replace(strings.TrimSpace(path), "/zsh/site-functions/", "/zsh/vendor-completions/", 1) // each looks elsewhere
		if !strings.Contains(contents, "."+path) {
			t.Errorf("the Debian package has no %s:\n%s", path, contents)
		}
	}
}
