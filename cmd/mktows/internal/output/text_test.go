package output

import (
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestVisible(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"empty", "", ""},
		{"plain", "Größe 7", "Größe 7"},
		{"line ends and tabs", "a\r\n\tb", `a\r\n\tb`},
		{"escape sequence", "\x1b]0;title\a", `\x1b]0;title\a`},
		{"C1 control", "\u009b31m\u0085", `\u009b31m\u0085`},
		{"delete", "a\x7f", `a\x7f`},
		{"direction marks", "gnp.\u202efdp\u2066", `gnp.\u202efdp\u2066`},
		{"invisible", "a\u200bb\ufeff", `a\u200bb\ufeff`},
		{"other spaces", "a\u00a0b\u3000c", "a b c"},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"broken UTF-8", "a\xffb", `a\xffb`},
		{"replacement character", "a\ufffdb", "a\ufffdb"},
		{"wide and combining", "山e\u0301", "山e\u0301"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := Visible(test.text); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("a\x1b[31m\u202e\xff山")
	f.Fuzz(func(t *testing.T, text string) {
		got := Visible(text)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || 0x7f <= r && r <= 0x9f || r == 0x202e }) {
			t.Errorf("%q is shown as %q", text, got)
		}
		if clipped := Clip(got, 10); TextWidth(clipped) > 10 {
			t.Errorf("%q, clipped from %q, is %d wide", clipped, got, TextWidth(clipped))
		}
	})
}

func TestClip(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		width int
		want  string
	}{
		{"", 3, ""},
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"abcd", 1, "…"},
		{"äöüß", 3, "äö…"},
		{"山田太郎", 8, "山田太郎"},
		{"山田太郎", 7, "山田太…"},
		{"山田太郎", 6, "山田…"}, // a third would leave no room for the mark
		{"✅🫡⭐", 6, "✅🫡⭐"},
		{"✅🫡⭐", 5, "✅🫡…"},
		{"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
		{"e\u0301e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301…"},
	}
	for _, test := range tests {
		if got := Clip(test.text, test.width); got != test.want {
			t.Errorf("clip(%q, %d) = %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 5, []string{""}},
		{"one two  three", 0, []string{"one two  three"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"a http://127.0.0.1/soap b", 8, []string{"a", "http://127.0.0.1/soap", "b"}},
		{"山田 太郎 山", 5, []string{"山田", "太郎", "山"}},
	} {
		if diff := cmp.Diff(test.want, Wrap(test.text, test.width)); diff != "" {
			t.Errorf("%q at %d (-want +got):\n%s", test.text, test.width, diff)
		}
	}
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	const text = "<a>\n\tü\u009b\x7f\u202e\x1b</a>"
	if got, want := harmlessXML(text), "<a>\n\tü&#x9B;&#x7F;&#x202E;&#x1B;</a>"; got != want {
		t.Errorf("XML: %q, want %q", got, want)
	}
	if got, want := harmlessJSON("\"ü\u009b\x7f\u202e\""), `"ü\u009b\u007f\u202e"`; got != want {
		t.Errorf("JSON: %q, want %q", got, want)
	}
	if got := harmlessXML("<a>山\r\n</a>"); got != "<a>山\r\n</a>" {
		t.Errorf("%q was changed without need", got)
	}
}

func TestIsTerminal(t *testing.T) {
	t.Parallel()
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isTerminal(io.Discard) || isTerminal(file) {
		t.Error("a writer in memory or a file is taken for a terminal")
	}
}

func TestWriteTable(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 30)
	columns := []Column{
		{Title: "ID", Cells: []string{"1", "100"}, Right: true},
		{Title: "NAME", Cells: []string{long, "山田"}, Weight: 1},
		{Title: "EMPTY", Cells: []string{"", ""}},
		{Title: "TEXT", Cells: []string{"", long}, Weight: 3},
	}
	tests := []struct {
		name  string
		width int
		want  string
	}{
		{"room enough", 100, " ID  NAME                            TEXT\n" +
			"  1  " + long + "\n" +
			"100  山田                            " + long + "\n"},
		{"by weight", 27, " ID  NAME      TEXT\n  1  xxxxxxx…\n100  山田      xxxxxxxxxxx…\n"},
		{"no screen", 0, " ID  NAME                            TEXT\n" +
			"  1  " + long + "\n" +
			"100  山田                            " + long + "\n"},
		{"least", 19, " ID  NAME    TEXT\n  1  xxxxx…\n100  山田    xxxxx…\n"},
		{"less", 18, "ID    1\nNAME  xxxxxxxxxxx…\n\nID    100\nNAME  山田\nTEXT  xxxxxxxxxxx…\n"},
		{"no room", 3, "ID    1\nNAME  xxxxxxx…\n\nID    100\nNAME  山田\nTEXT  xxxxxxx…\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			if err := WriteTable(&b, test.width, columns); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWriteTable_narrow: text without a weight gives way where that with one has no more to give, and numbers never do.
func TestWriteTable_narrow(t *testing.T) {
	t.Parallel()
	columns := []Column{
		{Title: "TIME", Cells: []string{"2015-09-01T12:00:00Z"}},
		{Title: "ID", Cells: []string{"1234567890"}, Right: true},
		{Title: "TEXT", Cells: []string{strings.Repeat("x", 30)}, Weight: 1},
	}
	for _, width := range []int{60, 40, 30, 20} {
		var b strings.Builder
		if err := WriteTable(&b, width, columns); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := TextWidth(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d columns in %d: %q", n, width, line)
			}
		}
		if !strings.Contains(b.String(), "1234567890") {
			t.Errorf("%d columns: the number is cut: %s", width, b.String())
		}
	}
}

// TestWriteTable_long: one long cell in a pipe is written whole, and does not make all lines as long.
func TestWriteTable_long(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10000)
	var b strings.Builder
	if err := WriteTable(&b, 0, []Column{{Title: "A", Cells: []string{"", long, "a"}, Weight: 1}, {Title: "B", Cells: []string{"1", "2", "3"}}}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), long+"  2\n") || b.Len() > 11000 {
		t.Errorf("%d bytes", b.Len())
	}
}

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "''", "example_user": "example_user", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "ü": "'ü'",
	} {
		if got := ShellQuote(text); got != want {
			t.Errorf("%q becomes %s, want %s", text, got, want)
		}
	}
}
