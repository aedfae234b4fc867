package bridge_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// The same typed calls as over SOAP, with another constructor. Here the instance is the simulator; in production the
// endpoint is like https://ACCOUNT.mktorest.com/rest.
func ExampleNew() {
	creds := bridge.Credentials{ClientID: "example-client", ClientSecret: auth.NewSecret("example-secret")}
	sim := simulator.New()
	id, err := sim.AddLead(simulator.Lead{Email: "lead@example.com", Fields: map[string]string{"Company": "Example Corp."}})
	if err != nil {
		log.Fatal(err)
	}
	api, err := rest.New(sim, rest.WithClient(creds.ClientID, creds.ClientSecret))
	if err != nil {
		log.Fatal(err)
	}
	instance := httptest.NewServer(api)
	defer instance.Close()

	b, err := bridge.New(instance.URL, creds)
	if err != nil {
		log.Fatal(err)
	}
	defer b.CloseIdleConnections()
	lead, err := operations.New(b).Leads.Get(context.Background(), operations.LeadID(id))
	if err != nil {
		log.Fatal(err)
	}
	company, _ := lead.Attributes.Get("Company")
	fmt.Println(lead.Email, company)
	// Output: lead@example.com Example Corp.
}
