package mktows_test

import (
	"context"
	"fmt"

	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
)

// Every call goes through one interface, so that a program runs against the simulator as it does against a client.
func Example() {
	port := simulator.New() // elsewhere: client.FromEnv(os.Getenv)
	_, err := port.AddLead(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
		{Type: "VisitWebpage", AssetName: "Pricing"},
		{Type: "OpenEmail", AssetName: "Welcome"},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	api := operations.New(port)
	for a, err := range api.Activities.All(context.Background(), operations.Email("lead@example.com"), nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %q\n", a.Type, a.AssetName)
	}
	// Unordered output:
	// Visit Webpage "Pricing"
	// Open Email "Welcome"
}
