package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// The calls are those of the SOAP API, and so are the errors. What the REST API said is in them.
func ExampleNew() {
	endpoint, stop := serve() // in production like https://ACCOUNT.mktorest.com/rest
	defer stop()

	b, err := bridge.New(endpoint, bridge.Credentials{ClientID: "client-id", ClientSecret: auth.NewSecret("client-secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.CloseIdleConnections()
	api := operations.New(b)

	ctx := context.Background()
	lead, err := api.Leads.Get(ctx, operations.Email("lead@example.com"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(lead.ID, lead.Email)

	_, err = api.Leads.Sync(ctx, operations.Lead{ID: 7, Email: "seven@example.com"}, nil)
	var what *fault.RESTError
	if errors.As(err, &what) {
		fmt.Println(errors.Is(err, fault.CodeLeadNotFound), what.Code, what.Message)
	}
	// Output:
	// 318815 lead@example.com
	// true REST API code 1004 Lead not found
}

// serve runs an instance for the example, and returns its endpoint.
func serve() (endpoint string, stop func()) {
	sim := simulator.New()
	if _, err := sim.AddLead(simulator.Lead{ID: 318815, Email: "lead@example.com"}); err != nil {
		panic(err)
	}
	handler, err := rest.New(sim, rest.WithClient("client-id", auth.NewSecret("client-secret")))
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(handler)
	return server.URL + "/rest", server.Close
}

// A bulk extract brings many activities for a few calls: see package extract for all that a job needs.
func ExampleBridge_Extracts() {
	endpoint, stop := serve()
	defer stop()
	b, err := bridge.New(endpoint, bridge.Credentials{ClientID: "client-id", ClientSecret: auth.NewSecret("client-secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.CloseIdleConnections()

	yesterday := time.Now().Add(-24 * time.Hour)
	job, err := b.Extracts().Create(context.Background(), extract.Query{From: yesterday, To: time.Now(), Types: []string{"New Lead", "Change Data Value"}})
	fmt.Println(job.State == extract.Created, err)
	// Output:
	// true <nil>
}
