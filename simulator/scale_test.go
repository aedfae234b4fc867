package simulator_test

import (
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// An activity takes less than 1,500 bytes, so that a million fit in 1.5 GB of memory, and all are there.
func TestSimulator_memory(t *testing.T) {
	const activities, most = 200_000, 1500 // bytes of an activity
	if testing.Short() {
		t.Skip("200,000 activities")
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begin := time.Now()
	sim := simulator.New()
	fill(t, sim, activities)
	took := time.Since(begin)
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / activities
	t.Logf("%v, %d bytes of an activity", took, each)
	if each > most {
		t.Errorf("an activity takes %d bytes, want at most %d", each, most)
	}
	in := everything(sized(1000))
	p := changePage(t, sim, in)
	if p.ReturnCount != 1000 || p.RemainingCount != activities-1000 {
		t.Errorf("%d records, %d remaining", p.ReturnCount, p.RemainingCount)
	}
	runtime.KeepAlive(sim)
}

// BenchmarkGetLeadChanges reads pages of 100 at the beginning and at the end of a
// million activities, and pages of 1,000.
func BenchmarkGetLeadChanges(b *testing.B) {
	sim := simulator.New()
	fill(b, sim, 1_000_000)
	end := sinceTime(noon.Add(99_890 * time.Minute))
	for _, c := range []struct {
		name string
		in   *gen.ParamsGetLeadChanges
	}{
		{"first", everything(sized(100))},
		{"last", everything(sized(100), end)},
		{"firstOfOneType", everything(sized(100), named("New Lead"))},
		{"lastOfOneType", everything(sized(100), named("New Lead"), sinceTime(noon.Add(90_000*time.Minute)))},
		{"firstThousand", everything()},
		{"lastThousand", everything(sinceTime(noon.Add(98_990 * time.Minute)))},
		{"oneLead", everything(sized(100), selecting(&gen.LeadKeySelector{KeyType: "IDNUM", KeyValues: strs("1")}))},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := sim.GetLeadChanges(b.Context(), c.in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGetMultipleLeads reads the first and the last page of 90,000 leads.
func BenchmarkGetMultipleLeads(b *testing.B) {
	sim := simulator.New()
	fill(b, sim, 1_000_000)
	in := choosing(&gen.LastUpdateAtSelector{OldestUpdatedAt: gen.NewDateTime(noon), LatestUpdatedAt: gen.Some(gen.NewDateTime(noon.Add(time.Hour)))}, 100)
	last := *in
	for last.StreamPosition.State != gen.Present || leadPage(b, sim, &last).RemainingCount > 0 {
		request := last
		request.BatchSize = gen.Some[int32](1000)
		p := leadPage(b, sim, &request)
		if p.RemainingCount < 100 {
			break
		}
		last.StreamPosition = gen.Some(p.NewStreamPosition)
	}
	for name, in := range map[string]*gen.ParamsGetMultipleLeads{"first": in, "last": &last} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := sim.GetMultipleLeads(b.Context(), in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// All operations on leads may go on at the same time.
func TestSimulator_concurrentWrites(t *testing.T) {
	t.Parallel()
	const rounds = 30
	sim, c := listed(t, simulator.WithShortPages(0.2), simulator.WithEmptyPages(0.2))
	var group sync.WaitGroup
	each := func(n int, f func(worker, round int) error) {
		for worker := range n {
			group.Go(func() {
				for round := range rounds {
					if err := f(worker, round); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	ctx := t.Context()
	each(4, func(worker, round int) error {
		_, err := sim.SyncLead(ctx, syncOne(record(email(fmt.Sprintf("w%d-%d@example.com", worker, round))), fmt.Sprint(round)))
		return err
	})
	each(2, func(worker, round int) error {
		_, err := sim.SyncMultipleLeads(ctx, &gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{
			*record(id(1), fields("LeadScore", fmt.Sprint(worker*rounds+round))), *record(email("lead2@example.com"), foreign(fmt.Sprint(round))),
		}}})
		return err
	})
	each(1, func(_, round int) error {
		c.Advance(time.Second)
		_, err := sim.ImportToList(ctx, importing("Email Address", fmt.Sprintf("i%d@example.com", round), "lead1@example.com"))
		return err
	})
	each(1, func(_, round int) error {
		loser, err := sim.AddLead(simulator.Lead{Email: "loser@example.com", Activities: visits(3)})
		if err != nil {
			return err
		}
		winner, losing := attributes("IDNUM", "3").Value, attributes("IDNUM", fmt.Sprint(loser)).Value
		_, err = sim.MergeLeads(ctx, &gen.ParamsMergeLeads{WinningLeadKeyList: &winner, LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{losing}}})
		return err
	})
	each(2, func(_, round int) error {
		operation := gen.ListOperationTypeADDTOLIST.Values()[round%3]
		_, err := sim.ListOperation(ctx, operate(operation, "News", key("IDNUM", "3"), key("IDNUM", "4")))
		return err
	})
	each(2, func(_, round int) error {
		leads(t, sim, choosing(&gen.LastUpdateAtSelector{OldestUpdatedAt: gen.NewDateTime(noon.Add(-time.Hour))}, 9))
		leads(t, sim, choosing(&gen.StaticListSelector{StaticListName: gen.Some("Fair.Guests")}, 9))
		changes(t, sim, everything(sized(50)))
		_, err := sim.GetLead(ctx, &gen.ParamsGetLead{LeadKey: key("IDNUM", "1")})
		return err
	})
	group.Wait()
	c.Advance(time.Minute)
	if got := importState(t, sim); got.Status != gen.ImportToListStatusEnumCOMPLETE || got.RowsImported.Value != 2 {
		t.Errorf("%+v", got)
	}
	checkKeys(t, sim, "", 0)
	total := 0
	for _, id := range sim.LeadIDs() {
		total += len(log(t, sim, id))
	}
	if n := len(changes(t, sim, everything(sized(100)))); n != total {
		t.Errorf("%d changes, the leads have %d activities", n, total)
	}
}

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
