package crashtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/gen"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/limits"
)

// jobVariable is the environment variable that makes the test's binary a child: it has
// the job as JSON.
const jobVariable = "CRASHTEST_JOB"

// job says what a child does.
type job struct {
	Role        string // run or work
	Way         string // to the service, of ways
	URL         string // of the service
	Target      string // the copy
	Streams     []leadsync.Stream
	Limits      limits.Limits
	Concurrency int
	Lease       time.Duration
}

// The lines that a child prints.
const (
	linePage     = "page"     // an answer has come, and nothing of it is committed
	lineCreate   = "create"   // a job of a bulk extract was made, which is not committed
	lineEnqueue  = "enqueue"  // it was put into the queue
	lineWait     = "wait"     // it was asked about
	lineFile     = "file"     // its file is about to be fetched
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
	store, err := open(ctx, j.Target)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return errors.Join(j.do(ctx, store), store.Close())
}

// open opens the copy at a target: files in a folder whose name ends in .files, or a database.
func open(ctx context.Context, target string) (sqlstore.Copy, error) {
	if strings.HasSuffix(target, ".files") {
		return filestore.Open(ctx, target, filestore.WithFormat(filestore.JSONL))
	}
	return sqlstore.Open(ctx, target)
}

func (j *job) do(ctx context.Context, store sqlstore.Copy) error {
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
	complete := status.Streams[0].Complete
	for _, s := range status.Streams {
		if s.Complete.Before(complete) {
			complete = s.Complete
		}
	}
	fmt.Println(lineFinished, complete.Format(time.RFC3339))
	return nil
}

// config is that of a program which keeps the limits with all others.
func (j *job) config(store sqlstore.Copy) (*leadsync.Config, error) {
	worker := leadsync.NewWorkerName()
	limiter := store.Limiter("example", worker, j.Limits)
	c := &leadsync.Config{
		Store: store, Worker: worker, Limiter: limiter, Streams: j.Streams,
		Concurrency: j.Concurrency, Lease: j.Lease, StopTimeout: 5 * time.Second, FirstRetry: 50 * time.Millisecond,
		Observer: announcer{}, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
	return c, ways[j.Way](c, j.URL, limiter)
}

// The ways to the service.
const (
	overSOAP = "SOAP"
	overREST = "REST, by pages"
	byBulk   = "REST, by bulk extract"
)

// ways set in a configuration what copies from a service at an address.
var ways = map[string]func(c *leadsync.Config, url string, limiter quota.Limiter) error{
	overSOAP: func(c *leadsync.Config, url string, limiter quota.Limiter) error {
		api, err := client.New(url, auth.Credentials{UserID: userID, Key: auth.NewSecret(key)}, client.WithLimiter(limiter),
			client.WithRetry(client.RetryPolicy{FirstWait: 20 * time.Millisecond, MaxWait: time.Second}))
		c.Port, c.Now = announcedPort{api}, api.ServerTime
		return err
	},
	overREST: func(c *leadsync.Config, url string, limiter quota.Limiter) error {
		b, err := newBridge(url, limiter)
		c.Port = announcedPort{b}
		return err
	},
	byBulk: func(c *leadsync.Config, url string, limiter quota.Limiter) error {
		b, err := newBridge(url, limiter)
		c.Port, c.Extracts, c.ExtractInterval = announcedPort{b}, announcedExtracts{b.Extracts()}, time.Second
		return err
	},
}

func newBridge(url string, limiter quota.Limiter) (*bridge.Bridge, error) {
	return bridge.New(url, restCredentials, bridge.WithLimiter(limiter), bridge.WithAllActivityTypes(),
		bridge.WithRetry(bridge.RetryPolicy{FirstWait: 20 * time.Millisecond, MaxWait: time.Second}))
}

// announcedPort says when an answer has come.
type announcedPort struct{ gen.Port }

func (p announcedPort) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	return announced(p.Port.GetLeadChanges(ctx, in))
}

func (p announcedPort) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	return announced(p.Port.GetLeadActivity(ctx, in))
}

func (p announcedPort) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	return announced(p.Port.GetMultipleLeads(ctx, in))
}

func announced[T any](out T, err error) (T, error) {
	if err == nil {
		fmt.Println(linePage)
	}
	return out, err
}

// announcedExtracts says what was done about jobs of bulk extracts.
type announcedExtracts struct{ extract.Source }

func (e announcedExtracts) Create(ctx context.Context, q extract.Query) (extract.Job, error) {
	job, err := e.Source.Create(ctx, q)
	fmt.Println(lineCreate)
	return job, err
}

func (e announcedExtracts) Enqueue(ctx context.Context, id string) error {
	err := e.Source.Enqueue(ctx, id)
	fmt.Println(lineEnqueue)
	return err
}

func (e announcedExtracts) Job(ctx context.Context, id string) (extract.Job, error) {
	job, err := e.Source.Job(ctx, id)
	fmt.Println(lineWait)
	return job, err
}

func (e announcedExtracts) Records(ctx context.Context, job extract.Job, skip int64) iter.Seq2[[]gen.LeadChangeRecord, error] {
	return func(yield func([]gen.LeadChangeRecord, error) bool) {
		fmt.Println(lineFile)
		for records, err := range e.Source.Records(ctx, job, skip) {
			fmt.Println(linePage)
			if !yield(records, err) {
				return
			}
		}
	}
}

// announcer says when a commit has ended.
type announcer struct{}

func (announcer) Window(ctx context.Context, _ store.Window) (context.Context, func(store.Counts, error)) {
	return ctx, func(store.Counts, error) {}
}
func (announcer) Committed(context.Context, leadsync.StreamName, store.Counts, time.Duration) {
	fmt.Println(lineCommit)
}
func (announcer) Quota(context.Context, quota.Status) {}
