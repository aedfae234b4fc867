package readmetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../../.."

// block is a fenced block of code on a page.
type block struct {
	language string // empty: none is said
	line     int    // of its first line of code
	code     string // with its line ends
}

// page is a text for people.
type page struct {
	name   string // from the root
	text   string
	prose  string // the text without its blocks; the lines are where they were
	blocks []block
}

// newPage takes a page apart.
func newPage(name, text string) page {
	p := page{name: name, text: text}
	var prose strings.Builder
	var open *block
	number := 0
	for line := range strings.Lines(text) {
		number++
		fence, isFence := strings.CutPrefix(strings.TrimLeft(line, " "), "```")
		switch {
		case isFence && open == nil:
			open = &block{language: strings.TrimSpace(fence), line: number + 1}
		case isFence:
			p.blocks, open = append(p.blocks, *open), nil
		case open != nil:
			open.code += line
		default:
			prose.WriteString(line)
			continue
		}
		prose.WriteString("\n")
	}
	p.prose = prose.String()
	return p
}

// of returns the blocks of a language.
func (p page) of(language string) (found []block) {
	for _, b := range p.blocks {
		if b.language == language {
			found = append(found, b)
		}
	}
	return found
}

// isDoc tells the pages of the documentation from the notes beside code.
func (p page) isDoc() bool { return p.name == "README.md" || strings.HasPrefix(p.name, "docs/") }

// pages returns all pages of the module, by name.
func pages(t *testing.T) map[string]page {
	t.Helper()
	found := map[string]page{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "bin") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		name = filepath.ToSlash(name)
		found[name] = newPage(name, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "docs/README.md", "docs/ARCHITECTURE.md"} {
		if found[name].text == "" {
			t.Fatalf("there is no %s", name)
		}
	}
	return found
}

// The parts of a page are found, and each stays on its line.
func TestNewPage(t *testing.T) {
	t.Parallel()
	p := newPage("a.md", "# A\n```sh\n# no heading\nls\n```\nb\n  ```\nc\n  ```\n")
	want := []block{{"sh", 3, "# no heading\nls\n"}, {"", 8, "c\n"}}
	if len(p.blocks) != 2 || p.blocks[0] != want[0] || p.blocks[1] != want[1] || p.prose != "# A\n\n\nb\n\n\n" {
		t.Errorf("%+v, %q", p.blocks, p.prose)
	}
}
