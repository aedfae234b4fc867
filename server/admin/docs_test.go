package admin_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// The page about tests has every path with its methods, and no other.
func TestDocs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	doc, err := openapi3.NewLoader().LoadFromData(b.ask("GET", "/openapi.json", "").Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for path, item := range doc.Paths.Map() {
		var methods []string
		for method := range item.Operations() {
			methods = append(methods, method)
		}
		slices.Sort(methods)
		want = append(want, fmt.Sprintf("| `%s` | %s |", path, strings.Join(methods, ", ")))
	}
	for _, line := range want {
		if !strings.Contains(string(page), line) {
			t.Errorf("docs/testing.md lacks %s", line)
		}
	}
	if n := strings.Count(string(page), "\n| `/"); n != len(want) {
		t.Errorf("docs/testing.md has %d paths, and there are %d", n, len(want))
	}
	for _, p := range doc.Paths.Find("/journal").Get.Parameters {
		if !strings.Contains(string(page), p.Value.Name) {
			t.Errorf("docs/testing.md lacks the parameter %s", p.Value.Name)
		}
	}
}
