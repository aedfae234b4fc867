package importtest

import (
	"slices"
	"strings"
	"testing"
)

// TestRequestsAreLookedAt wants each test binary that can make a bridge to link what compares its requests with the
// description of the API. The examples do not: they are as users write them, and those of the REST API are beside the
// packages.
func TestRequestsAreLookedAt(t *testing.T) {
	t.Parallel()
	const bridge, looks = module + "bridge/internal/rest", module + "internal/testing/wiretest"
	found := 0
	for line := range strings.Lines(listed(t, "-test", "-f", `{{.ImportPath}}>{{join .Deps ">"}}`, module+"...")) {
		links := strings.Split(strings.TrimSpace(line), ">")
		for i := range links {
			links[i], _, _ = strings.Cut(links[i], " [") // a variant of a package for one test
		}
		example := strings.HasPrefix(links[0], module+"examples/")
		if example || !strings.HasSuffix(links[0], ".test") || !slices.Contains(links, bridge) {
			continue
		}
		found++
		if !slices.Contains(links, looks) {
			t.Errorf("the tests of %s can make a bridge: import %s in one of them, without a name", strings.TrimSuffix(links[0], ".test"), looks)
		}
	}
	if found == 0 {
		t.Error("no test makes a bridge, so that nothing was shown")
	}
}
