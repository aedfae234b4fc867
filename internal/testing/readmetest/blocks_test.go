package readmetest

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/mktows/mktows-go/gateway"
)

// sqlPage is the page about SQL, whose queries and results package sqlstore tests.
const sqlPage = "docs/sql.md"

// owners say for each language which test holds its blocks to something that runs. A block in another language fails.
var owners = map[string]string{
	"go":     "TestPages_goIsCompiled",
	"sh":     "TestPages_commandsRun",
	"text":   "TestPages_commandsRun, sqlstore's TestPage, TestTree_isThatOfTheCode",
	"sql":    "sqlstore's TestPage",
	"json":   "TestPages_dataIsRead",
	"yaml":   "TestPages_dataIsRead",
	"xml":    "TestPages_dataIsRead",
	"http":   "TestPages_dataIsRead",
	"php":    "TestPages_foreignCodeIsRun",
	"python": "TestPages_foreignCodeIsRun",
	"perl":   "TestPages_foreignCodeIsRun",
	"js":     "TestPages_foreignCodeIsRun",
	"java":   "TestPages_foreignCodeIsRun",
	"cpp":    "TestPages_foreignCodeIsRun",
}

// unowned are blocks that nothing here can run, with the reason.
var unowned = map[string]string{
	"docs/ARCHITECTURE.md mermaid": "GitHub draws it",
	"docs/migrating.md ruby":       "Savon is not at hand; the page says that it was not run",
	// The code of apps needs the vendor's SDK and a phone. Its names are those of the table on the page.
	"docs/secure-access.md ":           "a drawing",
	"docs/secure-access.md swift":      "the vendor's SDK",
	"docs/secure-access.md objc":       "the vendor's SDK",
	"docs/secure-access.md kotlin":     "the vendor's SDK",
	"docs/secure-access.md java":       "the vendor's SDK",
	"docs/secure-access.md js":         "the vendor's SDK",
	"docs/secure-access.md javascript": "the vendor's SDK",
	"docs/secure-access.md tsx":        "the vendor's SDK",
	"docs/secure-access.md typescript": "the vendor's SDK",
	"docs/secure-access.md mermaid":    "GitHub draws it",
}

// TestPages_blocksHaveOwners lets no block stand on a page that nothing checks.
func TestPages_blocksHaveOwners(t *testing.T) {
	t.Parallel()
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if owners[b.language] == "" && unowned[p.name+" "+b.language] == "" {
				t.Errorf("%s:%d: no test runs a block in the language %q", p.name, b.line, b.language)
			}
			if b.language == "sql" && p.name != sqlPage {
				t.Errorf("%s:%d: SQL is run on %s alone", p.name, b.line, sqlPage)
			}
		}
	}
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

// Go code is that of a file of this module. A line "…" in a block stands for what is left out.
func TestPages_goIsCompiled(t *testing.T) {
	t.Parallel()
	files := goCode(t)
	for _, p := range pages(t) {
		for _, b := range p.of("go") {
			for part := range strings.SplitSeq(unindent(b.code), "\n…\n") {
				if !slices.ContainsFunc(files, func(code string) bool { return strings.Contains(code, part) }) {
					t.Errorf("%s:%d: no Go file holds this code:\n%s", p.name, b.line, part)
				}
			}
		}
	}
}

// foreign are the programs that package interop runs, by language.
var foreign = map[string]string{
	"php": "php/client.php", "python": "python/client.py", "perl": "perl/client.pl", "js": "node/client.js", "java": "java/Client.java", "cpp": "gsoap/client.cpp",
}

// Code of other languages is that of the programs that package interop runs, or a whole program in PHP, which TestPages_commandsRun runs.
func TestPages_foreignCodeIsRun(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, p := range pages(t) {
		for language, file := range foreign {
			code, err := os.ReadFile(filepath.Join(root, "testdata", "interop", filepath.FromSlash(file)))
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range p.of(language) {
				if unowned[p.name+" "+language] != "" || isProgram(b) {
					continue
				}
				shown[language] = true
				if !strings.Contains(unindent(string(code)), unindent(b.code)) {
					t.Errorf("%s:%d: %s does not hold this code:\n%s", p.name, b.line, file, b.code)
				}
			}
		}
	}
	if len(shown) != len(foreign) {
		t.Errorf("only these languages are shown: %v", shown)
	}
}

func isProgram(b block) bool { return b.language == "php" && strings.HasPrefix(b.code, "<?php") }

var isConfiguration = regexp.MustCompile(`(?m)^tenants:`)

// Data is read by what reads it: configurations of the gateway by the gateway, all else as its language.
func TestPages_dataIsRead(t *testing.T) {
	t.Parallel()
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			var err error
			switch {
			case b.language == "json":
				err = json.Unmarshal([]byte(b.code), new(any))
			case b.language == "yaml" && isConfiguration.MatchString(b.code):
				_, err = gateway.Load(file(t, "gateway.yaml", b.code))
			case b.language == "yaml":
				err = yaml.Unmarshal([]byte(b.code), new(any))
			case b.language == "xml":
				err = readXML(b.code)
			case b.language == "http":
				_, err = textproto.NewReader(bufio.NewReader(strings.NewReader(b.code + "\n"))).ReadMIMEHeader()
			}
			if err != nil {
				t.Errorf("%s:%d: %v", p.name, b.line, err)
			}
		}
	}
}

func readXML(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// file writes a file into a folder of the test and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
