// Resume copies a long history page by page and keeps its place in a file: run it again
// after it was stopped, or after an error, and it goes on with the next page.
//
//	go run ./examples/resume 318820 place.txt >> history.txt
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: resume LEAD FILE")
	}
	c, err := client.FromEnv(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	if err := run(context.Background(), os.Stdout, c, os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

// run prints the activities of a lead, a page at a time, and keeps in a file how far it has come. If it is
// interrupted, the next run repeats one page at most and misses none.
func run(ctx context.Context, out io.Writer, port gen.Port, lead, file string) error {
	key, err := operations.ParseLeadKey(lead)
	if err != nil {
		return err
	}
	start, err := load(file)
	if err != nil {
		return err
	}
	options := &operations.ActivityOptions{BatchSize: 100, Start: start}
	for page, err := range operations.New(port).Activities.Pages(ctx, key, options) {
		if err != nil {
			return err
		}
		for _, a := range page.Items {
			if _, err := fmt.Fprintf(out, "%s  %s %q\n", a.Time.Format("2006-01-02 15:04"), a.Type, a.AssetName); err != nil {
				return err
			}
		}
		if err := save(file, page.Next); err != nil { // only now that the page is written
			return err
		}
	}
	return nil
}

// load returns the place in the file; the start where there is no file yet.
func load(file string) (operations.Cursor, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return operations.Cursor{}, nil
	}
	if err != nil {
		return operations.Cursor{}, err
	}
	return operations.ParseCursor(string(text))
}

// save replaces the file in one step, so that it is never half written.
func save(file string, place operations.Cursor) error {
	if err := os.WriteFile(file+".new", []byte(place.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
