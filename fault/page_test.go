package fault_test

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/fault"
)

var update = flag.Bool("update", false, "write the table of docs/errors.md anew")

// The table of codes on the page is that of the code.
func TestPage(t *testing.T) {
	t.Parallel()
	const name = "../docs/errors.md"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- codes: written by go test ./fault -run TestPage -update -->\n\n", "\n<!-- end -->"
	before, rest, found := strings.Cut(string(data), begin)
	table, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the table", name)
	}
	want := codesTable(t)
	switch {
	case want == table:
	case *update:
		if err := os.WriteFile(name, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what the code says: write its table with go test ./fault -run TestPage -update", name)
	}
}

// codesTable has a line for each code.
func codesTable(t *testing.T) string {
	t.Helper()
	names := codeNames(t)
	var b strings.Builder
	b.WriteString("| code | text | in Go | class | the client repeats | what to do |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, code := range fault.Codes() {
		fmt.Fprintf(&b, "| %d | %s | `%s` | `%s` | %s | %s |\n", int(code), code.Message(), names[int(code)], className(code), repeated(code), code.Advice())
	}
	return b.String()
}

// codeNames reads the names of the constants from the source.
func codeNames(t *testing.T) map[int]string {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[int]string{}
	ast.Inspect(source, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if !is || len(spec.Values) != 1 {
			return true
		}
		var code int
		if value, is := spec.Values[0].(*ast.BasicLit); is {
			if _, err := fmt.Sscan(value.Value, &code); err == nil {
				names[code] = spec.Names[0].Name
			}
		}
		return true
	})
	return names
}

func className(code fault.Code) string {
	for name, class := range map[string]error{
		"ErrAuth": fault.ErrAuth, "ErrExpired": fault.ErrExpired, "ErrRateLimited": fault.ErrRateLimited, "ErrQuota": fault.ErrQuota,
		"ErrNotFound": fault.ErrNotFound, "ErrInvalid": fault.ErrInvalid, "ErrServer": fault.ErrServer, "ErrEndOfStream": fault.ErrEndOfStream,
	} {
		if errors.Is(code, class) {
			return name
		}
	}
	return ""
}

// repeated says what Retryable decides.
func repeated(code fault.Code) string {
	_, read := fault.Retryable(code, fault.ReadOnly)
	after, write := fault.Retryable(code, fault.NotIdempotent)
	switch {
	case code == fault.CodeRequestExpired:
		return "once, signed anew"
	case write && after > 0:
		return "after " + after.String()
	case write:
		return "yes"
	case read:
		return "what is safe to repeat"
	}
	return "no"
}
