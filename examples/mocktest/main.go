// Mocktest names the page that a lead has visited last. What it shows is its test: code
// that takes a gen.Port can be tested against a Marketo in memory, from package mktowstest.
//
//	go run ./examples/mocktest lead@example.com
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

func main() {
	c, err := client.FromEnv(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	if len(os.Args) != 2 {
		log.Fatal("usage: mocktest ADDRESS")
	}
	page, err := lastPage(context.Background(), c, os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(page)
}

// lastPage returns the name of the page; empty if the lead has visited none.
func lastPage(ctx context.Context, port gen.Port, address string) (string, error) {
	visits := &operations.ActivityOptions{Include: []operations.ActivityType{operations.ActivityVisitWebpage}}
	for a, err := range operations.New(port).Activities.All(ctx, operations.Email(address), visits) {
		return a.AssetName, err
	}
	return "", nil
}
