// Activity prints what a lead has done, newest first: the first call of a new program.
//
//	go run ./cmd/mktows serve --demo       # or take the settings of a real instance
//	export MKTOWS_ENDPOINT=…               # the lines that serve prints
//	go run ./examples/activity 318815
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/operations"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: activity LEAD, such as 318815 or lead@example.com")
	}
	if err := run(context.Background(), os.Stdout, os.Getenv, os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, getenv func(string) string, lead string) error {
	c, err := client.FromEnv(getenv) // MKTOWS_ENDPOINT, MKTOWS_USER_ID, MKTOWS_SECRET_KEY
	if err != nil {
		return err
	}
	defer c.CloseIdleConnections()
	key, err := operations.ParseLeadKey(lead)
	if err != nil {
		return err
	}
	for a, err := range operations.New(c).Activities.All(ctx, key, nil) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s  %s %q\n", a.Time.Format("2006-01-02 15:04"), a.Type, a.AssetName)
	}
	return nil
}
