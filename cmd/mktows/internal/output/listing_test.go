package output

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/operations"
)

// fruit is a record with everything that a listing shows.
type fruit struct{ name, note string }

func fruits() Shape[fruit] {
	return Shape[fruit]{
		Noun: "fruit", Nouns: "fruits",
		Columns: []Column{{Title: "NAME"}, {Title: "NOTE", Weight: 1}},
		Cells:   func(f *fruit) []string { return []string{f.name, f.note} },
		Header:  []string{"name", "note"},
		Row:     func(f *fruit) []string { return []string{f.name, f.note} },
		Json:    func(f *fruit) any { return map[string]string{"name": f.name} },
	}
}

// pagesOf yields pages of two, with an error after those that there are, if it is one.
func pagesOf(failed error, all ...fruit) func(func(operations.Page[fruit], error) bool) {
	return func(yield func(operations.Page[fruit], error) bool) {
		for at := 0; at < len(all) || at == 0; at += 2 {
			end := min(at+2, len(all))
			if !yield(operations.Page[fruit]{Items: all[at:end], More: end < len(all) || failed != nil}, nil) {
				return
			}
		}
		if failed != nil {
			yield(operations.Page[fruit]{}, failed)
		}
	}
}

// TestListPages shows the forms of a listing: whole, cut by --limit, empty, and broken off.
func TestListPages(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	three := []fruit{{"fig", "a"}, {"kiwi\x1b", "b,c"}, {"lime", ""}}
	tests := []struct {
		name, form string
		limit      int
		failed     error
		items      []fruit
		want       string
	}{
		{"all", "table", 0, nil, three, "NAME      NOTE\nfig       a\nkiwi\\x1b  b,c\nlime\n3 fruits\n"},
		{"all", "json", 0, nil, three, "[\n  {\n    \"name\": \"fig\"\n  },\n  {\n    \"name\": \"kiwi\\u001b\"\n  },\n  {\n    \"name\": \"lime\"\n  }\n]\n"},
		{"all", "jsonl", 0, nil, three, "{\"name\":\"fig\"}\n{\"name\":\"kiwi\\u001b\"}\n{\"name\":\"lime\"}\n"},
		{"all", "csv", 0, nil, three, "name,note\r\nfig,a\r\nkiwi\x1b,\"b,c\"\r\nlime,\r\n"},
		{"one", "table", 1, nil, three, "NAME  NOTE\nfig   a\n1 fruit; there are more\n"},
		{"one", "json", 1, nil, three, "[\n  {\n    \"name\": \"fig\"\n  }\n]\n"},
		{"a page", "table", 2, nil, three, "NAME      NOTE\nfig       a\nkiwi\\x1b  b,c\n2 fruits; there are more\n"},
		{"more than a page", "csv", 3, nil, three, "name,note\r\nfig,a\r\nkiwi\x1b,\"b,c\"\r\nlime,\r\n"},
		{"as many", "table", 3, nil, three, "NAME      NOTE\nfig       a\nkiwi\\x1b  b,c\nlime\n3 fruits\n"},
		{"none", "table", 0, nil, nil, "no fruits\n"},
		{"none", "json", 0, nil, nil, "[]\n"},
		{"none", "jsonl", 0, nil, nil, ""},
		{"none", "csv", 0, nil, nil, "name,note\r\n"},
		{"broken", "table", 0, broken, three[:2], "NAME      NOTE\nfig       a\nkiwi\\x1b  b,c\n2 fruits; the rest is missing\n"},
		{"broken", "json", 0, broken, three[:2], ""},
		{"broken", "jsonl", 0, broken, three[:2], "{\"name\":\"fig\"}\n{\"name\":\"kiwi\\u001b\"}\n"},
		{"broken", "csv", 0, broken, three[:2], "name,note\r\nfig,a\r\nkiwi\x1b,\"b,c\"\r\n"},
		{"broken at once", "table", 0, broken, nil, ""},
		{"broken at once", "csv", 0, broken, nil, ""},
		{"cut before it breaks", "table", 2, broken, three[:2], "NAME      NOTE\nfig       a\nkiwi\\x1b  b,c\n2 fruits; there are more\n"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.name, " ", test.form), func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			f := FormFlags{Format: ListFormat(), Width: 80}
			if err := f.Format.Set(test.form); err != nil {
				t.Fatal(err)
			}
			err := Pages(pagesOf(test.failed, test.items...), test.limit, NewListing(&out, &f, fruits()))
			if cut := test.limit > 0; !errors.Is(err, test.failed) && !cut {
				t.Errorf("error %v, want %v", err, test.failed)
			}
			if out.String() != test.want {
				t.Errorf("%q, want %q", out.String(), test.want)
			}
		})
	}
}
