package leadsync_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/simulator"
)

// The second run reads the last two hours again, and writes nothing.
func ExampleRun() {
	ctx := context.Background()
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	sim := simulator.New() // any gen.Port, such as a *client.Client
	_, err := sim.AddLead(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
		{Type: "VisitWebpage", AssetName: "Pricing", Time: simulator.At(noon.Add(-2 * time.Hour))},
		{Type: "FillOutForm", AssetName: "Contact", Time: simulator.At(noon.Add(-time.Hour))},
	}})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "leads")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := sqlstore.Open(ctx, filepath.Join(dir, "leads.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	for range 2 {
		report, err := leadsync.Run(ctx, &leadsync.Config{
			Port:    sim,
			Store:   store,
			Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: noon.AddDate(0, 0, -1)}},
			Now:     func(context.Context) (time.Time, error) { return noon, nil },
		})
		if err != nil {
			log.Fatal(err)
		}
		counts := report.Runs[0].Counts
		fmt.Printf("%d read, %d new\n", counts.Seen, counts.Inserted)
	}
	// Output:
	// 2 read, 2 new
	// 2 read, 0 new
}
