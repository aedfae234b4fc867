package rest

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzAnswer: whatever comes, there is an answer or an error that says what is wrong, and texts are UTF-8.
func FuzzAnswer(f *testing.F) {
	samples, _ := filepath.Glob("../../../../shared/rest/samples/*.json") // where they are at hand
	for _, name := range samples {
		if doc, err := os.ReadFile(name); err == nil {
			f.Add(200, string(doc))
		}
	}
	for _, doc := range []string{
		`{"requestId":"a#b","success":true,"result":[{"id":1,"a\\b":"x","n":1e400,"o":{"p":[1,null]}}],"nextPageToken":"T","moreResult":false}`,
		`{"requestId":"a#b","success":false,"errors":[{"code":"1003","message":"m"},{"code":606,"message":"n"}]}`,
		`{"success":true,"warnings":["w",{"code":1,"message":"x"}],"result":null}`, `{"success":true,"result":{"id":1}}`, `{"success":"yes"}`,
		"{\"success\":true,\"result\":[{\"id\":\"\xff\"}]}", `{"success":true,"result":[`, `<html>`, ``, "\ufeff{}",
	} {
		f.Add(200, doc)
		f.Add(500, doc)
	}
	f.Fuzz(func(t *testing.T, status int, doc string) {
		if status < 100 || status > 599 {
			return
		}
		resp := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}}
		a, err := answerOf[Record](resp, doc, time.Unix(0, 0))
		switch {
		case (a == nil) == (err == nil):
			t.Fatalf("%v, %v", a, err)
		case err != nil && (strings.TrimSpace(err.Error()) == "" || !utf8.ValidString(err.Error())):
			t.Fatalf("the error is %q", err)
		case err != nil:
			return
		}
		for _, r := range a.Records {
			for _, field := range r {
				if !utf8.ValidString(field.Name) || !utf8.ValidString(field.Value.Text) {
					t.Fatalf("%q", field)
				}
			}
		}
		_, _ = answerOf[Activity](resp, doc, time.Unix(0, 0)) // no panic
		_, _ = answerOf[Outcome](resp, doc, time.Unix(0, 0))
	})
}

// FuzzRows: values are read as they were written, whatever is in them, and any bytes are rows, without a panic.
func FuzzRows(f *testing.F) {
	for _, text := range []string{"", "a", `"`, `""`, "a,b\n", "\r\n", "\r", "a\r", `6" pipe`, "\xff", "null", "\"a\"\"b\"\n\"c"} {
		f.Add(text, "b")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		_ = w.WriteAll([][]string{{a, b, "end"}, {"next", b, a}}) // a buffer takes everything
		want := [][]string{{a, b, "end"}, {"next", b, a}}
		r := readerOf(text.Bytes())
		for i := range want {
			if err := r.next(); err != nil || !slices.Equal(r.values(), want[i]) {
				t.Fatalf("row %d is %q, want %q: %v", i, r.values(), want[i], err)
			}
		}
		if err := r.next(); err != io.EOF {
			t.Fatal(err)
		}
		for r := readerOf([]byte(a + "\n" + b)); r.next() == nil; {
			_ = r.values()
		}
	})
}

func readerOf(text []byte) *csvReader {
	return &csvReader{in: bufio.NewReaderSize(bytes.NewReader(text), 16)} // rows come in pieces
}
