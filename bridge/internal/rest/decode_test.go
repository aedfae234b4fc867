package rest

import (
	stdjson "encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

// leadPage is an answer with 300 leads of 60 fields, most of them null, as leads have them.
func leadPage() string {
	var doc strings.Builder
	doc.WriteString(`{"requestId":"a#b","success":true,"result":[`)
	for i := range 300 {
		if i > 0 {
			doc.WriteByte(',')
		}
		fmt.Fprintf(&doc, `{"id":%d,"email":"lead%d@example.com","firstName":"Ada","lastName":"Lovelace","leadScore":%d,"unsubscribed":false`, i+1, i, i%100)
		for f := range 54 {
			fmt.Fprintf(&doc, `,"customField%02d":null`, f)
		}
		doc.WriteByte('}')
	}
	doc.WriteString(`]}`)
	return doc.String()
}

// Records have the names of the one before only where the answer has them.
func TestRecords_names(t *testing.T) {
	t.Parallel()
	const doc = `{"success":true,"result":[{"a":1,"b\\c":2,"d":3},{"a":4,"b\u005cc":5,"e":6,"f":7},{"b\\c":8},{},{"a":9,"é":10}]}`
	a, err := answerOf[Record](&http.Response{StatusCode: http.StatusOK}, doc, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range a.Records {
		one := ""
		for _, f := range r {
			one += f.Name + "=" + f.Value.Text + " "
		}
		got = append(got, one)
	}
	if diff := cmp.Diff([]string{`a=1 b\c=2 d=3 `, `a=4 b\c=5 e=6 f=7 `, `b\c=8 `, "", "a=9 é=10 "}, got); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkDecode is reading a page of leads: as this package does it; into maps with the same library; and into maps
// with the standard library, whose encoding/json/v2, of which the library is the origin, is an experiment in Go 1.26.
func BenchmarkDecode(b *testing.B) {
	doc := leadPage()
	type page struct{ Result []map[string]any }
	for _, one := range []struct {
		name string
		read func() error
	}{
		{"records", func() error {
			_, err := answerOf[Record](&http.Response{StatusCode: http.StatusOK}, doc, time.Time{})
			return err
		}},
		{"maps", func() error { return json.Unmarshal([]byte(doc), new(page), json.MatchCaseInsensitiveNames(true)) }},
		{"maps by encoding-json", func() error { return stdjson.Unmarshal([]byte(doc), new(page)) }},
	} {
		b.Run(one.name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if err := one.read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Reading an answer makes no other one of it: what is null leaves nothing behind.
func TestAnswerOf_memory(t *testing.T) {
	doc := leadPage()
	const times = 100 // with the race detector pools drop a quarter of what they are given
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		if _, err := answerOf[Record](&http.Response{StatusCode: http.StatusOK}, doc, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if used := (after.TotalAlloc - before.TotalAlloc) / times; used > uint64(len(doc)*3/4) {
		t.Errorf("%d bytes for an answer of %d", used, len(doc))
	}
}
