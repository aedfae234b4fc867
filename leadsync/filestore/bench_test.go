package filestore

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// BenchmarkCommit writes new rows, as many as a segment has.
func BenchmarkCommit(b *testing.B) {
	for _, f := range Formats() {
		b.Run(string(f), func(b *testing.B) {
			s := open(b, b.TempDir(), WithFormat(f))
			w := newWriter(b, s, store.Activities)
			rows := make([]store.ActivityRow, DefaultCommitRows)
			n := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				for i := range rows {
					n++
					rows[i] = store.NewActivityRow(operations.Activity{
						ID: n, HasID: true, GUID: fmt.Sprintf("%08x-0000-4000-8000-%012x", n*2654435761%(1<<32), n), LeadID: n % 5000,
						Time: bound, Type: "Visit Webpage", AssetName: "Home",
						Attributes: operations.Attributes{
							{Name: "Client IP Address", Value: "203.0.113.7"}, {Name: "Lead ID", Value: fmt.Sprint(n % 5000)},
							{Name: "Query Parameters", Value: ""}, {Name: "Referrer URL", Value: "https://example.com/"},
							{Name: "User Agent", Value: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"},
							{Name: "Webpage ID", Value: fmt.Sprint(n % 97)}, {Name: "Webpage URL", Value: fmt.Sprintf("/page/%d.html", n%97)},
						},
					}, 0)
				}
				w.commit(rows)
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(len(rows))*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(m.HeapSys)/1e6, "heap-MB") // the greatest so far
		})
	}
}
