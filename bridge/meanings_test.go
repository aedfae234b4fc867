package bridge

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// The codes that mean something else in some operations, all of them, and none besides.
func TestMeanings(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("testdata/meanings.tsv")
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]int)
	for line := range strings.Lines(string(doc)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		want, err := strconv.Atoi(c[2])
		if err != nil || len(c) != 3 || gen.OperationByName(c[0]) == nil {
			t.Fatalf("bad line %q: %v", line, err)
		}
		listed[c[0]]++
		code := fault.RESTCode(1099) // one that has no row of its own
		if c[1] != "other" {
			code = fault.ReadRESTCode(c[1])
		}
		if got := meaningOf(c[0], code); got != fault.Code(want) {
			t.Errorf("%s: %d is %d, want %d", c[0], code, got, want)
		}
	}
	for operation, codes := range meanings {
		if len(codes) != listed[operation] {
			t.Errorf("%s has %d codes, of which %d are listed", operation, len(codes), listed[operation])
		}
	}
	if got := meaningOf("getLead", 1099); got != 0 {
		t.Errorf("getLead has a meaning of its own: %d", got)
	}
}
