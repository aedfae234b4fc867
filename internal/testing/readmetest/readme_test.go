package readmetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var target = regexp.MustCompile("(?:^|\n|`)make ([a-z-]+)")

func TestPages_makeTargetsExist(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range pages(t) {
		for _, m := range target.FindAllStringSubmatch(p.text, -1) {
			if !strings.Contains(string(makefile), "\n"+m[1]+":") {
				t.Errorf("%s names make %s, which the Makefile does not have", name, m[1])
			}
		}
	}
}

var treeLine = regexp.MustCompile(`(?m)^( *)([A-Za-z_0-9-]+/)+ +\S`)

// folders are the folders of the tree in docs/ARCHITECTURE.md: each line names one, indented below its parent.
func folders(t *testing.T) map[string]bool {
	t.Helper()
	_, rest, ok := strings.Cut(pages(t)["docs/ARCHITECTURE.md"].text, "```text\n")
	tree, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("docs/ARCHITECTURE.md has no tree of the folders")
	}
	found := map[string]bool{}
	var parents []string
	for line := range strings.Lines(tree) {
		if !treeLine.MatchString(line) {
			t.Fatalf("not a folder and what lives there: %q", line)
		}
		name := strings.TrimLeft(line, " ")
		depth := (len(line) - len(name)) / 2
		name, _, _ = strings.Cut(name, " ")
		if depth > len(parents) {
			t.Fatalf("%q is indented below nothing", line)
		}
		parents = append(parents[:depth], strings.TrimSuffix(name, "/"))
		found[strings.Join(parents, "/")] = true
	}
	return found
}

// TestTree_isThatOfTheCode holds the tree to the folders that have Go code, and the other way round.
func TestTree_isThatOfTheCode(t *testing.T) {
	t.Parallel()
	listed := folders(t)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (name == "testdata" || strings.HasPrefix(name, ".") || name == "bin") {
			return filepath.SkipDir
		}
		folder, _ := filepath.Rel(root, filepath.Dir(path))
		folder = filepath.ToSlash(folder)
		if strings.HasSuffix(path, ".go") && folder != "." && !strings.HasPrefix(folder, "examples/") && !listed[folder] {
			t.Errorf("docs/ARCHITECTURE.md does not say what lives in %s", folder)
			listed[folder] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder := range listed {
		if info, err := os.Stat(filepath.Join(root, folder)); err != nil || !info.IsDir() {
			t.Errorf("docs/ARCHITECTURE.md names %s, which is no folder", folder)
		}
	}
}
