package sqlstore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/mktows/mktows-go/internal/pgtest"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// benchmarkPage is how many activities a commit has.
const benchmarkPage = 1000

func BenchmarkCommit_sqlite(b *testing.B) { benchmarkCommit(b, filepath.Join(b.TempDir(), "leads.db")) }

func BenchmarkCommit_postgres(b *testing.B) { benchmarkCommit(b, pgtest.Database(b)) }

// benchmarkCommit writes b.N pages of new activities with GUIDs and eight attributes.
func benchmarkCommit(b *testing.B, target string) {
	ctx := context.Background()
	s, err := Open(ctx, target)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	claim := oneWindow(b, s)
	random := rand.New(rand.NewPCG(1, 2))
	pages := make([][]store.ActivityRow, b.N)
	for n := range pages {
		pages[n] = page(random, n)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for n := range b.N {
		counts, err := s.Commit(ctx, store.Commit{Claim: claim, Activities: pages[n]})
		if err != nil || counts.Inserted != benchmarkPage {
			b.Fatal(counts, err)
		}
	}
	b.ReportMetric(float64(b.N*benchmarkPage)/b.Elapsed().Seconds(), "rows/s")
}

// oneWindow plans a window and claims it.
func oneWindow(tb testing.TB, s store.Store) store.Claim {
	tb.Helper()
	return oneWindowOf(tb, s, store.Activities)
}

func oneWindowOf(tb testing.TB, s store.Store, name store.StreamName) store.Claim {
	tb.Helper()
	ctx := context.Background()
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var window int64
	_, err := s.Plan(ctx, store.Stream{Name: name}, func(store.StreamState) (store.Planned, error) {
		return store.Planned{
			Since: since, Upper: since.AddDate(1, 0, 0),
			Windows: []store.Window{{From: since, To: since.AddDate(1, 0, 0), Fresh: since}},
		}, nil
	}, func(_ context.Context, _ any, w []store.Window) error {
		window = w[0].ID
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.Heartbeat(ctx, "a", time.Hour); err != nil {
		tb.Fatal(err)
	}
	w, err := s.Claim(ctx, window, "a")
	if err != nil {
		tb.Fatal(err)
	}
	return store.Claim{Window: w.ID, Epoch: w.Epoch, Worker: "a"}
}

// page returns the nth page, of rows that follow each other in time. Their GUIDs are numbers
// that grow, as those of the service.
func page(random *rand.Rand, n int) []store.ActivityRow {
	zone := time.FixedZone("", -6*3600)
	rows := make([]store.ActivityRow, benchmarkPage)
	for i := range rows {
		id := n*benchmarkPage + i
		a := operations.Activity{
			ID: int64(id), HasID: true, GUID: strconv.Itoa(783_000_000 + id), LeadID: 1_000_000 + random.Int64N(50_000),
			Time: time.Date(2026, 1, 1, 0, 0, id, 0, zone), Type: "Visit Webpage", AssetName: "www.example.com/pricing/index.html",
		}
		for _, name := range []string{
			"Webpage ID", "Webpage URL", "Referrer URL", "Client IP Address", "User Agent", "Message Id", "Created At", "Query Parameters",
		} {
			a.Attributes = append(a.Attributes, operations.Attribute{Name: name, Value: fmt.Sprint("value of ", name, " ", id)})
		}
		rows[i] = store.NewActivityRow(a, 0)
	}
	return rows
}
