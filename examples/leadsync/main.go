// Leadsync copies the activities of all leads since a day into a SQLite file. Run it
// again, after a crash too, and it goes on where it was.
//
//	go run ./cmd/mktows serve --demo       # or take the settings of a real instance
//	export MKTOWS_ENDPOINT=…               # the lines that serve prints
//	go run ./examples/leadsync leads.db 2015-01-01
//
// The command line does the same, with a plan and progress: mktows sync run.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: leadsync FILE DAY")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Getenv, os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

// run copies all activities since a day into a SQLite file or a PostgreSQL database, and prints what it has copied.
// Run it again to bring the copy up to date.
func run(ctx context.Context, out io.Writer, getenv func(string) string, file, day string) error {
	since, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return err
	}
	store, err := sqlstore.Open(ctx, file)
	if err != nil {
		return err
	}
	defer store.Close()

	// The limiter counts in the copy, so that a crash forgets no call.
	worker := leadsync.NewWorkerName()
	limiter := store.Limiter(getenv("MKTOWS_ENDPOINT"), worker, quota.Limits{Reserve: 1000})
	c, err := client.FromEnv(getenv, client.WithLimiter(limiter))
	if err != nil {
		return err
	}
	defer c.CloseIdleConnections()

	report, err := leadsync.Run(ctx, &leadsync.Config{
		Port:    c,
		Store:   store,
		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: since}},
		Now:     c.ServerTime,
		Worker:  worker,
		Limiter: limiter,
	})
	if err != nil {
		return err
	}
	for _, r := range report.Runs {
		fmt.Fprintf(out, "%s: %d new, %d late, complete up to %s\n",
			r.Stream, r.Counts.Inserted, r.Counts.Late, r.Upper.Format(time.DateOnly))
	}
	return nil
}
