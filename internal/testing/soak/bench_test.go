//go:build unix

package soak

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// measured are the calls whose cost is measured.
var measured = []struct {
	name string
	call func(ctx context.Context, api *operations.API, i int) error
}{
	{"getLead", func(ctx context.Context, api *operations.API, i int) error {
		_, err := api.Leads.Get(ctx, operations.Email(seedEmail(i%seededLeads)))
		return err
	}},
	{"getMultipleLeads300", func(ctx context.Context, api *operations.API, _ int) error {
		page, err := api.Leads.Page(ctx, operations.InList(seededList), operations.Cursor{}, &operations.LeadOptions{BatchSize: seededLeads})
		return want(len(page.Items), seededLeads, err)
	}},
	{"getLeadActivity100", func(ctx context.Context, api *operations.API, _ int) error {
		page, err := api.Activities.Page(ctx, operations.Email(seedEmail(0)), operations.Cursor{}, &operations.ActivityOptions{BatchSize: seededActivities})
		return want(len(page.Items), seededActivities, err)
	}},
	{"syncLead", func(ctx context.Context, api *operations.API, i int) error {
		lead := operations.Lead{Email: seedEmail(1 + i%(seededLeads-1)), Attributes: operations.Attributes{{Name: "FirstName", Value: fmt.Sprint(i)}}}
		_, err := api.Leads.Sync(ctx, lead, nil)
		return err
	}},
}

// want checks that a call has returned all: one that returns less costs less.
func want(got, want int, err error) error {
	if err == nil && got != want {
		err = fmt.Errorf("%d records, want %d", got, want)
	}
	return err
}

// BenchmarkCost tells what a call costs the gateway, and what the same call costs the mock, which is server over simulator. Each is a
// process of its own and tells its CPU time, user and system; clients and REST API are in the process of the benchmark, which
// does not count.
func BenchmarkCost(b *testing.B) {
	through, mock := startGateway(b), start(b, job{})
	for _, m := range measured {
		b.Run(m.name, func(b *testing.B) {
			cost := func(p *process) time.Duration {
				api := connect(b, p)
				for range 20 { // until connections are open and what is kept has been fetched
					if err := m.call(b.Context(), api, 0); err != nil {
						b.Fatal(err)
					}
				}
				before := p.figures(b).CPU
				for i := range b.N {
					if err := m.call(b.Context(), api, i); err != nil {
						b.Fatal(err)
					}
				}
				return (p.figures(b).CPU - before) / time.Duration(b.N)
			}
			own, other := cost(through), cost(mock)
			b.ReportMetric(float64(own.Microseconds()), "gateway-µs/call")
			b.ReportMetric(float64(other.Microseconds()), "mock-µs/call")
			b.ReportMetric(float64(own)/float64(other), "ratio")
		})
	}
}

// BenchmarkClients tells how many calls of getLead the gateway answers in a second, and how long they take.
func BenchmarkClients(b *testing.B) {
	through := startGateway(b)
	for _, clients := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			api := connect(b, through)
			took := make([]time.Duration, b.N)
			var next int
			var mu sync.Mutex
			var calling sync.WaitGroup
			for range clients {
				calling.Go(func() {
					for {
						mu.Lock()
						i := next
						next++
						mu.Unlock()
						if i >= b.N {
							return
						}
						began := time.Now()
						if err := measured[0].call(b.Context(), api, i); err != nil {
							b.Error(err)
							return
						}
						took[i] = time.Since(began)
					}
				})
			}
			calling.Wait()
			slices.Sort(took)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// startGateway starts a gateway without limits over a REST API in this process.
func startGateway(b *testing.B) *process {
	b.Helper()
	sim := simulator.New()
	if err := seed(sim); err != nil {
		b.Fatal(err)
	}
	handler, err := rest.New(sim, rest.WithClient(userOf(0), auth.NewSecret(clientSecret)), rest.WithLimits(limits.Unlimited()))
	if err != nil {
		b.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	b.Cleanup(srv.Close)
	path := filepath.Join(b.TempDir(), "gateway.yaml")
	text := fmt.Sprintf("listeners: [{address: '127.0.0.1:0'}]\ntenants:\n- {userID: %s, key: %s, rest: {endpoint: '%s/rest', clientID: %s, clientSecret: %s}}\n",
		userOf(0), key, srv.URL, userOf(0), clientSecret)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return start(b, job{Config: path, Unlimited: true})
}

// connect returns the operations of a client of a child.
func connect(b *testing.B, p *process) *operations.API {
	b.Helper()
	c, err := client.New(p.base+"/soap/mktows/2_7", auth.Credentials{UserID: userOf(0), Key: auth.NewSecret(key)}, client.WithoutRetry(), client.WithoutLimits())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.CloseIdleConnections)
	return operations.New(c)
}
