package filestore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/simulator"
)

// A copy in Parquet, which every program that reads Parquet can read; the manifest names the files.
func ExampleOpen() {
	ctx := context.Background()
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	sim := simulator.New() // any gen.Port, such as a *client.Client
	_, err := sim.AddLead(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
		{Type: "VisitWebpage", AssetName: "Pricing", Time: simulator.At(noon.Add(-time.Hour))},
	}})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "leads")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	copied, err := filestore.Open(ctx, filepath.Join(dir, "copy"), filestore.WithFormat(filestore.Parquet))
	if err != nil {
		log.Fatal(err)
	}
	defer copied.Close()
	_, err = leadsync.Run(ctx, &leadsync.Config{
		Port: sim, Store: copied, Now: func(context.Context) (time.Time, error) { return noon, nil },
		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: noon.AddDate(0, 0, -1)}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for row, err := range copied.Activities(ctx, time.Time{}, time.Time{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.Type, row.AssetName)
	}
	// Output:
	// Visit Webpage Pricing
}
