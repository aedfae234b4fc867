// Bulksync creates or updates leads from a CSV file, a batch at a time. The column Email says
// which lead is meant, the others are fields by their API names. At the end, or where it has to
// stop, it says what became of the rows.
//
//	go run ./cmd/mktows serve --demo       # or take the settings of a real instance
//	export MKTOWS_ENDPOINT=…               # the lines that serve prints
//	go run ./examples/bulksync < leads.csv
package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"slices"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/operations"
)

const batchSize = 100

func main() {
	if err := run(context.Background(), os.Stdin, os.Stdout, os.Getenv); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer, getenv func(string) string) error {
	leads, err := readLeads(in)
	if err != nil {
		return err
	}
	c, err := client.FromEnv(getenv)
	if err != nil {
		return err
	}
	defer c.CloseIdleConnections()
	return sync(ctx, operations.New(c), leads, batchSize, out)
}

// sync sends the leads. A row that the service does not take does not stop the others; an
// error of a call does, and the rows from there on can be sent again later.
func sync(ctx context.Context, api *operations.API, leads []operations.Lead, size int, out io.Writer) error {
	sent := 0
	for batch := range slices.Chunk(leads, size) {
		statuses, err := api.Leads.SyncMany(ctx, batch, nil)
		switch {
		case errors.Is(err, fault.ErrUnknownOutcome):
			// Sent, but no answer came: sending these again by Email could make leads twice.
			return fmt.Errorf("look what became of rows %d to %d: %w", sent+1, sent+len(batch), err)
		case err != nil:
			return fmt.Errorf("rows from %d on were not taken: %w", sent+1, err)
		}
		for _, s := range statuses {
			report(out, sent+s.Index+1, s)
		}
		sent += len(batch)
	}
	return nil
}

// report prints what became of one row of the file.
func report(out io.Writer, row int, s operations.SyncStatus) {
	var refused *fault.SyncError // its text has the number of the record in the batch, which is not the row's
	switch {
	case errors.As(s.Err, &refused):
		fmt.Fprintf(out, "row %d: %s\n", row, refused.Reason)
		return
	case s.Err != nil:
		fmt.Fprintf(out, "row %d: %v\n", row, s.Err)
		return
	}
	fmt.Fprintf(out, "row %d: %s lead %d\n", row, s.Outcome, s.LeadID)
}

// readLeads reads leads from CSV; the header names the fields.
func readLeads(in io.Reader) ([]operations.Lead, error) {
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	header := rows[0]
	leads := make([]operations.Lead, len(rows)-1)
	for i, row := range rows[1:] {
		for j, value := range row {
			switch {
			case header[j] == "Email":
				leads[i].Email = value
			case value != "": // an empty value would empty the field
				leads[i].Attributes = append(leads[i].Attributes, operations.Attribute{Name: header[j], Value: value})
			}
		}
	}
	return leads, nil
}
