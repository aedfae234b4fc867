package main

import (
	"slices"
	"testing"
)

const report = `Incompatible changes:
- ./client.(*Client).Send: removed
- ./server.Rule.Text: changed from string to []byte
- ./operations.Page, method set: removed Next
- ./cmd/mktows.main: removed
- package github.com/mktows/mktows-go/leadsync/files: removed
Compatible changes:
- ./client.(*Client).Do: added
`

func TestReport(t *testing.T) {
	t.Parallel()
	lines := breaking(report)
	var names []string
	for _, line := range lines {
		names = append(names, named(line))
	}
	if want := []string{"Send", "Text", "Page", "files"}; !slices.Equal(names, want) {
		t.Errorf("it is about %q, want %q", names, want)
	}
	const changelog = "# Changelog\n\n## [Unreleased]\n\n- `Client.Send` is `Client.Do`; package `leadsync/files` is gone.\n- `Pages`\n\n## [1.0.0]\n\n- `Rule.Text`, `Page`\n"
	missing := unnamed(lines, section(changelog))
	if want := []string{"- ./server.Rule.Text: changed from string to []byte", "- ./operations.Page, method set: removed Next"}; !slices.Equal(missing, want) {
		t.Errorf("it misses %q, want %q", missing, want)
	}
	if lines := breaking(""); len(lines) != 0 {
		t.Errorf("nothing at all breaks %q", lines)
	}
}
