package deploytest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/mktows/mktows-go/gateway"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
)

// deploy is the folder of what is tested, from here.
const deploy = "../../../deploy/"

// check holds a configuration to the rules of the gateway, with a secret in each file that it names.
func check(t *testing.T, text []byte) *gateway.Config {
	t.Helper()
	folder := t.TempDir()
	for _, m := range regexp.MustCompile(`file: *([^} \n]+)`).FindAllSubmatch(text, -1) {
		put(t, filepath.Join(folder, string(m[1])), []byte("postgres://placeholder@localhost/placeholder"))
	}
	path := filepath.Join(folder, "gateway.yaml")
	put(t, path, gaps.ReplaceAll(text, []byte("filled-in")))
	c, err := gateway.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.New(c); err != nil {
		t.Fatal(err)
	}
	return c
}

// gaps are what an operator fills in.
var gaps = regexp.MustCompile(`USER-ID-OF-THE-OLD-PROGRAM|CLIENT-ID|ACCOUNT`)

// A configuration whose gaps are not filled in is refused, with the line of each.
func TestConfigurations_haveToBeFilledIn(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"package/gateway.yaml", "compose/config/gateway.yaml"} {
		c, err := gateway.Load(deploy + path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = gateway.New(c); err == nil || strings.Count(err.Error(), "fill it in") != 3 {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func put(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // as packages and containers lay it: secrets are files of their own
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A configuration that is handed out is right once its gaps are filled, and has health where health checks ask for it.
func TestConfigurations_areRight(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"package/gateway.yaml", "compose/config/gateway.yaml", "compose/demo/gateway.yaml"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if c := check(t, readFile(t, deploy+path)); c.Admin != "127.0.0.1:8091" {
				t.Errorf("health checks ask 127.0.0.1:8091, and admin is %s", c.Admin)
			}
		})
	}
}

// service is what this test looks at of a service of the compose file.
type service struct {
	Image       string         `yaml:"image"`
	ReadOnly    bool           `yaml:"read_only"`
	CapDrop     []string       `yaml:"cap_drop"`
	Profiles    []string       `yaml:"profiles"`
	Ports       []string       `yaml:"ports"`
	Secrets     []string       `yaml:"secrets"`
	DependsOn   map[string]any `yaml:"depends_on"`
	HealthCheck map[string]any `yaml:"healthcheck"`
}

func TestCompose(t *testing.T) {
	t.Parallel()
	var file struct {
		Services map[string]service           `yaml:"services"`
		Secrets  map[string]map[string]string `yaml:"secrets"`
	}
	if err := yaml.Unmarshal(readFile(t, deploy+"compose/compose.yaml"), &file); err != nil {
		t.Fatal(err)
	}
	for name, s := range file.Services {
		for _, secret := range s.Secrets {
			if file.Secrets[secret] == nil {
				t.Errorf("%s has the secret %s, which there is not", name, secret)
			}
		}
		for other := range s.DependsOn {
			if _, known := file.Services[other]; !known {
				t.Errorf("%s depends on %s, which there is not", name, other)
			}
		}
		if strings.HasPrefix(s.Image, "mktows") && (!s.ReadOnly || len(s.CapDrop) != 1) {
			t.Errorf("%s may write its root file system, or has rights that it does not need", name)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is open to other machines at %s, in plain", name, port)
			}
		}
		if demo := name == "marketo" || name == "php"; demo != (len(s.Profiles) == 1) {
			t.Errorf("%s has the profiles %q", name, s.Profiles)
		}
	}
	if len(file.Services) != 4 || file.Services["gateway"].HealthCheck == nil {
		t.Errorf("the services: %v", file.Services)
	}
	for line := range strings.Lines(string(readFile(t, deploy+"compose/demo.env"))) {
		if _, value, _ := strings.Cut(strings.TrimSpace(line), "="); strings.HasPrefix(value, "./") {
			if _, err := os.Stat(filepath.Join(deploy, "compose", value)); err != nil {
				t.Errorf("the demonstration needs %s: %v", value, err)
			}
		}
	}
}

// systemd takes the unit as it is, and finds it well shut off.
func TestUnit(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	unit := filepath.Join(t.TempDir(), "mktows-gateway.service")
	program, err := exec.LookPath("true")
	if err != nil {
		t.Skip("there is no program to stand for ours")
	}
	put(t, unit, []byte(strings.ReplaceAll(string(readFile(t, deploy+"package/mktows-gateway.service")), "/usr/bin/mktows", program)))
	for _, args := range [][]string{{"verify", "--man=no", unit}, {"security", "--offline=true", "--threshold=20", unit}} {
		out, err := exec.Command(analyze, args...).CombinedOutput()
		if err != nil && strings.Contains(string(out), "nrecognized option") {
			t.Skipf("this systemd is too old for %q", args)
		}
		if err != nil || strings.Contains(string(out), "nknown key") {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
}
