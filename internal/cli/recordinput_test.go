package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/operations"
)

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
			p := &problems{name: "fuzz"}
			if form == "csv" {
				readCSV([]byte(text), p)
			} else {
				readJSONLines([]byte(text), p)
			}
			for _, one := range p.list {
				if one.line < 1 || one.column < 1 || one.line > strings.Count(text, "\n")+2 || one.text == "" {
					t.Errorf("%s: a problem at %d:%d: %q", form, one.line, one.column, one.text)
				}
			}
		}
		p := &problems{name: "fuzz"}
		splitJSON([]byte(text), p, func(raw []byte, line, column int) {
			if line < 1 || column < 1 || len(raw) == 0 {
				t.Errorf("a value at %d:%d: %q", line, column, raw)
			}
			_, _ = decodeObject(raw)
		})
	})
}

func TestReadJSONLines(t *testing.T) {
	t.Parallel()
	p := &problems{name: "x"}
	got := readJSONLines([]byte("\n{\"n\": 12345678901234567890, \"t\": true, \"z\": null, \"attributes\": [{\"name\": \"a\", \"value\": \"b\"}]}\r\n"), p)
	want := []inputRecord{{line: 2, fields: []inputField{
		{"n", "12345678901234567890", 2, 7}, {"t", "true", 2, 34}, {"a", "b", 2, 66},
	}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(inputRecord{}, inputField{})); diff != "" || len(p.list) > 0 {
		t.Error(diff, p.list)
	}
}

func TestReadCSV_mark(t *testing.T) {
	t.Parallel()
	stdin := strings.NewReader("\uFEFFEmail\r\na@example.com\r\n")
	records, p, err := readRecords(t.Context(), stdin, "-", "csv")
	if err != nil || p.err() != nil || len(records) != 1 || records[0].fields[0] != (inputField{"Email", "a@example.com", 2, 1}) {
		t.Errorf("%v, %v, %v", records, p, err)
	}
}

func TestParseCriterion(t *testing.T) {
	t.Parallel()
	tests := map[string]operations.Criterion{
		"Name EQ x":                      {Attribute: "Name", Comparison: operations.Equal, Value: "x"},
		"  Created At  ge 2015-09-01 ":   {Attribute: "Created At", Comparison: operations.GreaterOrEqual, Value: "2015-09-01"},
		"Name eq a  b EQ c":              {Attribute: "Name", Comparison: operations.Equal, Value: "a  b EQ c"},
		"GENE LE LE":                     {Attribute: "GENE", Comparison: operations.LessOrEqual, Value: "LE"},
		"Sale NE 1":                      {Attribute: "Sale", Comparison: operations.NotEqual, Value: "1"},
		"Tag NAME NE North America (US)": {Attribute: "Tag NAME", Comparison: operations.NotEqual, Value: "North America (US)"},
	}
	for text, want := range tests {
		if got, err := parseCriterion(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "EQ x", "Name EQ", "Name x", "Name = x"} {
		if got, err := parseCriterion(text); err == nil {
			t.Errorf("%q: %+v, want an error", text, got)
		}
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
	if err := (content{text: []byte("four")}).problem("x", 4); err != nil {
		t.Error(err)
	}
	if err := (content{text: []byte("fives")}).problem("-", 4); err == nil || err.Error() != "standard input has more than 4 bytes" {
		t.Error(err)
	}
}

// TestLeadSync_fieldTwice: names of fields differ by more than letter case.
func TestLeadSync_fieldTwice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Email,email\na@example.com,b@example.com\n":      "standard input:2:15: email occurs twice",
		"Email,Company,COMPANY\na@example.com,x,y\n":      "standard input:2:17: COMPANY occurs twice",
		"Email,Email\na@example.com,b@example.com\n":      `standard input:1:7: a second column "Email"`,
		"Email, Email \na@example.com,b@example.com\n":    `standard input:1:7: a second column "Email"`,
		"Email,\na@example.com,b\n":                       "standard input:1:7: the column has no name",
		"Email,Company\na@example.com\n":                  "standard input:2:1: the row has 1 value, and the header 2 columns",
		"Email,ForeignSysType\na@example.com,elsewhere\n": `standard input:2:15: ForeignSysType: "elsewhere" is none of CUSTOM, SFDC, NETSUITE`,
	} {
		r := run(t, settingsFor("http://127.0.0.1:1/soap/mktows/2_7"), text, "lead", "sync", "--format", "csv")
		if r.code != exitInvalid || r.stderr != "mktows: "+want+"\nmktows: nothing was sent\n" {
			t.Errorf("%q: exit code %d: %s", text, r.code, r.stderr)
		}
	}
}
