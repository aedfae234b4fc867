package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// ways set in a configuration what copies from a service. Where Now is nil the clock of this machine serves.
var ways = map[string]func(c *leadsync.Config, url string) error{
	overSOAP: func(c *leadsync.Config, url string) error {
		api, err := client.New(url+soapPath, auth.Credentials{UserID: userID, Key: auth.NewSecret(key)}, client.WithoutLimits())
		if err != nil {
			return err
		}
		c.Port, c.Now = api, api.ServerTime
		return nil
	},
	byPages: func(c *leadsync.Config, url string) error {
		_, err := overREST(c, url)
		return err
	},
	byBulk: func(c *leadsync.Config, url string) error {
		b, err := overREST(c, url)
		if err != nil {
			return err
		}
		c.Extracts, c.ExtractInterval, c.Streams[0].Source = b.Extracts(), time.Second, leadsync.Bulk
		return nil
	},
}

func overREST(c *leadsync.Config, url string) (*bridge.Bridge, error) {
	b, err := bridge.New(url, bridge.Credentials{ClientID: userID, ClientSecret: auth.NewSecret(key)}, bridge.WithoutLimits())
	c.Port = b
	return b, err
}

// makeCopy copies the source and prints the result as JSON.
func makeCopy(ctx context.Context, way, url, target string, since time.Time, profile string) error {
	store, err := sqlstore.Open(ctx, target)
	if err != nil {
		return err
	}
	r, err := copyInto(ctx, store, way, url, since, profile)
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	if r.Peak, err = peakMemory(); err != nil {
		return err
	}
	if r.Size, err = size(ctx, target); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// copyInto copies the activities of the service into a store and measures how long that takes.
func copyInto(ctx context.Context, store store.Store, way, url string, since time.Time, profile string) (result, error) {
	p := profiler{dir: profile}
	c := &leadsync.Config{Store: store, Progress: p.progress, Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: since}}}
	if err := ways[way](c, url); err != nil {
		return result{}, err
	}
	stop, err := p.start()
	if err != nil {
		return result{}, err
	}
	defer stop()
	begin := time.Now()
	report, err := leadsync.Run(ctx, c)
	if err != nil {
		return result{}, err
	}
	return result{Rows: report.Runs[0].Counts.Inserted, Seconds: time.Since(begin).Seconds()}, p.err
}

// profiler writes a profile of the processor's time and, from time to time, one of the heap.
type profiler struct {
	dir  string // empty: none
	next int64  // rows
	err  error
}

// start begins the profile of the processor's time, and returns what ends it.
func (p *profiler) start() (stop func(), err error) {
	if p.dir == "" {
		return func() {}, nil
	}
	f, err := os.Create(filepath.Join(p.dir, fmt.Sprintf("cpu-%d", os.Getpid())))
	if err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close() // it is a profile
	}, pprof.StartCPUProfile(f)
}

// progress writes a heap profile after every 200,000 rows.
func (p *profiler) progress(now leadsync.Progress) {
	const step = 200_000
	if p.dir == "" || now.Counts.Inserted < p.next {
		return
	}
	p.next = now.Counts.Inserted + step
	f, err := os.Create(filepath.Join(p.dir, fmt.Sprintf("heap-%d-%07d", os.Getpid(), now.Counts.Inserted)))
	if err != nil {
		p.err = err
		return
	}
	p.err = errors.Join(pprof.WriteHeapProfile(f), f.Close())
}

// peakMemory returns the largest amount of memory that this process ever had, in bytes; 0 if the system does not
// tell. It is the figure that shows whether memory grows with the number of rows.
func peakMemory() (int64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var kilobytes int64
	_, line, _ := strings.Cut(string(text), "VmHWM:")
	if _, err := fmt.Sscan(line, &kilobytes); err != nil {
		return 0, fmt.Errorf("/proc/self/status: VmHWM: %w", err)
	}
	return kilobytes << 10, nil
}

// size returns the size of a copy in bytes: the whole file, or the table of the activities with its indexes.
func size(ctx context.Context, target string) (int64, error) {
	if !sqlstore.IsPostgres(target) {
		info, err := os.Stat(target)
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
	db, err := pgx.Connect(ctx, target)
	if err != nil {
		return 0, err
	}
	var n int64
	err = db.QueryRow(ctx, "SELECT pg_total_relation_size('activities')").Scan(&n)
	return n, errors.Join(err, db.Close(ctx))
}
