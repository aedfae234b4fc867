package sqlstore

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/internal/sqltest"
	"github.com/mktows/mktows-go/leadsync/store"
)

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
	claim := sqltest.OneWindow(b, s)
	random := rand.New(rand.NewPCG(1, 2))
	pages := make([][]store.ActivityRow, b.N)
	for n := range pages {
		pages[n] = sqltest.Page(random, n)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for n := range b.N {
		counts, err := s.Commit(ctx, store.Commit{Fence: claim, Activities: pages[n]})
		if err != nil || counts.Inserted != sqltest.BenchmarkPage {
			b.Fatal(counts, err)
		}
	}
	b.ReportMetric(float64(b.N*sqltest.BenchmarkPage)/b.Elapsed().Seconds(), "rows/s")
}
