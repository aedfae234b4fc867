package sqlstate_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstate"
	"github.com/mktows/mktows-go/limits"
)

// A program that is started again goes on with the budget of the day.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "state")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, worker := range []string{"first", "second"} {
		state, err := sqlstate.Open(ctx, filepath.Join(dir, "gateway.db"))
		if err != nil {
			log.Fatal(err)
		}
		if err := state.Heartbeat(ctx, worker, time.Minute); err != nil {
			log.Fatal(err)
		}
		limiter := state.Limiter("account.mktorest.com", worker, quota.Limits(limits.Advised()))
		release, err := limiter.Acquire(ctx)
		if err != nil {
			log.Fatal(err)
		}
		release(true)
		status, err := limiter.Quota(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(status.Used, "of", status.Daily)
		if err := state.Close(); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// 1 of 50000
	// 2 of 50000
}
