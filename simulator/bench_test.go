package simulator_test

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// fill adds leads with n activities altogether; the first lead has a tenth of them.
func fill(tb testing.TB, sim *simulator.Simulator, n int) {
	tb.Helper()
	types := gen.ActivityType("").Values()
	for lead, left := 1, n; left > 0; lead++ {
		count := 10
		if lead == 1 {
			count = n / 10
		}
		left -= count
		activities := make([]simulator.Activity, count)
		for i := range activities {
			activities[i] = simulator.Activity{
				Type: types[i*i%len(types)], Time: simulator.At(noon.Add(time.Duration(i) * time.Minute)), AssetName: "Page " + strconv.Itoa(i%500),
				Attributes: []simulator.Attribute{
					{Name: "Webpage ID", Value: strconv.Itoa(i)}, {Name: "Webpage URL", Value: "/page-" + strconv.Itoa(i) + ".html"}, {Name: "Query Parameters", Value: "n=1&src=mail"},
					{Name: "Referrer URL", Value: "http://www.example.com/"}, {Name: "Client IP Address", Value: "192.0.2.17"},
					{Name: "User Agent", Value: "Mozilla/5.0 (X11; Linux x86_64; rv:40.0) Gecko/20100101 Firefox/40.0"},
				},
			}
		}
		if _, err := sim.AddLead(simulator.Lead{ID: int64(lead), Email: fmt.Sprintf("lead%d@example.com", lead), Activities: activities}); err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkGetLeadActivity reads the first and the last page of a lead that has
// 100,000 activities, among a million.
func BenchmarkGetLeadActivity(b *testing.B) {
	sim := simulator.New()
	fill(b, sim, 1_000_000)
	last := ask("IDNUM", "1", from(gen.StreamPosition{LatestCreatedAt: gen.Some(gen.NewDateTime(noon.Add(99 * time.Minute)))}))
	for _, c := range []struct {
		name string
		in   *gen.ParamsGetLeadActivity
	}{
		{"first", ask("IDNUM", "1")},
		{"last", last},
		{"oneType", ask("IDNUM", "1", including("NewLead"))},
		{"lastExcluding", ask("IDNUM", "1", excluding("NewLead"), from(last.StartPosition.Value))},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := sim.GetLeadActivity(b.Context(), c.in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAddLead tells what a million activities cost in time and memory.
func BenchmarkAddLead(b *testing.B) {
	for b.Loop() {
		sim := simulator.New()
		fill(b, sim, 1_000_000)
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB-live")
		b.ReportMetric(float64(m.Sys)/1e6, "MB-sys")
		runtime.KeepAlive(sim)
	}
}

// BenchmarkAddActivity_outOfOrder adds to the middle of a long history.
func BenchmarkAddActivity_outOfOrder(b *testing.B) {
	sim := setup(b, 100_000)
	for b.Loop() {
		if _, err := sim.AddActivity(7, simulator.Activity{Type: gen.ActivityTypeVisitWebpage, Time: simulator.At(noon.Add(-24 * time.Hour))}); err != nil {
			b.Fatal(err)
		}
	}
}
