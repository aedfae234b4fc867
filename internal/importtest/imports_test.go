package importtest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/mktows/mktows-go/"

// mayImport lists, for each package, the packages of this module that it may import
// directly. An arrow never points upward: gen knows nobody, operations does not know
// client.
var mayImport = map[string]string{
	"wsdl":              "",
	"fault":             "",
	"auth":              "",
	"auth/secureaccess": "auth",
	"gen":               "internal/soapxml",
	"client":            "auth fault gen internal/envelope internal/limit internal/soapxml",
	"operations":        "fault gen internal/paging",
	"server":            "auth fault gen internal/envelope internal/limit internal/soapxml wsdl",
	"simulator":         "fault gen",
	"server/admin":      "fault gen internal/clock server simulator",
	"mktowstest":        "auth client fault gen internal/clock operations server simulator",
	"internal/soapxml":  "",
	"internal/clock":    "",
	"internal/limit":    "",
	"internal/paging":   "fault",
	"internal/envelope": "fault gen internal/soapxml",
}

// mayLink lists the modules that a program links when it imports a light package.
var mayLink = map[string]string{
	"client":            "github.com/cenkalti/backoff/v4",
	"operations":        "",
	"simulator":         "",
	"server":            "",
	"gen":               "",
	"auth":              "",
	"auth/secureaccess": "golang.org/x/time",
	"fault":             "",
}

func list(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Fields(string(out))
}

func TestArrowsPointDown(t *testing.T) {
	t.Parallel()
	for pkg, allowed := range mayImport {
		for _, path := range list(t, "-f", `{{join .Imports "\n"}}`, module+pkg) {
			name, ours := strings.CutPrefix(path, module)
			if ours && !slices.Contains(strings.Fields(allowed), name) {
				t.Errorf("%s imports %s", pkg, name)
			}
		}
	}
}

func TestLightPackagesLinkLittle(t *testing.T) {
	t.Parallel()
	for pkg, allowed := range mayLink {
		for _, path := range list(t, "-deps", "-f", `{{with .Module}}{{.Path}}{{end}}`, module+pkg) {
			if path+"/" != module && !slices.Contains(strings.Fields(allowed), path) {
				t.Errorf("%s links %s", pkg, path)
			}
		}
	}
}

// TestProductionDoesNotTest keeps package testing out of programs: its flags and its
// weight belong to tests.
func TestProductionDoesNotTest(t *testing.T) {
	t.Parallel()
	for _, pkg := range []string{"client", "operations", "server", "server/admin", "simulator", "cmd/mktows"} {
		if slices.Contains(list(t, "-deps", module+pkg), "testing") {
			t.Errorf("%s links package testing", pkg)
		}
	}
}
