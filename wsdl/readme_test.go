package wsdl_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/wsdl"
)

// A document that is changed gets a new line in the README: who embeds or serves it can tell which it is.
func TestReadme_checksums(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `mktows_(.+)\\.wsdl` \\|.*\\| `([0-9a-f]*)` \\|$").FindAllStringSubmatch(string(readme), -1) {
		got[m[1]] = m[2]
	}
	want := map[string]string{}
	for _, version := range wsdl.Versions() {
		want[version] = fmt.Sprintf("%x", sha256.Sum256(document(t, version)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("README.md is not up to date (-files +README.md):\n%s", diff)
	}
}
