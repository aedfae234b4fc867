package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/gen"
)

// TestListCheck_batches: 300 keys go in one call, and the next one in another.
func TestListCheck_batches(t *testing.T) {
	t.Parallel()
	for n, calls := range map[int]int{1: 1, 300: 1, 301: 2} {
		s := newServer(t)
		var keys strings.Builder
		for i := range n {
			fmt.Fprintln(&keys, 318815+i)
		}
		r := run(t, settingsFor(s.URL()), keys.String(), "list", "check", "Newsletter", "--from", "-", "-o", "csv")
		if r.code != exit.OK || strings.Count(r.stdout, "IDNUM:") != n {
			t.Errorf("%d keys: exit code %d: %s", n, r.code, r.stderr)
		}
		s.RequireCalls(t, "listOperation", calls)
	}
}

// TestListImport_advised: more rows than are advised are imported, with a warning.
func TestListImport_advised(t *testing.T) {
	t.Parallel()
	for n, warning := range map[int]string{300: "", 301: "standard input has 301 rows, more than the 300 that are advised"} {
		rows := "Email Address\n" + strings.Repeat("a@example.com\n", n)
		r := run(t, settingsFor("http://127.0.0.1:1/soap/mktows/2_7"), rows, "list", "import", "--program", "P", "--list", "L", "--dry-run")
		if warned := strings.Contains(r.stderr, "warning"); r.code != exit.OK || !strings.Contains(r.stderr, warning) || warned != (warning != "") {
			t.Errorf("%d rows: exit code %d: %s", n, r.code, r.stderr)
		}
		if got := strings.Count(r.stdout, "<stringItem>"); got != n {
			t.Errorf("%d rows of %d are sent", got, n)
		}
	}
}

// TestCustomSync_empty: an empty value in CSV leaves a field as it is; in JSON Lines it empties it, and null
// leaves it.
func TestCustomSync_empty(t *testing.T) {
	t.Parallel()
	tests := []struct {
		form, input string
		want        []string // names of the attributes that are sent
	}{
		{"csv", "SerialNumber,Model,LeadId\nSN-1,,7\n", []string{"LeadId"}},
		{"jsonl", `{"SerialNumber":"SN-1","Model":"","LeadId":7}`, []string{"Model", "LeadId"}},
		{"jsonl", `{"SerialNumber":"SN-1","Model":null,"LeadId":7}`, []string{"LeadId"}},
	}
	for _, test := range tests {
		s := newServer(t)
		run(t, settingsFor(s.URL()), test.input, "custom", "sync", "Device", "--key", "SerialNumber", "--operation", "upsert", "--format", test.form)
		in := s.Exchanges("syncCustomObjects")[0].Request.(*gen.ParamsSyncCustomObjects)
		var got []string
		for _, at := range in.CustomObjList.CustomObj[0].CustomObjAttributeList.Value.Attribute {
			got = append(got, at.AttrName)
		}
		if strings.Join(got, " ") != strings.Join(test.want, " ") {
			t.Errorf("%s %s: %q are sent, want %q", test.form, test.input, got, test.want)
		}
	}
}

// TestCustomGet_columns: a key that is asked for as a field too has one column.
func TestCustomGet_columns(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := run(t, settingsFor(s.URL()), "", "custom", "get", "Device", "--key", "LeadId=318815", "--fields", "SerialNumber,Model", "-o", "csv")
	if r.code != exit.OK || !strings.HasPrefix(r.stdout, "SerialNumber,Model\r\nSN-1001,Pump 40\r\n") {
		t.Errorf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
}

// TestSecretFile_open: a key that others can read is warned of, whoever they are.
func TestSecretFile_open(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("permissions mean something else there")
	}
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o660: true, 0o610: true} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte("example-key\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		r := run(t, environment{settings.VarUserID: "example_user", settings.VarSecretKey + "_FILE": path}, "", "sign")
		if got := strings.Contains(r.stderr, "chmod 600"); r.code != exit.OK || got != warned {
			t.Errorf("%o: exit code %d, warned %t: %s", mode, r.code, got, r.stderr)
		}
	}
}

// TestDryRun_version: without an endpoint a request is written for the version that most instances have.
func TestDryRun_version(t *testing.T) {
	t.Parallel()
	args := []string{"campaign", "schedule", "--program", "P", "--campaign", "C", "--clone-to", "X", "--dry-run"}
	for endpoint, code := range map[string]int{
		"": exit.Invalid, "https://example.com/soap/mktows/2_7/": exit.Invalid, "https://example.com/soap/mktows/3_1": exit.OK, "https://example.com/soap/mktows/3_1//": exit.OK,
	} {
		r := run(t, settingsFor(endpoint), "", args...)
		if r.code != code || strings.Contains(r.stdout, "<cloneToProgramName>X<") != (code == exit.OK) {
			t.Errorf("%s: exit code %d, want %d: %s%s", endpoint, r.code, code, r.stdout, r.stderr)
		}
	}
}
