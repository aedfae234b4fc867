package readmetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../../.."

// goCode returns the code of all Go files, each line without its indentation.
func goCode(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		data, err := os.ReadFile(path)
		files = append(files, unindent(string(data)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func unindent(code string) string {
	lines := strings.Split(strings.TrimSpace(code), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

// blocks are the Go code blocks of the README. A line "…" stands for what is left out.
func blocks(t *testing.T) []string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		found = append(found, m[1])
	}
	return found
}

func TestReadme_codeIsCompiledElsewhere(t *testing.T) {
	t.Parallel()
	files, found := goCode(t), blocks(t)
	if len(found) == 0 {
		t.Fatal("no Go code in the README")
	}
	for _, block := range found {
		for part := range strings.SplitSeq(unindent(block), "\n…\n") {
			if !holds(files, part) {
				t.Errorf("no Go file holds this code of the README:\n%s", part)
			}
		}
	}
}

func holds(files []string, part string) bool {
	for _, code := range files {
		if strings.Contains(code, part) {
			return true
		}
	}
	return false
}

var link = regexp.MustCompile(`\]\(([^)#:]+)\)`)

func TestReadme_linksLeadSomewhere(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range link.FindAllStringSubmatch(string(readme), -1) {
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Errorf("the README links to %s: %v", m[1], err)
		}
	}
}

var target = regexp.MustCompile(`(?m)^make ([a-z-]+)`)

func TestReadme_makeTargetsExist(t *testing.T) {
	t.Parallel()
	readme, err1 := os.ReadFile(filepath.Join(root, "README.md"))
	makefile, err2 := os.ReadFile(filepath.Join(root, "Makefile"))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	for _, m := range target.FindAllStringSubmatch(string(readme), -1) {
		if !strings.Contains(string(makefile), "\n"+m[1]+":") {
			t.Errorf("the README names make %s, which the Makefile does not have", m[1])
		}
	}
}
