package quota_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
)

// Programs that share a copy share its limits: each call waits until it may start.
func ExampleLimited() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "leads")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	keeper, err := sqlite.Open(ctx, filepath.Join(dir, "leads.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer keeper.Close()
	if err := keeper.Heartbeat(ctx, "worker", time.Minute); err != nil {
		log.Fatal(err)
	}
	limiter := keeper.Limiter("mktows.example.com", "worker", quota.Limits{Daily: 500})
	api := operations.New(quota.Limited(simulator.New(), limiter))
	if _, err := api.Objects.Types(ctx); err != nil {
		log.Fatal(err)
	}
	status, err := limiter.Quota(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(status.Used, "of", status.Daily)
	// Output:
	// 1 of 500
}
