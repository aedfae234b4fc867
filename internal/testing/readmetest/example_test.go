package readmetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var example = regexp.MustCompile(`(?m)^func Example`)

// TestExamples: every package that others may import shows its first use, compiled.
func TestExamples(t *testing.T) {
	t.Parallel()
	packages, shown := map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch name := d.Name(); {
			case path == root:
				return nil
			case strings.HasPrefix(name, "."), name == "testdata", name == "internal", name == "cmd", name == "examples", name == "bin":
				return fs.SkipDir
			}
			return nil
		}
		dir := filepath.Dir(path)
		switch {
		case strings.HasSuffix(path, "_test.go"):
			code, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			shown[dir] = shown[dir] || example.Match(code)
		case strings.HasSuffix(path, ".go"):
			packages[dir] = true
		}
		return nil
	})
	if err != nil || len(packages) < 20 {
		t.Fatalf("%d packages, %v", len(packages), err)
	}
	for dir := range packages {
		if !shown[dir] {
			t.Errorf("%s has no Example", dir)
		}
	}
}
