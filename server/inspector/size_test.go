package inspector_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// full fills a journal to its bound, with exchanges that share their documents.
func full(tb testing.TB) *bundle {
	tb.Helper()
	b := setup(tb)
	e := goodCall()
	for range 100_000 {
		b.Journal.Add(e)
	}
	return b
}

// The page of a full journal has as many exchanges as any other one, whatever is looked for in it.
func TestExchanges_full(t *testing.T) {
	t.Parallel()
	b := full(t)
	for path, entries := range map[string]int{"/": 50, "/?text=nothing+has+this": 0, "/?before=50000": 50, "/?lead=lead@example.com": 50} {
		page := b.get(200, path)
		if n := strings.Count(page, "<li id="); n != entries || len(page) > 64<<10 {
			t.Errorf("%s: %d entries in %d bytes", path, n, len(page))
		}
		want(t, page, "Older exchanges")
	}
	want(t, b.get(200, "/?text=nothing+has+this"), "No exchange is like that among the latest 10000 that were looked at.")
}

// BenchmarkExchanges is the time of the first page of a full journal. What people would wait for begins at 200 ms.
func BenchmarkExchanges(b *testing.B) {
	for name, path := range map[string]string{"all": "/", "lead": "/?lead=lead@example.com", "nothing": "/?text=nothing+has+this"} {
		b.Run(name, func(b *testing.B) {
			mock := full(b)
			b.ReportAllocs()
			for b.Loop() {
				if w := mock.do(http.MethodGet, path, "", http.NoBody); w.Code != 200 {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

// The colours are those of the report about a copy.
func TestStyle(t *testing.T) {
	t.Parallel()
	colours := func(file string) map[string][]string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := make(map[string][]string)
		for _, m := range regexp.MustCompile(`--(\w+): (#[0-9a-f]+);`).FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = append(found[m[1]], m[2])
		}
		return found
	}
	report := colours("../../leadsync/report/page/page.css")
	mine := colours("page/page.css")
	if len(mine) == 0 {
		t.Error("there are no colours")
	}
	for name, values := range mine {
		if len(values) != 2 || len(report[name]) < 2 || values[0] != report[name][0] || values[1] != report[name][1] {
			t.Errorf("--%s is %q, and in the report %q", name, values, report[name])
		}
	}
}
