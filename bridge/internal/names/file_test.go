package names_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge/internal/names"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func learnedFile() *names.File {
	return &names.File{
		Version: names.FileVersion, Taken: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC),
		Fields:        names.NewFields(described(), nil).All(),
		ActivityTypes: names.NewActivityTypes(describedTypes(), nil).All(),
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestFile_Format(t *testing.T) {
	t.Parallel()
	f := learnedFile()
	text := f.Format()
	golden(t, "names.json", string(text))
	slices.Reverse(f.Fields)
	slices.Reverse(f.ActivityTypes)
	f.Taken = f.Taken.Add(time.Millisecond).In(time.FixedZone("", 3600))
	if diff := cmp.Diff(string(text), string(f.Format())); diff != "" {
		t.Errorf("in another order:\n%s", diff)
	}
	again, err := names.Parse(text)
	if diff := cmp.Diff(learnedFile(), again); diff != "" || err != nil {
		t.Errorf("read back: %v\n%s", err, diff)
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ doc, want string }{
		{``, "line 1: unexpected end of JSON input"},
		{"{\n\"version\": 1,\n]", "line 3: invalid character ']'"},
		{`{}`, `it has no "version": give "version": 1`},
		{`{"version": 2}`, "its version is 2, and this program reads 1"},
		{`{"version": 1, "field": []}`, `unknown field "field"`},
		{`{"version": 1, "fields": [{"soap": "A", "rset": "a"}]}`, `unknown field "rset"`},
		{`{"version": 1} {}`, "invalid character '{' after top-level value"},
		{`{"version": 1, "fields": [{"soap": "A"}]}`, `fields[0]: give "rest"`},
		{`{"version": 1, "fields": [{"soap": "A", "rest": "a"}, {"soap": "A", "rest": "b"}]}`, `fields[1]: the SOAP name "A" is there twice`},
		{`{"version": 1, "fields": [{"soap": "A", "rest": "a"}, {"soap": "B", "rest": "a"}]}`, `fields[1]: the REST name "a" is there twice`},
		{`{"version": 1, "fields": [{"soap": "A\u0001", "rest": "a"}]}`, `fields[0]: the SOAP name "A\x01" has control characters`},
		{`{"version": 1, "activityTypes": [{"name": "A"}]}`, "activityTypes[0]: the id 0 is missing"},
		{`{"version": 1, "activityTypes": [{"id": 1}, {"id": 1}]}`, "activityTypes[1]: the id 1 is missing, negative or there twice"},
		{`{"version": 1, "activityTypes": [{"id": 1, "enum": "Visit"}]}`, `activityTypes[0]: "Visit" is no value of ActivityType`},
		{`{"version": 1, "activityTypes": [{"id": 1, "attributes": [{"name": "a\n"}]}]}`, `activityTypes[0]: the name "a\n" has control characters`},
		{`{"version": 1, "activityTypes": [{"id": 1, "primaryAttribute": {"name": "a", "soap": "\u0000"}}]}`, `activityTypes[0]: the SOAP name "\x00" has control characters`},
		{`{"version": 1, "activityTypes": [{"id": 1, "primaryAttribute": {}}]}`, `activityTypes[0]: give each attribute its "name"`},
		{`{"version": "1"}`, "line 1: json: cannot unmarshal string"},
	} {
		if f, err := names.Parse([]byte(test.doc)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %+v, %v, want %s", test.doc, f, err, test.want)
		}
	}
	if _, err := names.Parse(make([]byte, 17<<20)); err == nil || !strings.Contains(err.Error(), "larger than 16 MB") {
		t.Errorf("a large file: %v", err)
	}
}

// Everything that is wrong is told at once, with the name of the file.
func TestLoad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mine.json")
	if _, err := names.Load(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	doc := `{"version": 1, "fields": [{"soap": "A"}, {"soap": "A", "rest": "a"}]}`
	if err := os.WriteFile(path, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := names.Load(path)
	for _, want := range []string{path, "fields[0]: give", "fields[1]: the SOAP name"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(learnedFile().Format())
	f.Add([]byte(`{"version":1,"taken":"9999-12-31T23:59:59-01:00"}`))
	f.Add([]byte(`{"version":1,"fields":[{"id":5}],"activityTypes":[{"id":1,"primaryAttribute":{"name":"a"},"attributes":[{"name":"b"},{"name":"b"}]}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		file, err := names.Parse(doc)
		if err != nil {
			return
		}
		text := file.Format()
		again, err := names.Parse(text)
		if err != nil {
			t.Fatalf("%s cannot be read back: %v", text, err)
		}
		if diff := cmp.Diff(string(text), string(again.Format())); diff != "" {
			t.Error(diff)
		}
		if changes := names.Diff(again, again); len(changes) > 0 {
			t.Errorf("it differs from itself: %v", changes)
		}
	})
}
