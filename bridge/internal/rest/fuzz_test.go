package rest

import (
	"net/http"
	"os"
	"path/filepath"
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
