package interop

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/wsdl"
)

// validator validates envelopes of one version with libxml2.
type validator struct {
	folder string // holds the schema
}

// newValidator skips the test where xmllint is not installed.
func newValidator(t *testing.T, v gen.Version) validator {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skipf("not installed: apt-get install libxml2-utils (%v)", err)
	}
	folder := t.TempDir()
	write(t, filepath.Join(folder, "contract.xsd"), contractSchema(t, v))
	for _, name := range []string{"envelope.xsd", "service.xsd"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, name), text)
	}
	return validator{folder}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// contractSchema takes the schema out of the WSDL of a version. The prefixes that are
// bound around it come with it.
func contractSchema(t *testing.T, v gen.Version) []byte {
	t.Helper()
	text, err := wsdl.Document(v.String())
	if err != nil {
		t.Fatal(err)
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(text); err != nil {
		t.Fatal(err)
	}
	schemas := doc.FindElements("/wsdl:definitions/wsdl:types/xs:schema")
	if len(schemas) != 1 {
		t.Fatalf("the WSDL of %s holds %d schemas, want 1", v, len(schemas))
	}
	alone := etree.NewDocument()
	alone.SetRoot(schemas[0].Copy())
	for _, a := range doc.Root().Attr {
		if a.Space == "xmlns" {
			alone.Root().CreateAttr("xmlns:"+a.Key, a.Value)
		}
	}
	out, err := alone.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// refused validates documents, by name, and returns what xmllint says of those that are
// not valid. All are checked in one run: the schema is read once.
func (v validator) refused(t *testing.T, docs map[string][]byte) map[string]string {
	t.Helper()
	folder := t.TempDir()
	args := []string{"--noout", "--nonet", "--schema", filepath.Join(v.folder, "envelope.xsd")}
	for name, doc := range docs {
		write(t, filepath.Join(folder, name), doc)
		args = append(args, name)
	}
	cmd := exec.CommandContext(t.Context(), "xmllint", args...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	// 1: not well-formed, 3 and 4: not valid.
	if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || exit.ExitCode() == 2 || exit.ExitCode() > 4) {
		t.Fatalf("xmllint: %v\n%s", err, clip(out))
	}
	refused := make(map[string]string)
	for name := range docs {
		if !bytes.Contains(out, []byte(name+" validates\n")) {
			refused[name] = about(out, name)
		}
	}
	if len(refused) == 0 != (err == nil) {
		t.Fatalf("xmllint: %v, yet %d documents are refused\n%s", err, len(refused), clip(out))
	}
	return refused
}

// about returns the lines of a report that are about one document.
func about(report []byte, name string) string {
	var b strings.Builder
	for line := range strings.Lines(string(report)) {
		if strings.HasPrefix(line, name+":") || strings.HasPrefix(line, name+" ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func clip(text []byte) string {
	const enough = 4 << 10
	if len(text) > enough {
		return fmt.Sprintf("%s… (%d more bytes)", text[:enough], len(text)-enough)
	}
	return string(text)
}

// requireValid fails the test for each document that is not valid.
func (v validator) requireValid(t *testing.T, docs map[string][]byte) {
	t.Helper()
	for name, reason := range v.refused(t, docs) {
		t.Errorf("%s\n%s", reason, clip(docs[name]))
	}
}
