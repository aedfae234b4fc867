package report_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/report"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/simulator"
)

// The page about a copy is one file that loads nothing.
func ExampleWrite() {
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
	path := filepath.Join(dir, "leads.db")
	copied, err := sqlstore.Open(ctx, path)
	if err != nil {
		log.Fatal(err)
	}
	_, err = leadsync.Run(ctx, &leadsync.Config{
		Port: sim, Store: copied, Now: func(context.Context) (time.Time, error) { return noon, nil },
		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: noon.AddDate(0, 0, -1)}},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := copied.Close(); err != nil {
		log.Fatal(err)
	}

	src, err := report.Open(ctx, path)
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	var page strings.Builder
	if err := report.Write(ctx, &page, src, nil); err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Contains(page.String(), "Visit Webpage"), strings.Contains(page.String(), "https://"))
	// Output:
	// true false
}
