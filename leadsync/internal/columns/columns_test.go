package columns

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

func TestAppendAttributes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want string
		in   operations.Attributes
	}{
		{`{}`, nil},
		{`{"A":"1"}`, operations.Attributes{{Name: "A", Value: "1", Type: "string"}}},
		{`{"B":["2","","2"],"A":"1"}`, operations.Attributes{{Name: "B", Value: "2"}, {Name: "A", Value: "1"}, {Name: "B"}, {Name: "B", Value: "2"}}},
		{`{"":"","a\"\\":"\t\n\r\u0001<&>ü"}`, operations.Attributes{{}, {Name: `a"\`, Value: "\t\n\r\x01<&>ü"}}},
		{"{\"x\":\"a\uFFFDb\"}", operations.Attributes{{Name: "x", Value: "a\xffb"}}},
	} {
		if got := string(AppendAttributes(nil, c.in)); got != c.want {
			t.Errorf("%v gives %s; want %s", c.in, got, c.want)
		}
	}
}

func TestParseAttributes_errors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `null`, `[]`, `{`, `{"a"`, `{"a":1}`, `{"a":null}`, `{"a":{}}`, `{"a":[1]}`, `{"a":["b"`, `{"a":"b"`, `{"a":"b"}{}`, `{"a":"b"} x`} {
		if got, err := ParseAttributes(text); err == nil {
			t.Errorf("%s gives %v", text, got)
		}
	}
}

func FuzzAttributes(f *testing.F) {
	f.Add("A", "1", "A", "2", "B", "")
	f.Add("", `"\`, "a\x00b", "\u2028", "x", "🎈")
	f.Fuzz(func(t *testing.T, a, av, b, bv, c, cv string) {
		for _, s := range []string{a, av, b, bv, c, cv} {
			if !utf8.ValidString(s) {
				t.Skip("the service sends UTF-8")
			}
		}
		in := operations.Attributes{{Name: a, Value: av}, {Name: b, Value: bv}, {Name: c, Value: cv}}
		text := AppendAttributes(nil, in)
		if !json.Valid(text) {
			t.Fatalf("no JSON: %s", text)
		}
		out, err := ParseAttributes(string(text))
		if err != nil {
			t.Fatal(err)
		}
		want := store.NewActivityRow(operations.Activity{Attributes: in}, 0).Digest
		if got := store.NewActivityRow(operations.Activity{Attributes: out}, 0).Digest; got != want {
			t.Errorf("wrote %v, read %v", in, out)
		}
	})
}
