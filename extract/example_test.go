package extract_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/extract"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// count makes an extract, waits until it is done, and counts its records by type.
func count(ctx context.Context, source extract.Source, q extract.Query) (map[string]int, error) {
	job, err := source.Create(ctx, q)
	if err != nil {
		return nil, err
	}
	if err := source.Enqueue(ctx, job.ID); err != nil {
		return nil, err // extract.ErrQueueFull: try again later
	}
	for {
		if job, err = source.Job(ctx, job.ID); err != nil {
			return nil, err
		}
		if job.State >= extract.Completed {
			break
		}
		time.Sleep(extract.PollInterval)
	}
	if job.State != extract.Completed {
		return nil, fmt.Errorf("the job has ended without a file: %s", job.Problem)
	}
	found := make(map[string]int)
	for records, err := range source.Records(ctx, job, 0) {
		if err != nil {
			return nil, err
		}
		for i := range records {
			found[records[i].ActivityType]++
		}
	}
	return found, nil
}

// The activities of a day, however many they are, for a few calls.
func Example() {
	now := time.Now()
	source, stop := serve(now)
	defer stop()
	found, err := count(context.Background(), source, extract.Query{From: now.Add(-24 * time.Hour), To: now, Types: []string{"Visit Webpage"}})
	fmt.Println(found, err)
	// Output:
	// map[Visit Webpage:2] <nil>
}

// serve runs an instance with a lead that has just visited two pages, whose extracts take no time.
func serve(now time.Time) (source extract.Source, stop func()) {
	sim := simulator.New()
	_, errLead := sim.AddLead(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
		{Type: "Visit Webpage", AssetName: "Pricing", Time: simulator.At(now.Add(-time.Hour))}, {Type: "Visit Webpage", AssetName: "Contact", Time: simulator.At(now.Add(-time.Hour))},
	}})
	handler, err := rest.New(sim, rest.WithClient("client-id", auth.NewSecret("client-secret")), rest.WithExports(rest.Exports{Volume: 500 << 20}))
	if err != nil || errLead != nil {
		panic(fmt.Sprint(err, errLead))
	}
	server := httptest.NewServer(handler)
	b, err := bridge.New(server.URL+"/rest", bridge.Credentials{ClientID: "client-id", ClientSecret: auth.NewSecret("client-secret")})
	if err != nil {
		panic(err)
	}
	return b.Extracts(), func() { b.CloseIdleConnections(); server.Close() }
}
