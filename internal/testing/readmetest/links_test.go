package readmetest

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	inlineCode = regexp.MustCompile("`+[^`]*`+")
	inlineLink = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)`)
	namedLink  = regexp.MustCompile(`(?m)^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$`)
	htmlLink   = regexp.MustCompile(`(?:href|src|srcset)="([^"]*)"`)
	autoLink   = regexp.MustCompile(`<(https?://[^>\s]+)>`)
)

// links returns what a page links to, pictures included.
func (p page) links() (found []string) {
	prose := inlineCode.ReplaceAllString(p.prose, "`")
	for _, form := range []*regexp.Regexp{inlineLink, namedLink, htmlLink, autoLink} {
		for _, m := range form.FindAllStringSubmatch(prose, -1) {
			found = append(found, m[1])
		}
	}
	return found
}

var (
	heading    = regexp.MustCompile(`(?m)^#{1,6} +(.*?)(?: +#+)? *$`)
	linkedText = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	noWord     = regexp.MustCompile(`[^\p{L}\p{M}\p{N}_\- ]`)
)

// anchors are the names under which the headings of a page can be linked to, as GitHub makes them: in small letters, without
// punctuation, a hyphen for each space, and a number where the same name comes again.
func (p page) anchors() map[string]bool {
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(p.prose, -1) {
		text := linkedText.ReplaceAllString(m[1], "$1")
		name := strings.ReplaceAll(noWord.ReplaceAllString(strings.ToLower(text), ""), " ", "-")
		for n, again := 1, name; ; n++ {
			if !found[again] {
				found[again] = true
				break
			}
			again = fmt.Sprintf("%s-%d", name, n)
		}
	}
	return found
}

func TestAnchors(t *testing.T) {
	t.Parallel()
	p := newPage("a.md", "# What a copy promises\n## Over the `REST` API, again?\n## [Go](go.md) & C++\n## Go\n## Go\n```sh\n# none\n```\n### Größe_1 - x ###\n")
	want := []string{"what-a-copy-promises", "over-the-rest-api-again", "go--c", "go", "go-1", "größe_1---x"}
	got := p.anchors()
	for _, name := range want {
		if !got[name] {
			t.Errorf("no anchor %s among %v", name, got)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
}

// gone are hosts that have answered no more, or only with another site's page, since their services were shut down.
var gone = map[string]string{
	"developers.marketo.com": "moved to experienceleague.adobe.com",
	"docs.marketo.com":       "moved to experienceleague.adobe.com",
	"www.marketo.com":        "has no page where the namespace of the contract points to",
	"godoc.org":              "moved to pkg.go.dev",
	"travis-ci.org":          "was shut down",
	"code.google.com":        "was shut down",
	"git.io":                 "shortens: give the whole address",
	"bit.ly":                 "shortens: give the whole address",
}

// badAddress says what is wrong with the form of an address elsewhere; nothing is asked of the network.
func badAddress(link string) string {
	u, err := url.Parse(link)
	switch {
	case err != nil:
		return err.Error()
	case u.Scheme != "https":
		return "not https"
	case !strings.Contains(u.Hostname(), ".") || u.User != nil || u.Port() != "":
		return "not the host of a site"
	case gone[u.Hostname()] != "":
		return u.Hostname() + " " + gone[u.Hostname()]
	}
	return ""
}

// badLink says what is wrong with a link of a page.
func badLink(all map[string]page, from page, link string) string {
	if strings.Contains(link, ":") {
		return badAddress(link)
	}
	name, anchor, hasAnchor := strings.Cut(link, "#")
	name, err := url.PathUnescape(name)
	if err != nil {
		return err.Error()
	}
	target := from.name
	if name != "" {
		target = path.Join(path.Dir(from.name), name)
	}
	if strings.HasPrefix(name, "/") || strings.HasPrefix(target, "..") {
		return "leads out of the repository"
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil {
		return "no such file"
	}
	if to, isPage := all[target]; hasAnchor && (!isPage || !to.anchors()[anchor]) {
		return "no heading is called that"
	}
	return ""
}

func TestBadLink(t *testing.T) {
	t.Parallel()
	from := newPage("docs/a.md", "# A\n")
	all := map[string]page{"docs/a.md": from, "README.md": newPage("README.md", "# R\n## Two words\n")}
	for link, bad := range map[string]bool{
		"#a": false, "#b": true, "../README.md#two-words": false, "../README.md#two": true, "none.md": true, "../../README.md": true,
		"/README.md": true, "../docs": false, "../go.mod#x": true, "https://go.dev/doc": false, "http://go.dev": true,
		"https://localhost/": true, "https://godoc.org/x": true, "https://me@go.dev/": true, "mailto:lead@example.com": true,
	} {
		if said := badLink(all, from, link); (said != "") != bad {
			t.Errorf("%s: %q", link, said)
		}
	}
}

func TestPages_linksLeadSomewhere(t *testing.T) {
	t.Parallel()
	all, count := pages(t), 0
	for _, p := range all {
		for _, link := range p.links() {
			count++
			if said := badLink(all, p, link); said != "" {
				t.Errorf("%s links to %s: %s", p.name, link, said)
			}
		}
	}
	if count < 100 {
		t.Errorf("only %d links were found", count)
	}
}

// The index leads to every page of the documentation, and each page says in its first sentence what it is for, shows something within the
// first screen, leads on at its end, and has contents if it is long.
func TestDocs_areASite(t *testing.T) {
	t.Parallel()
	all := pages(t)
	listed := strings.Join(all["docs/README.md"].links(), " ") + " "
	for name, p := range all {
		base, inDocs := strings.CutPrefix(name, "docs/")
		if !inDocs || base == "README.md" || strings.Contains(base, "/") {
			continue
		}
		if !strings.Contains(" "+listed, " "+base+" ") {
			t.Errorf("docs/README.md does not link to %s", base)
		}
		lines := strings.Split(p.text, "\n")
		if !strings.HasPrefix(lines[0], "# ") || len(lines) < 3 || lines[1] != "" || !regexp.MustCompile(`^[A-Z"]`).MatchString(strings.TrimLeft(lines[2], "`[*")) {
			t.Errorf("%s does not begin with a heading and a sentence", name)
		}
		if len(p.blocks) == 0 && !strings.Contains(strings.Join(lines[:20], "\n"), "| ---") || len(p.blocks) > 0 && p.blocks[0].line > 40 {
			t.Errorf("%s shows nothing on its first screen", name)
		}
		if !strings.Contains(p.prose, "\n## Where to go next\n") {
			t.Errorf("%s has no heading \"Where to go next\"", name)
		}
		if len(lines) > 300 && !strings.Contains(p.prose, "\n## Contents\n") {
			t.Errorf("%s has %d lines and no heading \"Contents\"", name, len(lines))
		}
	}
}
