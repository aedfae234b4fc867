package sqlite_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
	"github.com/mktows/mktows-go/simulator"
)

// A copy in one SQLite file.
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
	copied, err := sqlite.Open(ctx, filepath.Join(dir, "leads.db"))
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
	status, err := copied.Status(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(status.Streams[0].Name, "complete to", status.Streams[0].Complete.Format(time.DateTime))
	// Output:
	// activities complete to 2026-03-02 12:00:00
}
