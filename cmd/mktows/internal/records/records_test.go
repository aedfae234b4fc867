package records

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadJSONLines(t *testing.T) {
	t.Parallel()
	p := &Problems{Name: "x"}
	got := readJSONLines([]byte("\n{\"n\": 12345678901234567890, \"t\": true, \"z\": null, \"attributes\": [{\"name\": \"a\", \"value\": \"b\"}]}\r\n"), p)
	want := []Record{{Line: 2, Fields: []Field{
		{"n", "12345678901234567890", 2, 7}, {"t", "true", 2, 34}, {"a", "b", 2, 66},
	}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Record{}, Field{})); diff != "" || len(p.List) > 0 {
		t.Error(diff, p.List)
	}
}

// TestReadJSONLines_types: numbers stay as they are written, and what is no single value is refused at its place.
func TestReadJSONLines_types(t *testing.T) {
	t.Parallel()
	p := &Problems{Name: "x"}
	got := readJSONLines([]byte(`{"Email": 5, "a": 1.50, "b": 1e3, "c": -0, "d": false}`+"\n"+`{"Email": ["a"]}`+"\n"+`{"Email": {"a": 1}}`), p)
	want := []Record{{Line: 1, Fields: []Field{{"Email", "5", 1, 11}, {"a", "1.50", 1, 19}, {"b", "1e3", 1, 30}, {"c", "-0", 1, 40}, {"d", "false", 1, 49}}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Record{}, Field{})); diff != "" {
		t.Error(diff)
	}
	const problems = `x:2:11: "Email" is neither text nor a number, true, false or null
x:3:11: "Email" is neither text nor a number, true, false or null`
	if err := p.Err(); err == nil || !strings.Contains(err.Error(), problems) {
		t.Errorf("%v, want %s", err, problems)
	}
}

func TestReadCSV_mark(t *testing.T) {
	t.Parallel()
	stdin := strings.NewReader("\uFEFFEmail\r\na@example.com\r\n")
	records, p, err := Read(t.Context(), stdin, "-", "csv")
	if err != nil || p.Err() != nil || len(records) != 1 || records[0].Fields[0] != (Field{"Email", "a@example.com", 2, 1}) {
		t.Errorf("%v, %v, %v", records, p, err)
	}
}

// TestUnsayable: XML 1.0 leaves out the control characters but three, and two others.
func TestUnsayable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a\x00": "the character U+0000", "\x1f": "the character U+001F", "\x0b": "the character U+000B",
		"\uFFFE": "the character U+FFFE", "\uFFFF": "the character U+FFFF", "a\xff": "the byte 0xff, which is not UTF-8,",
		"": "", "\t\r\n \x20\x7f": "", "\uFFFD": "", "\U0001F600": "",
	} {
		if got, bad := unsayable(text); got != want || bad != (want != "") {
			t.Errorf("%q: %q, %t, want %q", text, got, bad, want)
		}
	}
}

// TestContent_problem: as many bytes as are allowed are not too many.
func TestContent_problem(t *testing.T) {
	t.Parallel()
	if err := (Content{Text: []byte("four")}).Problem("x", 4); err != nil {
		t.Error(err)
	}
	if err := (Content{Text: []byte("fives")}).Problem("-", 4); err == nil || err.Error() != "standard input has more than 4 bytes" {
		t.Error(err)
	}
}

// FuzzReadRecords: whatever is in a file, it is read or refused, and what is wrong stands
// inside of it.
func FuzzReadRecords(f *testing.F) {
	for _, text := range []string{
		"Email,Company\na@example.com,\"x\r\ny\"\n", "Email\n\"", "\n", "a,b\n1\n\"x\"y,2", "{\"a\": 1}\n\n{\"b\": null}",
		"{\"attributes\": [{\"name\": \"a\", \"value\": \"b\"}]}", "{\"a\": {}}", "{\"a\" 1}", "[]", "\xff", "{\"keys\": [1]}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, form := range []string{"csv", "jsonl"} {
			p := &Problems{Name: "fuzz"}
			if form == "csv" {
				ReadCSV([]byte(text), p)
			} else {
				readJSONLines([]byte(text), p)
			}
			for _, one := range p.List {
				if one.Line < 1 || one.Column < 1 || one.Line > strings.Count(text, "\n")+2 || one.Text == "" {
					t.Errorf("%s: a problem at %d:%d: %q", form, one.Line, one.Column, one.Text)
				}
			}
		}
		p := &Problems{Name: "fuzz"}
		SplitJSON([]byte(text), p, func(raw []byte, line, column int) {
			if line < 1 || column < 1 || len(raw) == 0 {
				t.Errorf("a value at %d:%d: %q", line, column, raw)
			}
		})
	})
}
