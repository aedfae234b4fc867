package crashtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
)

// jobVariable is the environment variable that makes the test's binary a child: it has
// the job as JSON.
const jobVariable = "CRASHTEST_JOB"

// job says what a child does.
type job struct {
	Role        string // run or work
	URL         string // of the service
	Target      string // the copy
	Since       time.Time
	Window      time.Duration
	Limits      leadsync.Limits
	Concurrency int
	Lease       time.Duration
}

// The lines that a child prints.
const (
	linePage     = "page"     // an answer has come, and nothing of it is committed
	lineCommit   = "commit"   // a commit has ended
	lineFinished = "finished" // the run is done; behind it, up to when the copy is complete
)

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(jobVariable); ok {
		if err := child(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child does a job. It stops when its standard input ends, so that no child outlives the test.
func child(text string) error {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	store, err := sqlstore.Open(ctx, j.Target)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return errors.Join(j.do(ctx, store), store.Close())
}

func (j *job) do(ctx context.Context, store leadsync.Store) error {
	c, err := j.config(store)
	if err != nil {
		return err
	}
	if j.Role == "work" {
		return leadsync.Work(ctx, c)
	}
	if _, err := leadsync.Run(ctx, c); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	status, err := store.Status(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	fmt.Println(lineFinished, status.Streams[0].Complete.Format(time.RFC3339))
	return nil
}

// config is that of a program which keeps the limits with all others.
func (j *job) config(store leadsync.Store) (*leadsync.Config, error) {
	worker := leadsync.NewWorkerName()
	limiter := store.Limiter("example", worker, j.Limits)
	c, err := client.New(j.URL, auth.Credentials{UserID: userID, Key: auth.NewSecret(key)}, client.WithLimiter(limiter),
		client.WithRetry(client.RetryPolicy{FirstWait: 20 * time.Millisecond, MaxWait: time.Second}))
	if err != nil {
		return nil, err
	}
	return &leadsync.Config{
		Port: announcedPort{c}, Store: store, Now: c.ServerTime, Worker: worker, Limiter: limiter,
		Streams:     []leadsync.Stream{{Name: leadsync.Activities, Since: j.Since, Window: j.Window}},
		Concurrency: j.Concurrency, Lease: j.Lease, StopTimeout: 5 * time.Second, FirstRetry: 50 * time.Millisecond,
		Observer: announcer{}, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}, nil
}

// announcedPort says when an answer has come.
type announcedPort struct{ gen.Port }

func (p announcedPort) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := p.Port.GetLeadChanges(ctx, in)
	if err == nil {
		fmt.Println(linePage)
	}
	return out, err
}

// announcer says when a commit has ended.
type announcer struct{}

func (announcer) Window(ctx context.Context, _ leadsync.Window) (context.Context, func(leadsync.Counts, error)) {
	return ctx, func(leadsync.Counts, error) {}
}
func (announcer) Committed(context.Context, leadsync.StreamName, leadsync.Counts, time.Duration) {
	fmt.Println(lineCommit)
}
func (announcer) Quota(context.Context, leadsync.Quota) {}
