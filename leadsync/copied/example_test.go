package copied_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/copied"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
)

// The history comes from the copy, up to its last run; the observer tells so.
func Example() {
	ctx := context.Background()
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return noon }
	sim := simulator.New(simulator.WithClock(clock)) // any gen.Port, such as a *bridge.Bridge
	id, err := sim.AddLead(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
		{Type: "NewLead", Time: simulator.At(noon.Add(-3 * time.Hour))},
		{Type: "VisitWebpage", AssetName: "Pricing", Time: simulator.At(noon.Add(-2 * time.Hour))},
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
	_, err = leadsync.Run(ctx, &leadsync.Config{
		Port: sim, Store: store, Now: func(context.Context) (time.Time, error) { return noon, nil },
		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: noon.AddDate(0, 0, -7)}},
	})
	if err != nil {
		log.Fatal(err)
	}

	port, err := copied.New(ctx, sim, store, copied.WithMaxAge(time.Hour), copied.WithClock(clock), copied.WithObserver(func(_ context.Context, a copied.Answer) {
		fmt.Printf("stream %s, until %s\n", a.Stream, a.Until.Format(time.TimeOnly))
	}))
	if err != nil {
		log.Fatal(err)
	}
	for activity, err := range operations.New(port).Activities.All(ctx, operations.LeadID(id), nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(activity.Type, activity.AssetName)
	}
	// Output:
	// stream activities, until 12:00:00
	// Visit Webpage Pricing
	// New Lead
}

func ExampleNew() {
	ctx := context.Background()
	service := simulator.New() // any gen.Port, such as a *bridge.Bridge
	store, err := sqlstore.OpenReadOnly(ctx, "leads.db")
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	tell := func(_ context.Context, a copied.Answer) {
		if a.Reason != "" {
			log.Printf("%s: the service is asked: %s", a.Operation, a.Reason)
		}
	}
	port, err := copied.New(ctx, service, store, copied.WithMaxAge(time.Hour), copied.WithObserver(tell))
	if err != nil {
		log.Fatal(err)
	}
	api := operations.New(port)
	_ = api // and so on, as over any port
}
