package root

import (
	"errors"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// TestReport_lines: each error that is joined has a line, with all of its text: nothing is cut off that another package has said.
func TestReport_lines(t *testing.T) {
	t.Parallel()
	var stderr strings.Builder
	a := &console.Console{Stderr: &stderr, Started: true}
	code := report(t.Context(), a, nil, errors.Join(errors.New("auth: one"), errors.New("client: two \x1b[31m\u202e")))
	if want := "mktows: auth: one\nmktows: client: two \\x1b[31m\\u202e\n"; code != exit.Other || stderr.String() != want {
		t.Errorf("exit code %d, %q, want %q", code, stderr.String(), want)
	}
}
