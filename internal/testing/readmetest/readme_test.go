package readmetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

// pages returns the texts for people, by their names from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	docs, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, name := range append(names, docs...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		name, _ = filepath.Rel(root, name)
		found[filepath.ToSlash(name)] = string(text)
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md"} {
		if found[name] == "" {
			t.Fatalf("there is no %s", name)
		}
	}
	return found
}

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

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// A line "…" in a block stands for what is left out.
func TestPages_codeIsCompiledElsewhere(t *testing.T) {
	t.Parallel()
	files := goCode(t)
	for name, text := range pages(t) {
		for _, m := range goBlock.FindAllStringSubmatch(text, -1) {
			for part := range strings.SplitSeq(unindent(m[1]), "\n…\n") {
				if !slices.ContainsFunc(files, func(code string) bool { return strings.Contains(code, part) }) {
					t.Errorf("no Go file holds this code of %s:\n%s", name, part)
				}
			}
		}
	}
}

var foreignBlock = regexp.MustCompile("(?s)```(php|python|perl|js|java|cpp)\n(.*?)```")

// Code of other languages on the page about migrating is that of the programs that package interop runs.
func TestMigrating_codeIsRunElsewhere(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"php": "php/client.php", "python": "python/client.py", "perl": "perl/client.pl", "js": "node/client.js", "java": "java/Client.java", "cpp": "gsoap/client.cpp",
	}
	shown := foreignBlock.FindAllStringSubmatch(pages(t)["docs/migrating.md"], -1)
	if len(shown) != len(files) {
		t.Errorf("%d blocks of %d languages", len(shown), len(files))
	}
	for _, m := range shown {
		code, err := os.ReadFile(filepath.Join(root, "testdata", "interop", filepath.FromSlash(files[m[1]])))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(unindent(string(code)), unindent(m[2])) {
			t.Errorf("%s does not hold this code:\n%s", files[m[1]], m[2])
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^):]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	noWord  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the names under which the headings of a page can be linked to, as GitHub makes them.
func anchors(text string) map[string]bool {
	found := map[string]bool{"": true}
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		found[strings.ReplaceAll(noWord.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return found
}

func TestPages_linksLeadSomewhere(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for name, text := range all {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			target := filepath.ToSlash(filepath.Join(filepath.Dir(name), path))
			if path == "" {
				target = name
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s: %v", name, m[1], err)
			} else if text, isPage := all[target]; isPage && !anchors(text)[anchor] {
				t.Errorf("%s links to %s, where no heading is called that", name, m[1])
			}
		}
	}
}

var target = regexp.MustCompile("(?:^|\n|`)make ([a-z-]+)")

func TestPages_makeTargetsExist(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range pages(t) {
		for _, m := range target.FindAllStringSubmatch(text, -1) {
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
	_, rest, ok := strings.Cut(pages(t)["docs/ARCHITECTURE.md"], "```text\n")
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
